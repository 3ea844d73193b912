"""What processes add to the case page and to templates: the runs beside the story, words, drawings."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from flask import Flask, render_template, url_for
from flask_babel import gettext
from markupsafe import Markup

from casework.cases.models import Case
from casework.cases.presenting import Button, Part
from casework.kernel.i18n import language
from casework.kernel.permissions import Actor, can
from casework.kernel.web import site_address
from casework.processes import run_pages, running
from casework.processes.definition import Definition, Step
from casework.processes.drawing import drawing
from casework.processes.story import lasted
from casework.processes.words import FATES, FIELD_KINDS, RESULTS, RUN_STATES, STANDS, VERSION_STATES

WIDEST, WIDEST_ENGLISH = 9, 17
"""Letters of a title that fit into a step."""


def of_case(case: Case, view: Any, actor: Actor, now: datetime) -> Part:
    """The processes of a case beside its story, and the way to begin one."""
    may_start = can(actor, "process.start", case)
    begin = [Button(gettext("Begin a process"), f"/cases/{case.number}/processes/new", "flow")] if may_start else []
    if not case.processed or not can(actor, "case.story", case):
        return Part(menu=begin)
    views = [run_pages.run_view(run, case, actor, now=now) for run in running.runs_of(case.id)[:5]]
    aside = render_template("processes/_case.html", case=case, views=views)
    mine = [(run, step) for run in views for step in run.mine]
    main = None
    if mine:
        run, step = mine[0]
        main = Button(step.title, f"/runs/{run.run.id}/steps/{step.step.key}")
    return Part(aside=Markup(aside), menu=begin, main=main)  # noqa: S704 - a template's own output


def track_link(case: Case) -> str:
    """The whole address of the enterprise's page."""
    return f"{site_address()}{url_for('track.show', code=case.code)}"


def in_words(definition: Definition) -> str:
    """A process for who cannot see its drawing: each step with what it waits for."""
    locale = language()
    titles = {key: step.title.said(locale) for key, step in definition.by_key.items()}
    told = []
    for step in definition.steps:
        if step.after:
            after = "、".join(titles.get(key, key) for key in step.after)
            told.append(gettext("%(step)s after %(before)s", step=titles[step.key], before=after))
        else:
            told.append(gettext("first %(step)s", step=titles[step.key]))
    return "; ".join(told)


def fits(title: str, locale: str) -> str:
    """A title cut to the width of a step in a drawing."""
    widest = WIDEST_ENGLISH if locale == "en" else WIDEST
    return title if len(title) <= widest else f"{title[: widest - 1]}…"


def place_of(definition: Definition, key: str) -> int:
    """The number of a step as its list shows it."""
    return 1 + next(index for index, step in enumerate(definition.steps) if step.key == key)


def install(app: Flask) -> None:
    """Let templates draw processes and say their words."""
    app.jinja_env.filters.update(
        drawn=drawing,
        in_words=in_words,
        fits=fits,
        place_of=place_of,
        lasted=lambda minutes: str(lasted(int(minutes))),
        acting=_acting,
    )
    app.jinja_env.globals.update(
        stand_words=_Said(STANDS),
        run_words=_Said(RUN_STATES),
        result_words=_Said(RESULTS),
        version_words=_Said(VERSION_STATES),
        fate_words=_Said(FATES),
        kind_words=_Said(FIELD_KINDS),
    )


def _acting(step: Step) -> str:
    return str(run_pages.actor_words(step))


class _Said(dict[str, str]):
    """Words by key, said in the reader's language when a template asks."""

    def __getitem__(self, name: str) -> str:
        return str(gettext(super().__getitem__(name)))
