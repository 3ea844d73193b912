"""An agreement as .docx from a layout: what both sides sign, in the words of a Chinese contract."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

import sqlalchemy as sa

from casework.cases.models import Beneficiary, Case
from casework.kernel.db import db
from casework.kernel.money import capitals, yuan
from casework.kernel.time import local_day
from casework.negotiations import ledger, parties, queries
from casework.negotiations.models import Agreement, Allocation, Counterparty, Share
from casework.negotiations.words import Basis, Method

LAYOUT = Path(__file__).with_name("layouts") / "agreement.docx"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
_CONTROLS = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff\ud800-\udfff]")
BLANK = "____________"
# The document is Chinese whatever the reader's language: both sides sign it.
METHODS = {
    Method.WAIVE: "免除",
    Method.REDUCE: "减收",
    Method.DEFER: "缓交",
    Method.OFFSET: "抵扣",
    Method.OTHER: "优惠",
}
SHARING = {
    Basis.RENT: "合计金额按月租比例分摊到户，先舍到分，余下的分按最大余数法一户一分",
    Basis.AREA: "合计金额按面积比例分摊到户，先舍到分，余下的分按最大余数法一户一分",
    Basis.EQUAL: "合计金额平均分摊到户，先舍到分，余下的分一户一分",
    Basis.HAND: "合计金额按双方商定的数额分摊到户",
}
ADDS_UP = "各户金额见附表，合计与第一条金额一致。"
NOT_SHARED = f"合计金额按{BLANK}分摊到户，{ADDS_UP}"


def write(stream: IO[bytes], case: Case, party: Counterparty, agreement: Agreement, *, layout: Path = LAYOUT) -> None:
    """Fill a layout with the version of the allocation that counts; what is not known stays a line to write on."""
    from docxtpl import DocxTemplate
    from jinja2.sandbox import SandboxedEnvironment

    document = DocxTemplate(layout)
    # Whoever may change a layout may not run code with it.
    sandbox = SandboxedEnvironment(autoescape=True, finalize=_for_xml)
    document.render(_facts(case, party, agreement), jinja_env=sandbox, autoescape=True)
    document.save(stream)


def _for_xml(value: object) -> object:
    """A text without the control characters that no document may hold."""
    return _CONTROLS.sub("", value) if isinstance(value, str) else value


def _facts(case: Case, party: Counterparty, agreement: Agreement) -> dict[str, Any]:
    allocation = ledger.current_allocation(agreement.id)
    return {
        "blank": BLANK,
        "number": case.number,
        "agreed_on": _day(agreement.agreed_on),
        "owner": party.name,
        "contact": party.contact or BLANK,
        "representative": agreement.ours_name or case.contact_name or BLANK,
        "chain": agreement.chain or _chain(party),
        "method": METHODS[Method(agreement.method)],
        "total": yuan(agreement.total_fen),
        "capitals": capitals(agreement.total_fen),
        "period": _period(agreement),
        "terms": agreement.terms,
        "sharing": f"{SHARING[Basis(allocation.basis)]}，{ADDS_UP}" if allocation else NOT_SHARED,
        "theirs": agreement.theirs_name,
        "theirs_on": _signed_on(agreement.theirs_at),
        "ours": agreement.ours_name,
        "ours_on": _signed_on(agreement.ours_at),
        **_annex(_firms(agreement, allocation), allocation),
    }


def _annex(firms: Sequence[Beneficiary], allocation: Allocation | None) -> dict[str, Any]:
    """Every firm with its rent and share; the shares of all the cases under the agreement add up to its total."""
    rows = ledger.beside(firms, allocation)
    return {
        "count": len(rows),
        "firms": [
            {"name": row.firm.name, "rent": yuan(row.firm.monthly_rent_fen), "share": yuan(row.share_fen)}
            for row in rows
        ],
        "rent_total": yuan(sum(row.firm.monthly_rent_fen or 0 for row in rows)),
        "share_total": yuan(sum(row.share_fen or 0 for row in rows)) if allocation else "",
    }


def _firms(agreement: Agreement, allocation: Allocation | None) -> list[Beneficiary]:
    """The firms of a version, or those that will share when there is none yet; in the order they joined."""
    if allocation is not None:
        query = sa.select(Beneficiary).join(Share, Share.beneficiary_id == Beneficiary.id)
        query = query.where(Share.allocation_id == allocation.id)
    else:
        cases = queries.cases_of(agreement.negotiation_id)
        query = sa.select(Beneficiary).where(Beneficiary.case_id.in_(cases), Beneficiary.status != "excluded")
    return list(db.session.scalars(query.order_by(Beneficiary.id)))


def _chain(party: Counterparty) -> str:
    return " ▸ ".join([*(link.name for link in parties.chain_of(party)), "商户"])


def _day(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _signed_on(at: datetime | None) -> str:
    return _day(local_day(at)) if at else BLANK


def _period(agreement: Agreement) -> str:
    if agreement.from_on is None and agreement.to_on is None:
        return f"自{BLANK}起至{BLANK}止。"
    first = _day(agreement.from_on) if agreement.from_on else BLANK
    last = _day(agreement.to_on) if agreement.to_on else BLANK
    return f"自{first}起至{last}止。"
