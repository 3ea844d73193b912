"""An allocation as XLSX to send: who gets what, with the working, and beside it what a new version changed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import IO, Any

import sqlalchemy as sa
from flask_babel import gettext

from casework.cases.models import Beneficiary, Case
from casework.kernel.db import db
from casework.kernel.errors import N_
from casework.kernel.money import yuan
from casework.negotiations import ledger
from casework.negotiations.models import Agreement, Allocation, Share
from casework.negotiations.words import BASES, Basis
from casework.sheets.workbook import Column, Sheet, write_sheets

CM2_A_M2 = 10_000
RULE = N_(
    "Share = total × weight ÷ sum of weights, rounded down to the fen. The fen that are left go one each to the "
    "largest remainders; where they are equal, to the larger weight, then to who joined first. Nobody is off the "
    "exact share by a whole fen."
)
WORKING = N_(
    "Exact share = %(total)s × weight ÷ %(weights)s. Rounded down, %(fen)s fen were left: "
    "they went to the firms marked in “%(column)s”."
)
FEN_OF_THE_REST = N_("Fen of the rest")
COLUMNS = (
    (N_("No."), "number", 6),
    (N_("Firm"), "text", 28),
    (N_("Credit code"), "text", 22),
    (N_("Rent a month"), "money", 14),
    (N_("Floor area (m²)"), "number", 14),
    (N_("Weight"), "number", 14),
    (N_("Exact share"), "exact", 18),
    (N_("Share (yuan)"), "money", 16),
    (FEN_OF_THE_REST, "number", 14),
    (N_("Received"), "money", 16),
    (N_("To come"), "money", 16),
)
CHANGES = (
    (N_("Firm"), "text", 28),
    (N_("Before"), "money", 16),
    (N_("Now"), "money", 16),
    (N_("Difference"), "money", 16),
    (N_("Reason"), "text", 40),
)


@dataclass(frozen=True, slots=True)
class _Line:
    firm: Beneficiary
    weight: int
    share_fen: int

    def exact(self, total_fen: int, whole: int) -> Fraction:
        """The share in fen before it is rounded."""
        return Fraction(total_fen * self.weight, whole)

    def from_rest(self, total_fen: int, whole: int) -> int:
        """The fen above the exact share rounded down: 1 for those whom the rest reached."""
        return self.share_fen - int(self.exact(total_fen, whole))


def write(stream: IO[bytes], case: Case, party: str, agreement: Agreement, allocation: Allocation) -> int:
    """Write a version with its working, and what it changed when it is not the first; returns how many firms."""
    lines = _lines(allocation.id)
    received = ledger.received_by(agreement.id)
    sheets = [_main(case, party, agreement, allocation, lines, received)]
    before = next((one for one in ledger.allocations_of(agreement.id) if one.no == allocation.no - 1), None)
    if before is not None:
        sheets.append(_changes(allocation, lines, _lines(before.id)))
    write_sheets(stream, sheets)
    return len(lines)


def _lines(allocation_id: int) -> list[_Line]:
    query = (
        sa.select(Beneficiary, Share.weight, Share.share_fen)
        .join(Share, Share.beneficiary_id == Beneficiary.id)
        .where(Share.allocation_id == allocation_id)
        .order_by(Beneficiary.id)
    )
    return [_Line(*row) for row in db.session.execute(query)]


def _main(
    case: Case,
    party: str,
    agreement: Agreement,
    allocation: Allocation,
    lines: Sequence[_Line],
    received: dict[int, int],
) -> Sheet:
    said = (
        f"{case.number} {case.title}",
        gettext("Agreement with %(name)s", name=party),
        gettext("Share out %(sum)s yuan", sum=yuan(agreement.total_fen)),
        f"{gettext('version %(no)s', no=allocation.no)} {gettext(BASES[allocation.basis])} {allocation.reason}".strip(),
        *_working(allocation, lines),
    )
    titles = [text for text in said if text]
    rows, total = _rows(allocation, lines, received), _total(allocation, lines, received)
    return Sheet(gettext("Allocation"), _columns(COLUMNS), rows, titles, [total])


def _working(allocation: Allocation, lines: Sequence[_Line]) -> list[str]:
    """The stated rule and its figures; sums by hand follow none."""
    if allocation.basis == Basis.HAND:
        return []
    whole = sum(line.weight for line in lines) or 1
    figures = {
        "total": yuan(allocation.total_fen),
        "weights": f"{_weight(allocation.basis, whole):,}",
        "fen": sum(line.from_rest(allocation.total_fen, whole) for line in lines),
        "column": gettext(FEN_OF_THE_REST),
    }
    return [gettext(RULE), gettext(WORKING, **figures)]


def _columns(listed: Sequence[tuple[str, Any, int]]) -> list[Column]:
    return [Column(gettext(title), kind, width) for title, kind, width in listed]


def _rows(allocation: Allocation, lines: Sequence[_Line], received: dict[int, int]) -> Iterator[tuple[object, ...]]:
    whole = sum(line.weight for line in lines) or 1
    for no, line in enumerate(lines, start=1):
        got = received.get(line.firm.id, 0)
        area = line.firm.floor_area_cm2
        extra = line.from_rest(allocation.total_fen, whole)
        yield (
            no,
            line.firm.name,
            line.firm.uscc,
            line.firm.monthly_rent_fen,
            None if area is None else Decimal(area) / CM2_A_M2,
            _weight(allocation.basis, line.weight),
            round(float(line.exact(allocation.total_fen, whole) / 100), 4),
            line.share_fen,
            extra or None,
            got,
            max(line.share_fen - got, 0),
        )


def _total(allocation: Allocation, lines: Sequence[_Line], received: dict[int, int]) -> tuple[object, ...]:
    shared, arrived = sum(line.share_fen for line in lines), sum(received.get(line.firm.id, 0) for line in lines)
    rent = sum(line.firm.monthly_rent_fen or 0 for line in lines)
    weight = _weight(allocation.basis, sum(line.weight for line in lines))
    left = max(shared - arrived, 0)
    return (None, gettext("Together"), None, rent, None, weight, None, shared, None, arrived, left)


def _weight(basis: str, weight: int) -> Decimal | int:
    """Rent and sums by hand in yuan, floors in m², equal ones as 1."""
    if basis in (Basis.RENT, Basis.HAND):
        return Decimal(weight) / 100
    return Decimal(weight) / CM2_A_M2 if basis == Basis.AREA else weight


def _changes(allocation: Allocation, lines: Sequence[_Line], before: Sequence[_Line]) -> Sheet:
    old = {line.firm.id: line for line in before}
    rows: list[tuple[object, ...]] = []
    why = allocation.reason
    for line in lines:
        was = old.pop(line.firm.id, None)
        gap = _gap(line, was)
        rows.append((line.firm.name, was.share_fen if was else None, line.share_fen, gap, why if gap else None))
    rows.extend((line.firm.name, line.share_fen, None, -line.share_fen, why) for line in old.values())
    return Sheet(gettext("What changed"), _columns(CHANGES), rows)


def _gap(line: _Line, was: _Line | None) -> int:
    return line.share_fen - (was.share_fen if was else 0)
