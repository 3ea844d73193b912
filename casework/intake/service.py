"""Every write of the portal: keep what is filled in, make it a case once, and carry words to and fro."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework import audit
from casework.cases import service as cases
from casework.cases.events import FilesAttached
from casework.cases.models import Case
from casework.cases.service import CaseDraft
from casework.cases.workflow import Source, State
from casework.enterprises.models import Enterprise
from casework.files import service as files
from casework.files.models import Attachment
from casework.files.service import Sealed
from casework.intake import queries, rules
from casework.intake.events import RequesterTold, RequesterWrote
from casework.intake.models import PortalReport
from casework.intake.policy import TELL
from casework.kernel import search, throttle
from casework.kernel.db import db
from casework.kernel.errors import N_, Refused, TooMany, because
from casework.kernel.permissions import Actor, authorise
from casework.kernel.time import local_day
from casework.processes import queries as processes
from casework.processes import runs
from casework.routing import service as routing

HOUR = timedelta(hours=1)
BY_PHONE, BY_ADDRESS, LOOKS_BY_ADDRESS, BEGUN_BY_ADDRESS = 5, 60, 60, 300
MOST_FILES = 5
KEPT_FOR = timedelta(days=7)
REOPEN_WITHIN = timedelta(days=30)


def begin(answers: Mapping[str, Any], *, now: datetime) -> str:
    """Begin a report; returns the token that the browser holds."""
    token = secrets.token_urlsafe(32)
    key = hashlib.sha256(token.encode()).hexdigest()
    db.session.add(PortalReport(token_sha256=key, answers=dict(answers), updated_at=now))
    return token


def fill_in(report: PortalReport, answers: Mapping[str, Any], *, now: datetime) -> None:
    """Keep what was filled in, whether it is complete or not."""
    report.answers = {**report.answers, **answers}
    report.updated_at = now


def add_files(report: PortalReport, sealed: Sequence[Sealed], *, now: datetime) -> None:
    """Keep photos with the report, the same one once; they become part of the case when it is sent.

    Raises:
        Refused: there would be too many.
    """
    kept = list(report.answers.get("files", ()))
    fresh = [one for one in sealed if one.sha256 not in {sha256 for _, _, sha256 in kept}]
    if not fresh:
        return
    if len(kept) + len(fresh) > MOST_FILES:
        raise Refused(because(N_("Attach at most %(most)s files."), "files", most=MOST_FILES))
    added = [files.attach(sealed=one, case_id=None, actor_id=None, now=now) for one in fresh]
    fill_in(report, {"files": kept + [[one.id, one.name, one.sha256] for one in added]}, now=now)


def count_begun(address: str, *, now: datetime) -> None:
    """Count one report that is begun, in a transaction of its own: what is kept on the way must not fill the disk.

    Raises:
        TooMany: more than three hundred in an hour from an address.
    """
    if throttle.count(f"begun@{address}", window=HOUR, now=now) > BEGUN_BY_ADDRESS:
        raise TooMany(int(HOUR.total_seconds()))


def count_look(address: str, *, now: datetime) -> None:
    """Count one look at the firms, in a transaction of its own.

    Raises:
        TooMany: more than sixty in a minute from an address.
    """
    if throttle.count(f"firms@{address}", window=timedelta(minutes=1), now=now) > LOOKS_BY_ADDRESS:
        raise TooMany(60)


def count_report(phone: str, address: str, *, now: datetime) -> bool:
    """Count one report, in a transaction of its own; whether rules may dispatch it by themselves.

    A plaza shares one address: above its limit a report is kept and waits for somebody to look at it.

    Raises:
        TooMany: more than five in an hour with one phone.
    """
    if throttle.count(f"report:{phone}", window=HOUR, now=now) > BY_PHONE:
        raise TooMany(int(HOUR.total_seconds()))
    return throttle.count(f"report@{address}", window=HOUR, now=now) <= BY_ADDRESS


@dataclass(frozen=True, slots=True)
class Sent:
    """What became of a report: its case, and whether it was there already."""

    case: Case
    again: bool


def send(report: PortalReport, *, trusted: bool, now: datetime) -> Sent:
    """Make a report a case, once, and let the rules find its officer.

    The same report within a day, from whatever browser, is the same case. ``trusted``: see ``count_report``.

    Raises:
        Refused: something is missing, each at its field.
    """
    if reasons := [reason for step in rules.STEPS for reason in rules.faults(step, report.answers)]:
        raise Refused(reasons)
    if report.case_id:
        return Sent(db.session.get_one(Case, report.case_id), True)
    digest = rules.digest_of(report.answers)
    earlier = queries.sent_since(digest, now - queries.SAME)
    report.updated_at, report.digest = now, digest
    if earlier is not None and earlier.case_id:
        report.case_id = earlier.case_id
        return Sent(db.session.get_one(Case, earlier.case_id), True)
    case = cases.submit(draft=_draft(report.answers), actor=None, now=now)
    report.case_id = case.id
    _hand_over_files(report, case, now)
    if trusted:
        routing.route(case, now=now)
    _begin_process(case, report.answers, now)
    return Sent(case, False)


def _begin_process(case: Case, answers: Mapping[str, Any], now: datetime) -> None:
    """Begin what was asked for; where it is not offered for this place the case goes its way without it."""
    template = processes.offered_one(str(answers.get("template") or ""), local_day(now))
    if template is not None and template.area_id in case.area_ids and answers["kind"] in template.serves:
        runs.start_by_requester(case, template, type_code=answers["kind"], now=now)


def _draft(answers: Mapping[str, Any]) -> CaseDraft:
    kinds = {kind.code: kind.id for kind in queries.types()}
    if answers["kind"] not in kinds:
        raise Refused(because(N_("Choose the one that is nearest. It can be changed later."), "kind"))
    firm = db.session.get(Enterprise, answers.get("firm_id") or 0)
    return CaseDraft(
        title=_title(answers),
        text=answers["text"],
        type_id=kinds[answers["kind"]],
        area_id=answers["area_id"],
        source=Source.PORTAL,
        requester=(firm.name if firm else answers["firm"])[:200],
        enterprise_id=firm.id if firm else None,
        contact_name=answers["name"][:60],
        contact_phone=rules.phone_of(answers["phone"]),
        place=str(answers.get("address") or "")[:200],
    )


def _title(answers: Mapping[str, Any]) -> str:
    template = answers.get("template") and processes.named(answers["template"])
    return f"{template}：{answers['firm']}"[:120] if template else rules.title_of(answers["text"])


def _hand_over_files(report: PortalReport, case: Case, now: datetime) -> None:
    kept = [key for key, *_ in report.answers.get("files", ())]
    found = list(db.session.scalars(sa.select(Attachment).where(Attachment.id.in_(kept), Attachment.case_id.is_(None))))
    if found:
        _attach(case, found, now)


def _attach(case: Case, found: Sequence[Attachment], now: datetime) -> None:
    for one in found:
        one.case_id = case.id
    listed = [{"id": one.id, "name": one.name, "sha256": one.sha256, "kind": one.kind} for one in found]
    audit.record(FilesAttached(files=listed), by=None, at=now, case_id=case.id)
    for one in found:
        files.make_findable(one)


def write(case: Case, text: str, sealed: Sequence[Sealed], *, now: datetime) -> None:
    """The requester writes to us. An answer to what we asked brings the case back to where it was.

    Raises:
        Refused: nothing is written or attached, it is too long, or the case has ended.
    """
    if not case.is_open:
        raise Refused(because(N_("This case has ended: ask us to take it up again, or report a new one.")))
    if not text and not sealed:
        raise Refused(because(N_("Write something, or attach a photo."), "text"))
    if len(sealed) > MOST_FILES:
        raise Refused(because(N_("Attach at most %(most)s files."), "files", most=MOST_FILES))
    if len(text) > rules.TEXT:
        raise Refused(because(N_("Shorten it to 5,000 characters; what is longer can be attached as a file."), "text"))
    added = [files.attach(sealed=one, case_id=case.id, actor_id=None, now=now) for one in sealed]
    fact = RequesterWrote(text=text, files=[{"id": one.id, "name": one.name, "sha256": one.sha256} for one in added])
    entry = audit.record(fact, by=None, at=now, case_id=case.id)
    cases.touch(case, "reply", now)
    search.put("entry", entry, 0, case.id, text, new=True)
    if case.state == State.WAITING and (case.waiting or {}).get("code") in ("requester", "supplement"):
        cases.take(case, "resume", {}, actor=None, now=now, automatic=True)


def tell(case: Case, text: str, *, actor: Actor, now: datetime) -> None:
    """Write to the requester: it stands on the page of the case.

    Raises:
        NotPermitted: the case is not the actor's.
        Refused: nothing is written, or it is too long.
    """
    authorise(actor, TELL, case)
    if not text.strip():
        raise Refused(because(N_("Write what the requester is to read."), "text"))
    if len(text) > rules.TEXT:
        raise Refused(because(N_("Shorten it to 5,000 characters."), "text"))
    entry = audit.record(RequesterTold(text=text), by=actor, at=now, case_id=case.id)
    cases.touch(case, "tell", now)
    search.put("entry", entry, 0, case.id, text, new=True)


def ask_again(case: Case, reason: str, *, now: datetime) -> None:
    """The requester asks to take a closed case up again.

    Raises:
        Refused: no reason, or it was closed too long ago.
    """
    if case.closed_at is None or now - case.closed_at > REOPEN_WITHIN:
        raise Refused(because(N_("It was closed more than 30 days ago: please report it anew.")))
    if not reason.strip():
        raise Refused(because(N_("Write what is still wrong."), "reason"))
    cases.take(case, "reopen", {"reason": reason.strip()[: rules.TEXT]}, actor=None, now=now)


def withdraw(case: Case, reason: str, *, now: datetime) -> None:
    """The requester no longer asks for it.

    Raises:
        Refused: no reason, or the case has ended.
    """
    if not reason.strip():
        raise Refused(because(N_("Write in a few words why."), "reason"))
    cases.take(case, "withdraw", {"reason": reason.strip()[: rules.TEXT]}, actor=None, now=now)


def forget_old(now: datetime) -> int:
    """Drop reports that nobody went on with, and their photos' rows; returns how many."""
    old = list(db.session.scalars(sa.select(PortalReport).where(PortalReport.updated_at < now - KEPT_FOR).limit(500)))
    for report in old:
        if report.case_id is None:
            kept = [key for key, *_ in report.answers.get("files", ())]
            db.session.execute(sa.delete(Attachment).where(Attachment.id.in_(kept), Attachment.case_id.is_(None)))
        db.session.delete(report)
    return len(old)
