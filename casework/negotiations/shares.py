"""Sharing a sum to the fen by largest remainder (Hamilton's method). Pure: integers in, integers out.

The stated rule: everyone first gets the exact share rounded down to a whole fen; the fen that are left, fewer than
there are firms, go one each to the largest remainders; where remainders are equal the larger weight comes first,
then the earlier in the list. So the shares sum to the total, nobody is off the exact share by a whole fen, the same
input always gives the same shares, and a weight of nothing gets nothing.
"""

from __future__ import annotations

from collections.abc import Sequence


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
