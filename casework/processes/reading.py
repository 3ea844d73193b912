"""From a file to a definition: every property that cannot be read is named at its place, the rest is kept."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from casework.kernel.errors import N_, Reason, because
from casework.processes.conditions import DEEPEST, MOST_PARTS, parts
from casework.processes.definition import (
    Choice,
    Decision,
    Definition,
    Document,
    Field,
    Issue,
    Limit,
    Mistake,
    Step,
    Visit,
    Words,
)
from casework.processes.shapes import PATH, SHAPES, Spec
from casework.processes.words import FieldKind, Op

MOST_BYTES = 1024 * 1024
MADE: Mapping[str, Any] = {
    "template": Definition,
    "step": Step,
    "field": Field,
    "choice": Choice,
    "document": Document,
    "limit": Limit,
    "visit": Visit,
    "decision": Decision,
    "issue": Issue,
}
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


class Unreadable(ValueError):
    """The file is no JSON object; ``reason`` says so in one sentence."""

    def __init__(self, reason: Reason):
        self.reason = reason
        super().__init__(reason.text)


def load(content: bytes) -> dict[str, Any]:
    """The JSON object in a file.

    Raises:
        Unreadable: too large, no JSON, a name twice in one object, or something else than an object.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(Reason(N_("The file is larger than 1 MB: no template is. Choose the right file.")))
    try:
        found = json.loads(content.decode("utf-8-sig"), object_pairs_hook=_once, parse_constant=_no_number)
    except _Twice as error:
        raise Unreadable(because(N_("“%(name)s” stands twice in one object: keep one of them."), name=error)) from None
    except json.JSONDecodeError as error:
        said = N_("Line %(line)s, character %(column)s: this is not JSON any more. Look for a missing comma or quote.")
        raise Unreadable(because(said, line=error.lineno, column=error.colno)) from None
    except (ValueError, RecursionError):
        raise Unreadable(Reason(N_("The file is not JSON in UTF-8: export the template again."))) from None
    if not isinstance(found, dict):
        raise Unreadable(Reason(N_("The file holds no template: it should begin with { and end with }.")))
    return found


class _Twice(ValueError):
    pass


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in pairs:
        if name in found:
            raise _Twice(name[:60])
        found[name] = value
    return found


def _no_number(name: str) -> None:
    raise ValueError(name)


def read(data: Mapping[str, Any]) -> tuple[Definition | None, list[Mistake]]:
    """A definition, as far as it can be read, and what could not be; None when nothing is left of it."""
    reader = _Reader()
    found = reader.shape("template", data, "")
    if isinstance(found, Definition):
        return found, reader.mistakes
    return None, reader.mistakes


