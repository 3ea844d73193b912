"""Tokens of one-time links: 192 bits of HMAC-SHA-256 over a random nonce with the server's key.

The database alone cannot make one: it keeps the nonce and the token's hash. Who sends a link can be shown it again.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets


def nonce() -> str:
    """A fresh nonce of a link."""
    return secrets.token_hex(16)


def token(key: str, purpose: str, made_with: str) -> str:
    """The secret part of a link's address, made again from its nonce; ``purpose`` keeps kinds of links apart."""
    digest = hmac.new(key.encode(), f"{purpose}:{made_with}".encode(), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def hashed(secret: str) -> str:
    """What the database keeps of a token, to find its link."""
    return hashlib.sha256(secret.encode()).hexdigest()
