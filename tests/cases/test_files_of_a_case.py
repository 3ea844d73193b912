"""Files in and out of a case by its pages: large photos arrive, wrong files say why, the ledger goes out."""

from __future__ import annotations

import io
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient
from PIL import Image

from casework.cases.workflow import State
from casework.cli.exporting import export
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.roster.commands import unit
from casework.roster.models import Unit
from casework.sheets.reading import read_table
from tests.factories import Office, a_case

SignIn = Callable[..., FlaskClient]
# The test client itself leaves the temporary file open into which it writes a large body.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")


def a_photo(megabytes: int) -> io.BytesIO:
    """A picture that does not compress: noise."""
    side = int((megabytes * 1024 * 1024 / 3) ** 0.5) + 1
    stream = io.BytesIO()
    Image.frombytes("RGB", (side, side), os.urandom(side * side * 3)).save(stream, "PNG")
    stream.seek(0)
    return stream


def attach(client: FlaskClient, number: str, stream: io.BytesIO, name: str) -> int:
    data = {"files": (stream, name), "kind": ""}
    return client.post(f"/cases/{number}/attachments", data=data, content_type="multipart/form-data").status_code


def test_a_photo_of_several_megabytes_is_sealed_into_the_case(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert attach(as_("officer"), case.number, a_photo(3), "现场.png") == 303
    kept = db.session.scalars(sa.select(Attachment).where(Attachment.case_id == case.id)).one()
    assert kept.name == "现场.png"
    assert kept.size > 3 * 1024 * 1024


def test_a_page_that_takes_no_files_refuses_two_megabytes(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    answer = as_("officer").post(f"/cases/{case.number}/notes", data={"text": "a" * 2_000_000, "op": "x"})
    assert answer.status_code == 413


def test_a_file_of_a_wrong_kind_is_refused_in_one_sentence_and_none_is_kept(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert attach(as_("officer"), case.number, io.BytesIO(b"<svg onload=alert(1)>"), "图.svg") == 422
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Attachment)) == 0


def test_a_file_is_served_only_to_those_who_may_know_of_the_case(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    attach(as_("officer"), case.number, a_photo(1), "现场.png")
    kept = db.session.scalars(sa.select(Attachment)).one()
    address = f"/cases/{case.number}/files/{kept.token}"
    served = as_("officer").get(address)
    assert served.status_code == 200
    assert served.headers["Content-Security-Policy"] == "sandbox"
    assert served.headers["Content-Disposition"].startswith("attachment")
    assert as_("sysadmin").get(address).status_code in (403, 404)


def test_the_ledger_goes_out_from_the_command_line_as_the_person_would_take_it(
    app: Flask, office: Office, tmp_path: Path
) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    target = tmp_path / "台账.xlsx"
    runner = app.test_cli_runner()
    done = runner.invoke(export, ["cases", str(target), "--as", office.people["desk"].username, "--json"])
    assert done.exit_code == 0, done.output
    table = read_table(target, target.name)
    assert [row.cells[0] for row in table.rows] == [case.number]
    refused = runner.invoke(export, ["cases", str(target), "--as", office.people["auditor"].username])
    assert refused.exit_code == 1
    assert "无权导出" in refused.output


def test_the_first_unit_of_an_installation_is_made_by_a_command(app: Flask, office: Office) -> None:
    area = office.areas["8801"].code
    runner = app.test_cli_runner()
    given = ["add", "--code", "t-9", "--name", "第 9 小组", "--kind", "team", "--area", area]
    assert runner.invoke(unit, given).exit_code == 0
    assert db.session.scalar(sa.select(Unit.name).where(Unit.code == "t-9")) == "第 9 小组"
    assert runner.invoke(unit, given).exit_code == 1
    assert "There is no area 1" in runner.invoke(unit, [*given[:-1], "1"]).output
