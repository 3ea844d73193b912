"""An office to work in, and people who are signed in."""

from tests.cases.conftest import as_, office

__all__ = ["as_", "office"]
