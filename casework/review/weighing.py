"""How much money a result is about, and the watch over signatures: one falls as soon as what it signed changes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm.attributes import set_committed_value

from casework import audit
from casework.audit.service import Recorded
from casework.cases import signing
from casework.cases.events import CaseSubmitted
from casework.cases.models import Case
from casework.cases.notices import Told, regulators_of, tell_of
from casework.cases.signing import Weight
from casework.cases.workflow import State
from casework.kernel.db import db
from casework.kernel.permissions import Actor
from casework.negotiations import ledger
from casework.negotiations.models import Agreement, NegotiationCase
from casework.negotiations.words import Standing
from casework.review import limits
from casework.review.events import SignatureVoided

NEVER_SIGNED = (CaseSubmitted, SignatureVoided)
"""After these entries no signature stands on the case: they are not asked about."""


def weigh(case: Case) -> Weight:
    """The agreements in force on a case with their shares and receipts; stands in ``signing.WEIGHERS``."""
    limit = limits.limit_of(case)
    if not case.negotiated:
        return Weight(0, limit)
    amount, made_of = 0, []
    for agreement in ledger.agreements_of(case.id):
        if agreement.state == Standing.ENDED:
            continue
        allocation = ledger.current_allocation(agreement.id)
        sums = ledger.sums(agreement, allocation, case.id)
        amount += agreement.total_fen
        version = allocation.no if allocation else 0
        shares = [sums.shared_fen, sums.received_fen, sums.firms, sums.disputes]
        made_of.append([agreement.id, agreement.state, agreement.method, agreement.terms, version, *shares])
    return Weight(amount, limit, made_of)


def amounts_of(case_ids: Collection[int]) -> dict[int, int]:
    """What the agreements in force on these cases come to, in one query."""
    if not case_ids:
        return {}
    query = (
        sa.select(NegotiationCase.case_id, sa.func.sum(Agreement.total_fen))
        .join(Agreement, Agreement.negotiation_id == NegotiationCase.negotiation_id)
        .where(NegotiationCase.case_id.in_(sorted(case_ids)), Agreement.state != Standing.ENDED)
        .group_by(NegotiationCase.case_id)
    )
    return {case_id: int(total) for case_id, total in db.session.execute(query)}


def watch(recorded: Sequence[Recorded], by: Actor | None, at: datetime) -> None:
    """After entries of signed cases: void the signature if what it stands on changed; in ``AFTER_RECORD``."""
    for case in _signed({entry.case_id for entry in recorded if not isinstance(entry.fact, NEVER_SIGNED)}):
        weight = signing.weigh(case)
        before, after = (case.signature or {}).get("prints", {}), signing.prints(case, weight)
        if parts := [part for part in signing.PARTS if before.get(part) != after[part]]:
            _void(case, parts, by, at)


def _signed(case_ids: Collection[int]) -> list[Case]:
    """Those of some cases that wait under a first signature; the one case of most entries is at hand already."""
    if len(case_ids) > 1:
        query = sa.select(Case.id).where(Case.id.in_(case_ids), Case.state == State.UNDER_REVIEW)
        case_ids = list(db.session.scalars(query.where(Case.signature.is_not(None)).order_by(Case.id)))
    cases = [db.session.get_one(Case, case_id) for case_id in case_ids]
    return [case for case in cases if case.signature is not None and case.state == State.UNDER_REVIEW]


def _void(case: Case, parts: list[str], by: Actor | None, at: datetime) -> None:
    signature, signer = case.signature or {}, case.signed_by_id
    # Without a version check, as an addition conflicts with nobody; the mapper is told that there is nothing to write.
    db.session.execute(
        sa.update(Case)
        .where(Case.id == case.id)
        .values(signed_by_id=None, signature=None)
        .execution_options(synchronize_session=False)
    )
    set_committed_value(case, "signature", None)
    set_committed_value(case, "signed_by_id", None)
    entry = audit.record(
        SignatureVoided(name=str(signature.get("name", "")), parts=parts), by=by, at=at, case_id=case.id
    )
    others = regulators_of(case.area_ids, case.domain, at) if signer is None else [signer]
    tell_of(case, Told("to_review", others), key=f"e{entry}", path=f"/reviews/{case.number}", by=by, now=at)
