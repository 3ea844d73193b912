"""From what a person typed to what a run keeps: one check for each kind of field, one sentence for each refusal.

Kept are: texts; numbers; money in fen; days and times in ISO form; keys of choices; phones, plates and credit codes in
their normal form; people as ``{"name", "id_tail", "phone"}``; ids of files; ``True`` for a declaration that was made.
"""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date, time
from typing import Any

from casework.enterprises.rules import compact, uscc_fault
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.money import parse_yuan
from casework.processes.conditions import is_empty
from casework.processes.definition import Field, Step, Words
from casework.processes.patterns import matches
from casework.processes.words import FieldKind

SHORT, LONG, MOST_PEOPLE, MOST_FILES = 200, 5000, 200, 20
_PROVINCES = "京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼"
_PLATE = re.compile(rf"^[{_PROVINCES}临][A-Z][A-HJ-NP-Z0-9]{{4,5}}[A-HJ-NP-Z0-9挂学警港澳]$")
_PHONE = re.compile(r"^(1[3-9]\d{9}|0\d{2,3}-?\d{7,8}(-\d{1,6})?|[48]00-?\d{3}-?\d{4}|\d{3,5})$")


def check(step: Step, given: Mapping[str, Any], *, locale: str = "zh") -> tuple[dict[str, Any], list[Reason]]:
    """The answers of a step in the form in which they are kept, and what is wrong with them, each at its field.

    What is given under names that the step does not ask for is left out. ``locale`` is the language in which the
    sentences name the fields.
    """
    kept: dict[str, Any] = {}
    wrong: list[Reason] = []
    for asked in step.asked:
        field = replace(asked, label=Words(asked.label.said(locale)), help=Words(asked.help.said(locale)))
        try:
            answer = _answer(field, given.get(field.key))
        except Refused as refusal:
            wrong.extend(Reason(reason.text, reason.values, field.key) for reason in refusal.reasons)
            continue
        if not is_empty(answer):
            kept[field.key] = answer
        elif field.required:
            wrong.append(_missing(field))
    return kept, wrong


def _missing(field: Field) -> Reason:
    if field.kind is FieldKind.DECLARATION:
        return because(
            N_("%(label)s: read it and tick it; without it nothing can go on."), field.key, label=label(field)
        )
    return because(N_("%(label)s: this is still missing."), field.key, label=label(field))


def label(field: Field) -> str:
    """What a sentence calls a field."""
    return field.label.zh or field.key


def _refused(field: Field, text: str, **values: object) -> Refused:
    return Refused(because(text, field.key, label=label(field), **values))


def _answer(field: Field, given: Any) -> Any:
    """One answer in its normal form.

    Raises:
        Refused: it is none; the sentence names the field and how to write it.
    """
    if isinstance(given, str):
        given = given.replace("\0", "").strip()
    return None if is_empty(given) else _READ[field.kind](field, given)


def _text(field: Field, given: Any) -> str:
    said, most = str(given), LONG if field.kind is FieldKind.LONG_TEXT else SHORT
    most = min(most, int(field.max)) if field.max is not None else most
    if len(said) > most:
        raise _refused(field, N_("%(label)s: this has %(n)s characters, at most %(most)s."), n=len(said), most=most)
    if field.min is not None and len(said) < field.min:
        raise _refused(field, N_("%(label)s: write at least %(least)s characters."), least=_plain(field.min))
    if field.pattern and not matches(field.pattern, said):
        if field.help.zh:
            raise _refused(field, N_("%(label)s: write it like this: %(help)s"), help=field.help.zh)
        raise _refused(field, N_("%(label)s: it does not have the form asked for, %(form)s."), form=field.pattern)
    return said


def _plain(value: float) -> str:
    return f"{value:.10g}"


def _in_range(field: Field, value: float) -> None:
    if field.min is not None and value < field.min:
        raise _refused(field, N_("%(label)s: at least %(least)s %(unit)s."), least=_plain(field.min), unit=field.unit)
    if field.max is not None and value > field.max:
        raise _refused(field, N_("%(label)s: at most %(most)s %(unit)s."), most=_plain(field.max), unit=field.unit)


def _number(field: Field, given: Any) -> float | int:
    typed = (
        unicodedata.normalize("NFKC", str(given)).replace(",", "").replace("−", "-").removesuffix(field.unit).strip()
    )
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", typed, re.ASCII) or not math.isfinite(value := float(typed)):
        raise _refused(field, N_("%(label)s: write a number, such as 18.6."))
    _in_range(field, value)
    return int(value) if value.is_integer() else value


def _money(field: Field, given: Any) -> int:
    try:
        fen = parse_yuan(str(given))
    except Refused:
        raise _refused(field, N_("%(label)s: write the sum in yuan, such as 8,800.50.")) from None
    _in_range(field, fen / 100)
    return fen


