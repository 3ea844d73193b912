"""What stands on the papers of a brief, as plain values: the same for the document and the PDF."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.briefs import charts, tables
from casework.briefs.cells import Ways, shown
from casework.briefs.figures import Figures
from casework.briefs.sentences import Section
from casework.briefs.tables import Table, days_said
from casework.briefs.words import Kind
from casework.casefile.blocks import said
from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import language
from casework.kernel.i18n import translate as _
from casework.kernel.time import local, local_day

TITLES: Mapping[str, str] = {
    Kind.DAILY: N_("Daily brief on the difficulties of enterprises"),
    Kind.WEEKLY: N_("Weekly brief on the difficulties of enterprises"),
    Kind.SPECIAL: N_("Special brief on the difficulties of enterprises"),
}
NUMBER = N_("[%(year)s] No. %(issue)s")
EDITION = N_("[%(year)s] No. %(issue)s, edition %(edition)s")
MARK = "\x1f"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cover:
    """What is known of a brief beside its figures. ``of`` is the area, ``unit`` the team or authority, if any."""

    kind: str
    of: str
    unit: str
    type: str
    year: int
    issue: int
    edition: int
    office: str
    author: str
    red_head: bool

    @property
    def title(self) -> str:
        """The title: place, and kind of brief."""
        return f"{self.unit or self.of}{'' if language() != 'en' else ': '}{_(TITLES[self.kind])}"

    @property
    def number(self) -> str:
        """The number, with the edition where it is not the first."""
        text = EDITION if self.edition > 1 else NUMBER
        return str(Reason(text, {"year": self.year, "issue": self.issue, "edition": self.edition}))


def of(cover: Cover, figures: Figures, told: Sequence[Section], made_at: datetime) -> dict[str, Any]:
    """Everything on the pages, in the language that is spoken now."""
    made = tables.of(figures, Ways(0, 0, None))
    counted = f"{local(figures.counted_at):%Y-%m-%d %H:%M}"
    return {
        "lang": "en" if language() == "en" else "zh",
        "region": "us" if language() == "en" else "cn",
        "red_head": cover.red_head,
        "head": said(cover.office or cover.of),
        "number": said(cover.number),
        "date": local_day(made_at).isoformat(),
        "title": said(cover.title),
        "days": said(days_said(figures.first, figures.last)),
        "meta": [said(one) for one in (cover.type, str(Reason(N_("Counted up to %(at)s"), {"at": counted}))) if one],
        "signed": _("Approved by:"),
        "written": f"{_('Written by:')} {said(cover.author)}",
        "sections": [_section(one, figures, made) for one in told],
        "notes": [
            _("Counts before are those of the same number of days before; where the time is not over, as far into it."),
            _("Ended: closed, and withdrawn, merged or declined. Late: past the due time and not ended."),
            _("The brief takes changes apart by type, area and unit. It names no cause."),
        ],
        "note_title": _("Notes"),
        "page": _page(),
    }


def _page() -> list[str]:
    """The words before, between and behind the two numbers of a page."""
    return str(Reason(N_("Page %(n)s of %(all)s"), {"n": MARK, "all": MARK})).split(MARK)


def _section(section: Section, figures: Figures, made: Sequence[Table]) -> dict[str, Any]:
    mine = [table for table in made if table.section == section.key]
    return {
        "title": said(section.title),
        "lines": [said(line) for line in section.lines],
        "drawings": drawings(section.key, figures),
        "tables": [_table(table) for table in mine],
    }


def drawings(section: str, figures: Figures) -> list[dict[str, str]]:
    """The charts of a section as SVG with their captions."""
    if section == "totals":
        words = (_("reported"), _("ended, any way"))
        svg = charts.flow_svg(charts.flow(figures.slots), figures.slots, words)
        return [{"caption": _("Came in and ended"), "svg": svg}]
    if section == "parts":
        chart = type_lines(figures)
        caption = _("Came in, by type: above this time, below the time before")
        return [{"caption": caption, "svg": charts.lines_svg(chart)}] if chart.rows else []
    return []


def type_lines(figures: Figures) -> charts.Lines:
    """What came in, by type."""
    return charts.lines([(tables.part_name(one, "types"), one.came.now, one.came.before) for one in figures.types])


def _table(table: Table) -> dict[str, Any]:
    kinds = [column.kind for column in table.columns]
    return {
        "key": table.key,
        "caption": said(table.title),
        "head": [said(column.title) for column in table.columns],
        "widths": [column.width for column in table.columns],
        "right": [at for at, kind in enumerate(kinds) if kind not in ("text", "datetime")],
        "rows": [[said(shown(kind, cell)) for kind, cell in zip(kinds, row, strict=True)] for row in table.rows],
    }
