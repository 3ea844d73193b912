"""The pages: what is typed survives a refusal, a second click adds nothing, a link gives away only its own."""

from __future__ import annotations

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.cases import joint
from casework.kernel.db import db
from casework.kernel.time import local, utcnow
from casework.negotiations import ledger, links, queries
from casework.negotiations.models import Counterparty, Round
from tests.factories import NOW, Office
from tests.negotiations.deal import KEY, Deal, a_deal, a_position, a_round, agreed, shared_out

Count = Callable[[], AbstractContextManager[Any]]


def a_form(deal: Deal, **changes: str) -> dict[str, str]:
    when = local(utcnow()).strftime("%Y-%m-%dT%H:%M")
    talks = str(deal.negotiation.id)
    return {
        "talks": talks,
        "way": "visit",
        "stance": "refuses",
        "said": "业主不松口",
        "at": when,
        "op": "a" * 20,
        **changes,
    }


def rounds_page(deal: Deal) -> str:
    return f"/cases/{deal.case.number}/rounds/new"


def count_rounds() -> int:
    return int(db.session.scalar(sa.select(sa.func.count()).select_from(Round)) or 0)


def test_a_visit_is_logged_with_a_stance_and_a_sentence(officer: FlaskClient, deal: Deal) -> None:
    answer = officer.post(rounds_page(deal), data=a_form(deal))
    assert answer.status_code == 303
    page = officer.get(answer.headers["Location"]).text
    assert "业主不松口" in page
    assert "不同意" in page


def test_a_second_click_logs_nothing_twice(officer: FlaskClient, deal: Deal) -> None:
    first = officer.post(rounds_page(deal), data=a_form(deal))
    again = officer.post(rounds_page(deal), data=a_form(deal))
    assert first.headers["Location"] == again.headers["Location"]
    assert count_rounds() == 1


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("ask_amount", "-5"),
        ("ask_amount", "很多"),
        ("offer_months", "99x"),
        ("offer_percent", "300%"),
        ("stance", ""),
        ("at", "昨天"),
    ],
)
def test_what_was_typed_survives_the_refusal(officer: FlaskClient, deal: Deal, field: str, typed: str) -> None:
    answer = officer.post(rounds_page(deal), data=a_form(deal, **{field: typed}))
    assert answer.status_code == 422
    assert "业主不松口" in answer.text
    assert 'aria-invalid="true"' in answer.text
    if field not in ("stance", "at"):
        assert f'value="{typed}"' in answer.text
    assert count_rounds() == 0


