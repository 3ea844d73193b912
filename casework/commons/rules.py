"""What can be done for many cases at once, what hinders one of them, and which cases look alike: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import combinations
from typing import Any

from casework.cases.rules import GUARDS, CaseFacts
from casework.cases.workflow import OPEN, STATE_LABELS, Action, Need, State, action_named
from casework.intake.likeness import Report, features, weights
from casework.kernel.errors import N_, Reason, because

MOST_CASES = 1000
AT_ONCE = 50
"""Up to so many cases the page moves itself; beyond, the job does."""
FEWEST = 3
ALIKE, ALIKE_TITLE = 0.3, 0.6
ALONE = 0.25
COMMON = 60
"""What more than so many of a hundred reports have says nothing."""

NOTE = Action(
    name="note",
    label=N_("Note to all"),
    sources=frozenset(State),
    needs=(Need("text", "text", N_("Note")),),
    says=N_("The same note stands on the story of each case."),
)
TELL = Action(
    name="tell",
    label=N_("Tell all requesters"),
    sources=OPEN,
    needs=(Need("text", "text", N_("What the requesters are to read")),),
    says=N_("It stands on the page that each requester opens with the code. It cannot be taken back."),
)
ATTACH = Action(
    name="attach",
    label=N_("Files to all"),
    sources=OPEN,
    says=N_("Each case gets its own sealed copy."),
)
URGE = Action(
    name="urge",
    label=N_("Urge on all"),
    sources=OPEN,
    needs=(Need("text", "text", N_("What is to be done")),),
    says=N_("Those who work on each are told at once. A case that was urged too often lately is left, and named."),
)
_OF_CASES = ("accept", "dispatch", "transfer", "level_up", "wait", "resume", "submit_result")
ACTIONS: tuple[Action, ...] = (
    *(found for name in _OF_CASES if (found := action_named(name))),
    NOTE,
    TELL,
    ATTACH,
    URGE,
)
TAG = Action(
    name="tag",
    label=N_("Add a tag"),
    sources=frozenset(State),
    needs=(Need("word", "text", N_("Tag")),),
    says=N_("A short word, by which they are found in the list again. It can be taken back afterwards."),
)
UNTAG = Action(
    name="untag",
    label=N_("Take a tag off"),
    sources=frozenset(State),
    needs=(Need("word", "text", N_("Tag")),),
    says=N_("Those that do not have it are left, and named. It can be taken back afterwards."),
)
ASSIGN, MERGE = (
    replace(
        found,
        needs=tuple(replace(need, required=True, help="") for need in found.needs if need.name in wanted),
        guards=(),  # they are asked again for each case, by the action itself
        says=says,
    )
    for found, wanted, says in (
        (
            action_named("assign") or TAG,
            ("officer", "reason"),
            N_("Who supports stays. It can be taken back where nobody has changed the lead since."),
        ),
        (
            action_named("merge") or TAG,
            ("other", "reason"),
            N_("One stays and goes on for all, the others end."),
        ),
    )
)
CHOSEN: tuple[Action, ...] = (TAG, UNTAG, URGE, ASSIGN, MERGE)
"""What can be done for cases that were chosen from the list."""
UNDOES: Mapping[str, str] = {"tag": "untag", "untag": "tag", "assign": "assign"}
"""What takes back which of them; the others cannot be."""
WITH_FILES = frozenset({"submit_result", "attach"})
_CHOSEN: Mapping[str, Action] = {action.name: action for action in CHOSEN}
_BY_NAME: Mapping[str, Action] = {action.name: action for action in ACTIONS}
_WITH_THE_ANSWER = frozenset({"evidence_is_complete", "other_is_open"})


def together(name: str) -> Action | None:
    """The action of that name, if it can be taken for many cases at once."""
    return _BY_NAME.get(name)


def for_chosen(name: str) -> Action | None:
    """The action of that name, if it can be taken for cases that were chosen from the list."""
    return _CHOSEN.get(name)


def of_move(name: str) -> Action | None:
    """The action of a move, of either kind."""
    return together(name) or for_chosen(name)


def taken_back(name: str) -> Action | None:
    """What a move of that name took back, as it was called."""
    return for_chosen(UNDOES.get(name, ""))


def hindrances(action: Action, facts: CaseFacts) -> list[Reason]:
    """Why a case cannot take the action now, before anything is filled in. Evidence comes with it."""
    if facts.state not in action.sources:
        early = facts.state in (State.SUBMITTED, State.ACCEPTED)
        text = N_("it is “%(state)s”: accept and dispatch it first") if early else N_("it is “%(state)s”")
        return [because(text, state=Reason(STATE_LABELS[facts.state]))]
    guards = [guard for guard in action.guards if guard not in _WITH_THE_ANSWER]
    return [reason for guard in guards for reason in GUARDS[guard](facts, {})]


def packed(answer: Mapping[str, Any]) -> dict[str, Any]:
    """An answer as JSON: days as text."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in answer.items()}


