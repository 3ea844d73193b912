"""What the pages show of a negotiation, worked out once: talks with their ladder, promises, sums, firms."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from casework.cases.models import Case
from casework.files.models import Attachment
from casework.kernel.errors import N_, Reason, because
from casework.kernel.permissions import Actor
from casework.kernel.time import local_day
from casework.negotiations import ledger, parties, queries
from casework.negotiations.ladder import Agreed, Ladder, Mark, Rung, ladder
from casework.negotiations.ledger import FirmShare, Sums
from casework.negotiations.models import Agreement, Allocation, Commitment, Counterparty, Negotiation
from casework.negotiations.promises import may_settle
from casework.negotiations.words import UNSETTLED, PositionKind, Side, Standing

FIRMS_SHOWN = 11
SOON_DAYS = 1


@dataclass(frozen=True, slots=True)
class TalksView:
    """Talks with one counterparty: the chain it stands in, its ladder, where it stands, what is next."""

    negotiation: Negotiation
    party: Counterparty
    chain: Sequence[Counterparty]
    ladder: Ladder


@dataclass(frozen=True, slots=True)
class PromiseView:
    """A commitment with its day in words; ``tone`` is late, soon or empty."""

    commitment: Commitment
    due: Reason
    tone: str
    mine_to_settle: bool
    files: Sequence[Attachment]

    @property
    def is_open(self) -> bool:
        """Whether it still holds back closing."""
        return self.commitment.state in UNSETTLED


@dataclass(frozen=True, slots=True)
class AgreementView:
    """An agreement, the version that counts, and its three sums."""

    agreement: Agreement
    allocation: Allocation | None
    sums: Sums

    @property
    def waits(self) -> int:
        """How many firms have not confirmed yet."""
        return self.sums.firms - self.sums.firms_received


@dataclass(frozen=True, slots=True)
class Panel:
    """Everything that the case page shows of its negotiation."""

    talks: Sequence[TalksView]
    promises: Sequence[PromiseView]
    agreements: Sequence[AgreementView]
    firms: Sequence[FirmShare]

    @property
    def in_force(self) -> AgreementView | None:
        """The agreement that its sums are shown of: the newest one that was not ended."""
        return next((view for view in self.agreements if view.agreement.state != Standing.ENDED), None)


def panel(case: Case, actor: Actor, *, now: datetime) -> Panel:
    """Read what the case page needs; a case without talks and promises costs one look."""
    logged = case.negotiated
    agreements = agreement_views(case) if logged else []
    in_force = next((view for view in agreements if view.agreement.state != Standing.ENDED), None)
    allocation = in_force.allocation if in_force else None
    return Panel(
        talks=talks_views(case, agreements, now=now) if logged else [],
        promises=promise_views(case, actor, now=now) if logged else [],
        agreements=agreements,
        firms=ledger.firms_page(case.id, allocation, size=FIRMS_SHOWN) if case.joint else [],
    )


def talks_views(case: Case, agreements: Sequence[AgreementView], *, now: datetime) -> list[TalksView]:
    """The talks that serve a case, each with its ladder."""
    agreed = {
        view.agreement.negotiation_id: view.agreement
        for view in reversed(agreements)
        if view.agreement.state != Standing.ENDED
    }
    return [
        TalksView(negotiation, party, parties.chain_of(party), _ladder(negotiation, agreed.get(negotiation.id), now))
        for negotiation, party in queries.negotiations_of(case.id)
    ]


def _ladder(negotiation: Negotiation, agreement: Agreement | None, now: datetime) -> Ladder:
    rungs = [
        Rung(
            rung.at,
            rung.stance,
            asks=[_mark(row) for row in rung.positions if (row.side, row.kind) == (Side.US, PositionKind.ASK)],
            offers=[_mark(row) for row in rung.positions if (row.side, row.kind) == (Side.THEM, PositionKind.OFFER)],
        )
        for rung in queries.rungs_of(negotiation.id)
    ]
    agreed = Agreed(agreement.agreed_on, agreement.total_fen) if agreement else None
    return ladder(rungs, agreed, local_day(now))


def _mark(row: Any) -> Mark:
    return Mark(row.worth_fen, row.method, row.expires_on, row)


def promise_views(case: Case, actor: Actor, *, now: datetime) -> list[PromiseView]:
    """The promises on a case, unsettled ones first."""
    listed = queries.commitments_of(case.id)
    files = queries.files_named([case.id], (key for promise in listed for key in promise.proof_files))
    return [_promise(promise, case, actor, local_day(now), files) for promise in listed]


def promise_view(promise: Commitment, case: Case, actor: Actor, *, now: datetime) -> PromiseView:
    """One promise as its page shows it."""
    files = queries.files_named([case.id], promise.proof_files)
    return _promise(promise, case, actor, local_day(now), files)


def _promise(
    promise: Commitment, case: Case, actor: Actor, today: date, files: Mapping[int, Attachment]
) -> PromiseView:
    due, tone = due_words(promise, today)
    proof = [files[key] for key in promise.proof_files if key in files]
    return PromiseView(promise, due, tone, may_settle(actor, case, promise), proof)


def due_words(promise: Commitment, today: date) -> tuple[Reason, str]:
    """How its day stands: days left, due today, days late; once proven, whether that was in time."""
    if promise.state not in UNSETTLED:
        late = (local_day(promise.proven_at or promise.settled_at or promise.made_at) - promise.due_on).days
        if promise.state != "kept":
            return Reason(""), ""
        if late > 0:
            return because(N_("late by %(n)s d"), n=late), ""
        return (because(N_("early by %(n)s d"), n=-late), "") if late < 0 else (Reason(N_("in time")), "")
    left = (promise.due_on - today).days
    if left < 0:
        return because(N_("over by %(n)s d"), n=-left), "late"
    if left == 0:
        return Reason(N_("due today")), "soon"
    return because(N_("%(n)s d left"), n=left), "soon" if left <= SOON_DAYS else ""


def agreement_views(case: Case) -> list[AgreementView]:
    """The agreements that concern a case, newest first, with their sums for this case."""
    views = []
    for agreement in ledger.agreements_of(case.id):
        allocation = ledger.current_allocation(agreement.id)
        views.append(AgreementView(agreement, allocation, ledger.sums(agreement, allocation, case.id)))
    return views
