"""Sharing a sum out among firms, to the fen by largest remainder (Hamilton's method). Pure: no database, no clock.

The stated rule: everyone first gets the exact share rounded down to a whole fen; the fen that are left, fewer than
there are firms, go one each to the largest remainders; where remainders are equal the larger weight comes first,
then the earlier in the list. So the shares sum to the total, nobody is off the exact share by a whole fen, the same
input always gives the same shares, and a weight of nothing gets nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.negotiations.rules import ABSURD, MOST_FEN, NAMED
from casework.negotiations.words import BASES, Basis


def shared(total_fen: int, weights: Sequence[int]) -> list[int]:
    """The share of each weight in fen, in the order given; they sum to ``total_fen``.

    Raises:
        ValueError: the total or a weight is negative, or no weight is above zero.
    """
    whole = sum(weights)
    if total_fen < 0 or whole <= 0 or min(weights) < 0:
        raise ValueError("shares need a total and weights that are not negative, one of them above zero")
    shares, remainders = [], []
    for place, weight in enumerate(weights):
        share, remainder = divmod(total_fen * weight, whole)
        shares.append(share)
        if remainder:
            remainders.append((-remainder, -weight, place))
    remainders.sort()
    for _, _, place in remainders[: total_fen - sum(shares)]:
        shares[place] += 1
    return shares


@dataclass(frozen=True, slots=True)
class Firm:
    """A firm that takes part in an allocation: its rent in fen a month and its floor in cm², None where unknown."""

    id: int
    name: str
    rent_fen: int | None = None
    area_cm2: int | None = None


def weights(basis: Basis, firms: Sequence[Firm]) -> list[int]:
    """What each firm's share follows from: rent in fen, floor in cm², or 1."""
    if basis is Basis.RENT:
        return [firm.rent_fen or 0 for firm in firms]
    if basis is Basis.AREA:
        return [firm.area_cm2 or 0 for firm in firms]
    return [1] * len(firms)


def allocation_faults(
    basis: Basis, total_fen: int, firms: Sequence[Firm], by_hand: Mapping[int, int] | None = None
) -> list[Reason]:
    """Why a sum cannot be shared so: nobody to share it, weights that are missing, shares that do not add up."""
    if not firms:
        return [because(N_("Nobody is there to share it: add the firms first, or include one again."), "basis")]
    if basis is Basis.HAND:
        return _hand_faults(total_fen, firms, by_hand or {})
    unknown = [firm.name for firm in firms if _weight_is_missing(basis, firm)]
    if unknown:
        text = N_("%(n)s firms have no figure for “%(basis)s” (%(names)s): add it, or share another way.")
        names = "、".join(unknown[:NAMED])
        return [because(text, "basis", n=len(unknown), basis=Reason(BASES[basis]), names=names)]
    if not any(weights(basis, firms)):
        return [
            because(N_("Every figure for “%(basis)s” is 0: share another way."), "basis", basis=Reason(BASES[basis]))
        ]
    return []


def _weight_is_missing(basis: Basis, firm: Firm) -> bool:
    return (basis is Basis.RENT and firm.rent_fen is None) or (basis is Basis.AREA and firm.area_cm2 is None)


def _hand_faults(total_fen: int, firms: Sequence[Firm], by_hand: Mapping[int, int]) -> list[Reason]:
    missing = [firm.name for firm in firms if firm.id not in by_hand]
    if missing:
        names = "、".join(missing[:NAMED])
        return [
            because(
                N_("%(n)s firms have no share (%(names)s): write one, 0 too."), "shares", n=len(missing), names=names
            )
        ]
    if any(not 0 <= share <= MOST_FEN for share in by_hand.values()):
        return [because(ABSURD, "shares", limit=yuan(MOST_FEN))]
    given = sum(by_hand[firm.id] for firm in firms)
    if given == total_fen:
        return []
    text = N_("The shares come to %(given)s yuan, %(gap)s more than agreed: take it off.")
    if given < total_fen:
        text = N_("The shares come to %(given)s yuan, %(gap)s less than agreed: add it.")
    return [because(text, "shares", given=yuan(given), gap=yuan(abs(given - total_fen)))]


def shares_of(
    basis: Basis, total_fen: int, firms: Sequence[Firm], by_hand: Mapping[int, int] | None = None
) -> list[tuple[int, int]]:
    """Weight and share of each firm, in the order given; the shares sum to the total. Check the faults first."""
    if basis is Basis.HAND:
        return [((by_hand or {})[firm.id], (by_hand or {})[firm.id]) for firm in firms]
    by_weight = weights(basis, firms)
    return list(zip(by_weight, shared(total_fen, by_weight), strict=True))


def received_above(shares: Mapping[int, int], received: Mapping[int, int], names: Mapping[int, str]) -> list[Reason]:
    """Why a new version cannot stand: it gives a firm less than has arrived there already."""
    over = [firm for firm, amount in received.items() if amount > shares.get(firm, 0)]
    if not over:
        return []
    text = N_("%(n)s firms have received more than this gives them (%(names)s): correct their receipts first.")
    named = "、".join(names.get(firm, str(firm)) for firm in over[:NAMED])
    return [because(text, "basis", n=len(over), names=named)]
