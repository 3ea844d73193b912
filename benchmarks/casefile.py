"""``python -m benchmarks.casefile [--database URL]``: the whole file of a case with 200 entries and 40 photos, and its parts.

In process, on a fresh database; the photos are as large as a phone makes them (12 megapixels, some 2.5 MB).
"""

from __future__ import annotations

import argparse
import io
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path

from flask import Flask
from flask_migrate import upgrade
from PIL import Image, ImageFilter

from casework import create_app
from casework.casefile import making, queries, service
from casework.casefile.models import CaseFile
from casework.cases import service as cases
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.config import ROOT, Settings
from casework.files import service as files
from casework.kernel.db import db, transaction
from casework.kernel.time import utcnow
from casework.papers import slip_pdf
from tests.factories import Office, a_case, an_office
from tests.papers.test_slips import SLIP

ENTRIES, PHOTOS, SCANS = 200, 40, 3


def photos() -> list[bytes]:
    """Pictures that pack like some: soft noise over a colour, each another."""
    noise = Image.effect_noise((1000, 750), 60).convert("RGB").resize((4000, 3000)).filter(ImageFilter.GaussianBlur(2))
    made = []
    for no in range(PHOTOS):
        out = io.BytesIO()
        Image.blend(noise, Image.new("RGB", noise.size, (no * 6, 120, 200)), 0.3).save(out, "JPEG", quality=90)
        made.append(out.getvalue())
    return made


def large_case(office: Office) -> Case:
    """A case in work with so many entries, photos and scans."""
    now = utcnow() - timedelta(days=3)
    case = a_case(office, State.IN_PROGRESS, now=now)
    officer = office.actor("officer", now.date())
    sent = [(f"现场 {no}.jpg", content) for no, content in enumerate(photos())]
    sent += [(f"单据 {no}.pdf", slip_pdf.write(SLIP)) for no in range(SCANS)]
    for name, data in sent:
        sealed = files.take_in(io.BytesIO(data), name)
        with transaction():
            files.attach(sealed=sealed, case_id=case.id, kind="", actor_id=officer.user_id, now=now)
    for no in range(ENTRIES - 10):
        with transaction():
            case = db.session.get_one(Case, case.id)
            text = f"第 {no} 次联系：业主说租金可以商量，但要等银行的答复，约定三天后再谈，请商户代表一起到场。"
            cases.add_note(case, text, actor=officer, now=now + timedelta(minutes=no))
    return db.session.get_one(Case, case.id)


def measure(app: Flask, times: int) -> None:
    """Make the file again and again."""
    with app.app_context():
        office = an_office()
        case = large_case(office)
        weight = queries.weight(case)
        print(f"{weight.entries} entries, {weight.documents} documents to print; at once: {weight.at_once}")
        actor = office.actor("officer", utcnow().date())
        for _ in range(times):
            with transaction():
                case = db.session.get_one(Case, case.id)
                key = service.ask(case, locale="zh-CN", full=False, reason="", actor=actor, now=utcnow()).id
            began, cpu = time.perf_counter(), time.process_time()
            assert making.execute(key, now=utcnow())
            spent, cpu = time.perf_counter() - began, time.process_time() - cpu
            made = db.session.get_one(CaseFile, key)
            print(f"{spent:.2f} s, {cpu:.2f} s of CPU: {made.pages} pages, {made.size / 1e6:.1f} MB", flush=True)


def main() -> None:
    """Parse and measure."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.casefile", description=__doc__)
    parser.add_argument("--database", default="")
    parser.add_argument("--times", type=int, default=3)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        url = given.database or f"sqlite:///{name}/casework.db"
        settings = Settings(database_url=url, secret_key="x" * 40, storage=str(Path(name) / "files"), testing=True)
        app = create_app(settings)
        with app.app_context():
            upgrade(directory=str(ROOT / "migrations"))
        measure(app, given.times)


if __name__ == "__main__":
    sys.exit(main())
