"""Reads of the registers: entries of the chains by what they say, and who read a case without handling it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.audit.queries import Entry, Sought
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.permissions import Actor, Role
from casework.registers.models import CaseRead
from casework.registers.rules import EXPORTS, REVEALS, VERBS


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody in a register: account and name."""

    username: str
    name: str


def people(user_ids: Iterable[int | None]) -> dict[int, Person]:
    """Accounts and names by id."""
    wanted = {key for key in user_ids if key}
    if not wanted:
        return {}
    rows = db.session.execute(sa.select(User.id, User.username, User.name).where(User.id.in_(wanted)))
    return {key: Person(username, name) for key, username, name in rows}


def numbers(entries: Iterable[Entry]) -> dict[int, str]:
    """The case numbers of entries that stand on a case."""
    wanted = {entry.case_id for entry in entries if entry.case_id}
    if not wanted:
        return {}
    return {row[0]: row[1] for row in db.session.execute(sa.select(Case.id, Case.number).where(Case.id.in_(wanted)))}


def person_called(text: str) -> int | None:
    """The person of this account name, else the only one of this name."""
    text = text.strip()
    found = db.session.scalar(sa.select(User.id).where(User.username == text))
    if found is not None:
        return found
    named = list(db.session.scalars(sa.select(User.id).where(User.name == text).limit(2)))
    return named[0] if len(named) == 1 else None


def case_of(number: str, actor: Actor) -> tuple[int, str]:
    """Id and number of a case whose register somebody asks for; the auditor may of any, and learns no more.

    Raises:
        NotFound: there is none, or it is out of scope.
    """
    if not actor.has(Role.AUDITOR):
        case = case_queries.visible_case(number, to=actor)
        return case.id, case.number
    key = one(sa.select(Case.id).where(Case.number == number), number)
    return key, number


def looked_and_took(case_id: int) -> Sought:
    """The entries of a case that say who saw or took something."""
    return Sought(VERBS[REVEALS] + VERBS[EXPORTS], case_id=case_id)


def reads_of(case_id: int, at: paging.At, *, size: int = 50) -> paging.Page[Any]:
    """Who read a case without handling it, the newest day first: ``day``, ``user_id``, ``first_at``."""
    query = sa.select(CaseRead.day, CaseRead.user_id, CaseRead.first_at).where(CaseRead.case_id == case_id)
    keys = (paging.Key(CaseRead.day, date, down=True), paging.Key(CaseRead.user_id, int))
    return paging.page_of(query, keys, at, size, values=lambda row: [row.day, row.user_id])


def old_reads(before: datetime) -> sa.Delete:
    """Reads older than they need to be kept."""
    return sa.delete(CaseRead).where(CaseRead.first_at < before)
