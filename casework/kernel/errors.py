"""The errors a command may raise, each knowing its HTTP status, and the reasons fit for a person."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


def N_(text: str) -> str:  # noqa: N802 - the gettext convention
    """Mark an English sentence for translation where it is written, not where it is said."""
    return text


# How a message id is said; kernel.i18n puts the reader's language here, so that rules need not know of it.
_speaker: list[Callable[[str], str]] = [str]


def speak_by(translate: Callable[[str], str]) -> None:
    """Let reasons be said through ``translate`` from now on."""
    _speaker.append(translate)


@dataclass(frozen=True, slots=True)
class Reason:
    """One sentence for a person: an English message id, its values, and the field that it is about.

    ``str(reason)`` says it in the reader's language; values that are message ids of their own
    (state names, field labels) are given as ``Reason`` too and are translated with it.
    """

    text: str
    values: Mapping[str, object] = field(default_factory=dict)
    field: str | None = None

    def __str__(self) -> str:
        sentence = _speaker[-1](self.text)
        return sentence % {key: str(value) for key, value in self.values.items()} if self.values else sentence

    def kept(self) -> dict[str, object]:
        """The reason as JSON that leaves its sentence unsaid, so that each later reader gets their own language."""
        return {"text": self.text, "values": {name: _plain(value) for name, value in self.values.items()}}


def _plain(value: object) -> object:
    if isinstance(value, Reason):
        return {"text": value.text} if not value.values else str(value)
    return value if isinstance(value, int | str) else str(value)


def reason_kept(kept: Mapping[str, Any]) -> Reason:
    """The reason that was kept as JSON."""
    values = {name: Reason(one["text"]) if isinstance(one, dict) else one for name, one in kept["values"].items()}
    return Reason(kept["text"], values)


def because(text: str, field: str | None = None, /, **values: object) -> Reason:
    """Shorthand for a ``Reason`` with values."""
    return Reason(text, values, field)


class CaseworkError(Exception):
    """A refusal that the edge turns into an answer."""

    status = 500


class NotFound(CaseworkError):
    """It does not exist, or the asker may not know that it does."""

    status = 404


class NotPermitted(CaseworkError):
    """Known, but not theirs to do."""

    status = 403


class Refused(CaseworkError):
    """The command is not lawful now; ``reasons`` says why, all at once."""

    status = 422

    def __init__(self, reasons: Sequence[Reason] | Reason):
        self.reasons = [reasons] if isinstance(reasons, Reason) else list(reasons)
        super().__init__("; ".join(reason.text for reason in self.reasons))


class Unfit(Refused):
    """A request of another program that cannot be answered as it stands: with which status, of which ``kind``."""

    def __init__(self, status: int, reasons: Sequence[Reason] | Reason, *, kind: str = ""):
        self.status = status
        self.kind = kind
        super().__init__(reasons)


class Conflict(CaseworkError):
    """Somebody else changed the row meanwhile."""

    status = 409


class TooMany(CaseworkError):
    """A limit is reached; ``retry_after`` in seconds."""

    status = 429

    def __init__(self, retry_after: int = 60):
        self.retry_after = retry_after
        super().__init__("too many")


class Unavailable(CaseworkError):
    """The database or the storage cannot answer now."""

    status = 503
