"""How alike two reports are: pairs of Chinese characters, the rare ones weighing more. Pure.

Cosine of binary pair vectors weighted by inverse document frequency (Salton, Buckley 1988), plus how much of each
title the other report holds: a title says the matter in few words, and a place or a firm that both name weighs by
itself, since few others do. Pairs, as everywhere in this product: no dictionary. The threshold was measured on
public messages (``benchmarks.intake``).
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from casework.kernel.words import runs

LIKELY, HINTED = 0.28, 0.10
TITLE = 0.5
SAME_FIRM, SAME_PHONE, SAME_LANDLORD, SAME_PLACE = 0.2, 0.25, 0.15, 0.05
SAME_KIND, SAME_ASK = 0.15, 0.15
LONGEST = 400  # characters that count: what follows is seldom the matter


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared. ``firm`` is an id, or its name while it is none of ours; ``landlords``: with whom one talks.

    ``kind`` and ``asks`` (what was asked of the other side) are given where they shall count.
    """

    key: int
    title: str
    text: str
    firm: str = ""
    phone: str = ""
    place: int = 0
    landlords: frozenset[int] = frozenset()
    kind: int = 0
    asks: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Alike:
    """Another report with how alike it is (0 to 1), and why: text, firm, phone, landlord, place, kind, asks."""

    key: int
    score: float
    why: tuple[str, ...]


# What every letter to an office says: in few reports it would look rare.
_COMMON = """
我们 他们 你们 尊敬 敬的 领导 您好 你好 请问 谢谢 感谢 问题 情况 希望 没有 现在 已经 因为 所以 可以
这个 一个 什么 怎么 是否
关于 反映 投诉 咨询 请求 建议 解决 有关 部门 请帮 帮助 帮忙 企业 公司 受理 诉求 疫情 期间 影响 目前 由于
导致 不能 无法 需要 要求 进行
"""
COMMON = frozenset(_COMMON.split())


def features(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of each Chinese run, and the Latin and digit runs whole."""
    found: set[str] = set()
    for run in runs(text[:LONGEST]):
        found.update((a + b for a, b in pairwise(run)) if run[0] > "\u2e7f" and len(run) > 1 else (run,))
    return frozenset(found - COMMON)


def weights(listed: Iterable[frozenset[str]]) -> Mapping[str, float]:
    """What each feature says: much when few reports have it."""
    counts: Counter[str] = Counter()
    total = 0
    for one in listed:
        counts.update(one)
        total += 1
    return {feature: math.log(1 + total / count) for feature, count in counts.items()}


@dataclass(frozen=True, slots=True)
class Read:
    """What the title of a report says and what it says in all, with how much each weighs among the others."""

    title: frozenset[str]
    text: frozenset[str]
    title_weight: float = 0.0
    text_weight: float = 0.0


def read(reports: Sequence[Report]) -> tuple[list[Read], Mapping[str, float]]:
    """Reports as they are compared with each other, and the weight of each feature among them."""
    words = [(features(one.title), features(f"{one.title}。{one.text}")) for one in reports]
    weight = weights(text for _, text in words)
    return [Read(title, text, _square(title, weight), _square(text, weight)) for title, text in words], weight


def _square(features: frozenset[str], weight: Mapping[str, float]) -> float:
    return sum(weight[feature] ** 2 for feature in features)


def said_alike(one: Read, other: Read, weight: Mapping[str, float]) -> float:
    """How alike two reports are by their words alone: 0 for nothing in common."""
    both = _square(one.text & other.text, weight)
    if not both:
        return 0.0
    cosine = both / math.sqrt(one.text_weight * other.text_weight)
    return cosine + TITLE * (_held(one, other, weight) + _held(other, one, weight)) / 2


def _held(one: Read, other: Read, weight: Mapping[str, float]) -> float:
    """How much of the title of one report another holds: 0 for nothing, 1 for all of it."""
    return _square(one.title & other.text, weight) / one.title_weight if one.title_weight else 0.0


def likely(report: Report, others: Sequence[Report], most: int = 5) -> list[Alike]:
    """The likely repeats of a report, most alike first. One firm or phone alone is none: a firm has many troubles."""
    return alike(report, others, most, hinted=HINTED, least=LIKELY)


def alike(report: Report, others: Sequence[Report], most: int, *, hinted: float, least: float) -> list[Alike]:
    """The reports most like one: alike by ``hinted`` in words alone, and by ``least`` in all."""
    (mine, *theirs), weight = read([report, *others])
    found = []
    for one, words in zip(others, theirs, strict=True):
        said = said_alike(mine, words, weight)
        shared = _shared(report, one)
        score = min(1.0, said + sum(shared.values()))
        if said >= hinted and score >= least:
            found.append(Alike(one.key, score, (*(["text"] if said >= LIKELY else []), *shared)))
    return sorted(found, key=lambda one: (-one.score, -one.key))[:most]


def _shared(one: Report, other: Report) -> dict[str, float]:
    same = {
        "firm": SAME_FIRM if one.firm and one.firm == other.firm else 0.0,
        "phone": SAME_PHONE if one.phone and one.phone == other.phone else 0.0,
        "landlord": SAME_LANDLORD if one.landlords & other.landlords else 0.0,
        "place": SAME_PLACE if one.place and one.place == other.place else 0.0,
        "kind": SAME_KIND if one.kind and one.kind == other.kind else 0.0,
        "asks": SAME_ASK if one.asks & other.asks else 0.0,
    }
    return {name: value for name, value in same.items() if value}
