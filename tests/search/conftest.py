"""An office to search in, and people who are signed in."""

from __future__ import annotations

from tests.cases.conftest import as_, office

__all__ = ["as_", "office"]
