"""What a value must be, strictly: a number is no text, a text no number, and what is unknown is named and refused.

The library's own fields are lenient ("0" is a number, 1 is true) and would accept what the description forbids.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate

from casework.kernel.errors import N_, Reason, because
from casework.kernel.forms import trimmed

MISSING = N_("Fill this in.")
UNKNOWN = N_("There is no such field: leave it out.")
NOT_TEXT = N_("Write a text in quotation marks.")
MOST_ID = 2**53
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
_MOMENT = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})")
_STATED: dict[str, Any] = {"required": MISSING, "null": N_("Leave it out instead of null.")}


def wrong(text: str, **values: object) -> ValidationError:
    """A fault of one value, to be said in the reader's language."""
    return ValidationError([because(text, None, **values)])


class Text(fields.String):
    """A text of limited length, in which the database can keep every character."""

    default_error_messages = {**_STATED, "invalid": NOT_TEXT}

    def __init__(self, *, most: int = 200, least: int = 0, pattern: str = "", **rest: Any) -> None:
        checks: list[Any] = [validate.Length(max=most, min=least or None)]
        if pattern:
            checks.append(validate.Regexp(f"^{pattern}$"))
        super().__init__(validate=checks, **rest)
        self.most, self.least = most, least
        self.pattern = re.compile(pattern) if pattern else None

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> str:
        if not isinstance(value, str):
            raise wrong(NOT_TEXT)
        if any("\ud800" <= character <= "\udfff" for character in value):
            raise wrong(N_("This text holds half a character: send valid UTF-8."))
        if len(value) > self.most:
            raise wrong(N_("Shorten this to %(limit)s characters."), limit=self.most)
        if self.pattern is not None and not self.pattern.fullmatch(value):
            raise wrong(N_("This is not written as it must be: see the description."))
        said = str(trimmed(value))
        if len(said) < self.least:
            raise wrong(MISSING)
        return said

    def _validate(self, value: Any) -> None:
        """Checked above, in our words; the library's checks are there for the description."""


class Whole(fields.Integer):
    """A whole number within limits; 41.0 is one, "41" and true are not."""

    default_error_messages = _STATED

    def __init__(self, *, least: int = 0, most: int = MOST_ID, **rest: Any) -> None:
        super().__init__(validate=validate.Range(min=least, max=most), **rest)
        self.least, self.most = least, most

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> int:
        is_number = isinstance(value, int | float) and not isinstance(value, bool)
        if not is_number or value != value or (isinstance(value, float) and not value.is_integer()):
            raise wrong(N_("Write a whole number."))
        if not self.least <= value <= self.most:
            raise wrong(N_("Write a number from %(least)s to %(most)s."), least=self.least, most=self.most)
        return int(value)

    def _validate(self, value: Any) -> None:
        """Checked above."""


class RowId(Whole):
    """The id of something that another answer named."""

    def __init__(self, **rest: Any) -> None:
        super().__init__(least=1, **rest)


class Flag(fields.Boolean):
    """True or false, and nothing that looks like it."""

    default_error_messages = _STATED

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> bool:
        if not isinstance(value, bool):
            raise wrong(N_("Write true or false."))
        return value


class Day(fields.Date):
    """A calendar day of Asia/Shanghai."""

    default_error_messages = _STATED

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> date:
        try:
            if isinstance(value, str) and _DAY.fullmatch(value):
                return date.fromisoformat(value)
        except ValueError:
            pass
        raise wrong(N_("Write a day like 2020-03-16."))


class Moment(fields.DateTime):
    """A moment with its offset from UTC."""

    default_error_messages = _STATED

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> datetime:
        try:
            if isinstance(value, str) and _MOMENT.fullmatch(value.upper()):
                return datetime.fromisoformat(value.upper()).astimezone(UTC)
        except (ValueError, OverflowError):
            pass
        raise wrong(N_("Write a moment with its offset, like 2020-03-16T09:00:00+08:00."))


class OneOf(fields.String):
    """One word of a closed set; its labels stand in the description."""

    default_error_messages = {**_STATED, "invalid": NOT_TEXT}

    def __init__(self, words: Sequence[str] | Mapping[Any, Any], **rest: Any) -> None:
        self.words = [str(word) for word in words]
        labels = [str(label) for label in words.values()] if isinstance(words, Mapping) else None
        super().__init__(validate=validate.OneOf(self.words, labels=labels), **rest)

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> str:
        if not isinstance(value, str) or value not in self.words:
            raise wrong(N_("Choose one of: %(words)s."), words=", ".join(self.words))
        return value

    def _validate(self, value: Any) -> None:
        """Checked above."""


class Many(fields.List[Any]):
    """A list of limited length."""

    default_error_messages = {**_STATED, "invalid": N_("Write a list in square brackets.")}

    def __init__(self, inner: Any, *, most: int = 100, least: int = 0, **rest: Any) -> None:
        super().__init__(inner, validate=validate.Length(max=most, min=least or None), **rest)
        self.most, self.least = most, least

    def _deserialize(self, value: Any, attr: Any, data: Any, **rest: Any) -> list[Any]:
        if isinstance(value, list) and not self.least <= len(value) <= self.most:
            raise wrong(N_("Send %(least)s to %(most)s of them."), least=self.least, most=self.most)
        return super()._deserialize(value, attr, data, **rest)

    def _validate(self, value: Any) -> None:
        """Checked above."""


class Later(fields.Nested):
    """One of many that are judged each by itself, when its turn comes: a fault of one refuses no other."""

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **rest: Any) -> Any:
        return value


class Shape(Schema):
    """The base of every body, query and answer: what is not declared is refused by name."""

    class Meta:
        unknown = RAISE

    error_messages = {"unknown": UNKNOWN, "type": N_("Write an object in curly brackets.")}


def reasons_of(error: ValidationError) -> list[Reason]:
    """Everything that is wrong, each with the path of its field."""
    return _flat(error.messages, "")


def _flat(said: Any, path: str) -> list[Reason]:
    if isinstance(said, Mapping):
        return [
            reason
            for name, inner in said.items()
            for reason in _flat(inner, path if name == "_schema" else f"{path}.{name}" if path else str(name))
        ]
    return [
        Reason(one.text, one.values, path or None) if isinstance(one, Reason) else Reason(str(one), {}, path or None)
        for one in (said if isinstance(said, list) else [said])
    ]
