"""Templates in and out of the database from the command line: what goes out comes in as the next version."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from casework.kernel.db import db
from casework.kernel.time import utcnow
from casework.processes.commands import template as commands
from casework.processes.models import ProcessTemplate, TemplateVersion
from tests.factories import Office
from tests.processes.shipment import published


def call(*arguments: str) -> Result:
    db.session.commit()
    return CliRunner().invoke(commands, list(arguments))


@pytest.mark.parametrize("flag", [(), ("--bpmn",)])
def test_what_goes_out_comes_in_as_the_next_version_of_its_template(
    office: Office, tmp_path: Path, flag: tuple[str, ...]
) -> None:
    template, version = published(office, code="LS-T-1", now=utcnow())
    file = tmp_path / "模板"
    file.write_text(call("export", template.code, *flag).output, encoding="utf-8")
    said = call("import", str(file), "--area", "8801", "--user", "officer", "--json")
    assert json.loads(said.output) == {"code": "LS-T-1", "version": 2, "steps": 7}
    second = db.session.query(TemplateVersion).filter_by(template_id=template.id, no=2).one()
    assert second.definition["steps"][0]["key"] == version.definition["steps"][0]["key"]


@pytest.mark.parametrize(
    ("area", "user", "said"),
    [("8801", "desk", "drafts no templates"), ("1", "officer", "no area 1"), ("8801", "nobody", "no user nobody")],
)
def test_a_wrong_area_or_person_is_one_sentence_and_nothing_is_drafted(
    office: Office, tmp_path: Path, area: str, user: str, said: str
) -> None:
    template, _ = published(office, code="LS-T-1", now=utcnow())
    file = tmp_path / "t.json"
    file.write_text(call("export", template.code).output.replace("LS-T-1", "LS-T-2"), encoding="utf-8")
    found = call("import", str(file), "--area", area, "--user", user)
    assert found.exit_code == 1
    assert said in found.output
    assert db.session.query(ProcessTemplate).count() == 1


def test_a_template_that_is_not_there_cannot_go_out(office: Office) -> None:
    found = call("export", "NOPE")
    assert found.exit_code == 1
    assert "no template NOPE" in found.output
