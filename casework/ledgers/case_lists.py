"""The three lists 三张清单 and the ledger of talks: what is asked, what is done about it, who answers for it.

All of them follow the filter of the case list: the same address gives the list on the page and each of these.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.cases import saved
from casework.cases.lists import filtered, read_filters
from casework.cases.models import Assignment, Case, CaseType
from casework.cases.workflow import STATE_LABELS
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.time import local_day
from casework.ledgers import periods
from casework.ledgers.ledger import plain_filters
from casework.ledgers.taking_out import Asked, ListOut, Rows, Title, Words, counted, in_portions
from casework.negotiations.models import Commitment, Counterparty, Negotiation, Round
from casework.negotiations.words import DEBTORS, PROMISES, STANCES, WAYS
from casework.roster.models import Unit

NUMBER: Title = (N_("Case number"), "text", 22)
MATTER: Title = (N_("Matter"), "text", 40)
FIRM: Title = (N_("Enterprise"), "text", 30)
PROBLEMS: tuple[Title, ...] = (
    *(NUMBER, MATTER, FIRM, (N_("Type"), "text", 12), (N_("Area"), "text", 30)),
    *(
        (N_("What happened, what is asked"), "text", 60),
        (N_("State"), "text", 10),
        (N_("Submitted at"), "datetime", 17),
    ),
    *((N_("Days open"), "number", 8), (N_("Due"), "datetime", 17), (N_("Lead unit"), "text", 20)),
)
MEASURES: tuple[Title, ...] = (
    *(NUMBER, MATTER, FIRM, (N_("Measure"), "text", 50), (N_("On whose side"), "text", 12)),
    *((N_("Who owes it"), "text", 20), (N_("On condition"), "text", 24), (N_("Promised"), "date", 12)),
    *((N_("Due"), "date", 12), (N_("State"), "text", 14), (N_("Proof"), "text", 30), (N_("Lead officer"), "text", 10)),
)
DUTIES: tuple[Title, ...] = (
    *(NUMBER, MATTER, FIRM, (N_("Area"), "text", 30), (N_("State"), "text", 10), (N_("Lead unit"), "text", 20)),
    *((N_("Lead officer"), "text", 10), (N_("With this unit since"), "datetime", 17)),
    *((N_("Co-units"), "text", 30), (N_("Who helps"), "text", 24), (N_("Due"), "datetime", 17)),
)
TALKS: tuple[Title, ...] = (
    *(NUMBER, FIRM, (N_("Counterparty"), "text", 24), (N_("When"), "datetime", 17), (N_("How"), "text", 8)),
    *((N_("Place"), "text", 24), (N_("On our side"), "text", 20), (N_("On the other side"), "text", 20)),
    *((N_("Stance"), "text", 10), (N_("Objections"), "text", 30), (N_("What was said"), "text", 50)),
    *((N_("Next step"), "text", 30), (N_("Next on"), "date", 12), (N_("Entered by"), "text", 10)),
)


def _narrowed(asked: Asked, query: sa.Select[Any], *more: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """A select over cases, held to those of the filter that the reader may see."""
    clause = filtered(asked.actor, read_filters(asked.args), asked.now).whereclause
    return query.where(*([clause] if clause is not None else []), *more)


def _counter(select: Callable[[Asked], sa.Select[Any]]) -> Callable[[Asked, int], int]:
    return lambda asked, most: counted(select(asked), most)


def _by(column: Any) -> tuple[tuple[paging.Key, ...], Callable[[Any], list[Any]]]:
    """Newest first by an id that stands in front of each row."""
    return (paging.Key(column, int, down=True),), lambda row: [row[0]]


def _problems(asked: Asked) -> sa.Select[Any]:
    query = (
        sa.select(Case.id, Case.number, Case.title, Case.requester, CaseType.zh, CaseType.en, Area.full_name, Case.text)
        .add_columns(Case.state, Case.submitted_at, Case.closed_at, Case.next_due_at, Case.is_open, Unit.name)
        .join(CaseType, CaseType.id == Case.type_id)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
    )
    return _narrowed(asked, query, *periods.moments(Case.submitted_at, asked.args))


def _problem_rows(asked: Asked) -> Rows:
    words, english, today = Words(), language() == "en", local_day(asked.now)
    for portion in in_portions(_problems(asked), *_by(Case.id)):
        yield [
            (
                *(number, title, firm, en if english else zh, area, text, words.of(STATE_LABELS, state), submitted),
                *(((local_day(closed) if closed else today) - local_day(submitted)).days, due if is_open else None),
                unit,
            )
            for _, number, title, firm, zh, en, area, text, state, submitted, closed, due, is_open, unit in portion
        ]


def _measures(asked: Asked) -> sa.Select[Any]:
    query = (
        sa.select(Commitment.id, Case.number, Case.title, Case.requester, Commitment.what, Commitment.debtor)
        .add_columns(Commitment.who, Commitment.condition, Commitment.promised_on, Commitment.due_on)
        .add_columns(Commitment.state, Commitment.proof, User.name)
        .join(Case, Case.id == Commitment.case_id)
        .outerjoin(User, User.id == Case.lead_id)
    )
    return _narrowed(asked, query, *periods.days(Commitment.promised_on, asked.args))


def _measure_rows(asked: Asked) -> Rows:
    words = Words()
    for portion in in_portions(_measures(asked), *_by(Commitment.id)):
        yield [
            (*row[1:5], words.of(DEBTORS, row[5]), *row[6:10], words.of(PROMISES, row[10]), *row[11:])
            for row in portion
        ]


def _duties(asked: Asked) -> sa.Select[Any]:
    query = (
        sa.select(Case.id, Case.number, Case.title, Case.requester, Area.full_name, Case.state, Unit.name, User.name)
        .add_columns(Case.held_since, Case.co_unit_ids, Case.next_due_at, Case.is_open)
        .outerjoin(Area, Area.id == Case.area_id)
        .outerjoin(Unit, Unit.id == Case.unit_id)
        .outerjoin(User, User.id == Case.lead_id)
    )
    return _narrowed(asked, query, *periods.moments(Case.submitted_at, asked.args))


def _duty_rows(asked: Asked) -> Rows:
    words = Words()
    for portion in in_portions(_duties(asked), *_by(Case.id)):
        helpers, units = _helpers([row[0] for row in portion]), _units(portion)
        yield [
            (
                *(number, title, firm, area, words.of(STATE_LABELS, state), unit, officer, since),
                "、".join(units[one] for one in others or () if one in units),
                "、".join(helpers.get(key, ())),
                due if is_open else None,
            )
            for key, number, title, firm, area, state, unit, officer, since, others, due, is_open in portion
        ]


def _helpers(case_ids: Sequence[int]) -> Mapping[int, list[str]]:
    """Who helps on each of the cases now."""
    query = (
        sa.select(Assignment.case_id, User.name)
        .join(User, User.id == Assignment.user_id)
        .where(Assignment.case_id.in_(case_ids), Assignment.to_at.is_(None), Assignment.part == "support")
        .order_by(Assignment.id)
    )
    found: dict[int, list[str]] = {}
    for case_id, name in db.session.execute(query):
        found.setdefault(case_id, []).append(name)
    return found


def _units(portion: Sequence[Any]) -> dict[int, str]:
    wanted = sorted({unit for row in portion for unit in row.co_unit_ids or ()})
    rows = db.session.execute(sa.select(Unit.id, Unit.name).where(Unit.id.in_(wanted))) if wanted else ()
    return {key: name for key, name in rows}  # noqa: C416 - rows are no pairs to mypy


def _talks(asked: Asked) -> sa.Select[Any]:
    query = (
        sa.select(Round.id, Case.number, Case.requester, Counterparty.name, Round.at, Round.way, Round.place)
        .add_columns(Round.ours, Round.theirs, Round.stance, Round.objections, Round.said, Round.next_step)
        .add_columns(Round.next_on, User.name)
        .join(Case, Case.id == Round.case_id)
        .join(Negotiation, Negotiation.id == Round.negotiation_id)
        .join(Counterparty, Counterparty.id == Negotiation.counterparty_id)
        .outerjoin(User, User.id == Round.by_id)
    )
    corrected = sa.select(Round.corrects_id).where(Round.corrects_id.is_not(None))
    in_period = periods.moments(Round.at, asked.args)
    return _narrowed(asked, query, Round.id.not_in(corrected), *in_period)


def _talk_rows(asked: Asked) -> Rows:
    words = Words()
    for portion in in_portions(_talks(asked), *_by(Round.id)):
        yield [
            (
                *(number, firm, party, at, words.of(WAYS, way), place, "、".join(ours or ()), "、".join(theirs or ())),
                *(words.of(STANCES, stance), objections, said, step, next_on, by),
            )
            for (
                _,
                number,
                firm,
                party,
                at,
                way,
                place,
                ours,
                theirs,
                stance,
                objections,
                said,
                step,
                next_on,
                by,
            ) in portion
        ]


def _of_cases(permission: str, title: str, columns: Sequence[Title], select: Any, rows: Any, dated: str) -> ListOut:
    return ListOut(
        title=title,
        permission=permission,
        columns=columns,
        rows=rows,
        count=_counter(select),
        filters=plain_filters,
        kept=saved.LISTED,
        dated=dated,
    )


PROBLEM_LIST = _of_cases(
    "case.export", N_("List of problems"), PROBLEMS, _problems, _problem_rows, dated=N_("Submitted at")
)
MEASURE_LIST = _of_cases(
    "negotiation.read", N_("List of measures"), MEASURES, _measures, _measure_rows, dated=N_("Promised")
)
DUTY_LIST = _of_cases(
    "case.export", N_("List of responsibilities"), DUTIES, _duties, _duty_rows, dated=N_("Submitted at")
)
TALK_LEDGER = _of_cases("negotiation.read", N_("Ledger of talks"), TALKS, _talks, _talk_rows, dated=N_("When"))
