"""A register as a spreadsheet, taken out like every list: that it was stands in a register itself."""

from __future__ import annotations

from collections.abc import Mapping

from flask_babel import gettext

from casework.audit import queries as chains
from casework.kernel import paging
from casework.kernel.errors import N_
from casework.kernel.time import local
from casework.ledgers.taking_out import LISTS, Asked, ListOut, Rows, Title
from casework.registers.policy import READ
from casework.registers.rules import TITLES
from casework.registers.views import lines_of, sought_of

PORTION = 500
COLUMNS: tuple[Title, ...] = (
    *((N_("When"), "text", 20), (N_("Account"), "text", 16), (N_("Person"), "text", 14)),
    *((N_("What"), "text", 60), (N_("Case number"), "text", 22)),
)


def _register(asked: Asked) -> str:
    return asked.args.get("register", "")


def _filters(args: Mapping[str, str]) -> dict[str, str]:
    _, filters, _problem = sought_of(args.get("register", ""), args)
    return {"register": args.get("register", ""), **filters}


def _rows(asked: Asked) -> Rows:
    sought, _, _problem = sought_of(_register(asked), asked.args)
    at: paging.At | None = paging.FIRST
    while at is not None:
        found = chains.register(sought, at, size=PORTION)
        yield [
            (f"{local(line.at):%Y-%m-%d %H:%M:%S}", line.username, line.name, line.what, line.number)
            for line in lines_of(found.rows)
        ]
        at = paging.At(after=found.after) if found.after else None


def _count(asked: Asked, most: int) -> int:
    sought, _, _problem = sought_of(_register(asked), asked.args)
    return chains.how_many(sought, most)


def install() -> None:
    """Let the registers be taken out."""
    LISTS["register"] = ListOut(
        title=N_("Register"),
        permission=READ,
        columns=COLUMNS,
        rows=_rows,
        count=_count,
        filters=_filters,
        about=lambda asked: gettext(TITLES[_register(asked)]),
        harmless=True,
    )
