"""How an entry is hashed: canonical JSON (RFC 8785 for the values we use: no floats), SHA-256."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

_ENCODER = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def canonical(value: Any) -> bytes:
    """The one byte form of a JSON value: sorted keys, no blanks, UTF-8."""
    return _ENCODER.encode(value).encode()


def commitment(payload: Mapping[str, Any], salt: str) -> str:
    """``H(salt ‖ payload)`` in hex: binds the entry to its payload without keeping it."""
    return hashlib.sha256(bytes.fromhex(salt) + canonical(payload)).hexdigest()


def entry_hash(
    *,
    chain: str,
    seq: int,
    at: datetime,
    actor_id: int | None,
    channel: str,
    request_id: str,
    verb: str,
    commitment: str,
    prev: str,
) -> str:
    """The hash of an entry over all its columns and its predecessor."""
    fields = {
        "chain": chain,
        "seq": seq,
        "at": at.isoformat(timespec="microseconds"),
        "actor": actor_id,
        "channel": channel,
        "request": request_id,
        "verb": verb,
        "commitment": commitment,
        "prev": prev,
        "alg": "sha256",
    }
    return hashlib.sha256(canonical(fields)).hexdigest()
