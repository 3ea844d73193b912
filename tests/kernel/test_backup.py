"""What an archive holds comes back as it was, and a damaged one changes nothing."""

from __future__ import annotations

import io
import shutil
import tarfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from casework.config import Settings
from casework.kernel import backup
from casework.kernel.db import db, transaction
from casework.kernel.models import JobState
from tests.harness import postgres

NOON = datetime(2020, 2, 14, 4, tzinfo=UTC)


@pytest.fixture
def filled(app: Flask, settings: Settings, database_kind: str, monkeypatch: pytest.MonkeyPatch) -> Settings:
    if database_kind == "postgresql":
        folder = postgres.binaries()
        if not (folder / "pg_dump").exists():
            pytest.skip("these binaries come without pg_dump")
        monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")
    with transaction():
        db.session.add(JobState(job="kept", next_due=NOON))
    place = Path(settings.storage) / "ab"
    place.mkdir(parents=True)
    (place / "abcdef").write_bytes(b"\x00picture")
    return settings


def jobs() -> list[str]:
    db.session.remove()
    db.engine.dispose()
    return list(db.session.scalars(sa.select(JobState.job)))


def change(settings: Settings) -> None:
    """What happens after the backup, and is gone when it is put back."""
    with transaction():
        db.session.add(JobState(job="later", next_due=NOON))
    (Path(settings.storage) / "ab" / "abcdef").write_bytes(b"bent")
    db.session.remove()
    db.engine.dispose()


def test_what_was_kept_comes_back(filled: Settings, tmp_path: Path) -> None:
    made = backup.make(tmp_path, filled, now=NOON)
    assert Path(made["path"]).name == "casework-20200214-040000.tar.gz"
    assert Path(made["path"]).stat().st_mode & 0o777 == 0o600
    change(filled)
    done = backup.put_back(Path(made["path"]), filled, replace=True, now=NOON)
    assert (made["files"], done["files"]) == (1, 1)
    assert jobs() == ["kept"]
    assert (Path(filled.storage) / "ab" / "abcdef").read_bytes() == b"\x00picture"
    assert (Path(done["aside"]) / "ab" / "abcdef").read_bytes() == b"bent"


def test_nothing_is_replaced_without_a_yes(filled: Settings, tmp_path: Path) -> None:
    made = backup.make(tmp_path / "a.tar.gz", filled, now=NOON)
    change(filled)
    with pytest.raises(backup.CannotKeep, match="--yes"):
        backup.put_back(Path(made["path"]), filled, replace=False, now=NOON)
    assert jobs() == ["kept", "later"]


def test_an_archive_is_never_written_over_something(filled: Settings, tmp_path: Path) -> None:
    target = tmp_path / "a.tar.gz"
    target.write_text("mine")
    with pytest.raises(backup.CannotKeep, match="exists already"):
        backup.make(target, filled, now=NOON)
    assert target.read_text() == "mine"


def _bend(archive: Path, name: str, content: bytes) -> None:
    """The archive with one member changed or added, and everything else as it was."""
    bent = archive.with_suffix(".bent")
    with tarfile.open(archive) as old, tarfile.open(bent, "w:gz") as new:
        for member in old:
            if member.name != name:
                new.addfile(member, old.extractfile(member))
        added = tarfile.TarInfo(name)
        added.size = len(content)
        new.addfile(added, io.BytesIO(content))
    shutil.move(bent, archive)


@pytest.mark.parametrize("name", ["files/ab/abcdef", "files/ab/foreign", "../outside", "/etc/outside", "manifest.json"])
def test_a_bent_archive_is_refused_and_nothing_is_changed(filled: Settings, tmp_path: Path, name: str) -> None:
    archive = Path(backup.make(tmp_path / "a.tar.gz", filled, now=NOON)["path"])
    _bend(archive, name, b"{}")
    change(filled)
    with pytest.raises(backup.CannotKeep, match=r"damaged|no archive"):
        backup.put_back(archive, filled, replace=True, now=NOON)
    assert jobs() == ["kept", "later"]
    assert (Path(filled.storage) / "ab" / "abcdef").read_bytes() == b"bent"


def test_something_else_is_no_archive(filled: Settings, tmp_path: Path) -> None:
    (tmp_path / "a.tar.gz").write_text("hello")
    with pytest.raises(backup.CannotKeep, match="no archive"):
        backup.put_back(tmp_path / "a.tar.gz", filled, replace=True, now=NOON)


def test_without_the_tool_there_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/x", secret_key="x" * 40)
    with pytest.raises(backup.CannotKeep, match="pg_dump is not installed"):
        backup.make(tmp_path / "a.tar.gz", replace(settings, storage=str(tmp_path)), now=NOON)
