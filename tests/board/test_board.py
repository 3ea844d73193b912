"""The board: every figure is the number of its rows, for whoever may see them, and never old."""

from __future__ import annotations

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from casework.board import queries, rows
from casework.board.figures import Figures, count
from casework.cases import lists
from casework.cases.lists import Filters
from casework.cases.models import Beneficiary, Case
from casework.cases.workflow import State
from casework.coverage import queries as coverage
from casework.kernel import keep, paging
from casework.kernel.db import db
from casework.kernel.errors import NotFound
from casework.kernel.time import at_local, local_day, utcnow
from casework.negotiations.models import Agreement, Counterparty, Negotiation, Receipt
from casework.processes.models import ProcessRun, ProcessTemplate, TemplateVersion
from casework.roster.models import Posting
from casework.roster.rules import Limits
from casework.supplies.models import SupplyItem, SupplyLine
from tests.factories import NOW, Office, a_case, a_firm, a_posting, an_office, signed_in, take
from tests.harness.statements import Statements

Count = Callable[[], AbstractContextManager[Statements]]
READERS = ("district_admin", "area_leader", "regulator", "lead")
AT = NOW + timedelta(days=9)
FIRST = paging.FIRST


@pytest.fixture(autouse=True)
def _nothing_kept() -> None:
    keep.forget()


@pytest.fixture
def office(app: Flask) -> Office:
    """Cases of several ages, places, states and holders."""
    office = an_office()
    for days, state, changes in (
        (0, State.IN_PROGRESS, {}),
        (1, State.DISPATCHED, {"area": "8801002001"}),
        (2, State.SUBMITTED, {"area": "8801001"}),  # in no community
        (5, State.IN_PROGRESS, {"kind": "rent"}),
        (6, State.WAITING, {}),
        (8, State.SUBMITTED, {}),
        (8, State.CLOSED, {}),
        (3, State.WITHDRAWN, {"area": "8801002001"}),
        (4, State.MERGED, {}),
    ):
        a_case(office, state, now=NOW + timedelta(days=days), **changes)
    return office


def the_figures(office: Office, name: str, at: datetime = AT) -> Figures:
    db.session.flush()
    actor = office.actor(name, local_day(at))
    return count(actor, queries.places(actor)[0], now=at)


def listed(office: Office, name: str, at: datetime = AT, **filters: Any) -> int:
    """How many rows the case list has under a filter, in the reader's place."""
    actor = office.actor(name, local_day(at))
    filters = {"area": queries.places(actor)[0].id, **filters}
    return lists.count(actor, lists.read_filters({key: str(value) for key, value in filters.items()}), now=at)


@pytest.mark.parametrize("name", READERS)
def test_stock_and_ages_are_the_numbers_of_their_rows(office: Office, name: str) -> None:
    stock = the_figures(office, name).stock
    assert stock.open == listed(office, name) > 0
    assert stock.late == listed(office, name, due="late")
    assert stock.soon == listed(office, name, due="today")
    for days, number in stock.aged.items():
        assert number == listed(office, name, age=days), days


@pytest.mark.parametrize("name", READERS)
def test_what_lies_with_a_unit_is_the_number_of_its_rows(office: Office, name: str) -> None:
    found = the_figures(office, name)
    assert sum(one.stock.open for one in found.holders) == found.stock.open
    for one in found.holders:
        at = {"unit": one.unit_id or 0}
        assert one.stock.open == listed(office, name, **at)
        assert one.stock.late == listed(office, name, due="late", **at)
        for days, number in one.stock.held.items():
            assert number == listed(office, name, held=days, **at), (one.name, days)


@pytest.mark.parametrize("name", READERS)
def test_each_day_counts_what_came_and_what_ended(office: Office, name: str) -> None:
    found = the_figures(office, name)
    assert [one.day for one in found.days] == [local_day(AT) - timedelta(days=back) for back in range(13, -1, -1)]
    for one in found.days:
        assert one.came == listed(office, name, scope="all", submitted=one.day)
        assert one.ended == listed(office, name, scope="all", ended=one.day)
    assert sum(one.came for one in found.days) > 0


