"""What leaves the house arrives once, at those who may see it, in time and never as a flood; nothing is lost."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from email.message import EmailMessage
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from standardwebhooks import Webhook as Verifier

from casework.cases.models import Case
from casework.cases.notices import Told, tell_of
from casework.cases.workflow import State
from casework.config import ROOT
from casework.kernel.db import db
from casework.kernel.time import at_local, local, local_day, utcnow
from casework.notifications import jobs, outbox, outgoing
from casework.notifications.kinds import KINDS
from casework.notifications.models import Delivery, Notice, Robot, Stage, Webhook, WebhookHost
from casework.notifications.service import News, notify
from casework.roster.models import Posting
from tests.factories import NOW, Office, a_case
from tests.harness.threads import at_once, together
from tests.notifications.conftest import SECRET
from tests.notifications.servers import MailServer, Web

CANARY = "13900002206"
Give = Callable[..., str]


def tell(office: Office, case: Case, kind: str, key: str, *, to: str = "officer", now: datetime = NOW) -> None:
    """Tell a person of something, as the services do."""
    told = Told(kind, [office.people[to].id])
    tell_of(case, told, key=key, path=f"/cases/{case.number}#{key}", by=None, now=now)
    db.session.commit()


def deliver(now: datetime = NOW) -> int:
    db.session.commit()
    return jobs.deliver(now)


def rows(*, state: Stage | None = None) -> list[Delivery]:
    db.session.rollback()
    db.session.expire_all()
    query = sa.select(Delivery).order_by(Delivery.id)
    return list(db.session.scalars(query.where(Delivery.state == state) if state else query))


def text_of(mail: EmailMessage) -> str:
    return f"{mail['Subject']}\n{mail.get_content()}"


# -- mail


def test_a_dispatch_arrives_as_a_mail_of_a_machine(office: Office, mailed: Give, mail: MailServer) -> None:
    address = mailed("officer")
    case = a_case(office, State.DISPATCHED)
    assert deliver() == 1
    [one] = mail.box.mails
    assert address in str(one["To"])
    assert one["Auto-Submitted"] == "auto-generated"
    assert "复工专班" in str(one["From"])
    assert case.number in str(one["Subject"])
    assert f"/cases/{case.number}#e" in one.get_content()
    assert "阿芝热干面馆" in one.get_content()
    assert deliver(NOW + timedelta(hours=1)) == 0, "and once"
    assert [row.state for row in rows()] == [Stage.SENT]


def test_a_mail_speaks_the_language_of_its_reader(office: Office, mailed: Give, mail: MailServer) -> None:
    mailed("officer")
    office.people["officer"].locale = "en"
    a_case(office, State.DISPATCHED)
    deliver()
    assert str(mail.box.mails[0]["Subject"]).startswith("Dispatched to you")


def test_what_a_person_does_not_want_is_not_sent(office: Office, mailed: Give, client: Any) -> None:
    from tests.factories import signed_in

    mailed("officer")
    signed_in(client, office.people["officer"])
    wanted = {"email": "officer@example.com", "mailed": ["late"]}
    from casework.notifications.models import NoticePrefs

    version = db.session.get_one(NoticePrefs, office.people["officer"].id).version
    assert client.post("/me/notices", data={**wanted, "version": version}).status_code == 303
    case = a_case(office, State.DISPATCHED)
    assert rows() == []
    tell(office, case, "late", "a")
    assert len(rows()) == 1


def test_no_message_of_any_kind_holds_a_phone_number_or_what_people_typed(
    office: Office, mailed: Give, mail: MailServer, web: Web, a_robot: Any, a_webhook: Any
) -> None:
    mailed("officer")
    a_robot(kinds=list(KINDS))
    a_webhook()
    case = a_case(
        office,
        State.IN_PROGRESS,
        requester=f"阿芝热干面馆 {CANARY}\r\nBcc: evil@example.com",
        title=f"请打 {CANARY}",
        text=f"电话 {CANARY}",
        place=CANARY,
    )
    case = db.session.get_one(Case, case.id)
    now = NOW
    for kind in KINDS:
        if kind == "dead_letter":
            continue
        tell(office, case, kind, f"k-{kind}", now=now)
        now += timedelta(hours=2)
        deliver(now)
    assert {row.state for row in rows()} == {Stage.SENT}
    said = [bytes(one).decode() + text_of(one) for one in mail.box.mails]
    said += [call.body.decode() for call in web.calls]
    assert len(said) > 3 * (len(KINDS) - 2)
    for text in said:
        assert CANARY not in text
        assert CANARY[:8] not in text
        assert "请打" not in text
    assert all("Bcc" not in one for one in mail.box.mails), "a line end in a name makes no head"


def test_one_refused_address_stops_nobody_else(office: Office, mailed: Give, mail: MailServer) -> None:
    for name in ("officer", "officer2", "lead", "helper"):
        mailed(name)
    mail.box.refused.add("officer2@example.com")
    mail.box.busy.add("lead@example.com")
    case = a_case(office, State.IN_PROGRESS)
    db.session.execute(sa.delete(Delivery))
    take_support(office, case)
    for name in ("officer2", "lead", "officer", "helper"):
        tell(office, case, "late", "x", to=name)
    deliver()
    assert {str(one["To"]).split("<")[-1].rstrip(">") for one in mail.box.mails} == {
        "officer@example.com",
        "helper@example.com",
    }
    by_person = {row.target_id: row for row in rows()}
    refused, busy = by_person[office.people["officer2"].id], by_person[office.people["lead"].id]
    assert (refused.state, refused.error) == (Stage.DEAD, "mail_address")
    assert "550" in refused.said
    assert (busy.state, busy.attempts) == (Stage.WAITING, 1)
    mail.box.busy.clear()
    deliver(NOW + timedelta(minutes=1))
    assert mail.box.to("lead@example.com")


def take_support(office: Office, case: Case) -> None:
    """The helper works on the case too, and so may see it."""
    from tests.factories import take

    take(office, case, "assign", support=[office.people["helper"].id])
    db.session.execute(sa.delete(Delivery))
    db.session.commit()


def test_a_server_that_is_down_is_tried_ever_less_often_then_the_letter_is_dead_and_can_be_sent_again(
    office: Office, mailed: Give, mail: MailServer, client: Any
) -> None:
    from tests.factories import signed_in

    mailed("officer")
    case = a_case(office, State.DISPATCHED)
    mail.stop()
    now, waits = NOW, []
    for _ in range(24):
        assert deliver(now) == 0
        [row] = rows()
        waits.append(row.next_at - now)
        now = max(row.next_at, now)
    assert waits[0] == timedelta(seconds=30)
    assert max(waits) == timedelta(hours=6)
    [row] = rows()
    assert (row.state, row.error, row.attempts) == (Stage.DEAD, "mail_down", 24)
    told = db.session.scalars(sa.select(Notice).where(Notice.kind == "dead_letter")).all()
    assert {one.user_id for one in told} == {office.people["sysadmin"].id}
    signed_in(client, office.people["sysadmin"])
    page = client.get("/settings/deliveries").text
    assert "邮件服务器没有应答" in page
    assert "沈砚秋" in page
    assert case.number not in page
    assert client.post(f"/settings/deliveries/{row.id}", data={"do": "again"}).status_code == 303
    assert [(one.state, one.attempts) for one in rows()] == [(Stage.WAITING, 0)]
    assert client.post(f"/settings/deliveries/{row.id}", data={"do": "drop"}).status_code == 404, "not dead any more"


def test_without_a_mail_server_nothing_waits_for_one(settings: Any, make_app: Any) -> None:
    from dataclasses import replace

    from casework.notifications.models import NoticePrefs
    from tests.factories import an_office

    with make_app(replace(settings, smtp_url="")).app_context():
        office = an_office()
        db.session.add(NoticePrefs(user_id=office.people["officer"].id, email="officer@example.com"))
        a_case(office, State.DISPATCHED)
        assert rows() == []
        assert deliver() == 0


def test_quiet_hours_hold_what_can_wait_and_let_through_what_cannot(
    office: Office, mailed: Give, mail: MailServer
) -> None:
    mailed("officer", quiet_from=22 * 60, quiet_to=7 * 60)
    case = a_case(office, State.IN_PROGRESS)
    db.session.execute(sa.delete(Delivery))
    night, morning = at_local(local_day(NOW), 23), at_local(local_day(NOW) + timedelta(days=1), 7)
    for number in range(8):
        tell(office, case, "returned", f"r{number}", now=night)
    tell(office, case, "late", "l", now=night)
    tell(office, case, "urged", "u", now=night)
    pressing = a_case(office, State.IN_PROGRESS, urgent=True)
    db.session.execute(sa.delete(Delivery).where(Delivery.subject_id == pressing.id))
    tell(office, pressing, "late", "p", now=night)
    deliver(night)
    assert sorted(str(one["Subject"])[:2] for one in mail.box.mails) == ["催办", "已超"]
    deliver(morning - timedelta(minutes=1))
    assert len(mail.box.mails) == 2
    deliver(morning)
    assert len(mail.box.mails) == 3
    assert "9 条提醒" in str(mail.box.mails[2]["Subject"])


def test_fifty_events_in_a_minute_are_at_most_ten_mails_an_hour_and_none_is_lost(
    office: Office, mailed: Give, mail: MailServer
) -> None:
    mailed("officer")
    case = a_case(office, State.IN_PROGRESS)
    db.session.execute(sa.delete(Delivery))
    sent_at: list[datetime] = []
    for second in range(0, 60 * 70, 15):  # the scheduler's ticks for over an hour
        now = NOW + timedelta(seconds=second)
        if second < 60:
            for number in range(12 if second < 30 else 13):
                tell(office, case, "urged", f"{second}-{number}", now=now)  # urgent ones, which wait for nothing
        before = len(mail.box.mails)
        deliver(now)
        sent_at += [now] * (len(mail.box.mails) - before)
    assert all(sum(moment - timedelta(hours=1) < other <= moment for other in sent_at) <= 10 for moment in sent_at)
    links = "\n".join(one.get_content() for one in mail.box.mails).replace("\r", "")
    assert sum(links.count(f"#{row.key}\n") for row in rows()) == 50
    assert {row.state for row in rows()} == {Stage.SENT}


def test_a_trickle_about_one_case_is_gathered(office: Office, mailed: Give, mail: MailServer) -> None:
    mailed("officer")
    case = a_case(office, State.IN_PROGRESS)
    db.session.execute(sa.delete(Delivery))
    for minute in range(60):
        now = NOW + timedelta(minutes=minute)
        tell(office, case, "returned", f"m{minute}", now=now)
        deliver(now)
    assert len(mail.box.mails) <= 10
    deliver(NOW + timedelta(hours=3))
    assert sum(one.get_content().count("/cases/") for one in mail.box.mails) == 60


def test_who_lost_the_right_before_it_left_gets_nothing(office: Office, mailed: Give, mail: MailServer) -> None:
    mailed("officer")
    a_case(office, State.DISPATCHED)
    db.session.query(Posting).filter_by(user_id=office.people["officer"].id).delete()
    assert deliver() == 0
    assert mail.box.mails == []
    assert [(row.state, row.error) for row in rows()] == [(Stage.DROPPED, "lost_right")]


def test_of_a_digest_only_what_may_still_be_seen_leaves(office: Office, mailed: Give, mail: MailServer) -> None:
    mailed("officer")
    kept, lost = a_case(office, State.DISPATCHED), a_case(office, State.DISPATCHED)
    for number in range(4):
        tell(office, kept, "late", f"k{number}")
        tell(office, lost, "late", f"l{number}")
    from tests.factories import take

    take(office, lost, "transfer")
    db.session.commit()
    deliver()
    said = "".join(text_of(one) for one in mail.box.to("officer@"))
    assert kept.number in said
    assert lost.number not in said


# -- robots


@pytest.mark.parametrize(
    ("kind", "path", "text"),
    [
        ("wecom", "/cgi-bin/webhook/send?key=abcd1234", ("text", "content")),
        ("dingtalk", "/robot/send?access_token=abcd1234", ("text", "content")),
        ("feishu", "/open-apis/bot/v2/hook/abcd1234/", ("content", "text")),
    ],
)
def test_a_robot_tells_the_group_in_a_short_text(
    office: Office, web: Web, a_robot: Any, kind: str, path: str, text: tuple[str, str]
) -> None:
    a_robot(kind)
    case = a_case(office, State.DISPATCHED)
    deliver()
    [call] = web.calls
    assert call.path == path
    said = json.loads(call.body)[text[0]][text[1]]
    assert case.number in said
    assert "阿芝热干面馆" in said


def test_a_signed_robot_of_dingtalk_is_signed(office: Office, web: Web, a_robot: Any) -> None:
    a_robot("dingtalk", secret="SEC123abc")
    a_case(office, State.DISPATCHED)
    deliver()
    assert "&timestamp=" in web.calls[0].path
    assert "&sign=" in web.calls[0].path


def test_too_many_said_with_status_200_is_tried_again_and_an_unknown_key_is_dead(
    office: Office, web: Web, a_robot: Any
) -> None:
    a_robot()
    a_case(office, State.DISPATCHED)
    web.answer(200, b'{"errcode": 45009, "errmsg": "api freq out of limit"}')
    deliver()
    assert [(row.state, row.error, row.attempts) for row in rows()] == [(Stage.WAITING, "answered", 1)]
    web.answer(200, b'{"errcode": 93000, "errmsg": "invalid webhook url"}')
    deliver(NOW + timedelta(minutes=1))
    assert [(row.state, "93000" in row.said) for row in rows()] == [(Stage.DEAD, True)]


def test_a_robot_gets_at_most_twenty_messages_in_any_minute_and_every_line(
    office: Office, web: Web, a_robot: Any
) -> None:
    a_robot(kinds=["late"])
    case = a_case(office, State.IN_PROGRESS)
    sent_at: list[datetime] = []
    for second in range(0, 180, 2):
        now = NOW + timedelta(seconds=second)
        if second < 120:
            tell(office, case, "late", f"s{second}", now=now)
        before = len(web.calls)
        deliver(now)
        sent_at += [now] * (len(web.calls) - before)
    assert all(sum(moment - timedelta(minutes=1) < other <= moment for other in sent_at) <= 20 for moment in sent_at)
    assert sum(call.body.decode().count("#s") for call in web.calls) == 60
    assert {row.state for row in rows()} == {Stage.SENT}
    assert all(len(json.loads(call.body)["text"]["content"].encode()) <= 2048 for call in web.calls)


def test_a_robot_whose_unit_lost_the_case_says_nothing_of_it(office: Office, web: Web, a_robot: Any) -> None:
    from tests.factories import take

    a_robot()
    case = a_case(office, State.DISPATCHED)
    take(office, case, "transfer")
    deliver()
    assert web.calls == []
    assert [row.error for row in rows()] == ["lost_right"]


def test_what_waits_for_a_robot_that_was_removed_is_dropped(office: Office, web: Web, a_robot: Any) -> None:
    a_robot()
    a_case(office, State.DISPATCHED)
    db.session.execute(sa.delete(Robot))
    deliver()
    assert [(row.state, row.error) for row in rows()] == [(Stage.DROPPED, "gone")]


# -- webhooks


def test_a_webhook_is_signed_by_the_standard_and_holds_ids_only(office: Office, web: Web, a_webhook: Any) -> None:
    a_webhook()
    case = a_case(office, State.DISPATCHED)
    deliver(datetime.now(tz=NOW.tzinfo))  # the verifier asks the real clock
    [call] = web.calls
    told = Verifier(SECRET).verify(call.body.decode(), call.headers)
    assert (told["type"], told["data"]["number"]) == ("casework.dispatched", case.number)
    assert "面馆" not in call.body.decode()


def test_a_failed_webhook_comes_again_under_the_same_id(office: Office, web: Web, a_webhook: Any) -> None:
    a_webhook()
    a_case(office, State.DISPATCHED)
    web.answer(500)
    deliver()
    deliver(NOW + timedelta(seconds=29))
    assert len(web.calls) == 1
    deliver(NOW + timedelta(seconds=30))
    assert len({call.headers["webhook-id"] for call in web.calls}) == 1
    assert [(row.state, row.attempts) for row in rows()] == [(Stage.SENT, 2)]


def test_a_redirect_is_not_followed(office: Office, web: Web, a_webhook: Any) -> None:
    a_webhook()
    a_case(office, State.DISPATCHED)
    web.answer(302, b"", Location=f"{web.url}/elsewhere")
    deliver()
    assert [call.path for call in web.calls] == ["/hooks"]
    assert rows()[0].said == "302"


def test_a_renewed_secret_signs_beside_the_old_one_for_a_day(office: Office, web: Web, a_webhook: Any) -> None:
    now = datetime.now(tz=NOW.tzinfo)
    a_webhook(secret="whsec_" + "QUJD" * 8, old_secret=SECRET, old_until=now + timedelta(hours=1))
    a_case(office, State.DISPATCHED)
    deliver(now)
    for secret in (SECRET, "whsec_" + "QUJD" * 8):
        Verifier(secret).verify(web.calls[0].body.decode(), web.calls[0].headers)


@pytest.mark.parametrize("change", ["host", "resting", "district"])
def test_a_webhook_that_is_not_allowed_any_more_is_not_called(
    office: Office, web: Web, a_webhook: Any, change: str
) -> None:
    hook = a_webhook()
    a_case(office, State.DISPATCHED)
    if change == "host":
        db.session.execute(sa.delete(WebhookHost))
    elif change == "resting":
        db.session.execute(sa.update(Webhook).values(active=False))
    else:
        db.session.execute(sa.update(Webhook).values(area_id=office.areas["8802"].id))
    deliver()
    assert web.calls == []
    assert rows()[0].error == {"host": "not_allowed", "resting": "gone", "district": "lost_right"}[change]
    assert hook is not None


def test_a_name_that_leads_inside_is_not_connected_to() -> None:
    for inside in ("127.0.0.1", "localhost"):
        with pytest.raises(outgoing.NotAllowed):
            outgoing.post(f"http://{inside}:9/x", b"", {})
        with pytest.raises(outgoing.NoAnswer):
            outgoing.post(f"http://{inside}:9/x", b"", {}, networks=outgoing.ANYWHERE)


def test_a_server_that_never_ends_its_answer_is_given_up() -> None:
    forever = threading.Event()
    with pytest.raises(outgoing.NoAnswer, match="slow"):
        outgoing.within(0.01, forever.wait)
    forever.set()


def test_a_dead_robot_holds_up_neither_mail_nor_webhooks(
    office: Office, mailed: Give, mail: MailServer, web: Web, a_robot: Any, a_webhook: Any, settings: Any, make_app: Any
) -> None:
    from dataclasses import replace

    mailed("officer")
    a_robot()
    a_webhook()
    a_case(office, State.DISPATCHED)
    with make_app(replace(settings, robot_hosts="wecom=http://127.0.0.1:9")).app_context():
        assert deliver() == 2
    assert len(mail.box.mails) == len(web.calls) == 1
    assert {row.channel: row.state for row in rows()} == {"email": "sent", "webhook": "sent", "robot": "waiting"}


# -- several schedulers, and one that dies


def test_two_schedulers_send_each_message_once(
    office: Office, mailed: Give, mail: MailServer, web: Web, a_webhook: Any, app: Flask
) -> None:
    mailed("officer")
    a_webhook()
    for _ in range(3):
        a_case(office, State.DISPATCHED)
    at_once(app, [lambda: jobs.deliver(NOW)] * 2)
    assert len(mail.box.mails) == 3
    assert len({call.headers["webhook-id"] for call in web.calls}) == len(web.calls)
    assert {row.state for row in rows()} == {Stage.SENT}


def test_two_who_tell_of_the_same_event_leave_one_line_in_the_inbox(office: Office, app: Flask) -> None:
    case = a_case(office, State.IN_PROGRESS)
    number, officer_id, case_id = case.number, office.people["officer"].id, case.id
    db.session.execute(sa.delete(Notice))

    def one() -> None:
        notify(News(kind="late", subject="case", subject_id=case_id, to=[officer_id], key="due", path=number), now=NOW)

    together(app, [one] * 2)
    db.session.rollback()
    assert len(db.session.scalars(sa.select(Notice)).all()) == 1


DYING = """
import sys
from datetime import datetime
from casework import create_app
from casework.config import Settings
from casework.notifications import jobs
url, smtp, now = sys.argv[1:]
app = create_app(Settings(database_url=url, secret_key="x" * 40, testing=True, smtp_url=smtp, mail_from="a@example.org"))
with app.app_context():
    print("begins", flush=True)
    jobs.deliver(datetime.fromisoformat(now))
