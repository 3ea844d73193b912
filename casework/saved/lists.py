"""The lists whose filters can be kept under a name: each says where it is, who reads it and what its words find."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa

from casework.accounts.models import User
from casework.areas.models import Area
from casework.kernel.errors import N_, NotFound
from casework.kernel.permissions import Actor
from casework.roster.models import Unit

Words = Mapping[str, str]
"""The words of an address."""


@dataclass(frozen=True, slots=True)
class Gone:
    """What a word of an address names, when that still exists, and what is said when it does not."""

    column: Any
    alive: sa.ColumnElement[bool]
    said: str


PLACE = Gone(Area.id, sa.true(), N_("its area no longer exists"))
OPEN_UNIT = Gone(Unit.id, Unit.closed_on.is_(None), N_("its unit is closed"))
PERSON = Gone(User.id, User.disabled_at.is_(None), N_("its officer's account is closed"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A list with filters. ``read`` keeps what it understands of an address, ``said`` names it in the reader's words.

    ``ids`` selects the ids of the rows that the words find for somebody, in one column and in no order.
    """

    name: str
    label: str
    path: str
    permission: str
    hint: str
    read: Callable[[Words], dict[str, str]]
    ids: Callable[[Actor, Words, datetime], sa.Select[Any]]
    said: Callable[[Actor, Words], list[str]]
    named: Mapping[str, Gone] = field(default_factory=dict)

    @property
    def views(self) -> str:
        """Where its saved views are."""
        return f"{self.path}/views"


LISTS: dict[str, Listed] = {}


def address(path: str, words: Words) -> str:
    """A list with words of its filters."""
    return f"{path}?{urlencode(words)}" if words else path


def list_named(name: str) -> Listed:
    """A list.

    Raises:
        NotFound: there is none of this name.
    """
    if name not in LISTS:
        raise NotFound("list")
    return LISTS[name]


def install(*listed: Listed) -> None:
    """Let the filters of these be kept."""
    LISTS.update({one.name: one for one in listed})
