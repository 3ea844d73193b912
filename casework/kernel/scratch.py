"""Files that last as long as they are read: gone when the work ends, and swept when its process was killed before."""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

PREFIX = "casework-scratch-"
LEFT = timedelta(hours=2)
"""Nothing works so long on one file: what is older was left behind, and may hold names and numbers."""


@contextmanager
def holding(content: bytes, suffix: str) -> Iterator[Path]:
    """The bytes as a file, for as long as they are read."""
    with tempfile.NamedTemporaryFile(prefix=PREFIX, suffix=suffix) as file:
        file.write(content)
        file.flush()
        yield Path(file.name)


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, for as long as it is used."""
    with tempfile.TemporaryDirectory(prefix=PREFIX) as name:
        yield Path(name)


def sweep(now: datetime) -> int:
    """Remove what killed processes left; how many."""
    swept = 0
    for path in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        with contextlib.suppress(OSError):  # another's, or gone meanwhile
            if datetime.fromtimestamp(path.lstat().st_mtime, UTC) >= now - LEFT:
                continue
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            else:
                path.unlink()
            swept += 1
    return swept
