"""Writes: commitments, from the promise to its proof and its end."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from casework.accounts.models import User
from casework.cases.models import Case
from casework.clocks import service as clocks
from casework.clocks.kinds import ALWAYS, Clock, Limit
from casework.files.models import Attachment
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason, Refused, because
from casework.kernel.permissions import Actor, authorise, can
from casework.kernel.time import at_local, local_day
from casework.negotiations import rules
from casework.negotiations.chronicle import mark, tell
from casework.negotiations.events import CommitmentMade, CommitmentProven, CommitmentSettled
from casework.negotiations.models import Commitment, Negotiation
from casework.negotiations.rules import PromiseDraft
from casework.negotiations.words import UNSETTLED, Debtor, Promise


def promise(
    case: Case, draft: PromiseDraft, *, actor: Actor, now: datetime, negotiation: Negotiation | None = None
) -> Commitment:
    """Enter what somebody promised. It blocks closing until it is kept, broken or released.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        Refused: the draft's faults, all at once.
    """
    authorise(actor, "negotiation.log", case)
    if faults := _faults(case, draft, negotiation, now):
        raise Refused(faults)
    made = _commitment(case, draft, negotiation, actor, now)
    db.session.add(made)
    db.session.flush()  # the entry names the id
    _start_clock(case, made)
    mark(case.id)
    fact = CommitmentMade(
        commitment=made.id, who=made.who, what=made.what, due_on=made.due_on, condition=made.condition
    )
    tell([case.id], fact, by=actor, at=now, verb="promise", words=f"{made.who} {made.what}")
    return made


def _faults(case: Case, draft: PromiseDraft, negotiation: Negotiation | None, now: datetime) -> list[Reason]:
    faults = rules.promise_faults(draft, today=local_day(now))
    if draft.debtor is Debtor.THEM and negotiation is None:
        faults.append(because(N_("Who promised: name the counterparty in a round first."), "who"))
    if draft.promiser_id is not None and draft.promiser_id not in case.holder_ids:
        faults.append(because(N_("Who promised: pick somebody who works on the case."), "who"))
    return faults


def _commitment(
    case: Case, draft: PromiseDraft, negotiation: Negotiation | None, actor: Actor, now: datetime
) -> Commitment:
    theirs = draft.debtor is Debtor.THEM and negotiation is not None
    return Commitment(
        case_id=case.id,
        negotiation_id=negotiation.id if negotiation else None,
        counterparty_id=negotiation.counterparty_id if theirs and negotiation else None,
        promiser_id=draft.promiser_id if draft.debtor is Debtor.US else None,
        debtor=draft.debtor,
        who=draft.who.strip(),
        what=draft.what.strip(),
        condition=draft.condition.strip(),
        promised_on=draft.promised_on,
        due_on=draft.due_on,
        state=Promise.OPEN,
        proof_files=[],
        made_by_id=actor.user_id,
        made_at=now,
    )


def _start_clock(case: Case, made: Commitment) -> None:
    """A promise is a clock: from the day it was made to the end of the day it was made for."""
    days = (made.due_on - made.promised_on).days + 1
    clocks.start(
        case_id=case.id,
        clock=Clock.PROMISE,
        limit=Limit(days * 24 * 60, ALWAYS),
        areas=case.area_ids,
        now=at_local(made.promised_on),
        subject_id=made.id,
    )


def prove(
    case: Case,
    commitment: Commitment,
    words: str,
    *,
    actor: Actor,
    now: datetime,
    files: Sequence[Attachment] = (),
) -> None:
    """Hand in proof: words, files or both. More may follow until it is settled.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        Refused: there is no proof, or it is settled already.
    """
    authorise(actor, "negotiation.log", case)
    if commitment.state not in UNSETTLED:
        raise Refused(because(N_("This commitment is settled already.")))
    if not words.strip() and not files:
        raise Refused(because(N_("Proof: write what shows that it was kept, or attach it."), "proof"))
    if len(words) > 500:
        raise Refused(because(N_("Shorten this to %(limit)s characters."), "proof", limit=500))
    _enter_proof(commitment, words, files, actor, now)
    db.session.flush()  # the version check before the entry
    clocks.stop(case_id=case.id, clock=Clock.PROMISE, subject_id=commitment.id, now=now)
    fact = CommitmentProven(
        commitment=commitment.id,
        who=commitment.who,
        what=commitment.what,
        proof=words.strip(),
        files=[{"id": file.id, "name": file.name, "sha256": file.sha256} for file in files],
    )
    tell([case.id], fact, by=actor, at=now, verb="promise", words=words)


def _enter_proof(commitment: Commitment, words: str, files: Sequence[Attachment], actor: Actor, now: datetime) -> None:
    commitment.proof = "\n".join(filter(None, (commitment.proof, words.strip())))[:500]
    commitment.proof_files = [*commitment.proof_files, *(file.id for file in files)]
    commitment.proven_at, commitment.proven_by_id = now, actor.user_id
    commitment.state = Promise.PROVEN


def settle(case: Case, commitment: Commitment, target: Promise, reason: str, *, actor: Actor, now: datetime) -> None:
    """End a commitment: kept on its proof, broken, or released; never by the promiser alone.

    Raises:
        NotPermitted: the actor may not negotiate for this case.
        Refused: it is settled, has no proof, is the actor's own, or no reason is given.
    """
    authorise(actor, "negotiation.log", case)
    faults = rules.settling_faults(
        commitment.state,
        target,
        is_promiser=_is_own(commitment, actor),
        proven=commitment.proven_at is not None,
        reason=reason,
    )
    if faults:
        raise Refused(faults)
    commitment.state = target
    commitment.settled_at, commitment.settled_by_id = now, actor.user_id
    commitment.reason = reason.strip()
    db.session.flush()  # the version check before the entry
    end = clocks.cancel if target is Promise.RELEASED else clocks.stop
    end(case_id=case.id, clock=Clock.PROMISE, subject_id=commitment.id, now=now)
    fact = CommitmentSettled(
        commitment=commitment.id,
        who=commitment.who,
        what=commitment.what,
        state=target,
        late_days=max((local_day(commitment.proven_at or now) - commitment.due_on).days, 0),
        reason=commitment.reason,
    )
    tell([case.id], fact, by=actor, at=now, verb="promise", words=commitment.reason)


def hand_over(commitment: Commitment, leaver: User, successor: User) -> bool:
    """Let a successor owe what somebody of ours promised. False: it is settled, or not theirs any more.

    The caller has authorised it, and records it.
    """
    if commitment.promiser_id != leaver.id or commitment.state not in UNSETTLED:
        return False
    commitment.promiser_id = successor.id
    commitment.who = commitment.who.replace(leaver.name, successor.name)[:200]
    return True


def may_settle(actor: Actor, case: Case, commitment: Commitment) -> bool:
    """Whether to offer it: they negotiate for the case and it is not their own promise."""
    return can(actor, "negotiation.log", case) and not _is_own(commitment, actor)


def _is_own(commitment: Commitment, actor: Actor) -> bool:
    """Whether they promised it; where our side promised and nobody is named by account, whoever wrote it down did."""
    unnamed = commitment.debtor == Debtor.US and commitment.promiser_id is None
    return actor.user_id == (commitment.made_by_id if unnamed else commitment.promiser_id)
