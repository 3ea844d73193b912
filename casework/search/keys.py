"""The keys that every page knows: one table, from which the list behind ``?`` and the script are made.

A single letter is left to the queues (see ``static/js/keys.js``): here a letter always follows ``g``.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from casework.kernel.errors import N_


@dataclass(frozen=True, slots=True)
class Shortcut:
    """Keys, one after another with a blank between, and what they do: something of the script's, or open a page."""

    keys: str
    label: str
    does: str = ""
    href: str = ""


SHORTCUTS = (
    Shortcut("/", N_("Search"), does="find"),
    Shortcut("mod+k", N_("Go to a page, a case or an act"), does="palette"),
    Shortcut("?", N_("Show the keys"), does="keys"),
    Shortcut("g d", N_("My desk"), href="/"),
    Shortcut("g i", N_("Inbox"), href="/inbox"),
    Shortcut("g c", N_("Cases"), href="/cases"),
    Shortcut("g n", N_("New case"), href="/cases/new"),
    Shortcut("g l", N_("Log a visit"), href="/visit"),
    Shortcut("g e", N_("Enterprises"), href="/enterprises"),
    Shortcut("g v", N_("Visits"), href="/visits"),
    Shortcut("g w", N_("My week"), href="/week"),
    Shortcut("g r", N_("Review"), href="/reviews"),
    Shortcut("g b", N_("Call-backs"), href="/call-backs"),
    Shortcut("g o", N_("Supervision orders"), href="/orders"),
    Shortcut("g t", N_("Templates"), href="/templates"),
    Shortcut("g p", N_("People and units"), href="/people"),
)


def known_to(hrefs: Iterable[str]) -> list[Shortcut]:
    """The keys of somebody who may open these pages."""
    pages = set(hrefs)
    return [one for one in SHORTCUTS if not one.href or one.href in pages]