def _date(field: Field, given: Any) -> str:
    typed = unicodedata.normalize("NFKC", str(given)).replace("年", "-").replace("月", "-").removesuffix("日")
    pieces = re.split(r"[-/.]", typed)
    try:
        return date(*(int(piece) for piece in pieces)).isoformat() if len(pieces) == 3 else _no_date(field)
    except (ValueError, OverflowError):
        return _no_date(field)


def _no_date(field: Field) -> str:
    raise _refused(field, N_("%(label)s: write the day like 2026-03-16."))


def _time(field: Field, given: Any) -> str:
    found = re.fullmatch(r"(\d{1,2}):(\d{2})(?::\d{2})?", unicodedata.normalize("NFKC", str(given)), re.ASCII)
    try:
        return time(int(found[1]), int(found[2])).isoformat("minutes") if found else _no_time(field)
    except ValueError:
        return _no_time(field)


def _no_time(field: Field) -> str:
    raise _refused(field, N_("%(label)s: write the time like 17:30."))


def _choice(field: Field, given: Any) -> str:
    if given not in [choice.key for choice in field.choices]:
        raise _refused(field, N_("%(label)s: choose one of the answers offered."))
    return str(given)


def _choices(field: Field, given: Any) -> list[str]:
    picked = set(given if isinstance(given, list | tuple | set) else [given])
    if not picked <= {choice.key for choice in field.choices}:
        raise _refused(field, N_("%(label)s: choose among the answers offered."))
    _in_range(field, len(picked))
    return [choice.key for choice in field.choices if choice.key in picked]


def _phone(field: Field, given: Any) -> str:
    typed = re.sub(r"[\s()]", "", unicodedata.normalize("NFKC", str(given))).replace("—", "-")
    typed = re.sub(r"^\+?86(?=1)", "", typed)
    if not _PHONE.match(typed):
        raise _refused(field, N_("%(label)s: write a mobile number of 11 digits, or a landline with its area code."))
    return typed


def _plate(field: Field, given: Any) -> str:
    typed = re.sub(r"[\s·.•-]", "", unicodedata.normalize("NFKC", str(given))).upper()
    if not _PLATE.match(typed):
        raise _refused(field, N_("%(label)s: write the whole number plate, such as 粤B12345."))
    return typed


def _uscc(field: Field, given: Any) -> str:
    if fault := uscc_fault(str(given)):
        raise Refused(fault)
    return compact(str(given))


def _people(field: Field, given: Any) -> list[dict[str, str]]:
    """Names one a line, each with what follows it: the last characters of the identity card, a phone."""
    lines = given.splitlines() if isinstance(given, str) else given
    if not isinstance(lines, Sequence):
        raise _refused(field, N_("%(label)s: write one person a line: name, last four of the identity card, phone."))
    people = [_person(field, line, number) for number, line in enumerate(lines, 1) if line and str(line).strip()]
    if len(people) > MOST_PEOPLE:
        raise _refused(field, N_("%(label)s: at most %(most)s people."), most=MOST_PEOPLE)
    _in_range(field, len(people))
    return people


def _person(field: Field, line: Any, number: int) -> dict[str, str]:
    if isinstance(line, Mapping):
        line = " ".join(str(line.get(name, "")) for name in ("name", "id_tail", "phone"))
    words = re.split(r"[\s,，、;；]+", str(line).strip())
    person = {"name": words[0][:60]}
    for word in words[1:]:
        if re.fullmatch(r"1[3-9]\d{9}", word):
            person["phone"] = word
        elif re.fullmatch(r"\d{3}[\dXx]", word):
            person["id_tail"] = word.upper()
        else:
            said = N_("%(label)s, line %(line)s: “%(word)s” is neither a mobile number nor the last four of a card.")
            raise _refused(field, said, line=number, word=word[:30])
    return person


def _files(field: Field, given: Any) -> list[int]:
    ids = given if isinstance(given, list | tuple) else [given]
    if not all(isinstance(one, int) and not isinstance(one, bool) for one in ids):
        raise _refused(field, N_("%(label)s: attach the file again."))
    if len(ids) > MOST_FILES:
        raise _refused(field, N_("%(label)s: at most %(most)s files."), most=MOST_FILES)
    _in_range(field, len(ids))
    return list(ids)


def _declared(field: Field, given: Any) -> bool:
    return given in (True, "y", "yes", "on", "1", "true")


K = FieldKind
_READ: Mapping[FieldKind, Callable[[Field, Any], Any]] = {
    K.TEXT: _text,
    K.LONG_TEXT: _text,
    K.NUMBER: _number,
    K.MONEY: _money,
    K.DATE: _date,
    K.TIME: _time,
    K.CHOICE: _choice,
    K.CHOICES: _choices,
    K.PHONE: _phone,
    K.PLATE: _plate,
    K.USCC: _uscc,
    K.PEOPLE: _people,
    K.FILE: _files,
    K.PHOTO: _files,
    K.DECLARATION: _declared,
}
