"""Files that were being read when their process was killed are swept; those in use are left."""

from __future__ import annotations

import os
import tempfile
from datetime import timedelta
from pathlib import Path

import pytest

from casework.kernel import scratch
from casework.kernel.time import utcnow


def test_what_a_killed_process_left_is_swept_and_nothing_else(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    now = utcnow()
    old = (now - timedelta(hours=3)).timestamp()
    (tmp_path / f"{scratch.PREFIX}a.upload").write_bytes(b"13800138000")
    (tmp_path / f"{scratch.PREFIX}b").mkdir()
    (tmp_path / f"{scratch.PREFIX}b" / "home.xlsx").write_bytes(b"13800138000")
    (tmp_path / "anothers").write_bytes(b"")
    for path in tmp_path.iterdir():
        os.utime(path, (old, old))
    with scratch.holding(b"in use", ".upload") as used, scratch.folder() as folder:
        assert scratch.sweep(now) == 2
        assert sorted(tmp_path.iterdir()) == sorted([tmp_path / "anothers", used, folder])
    assert list(tmp_path.iterdir()) == [tmp_path / "anothers"]