def test_a_day_ends_at_midnight_of_the_office(office: Office) -> None:
    before = {one.day: one.came for one in the_figures(office, "district_admin").days}
    day = local_day(NOW) + timedelta(days=7)
    a_case(office, now=at_local(day, 0))
    a_case(office, now=at_local(day, 23, 59))
    a_case(office, now=at_local(day + timedelta(days=1), 0))
    after = {one.day: one.came for one in the_figures(office, "district_admin").days}
    assert {key: after[key] - before[key] for key in after if after[key] != before[key]} == {
        day: 2,
        day + timedelta(days=1): 1,
    }


@pytest.mark.parametrize("name", READERS)
def test_the_map_adds_up_and_each_community_is_the_number_of_its_rows(office: Office, name: str) -> None:
    found = the_figures(office, name)
    towns = [town for street in found.streets for town in street.communities]
    assert sum(town.open for town in towns) + found.unplaced == found.stock.open
    for town in towns:
        assert town.open == listed(office, name, area=town.id)
    assert found.unplaced == listed(office, name, place="none")


def test_the_warmest_community_is_drawn_warmest_and_an_empty_one_cold(office: Office) -> None:
    found = the_figures(office, "district_admin")
    steps = {town.name: town.step for street in found.streets for town in street.communities}
    assert (steps["南贤社区"], steps["柳堤社区"]) == (4, 1)


def test_a_case_changes_hands_and_its_custody_begins_anew(office: Office) -> None:
    case = db.session.scalars(sa.select(Case).where(Case.state == State.WAITING)).one()
    take(office, case, "resume", now=AT - timedelta(hours=2))
    take(office, case, "transfer", now=AT - timedelta(hours=1))
    team2 = next(one for one in the_figures(office, "district_admin").holders if one.name == "第二小组")
    assert case.id in [
        row.id for row in lists.cases(office.actor("district_admin"), Filters(unit=team2.unit_id), None, now=AT).rows
    ]
    assert (team2.stock.open, team2.stock.longest(AT)) == (1, 0)
    assert (AT - case.submitted_at).days == 3


# -- relief


def an_agreement(office: Office, case: Case, state: str, total: int, received: tuple[int, ...] = ()) -> Agreement:
    person = office.people["officer"].id
    party = Counterparty(
        district_id=case.district_id,
        name=f"房东{case.id}-{state}",
        name_key=f"{case.id}-{state}",
        kind="owner",
        added_at=NOW,
    )
    db.session.add(party)
    db.session.flush()
    talks = Negotiation(counterparty_id=party.id, opened_at=NOW, opened_by_id=person)
    db.session.add(talks)
    db.session.flush()
    agreement = Agreement(
        negotiation_id=talks.id, case_id=case.id, state=state, method="waive", total_fen=total, terms="",
        agreed_on=local_day(NOW), made_by_id=person, made_at=NOW, ours_at=NOW, theirs_at=NOW,
    )  # fmt: skip
    db.session.add(agreement)
    db.session.flush()
    for n, amount in enumerate(received):
        firm = Beneficiary(case_id=case.id, name=f"商户{state}{n}", added_at=NOW)
        db.session.add(firm)
        db.session.flush()
        a_receipt(agreement, firm.id, amount)
    return agreement


def a_receipt(agreement: Agreement, firm_id: int, amount: int, corrects: Receipt | None = None) -> Receipt:
    receipt = Receipt(
        agreement_id=agreement.id, beneficiary_id=firm_id, case_id=agreement.case_id, kind="received",
        amount_fen=amount, received_on=local_day(NOW), files=[], at=NOW, corrects_id=corrects.id if corrects else None,
    )  # fmt: skip
    db.session.add(receipt)
    db.session.flush()
    return receipt