"""


def test_a_scheduler_killed_between_the_servers_yes_and_its_own_note_costs_one_copy_with_the_same_id(
    office: Office, mailed: Give, mail: MailServer, database_url: str
) -> None:
    mailed("officer")
    a_case(office, State.DISPATCHED)
    db.session.commit()
    command = [sys.executable, "-c", DYING, database_url, mail.url, NOW.isoformat()]
    child = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    mail.box.after = lambda: os.kill(child.pid, signal.SIGKILL)
    child.communicate(timeout=60)
    assert child.returncode == -signal.SIGKILL
    mail.box.after = None
    assert len(mail.box.mails) == 1
    assert deliver(NOW + timedelta(seconds=30)) == 0, "its claim holds"
    assert deliver(NOW + outbox.HELD_FOR + timedelta(seconds=1)) == 1
    assert deliver(NOW + timedelta(hours=1)) == 0
    first, second = mail.box.mails
    assert first["Message-ID"] == second["Message-ID"]


def test_what_comes_back_under_a_lost_claim_changes_nothing(office: Office, mailed: Give) -> None:
    mailed("officer")
    a_case(office, State.DISPATCHED)
    officer = office.people["officer"].id
    late = outbox.claim("email", officer, now=NOW)
    fresh = outbox.claim("email", officer, now=NOW + outbox.HELD_FOR * 2)
    assert late
    assert fresh
    outbox.settle(late, [late.rows[0].id], outbox.SENT, now=NOW)
    db.session.commit()
    assert [row.state for row in rows()] == [Stage.WAITING]
    outbox.settle(fresh, [fresh.rows[0].id], outbox.SENT, now=NOW)
    db.session.commit()
    assert [row.state for row in rows()] == [Stage.SENT]


def test_what_a_webhook_was_told_since_a_time_or_a_message_is_sent_again_in_order(
    office: Office, web: Web, a_webhook: Any, client: Any
) -> None:
    from tests.factories import signed_in

    hook, now = a_webhook(), utcnow()
    for minutes in (90, 30, 10):
        case = a_case(office, State.IN_PROGRESS, now=now - timedelta(minutes=minutes))
        db.session.execute(sa.delete(Delivery).where(Delivery.subject_id == case.id))
        tell(office, case, "late", f"m{minutes}", now=now - timedelta(minutes=minutes))
    deliver(now)
    first = [call.headers["webhook-id"] for call in web.calls]
    signed_in(client, office.people["sysadmin"])
    at = f"/settings/webhooks/{hook.id}/replay"
    assert client.get(at).status_code == 200
    since = local(now - timedelta(minutes=45)).strftime("%Y-%m-%dT%H:%M")
    assert client.post(at, data={"since": since}).status_code == 303
    assert "2 条消息将重发" in client.get("/settings/webhooks").text
    deliver(utcnow())
    assert [call.headers["webhook-id"] for call in web.calls] == first + first[1:]
    assert client.post(at, data={"since": since, "message": first[2]}).status_code == 303
    assert [row.state for row in rows()] == [Stage.SENT, Stage.SENT, Stage.WAITING]
    future = local(now + timedelta(days=1)).strftime("%Y-%m-%dT%H:%M")
    for wrong in ({"since": future}, {"since": ""}, {"message": "msg_none"}):
        assert client.post(at, data=wrong).status_code == 422
