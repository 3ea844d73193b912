"""``python -m benchmarks.intake FOLDER``: do the hints of the front door tell the truth?

Likely repeats, the suggested type and the place of an address are pure rules; here they are run on public texts that
are no part of this project: FOLDER holds ``gov-messages``, ``covid-policy-qa``, ``enterprises-shenzhen`` and
``admin-divisions`` as their publishers gave them. Only figures are printed; ``--show`` prints what went wrong.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from benchmarks.intake_truth import SAME
from casework.areas.places import stem
from casework.cases.types import PRESETS, WORDS
from casework.intake import likeness, rules
from casework.intake.likeness import LIKELY, Read, Report
from casework.intake.rules import Spot

MOST = 5
# The topics that many wrote about, found by reading: each in a place or firm, and of a matter.
TOPICS = (
    ("伊景园", "车位|捆绑|若干"), ("丽发", "搅拌"), ("搅拌", "小区|居民"), ("魅力之城", "油烟|噪音|夜宵|烧烤"),
    ("经济学院", "实习|工厂|打工"), ("58车贷", ""), ("泉星公园", ""), ("凯乐国际城", "路灯"),
)  # fmt: skip
# What the keyword of a question is here. Keywords are guesses of the publisher and may be several.
TYPES = {
    "rent": {"rent"}, "logistics_pass": {"shipping", "logistics", "pass"}, "reopening": {"filing"},
    "filing": {"filing", "tax"}, "finance": {"finance"}, "social_insurance": {"tax", "labour"}, "labour": {"labour"},
    "supplies": {"supplies"}, "tax": {"tax"},
}  # fmt: skip


def table(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


# -- likely repeats


@dataclass(frozen=True)
class Messages:
    """The messages as they are compared, who is whose repeat, and the features."""

    reports: list[Report]
    mates: dict[int, set[int]]
    words: list[Read]
    weight: Mapping[str, float]


def messages(folder: Path) -> Messages:
    rows = table(folder / "gov-messages" / "messages_hot_topics_part_a.csv")
    reports = [
        Report(at, " ".join(row["留言主题"].split()), " ".join(row["留言详情"].split())) for at, row in enumerate(rows)
    ]
    place_of = {row["留言编号"]: at for at, row in enumerate(rows)}
    groups: dict[str, set[int]] = defaultdict(set)
    for report in reports:
        groups[re.sub(r"\W", "", report.title)].add(report.key)
        told = f"{report.title}{report.text}"
        for name, matter in TOPICS:
            if name in told and re.search(matter, told):
                groups[f"{name}…"].add(report.key)
    read = [tuple(place_of[number] for number in pair.split("-")) for pair in SAME.split()]
    mates: dict[int, set[int]] = defaultdict(set)
    for group in [*groups.values(), *map(set, read)]:
        for one in group:
            mates[one] |= group - {one}
    return Messages(reports, {one: others for one, others in mates.items() if others}, *likeness.read(reports))


def near(told: Messages) -> list[tuple[int, int]]:
    """The pairs that share at least three features that fewer than one in twenty messages have."""
    holders: dict[str, list[int]] = defaultdict(list)
    for at, words in enumerate(told.words):
        for feature in words.text:
            holders[feature].append(at)
    shared: Counter[tuple[int, int]] = Counter()
    for listed in holders.values():
        if len(listed) < len(told.reports) / 20:
            shared.update(combinations(listed, 2))
    return [pair for pair, count in shared.items() if count > 2]


Scored = list[tuple[float, int, int]]


def hints(scored: Scored, threshold: float) -> dict[int, list[int]]:
    """For each message the five that score best, at the threshold or above."""
    found: dict[int, list[tuple[float, int]]] = defaultdict(list)
    for value, one, other in scored:
        if value >= threshold:
            found[one].append((value, other))
            found[other].append((value, one))
    return {one: [other for _, other in sorted(listed, reverse=True)[:MOST]] for one, listed in found.items()}


def measured(told: Messages, hinted: dict[int, list[int]]) -> str:
    shown = sum(map(len, hinted.values()))
    right = sum(other in told.mates.get(one, ()) for one, others in hinted.items() for other in others)
    wanted = sum(min(MOST, len(others)) for others in told.mates.values())
    any_right = sum(bool(set(hinted.get(one, ())) & others) for one, others in told.mates.items())
    return (
        f"{shown:5} hints, precision {right / max(1, shown):.2f}, recall {right / wanted:.2f}, "
        f"at least one right hint for {any_right / len(told.mates):.0%} of those with a repeat"
    )


def jaccard(one: frozenset[str], other: frozenset[str]) -> float:
    return len(one & other) / len(one | other) if one | other else 0.0


def duplicates(folder: Path, show: bool) -> None:
    told = messages(folder)
    print(f"Likely repeats: {len(told.reports)} messages, {len(told.mates)} of them have a repeat")
    pairs = near(told)

    def ours(one: int, other: int) -> float:
        return likeness.said_alike(told.words[one], told.words[other], told.weight)

    def same_title(one: int, other: int) -> float:
        return float(told.reports[one].title == told.reports[other].title)

    def texts(one: int, other: int) -> float:
        return jaccard(told.words[one].text, told.words[other].text)

    def titles(one: int, other: int) -> float:
        return jaccard(told.words[one].title, told.words[other].title)

    for name, score, thresholds in (
        ("same title", same_title, (1.0,)), ("Jaccard of the pairs of the texts", texts, (0.10, 0.15)),
        ("Jaccard of the pairs of the titles", titles, (0.25, 0.30)), ("ours", ours, (0.24, LIKELY, 0.32, 0.40)),
    ):  # fmt: skip
        scored = [(score(one, other), one, other) for one, other in pairs]
        for threshold in thresholds:
            print(f"  {name}, from {threshold:.2f}: {measured(told, hints(scored, threshold))}")
        if show and score is ours:
            _show_wrong(told, hints(scored, LIKELY))


def _show_wrong(told: Messages, hinted: dict[int, list[int]]) -> None:
    for one, others in hinted.items():
        for other in others:
            if one < other and other not in told.mates.get(one, ()):
                print("   ?", told.reports[one].title[:40], "|", told.reports[other].title[:40])


# -- the suggested type


def types(folder: Path, show: bool) -> None:
    rows = table(folder / "covid-policy-qa" / "enterprise_policy_qa_part_a.csv")
    words = [(row[0], WORDS.get(row[0], ())) for row in PRESETS]
    first = any_of_three = none = 0
    majority: Counter[str] = Counter()
    asked = [(row["question"], set(row["keyword_topics"].split("|")) - {"shenzhen_guangdong"}) for row in rows]
    asked = [(question, topics) for question, topics in asked if topics]
    for question, topics in asked:
        fitting = set().union(*(TYPES[topic] for topic in topics))
        majority.update(fitting)
        found = rules.suggested(question, words)
        first += bool(found) and found[0] in fitting
        any_of_three += bool(fitting & set(found))
        none += not found
        if show and not (fitting & set(found)):
            print("   ?", sorted(topics), found, question[:60])
    code, most = majority.most_common(1)[0]
    print(f"Suggested type: {len(asked)} questions; always “{code}” would be right for {most / len(asked):.1%}")
    print(
        f"  first suggestion right {first / len(asked):.1%}, one of three {any_of_three / len(asked):.1%}, none {none}"
    )


# -- the place of an address


def spots(folder: Path) -> list[Spot]:
    """The districts, subdistricts and communities of Shenzhen as the portal knows places."""
    found: dict[str, Spot] = {}
    for row in table(folder / "admin-divisions" / "shenzhen_district_street_community.csv"):
        above: frozenset[int] = frozenset()
        path = ""
        for level, kind, name in ((1, "district", "区"), (2, "subdistrict", "街道"), (3, "community", "社区")):
            code = row[f"{name}代码"]
            path = f"{path}▸{row[name]}"
            spot = found.setdefault(code, Spot(len(found) + 1, stem(row[name], kind), level, above, path))
            above = above | {spot.id}
    return list(found.values())


def written(address: str, known: Iterable[Spot]) -> tuple[str, str]:
    """What an address itself says: the stems of its subdistrict and community, empty where it names none of ours."""
    plain = "".join(address.split())
    streets = [one for one in known if one.level == 2 and f"{one.stem}街道" in plain]
    street = max(streets, key=lambda one: len(one.stem), default=None)
    inside = [
        one for one in known if one.level == 3 and street and street.id in one.above and f"{one.stem}社区" in plain
    ]
    community = max(inside, key=lambda one: len(one.stem), default=None)
    return (street.path if street else "", community.path if community else "")


def addresses(folder: Path, show: bool) -> None:
    known = spots(folder)
    rows = [row["注册地址"] for row in table(folder / "enterprises-shenzhen" / "enterprise_addresses_part_a.csv")]
    count: Counter[str] = Counter()
    for address in filter(None, rows):
        street, community = written(address, known)
        truth = community or street
        found = rules.places_in(address, known)
        count["given"] += 1
        if len(found) != 1:
            verdict = "open" if found else "nothing"
        elif not truth:
            verdict = "unchecked community" if found[0].level == 3 else "district or subdistrict, none written"
        elif found[0].path == truth or found[0].path.startswith(f"{truth}▸"):
            verdict = "right community" if found[0].level == 3 else "right subdistrict"
        else:
            verdict = "coarser" if truth.startswith(found[0].path) else "wrong"
        count[verdict] += 1
        if show and verdict not in ("right community", "right subdistrict"):
            print("   ?", verdict, address, [one.path for one in found][:3])
    print(f"Addresses: {count.pop('given')}, truth is the subdistrict and community that the address itself writes")
    for verdict, number in count.most_common():
        print(f"  {verdict}: {number}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.intake", description=__doc__)
    parser.add_argument("folder", type=Path, help="where the public texts lie")
    parser.add_argument("--show", action="store_true", help="print what was missed or wrong")
    given = parser.parse_args()
    for part in (types, addresses, duplicates):
        part(given.folder, given.show)


if __name__ == "__main__":
    main()