@pytest.fixture
def relief(office: Office) -> Office:
    mine, other = db.session.scalars(sa.select(Case).where(Case.state == State.IN_PROGRESS).order_by(Case.id))
    agreement = an_agreement(office, mine, "confirmed", 612_345_67, (100_01, 200_02))
    last = db.session.scalars(sa.select(Receipt).order_by(Receipt.id.desc())).first()
    assert last is not None
    a_receipt(agreement, last.beneficiary_id, 150_00, corrects=last)
    an_agreement(office, other, "proposed", 5_000_00)
    an_agreement(office, other, "ended", 9_999_99, (77,))
    away = a_case(office, State.IN_PROGRESS, area="8801002001")
    an_agreement(office, away, "confirmed", 1_00, (1,))
    db.session.commit()
    return office


def test_relief_keeps_promised_agreed_and_received_apart_to_the_fen(relief: Office) -> None:
    found = the_figures(relief, "area_leader").relief
    assert (found.promised, found.agreed) == (612_345_67 + 5_000_00, 612_345_67)
    assert (found.received, found.firms) == (100_01 + 150_00 + 77, 3)


@pytest.mark.parametrize("name", READERS)
def test_each_sum_of_relief_is_the_sum_of_its_rows(relief: Office, name: str) -> None:
    found, actor = the_figures(relief, name).relief, relief.actor(name)
    inside = queries.scope(actor, queries.places(actor)[0])

    def total(show: str, column: str) -> int:
        return sum(int(getattr(row, column)) for row in rows.agreements(inside, show, FIRST).rows)

    assert total("promised", "total_fen") == found.promised
    assert total("agreed", "total_fen") == found.agreed
    assert total("received", "received_fen") == found.received


# -- processes, supplies, coverage


def some_runs(office: Office) -> ProcessTemplate:
    area, person = office.areas["8801"], office.people["officer"].id
    template = ProcessTemplate(
        code="pass", zh="临时通行", serves=[], author_id=person, made_at=NOW, area_id=area.id, city_id=area.city_id,
        district_id=area.id,
    )  # fmt: skip
    db.session.add(template)
    db.session.flush()
    version = TemplateVersion(
        template_id=template.id, no=1, state="draft", definition={}, author_id=person, editor_ids=[], made_at=NOW,
        saved_at=NOW,
    )  # fmt: skip
    db.session.add(version)
    db.session.flush()
    for case in db.session.scalars(sa.select(Case).where(Case.is_open.is_(True)).order_by(Case.id)):
        over = case.state == State.DISPATCHED
        db.session.add(
            ProcessRun(
                case_id=case.id,
                template_id=template.id,
                version_id=version.id,
                started_by_id=person,
                started_at=NOW,
                state="done" if over else "running",
                ended_at=NOW if over else None,
            )
        )
    db.session.commit()
    return template


@pytest.mark.parametrize("name", READERS)
def test_processes_in_use_are_the_rows_under_way(office: Office, name: str) -> None:
    template = some_runs(office)
    found, actor = the_figures(office, name), office.actor(name)
    inside = queries.scope(actor, queries.places(actor)[0])
    assert found.runs == len(rows.runs(inside, None, FIRST).rows) == len(rows.runs(inside, template.id, FIRST).rows)
    assert [name for _, name, _, _ in found.processes] == ["临时通行"]
    assert found.runs > 0
    assert rows.runs(inside, template.id + 1, FIRST).rows == []


def test_what_is_short_stands_on_the_board_by_unit(office: Office) -> None:
    item = SupplyItem(district_id=office.areas["8801"].id, name="医用口罩", measure="只", category="protection")
    db.session.add(item)
    db.session.flush()
    case = db.session.scalars(sa.select(Case).where(Case.state == State.WAITING)).one()
    person = office.people["officer"].id
    line = SupplyLine(
        case_id=case.id, item_id=item.id, quantity=800, needed_on=local_day(AT), added_by_id=person, added_at=NOW
    )
    db.session.add(line)
    db.session.commit()
    [one] = the_figures(office, "district_admin").missing
    assert (one.name, one.short, one.measure, one.unit_name) == ("医用口罩", 800, "只", "第一小组")


