"""What happens to cases reaches the figures, whole and once; sums and marks never part."""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from werkzeug.datastructures import MultiDict

from casework.cases import service as cases
from casework.cases.workflow import State
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.kernel.time import local_day
from casework.kpis import counting, definitions, queries, row_queries, selecting, service
from casework.kpis.figures import BY_KEY, FIGURES
from casework.kpis.jobs import count
from casework.kpis.models import KpiMark, KpiSum, KpiWaiting
from tests.factories import NOW, Office, a_case, a_firm, take

LATER = NOW + timedelta(days=60)


def asked(office: Office, name: str = "district_admin", **args: Any) -> selecting.Selection:
    given = MultiDict({"span": "year", "on": "2020-03-16", **{key: str(value) for key, value in args.items()}})
    return selecting.read(given, office.actor(name), local_day(NOW))


def of(office: Office, key: str, name: str = "district_admin", **args: Any) -> tuple[float, int]:
    result = queries.board(asked(office, name, **args)).now[key]
    return result.numerator, result.of


def assert_sums_follow_from_marks() -> None:
    wanted: Counter[tuple[Any, ...]] = Counter()
    for mark in db.session.scalars(sa.select(KpiMark)):
        for area in (mark.city_id, mark.district_id, mark.subdistrict_id):
            if area:
                wanted[
                    (area, mark.day.replace(day=1), mark.base, mark.type_id, mark.domain, mark.flags, mark.bucket)
                ] += 1
    kept = {
        (row.area_id, row.month, row.base, row.type_id, row.domain, row.flags, row.bucket): row.n
        for row in db.session.scalars(sa.select(KpiSum))
        if row.n
    }
    assert kept == dict(wanted)


def test_a_closed_case_counts_once_however_often_it_is_counted(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    count(LATER)
    assert of(office, "satisfaction") == (1, 1)
    assert of(office, "on_time") == (1, 1)
    marks = db.session.scalar(sa.select(sa.func.count()).select_from(KpiMark))
    with transaction():
        counting.ask_again(counting.everything(), now=LATER)
    count(LATER)
    assert of(office, "satisfaction") == (1, 1)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KpiMark)) == marks
    assert case.state == State.CLOSED
    assert_sums_follow_from_marks()


def test_a_change_waits_in_its_own_transaction_and_a_note_does_not(office: Office) -> None:
    case = a_case(office)
    count(NOW)
    assert queries.freshness().waiting == 0
    cases.add_note(case, "打过电话", actor=office.actor("desk"), now=NOW)
    db.session.flush()
    assert queries.freshness().waiting == 0
    take(office, case, "accept")
    db.session.flush()
    assert queries.freshness().waiting == 1
    db.session.rollback()
    assert queries.freshness().waiting == 0


