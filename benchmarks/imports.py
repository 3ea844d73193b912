"""``python -m benchmarks.imports``: a ledger of 50,000 rows through the wizard's job, and taken back.

The file has a merged title, a header of two rows, a total and a note. What is measured is what an officer waits for:
reading and checking the file, importing it as the job does, taking it back. Each is done by a process of its own, of
which the peak of memory is told, and what the application takes before it has done anything.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib
import json
import multiprocessing
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import xlsxwriter

from benchmarks.people import fresh, places
from casework import create_app
from casework.accounts.models import User
from casework.areas.models import Area
from casework.audit import queries as audit
from casework.cases.models import Case
from casework.cases.types import plant
from casework.clocks.seed import seed_calendar
from casework.config import Settings
from casework.files import storage
from casework.imports import looking, runs, undoing
from casework.imports.models import ImportRun, RunState
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.roster.models import Posting, Unit
from casework.roster.queries import actor_for
from casework.sheets import reading as sheets
from casework.sheets import uploads

WORDS = (
    "因疫情影响商场停业两个月恳请减免租金口罩消毒液额温枪缺货无法复工员工隔离返岗困难物流车辆通行证办理银行贷款到期延期"
)
KINDS = ("租金", "物流", "用工", "税费", "融资")


@dataclass(frozen=True, slots=True)
class Address:
    """Where the database and the files are."""

    url: str
    secret: str
    storage: str


def write(path: Path, rows: int) -> None:
    """The ledger, as an office lays it out."""
    chance = random.Random(25)

    def said(length: int) -> str:
        return "".join(chance.choices(WORDS, k=length))

    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    sheet, middle = book.add_worksheet("问题台账"), book.add_format({"align": "center"})
    sheet.merge_range(0, 0, 0, 10, "全市企业复工复产问题台账", middle)
    for column, name in ((0, "序号"), (1, "问题编号"), (9, "上报日期"), (10, "办理情况")):
        sheet.merge_range(1, column, 2, column, name)
    sheet.merge_range(1, 2, 1, 5, "反映单位", middle)
    sheet.merge_range(1, 6, 1, 8, "问题", middle)
    sheet.write_row(2, 2, ["企业名称", "所在区", "街道", "联系人及方式"])
    sheet.write_row(2, 6, ["事项概述", "问题描述", "类别"])
    ground = places()
    for at in range(rows):
        district, street = ground[at % len(ground)]
        sheet.write_row(3 + at, 0, [
            at + 1, f"WT-{at:06d}", f"江城{said(4)}{at}有限公司", district, street, f"王{said(1)} 138{at:08d}",
            f"{said(12)}{at}", said(80), chance.choice(KINDS), f"2020.{at % 2 + 1}.{at % 28 + 1}",
            said(20) if at % 4 == 0 else "/",
        ])  # fmt: skip
    sheet.write(3 + rows, 0, "合计")
    sheet.write(3 + rows, 1, f"{rows}件")
    sheet.merge_range(5 + rows, 0, 5 + rows, 10, "注：请勿更改表头")
    book.close()


def reader_peak(path: Path) -> int:
    """What the process that reads the workbook takes at most, in megabytes."""
    script = Path(sheets.__file__).with_name("child.py")
    command = [sys.executable, "-I", str(script), str(path), "", str(sheets.MEMORY_MB)]
    watch = "import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL); "
    watch += "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    told = subprocess.run([sys.executable, "-I", "-c", watch, *command], capture_output=True, text=True, check=True)
    return round(int(told.stdout) / 1024)


def a_desk() -> int:
    """Somebody who may import cases for the whole city."""
    with transaction():
        plant()
        seed_calendar(db.session)
        city = db.session.scalars(sa.select(Area).where(Area.code == "88")).one()
        unit = Unit(code="desk", name="受理专班", kind="desk", area_id=city.id, domains=[])
        user = User(username="desk", name="周文静", created_at=utcnow())
        db.session.add_all((unit, user))
        db.session.flush()
        day = utcnow().date()
        db.session.add(Posting(user_id=user.id, unit_id=unit.id, role="desk", area_id=city.id, from_on=day))
        return user.id


def peak() -> int:
    """The most that this process has held in memory, in megabytes. Not ``ru_maxrss``: that of the parent counts there."""
    line = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    return round(int(line.group(1)) / 1024) if line else 0


def _alone(address: Address, stage: str, given: Any) -> tuple[Any, dict[str, object]]:
    """Do one stage in this process, which has done nothing before, and say what it took."""
    app = create_app(Settings(database_url=address.url, secret_key=address.secret, storage=address.storage))
    with app.app_context():
        importlib.import_module("casework.imports.jobs")  # what the job's process has loaded anyway
        bare, began, spent = peak(), time.perf_counter(), time.process_time()
        answer = STAGES[stage](given)
        return answer, {
            "seconds": round(time.perf_counter() - began, 1),
            "CPU": round(time.process_time() - spent, 1),
            "peak MB": peak(),
            "of it the bare application": bare,
        }


def alone(address: Address, stage: str, given: Any) -> tuple[Any, dict[str, object]]:
    """A stage in a process of its own, as the job is one: its answer and its figures."""
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as apart:
        return apart.submit(_alone, address, stage, given).result()


def upload(path: Path) -> int:
    """The file as it is uploaded, its columns confirmed as they are proposed; the run."""
    actor = actor_for(a_desk(), utcnow().date())
    assert actor is not None
    content = path.read_bytes()
    run = ImportRun(
        target="cases", filename=path.name, sha256=hashlib.sha256(content).hexdigest(), mapping={}, options={},
        storage_key="", status=RunState.DRAFT, rows_total=0, preview={}, report={}, by_id=actor.user_id, at=utcnow(),
    )  # fmt: skip
    looking.begin(run, content, actor, utcnow())
    fields = {one["at"]: [one["field"]] for one in run.preview["look"]["columns"] if one["field"]}
    run.mapping = looking.chosen("cases", fields, {})
    looking.check(run, uploads.table(content, run.filename, run.options), actor, utcnow())
    with transaction():
        run.storage_key, run.status = storage.current().put(path.open("rb")), RunState.WAITING
        db.session.add(run)
        db.session.flush()
        return run.id


def carry_on(key: int) -> None:
    """The import, as the job does it."""
    runs.execute(key, now=utcnow())


def take_back(key: int) -> None:
    """The import taken back, as the job does it."""
    with transaction():
        undoing.ask(db.session.get_one(ImportRun, key), "measured", now=utcnow())
    undoing.execute(key, now=utcnow())


STAGES: dict[str, Callable[[Any], Any]] = {"upload": upload, "import": carry_on, "take back": take_back}


def measure(kind: str, path: Path, *, undo: bool) -> dict[str, object]:
    """Seconds and megabytes of each step."""
    with fresh(kind) as (_, environment):
        address = Address(
            environment["CASEWORK_DATABASE_URL"], environment["CASEWORK_SECRET_KEY"], environment["CASEWORK_STORAGE"]
        )
        db.session.remove()
        key, figures = alone(address, "upload", path)
        told: dict[str, object] = {"read and checked": figures}
        _, told["imported"] = alone(address, "import", key)
        done = db.session.get_one(ImportRun, key)
        counted = {name: done.report[name] for name in ("rows", "created", "existing", "changed")}
        told |= {"status": str(done.status), **counted, "refused": len(done.report["refused"])}
        told["cases"] = db.session.scalar(sa.select(sa.func.count(Case.id)))
        told["peak MB of the reader"] = reader_peak(path)
        db.session.remove()
        if undo:
            _, told["taken back"] = alone(address, "take back", key)
        told["chain"] = audit.verify().ok
        return told


def main() -> None:
    """Write the file, measure, print one line of JSON."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.imports", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--rows", type=int, default=50_000)
    parser.add_argument("--undo", action="store_true", help="Take the import back as well.")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "台账.xlsx"
        writer = multiprocessing.get_context("spawn").Process(target=write, args=(path, given.rows))
        writer.start()  # apart: what the file takes to be made is not counted
        writer.join()
        print(f"{given.database}: {given.rows:,} rows, {path.stat().st_size:,} bytes", flush=True)
        print(json.dumps(measure(given.database, path, undo=given.undo), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
