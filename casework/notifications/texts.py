"""The texts of messages: one template for each kind and language, and what may stand in them.

A message holds the number of a case, the name of the enterprise, a time and a link. Nothing that people typed freely.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from casework.config import ROOT
from casework.kernel.permissions import Known
from casework.kernel.time import local

FOLDER = ROOT / "templates" / "email"
# An enterprise may be called anything; a run of digits in its name could be somebody's phone or identity card.
_DIGITS = re.compile(r"(?:\d[\s\-]?){7,}\d?")


@dataclass(frozen=True, slots=True)
class Text:
    """A message in one language: the subject is one line."""

    subject: str
    body: str


@lru_cache(maxsize=1)
def _environment() -> Environment:
    # Plain text: nothing is escaped here, and nothing of it is ever shown as a page.
    return Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=False,  # noqa: S701
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=False,
    )


def language_of(locale: str | None) -> str:
    """The part of a file's name: ``en`` or ``zh``."""
    return "en" if locale == "en" else "zh"


def one_line(text: str) -> str:
    """A text on one line: no line end or control character gets into a head."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text).split())


def firm_of(known: Known) -> str:
    """The name of an enterprise as a message may hold it: one line, without what could be a number of a person."""
    return _DIGITS.sub("…", one_line(known.firm))[:80]


def moment(when: datetime | None) -> str:
    """A time as messages say it."""
    return local(when).strftime("%m-%d %H:%M") if when else ""


def said(kind: str, known: Known, *, locale: str | None, link: str, due_at: datetime | None, base: str) -> Text:
    """One notice as a message."""
    return _rendered(kind, locale, number=known.number, firm=firm_of(known), link=link, due=moment(due_at), base=base)


def digest(items: Sequence[tuple[str, str]], *, locale: str | None, base: str) -> Text:
    """Several notices as one message; each is its line and its link."""
    return _rendered("digest", locale, items=items, count=len(items), base=base)


def trial(*, locale: str | None, base: str) -> Text:
    """The message that tries a channel."""
    return _rendered("test", locale, base=base)


def _rendered(name: str, locale: str | None, **values: Any) -> Text:
    template = _environment().get_template(f"{name}.{language_of(locale)}.txt")
    subject, _, body = template.render(**values).partition("\n")
    return Text(one_line(subject), body.strip() + "\n")
