"""Signing in and out, sessions, throttling, and the form that a sign-in interrupted."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from casework.accounts import queries, service
from casework.accounts.models import ApiToken, AuthSession, User
from casework.audit import queries as audit
from casework.kernel.db import db
from casework.kernel.permissions import Role
from casework.kernel.time import utcnow
from tests.accounts.office import PASSWORD, actor_of, sign_in


def verbs() -> list[str]:
    return [entry.verb for entry in audit.security_log().rows]


def age_sessions(**delta: int) -> None:
    db.session.execute(sa.update(AuthSession).values(seen_at=utcnow() - timedelta(**delta)))
    db.session.commit()


def token_of(client) -> str:
    with client.session_transaction() as session:
        return session.get("sid")


def test_signing_in_leads_on_and_is_logged(office, client):
    office.person("shen", Role.OFFICER)
    response = sign_in(client, "SHEN ", next="/me")
    assert (response.status_code, response.location) == (303, "/me")
    assert "shen" in client.get("/me").text
    assert verbs()[0] == "SignedIn"


def test_a_page_asks_for_sign_in_first_and_comes_back(office, client):
    response = client.get("/areas?q=桥")
    assert response.status_code == 303
    assert response.location.startswith("/sign-in?next=/areas?q%3D")


def test_an_unknown_account_gets_the_same_answer_as_a_wrong_password(office, client):
    office.person("shen", Role.OFFICER)
    office.person("gone", Role.OFFICER).disabled_at = utcnow()
    answers = [sign_in(client, name, "wrong wrong wrong") for name in ("shen", "nobody", "gone")]
    assert {answer.status_code for answer in answers} == {422}
    bare = [
        re.sub(r'value="[^"]*"', "", answer.text.replace(name, ""))
        for answer, name in zip(answers, ("shen", "nobody", "gone"), strict=True)
    ]
    assert bare[0] == bare[1] == bare[2]
    assert "还可以试 4 次" in answers[0].text


def test_two_apps_that_take_turns_still_allow_five_tries(office, client, settings, make_app):
    office.person("shen", Role.OFFICER)
    other = make_app(settings)
    other.test_client_class = type(client)
    clients = [client, other.test_client()]
    statuses = [sign_in(clients[turn % 2], "shen", "wrong wrong wrong").status_code for turn in range(6)]
    assert statuses == [422, 422, 422, 422, 429, 429]
    assert sign_in(clients[0], "shen").status_code == 429  # the right password, while it is shut


def test_a_shut_account_says_when_to_try_again_and_another_network_is_open(office, client):
    office.person("shen", Role.OFFICER)
    for _ in range(5):
        response = sign_in(client, "shen", "wrong wrong wrong")
    assert response.status_code == 429
    assert int(response.headers["Retry-After"]) > 800
    assert re.search(r"\d\d:\d\d:\d\d 后再试", response.text)
    elsewhere = client.post(
        "/sign-in", data={"username": "shen", "password": PASSWORD}, environ_base={"REMOTE_ADDR": "203.0.113.9"}
    )
    assert elsewhere.status_code == 303


def test_signing_in_makes_a_new_session_whatever_was_planted(office, client):
    office.person("shen", Role.OFFICER)
    with client.session_transaction() as session:
        session["sid"] = "planted"
    sign_in(client, "shen")
    assert token_of(client) not in (None, "planted")
    first = token_of(client)
    sign_in(client, "shen")
    assert token_of(client) != first


def test_signing_out_ends_the_session_so_that_its_cookie_is_worth_nothing(office, client):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    token = token_of(client)
    response = client.post("/sign-out")
    assert (response.status_code, response.headers["Clear-Site-Data"]) == (303, '"cache"')
    with client.session_transaction() as session:
        session["sid"] = token
    assert client.get("/me").status_code == 303
    assert verbs()[0] == "SignedOut"


def test_a_disabled_account_loses_access_at_once(office, client):
    user = office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    assert client.get("/me").status_code == 200
    service.disable(user, actor=None, now=utcnow())
    assert client.get("/me").status_code == 303
    assert sign_in(client, "shen").status_code == 422


@pytest.mark.parametrize(
    ("role", "hours", "status"), [(Role.OFFICER, 1, 200), (Role.OFFICER, 13, 303), (Role.SYSADMIN, 1, 303)]
)
def test_an_idle_session_ends_earlier_for_an_administrator(office, client, role, hours, status):
    office.person("shen", role, unit="office-a")
    sign_in(client, "shen")
    age_sessions(hours=hours)
    assert client.get("/me").status_code == status


def test_reading_writes_nothing_but_the_last_use_once_in_five_minutes(office, client, query_count):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    before = db.session.scalar(sa.select(AuthSession.seen_at))
    client.get("/me")
    assert db.session.scalar(sa.select(AuthSession.seen_at)) == before
    age_sessions(minutes=6)
    client.get("/me")
    assert utcnow() - db.session.scalar(sa.select(AuthSession.seen_at)) < timedelta(minutes=1)


def test_a_session_that_ended_in_the_middle_of_a_form_keeps_the_text(office, client):
    office.person("admin", Role.DISTRICT_ADMIN, unit="office-a")
    sign_in(client, "admin")
    age_sessions(hours=13)
    target = f"/areas/{office.areas['community-a'].id}/sites"
    interrupted = client.post(target, data={"name": "南贤广场", "op": "once", "csrf_token": "stale"})
    assert interrupted.status_code == 401
    kept = re.search(r'name="kept" value="([^"]*)"', interrupted.text).group(1).replace("&#34;", '"')
    assert "南贤广场" in kept
    assert "stale" not in kept
    wrong = sign_in(client, "admin", "wrong wrong wrong", resume=target, kept=kept)
    assert "南贤广场" in wrong.text
    resumed = sign_in(client, "admin", resume=target, kept=kept)
    assert resumed.status_code == 200
    assert "什么也没丢" in resumed.text
    assert f'action="{target}"' in resumed.text
    assert '<input type="hidden" name="name" value="南贤广场">' in resumed.text
    sent = client.post(target, data={"name": "南贤广场", "op": "once"})
    assert sent.status_code == 303
    assert "南贤广场" in client.get(sent.location).text


def test_a_kept_form_goes_nowhere_but_this_site(office, client):
    office.person("shen", Role.OFFICER)
    response = sign_in(client, "shen", resume="//evil.example/x", kept='[["a", "b"]]')
    assert (response.status_code, response.location) == (303, "/")


@pytest.mark.parametrize(
    "target",
    [
        "//evil.example",
        "/\\evil.example",
        "https://evil.example",
        "evil",
        "/a\r\nSet-Cookie: x=1",
        "/\tx",
        "",
        "/%0d",
        "\\/x",
        "javascript:x",
    ],
)
def test_a_forged_next_leads_home(office, client, target):
    office.person("shen", Role.OFFICER)
    response = sign_in(client, "shen", next=target)
    assert response.location in ("/", "/%0d")


def test_a_forged_host_changes_no_redirect_and_no_logged_address(office, client):
    office.person("shen", Role.OFFICER)
    headers = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Forwarded-For": "6.6.6.6"}
    response = client.get("/me", headers=headers)
    assert response.location == "/sign-in?next=/me"
    client.post("/sign-in", data={"username": "shen", "password": PASSWORD}, headers={"X-Forwarded-For": "6.6.6.6"})
    assert audit.security_log().rows[0].data["address"] == "127.0.0.1"


@pytest.mark.parametrize("headers", [{"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://evil.example"}])
def test_another_site_can_send_nothing(office, client, headers):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    assert client.post("/language", data={"lang": "en"}, headers=headers).status_code == 400


def test_a_post_without_the_token_of_the_session_is_refused(office, client):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    client.sends_csrf = False
    assert client.post("/language", data={"lang": "en"}).status_code == 400


def test_a_page_of_another_role_is_refused_and_an_unknown_one_is_not_there(office, client):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    assert client.get("/security").status_code == 403
    assert client.get("/no-such-page").status_code == 404


def test_a_new_password_asks_for_the_old_one_and_ends_the_other_sign_ins(office, app, client):
    office.person("shen", Role.OFFICER)
    other = app.test_client()
    sign_in(other, "shen")
    sign_in(client, "shen")
    new = {"password": "three cats and a dog", "repeat": "three cats and a dog"}
    assert client.post("/me/password", data={"current": "not this one", **new}).status_code == 422
    assert client.post("/me/password", data={"current": PASSWORD, **new, "repeat": "other"}).status_code == 422
    assert (
        client.post(
            "/me/password", data={"current": PASSWORD, "password": "casework2020", "repeat": "casework2020"}
        ).status_code
        == 422
    )
    assert client.post("/me/password", data={"current": PASSWORD, **new}).status_code == 303
    assert client.get("/me").status_code == 200
    assert other.get("/me").status_code == 303
    assert sign_in(other, "shen", "three cats and a dog").status_code == 303


def test_one_ends_only_ones_own_sign_ins(office, app, client):
    office.person("shen", Role.OFFICER)
    office.person("han", Role.OFFICER)
    other = app.test_client()
    sign_in(other, "han")
    sign_in(client, "shen")
    hans = db.session.scalar(sa.select(AuthSession.id).join(User).where(User.username == "han"))
    assert client.post(f"/me/sessions/{hans}/end").status_code == 404
    assert other.get("/me").status_code == 200
    assert other.post(f"/me/sessions/{hans}/end").status_code == 303
    assert other.get("/me").status_code == 303


def test_a_token_is_shown_once_and_stored_as_a_hash(office, client):
    office.person("shen", Role.OFFICER)
    sign_in(client, "shen")
    made = client.post("/me/tokens", data={"name": "街道台账同步", "scopes": "read", "days": "30"})
    assert "街道台账同步" in made.text
    token = re.search(r"cw_[\w-]{43}", made.text).group(0)
    assert token not in client.get("/me").text
    row = db.session.scalar(sa.select(ApiToken))
    assert row.token_hash == queries.digest(token)
    assert client.post("/me/tokens", data={"scopes": "read", "days": "91"}).status_code == 422
    long = client.post("/me/tokens", data={"name": "长" * 61, "scopes": "read", "days": "30"})
    assert (long.status_code, "长" * 61 in long.text) == (422, True)
    assert client.post(f"/me/tokens/{row.id}/revoke").status_code == 303
    assert queries.machine(token, now=utcnow()) is None


def test_an_administrator_makes_no_token(office, client):
    office.person("sys", Role.SYSADMIN, unit="office-a")
    sign_in(client, "sys")
    assert client.post("/me/tokens", data={"scopes": "read", "days": "30"}).status_code == 403


def test_language_and_theme_are_kept_on_the_account_and_in_a_cookie(office, app, client):
    office.person("shen", Role.OFFICER)
    assert "Sign in" not in client.get("/sign-in").text.split("</h1>")[0].split("<h1")[1]
    client.post("/language", data={"lang": "en", "next": "/sign-in"})
    assert "Sign in" in client.get("/sign-in").text
    sign_in(client, "shen")
    client.post("/language", data={"lang": "en", "next": "/me"})
    client.post("/theme", data={"theme": "dark", "next": "/me"})
    other = app.test_client()
    sign_in(other, "shen")
    page = other.get("/me").text
    assert "My account" in page
    assert 'data-bs-theme="dark"' in page


def test_the_security_log_is_read_by_two_roles_in_both_languages_a_page_at_a_time(office, client):
    office.person("sec", Role.SECADMIN, unit="office-a")
    now, user = utcnow(), office.person("shen", Role.OFFICER, name="沈\r\n砚秋")
    for _ in range(60):
        service.refuse_sign_in(user, "10.0.0.1", now=now)
    sign_in(client, "sec")
    first = client.get("/security")
    assert "登录未成" in first.text
    assert first.text.count("<tr>") == 51
    older = re.search(r'href="(/security\?after=[^"]+)"', first.text).group(1)
    last = client.get(older).text
    assert last.count("<tr>") > 5
    newer = re.search(r'href="(/security\?before=[^"]+)"', last).group(1)
    assert client.get(newer).text.count("<tr>") == 51
    client.post("/language", data={"lang": "en"})
    assert "Sign-in refused: account shen from 10.0.0.1" in client.get("/security").text


def test_the_chain_is_whole_after_all_this(office, client):
    user = office.person("shen", Role.OFFICER)
    sign_in(client, "shen", "wrong wrong wrong")
    sign_in(client, "shen")
    service.edit_user(user, name="沈", phone="", actor=actor_of(user), now=utcnow())
    db.session.commit()
    assert audit.verify().ok
