"""The mark of a row that leaves to be edited: which thing it is, and what stood in it, so that no one need be believed.

A mark holds digests of the cells, never values. With them what the file says, what was taken out and what stands now
are told apart cell by cell, whoever changed what meanwhile.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

VERSION = "v1"
_SIZE = 3
_WIDTH = 2 * _SIZE
_EMPTY = "0" * _WIDTH


@dataclass(frozen=True, slots=True)
class Mark:
    """A mark as it was read: the number of the thing, its version when it left, and the digest of each column."""

    number: str
    version: int
    digests: Mapping[str, str]


def digest(key: bytes, number: str, column: str, text: str) -> str:
    """What tells one text of a cell from another; nobody without the key can try texts out on it. Empty is empty."""
    if not text:
        return _EMPTY
    said = f"{number}\0{column}\0{text}".encode()
    return hashlib.blake2b(said, digest_size=_SIZE, key=key).hexdigest()


def made(key: bytes, number: str, version: int, texts: Mapping[str, str], *, sign: str = VERSION) -> str:
    """The mark of a row: ``texts`` are its cells by column, ``sign`` says of which list."""
    digests = "".join(digest(key, number, name, text) for name, text in texts.items())
    said = f"{sign}.{number}.{version}.{digests}"
    return f"{said}.{_seal(key, said)}"


def sign_of(text: str) -> str:
    """Of which list a mark says it is; nothing of it is believed yet."""
    return text.strip().partition(".")[0]


def read(key: bytes, text: str, columns: Sequence[str], *, sign: str = VERSION) -> Mark | None:
    """The mark in a cell; None when it is none of this list, or was altered."""
    said, _, seal = text.strip().rpartition(".")
    parts = said.split(".")
    if len(parts) != 4 or parts[0] != sign or not hmac.compare_digest(seal.encode(), _seal(key, said).encode()):
        return None
    _, number, version, digests = parts
    if len(digests) != _WIDTH * len(columns):
        return None
    by_name = {name: digests[at * _WIDTH : (at + 1) * _WIDTH] for at, name in enumerate(columns)}
    return Mark(number, int(version), by_name)


def _seal(key: bytes, said: str) -> str:
    return hashlib.blake2b(said.encode(), digest_size=8, key=key).hexdigest()
