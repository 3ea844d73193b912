"""Signing in and out, one's own page, language and theme, and the security log."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from flask import Blueprint, Response, abort, current_app, flash, g, make_response, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _

from casework.accounts import passwords, queries, rules, service
from casework.accounts.forms import PasswordForm, SignInForm, TokenForm
from casework.accounts.identity import actor_for, install, is_admin, resumed_fields, sign_in_page
from casework.accounts.log_words import said
from casework.accounts.models import User
from casework.audit import queries as audit
from casework.kernel import paging
from casework.kernel.db import transaction
from casework.kernel.errors import N_, Refused, because
from casework.kernel.i18n import COOKIE, LANGUAGES
from casework.kernel.time import local, local_day, utcnow
from casework.kernel.web import current_actor, go, needs, page, public, safe_next, signed_in

__all__ = ["blueprint", "install"]

blueprint = Blueprint("accounts", __name__)
YEAR = timedelta(days=365)
THEMES = ("light", "dark")
LOG_PAGE = 50


# -- signing in


@blueprint.get("/sign-in")
@public
def sign_in() -> ResponseReturnValue:
    """The sign-in page; who is signed in goes on at once."""
    target = safe_next(request.args.get("next"))
    if g.actor:
        return redirect(target, 303)
    return sign_in_page(SignInForm(formdata=None, next=target))


@blueprint.post("/sign-in")
@public
def enter() -> ResponseReturnValue:
    """Sign in, and go on to where the person was going, with the form they had been filling in."""
    form, now = SignInForm(), utcnow()
    if not form.validate():
        return sign_in_page(form, 422, ended=bool(form.kept.data))
    username, address = str(form.username.data), request.remote_addr
    remaining = _count_try(username, now)
    if remaining is None:
        return _shut(form, username, now)
    user = queries.by_username(username)
    usable = user if user and not user.disabled_at else None
    # Outside any write transaction, as it takes long on purpose; as long for a name that does not exist.
    fits = passwords.verifies(usable.password_hash if usable else "", str(form.password.data))
    if not usable or not fits:
        with transaction():
            service.refuse_sign_in(user, address, now=now)
        return _refused(form, username, remaining, now)
    if usable.first_until and usable.first_until < now:
        form.refuse([because(N_("This first password has run out: ask whoever gave it to you for a new one."))])
        return sign_in_page(form, 422, ended=bool(form.kept.data))
    must_change = usable.first_until is not None
    _begin_session(usable.id, now)
    return go("accounts.me", _anchor="own-password") if must_change else _go_on(form)


def _count_try(username: str, now: datetime) -> int | None:
    """How many tries are left after this one; None when the account is shut for this network now."""
    if queries.shut_until(username, request.remote_addr, now=now):
        return None
    with transaction():
        remaining = service.count_try(username, request.remote_addr, now=now)
    return remaining if remaining >= 0 else None


def _shut(form: SignInForm, username: str, now: datetime) -> Response:
    until = queries.shut_until(username, request.remote_addr, now=now) or now
    form.refuse([because(N_("Too many tries. Try again after %(time)s."), time=f"{local(until):%H:%M:%S}")])
    response = sign_in_page(form, 429, ended=bool(form.kept.data))
    response.headers["Retry-After"] = str(max(1, int((until - now).total_seconds()) + 1))
    return response


def _refused(form: SignInForm, username: str, remaining: int, now: datetime) -> Response:
    if remaining == 0:
        return _shut(form, username, now)
    form.refuse([because(N_("User name and password do not fit. %(count)s tries are left."), count=remaining)])
    return sign_in_page(form, 422, ended=bool(form.kept.data))


def _begin_session(user_id: int, now: datetime) -> None:
    actor = actor_for(user_id, local_day(now))
    if actor is None:  # disabled between the check of the password and here
        abort(401)
    with transaction():
        token = service.sign_in(
            queries.user(user_id),
            actor=actor,
            admin=is_admin(actor),
            address=request.remote_addr,
            agent=request.user_agent.string,
            now=now,
        )
    session.clear()  # nothing of before the sign-in lives on, least of all a token somebody planted
    session["sid"] = token
    session.permanent = True
    g.pop("csrf_token", None)
    g.actor = actor


def _go_on(form: SignInForm) -> ResponseReturnValue:
    pairs = resumed_fields(str(form.kept.data or ""))
    target = safe_next(form.resume.data)
    if pairs and target != "/":
        had_files = ("_files", "1") in pairs
        fields = [pair for pair in pairs if pair[0] != "_files"]
        return page("accounts/resume.html", target=target, fields=fields, had_files=had_files)
    return redirect(safe_next(form.next.data), 303)


@blueprint.post("/sign-out")
@signed_in
def sign_out() -> ResponseReturnValue:
    """End the session; the cache goes, but never the storage, which may hold unsent work."""
    if g.session_id:
        with transaction():
            service.sign_out(g.session_id, actor=current_actor(), now=utcnow())
    session.clear()
    response = make_response(redirect("/sign-in", 303))
    response.headers["Clear-Site-Data"] = '"cache"'
    return response


# -- language and theme


@blueprint.post("/language")
@public
def language() -> ResponseReturnValue:
    """Choose the language: kept on the account, or in a cookie for who is not signed in."""
    chosen = request.form.get("lang", "")
    if chosen not in LANGUAGES:
        abort(400)
    if g.actor:
        with transaction():
            service.choose(g.actor.user_id, locale=chosen)
    return _with_cookie(COOKIE, chosen)


@blueprint.post("/theme")
@public
def theme() -> ResponseReturnValue:
    """Choose light or dark."""
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    if g.actor:
        with transaction():
            service.choose(g.actor.user_id, theme=chosen)
    return _with_cookie("theme", chosen)


def _with_cookie(name: str, value: str) -> Response:
    response = make_response(redirect(safe_next(request.form.get("next")), 303))
    response.set_cookie(
        name, value, max_age=YEAR, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
    )
    return response


# -- one's own page


@blueprint.get("/me")
@signed_in
def me() -> ResponseReturnValue:
    """Own data, password, sign-ins and tokens."""
    return _me_page()


def _me_page(
    *, password: PasswordForm | None = None, token: TokenForm | None = None, made: str | None = None, status: int = 200
) -> Response:
    actor, now = current_actor(), utcnow()
    return page(
        "accounts/me.html",
        status=status,
        user=queries.user(actor.user_id),
        must_change=g.must_change,
        made=made,
        session_id=g.session_id,
        device_of=rules.device_of,
        sessions=queries.sessions_of(actor.user_id, now=now),
        tokens=queries.tokens_of(actor.user_id, now=now),
        password=password or PasswordForm(formdata=None),
        token=token or TokenForm(formdata=None),
        local=local,
    )


@blueprint.post("/me/password")
@signed_in
def change_password() -> ResponseReturnValue:
    """A new password; the old one is asked, and every other sign-in ends."""
    form, actor, now = PasswordForm(), current_actor(), utcnow()
    if not form.validate() or not _password_fits(form, actor.user_id, now):
        return _me_page(password=form, status=422)
    try:
        with transaction():
            user = queries.user(actor.user_id)
            service.set_password(user, str(form.password.data), actor=actor, now=now, keep_session=g.session_id)
            session["sid"] = service.renew_token(g.session_id)
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return _me_page(password=form, status=422)
    g.must_change = False
    flash(_("The password is changed; you are signed out everywhere else."))
    return go("accounts.me")


def _password_fits(form: PasswordForm, user_id: int, now: datetime) -> bool:
    """The old password, counted as tries at signing in are, and the new one twice the same."""
    user: User = queries.user(user_id)
    stored, username = user.password_hash, user.username
    if g.must_change and form.password.data == form.current.data:
        form.refuse([because(N_("Choose another one than the password you were given."), "password")])
        return False
    if form.password.data != form.repeat.data:
        form.refuse([because(N_("The two do not agree: write the new password again."), "repeat")])
        return False
    if _count_try(username, now) is None:
        until = queries.shut_until(username, request.remote_addr, now=now) or now
        form.refuse([because(N_("Too many tries. Try again after %(time)s."), time=f"{local(until):%H:%M:%S}")])
        return False
    if not passwords.verifies(stored, str(form.current.data)):
        form.refuse([because(N_("This is not your present password."), "current")])
        return False
    return True


@blueprint.post("/me/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> ResponseReturnValue:
    """End one of one's own sign-ins, as of a lost phone."""
    with transaction():
        service.end_session(session_id, actor=current_actor(), now=utcnow())
    flash(_("That sign-in is ended."))
    return go("accounts.me")


