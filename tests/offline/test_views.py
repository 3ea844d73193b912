"""What a phone without signal keeps: a shell and a worker that know nobody, and a token only for who is signed in."""

from __future__ import annotations

from flask import Flask
from flask.testing import FlaskClient

from casework.cases.workflow import State
from casework.config import ROOT
from casework.kernel.time import utcnow
from tests.factories import Office, a_case, a_firm


def test_the_worker_comes_from_the_root_is_asked_for_anew_and_may_only_fetch_here(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    assert answer.headers["Content-Security-Policy"] == "default-src 'none'; script-src 'self'; connect-src 'self'"


def test_the_shell_is_the_same_for_everybody(app: Flask, office: Office, officer: FlaskClient) -> None:
    stranger = app.test_client()
    for language, word in (("zh-CN", "没有信号"), ("en", "No signal"), ("xx", "没有信号")):
        pages = [one.get(f"/offline?lang={language}").text for one in (officer, stranger)]
        assert pages[0] == pages[1]
        assert word in pages[0]
        assert "沈砚秋" not in pages[0]
        assert "csrf_token" not in pages[0]


def test_a_phone_can_put_it_on_its_home_screen(client: FlaskClient) -> None:
    said = client.get("/manifest.webmanifest").get_json(force=True)
    assert (said["name"], said["start_url"], said["display"]) == ("企业复工诉求办理", "/", "standalone")
    paths = [ROOT / icon["src"].partition("?")[0].lstrip("/") for icon in said["icons"]]
    assert all(path.read_bytes().startswith(b"\x89PNG") for path in paths)


def test_each_form_that_may_wait_carries_a_key_and_names_what_it_is_about(officer: FlaskClient, office: Office) -> None:
    case, firm = a_case(office, State.IN_PROGRESS, now=utcnow()), a_firm(office)
    for path, kinds in (
        (f"/cases/{case.number}/rounds/new", ["visit"]),
        (f"/cases/{case.number}", ["note", "files"]),
        (f"/enterprises/{firm.id}", ["contact"]),
    ):
        page = officer.get(path).text
        for kind in kinds:
            form = next(part for part in page.split("<form")[1:] if f'data-queue="{kind}"' in part)
            assert 'name="op"' in form
            assert (f'data-queue-title="{case.number} {case.title}"' in form) or f'"{firm.name}"' in form


def test_the_unsent_count_is_part_of_every_page_and_leads_to_what_waits(officer: FlaskClient) -> None:
    assert officer.get("/").text.count('href="/unsent" data-unsent hidden') == 2  # at a desk and on a phone
    assert "存在这台设备里的" in officer.get("/unsent").text