class _Reader:
    def __init__(self) -> None:
        self.mistakes: list[Mistake] = []
        self.step = ""

    def wrong(self, place: str, sentence: str, /, **values: object) -> Any:
        """Name a mistake; nothing is kept of what it is about."""
        self.mistakes.append(Mistake(place, because(sentence, **values), self.step))
        return None

    def shape(self, name: str, data: Any, place: str) -> Any:
        """The value of a shape, or None when a property is missing that it cannot do without."""
        if not isinstance(data, Mapping):
            return self.wrong(place, N_("Here stands something else than {…}."))
        if name == "step":
            self.step = data["key"] if isinstance(data.get("key"), str) else ""
        for unknown in data.keys() - SHAPES[name].keys():
            self.wrong(f"{place}/{unknown[:60]}", N_("“%(name)s” means nothing here: remove it."), name=unknown[:60])
        kept: dict[str, Any] = {}
        for part, spec in SHAPES[name].items():
            if data.get(part) is not None:
                value = self.value(spec, data[part], f"{place}/{part}")
                if value is not None:
                    kept[part] = value
            elif spec.required:
                self.wrong(f"{place}/{part}", N_("“%(name)s” is missing."), name=part)
        return self.made(name, kept)

    def made(self, name: str, kept: dict[str, Any]) -> Any:
        try:
            return MADE[name](**kept)
        except TypeError:  # a property that it needs was missing or wrong, and has been named
            return None

    def value(self, spec: Spec, data: Any, place: str) -> Any:
        kind, _, of = spec.kind.partition(":")
        if kind == "list":
            return self.listed(of, spec, data, place)
        if kind == "shape":
            return self.shape(of, data, place)
        if kind == "condition":
            return data if self.is_condition(data, place, 0) and self.is_short(data, place) else None
        return getattr(self, f"_{kind}")(spec, data, place)

    def listed(self, of: str, spec: Spec, data: Any, place: str) -> Any:
        if not isinstance(data, list):
            return self.wrong(place, N_("Here should stand a list: […]."))
        if not spec.low <= len(data) <= spec.high:
            self.wrong(place, N_("Here stand %(n)s: from %(low)s to %(high)s are possible."), n=len(data),
                       low=int(spec.low), high=int(spec.high))  # fmt: skip
        inner = Spec(kind="text", high=100, form=spec.form)
        found = []
        for index, item in enumerate(data[: int(spec.high)]):
            here = f"{place}/{index}"
            value = self._text(inner, item, here) if of == "text" else self.shape(of, item, here)
            if value is not None:
                found.append(value)
        if of == "step":
            self.step = ""
        return tuple(found)

    def _text(self, spec: Spec, data: Any, place: str) -> Any:
        if not isinstance(data, str):
            return self.wrong(place, N_("Here should stand a text in quotes."))
        said = data.strip()
        if len(said) > spec.high:
            return self.wrong(
                place, N_("This has %(n)s characters: at most %(most)s."), n=len(said), most=int(spec.high)
            )
        if _CONTROLS.search(said):
            return self.wrong(place, N_("This holds control characters: type it again."))
        if spec.form and said and not re.fullmatch(spec.form.strip("^$"), said):
            return self.wrong(place, N_("“%(text)s” cannot stand here."), text=said[:60])
        return said

    def _words(self, spec: Spec, data: Any, place: str) -> Any:
        if isinstance(data, str):
            said = self._text(spec, data, place)
            return None if said is None else Words(said)
        if not isinstance(data, Mapping) or data.keys() - {"zh", "en"}:
            return self.wrong(place, N_("Here should stand a text, or one in each language: {“zh”: …, “en”: …}."))
        zh, en = (self._text(spec, data.get(name, ""), f"{place}/{name}") for name in ("zh", "en"))
        return Words(zh or "", en or "")

    def _whole(self, spec: Spec, data: Any, place: str) -> Any:
        if isinstance(data, bool) or not isinstance(data, int) or not spec.low <= data <= spec.high:
            return self.wrong(
                place,
                N_("Here should stand a whole number from %(low)s to %(high)s."),
                low=int(spec.low),
                high=int(spec.high),
            )
        return data

    def _number(self, spec: Spec, data: Any, place: str) -> Any:
        if isinstance(data, bool) or not isinstance(data, int | float) or not spec.low <= data <= spec.high:
            return self.wrong(place, N_("Here should stand a number."))
        return data

    def _bool(self, spec: Spec, data: Any, place: str) -> Any:
        if not isinstance(data, bool):
            return self.wrong(place, N_("Here should stand true or false."))
        return data

    def _one_of(self, spec: Spec, data: Any, place: str) -> Any:
        if not isinstance(data, str) or data not in spec.values:
            return self.wrong(place, N_("Here stands “%(text)s”: one of %(values)s is possible."), text=str(data)[:60],
                              values=", ".join(spec.values))  # fmt: skip
        return FieldKind(data) if spec is SHAPES["field"]["kind"] else data

    def is_short(self, data: Any, place: str) -> bool:
        """Whether a condition that can be read has no more parts than anybody can follow."""
        if sum(1 for _ in parts(data)) <= MOST_PARTS:
            return True
        self.wrong(place, N_("The condition compares more than %(most)s times: divide the step."), most=MOST_PARTS)
        return False

    def is_condition(self, data: Any, place: str, deep: int) -> bool:
        """Whether this is of the closed grammar; what is not is named at its place."""
        if deep > DEEPEST:
            self.wrong(place, N_("The condition is nested deeper than %(most)s: divide the step."), most=DEEPEST)
            return False
        if isinstance(data, Mapping) and len(data) == 1:
            name, inside = next(iter(data.items()))
            if name == "not":
                return self.is_condition(inside, f"{place}/not", deep + 1)
            if name in ("all", "any") and isinstance(inside, list) and inside:
                read_well = [self.is_condition(part, f"{place}/{name}/{i}", deep + 1) for i, part in enumerate(inside)]
                return all(read_well)  # each is read, so that each mistake is named
        if isinstance(data, Mapping) and data.keys() <= {"field", "op", "value"} and _compares(data):
            return True
        self.wrong(place, N_("This is no condition: compare one answer, or join conditions by all, any or not."))
        return False


def _compares(data: Mapping[str, Any]) -> bool:
    field, op, value = data.get("field"), data.get("op"), data.get("value")
    if not isinstance(field, str) or not re.fullmatch(PATH.strip("^$"), field) or op not in list(Op):
        return False
    if op == Op.EMPTY:
        return value is None
    if op == Op.IN:
        return isinstance(value, list) and 0 < len(value) <= MOST_PARTS and all(_is_plain(one) for one in value)
    return _is_plain(value)


def _is_plain(value: Any) -> bool:
    if isinstance(value, str):
        return 0 < len(value) <= 200
    return isinstance(value, bool | int | float) and abs(value) < 1e15
