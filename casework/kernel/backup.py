"""One archive of the database and the files, with a manifest of checksums; and the way back.

The database is copied first and the files after it: a file is stored before the row that names it, so the
archive holds every file that its database names. Nothing is overwritten on the way back: what was there is
put aside.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
import re
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from casework.config import Settings
from casework.kernel.db import sqlite_module

FORMAT = 1
ELSEWHERE = "The files lie in a bucket and are not in the archive: keep copies of the bucket itself."
_MEMBER = re.compile(r"manifest\.json|database\.(sqlite|dump)|files/[0-9A-Za-z._-]+(/[0-9A-Za-z._-]+)*")


class CannotKeep(Exception):
    """One sentence: why no archive was made, or why one was not put back."""


def make(target: Path, settings: Settings, *, now: datetime) -> dict[str, Any]:
    """Write an archive to a file, or under a name with the time into a folder.

    Raises:
        CannotKeep: the target exists, cannot be written, or the database's own tool is missing.
    """
    if target.is_dir():
        target = target / f"casework-{now:%Y%m%d-%H%M%S}.tar.gz"
    if target.exists():
        raise CannotKeep(f"{target} exists already: name another file.")
    partial = target.with_name(f"{target.name}.partial")
    try:
        with tempfile.TemporaryDirectory(prefix="casework-") as scratch:
            database = _dump(Path(scratch), settings)
            partial.touch(mode=0o600)
            manifest = _write(partial, database, settings, now)
        partial.replace(target)
    except OSError as error:
        raise CannotKeep(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        partial.unlink(missing_ok=True)
    note = {"note": ELSEWHERE} if _folder(settings) is None else {}
    return {
        "path": str(target),
        "files": len(manifest) - 1,
        "bytes": target.stat().st_size,
        "made_at": now.isoformat(),
        **note,
    }


def _folder(settings: Settings) -> Path | None:
    return None if "://" in settings.storage else Path(settings.storage)


def _write(target: Path, database: Path, settings: Settings, now: datetime) -> dict[str, str]:
    """Fill the archive; the checksums by member name."""
    sums: dict[str, str] = {}
    with tarfile.open(target, "w:gz", compresslevel=1) as archive:
        for name, path in [(database.name, database), *_files(_folder(settings))]:
            sums[name] = _sum(path)
            archive.add(path, arcname=name, recursive=False)
        manifest = {"format": FORMAT, "made_at": now.isoformat(), "sha256": sums}
        content = json.dumps(manifest, indent=1).encode()
        member = tarfile.TarInfo("manifest.json")
        member.size = len(content)
        archive.addfile(member, io.BytesIO(content))
    with target.open("rb") as written:
        os.fsync(written.fileno())
    return sums


def _files(folder: Path | None) -> Iterator[tuple[str, Path]]:
    for path in sorted(folder.rglob("*")) if folder and folder.is_dir() else ():
        name = f"files/{path.relative_to(folder).as_posix()}" if folder else ""
        if path.is_file() and _MEMBER.fullmatch(name):
            yield name, path


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def put_back(archive: Path, settings: Settings, *, replace: bool, now: datetime) -> dict[str, Any]:
    """Unpack and check an archive, then put its database and files in place.

    Raises:
        CannotKeep: it is damaged, or not of this kind of database, or something is there and ``replace`` is not given.
    """
    if not replace and (_has_tables(settings) or any(_files(_folder(settings)))):
        raise CannotKeep("There is data here already: give --yes to put it aside and take the archive's place.")
    parent = _place(settings)
    parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="restore-", dir=parent) as scratch:
        sums = _unpack(archive, Path(scratch))
        [database] = [name for name in sums if name.startswith("database.")]
        suffix = f"before-{now:%Y%m%d-%H%M%S}"
        aside = _load(Path(scratch) / database, settings, suffix)
        folder = _folder(settings)
        if folder is not None:
            aside = _take_place(Path(scratch) / "files", folder, suffix) or aside
    return {"files": len(sums) - 1, "aside": str(aside) if aside else None}


def _place(settings: Settings) -> Path:
    """Where to unpack: beside what will be replaced, so that putting in place is a renaming."""
    folder = _folder(settings)
    return folder.absolute().parent if folder else Path(tempfile.gettempdir())


def _unpack(archive: Path, scratch: Path) -> dict[str, str]:
    """Every member that belongs there, each with the sum of the manifest; the sums by name."""
    try:
        with tarfile.open(archive, "r:*") as packed:
            for member in packed:
                if not member.isfile() or not _MEMBER.fullmatch(member.name) or ".." in member.name.split("/"):
                    raise CannotKeep(f"{archive} is no archive of ours: it holds {member.name!r}.")
                path = scratch / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                content = packed.extractfile(member)
                with path.open("wb") as file:
                    shutil.copyfileobj(content, file) if content else None
        sums: dict[str, str] = json.loads((scratch / "manifest.json").read_text())["sha256"]
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        raise CannotKeep(f"{archive} is damaged or no archive of `casework backup`.") from error
    for name, expected in sums.items():
        path = scratch / name
        if not _MEMBER.fullmatch(name) or not path.is_file() or _sum(path) != expected:
            raise CannotKeep(f"{archive} is damaged: {name} is not what the manifest says.")
    found = {path.relative_to(scratch).as_posix() for path in scratch.rglob("*") if path.is_file()}
    if found - set(sums) != {"manifest.json"} or sum(name.startswith("database.") for name in sums) != 1:
        raise CannotKeep(f"{archive} is damaged: its manifest does not name what it holds.")
    return sums


def _take_place(fresh: Path, place: Path, suffix: str) -> Path | None:
    """Rename what is at a place, and the fresh thing to it; where the old one lies now."""
    aside = None
    if place.exists():
        aside = place.with_name(f"{place.name}.{suffix}")
        place.rename(aside)
    if fresh.exists():
        shutil.move(fresh, place)
    return aside


# -- the two databases


def _is_sqlite(settings: Settings) -> bool:
    return settings.database_url.startswith("sqlite")


def _sqlite_path(settings: Settings) -> Path:
    return Path(str(sa.make_url(settings.database_url).database))


def _has_tables(settings: Settings) -> bool:
    if _is_sqlite(settings):
        return _sqlite_path(settings).exists()
    engine = sa.create_engine(settings.database_url)
    try:
        return bool(sa.inspect(engine).get_table_names())
    finally:
        engine.dispose()


def _dump(scratch: Path, settings: Settings) -> Path:
    if not _is_sqlite(settings):
        target = scratch / "database.dump"
        _run_tool("pg_dump", settings, scratch, "--format=custom", "--no-owner", f"--file={target}")
        return target
    target = scratch / "database.sqlite"
    with (
        closing(sqlite_module().connect(f"file:{_sqlite_path(settings)}?mode=ro", uri=True)) as source,
        closing(sqlite_module().connect(target)) as copy,
    ):
        source.backup(copy, pages=2000, sleep=0.01)
        copy.execute("PRAGMA journal_mode=DELETE")  # one file, no companions
        _must_be_whole(copy, target)
    return target


def _must_be_whole(connection: Any, path: Path) -> None:
    try:
        answer = connection.execute("PRAGMA integrity_check").fetchone()[0]
    except sqlite_module().DatabaseError as error:
        answer = str(error)
    if answer != "ok":
        raise CannotKeep(f"The database {path.name} is damaged: {answer}.")


def _load(database: Path, settings: Settings, suffix: str) -> Path | None:
    wanted = "database.sqlite" if _is_sqlite(settings) else "database.dump"
    if database.name != wanted:
        raise CannotKeep("The archive is of the other kind of database: set CASEWORK_DATABASE_URL to the same kind.")
    if not _is_sqlite(settings):
        options = ["--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error", str(database)]
        _run_tool("pg_restore", settings, database.parent, *options)
        return None
    with closing(sqlite_module().connect(database)) as connection:
        _must_be_whole(connection, database)
    path = _sqlite_path(settings)
    path.parent.mkdir(parents=True, exist_ok=True)
    for companion in ("-wal", "-shm", "-journal"):
        _take_place(Path(f"{database}{companion}"), Path(f"{path}{companion}"), suffix)
    return _take_place(database, path, suffix)


def _run_tool(name: str, settings: Settings, scratch: Path, *arguments: str) -> None:
    """Run a program of PostgreSQL; the password goes by a file that only we can read."""
    program = shutil.which(name)
    if program is None:
        raise CannotKeep(f"{name} is not installed: install PostgreSQL's client programs, then try again.")
    url = sa.make_url(settings.database_url).set(drivername="postgresql")
    if url.password:
        secret = scratch / "passfile"
        secret.touch(mode=0o600)
        secret.write_text("*:*:*:*:" + str(url.password).replace("\\", "\\\\").replace(":", "\\:") + "\n")
        url = url.set(password=None).update_query_dict({"passfile": str(secret)})
    address = url.render_as_string(hide_password=False)
    command = [program, f"--dbname={address}", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - found on PATH
    if done.returncode:
        raise CannotKeep(
            f"{name}: {done.stderr.strip().splitlines()[-1] if done.stderr.strip() else 'no reason given'}"
        )
