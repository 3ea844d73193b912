"""The whole file of a case: complete, as its reader may see it, made once, and checked by anyone."""

from __future__ import annotations

import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from docx import Document
from flask.testing import FlaskClient
from PIL import Image

from casework.audit import queries as audit
from casework.casefile import blocks, documents, jobs, making, rules, service, typeset
from casework.casefile.models import CaseFile, FileState
from casework.cases.models import Case
from casework.cases.workflow import State
from casework.files import service as files
from casework.files import storage
from casework.kernel import waiting
from casework.kernel.db import db, transaction
from casework.kernel.errors import NotPermitted, Refused
from casework.kernel.time import utcnow
from casework.papers import slip_pdf
from casework.roster.models import Posting
from tests.audit.test_verify import set_, unseal
from tests.factories import Office, a_case, take
from tests.papers.deals import a_deal
from tests.papers.test_slips import SLIP
from tests.processes.shipment import a_shipment
from tests.supplies.store import a_line, a_stock, a_store, give

SignIn = Callable[..., FlaskClient]
PHONE = "13900002206"
WHERE = b"31.2304N"


def a_photo() -> bytes:
    exif = Image.Exif()
    exif[0x010E] = WHERE.decode()
    out = io.BytesIO()
    Image.new("RGB", (1600, 1200), "teal").save(out, "JPEG", exif=exif)
    return out.getvalue()


def a_letter() -> bytes:
    out = io.BytesIO()
    Document().save(out)
    return out.getvalue()


def keep(case: Case, name: str, content: bytes) -> None:
    sealed = files.take_in(io.BytesIO(content), name)
    files.attach(sealed=sealed, case_id=case.id, kind="", actor_id=None, now=utcnow())
    db.session.commit()


def asked(office: Office, case: Case, *, by: str = "officer", locale: str = "zh-CN", reason: str = "") -> CaseFile:
    actor = office.actor(by, utcnow().date())
    with transaction():
        case = db.session.get_one(Case, case.id)
        return service.ask(case, locale=locale, full=bool(reason), reason=reason, actor=actor, now=utcnow())


def made(office: Office, case: Case, **how: Any) -> CaseFile:
    file = asked(office, case, **how)
    assert making.execute(file.id, now=utcnow())
    db.session.refresh(file)
    return file


def said(office: Office, case: Case, *, by: str = "officer", **how: Any) -> str:
    """Everything that stands on the pages."""
    file = asked(office, case, by=by, **how)
    return json.dumps(making.whole(file.id, office.actor(by, utcnow().date()), [], utcnow())[0], ensure_ascii=False)


def pages(content: bytes, tmp_path: Path) -> int | None:
    (tmp_path / "made.pdf").write_bytes(content)
    return typeset.pages_in(tmp_path / "made.pdf")


def test_one_click_makes_the_pdf_and_the_case_says_who_took_it_out(office: Office, as_: SignIn, tmp_path: Path) -> None:
    case, client = a_case(office, State.CLOSED, now=utcnow()), as_("officer")
    answer = client.post(f"/cases/{case.number}/file", data={"locale": "zh-CN", "op": "one"})
    again = client.post(f"/cases/{case.number}/file", data={"locale": "zh-CN", "op": "one"})
    assert (answer.status_code, again.location) == (303, answer.location)
    page = client.get(answer.location).text
    got = client.get(re.search(r'href="(\S+/case\.pdf)"', page)[1])  # type: ignore[index]
    file = db.session.scalars(sa.select(CaseFile)).one()
    assert (file.status, pages(got.data, tmp_path)) == (FileState.DONE, file.pages)
    entry = audit.timeline(case.id)[0]
    assert (entry.verb, entry.actor_id, entry.data["sha256"]) == ("CaseFileMade", file.by_id, file.sha256)
    assert entry.data["head"] == file.head_seq == entry.seq - 1
    assert audit.verify(case.id).ok


def test_anyone_checks_its_code_without_an_account_and_reads_nothing_personal(
    office: Office, client: FlaskClient
) -> None:
    case = a_case(office, State.CLOSED, now=utcnow())
    file = made(office, case)
    page = client.get(f"/verify/{file.code.lower()}")
    assert page.status_code == 200
    for shown in (case.number, str(file.pages), file.head_hash, file.sha256, "记录未变"):
        assert shown in page.text
    for hidden in (case.title, case.requester, case.contact_name, "沈砚秋", PHONE[-4:]):
        assert hidden not in page.text


