"""How alike two reports are: pairs of Chinese characters, the rare ones weighing more. Pure.

Cosine of binary pair vectors weighted by inverse document frequency (Salton, Buckley 1988). Pairs, as everywhere in
this product: no dictionary, and a place or a firm that both name weighs by itself, since few others do. A title says
the matter in few words, so that two alike titles count beside the texts.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from casework.kernel.words import runs

LIKELY = 0.12
TITLE = 0.6
SAME_FIRM, SAME_PHONE, SAME_PLACE = 0.20, 0.30, 0.05
LONGEST = 400  # characters that count: what follows is seldom the matter


@dataclass(frozen=True, slots=True)
class Report:
    """What is compared. ``firm`` is an id, or its name while it is none of ours."""

    key: int
    title: str
    text: str
    firm: str = ""
    phone: str = ""
    place: int = 0


@dataclass(frozen=True, slots=True)
class Alike:
    """Another report with how alike it is (0 to 1), and why: text, firm, phone, place."""

    key: int
    score: float
    why: tuple[str, ...]


def features(text: str) -> frozenset[str]:
    """The pairs of neighbouring characters of each Chinese run, and the Latin and digit runs whole."""
    found: set[str] = set()
    for run in runs(text[:LONGEST]):
        found.update((a + b for a, b in pairwise(run)) if run[0] > "\u2e7f" and len(run) > 1 else (run,))
    return frozenset(found)


def weights(listed: Iterable[frozenset[str]]) -> Mapping[str, float]:
    """What each feature says: much when few reports have it."""
    counts: Counter[str] = Counter()
    total = 0
    for one in listed:
        counts.update(one)
        total += 1
    return {feature: math.log(1 + total / count) for feature, count in counts.items()}


def likeness(one: frozenset[str], other: frozenset[str], weight: Mapping[str, float]) -> float:
    """0 for nothing in common, 1 for the same features."""
    both = sum(weight[feature] ** 2 for feature in one & other)
    if not both:
        return 0.0
    return both / math.sqrt(_square(one, weight) * _square(other, weight))


def _square(features: frozenset[str], weight: Mapping[str, float]) -> float:
    return sum(weight[feature] ** 2 for feature in features)


def likely(report: Report, others: Sequence[Report], most: int = 5) -> list[Alike]:
    """The likely repeats of a report, most alike first. One firm or phone alone is none: a firm has many troubles."""
    everything = [report, *others]
    texts = {one.key: features(f"{one.title}。{one.text}") for one in everything}
    titles = {one.key: features(one.title) for one in everything}
    in_texts, in_titles = weights(texts.values()), weights(titles.values())
    found = []
    for one in others:
        said = max(
            likeness(texts[report.key], texts[one.key], in_texts),
            TITLE * likeness(titles[report.key], titles[one.key], in_titles),
        )
        shared = _shared(report, one)
        score = min(1.0, said + sum(shared.values()))
        if said >= LIKELY / 2 and score >= LIKELY:
            found.append(Alike(one.key, score, (*(["text"] if said >= LIKELY else []), *shared)))
    return sorted(found, key=lambda one: (-one.score, -one.key))[:most]


def _shared(one: Report, other: Report) -> dict[str, float]:
    same = {
        "firm": SAME_FIRM if one.firm and one.firm == other.firm else 0.0,
        "phone": SAME_PHONE if one.phone and one.phone == other.phone else 0.0,
        "place": SAME_PLACE if one.place and one.place == other.place else 0.0,
    }
    return {name: value for name, value in same.items() if value}
