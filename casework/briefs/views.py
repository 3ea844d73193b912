"""The list of briefs, asking for one, one brief as a page, and its files."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.utils import redirect

from casework.briefs import cells, charts, paper, queries, rules, scopes, service, tables
from casework.briefs import figures as archive
from casework.briefs.forms import BriefForm
from casework.briefs.making import cover_of
from casework.briefs.models import Brief
from casework.briefs.policy import READ, WRITE
from casework.briefs.queries import Filters
from casework.briefs.scopes import allowed, of_row
from casework.briefs.sentences import Section
from casework.briefs.words import KINDS, STATES, STEPS, BriefState, Kind
from casework.files.models import Attachment
from casework.files.views import serve
from casework.kernel import paging
from casework.kernel.attempts import carry_out
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound
from casework.kernel.forms import Form, row_id
from casework.kernel.i18n import language
from casework.kernel.time import local_day, utcnow
from casework.kernel.web import current_actor, needs, page, principal
from casework.kpis.selecting import offered_types
from casework.roster.queries import names

blueprint = Blueprint("briefs", __name__, url_prefix="/reports")
FORMS = ("pdf", "docx", "xlsx")
MOVING = (BriefState.WAITING, BriefState.RUNNING)


@blueprint.get("")
@needs(READ)
def index() -> ResponseReturnValue:
    """The briefs that one may read, newest first."""
    kind = request.args.get("kind", "")
    filters = Filters(kind if kind in KINDS else "", row_id(request.args.get("area", "")))
    found = queries.listed(current_actor(), filters, paging.asked(request.args))
    here: dict[str, Any] = filters.as_query()
    return page(
        "briefs/index.html",
        rows=found.rows,
        places=queries.places_of(found.rows),
        authors=names({row.by_id for row in found.rows}),
        filters=filters,
        kinds=KINDS,
        states=STATES,
        area_choices=_areas(),
        locale=language(),
        say=tables.days_said,
        ways=found.ways(partial(url_for, ".index", **here)),
    )


def _areas() -> list[tuple[int, str]]:
    """The areas among the scopes that one may ask for."""
    return [(int(key[1:]), path) for key, path in scopes.choices(current_actor()) if key.startswith("a")]


@blueprint.get("/new")
@needs(WRITE)
def new() -> ResponseReturnValue:
    """Which brief is to be written: filled in with the week that was."""
    form, today = BriefForm(formdata=None), local_day(utcnow())
    kind = request.args.get("kind", "")
    form.kind.data = kind if kind in KINDS else Kind.WEEKLY
    form.on.data = today - timedelta(days=7) if form.kind.data == Kind.WEEKLY else today
    form.first.data, form.last.data = today - timedelta(days=29), today
    form.locale.data = language()
    return _asked(form)


def _asked(form: BriefForm) -> ResponseReturnValue:
    form.offer(scopes.choices(current_actor()), offered_types())
    return page("briefs/new.html", form=form, status=form.http_status)


@blueprint.post("/new")
@needs(WRITE)
def ask() -> ResponseReturnValue:
    """Ask for it; the job writes it. A second click asks for nothing."""
    form, actor = BriefForm(), current_actor()
    form.offer(scopes.choices(actor), offered_types())

    def work() -> str:
        counted = scopes.read(form.scope.data or "", form.type_id, actor, WRITE)
        days = rules.checked(form.kind.data, *form.days, local_day(utcnow()))
        wanted = service.Wanted(
            kind=form.kind.data,
            counted=counted,
            first=days[0],
            last=days[1],
            locale=form.locale.data,
            red_head=bool(form.red_head.data),
        )
        return url_for("briefs.show", key=service.ask(wanted, actor=actor, now=utcnow()).id)

    location = carry_out(form, work, principal=principal())
    return _asked(form) if location is None else redirect(location, 303)


@blueprint.get("/<int:key>")
@needs(READ)
def show(key: int) -> ResponseReturnValue:
    """How far it is; once written, the brief with the way to every row and its files."""
    brief, actor = queries.visible_brief(key, to=current_actor()), current_actor()
    author = names({brief.by_id}).get(brief.by_id, "")
    context: dict[str, Any] = {
        "brief": brief,
        "cover": cover_of(brief, author, language()),
        "author": author,
        "days": tables.days_said(brief.first_on, brief.last_on),
        "place": queries.places_of([brief])[brief.id],
        "state": STATES[brief.status],
        "steps": STEPS,
        "may_write": allowed(of_row(brief), actor, WRITE),
        "newer": queries.replaced_by(brief),
    }
    if brief.status == BriefState.DONE:
        context |= _read(brief)
    elif brief.status in MOVING:
        context["moving"] = True
    return page("briefs/brief.html", fragment="briefs/_brief.html", **context)


def _read(brief: Brief) -> dict[str, Any]:
    """What was archived, as a page shows it."""
    figures = archive.from_json(brief.figures or {})
    ways = cells.Ways(brief.id, brief.area_id, brief.district_id)
    kept = (brief.told or {}).get(language(), [])
    files = {form: db.session.get_one(Attachment, getattr(brief, f"{form}_id")) for form in FORMS}
    return {
        "figures": figures,
        "sections": [Section(one["key"], one["title"], tuple(one["lines"])) for one in kept],
        "tables": tables.of(figures, ways),
        "shown": cells.shown,
        "bare": cells.bare,
        "flow": charts.flow(figures.slots),
        "types": paper.type_lines(figures),
        "files": files,
    }


@blueprint.get("/<int:key>/brief.<form>")
@needs(READ)
def download(key: int, form: str) -> ResponseReturnValue:
    """A file of a brief, as it was sealed; that it was taken out stands in the register."""
    actor = current_actor()
    brief = queries.visible_brief(key, to=actor)
    if form not in FORMS or brief.status != BriefState.DONE:
        raise NotFound("file")
    file_id = getattr(brief, f"{form}_id")
    with transaction():
        file = db.session.get_one(Attachment, file_id)
        service.note_export(queries.visible_brief(key, to=actor), form, file, actor=actor, now=utcnow())
    return serve(db.session.get_one(Attachment, file_id))


@blueprint.post("/<int:key>/anew")
@needs(WRITE)
def anew(key: int) -> ResponseReturnValue:
    """Write a new edition from the present data, or try again what was given up. A second click leads where the first
    one led; where somebody else was faster, to theirs.
    """
    actor, form = current_actor(), Form()
    queries.visible_brief(key, to=actor)

    def work() -> str:
        brief = queries.visible_brief(key, to=actor)
        if brief.status == BriefState.STOPPED:
            service.try_again(brief, actor=actor, now=utcnow())
            return url_for("briefs.show", key=key)
        return url_for("briefs.show", key=service.ask_anew(brief, actor=actor, now=utcnow()).id)

    location = carry_out(form, work, principal=principal())
    if location is None:
        newer = queries.replaced_by(queries.visible_brief(key, to=actor))
        location = url_for("briefs.show", key=newer or key)
    return redirect(location, 303)