@blueprint.post("/me/tokens")
@needs("token.make")
def make_token() -> ResponseReturnValue:
    """A token for a machine, shown this once."""
    form, actor = TokenForm(), current_actor()
    if not form.validate():
        return _me_page(token=form, status=422)
    try:
        with transaction():
            user = queries.user(actor.user_id)
            made = service.make_token(
                user,
                name=(form.name.data or "").strip(),
                scopes=list(form.scopes.data or ()),
                days=int(form.days.data or 30),
                networks=form.listed_networks(),
                actor=actor,
                now=utcnow(),
            )
    except Refused as refusal:
        form.refuse(refusal.reasons)
        return _me_page(token=form, status=422)
    return _me_page(made=made)  # answered with the page itself: a redirect would have to carry the secret


@blueprint.post("/me/tokens/<int:token_id>/revoke")
@signed_in
def revoke_token(token_id: int) -> ResponseReturnValue:
    """End one of one's own tokens."""
    with transaction():
        service.revoke_token(token_id, actor=current_actor(), now=utcnow())
    flash(_("The token no longer works."))
    return go("accounts.me")


# -- the security log


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of the security log as it is read."""

    seq: int
    at: datetime
    who: str
    what: str
    verb: str
    channel: str


@blueprint.get("/security")
@needs("security.read")
def security() -> ResponseReturnValue:
    """The security log, newest first."""
    found = audit.security_log(paging.asked(request.args), size=LOG_PAGE)
    names = queries.usernames({entry.actor_id for entry in found.rows if entry.actor_id})
    lines = [
        Line(entry.seq, local(entry.at), names.get(entry.actor_id or 0, ""), said(entry), entry.verb, entry.channel)
        for entry in found.rows
    ]
    return page("accounts/security.html", lines=lines, ways=found.ways(partial(url_for, "accounts.security")))
