"""Templates and versions: written by one, published by another, never changed afterwards, never valid twice."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import local_day, utcnow
from casework.processes import approving, queries, runs, templates
from casework.processes.models import ProcessTemplate, TemplateEdit, TemplateVersion
from casework.processes.words import Fate, VersionState
from tests.factories import NOW, Office, a_case, signed_in
from tests.processes.shipment import a_shipment, a_template, publish, published, shipping

DAY = timedelta(days=1)


def decide(office: Office, template: ProcessTemplate, version: TemplateVersion, by: str, **days: Any) -> None:
    first = days.get("first", local_day(NOW))
    approving.publish(
        template,
        version,
        valid_from=first,
        sunset_on=days.get("sunset", first + 30 * DAY),
        actor=office.actor(by),
        now=NOW,
    )


def in_review(office: Office) -> tuple[ProcessTemplate, TemplateVersion]:
    template, version = a_template(office)
    approving.submit(template, version, actor=office.actor("officer"), now=NOW)
    db.session.commit()
    return template, version


@pytest.mark.parametrize("who", ["officer", "lead", "regulator", "district_admin", "desk", "desk_b"])
def test_only_the_authority_that_owns_it_publishes(office: Office, who: str) -> None:
    template, version = in_review(office)
    with pytest.raises(NotPermitted):
        decide(office, template, version, who)


def test_who_wrote_at_it_does_not_publish_it_even_from_the_right_authority(office: Office) -> None:
    template, version = in_review(office)
    version.editor_ids = [*version.editor_ids, office.people["regulator2"].id]
    db.session.flush()
    with pytest.raises(NotPermitted):
        decide(office, template, version, "regulator2")


def test_the_database_itself_refuses_an_author_as_approver(office: Office) -> None:
    _, version = in_review(office)
    mine = {"state": "published", "decided_by_id": version.author_id, "valid_from": local_day(NOW)}
    with pytest.raises(sa.exc.IntegrityError):
        db.session.execute(sa.update(TemplateVersion).where(TemplateVersion.id == version.id).values(mine))


def test_a_published_version_never_changes_and_never_goes(office: Office) -> None:
    _, version = published(office)
    with pytest.raises(Refused, match="no draft any more"):
        templates.save(
            db.session.get_one(ProcessTemplate, version.template_id),
            version,
            shipping(),
            "",
            actor=office.actor("officer"),
            now=NOW,
        )
    for statement in (
        sa.update(TemplateVersion).where(TemplateVersion.id == version.id).values(definition={"steps": []}),
        sa.delete(TemplateVersion).where(TemplateVersion.id == version.id),
    ):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(statement.execution_options(synchronize_session=False))
        db.session.rollback()


def test_what_was_submitted_never_changes_and_never_goes(office: Office) -> None:
    shipment = a_shipment(office)
    shipment.send("apply")
    for statement in ("UPDATE submissions SET note = 'x'", "DELETE FROM submissions"):
        with pytest.raises(sa.exc.DatabaseError):
            db.session.execute(sa.text(statement))
        db.session.rollback()


def test_the_version_before_ends_the_day_before_and_each_day_has_one_version(office: Office) -> None:
    template, first = published(office)
    second = templates.begin_next(template, actor=office.actor("officer"), now=NOW)
    publish(office, template, second, valid_from=local_day(NOW) + 10 * DAY)
    assert first.valid_to == local_day(NOW) + 9 * DAY
    for days, expected in ((0, 1), (9, 1), (10, 2), (99, 2)):
        found = queries.version_on(template.id, local_day(NOW) + days * DAY)
        assert found is not None
        assert found.no == expected
    assert queries.version_on(template.id, local_day(NOW) + 101 * DAY) is None


def test_a_version_that_would_overlap_a_later_one_is_refused_by_its_day(office: Office) -> None:
    template, _ = published(office)
    second = templates.begin_next(template, actor=office.actor("officer"), now=NOW)
    publish(office, template, second, valid_from=local_day(NOW) + 10 * DAY)
    third = templates.begin_next(template, actor=office.actor("officer"), now=NOW)
    approving.submit(template, third, actor=office.actor("officer"), now=NOW)
    with pytest.raises(Refused, match="overlap"):
        decide(office, template, third, "regulator2", first=local_day(NOW) + 5 * DAY)


@pytest.mark.parametrize(
    ("first", "sunset", "said"),
    [(-1, 30, "passed"), (0, None, "Sunset"), (5, 4, "before it begins"), (0, 400, "at most a year")],
)
def test_days_that_do_not_fit_are_refused(office: Office, first: int, sunset: int | None, said: str) -> None:
    template, version = in_review(office)
    today = local_day(NOW)
    with pytest.raises(Refused, match=said):
        decide(
            office, template, version, "regulator2",
            first=today + first * DAY, sunset=None if sunset is None else today + sunset * DAY,
        )  # fmt: skip
    assert version.state == VersionState.IN_REVIEW


def test_a_run_begins_under_the_version_of_its_day(office: Office) -> None:
    template, _ = published(office)
    second = templates.begin_next(template, actor=office.actor("officer"), now=NOW)
    publish(office, template, second, valid_from=local_day(NOW) + 10 * DAY)
    case = a_case(office, State.IN_PROGRESS, kind="shipping")
    for days, no in ((9, 1), (10, 2)):
        run = runs.start(case, template, type_code="shipping", actor=office.actor("officer"), now=NOW + days * DAY)
        assert db.session.get_one(TemplateVersion, run.version_id).no == no


def test_only_one_version_is_written_at_a_time(office: Office) -> None:
    template, _ = a_template(office)
    with pytest.raises(Refused, match="being written already"):
        templates.begin_next(template, actor=office.actor("officer"), now=NOW)


def test_a_returned_version_is_a_draft_again_with_what_to_change(office: Office) -> None:
    template, version = in_review(office)
    with pytest.raises(Refused, match="What to change"):
        approving.send_back(template, version, " ", actor=office.actor("regulator2"), now=NOW)
    approving.send_back(template, version, "时限太短", actor=office.actor("regulator2"), now=NOW)
    assert (version.state, version.note) == (VersionState.DRAFT, "时限太短")


@pytest.mark.parametrize("fate", [Fate.RENEW, Fate.PERMANENT, Fate.RETIRE])
def test_somebody_decides_at_the_sunset_with_a_reason_that_stays(office: Office, fate: Fate) -> None:
    template, version = published(office)
    regulator, until = office.actor("regulator2"), local_day(NOW) + 200 * DAY
    with pytest.raises(Refused, match="Reason"):
        approving.decide(template, fate, until=until, reason="", actor=regulator, now=NOW)
    with pytest.raises(NotPermitted):
        approving.decide(template, fate, until=until, reason="x", actor=office.actor("officer"), now=NOW)
    approving.decide(template, fate, until=until, reason="照旧", actor=regulator, now=NOW)
    expected = {Fate.RENEW: until, Fate.PERMANENT: None}
    if fate is Fate.RETIRE:
        assert version.state == VersionState.RETIRED
        assert queries.version_on(template.id, local_day(NOW)) is None
    else:
        assert version.valid_to == expected[fate]
        assert template.permanent is (fate is Fate.PERMANENT)


def test_the_authority_finds_reviews_and_sunsets_on_its_desk_and_others_do_not(office: Office) -> None:
    in_review(office)
    ending, _ = published(office, shipping() | {"name": {"zh": "另一个"}, "steps": shipping()["steps"][:3]})
    for who, count in (("regulator2", 1), ("regulator", 0), ("officer", 0)):
        actor = office.actor(who)
        assert len(queries.waiting_for(actor, limit=9)) == count
        found = queries.setting(actor, local_day(NOW) + 91 * DAY, limit=9)
        assert [row.id for row in found] == [ending.id] * count
    assert queries.setting(office.actor("regulator2"), local_day(NOW), limit=9) == []


def test_two_templates_of_a_district_do_not_number_in_the_same_series(office: Office) -> None:
    published(office)
    template, version = a_template(office)
    with pytest.raises(Refused) as refused:
        approving.submit(template, version, actor=office.actor("officer"), now=NOW)
    assert "临发" in str(refused.value.reasons[0])


def test_changes_of_a_draft_are_kept_for_undo_up_to_two_hundred(office: Office) -> None:
    template, version = a_template(office)
    for number in range(205):
        changed = shipping() | {"basis": f"第 {number} 号"}
        templates.save(template, version, changed, "the head", actor=office.actor("officer"), now=NOW)
    db.session.commit()
    assert db.session.query(TemplateEdit).count() <= templates.MOST_EDITS + 1


def test_the_library_costs_the_same_for_three_templates_and_for_thirty(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Any]]
) -> None:
    officer = signed_in(client, office.people["officer"])
    costs = []
    for count in (3, 27):
        for _ in range(count):
            a_template(office, now=utcnow())
        officer.get("/templates")
        with query_count() as sent:
            officer.get("/templates")
        costs.append(sent.total)
    assert costs[0] == costs[1]


def test_a_run_costs_the_same_whatever_the_number_of_its_steps(
    office: Office, client: FlaskClient, query_count: Callable[[], AbstractContextManager[Any]]
) -> None:
    short = a_shipment(office).go_to("inspect")
    officer = signed_in(client, office.people["officer"])
    officer.get(f"/runs/{short.run.id}")
    with query_count() as sent:
        officer.get(f"/runs/{short.run.id}")
    assert sent.total <= 26
