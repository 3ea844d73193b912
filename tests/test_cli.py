"""The command line and the server as a person starts them: real processes on a free port."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from casework import demo, seeding
from casework.audit import queries
from casework.cases.models import Case
from casework.config import ROOT
from casework.kernel import search
from casework.kernel.db import db
from casework.kernel.time import utcnow
from tests.harness.server import LiveServer


def commands_of(parent: int) -> dict[int, str]:
    """The processes below one, with their command lines."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid,args"], capture_output=True, text=True, check=True).stdout
    rows = [line.split(None, 2) for line in listing.splitlines()[1:]]
    found: dict[int, str] = {}
    new = {parent}
    while new:
        below = {int(pid): args for pid, ppid, args in rows if int(ppid) in new}
        found |= below
        new = set(below)
    return found


def is_alive(pid: int) -> bool:
    """Whether it runs; one that ended and waits to be collected does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def until(condition: object, seconds: float = 15) -> bool:
    """Whether something becomes true in time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():  # type: ignore[operator]
            return True
        time.sleep(0.05)
    return False


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the first start leaves behind: made once, as it takes long."""
    folder = tmp_path_factory.mktemp("founded") / "product"
    folder.mkdir()
    LiveServer(folder).stop()
    return folder


@pytest.fixture
def server(founded: Path, tmp_path: Path) -> Iterator[LiveServer]:
    shutil.copytree(founded, tmp_path / "product")
    server = LiveServer(tmp_path / "product")
    yield server
    server.stop()


def scheduler_of(server: LiveServer) -> list[int]:
    return [pid for pid, command in commands_of(server.pid).items() if " jobs" in command]


def test_serve_answers_brings_back_its_scheduler_and_ends_whole(server: LiveServer) -> None:
    assert until(lambda: scheduler_of(server))
    [scheduler] = scheduler_of(server)
    os.kill(scheduler, signal.SIGKILL)
    assert until(lambda: scheduler_of(server) not in ([], [scheduler]), 40)
    with urllib.request.urlopen(f"{server.url}/sign-in") as answer:
        assert answer.status == 200
    everybody = [server.pid, *commands_of(server.pid)]
    os.kill(server.pid, signal.SIGTERM)
    assert until(lambda: not any(map(is_alive, everybody)), 20)


def test_a_killed_server_leaves_nobody_behind(server: LiveServer) -> None:
    assert until(lambda: scheduler_of(server))
    everybody = list(commands_of(server.pid))
    os.kill(server.pid, signal.SIGKILL)
    assert until(lambda: not any(map(is_alive, everybody)), 20)


def test_commands_report_and_refuse_in_one_sentence(server: LiveServer, tmp_path: Path) -> None:
    told = json.loads(server.run("verify", "--json"))
    assert (told["ok"], told["first_bad"]) == (True, None)
    assert told["entries"] > 100
    [number] = _numbers(server)[:1]
    assert json.loads(server.run("verify", "--case", number, "--json"))["entries"] < 20
    server.run("db", "check")
    assert "/cases/<number>" in server.run("routes")
    server.run("backup", str(tmp_path / "b.tar.gz"))
    for arguments, sentence in (
        (["serve"], "is taken"),
        (["verify", "--case", "x"], "no case x"),
        (["restore", str(tmp_path / "b.tar.gz"), "--yes"], "Stop Casework first"),
    ):
        done = _refused(server, *arguments)
        assert done.returncode == 1, arguments
        assert sentence in done.stderr
        assert len(done.stderr.strip().splitlines()) == 1


def test_a_demo_that_stands_is_left_alone_and_a_foreign_database_is_refused(server: LiveServer, tmp_path: Path) -> None:
    assert "The demo is here already" in server.run("demo")
    foreign = {"CASEWORK_DATABASE_URL": f"sqlite:///{tmp_path}/foreign.db"}
    subprocess.run([ROOT / "bin" / "casework", "db", "upgrade"], env={**server.environment, **foreign}, check=True)
    engine = sa.create_engine(foreign["CASEWORK_DATABASE_URL"])
    with engine.begin() as connection:
        connection.execute(
            sa.text("""
            INSERT INTO users (username, name, phone, password_hash, theme, created_at, version)
            VALUES ('somebody', 'x', '', '', '', '2020-02-01 00:00:00.000000', 1)
        """)
        )
    engine.dispose()
    done = _refused(server, "demo", **foreign)
    assert done.returncode == 1
    assert "not the whole demo" in done.stderr


def test_production_refuses_the_demo_and_names_what_is_missing(server: LiveServer) -> None:
    production = {"CASEWORK_BASE_URL": "https://casework.example.org", "CASEWORK_SECRET_KEY": ""}
    done = _refused(server, "demo", **production)
    assert "CASEWORK_SECRET_KEY must be set" in done.stderr
    production["CASEWORK_SECRET_KEY"] = "x" * 40
    assert "production" in _refused(server, "demo", **production).stderr
    told = _refused(server, "check", "--deploy", "--json", **production)
    assert "CASEWORK_DATABASE_URL" in told.stdout


def test_a_bent_entry_is_named(server: LiveServer) -> None:
    engine = sa.create_engine(server.database_url)
    with engine.begin() as connection:
        connection.execute(sa.text("DROP TRIGGER events_no_update"))
        connection.execute(sa.text("UPDATE events SET verb = 'NoteAdded' WHERE chain = 'case:2' AND seq = 2"))
    engine.dispose()
    done = _refused(server, "verify", "--json")
    assert done.returncode == 1
    assert json.loads(done.stdout)["first_bad"].startswith("case:2#2: ")


def _refused(server: LiveServer, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [ROOT / "bin" / "casework", *arguments], env={**server.environment, **environment},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
    )  # fmt: skip


def _numbers(server: LiveServer) -> list[str]:
    engine = sa.create_engine(server.database_url)
    with engine.connect() as connection:
        found = [row[0] for row in connection.execute(sa.text("SELECT number FROM cases ORDER BY id"))]
    engine.dispose()
    return found


def test_seeded_cases_are_as_if_they_had_been_worked_on(app: Flask) -> None:
    demo.build(now=utcnow(), password="demo-pass-2020-gongye")
    before = queries.verify().entries
    made = seeding.seed(1200, now=utcnow())
    verdict = queries.verify()
    assert (verdict.first_bad, verdict.entries) == (None, before + made["entries"])
    numbers = list(db.session.scalars(sa.select(Case.number).order_by(Case.number)))
    assert len(set(numbers)) == len(numbers) > 1200
    found = set(db.session.scalars(search.matching("口罩")))
    masked = sa.select(Case.id).where(Case.text.contains("口罩") | Case.title.contains("口罩"))
    assert found >= set(db.session.scalars(masked)) != set()


def test_the_port_of_another_program_is_named(server: LiveServer) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = str(listener.getsockname()[1])
        done = _refused(server, "serve", CASEWORK_PORT=port)
    assert done.returncode == 1
    assert f"Port {port} is taken" in done.stderr
