"""Where the bytes lie: a folder or an S3 bucket, behind five verbs. Nothing is ever overwritten."""

from __future__ import annotations

import contextlib
import os
import secrets
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import IO, Any

import obstore
from flask import current_app
from obstore.store import LocalStore, S3Store

from casework.kernel.errors import Unavailable


class Missing(Exception):
    """No bytes lie under that key."""


@dataclass(frozen=True, slots=True)
class Stored:
    """One stored object: its key and when it was written."""

    key: str
    written_at: datetime


class Storage:
    """A store of bytes under random keys. ``address`` is a folder, or ``s3://bucket/prefix``.

    The keys of a bucket come from the usual AWS variables of the environment.
    """

    def __init__(self, address: str):
        self.address = address
        self._root: Path | None = None if "://" in address else Path(address).absolute()
        self._opened: tuple[int, Any] | None = None

    @property
    def _store(self) -> Any:
        """Opened late and once a process: its threads do not survive a fork."""
        if self._opened is None or self._opened[0] != os.getpid():
            if self._root is not None:
                self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
                self._opened = (os.getpid(), LocalStore(prefix=self._root))
            else:
                self._opened = (os.getpid(), S3Store.from_url(self.address))
        return self._opened[1]

    def put(self, file: IO[bytes]) -> str:
        """Keep the bytes of ``file`` for good and return their new key.

        Raises:
            Unavailable: they could not be kept; nothing half-written is left under a key.
        """
        token = secrets.token_hex(16)
        key = f"{token[:2]}/{token}"
        file.seek(0)
        try:
            if self._root is not None:
                _put_safely(self._root, key, file)
            else:
                obstore.put(self._store, key, file.read(), mode="create")
        except (OSError, obstore.exceptions.BaseError) as error:
            raise Unavailable("the file could not be stored") from error
        return key

    def get(self, key: str) -> bytes:
        """The bytes under a key.

        Raises:
            Missing: there are none.
            Unavailable: the storage does not answer.
        """
        try:
            return bytes(obstore.get(self._store, key).bytes())
        except (FileNotFoundError, ValueError) as error:  # no such key, or one that leads out
            raise Missing(key) from error
        except (OSError, obstore.exceptions.BaseError) as error:
            raise Unavailable("the storage does not answer") from error

    def stream(self, key: str) -> Iterator[bytes]:
        """The bytes under a key in pieces, for backups.

        Raises:
            Missing: there are none.
        """
        try:
            result = obstore.get(self._store, key)
        except (FileNotFoundError, ValueError) as error:  # no such key, or one that leads out
            raise Missing(key) from error
        for piece in result.stream():
            yield bytes(piece)

    def delete(self, key: str) -> None:
        """Remove the bytes under a key; only for what no row names. Nothing there is as good."""
        try:
            obstore.delete(self._store, key)
        except FileNotFoundError:
            return

    def is_writable(self) -> bool:
        """Whether bytes could be kept now; a bucket is asked by a listing, so that readiness writes nothing."""
        if self._root is not None:
            with contextlib.suppress(OSError):
                self._root.mkdir(parents=True, exist_ok=True, mode=0o700)
            return os.access(self._root, os.W_OK)
        try:
            next(iter(obstore.list(self._store)), None)
        except Exception:  # whatever the client raises, the bucket does not answer
            return False
        return True

    def all(self) -> Iterator[Stored]:
        """Everything that is kept, in no order."""
        for batch in obstore.list(self._store):
            for entry in batch:
                yield Stored(entry["path"], entry["last_modified"])


def _put_safely(root: Path, key: str, file: IO[bytes]) -> None:
    """Temporary file, fsync, link under the final name (create-only), fsync of the folder."""
    target = root / key
    incoming = root / "incoming"
    for folder in (incoming, target.parent):
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    temporary = incoming / secrets.token_hex(16)
    try:
        with open(temporary, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as out:
            shutil.copyfileobj(file, out)
            out.flush()
            os.fsync(out.fileno())
        os.link(temporary, target)
        for folder in (target.parent, root):
            _fsync_folder(folder)
    finally:
        temporary.unlink(missing_ok=True)


def _fsync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


_opened: dict[str, Storage] = {}


def current() -> Storage:
    """The storage that the settings of the running application name."""
    address = str(current_app.config["SETTINGS"].storage)
    if address not in _opened:
        _opened[address] = Storage(address)
    return _opened[address]