def unpacked(action: Action, kept: Mapping[str, Any]) -> dict[str, Any]:
    """The answer that was packed."""
    days = {need.name for need in action.needs if need.kind == "day"}
    return {name: date.fromisoformat(value) if name in days else value for name, value in kept.items()}


@dataclass(frozen=True, slots=True)
class Cluster:
    """Reports that look alike: the one that most others are like, and those others, most alike first."""

    middle: int
    others: tuple[int, ...]

    @property
    def keys(self) -> tuple[int, ...]:
        """All of them."""
        return (self.middle, *self.others)


def clusters(reports: Sequence[Report]) -> list[Cluster]:
    """Groups of at least three reports of different firms that are alike, largest first; each report is in one at most.

    The cosine of the texts, summed over an index of the features that not too many share. A group is
    one report with its neighbours, so that no chain of small likenesses joins what has nothing in common.
    """
    near = _neighbours(reports)
    firms = {one.key: one.firm for one in reports}
    found, taken = [], set[int]()
    for middle in sorted(near, key=lambda key: (-len(near[key]), -key)):
        if middle in taken:
            continue
        others = sorted((key for key in near[middle] if key not in taken), key=lambda key: (-near[middle][key], -key))
        if len(others) + 1 < FEWEST or len({firms[key] for key in (middle, *others)}) < FEWEST:
            continue
        taken |= {middle, *others}
        found.append(Cluster(middle, tuple(others)))
    return sorted(found, key=lambda one: (-len(one.others), -one.middle))


def _neighbours(reports: Sequence[Report]) -> dict[int, dict[int, float]]:
    """For each report those whose text or title is alike, with how much."""
    near = _near({one.key: features(f"{one.title}。{one.text}") for one in reports}, ALIKE)
    for key, others in _near({one.key: features(one.title) for one in reports}, ALIKE_TITLE).items():
        for other, score in others.items():
            near.setdefault(key, {})[other] = max(score, near.get(key, {}).get(other, 0.0))
    return near


def _near(texts: Mapping[int, frozenset[str]], alike: float) -> dict[int, dict[int, float]]:
    """For each text those that are alike, with how much.

    What one report alone has counts a quarter: names and numbers differ in any case, and weigh most. Weights are not
    squared as for repeats, since what many share is what is looked for here.
    """
    having: dict[str, list[int]] = {}
    for key, listed in texts.items():
        for feature in listed:
            having.setdefault(feature, []).append(key)
    weight = weights(texts.values())
    length = {
        key: sum(weight[feature] * (1 if len(having[feature]) > 1 else ALONE) for feature in listed) ** 0.5
        for key, listed in texts.items()
    }
    near: dict[int, dict[int, float]] = {}
    for (one, other), value in _shared(having, weight, len(texts)).items():
        score = value / (length[one] * length[other])
        if score >= alike:
            near.setdefault(one, {})[other] = near.setdefault(other, {})[one] = score
    return near


def _shared(
    having: Mapping[str, Sequence[int]], weight: Mapping[str, float], total: int
) -> Mapping[tuple[int, int], float]:
    """What each two reports share, feature by feature; what most of them have is left out."""
    most = max(FEWEST, total * COMMON // 100)
    shared: dict[tuple[int, int], float] = {}
    for feature, keys in having.items():
        if 1 < len(keys) <= most:
            value = weight[feature]
            for pair in combinations(keys, 2):
                shared[pair] = shared.get(pair, 0.0) + value
    return shared


def leader_of(given: str) -> tuple[int | None, int | None]:
    """Unit and person of a value like ``12-340``; None where there is none."""
    unit, _, person = given.partition("-")
    return _id(unit), _id(person)


def _id(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None
