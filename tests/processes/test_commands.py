"""``casework template`` as a person runs it: good files, files with mistakes, and files that are none."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

from casework.config import ROOT
from casework.processes.shapes import schema
from tests.processes.drafts import shipping


def casework(*words: str, folder: Path) -> subprocess.CompletedProcess[str]:
    """The command in a process of its own, on a database of its own."""
    settings = {"CASEWORK_DATABASE_URL": f"sqlite:///{folder / 'casework.db'}", "CASEWORK_STORAGE": str(folder)}
    return subprocess.run(
        [ROOT / "bin" / "casework", "template", *words],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ | settings | {"CASEWORK_SECRET_KEY": "x" * 40},
    )


def test_a_shipped_template_is_ready(tmp_path: Path) -> None:
    ran = casework("check", str(ROOT / "casework/processes/shipped/shipping.json"), folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout == "Ready to be published: 7 steps, by Authority, Enterprise, Liaison officer.\n"


def test_each_mistake_is_a_line_and_the_command_says_no(tmp_path: Path) -> None:
    data = shipping()
    data["steps"][1]["after"] = ["nowhere"]
    (tmp_path / "t.json").write_text(json.dumps(data))
    ran = casework("check", str(tmp_path / "t.json"), folder=tmp_path)
    assert ran.returncode == 1
    assert "mistake at /steps/1/after/0: There is no step “nowhere”" in ran.stdout
    asked = casework("check", str(tmp_path / "t.json"), "--json", folder=tmp_path)
    report = json.loads(asked.stdout)
    assert (asked.returncode, report["ok"], report["mistakes"][0]["step"]) == (1, False, "check")


def test_what_is_no_template_gets_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "t.json").write_bytes(b"\x00\xff")
    ran = casework("check", str(tmp_path / "t.json"), folder=tmp_path)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert "not JSON in UTF-8" in ran.stdout
    assert "does not exist" in casework("check", str(tmp_path / "gone"), folder=tmp_path).stderr


def test_the_schema_is_printed(tmp_path: Path) -> None:
    assert json.loads(casework("schema", folder=tmp_path).stdout) == schema()


def test_a_good_template_is_drawn_and_one_with_mistakes_is_not(tmp_path: Path) -> None:
    good = casework("draw", str(ROOT / "casework/processes/shipped/shipping.json"), folder=tmp_path)
    assert good.stdout.startswith("<svg ")
    (tmp_path / "t.json").write_text("{}")
    bad = casework("draw", str(tmp_path / "t.json"), folder=tmp_path)
    assert (bad.returncode, bad.stdout) == (1, "")
    assert "casework template check t.json" in bad.stderr
