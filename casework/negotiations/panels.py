"""What the negotiation log adds to the case page: ladder, promises, sums and firms, and the ways to log more."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, render_template
from flask_babel import gettext, ngettext
from markupsafe import Markup

from casework.audit.queries import Entry
from casework.cases.corrections import CORRECTABLE, Correctable
from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.cases.workflow import State
from casework.kernel.errors import Reason
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, can
from casework.kernel.qr import qr_svg
from casework.negotiations import presenting
from casework.negotiations.presenting import AgreementView, Panel
from casework.negotiations.story import SPOKEN, terms_of
from casework.negotiations.words import BASES, KINDS, METHODS, PROMISES, STANCES, STANDINGS, WAYS, Standing

WORKING = (State.IN_PROGRESS, State.WAITING)


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The panels beside the story, and what one may do next in the negotiation."""
    if not can(actor, "negotiation.read", case):
        return Part()
    panel = presenting.panel(case, actor, now=now)
    here = f"/cases/{case.number}"
    logs = can(actor, "negotiation.log", case)
    aside = render_template("negotiations/_case.html", case=case, panel=panel, firms=view.firms, here=here, logs=logs)
    return Part(
        aside=Markup(aside),  # noqa: S704 - a template's own output
        buttons=(Button(gettext("Log a visit"), f"{here}/rounds/new", "visit"),) if logs else (),
        menu=_menu(panel, here, logs=logs, read=bool(panel.talks)),
        main=_reminder(case, panel.in_force, actor, here),
    )


def _menu(panel: Panel, here: str, *, logs: bool, read: bool) -> list[Button]:
    menu = []
    if logs:
        menu.append(Button(gettext("Enter a promise"), f"{here}/commitments/new", "hand"))
        agreed = {view.agreement.negotiation_id for view in panel.agreements if view.agreement.state != Standing.ENDED}
        menu.extend(
            Button(
                gettext("Write down the agreement with %(name)s", name=talks.party.name),
                f"{here}/agreements/new?talks={talks.negotiation.id}",
                "money",
            )
            for talks in panel.talks
            if talks.negotiation.id not in agreed
        )
        menu.append(Button(gettext("Use the talks of another case"), f"{here}/talks/join", "users"))
    if read:
        menu.append(Button(gettext("The negotiation on one page"), f"{here}/negotiation", "file"))
    return menu


def _reminder(case: Case, view: AgreementView | None, actor: Actor, here: str) -> Button | None:
    """While firms wait for nothing but their own word, reminding them is the next act."""
    if view is None or view.agreement.state != Standing.CONFIRMED or not view.waits or case.state not in WORKING:
        return None
    if not can(actor, "negotiation.receive", case):
        return None
    label = ngettext("Remind %(num)s firm to confirm", "Remind %(num)s firms to confirm", view.waits)
    return Button(label, f"{here}/links")


def _round_form(case: Case, entry: Entry) -> str:
    return f"/cases/{case.number}/rounds/new?corrects={entry.data.get('round')}"


def short_sum(fen: int) -> str:
    """A sum for a drawing: 96.0 万 or 1.2 亿 in Chinese, 960k or 120.0m in English, whole yuan below."""
    yuan = fen / 100
    if language() == "en":
        return f"{yuan / 1e6:,.1f}m" if yuan >= 1e6 else f"{yuan / 1e3:,.0f}k" if yuan >= 1e4 else f"{yuan:,.0f}"
    return f"{yuan / 1e8:,.1f} 亿" if yuan >= 1e8 else f"{yuan / 1e4:,.1f} 万" if yuan >= 1e4 else f"{yuan:,.0f}"


def terms(position: Any) -> Reason:
    """How a position, or a row of one, was put in words."""
    names = ("method", "months_tenths", "percent_bp")
    return terms_of({name: getattr(position, name) for name in names})


def install(app: Flask) -> None:
    """Let rounds be corrected from the story, and templates write short sums."""
    app.jinja_env.filters["short_sum"] = short_sum
    app.jinja_env.filters["terms"] = terms
    app.jinja_env.filters["qr"] = qr_svg
    app.jinja_env.globals.update(
        stance_words=STANCES,
        way_words=WAYS,
        method_words=METHODS,
        kinds_of_party=KINDS,
        promise_words=PROMISES,
        standing_words=STANDINGS,
        spoken_words=SPOKEN,
        bases=BASES,
    )
    CORRECTABLE["RoundLogged"] = Correctable("negotiation.log", _round_form, by="RoundLogged", named="round")
