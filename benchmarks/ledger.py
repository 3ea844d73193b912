"""What taking out a ledger costs: `python -m benchmarks.ledger [--cases N] [--database URL]`.

Seeded cases on a fresh database, the whole ledger of a district as XLSX and as CSV, each in a process of its own: seconds,
CPU, megabytes of memory in all, of file. Then 2,000 rows of it coming back.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from flask_babel import force_locale
from flask_migrate import upgrade

from casework import create_app
from casework.accounts.queries import by_username
from casework.config import ROOT, Settings
from casework.kernel.db import db
from casework.kernel.i18n import LANGUAGES, speaking
from casework.kernel.permissions import Actor
from casework.kernel.time import utcnow
from casework.ledgers import returns, taking_out
from casework.ledgers.taking_out import LISTS, Asked
from casework.roster.queries import actor_for
from casework.seeding import seed
from tests.factories import an_office

BAR_SECONDS, BAR_MEGABYTES = 10, 150


def main() -> None:
    """Seed, then measure; with ``--part`` one measurement on what was seeded."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--database", default="")
    parser.add_argument("--cases", type=int, default=50_000)
    parser.add_argument("--part", default="")
    parser.add_argument("--folder", default="")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or made
        url = given.database or f"sqlite:///{Path(folder) / 'ledger.db'}"
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=folder, testing=True))
        with app.app_context(), speaking("zh-CN"), force_locale(LANGUAGES["zh-CN"]):
            if given.part:
                measure(given.part, Path(folder))
                return
            upgrade(directory=str(ROOT / "migrations"))
            an_office()
            seed(given.cases, now=utcnow())
            db.session.remove()
            db.engine.dispose()
        for part in ("xlsx", "csv", "back"):
            command = [sys.executable, "-m", "benchmarks.ledger", "--database", url, "--folder", folder, "--part", part]
            subprocess.run(command, check=True)


def measure(part: str, folder: Path) -> None:
    """One measurement in a process of its own, so that each counts its own memory."""
    user = by_username("district_admin")
    actor = actor_for(user.id, utcnow().date()) if user else None
    assert actor is not None
    back(actor, folder) if part == "back" else out(actor, part, folder)


def out(actor: Actor, form: str, folder: Path) -> None:
    """The whole ledger as one file."""
    asked = Asked(actor, {"scope": "all"}, utcnow(), form=form)
    start, spent = time.perf_counter(), time.process_time()
    with (folder / f"ledger.{form}").open("w+b") as file:
        taken = taking_out.write(file, LISTS["cases"], asked)
    seconds, cpu = time.perf_counter() - start, time.process_time() - spent
    print(
        f"{taken.rows:,} rows as {form}: {seconds:.1f} s, {cpu:.1f} s of CPU (bar {BAR_SECONDS}), "
        f"{peak():.0f} MB (bar {BAR_MEGABYTES}), file {taken.size / 2**20:.1f} MB",
        flush=True,
    )


def back(actor: Actor, folder: Path) -> None:
    """Two thousand rows of the CSV as they were, compared."""
    lines = (folder / "ledger.csv").read_text(encoding="utf-8-sig").splitlines()[:2001]
    edited = "\n".join(lines).encode("utf-8-sig")
    start = time.perf_counter()
    made, found = returns.compared(edited, "ledger.csv", actor=actor, now=utcnow())
    print(f"{made.rows_total:,} rows compared, {len(found)} differ: {time.perf_counter() - start:.1f} s", flush=True)


def peak() -> float:
    """Megabytes that this process had at most; what the one that began it had is not counted."""
    status = Path("/proc/self/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


if __name__ == "__main__":
    main()