@pytest.mark.parametrize("name", ["district_admin", "area_leader", "regulator", "lead"])
def test_gaps_of_coverage_are_the_numbers_of_their_rows(office: Office, name: str) -> None:
    for n in range(3):
        a_firm(office, name=f"第{n}号店", area="8801001001" if n else "8801002001")
    found, actor = the_figures(office, name), office.actor(name)
    area = queries.places(actor)[0]
    today = local_day(AT)
    for show, number in (
        ("uncovered", found.covered.uncovered),
        ("ended", found.covered.ended),
        ("no_deputy", found.covered.no_deputy),
        ("stale", found.covered.stale),
    ):
        query = coverage.firms_in(area, show, today=today, limits=Limits())
        assert number == len(coverage.page_of(query, FIRST).rows), show
    assert found.communities - found.led == len(
        coverage.led_places(area, "community", "without", today, today, FIRST).rows
    )
    assert found.covered.uncovered > 0


# -- who sees what


def test_a_leader_sees_their_place_and_no_other(office: Office) -> None:
    leader, admin = office.actor("area_leader"), office.actor("district_admin")
    assert [area.name for area in queries.places(leader)] == ["南贤街道"]
    assert the_figures(office, "area_leader").stock.open < the_figures(office, "district_admin").stock.open
    with pytest.raises(NotFound):
        queries.place(office.areas["8801"].id, queries.places(leader))
    with pytest.raises(NotFound):
        queries.place(office.areas["8802"].id, queries.places(admin))


def test_a_reader_of_the_city_chooses_a_district(office: Office, client: FlaskClient) -> None:
    a_posting(office, "auditor", unit="office", role="area_leader", area="88")
    db.session.commit()
    client = signed_in(client, office.people["auditor"])
    assert [area.name for area in queries.places(office.actor("auditor"))] == ["临江区", "望山区"]
    other = client.get(f"/board?area={office.areas['8802'].id}")
    assert "望山区企业复工指挥看板" in other.text
    assert client.get(f"/board?area={office.areas['8801001'].id}").status_code == 404


def test_of_two_duties_in_one_place_the_wider_is_offered(office: Office) -> None:
    a_posting(office, "area_leader", unit="office", role="district_admin", area="8801")
    db.session.flush()
    assert [area.name for area in queries.places(office.actor("area_leader"))] == ["临江区"]


def test_a_regulator_counts_only_the_cases_of_the_authority(office: Office) -> None:
    found, all_ = the_figures(office, "regulator"), the_figures(office, "district_admin")
    assert 0 < found.stock.open <= all_.stock.open
    transport = the_figures(office, "regulator2")
    assert transport.stock.open == listed(office, "regulator2") == 0
    assert sum(one.came for one in transport.days) == 0


@pytest.mark.parametrize("name", ["officer", "helper", "desk", "sysadmin", "secadmin", "auditor"])
def test_nobody_else_has_a_board(office: Office, client: FlaskClient, name: str) -> None:
    client = signed_in(client, office.people[name])
    for path in ("/board", "/board/relief", "/board/processes"):
        assert client.get(path).status_code == 403


def test_an_ended_posting_ends_the_board(office: Office, client: FlaskClient) -> None:
    posting = db.session.scalars(sa.select(Posting).where(Posting.user_id == office.people["area_leader"].id)).one()
    posting.to_on = date(2020, 3, 1)
    db.session.commit()
    assert signed_in(client, office.people["area_leader"]).get("/board").status_code == 403


# -- the page


def numbers(html: str) -> list[tuple[int, str]]:
    """The counts of the page that lead somewhere, durations apart: (number, address)."""
    words = r"(?:<svg.*?</svg>)?(?:<b>[^<]*</b><span>)?"
    found = re.findall(rf'<a(?: class="\w+")? href="([^"]+)"(?! aria-label="最久)[^>]*>{words}([\d,]+)<', html)
    return [(int(said.replace(",", "")), href.replace("&amp;", "&")) for href, said in found]