def test_what_is_undone_leaves_the_figures(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    count(LATER)
    assert of(office, "satisfaction")[1] == 1
    take(office, case, "reopen", by="regulator", now=NOW)
    db.session.commit()
    count(LATER)
    assert of(office, "satisfaction")[1] == 0
    assert of(office, "resolved") == (0, 1)
    assert_sums_follow_from_marks()


def test_time_alone_lets_a_case_fall_due(office: Office) -> None:
    a_case(office, State.IN_PROGRESS)
    count(NOW)
    assert of(office, "overdue") == (0, 0)
    count(LATER)
    assert of(office, "overdue") == (1, 1)
    assert of(office, "first_contact") == (0, 1)


def test_a_repeat_undoes_the_single_go_of_the_case_before(office: Office) -> None:
    firm = a_firm(office)
    a_case(office, State.CLOSED, enterprise_id=firm.id)
    count(LATER)
    assert of(office, "one_time") == (1, 1)
    a_case(office, State.CLOSED, enterprise_id=firm.id, now=NOW + timedelta(days=20))
    count(LATER)
    assert of(office, "one_time") == (1, 2)
    assert of(office, "repeats") == (1, 2)
    other = a_case(office, State.CLOSED, now=NOW + timedelta(days=21))
    count(LATER)
    assert other.enterprise_id is None
    assert of(office, "repeats") == (1, 3)


def test_the_marks_of_a_team_say_what_the_sums_of_the_area_say(office: Office) -> None:
    for state in (State.CLOSED, State.IN_PROGRESS, State.WITHDRAWN, State.CALLBACK, State.MERGED, State.DECLINED):
        a_case(office, state)
    count(LATER)
    by_sums = queries.board(asked(office)).now
    district = office.areas["8801"]
    by_days = queries.board(
        asked(office, area=district.id, span="days", **{"from": "2020-01-02", "to": "2020-12-30"})
    ).now
    community = queries.board(asked(office, area=office.areas["8801001001"].id)).now
    for figure in FIGURES:
        assert by_days[figure.key] == by_sums[figure.key] == community[figure.key], figure.key
    assert_sums_follow_from_marks()


def test_every_number_has_exactly_its_rows(office: Office) -> None:
    for state in (State.CLOSED, State.CLOSED, State.IN_PROGRESS, State.WITHDRAWN, State.CALLBACK):
        a_case(office, state)
    case = a_case(office, State.CLOSED)
    service.leave_out(case, what="call", reason="企业重名", actor=office.actor("district_admin"), now=NOW)
    db.session.commit()
    count(LATER)
    chosen, actor = asked(office), office.actor("district_admin")
    board = queries.board(chosen).now
    seen = 0
    for figure in FIGURES:
        result = board[figure.key]
        found = {
            part: len(row_queries.rows(figure, chosen, part, row_queries.paging.FIRST, actor=actor).rows)
            for part in row_queries.PARTS
        }
        assert found == row_queries.row_counts(figure, queries.groups(chosen)), figure.key
        if figure.kind in ("rate", "times"):
            assert (found["all"], found["aside"]) == (result.of, result.out + result.excluded), figure.key
            assert (found["hit"], found["half"]) == (result.hits, result.halves), figure.key
            seen += result.of
    assert seen > 20
    assert board["satisfaction"].excluded == 1


def test_a_reader_sees_the_figures_of_their_reach_alone(office: Office) -> None:
    a_case(office, State.CLOSED)
    count(LATER)
    assert of(office, "satisfaction", "lead") == (1, 1)
    assert of(office, "satisfaction", "lead2") == (0, 0)
    assert of(office, "satisfaction", "regulator") == (1, 1)
    assert of(office, "satisfaction", "regulator2") == (0, 0)
    assert of(office, "satisfaction", "area_leader") == (1, 1)
    for name, args in (("desk_b", {"area": office.areas["8801"].id}), ("lead2", {"unit": office.units["team"].id})):
        with pytest.raises(NotFound):
            asked(office, name, **args)
    elsewhere = of(office, "satisfaction", "desk_b", unit=office.units["team"].id, area=office.areas["8802"].id)
    assert elsewhere == (0, 0)


def test_a_figure_by_area_type_unit_and_person_adds_up(office: Office) -> None:
    a_case(office, State.CLOSED)
    a_case(office, State.CLOSED, area="8801002001")
    count(LATER)
    figure, chosen = BY_KEY["satisfaction"], asked(office)
    for by in ("area", "type", "unit"):
        lines = queries.broken_down(figure, chosen, by)
        assert sum(line.result.of for line in lines) == 2, by
    assert queries.broken_down(figure, chosen, "officer") == []
    team = asked(office, unit=office.units["team"].id)
    assert [line.name for line in queries.broken_down(figure, team, "officer")] == ["沈砚秋"]


def test_the_period_before_stands_beside(office: Office) -> None:
    a_case(office, State.CLOSED)
    a_case(office, State.CLOSED, now=NOW + timedelta(days=31))
    count(LATER + timedelta(days=60))
    board = queries.board(asked(office, span="month", on="2020-04-20"))
    assert (board.now["satisfaction"].of, board.before["satisfaction"].of) == (1, 1)


def test_only_a_reviewer_from_outside_leaves_a_case_out(office: Office) -> None:
    case = a_case(office, State.CLOSED)
    for name in ("lead", "officer", "desk", "area_leader"):
        with pytest.raises(NotPermitted):
            service.leave_out(case, what="all", reason="不该算", actor=office.actor(name), now=NOW)
    case.unit_id = office.units["housing"].id
    with pytest.raises(NotPermitted):
        service.leave_out(case, what="all", reason="不该算", actor=office.actor("regulator"), now=NOW)
    case.unit_id = office.units["team"].id
    for what, reason in (("all", " "), ("weather", "雨")):
        with pytest.raises(Refused):
            service.leave_out(case, what=what, reason=reason, actor=office.actor("regulator"), now=NOW)
    row = service.leave_out(case, what="all", reason="重复登记", actor=office.actor("regulator"), now=NOW)
    db.session.commit()
    with pytest.raises(Refused):
        service.leave_out(case, what="call", reason="再来一次", actor=office.actor("regulator"), now=NOW)
    count(LATER)
    board = queries.board(asked(office)).now
    assert (board["satisfaction"].of, board["satisfaction"].excluded) == (0, 1)
    service.take_back_in(case, row.id, reason="查明不重复", actor=office.actor("regulator"), now=NOW)
    db.session.commit()
    count(LATER)
    assert of(office, "satisfaction") == (1, 1)
    with pytest.raises(Refused):
        service.take_back_in(case, row.id, reason="又一次", actor=office.actor("regulator"), now=NOW)


def test_a_new_setting_holds_from_its_day_and_leaves_the_past_alone(office: Office) -> None:
    district, actor = office.areas["8801"], office.actor("district_admin")
    given = {
        "name": "partly",
        "value": 250,
        "why": "2020 年第 3 号通知",
        "district": district,
        "actor": actor,
        "now": NOW,
    }
    for wrong in ({"from_on": date(2020, 3, 15)}, {"value": 1001}, {"name": "luck"}, {"why": ""}):
        with pytest.raises(Refused):
            definitions.lay_down(**{**given, "from_on": date(2020, 4, 1), **wrong})
    with pytest.raises(NotPermitted):
        definitions.lay_down(**{**given, "from_on": date(2020, 4, 1), "actor": office.actor("regulator")})
    definitions.lay_down(**given, from_on=date(2020, 4, 1))
    db.session.commit()
    assert definitions.rules_on(district.id, date(2020, 3, 31))["partly"] == 500
    assert definitions.rules_on(district.id, date(2020, 4, 1))["partly"] == 250
    assert definitions.rules_on(office.areas["8802"].id, date(2020, 4, 1))["partly"] == 500


def test_a_batch_costs_the_same_queries_for_ten_cases_as_for_one(office: Office, query_count: Any) -> None:
    a_case(office, State.CLOSED)
    with query_count() as one, transaction():
        counting.count_some(LATER)
    for _ in range(10):
        a_case(office, State.CLOSED)
    with query_count() as ten, transaction():
        counting.count_some(LATER)
    assert len(ten) <= len(one) + 1
    assert db.session.scalar(sa.select(sa.func.count()).select_from(KpiWaiting)) == 0
