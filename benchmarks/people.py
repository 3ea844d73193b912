"""``python -m benchmarks.people``: a roster of 37,000 people in 701 teams, from a spreadsheet as officers lay it out.

The file has a merged title, a header of two rows, districts merged over their rows, totals, notes and a second sheet.
It is checked and imported by the command line, and again, on a fresh database, by the job of the page.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import json
import os
import random
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa
import xlsxwriter
from flask import Flask

from casework import create_app
from casework.accounts.models import User
from casework.areas import service as areas
from casework.areas.models import Area
from casework.audit import queries as audit
from casework.config import ROOT, Settings
from casework.files import storage
from casework.imports import running, runs
from casework.imports.importing import Setting
from casework.imports.models import ImportRun, RunState
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.roster.models import Posting, Unit
from casework.roster.queries import actor_for
from tests.harness.postgres import Cluster

DISTRICTS = 10
STREETS = 10
SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜"
GIVEN = "安博晨东帆刚航佳凯岚明宁鹏庆蓉思涛文晓扬志子"
BODIES = ("市税务局", "区住房建设局", "市场监督管理局", "区发展改革局", "市国资委", "区司法局", "团市委")
HONEST = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "shared_buffers": "512MB"}


def places() -> list[tuple[str, str]]:
    """District and subdistrict of each place where teams serve."""
    return [(f"第{d}区", f"第{d}区第{s}街道") for d in range(1, DISTRICTS + 1) for s in range(1, STREETS + 1)]


def write(path: Path, people: int, teams: int) -> None:
    """The list: every team has a lead, pairs, and people of several bodies."""
    chance = random.Random(37)
    book = xlsxwriter.Workbook(str(path), {"strings_to_numbers": False})
    sheet, middle = book.add_worksheet("名册"), book.add_format({"align": "center", "valign": "vcenter"})
    heads = (
        "序号",
        "区",
        "姓名",
        "手机号",
        "队伍编码",
        "队伍名称",
        "驻点街道",
        "派出单位",
        "原单位",
        "岗位",
        "AB岗",
        "到岗日期",
    )
    sheet.merge_range(0, 0, 0, len(heads) - 1, "全市下沉干部名册", middle)
    sheet.merge_range(1, 2, 1, 3, "人员", middle)
    sheet.merge_range(1, 4, 1, 7, "队伍", middle)
    for column in (0, 1, 8, 9, 10, 11):
        sheet.merge_range(1, column, 2, column, heads[column], middle)
    for column in (2, 3, 4, 5, 6, 7):
        sheet.write(2, column, heads[column])
    ground = places()
    share = people // teams
    line = 3
    for number in range(teams):
        district, street = ground[number % len(ground)]
        size = share + (1 if number < people - share * teams else 0)
        names = [chance.choice(SURNAMES) + chance.choice(GIVEN) + chance.choice(GIVEN) for _ in range(size)]
        phones = [f"1{chance.choice('3589')}{number:04d}{at:05d}" for at in range(size)]
        for at in range(size):
            other = at + 1 if at % 2 == 0 else at - 1
            row = (
                line - 2, district, names[at], phones[at], f"T{number + 1:04d}", f"第{number + 1}工作队", street,
                BODIES[number % len(BODIES)], chance.choice(BODIES), "队长" if at == 0 else "队员",
                phones[other] if other < size else "", "2020-02-10",
            )  # fmt: skip
            for column, value in enumerate(row):
                sheet.write(line, column, value)
            line += 1
    sheet.write(line, 0, "合计")
    sheet.write(line, 2, f"{people}人")
    sheet.merge_range(line + 2, 0, line + 2, 6, "注：AB岗填对方手机号；请勿更改表头。", middle)
    book.add_worksheet("填写说明").write(0, 0, "一队一名队长")
    book.close()


@contextlib.contextmanager
def fresh(kind: str) -> Iterator[tuple[Flask, dict[str, str]]]:
    """A database with the city's areas, and the environment of commands on it."""
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="casework-people-")))
        cluster = stack.enter_context(Cluster(HONEST)) if kind == "postgresql" else None
        url = cluster.url("postgres") if cluster else f"sqlite:///{folder / 'casework.db'}"
        clean = {name: value for name, value in os.environ.items() if not name.startswith("CASEWORK_")}
        environment = {**clean, "CASEWORK_DATABASE_URL": url, "CASEWORK_SECRET_KEY": "x" * 40}
        environment["CASEWORK_STORAGE"] = str(folder / "files")
        subprocess.run([ROOT / "bin" / "casework", "db", "upgrade"], env=environment, check=True, capture_output=True)
        app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=environment["CASEWORK_STORAGE"]))
        with app.app_context():
            with transaction():
                _ground()
            yield app, environment
            db.session.remove()
            db.engine.dispose()