@pytest.mark.parametrize("name", READERS)
def test_every_number_on_the_page_leads_to_so_many_rows(office: Office, client: FlaskClient, name: str) -> None:
    for n in range(3):
        a_firm(office, name=f"第{n}号店")
    some_runs(office)
    client = signed_in(client, office.people[name])
    followed = 0
    for number, href in numbers(client.get("/board").text):
        page = client.get(href)
        assert page.status_code == 200, href
        if href.startswith(("/cases?", "/board/processes")):
            assert page.text.count('<tr role="row">') - 1 == number, href
            followed += 1
        elif re.match(r"/coverage/\d+\?", href):
            assert page.text.count('<li class="cw-li">') == number, href
            followed += 1
    assert followed > 8


def test_the_page_says_when_it_was_counted_and_asks_anew_by_itself(office: Office, client: FlaskClient) -> None:
    client = signed_in(client, office.people["district_admin"])
    html = client.get("/board?theme=dark").text
    assert re.search(r"数据截至 \d\d:\d\d", html)
    assert 'data-bs-theme="dark"' in html
    assert '<noscript><meta http-equiv="refresh" content="30"></noscript>' in html
    assert re.search(r'hx-get="/board\?area=\d+&amp;theme=dark" hx-trigger="every 30s"', html)
    fragment = client.get("/board", headers={"HX-Request": "true"}).text
    assert fragment.lstrip().startswith('<div class="cw-figs"')
    assert "<html" not in fragment


def test_the_figures_are_kept_half_a_minute_and_then_counted_anew(
    office: Office, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = [1000.0]
    monkeypatch.setattr(keep.time, "monotonic", lambda: clock[0])
    client = signed_in(client, office.people["district_admin"])

    def opened() -> int:
        return max(
            number for number, href in numbers(client.get("/board").text) if href.endswith(str(office.areas["8801"].id))
        )

    before = opened()
    a_case(office, now=utcnow())
    assert opened() == before
    clock[0] += 31
    assert opened() == before + 1


def test_what_is_kept_for_one_reader_is_not_shown_to_another(office: Office, client: FlaskClient) -> None:
    admin = signed_in(client, office.people["district_admin"]).get("/board").text
    regulator = signed_in(client, office.people["regulator2"]).get("/board").text
    assert numbers(admin) != numbers(regulator)


def test_an_empty_place_says_so(app: Flask, client: FlaskClient) -> None:
    office = an_office()
    html = signed_in(client, office.people["district_admin"]).get("/board").text
    assert "这里没有在办诉求。" in html
    for path in ("/board/relief", "/board/processes"):
        assert "cw-empty" in client.get(path).text


def test_people_are_not_compared(office: Office, client: FlaskClient) -> None:
    html = signed_in(client, office.people["district_admin"]).get("/board").text
    assert [person.name for person in office.people.values() if person.name in html] == []


def test_the_board_asks_the_same_however_many_cases_there_are(
    office: Office, client: FlaskClient, query_count: Count
) -> None:
    client = signed_in(client, office.people["district_admin"])
    client.get("/board")
    keep.forget()
    with query_count() as few:
        client.get("/board")
    for n in range(12):
        a_case(office, State.DISPATCHED, now=utcnow(), area="8801002001" if n % 2 else "8801001001")
    keep.forget()
    with query_count() as many:
        client.get("/board")
    assert few.total == many.total <= 30
    with query_count() as warm:
        client.get("/board")
    assert warm.total <= 8


def test_rows_behind_a_figure_cost_the_same_on_any_page(
    relief: Office, client: FlaskClient, query_count: Count
) -> None:
    client = signed_in(client, relief.people["district_admin"])
    client.get("/board/relief")
    with query_count() as few:
        client.get("/board/relief")
    case = db.session.scalars(sa.select(Case).where(Case.state == State.WAITING)).one()
    for n in range(rows.PAGE):
        an_agreement(relief, case, "proposed", 100 + n)
        case = a_case(relief, now=utcnow())
    db.session.commit()
    with query_count() as many:
        html = client.get("/board/relief").text
    assert few.total == many.total
    assert 'rel="next"' in html