def test_a_record_that_was_bent_after_the_printing_is_found_by_whoever_checks_the_paper(
    office: Office, client: FlaskClient
) -> None:
    case = a_case(office, State.CLOSED, now=utcnow())
    file = made(office, case)
    unseal()
    set_("actor_id", "NULL", 2)(f"case:{case.id}")
    db.session.commit()
    page = client.get(f"/verify/{file.code}").text
    assert "记录已被改动" in page
    assert "记录未变" not in page


def test_a_code_of_a_file_that_was_never_made_is_unknown(office: Office, client: FlaskClient) -> None:
    file = asked(office, a_case(office, State.CLOSED, now=utcnow()))
    assert client.get(f"/verify/{file.code}").status_code == 404


def test_every_entry_of_the_chain_stands_on_it_in_its_order_with_its_hash(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    take(office, case, "contact", now=utcnow(), text="问明了情况")
    db.session.commit()
    text = said(office, case)
    chain = audit.chain_of(case.id)
    assert [link.entry.seq for link in chain] == list(range(1, len(chain) + 1))
    places = [text.index(f'"foot": "{link.hash[:16]}"') for link in chain]
    assert places == sorted(places)
    assert "问明了情况" in text


@pytest.mark.parametrize(("locale", "words"), [("zh-CN", "协商与协议"), ("en", "Talks and agreements")])
def test_talks_agreement_shares_and_receipts_are_on_it_in_both_languages(
    office: Office, locale: str, words: str
) -> None:
    deal = a_deal(office)
    deal.confirm()
    deal.allocate()
    text = said(office, deal.case, locale=locale)
    for shown in (words, "周记牛骨粉", "免二月租金", "何秀芝"):
        assert shown in text


def test_the_steps_of_a_process_are_on_it(office: Office) -> None:
    shipment = a_shipment(office, now=utcnow())
    db.session.commit()
    assert "临时流程" in said(office, shipment.case, by="desk")


def test_what_the_case_asked_for_and_who_received_it_are_on_it(office: Office) -> None:
    store = a_store(office)
    line = a_line(store, 300)
    case = db.session.get_one(Case, line.case_id)
    give(store, line, a_stock(store, 500), 120)
    db.session.commit()
    chinese, english = said(office, case), said(office, case, locale="en")
    for told in (chinese, english):
        assert all(shown in told for shown in ("口罩", "300 只", "120 只　何秀芝（"))
    assert "物资保障" in chinese
    assert "Supplies" in english


def test_the_contacts_number_is_masked_unless_a_reason_is_given_and_then_logged(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert PHONE not in said(office, case)
    assert PHONE in said(office, case, reason="法院调取")
    made(office, case, reason="法院调取")
    looked = [entry for entry in audit.timeline(case.id) if entry.verb == "ContactRevealed"]
    assert [entry.data["reason"] for entry in looked] == ["法院调取"]


def test_a_full_number_without_a_reason_is_refused_at_its_field_and_what_was_chosen_is_kept(
    office: Office, as_: SignIn
) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    answer = as_("officer").post(f"/cases/{case.number}/file", data={"locale": "en", "full": "y", "op": "one"})
    assert answer.status_code == 422
    assert "理由：写明为什么需要完整号码" in answer.text
    assert re.search(r'value="en"[^>]*checked|checked[^>]*value="en"', answer.text)
    assert db.session.scalars(sa.select(CaseFile)).all() == []


def test_the_districts_administrator_takes_it_out_masked_only(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    made(office, case, by="district_admin")
    with pytest.raises(NotPermitted):
        asked(office, case, by="district_admin", reason="核对")


@pytest.mark.parametrize(("who", "status"), [("helper", 403), ("officer3", 404), ("desk_b", 404), ("auditor", 403)])
def test_who_may_not_take_it_out_finds_nothing(office: Office, as_: SignIn, who: str, status: int) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    assert as_(who).get(f"/cases/{case.number}/file").status_code == status


def test_photos_and_pdfs_are_printed_and_other_files_listed_with_their_hashes(office: Office, tmp_path: Path) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    bare = made(office, case).pages
    for name, content in (("现场.jpg", a_photo()), ("单据.pdf", slip_pdf.write(SLIP)), ("函.docx", a_letter())):
        keep(case, name, content)
    from casework.files import queries as file_queries

    printed = documents.prepare(file_queries.attachments_of(case.id), tmp_path, lambda done: None)
    assert [(bool(one.picture), one.pages, bool(one.remark)) for one in printed] == [
        (True, 0, False),
        (False, 1, False),
        (False, 0, True),
    ]
    assert WHERE not in (tmp_path / printed[0].picture).read_bytes()
    file = made(office, case)
    assert file.pages >= bare + 2
    told, _head = making.whole(file.id, office.actor("officer", utcnow().date()), printed, utcnow())
    text = json.dumps(told, ensure_ascii=False)
    assert all(one.file.sha256 in text for one in printed)


def test_bytes_that_are_no_longer_those_that_were_sealed_are_named_and_never_printed(
    office: Office, tmp_path: Path
) -> None:
    from casework.files import queries as file_queries

    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    keep(case, "现场.jpg", a_photo())
    [kept] = file_queries.attachments_of(case.id)
    storage.current().delete(kept.storage_key)
    [one] = documents.prepare([kept], tmp_path, lambda done: None)
    assert not one.on_paper
    assert str(one.remark) == "内容与封存时不符"
    assert made(office, case).status == FileState.DONE


def test_a_damaged_pdf_is_listed_and_the_file_is_made_all_the_same(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    keep(case, "坏.pdf", b"%PDF-1.7\nnothing\n%%EOF\n")
    assert made(office, case).status == FileState.DONE


def test_a_large_case_is_made_by_the_job_and_the_page_says_how_far_it_is(office: Office, as_: SignIn) -> None:
    case, client = a_case(office, State.CLOSED, now=utcnow()), as_("officer")
    for no in range(rules.DOCUMENTS_AT_ONCE + 1):
        keep(case, f"现场 {no}.jpg", a_photo())
    location = client.post(f"/cases/{case.number}/file", data={"locale": "zh-CN", "op": "one"}).location
    assert 'hx-trigger="every 2s"' in client.get(location).text
    assert jobs.make(utcnow()) == 1
    assert jobs.make(utcnow()) == 0
    assert "case.pdf" in client.get(location).text
    assert [entry.verb for entry in audit.timeline(case.id)].count("CaseFileMade") == 1


def test_one_whose_process_was_killed_is_taken_up_again_after_a_silence(office: Office) -> None:
    file = asked(office, a_case(office, State.CLOSED, now=utcnow()))
    with transaction():
        service.begin(file.id, now=utcnow())
    assert waiting.due(CaseFile, utcnow()) == []
    later = utcnow() + waiting.SILENCE + timedelta(seconds=1)
    assert jobs.make(later) == 1


def test_who_lost_the_right_before_it_was_made_gets_nothing(office: Office) -> None:
    file = asked(office, a_case(office, State.CLOSED, now=utcnow()))
    db.session.execute(sa.delete(Posting).where(Posting.user_id == office.people["officer"].id))
    db.session.commit()
    assert not making.execute(file.id, now=utcnow())
    db.session.refresh(file)
    assert (file.status, file.storage_key) == (FileState.STOPPED, "")


def test_only_its_maker_downloads_it_and_for_a_day(office: Office, as_: SignIn) -> None:
    case = a_case(office, State.CLOSED, now=utcnow())
    file = made(office, case)
    address = f"/cases/{case.number}/file/{file.id}/case.pdf"
    assert as_("officer").get(address).status_code == 200
    assert as_("desk").get(address).status_code == 404
    file.expires_at = utcnow() - timedelta(seconds=1)
    db.session.commit()
    assert as_("officer").get(address).status_code == 404


def test_texts_are_never_read_as_markup(office: Office) -> None:
    case = a_case(office, State.SUBMITTED, now=utcnow(), title='#import "x"', text='$x^2$ *b* _i_ @cite \\ #panic("x")')
    assert made(office, case, by="desk").status == FileState.DONE


def test_nobody_asks_for_a_file_unmasked_without_saying_why(office: Office) -> None:
    case = a_case(office, State.IN_PROGRESS, now=utcnow())
    actor = office.actor("officer", utcnow().date())
    with pytest.raises(Refused):
        service.ask(case, locale="zh-CN", full=True, reason="  ", actor=actor, now=utcnow())


def test_a_long_run_of_letters_may_be_broken_so_that_no_column_is_overrun() -> None:
    name = "IMG" + "A1b2C3d4" * 24 + ".jpg"
    said = blocks.said(f"存入 {name} 一份")
    assert said.replace(blocks.BREAK, "") == f"存入 {name} 一份"
    assert max(len(piece) for piece in said.split(blocks.BREAK)) <= blocks.PIECE + 3
    assert blocks.said("2020-02-12 17:00 612,345.67") == "2020-02-12 17:00 612,345.67"
