"""An entry is put right by a later one: both stay, and each leads to the other. Cases that went into one another too."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.audit import queries as audit
from casework.cases import corrections, service
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.errors import Refused
from casework.kernel.time import utcnow
from tests.factories import Office, a_case, a_draft

SignIn = Callable[..., FlaskClient]


@pytest.fixture
def case(office: Office) -> Case:
    """In progress, with the officer and a first contact."""
    return a_case(office, State.IN_PROGRESS, now=utcnow())


def a_note(case: Case, office: Office, text: str, **more: int) -> int:
    entry = service.add_note(case, text, actor=office.actor("officer"), now=utcnow(), **more)
    db.session.commit()
    return entry


def kind_of(case: Case, verb: str) -> int:
    return next(entry.id for entry in audit.timeline(case.id) if entry.verb == verb)


def part(page: str, entry: int) -> str:
    """What the page says of one entry."""
    return page.split(f'id="e{entry}"')[1].split("</li>")[0]


def test_a_note_is_corrected_from_its_own_link_and_both_lead_to_each_other(
    case: Case, office: Office, as_: SignIn
) -> None:
    officer, number = as_("officer"), case.number
    wrong = a_note(case, office, "业主愿意免两个月")
    story = officer.get(f"/cases/{number}").text
    assert f'href="/cases/{number}?correct={wrong}#note"' in part(story, wrong)

    form = officer.get(f"/cases/{number}?correct={wrong}").text
    assert f'name="corrects" value="{wrong}"' in form
    assert "记下更正" in form
    sent = officer.post(
        f"/cases/{number}/notes", data={"op": "one", "text": "业主愿意免一个半月", "corrects": str(wrong)}
    )
    assert sent.status_code == 303

    right = kind_of(case, "NoteAdded")
    story = officer.get(f"/cases/{number}").text
    assert "已更正，见" in part(story, wrong)
    assert f'href="#e{right}"' in part(story, wrong)
    assert f'href="#e{wrong}"' in part(story, right)
    assert "业主愿意免两个月" in part(story, wrong)
    assert "?correct=" not in part(story, wrong)  # what stands now is the correction: that one may be corrected
    assert f"?correct={right}#" in part(story, right)


def test_a_logged_contact_can_be_corrected(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    service.act(
        case,
        "contact",
        {"way": "call", "person": "何秀芝", "text": "约了周三"},
        actor=office.actor("officer"),
        now=utcnow(),
    )
    db.session.commit()
    contact = kind_of(case, "ContactLogged")
    right = a_note(case, office, "约的是周四", corrects=contact)
    assert f'href="#e{right}"' in part(as_("officer").get(f"/cases/{case.number}").text, contact)


def test_the_other_entry_is_linked_also_when_it_stands_on_an_earlier_page(
    case: Case, office: Office, as_: SignIn
) -> None:
    wrong = a_note(case, office, "记错了")
    for number in range(31):
        a_note(case, office, f"第 {number} 条")
    right = a_note(case, office, "这样才对", corrects=wrong)
    page = as_("officer").get(f"/cases/{case.number}").text
    assert f'id="e{wrong}"' not in page
    link = f"/cases/{case.number}?before={wrong + 1}#e{wrong}"
    assert link in part(page, right)
    assert f'id="e{wrong}"' in as_("officer").get(link).text


def test_only_notes_and_contacts_of_the_same_case_are_corrected(case: Case, office: Office, as_: SignIn) -> None:
    other = a_case(office, State.IN_PROGRESS, now=utcnow())
    theirs = a_note(other, office, "另一件的记录")
    moved = kind_of(case, "CaseMoved")
    for entry in (theirs, moved, 10**9):
        with pytest.raises(Refused):
            corrections.check(case, entry)
        answer = as_("officer").post(
            f"/cases/{case.number}/notes", data={"op": f"o{entry}", "text": "这段话不能丢", "corrects": str(entry)}
        )
        assert answer.status_code == 422
        assert "这段话不能丢" in answer.text
        assert 'name="corrects"' not in answer.text
    assert as_("officer").get(f"/cases/{case.number}?correct={theirs}").status_code == 404
    assert "另一件的记录" not in as_("officer").get(f"/cases/{case.number}").text


def test_who_may_not_write_is_offered_no_correction(case: Case, office: Office, as_: SignIn) -> None:
    a_note(case, office, "记录")
    assert "?correct=" in as_("desk").get(f"/cases/{case.number}").text
    assert "?correct=" not in as_("district_admin").get(f"/cases/{case.number}").text


def test_a_plain_note_asks_the_database_nothing_about_corrections(case: Case, office: Office) -> None:
    assert corrections.correctable(case, None) is None
    assert corrections.linked([], [], case, office.actor("officer")) == []


def test_cases_that_were_merged_or_split_name_each_other(case: Case, office: Office, as_: SignIn) -> None:
    into = a_case(office, State.IN_PROGRESS, now=utcnow(), title="收并的那件")
    desk = office.actor("desk")
    service.act(case, "merge", {"other": into.number, "reason": "同一件事"}, actor=desk, now=utcnow())
    service.act(
        into,
        "split",
        {"title": "拆出的那件", "text": "另算一件", "reason": "两件事"},
        actor=desk,
        now=utcnow(),
    )
    db.session.commit()
    off = db.session.scalars(sa.select(Case).where(Case.split_from_id == into.id)).one()
    pages = {one.id: as_("desk").get(f"/cases/{one.number}").text for one in (case, into, off)}
    for one, other in ((case, into), (into, case), (into, off), (off, into)):
        assert f'<a href="/cases/{other.number}">{other.number}</a> {other.title}' in pages[one.id]


def test_a_linked_case_out_of_scope_is_a_number_without_a_title(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    hidden = service.submit(
        draft=a_draft(office, area="8801002001", title="别人的事"), actor=office.actor("desk"), now=utcnow()
    )
    hidden.split_from_id = case.id
    db.session.commit()
    page = as_("officer").get(f"/cases/{case.number}").text
    assert hidden.number in page
    assert "别人的事" not in page
    assert f'href="/cases/{hidden.number}"' not in page


def test_the_people_panel_names_holders_and_the_authority_that_reviews(case: Case, as_: SignIn) -> None:
    panel = as_("officer").get(f"/cases/{case.number}").text.split('id="people"')[1].split("</section>")[0]
    for words in ("何秀芝", "139****2206", "看全号", "沈砚秋　第一小组", "复工小组组长　第一小组"):
        assert words in panel