def test_a_file_of_the_wrong_kind_leaves_no_round_behind(officer: FlaskClient, deal: Deal) -> None:
    data = {**a_form(deal), "files": (io.BytesIO(b"MZ not a photo"), "visit.exe")}
    answer = officer.post(rounds_page(deal), data=data, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert "业主不松口" in answer.text
    assert count_rounds() == 0


def test_somebody_new_is_named_in_the_same_form(officer: FlaskClient, deal: Deal) -> None:
    assert officer.post(rounds_page(deal), data=a_form(deal, talks="new", name="")).status_code == 422
    answer = officer.post(
        rounds_page(deal), data=a_form(deal, talks="new", name="鸿聚物业", party="sub_lessor", op="b" * 20)
    )
    assert answer.status_code == 303
    assert db.session.scalar(sa.select(Counterparty.kind).where(Counterparty.name == "鸿聚物业")) == "sub_lessor"


def test_the_talks_of_a_foreign_case_cannot_be_named(officer: FlaskClient, office: Office, deal: Deal) -> None:
    other = a_deal(office, name="别家物业")
    assert officer.post(rounds_page(deal), data=a_form(deal, talks=str(other.negotiation.id))).status_code == 404
    assert officer.get(f"/cases/{deal.case.number}/rounds/new?corrects=999999").status_code == 404


def test_a_round_is_corrected_from_the_story_and_both_lead_to_each_other(officer: FlaskClient, deal: Deal) -> None:
    first = a_round(deal, positions=[a_position(fen=900_000)])
    page = officer.get(f"/cases/{deal.case.number}").text
    assert f"rounds/new?corrects={first.id}" in page
    form = officer.get(f"{rounds_page(deal)}?corrects={first.id}").text
    assert 'value="9000.00"' in form
    sent = a_form(deal, corrects=str(first.id), ask_amount="8,000", op="c" * 20)
    assert officer.post(rounds_page(deal), data=sent).status_code == 303
    story = officer.get(f"/cases/{deal.case.number}").text
    assert f"rounds/new?corrects={first.id}" not in story
    assert story.count("cw-ev round") == 2
    refused = officer.post(rounds_page(deal), data=a_form(deal, corrects=str(first.id), op="d" * 20))
    assert refused.status_code == 409
    assert "业主不松口" in refused.text


def test_a_stale_agreement_is_refused_and_the_name_is_kept(officer: FlaskClient, deal: Deal) -> None:
    agreed(deal, confirmed=False)
    path = f"/cases/{deal.case.number}/agreements/{deal.terms().id}/ours"
    answer = officer.post(path, data={"name": "何秀芝", "version": "99", "op": "e" * 20})
    assert answer.status_code == 409
    assert "何秀芝" in answer.text
    assert (
        officer.post(path, data={"name": "何秀芝", "version": str(deal.terms().version), "op": "f" * 20}).status_code
        == 303
    )


# -- links


def the_link(deal: Deal) -> str:
    shared_out(deal)
    now = utcnow()
    made = links.send_to_firms(
        deal.case, deal.terms(), deal.firms(), key=KEY, actor=deal.office.actor("officer"), now=now
    )
    db.session.commit()
    return f"/confirm/{links.token_of(made[0], KEY)}"


def test_a_tenant_sees_only_its_own_share_and_confirms_once(app: Flask, client: FlaskClient, deal: Deal) -> None:
    path = the_link(deal)
    page = client.get(path).text
    assert "500.00" in page
    assert "禾木咖啡" not in page
    client.get(path)  # a messenger looks before a person does
    assert client.post(path, data={"op": "g" * 20}).status_code == 303
    assert deal.firms()[0].status == "settled"
    assert client.get(path).status_code == 200
    again = client.post(path, data={"op": "h" * 20})
    assert again.status_code == 422
    assert ledger.received_by(deal.terms().id)[deal.firms()[0].id] == 50_000


def test_a_tenant_may_say_that_the_sum_is_not_right(client: FlaskClient, deal: Deal) -> None:
    path = the_link(deal)
    assert client.post(path, data={"answer": "no", "note": " ", "op": "i" * 20}).status_code == 422
    assert client.post(path, data={"answer": "no", "note": "少了 200 元", "op": "j" * 20}).status_code == 303
    assert "少了 200 元" in client.get(path).text
    assert deal.firms()[0].status == "pending"


def test_an_expired_link_says_whom_to_ask(client: FlaskClient, deal: Deal) -> None:
    path = the_link(deal)
    db.session.execute(sa.text("UPDATE confirm_links SET expires_at = made_at"))
    db.session.commit()
    answer = client.get(path)
    assert answer.status_code == 410
    assert "失效" in answer.text
    assert client.post(path, data={"op": "k" * 20}).status_code == 422
    assert deal.firms()[0].status == "pending"


def test_who_guesses_links_is_slowed_down(client: FlaskClient, deal: Deal) -> None:
    answers = [client.get(f"/confirm/{'A' * 31}{place % 10}").status_code for place in range(32)]
    assert set(answers[:30]) == {404}
    assert answers[-1] == 429


# -- lists


def test_the_pages_send_the_same_queries_for_many_firms_and_rounds(
    officer: FlaskClient, deal: Deal, query_count: Count
) -> None:
    shared_out(deal)
    pages = (f"/cases/{deal.case.number}", f"/cases/{deal.case.number}/firms", "/counterparties")
    few = {}
    for path in pages:
        officer.get(path)
        with query_count() as sent:
            officer.get(path)
        few[path] = sent.total
    tenants = [joint.Joining(name=f"第 {n} 号铺", monthly_rent_fen=1_000) for n in range(60)]
    joint.add(deal.case, tenants, actor=deal.office.actor("officer"), now=NOW)
    for place in range(12):
        a_round(deal, at=NOW - timedelta(days=place), positions=[a_position()])
    for path in pages:
        with query_count() as sent:
            assert officer.get(path).status_code == 200
        # the story now has entries that could be corrected: one query more for all of them
        assert sent.total <= few[path] + 2, path
    firms = officer.get(pages[1]).text
    assert "after=" in firms
    assert queries.cases_of(deal.negotiation.id) == [deal.case.id]
