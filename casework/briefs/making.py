"""Writing a brief: count as its asker may see it, say it in both languages, write the three files, seal. The edge."""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import structlog
from flask import current_app
from flask_babel import force_locale

from casework.briefs import book, counting, document, paper, queries, rules, service, tables
from casework.briefs.cells import Ways
from casework.briefs.figures import Figures, as_json
from casework.briefs.models import Brief
from casework.briefs.paper import Cover
from casework.briefs.policy import WRITE
from casework.briefs.scopes import Counted, allowed, of_row
from casework.briefs.sentences import Section, told
from casework.briefs.words import STEPS
from casework.casefile import typeset
from casework.files import service as files
from casework.files.service import Sealed
from casework.kernel import scratch
from casework.kernel.db import db, transaction
from casework.kernel.i18n import LANGUAGES, speaking, translate
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day, utcnow
from casework.papers.slip_pdf import Unprintable
from casework.roster.queries import actor_for

log = structlog.get_logger()
LAYOUT = Path(__file__).parent / "layouts" / "brief.typ"
TOLD = STEPS.index("Writing the sentences")


def execute(key: int, *, now: datetime, tell: Callable[[int], None] = lambda _: None) -> bool:
    """Write a brief that was asked for; whether it was written here. ``tell`` hears which step begins.

    Raises:
        Conflict: another process was faster.
        Unavailable: the storage or the database does not answer.
    """
    with transaction():
        brief = service.begin(key, now=now)
        tries = brief.tries if brief is not None else 0
    if brief is None:
        return False
    actor = actor_for(brief.by_id, local_day(now))
    counted = of_row(brief)
    if actor is None or not allowed(counted, actor, WRITE):
        with transaction():
            service.stop(key)
        return False
    try:
        _write(_Work(key, tries, counted, actor, now, tell))
    except Unprintable as error:
        log.error("a brief could not be set", brief=key, error=str(error)[:200])
        with transaction():
            service.stop(key)
        return False
    return True


class _Work:
    """A brief in one's hands; ``step`` tells how far it is, in a short transaction of its own."""

    def __init__(
        self, key: int, tries: int, counted: Counted, actor: Actor, now: datetime, tell: Callable[[int], None]
    ) -> None:
        self.key, self.tries, self.counted, self.actor, self.now, self.tell = key, tries, counted, actor, now, tell

    def step(self, number: int) -> None:
        """The step of this number begins."""
        with transaction():
            service.beat(self.key, tries=self.tries, step=number, now=utcnow())
        self.tell(number)


def _write(work: _Work) -> None:
    brief = db.session.get_one(Brief, work.key)
    locale = brief.locale
    span = rules.span(brief.first_on, brief.last_on, work.now)
    figures = counting.count(work.counted, span, work.actor, now=work.now, step=work.step)
    work.step(TOLD)
    said = {language: sections(figures, brief.kind, language) for language in LANGUAGES}
    cover = {language: cover_of(brief, work.actor.name, language) for language in LANGUAGES}
    made = _papers(work, cover[locale], figures, said[locale], locale)
    written = service.Written(
        figures=as_json(figures),
        told={language: [asdict(one) for one in found] for language, found in said.items()},
        counted_at=work.now,
        files=made,
    )
    with transaction():
        service.seal(work.key, written, tries=work.tries, actor=work.actor, now=utcnow())


def sections(figures: Figures, kind: str, locale: str) -> list[Section]:
    """The sentences in a language."""
    with speaking(locale), force_locale(LANGUAGES[locale]):
        return told(figures, kind, locale)


def cover_of(brief: Brief, author: str, locale: str) -> Cover:
    """What is known of a brief beside its figures."""
    place = queries.places_of([brief])[brief.id]
    return Cover(
        kind=brief.kind,
        of=place.area,
        unit=place.unit,
        type=place.type_en if locale == "en" else place.type_zh,
        year=brief.year,
        issue=brief.issue,
        edition=brief.edition,
        office=brief.office,
        author=author,
        red_head=brief.red_head,
    )


def _papers(work: _Work, cover: Cover, figures: Figures, said: Sequence[Section], locale: str) -> dict[str, Sealed]:
    """The three files, written and stored."""
    fonts = current_app.config["SETTINGS"].fonts
    with speaking(locale), force_locale(LANGUAGES[locale]):
        data = paper.of(cover, figures, said, work.now)
        work.step(TOLD + 1)
        xlsx = _book(cover, figures, said, data)
    db.session.rollback()  # nothing is held while pages are set
    work.step(TOLD + 2)
    drawings = [one["svg"] for section in data["sections"] for one in section["drawings"]]
    docx = document.write(data, {svg: typeset.picture(svg, fonts=fonts) for svg in drawings})
    work.step(TOLD + 3)
    with scratch.folder() as folder:
        pdf = typeset.write(data, folder, fonts=fonts, layout=LAYOUT)
    return _kept(f"{data['title']} {data['number']}", {"pdf": pdf, "docx": docx, "xlsx": xlsx})


def _book(cover: Cover, figures: Figures, said: Sequence[Section], data: Mapping[str, Any]) -> bytes:
    meta = "　".join([cover.number, data["days"], *data["meta"]])
    lines = [(one.title, one.lines) for one in said]
    return book.write(cover.title, meta, lines, tables.of(figures, Ways(0, 0, None)), translate("The brief"))


def _kept(name: str, made: Mapping[str, bytes]) -> dict[str, Sealed]:
    """The bytes come before the rows; what no row names is swept away."""
    return {form: files.take_in(io.BytesIO(content), f"{name}.{form}") for form, content in made.items()}
