"""The commands: a log in from a file, and out again, with their reports."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import CliRunner
from flask.testing import FlaskClient

from casework.audit.models import Event
from casework.cli.exporting import export
from casework.imports.commands import import_
from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.kpis.jobs import count
from tests.factories import Office, a_posting
from tests.kpis.test_logs import HEAD, MAP, ROWS, As


@pytest.fixture
def files(tmp_path: Path) -> tuple[str, str]:
    (tmp_path / "log.csv").write_text(HEAD + ROWS)
    (tmp_path / "map.json").write_text(json.dumps(MAP))
    return str(tmp_path / "log.csv"), str(tmp_path / "map.json")


def test_a_log_goes_in_and_out_by_command(office: Office, files: tuple[str, str], tmp_path: Path) -> None:
    log, mapping = files
    db.session.rollback()
    dry = CliRunner().invoke(import_, ["log", log, "--map", mapping, "--dry-run", "--json"])
    assert json.loads(dry.output)["cases"] == 2
    done = CliRunner().invoke(import_, ["log", log, "--map", mapping, "--as", "district_admin", "--json"])
    assert done.exit_code == 0, done.output
    report = json.loads(done.stdout)
    assert (report["rows"], report["created"], report["refused"]) == (5, 5, [])
    again = json.loads(CliRunner().invoke(import_, ["log", log, "--map", mapping, "--json"]).stdout)
    assert (again["created"], again["existing"]) == (0, 5)
    count(utcnow())
    for form in ("xes", "ocel"):
        out = tmp_path / f"out.{form}"
        asked = [form, str(out), "--as", "district_admin", "--filter", "span=year&on=2019-05-06", "--json"]
        written = CliRunner().invoke(export, asked)
        assert json.loads(written.output)["cases"] == 2, written.output
        assert "Decide" in out.read_text()
    assert db.session.scalar(sa.select(sa.func.count()).where(Event.verb == "EventLogExported")) == 2


def test_a_command_says_in_a_sentence_what_is_wrong(office: Office, files: tuple[str, str], tmp_path: Path) -> None:
    log, mapping = files
    Path(mapping).write_text("{")
    broken = CliRunner().invoke(import_, ["log", log, "--map", mapping])
    assert (broken.exit_code, broken.output.startswith("Error: ")) == (1, True)
    nobody = CliRunner().invoke(export, ["xes", str(tmp_path / "x"), "--as", "nobody"])
    assert nobody.exit_code == 1
    officer = CliRunner().invoke(export, ["xes", str(tmp_path / "x"), "--as", "officer"])
    assert officer.exit_code == 1


def test_one_duty_lends_another_no_right_to_take_the_log_out(office: Office, as_: As) -> None:
    a_posting(office, "lead", unit="office", role="area_leader", area="8802")
    db.session.commit()
    client: FlaskClient = as_("lead")
    team, other = office.units["team"].id, office.areas["8802"].id
    assert client.get(f"/kpis/paths?unit={team}").status_code == 200
    assert client.get(f"/kpis/paths/log.xes?unit={team}").status_code == 404
    assert client.get(f"/kpis/paths/log.xes?area={other}").status_code == 200
