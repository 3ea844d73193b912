"""The pages of the registers: filtered by person and day, paged by key, as spreadsheets; and the one of a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from casework.accounts.log_words import said
from casework.audit import queries as chains
from casework.audit.queries import Entry, Sought
from casework.kernel import paging
from casework.kernel.errors import NotFound
from casework.kernel.time import at_local
from casework.kernel.web import current_actor, needs, page
from casework.ledgers.taking_out import CSV, XLSX
from casework.ledgers.views import hand_out
from casework.registers import queries
from casework.registers.policy import OF_CASE, READ
from casework.registers.rules import REVEALS, TITLES, VERBS

blueprint = Blueprint("registers", __name__, url_prefix="/audit")
NOBODY = -1


@dataclass(frozen=True, slots=True)
class Line:
    """An entry of a register as it is read."""

    at: datetime
    username: str
    name: str
    what: str
    number: str
    channel: str


@blueprint.get("")
@needs(READ)
def home() -> ResponseReturnValue:
    """The first register."""
    return redirect(url_for("registers.show", register=REVEALS), 302)


@blueprint.get("/<register>")
@needs(READ)
def show(register: str) -> ResponseReturnValue:
    """A register, newest first."""
    sought, filters, problem = sought_of(register, request.args)
    found = chains.register(sought, paging.asked(request.args))
    return page(
        "registers/register.html",
        register=register,
        titles=TITLES,
        lines=lines_of(found.rows),
        filters=filters,
        problem=problem,
        ways=found.ways(partial(_address, register, filters)),
    )


def _address(register: str, filters: Mapping[str, str], **cursor: str | None) -> str:
    values: dict[str, Any] = {"register": register, **filters, **cursor}
    return url_for("registers.show", **values)


@blueprint.get("/<register>.xlsx", defaults={"form": XLSX})
@blueprint.get("/<register>.csv", defaults={"form": CSV})
@needs(READ)
def export(register: str, form: str) -> ResponseReturnValue:
    """A register as it is filtered; that it was taken out stands in the register of what was taken out."""
    return hand_out("register", form, register=register)


@blueprint.get("/cases")
@needs(READ)
def find() -> ResponseReturnValue:
    """From a case number to its register."""
    number = request.args.get("number", "").strip()
    if not number:
        return redirect(url_for("registers.home"), 302)
    return redirect(url_for("registers.of_case", number=number[:40]), 302)


@blueprint.get("/cases/<number>")
@needs(OF_CASE)
def of_case(number: str) -> ResponseReturnValue:
    """Who saw personal data of a case, took it out, or read it without handling it."""
    key, number = queries.case_of(number, current_actor())
    taken = chains.register(queries.looked_and_took(key), size=200)
    reads = queries.reads_of(key, paging.asked(request.args))
    return page(
        "registers/case.html",
        number=number,
        lines=lines_of(taken.rows),
        reads=reads.rows,
        people=queries.people(row.user_id for row in reads.rows),
        ways=reads.ways(partial(url_for, "registers.of_case", number=number)),
    )


def sought_of(register: str, args: Mapping[str, str]) -> tuple[Sought, dict[str, str], str]:
    """What the address asks for, its filters to be kept, and what of them is not understood."""
    if register not in VERBS:
        raise NotFound(register)
    filters = {name: args[name].strip()[:60] for name in ("who", "from", "to") if args.get(name, "").strip()}
    sought, problem = Sought(VERBS[register]), ""
    if "who" in filters:
        person = queries.person_called(filters["who"])
        problem = "" if person else gettext("Nobody, or more than one, has this name: write the account name.")
        sought = replace(sought, actor_id=person or NOBODY)
    try:
        since, until = (date.fromisoformat(filters[name]) if name in filters else None for name in ("from", "to"))
    except ValueError:
        return sought, filters, gettext("Days: write them like 2020-02-12.")
    return (
        replace(
            sought,
            since=at_local(since) if since else None,
            until=at_local(until + timedelta(days=1)) if until else None,
        ),
        filters,
        problem,
    )


def lines_of(entries: Sequence[Entry]) -> list[Line]:
    """Entries as they are read: two queries, however many."""
    people = queries.people(entry.actor_id for entry in entries)
    numbers = queries.numbers(entries)
    return list(_each(entries, people, numbers))


def _each(entries: Iterable[Entry], people: Mapping[int, queries.Person], numbers: Mapping[int, str]) -> Iterable[Line]:
    for entry in entries:
        person = people.get(entry.actor_id or 0)
        yield Line(
            at=entry.at,
            username=person.username if person else "",
            name=person.name if person else "",
            what=said(entry),
            number=numbers.get(entry.case_id or 0, ""),
            channel=entry.channel,
        )