def _ground() -> None:
    city = areas.add_area(code="88", name="江城市", level="city", parent=None)
    found: dict[str, Area] = {}
    for number, (district, street) in enumerate(places()):
        code = f"88{number // STREETS + 1:02d}"
        if district not in found:
            found[district] = areas.add_area(code=code, name=district, level="district", parent=city)
        areas.add_area(
            code=f"{code}{number % STREETS + 1:03d}", name=street, level="subdistrict", parent=found[district]
        )


def by_command(kind: str, path: Path) -> dict[str, object]:
    """Check, import, and import once more: what each took, in seconds of the clock."""
    with fresh(kind) as (_, environment):
        figures: dict[str, object] = {}
        for name, more in (("check", ["--dry-run"]), ("import", []), ("again", [])):
            command = [ROOT / "bin" / "casework", "import", "people", str(path), "--make-teams", "--json", *more]
            began, spent = time.perf_counter(), _children()
            done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
            figures[name] = round(time.perf_counter() - began, 1)
            figures[f"{name}: CPU"] = round(_children() - spent, 1)
            if done.returncode:
                sys.exit(done.stderr[-2000:])
            report = json.loads(done.stdout)
            figures[f"{name}: rows"] = {key: report[key] for key in ("created", "existing", "changed")}
            figures[f"{name}: refused"] = len(report["refused"])
            if name == "import":
                figures["effects"], figures["progress"] = report["effects"], len(done.stderr.splitlines())
        return figures


def _children() -> float:
    """CPU seconds of the commands that have ended; the database's server is not among them."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def by_page(kind: str, path: Path) -> dict[str, object]:
    """What the job of the page does with a file that was checked, with the rights of a district's administrator."""
    with fresh(kind) as (_app, _):
        content = path.read_bytes()
        with transaction():
            city = db.session.scalars(sa.select(Area).where(Area.code == "88")).one()
            office = Unit(code="office", name="指挥部", kind="office", area_id=city.id, domains=[])
            user = User(username="admin", name="钟立群", created_at=utcnow())
            db.session.add_all((office, user))
            db.session.flush()
            day = utcnow().date()
            db.session.add(
                Posting(user_id=user.id, unit_id=office.id, role="district_admin", area_id=city.id, from_on=day)
            )
            user_id = user.id
        actor = actor_for(user_id, utcnow().date())
        began = time.perf_counter()
        source = runs.read(content, path.name, "people", {})
        job = running.Job("people", source, Setting(actor, utcnow(), make_teams=True), path.name, "")
        report = running.check(job)
        checked = time.perf_counter() - began
        with transaction():
            run = ImportRun(
                target="people", filename=path.name, sha256=hashlib.sha256(content).hexdigest(), mapping={},
                storage_key=storage.current().put(path.open("rb")), options={"make_teams": True},
                status=RunState.WAITING, rows_total=len(source.rows), preview=runs.packed(report), report={},
                by_id=user_id, at=utcnow(),
            )  # fmt: skip
            db.session.add(run)
            db.session.flush()
            key = run.id
        began, spent = time.perf_counter(), time.process_time()
        runs.execute(key, now=utcnow())
        took, cpu = time.perf_counter() - began, time.process_time() - spent
        counts = {
            name: db.session.scalar(sa.select(sa.func.count()).select_from(table))
            for name, table in (("people", User), ("teams", Unit), ("postings", Posting))
        }
        verdict = audit.verify()
        done = db.session.get_one(ImportRun, key)
        return {
            "check": round(checked, 1), "import": round(took, 1), "import: CPU": round(cpu, 1), "counts": counts, "status": done.status,
            "rows_done": done.rows_done, "refused": len(done.report["refused"]), "chain": verdict.ok,
            "entries": verdict.entries,
        }  # fmt: skip


def main() -> None:
    """Write the file, measure, print one line of JSON a way."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.people", description=__doc__)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), default="sqlite")
    parser.add_argument("--people", type=int, default=37_000)
    parser.add_argument("--teams", type=int, default=701)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "名册.xlsx"
        write(path, given.people, given.teams)
        print(
            f"{given.database}: {given.people:,} people, {given.teams} teams, {path.stat().st_size:,} bytes", flush=True
        )
        print("command", json.dumps(by_command(given.database, path), ensure_ascii=False), flush=True)
        print("page", json.dumps(by_page(given.database, path), ensure_ascii=False), flush=True)


if __name__ == "__main__":
    main()
