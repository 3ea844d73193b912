"""An agreement as .docx from a layout: what both sides sign, in the words of a Chinese contract."""

from __future__ import annotations

from pathlib import Path
from typing import IO, Any

from docxtpl import DocxTemplate
from jinja2.sandbox import SandboxedEnvironment

from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel.money import capitals, yuan
from casework.kernel.time import local
from casework.negotiations import ledger
from casework.negotiations.models import Agreement, Counterparty

LAYOUT = Path(__file__).with_name("layouts") / "agreement.docx"
DOCX_TYPE = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
BLANK = "____________"
# The document is Chinese whatever the reader's language: both sides sign it.
METHODS = {"waive": "免租", "reduce": "减租", "defer": "缓交", "offset": "抵扣", "other": "其他"}
BASES = {"rent": "按月租比例分摊", "area": "按面积比例分摊", "equal": "平均分摊", "hand": "按双方商定的金额分摊"}


def write(stream: IO[bytes], case: Case, party: Counterparty, agreement: Agreement) -> None:
    """Fill the layout; what is not known yet stays a line to write on."""
    document = DocxTemplate(LAYOUT)
    # Whoever may change a layout may not run code with it.
    document.render(_facts(case, party, agreement), jinja_env=SandboxedEnvironment(autoescape=True), autoescape=True)
    document.save(stream)


def _facts(case: Case, party: Counterparty, agreement: Agreement) -> dict[str, Any]:
    allocation = ledger.current_allocation(agreement.id)
    rows = ledger.beside(case_queries.beneficiaries(case.id), allocation)
    firms = [row for row in rows if row.firm.status != "excluded" and (allocation is None or row.share_fen is not None)]
    return {
        "number": case.number,
        "agreed_on": _day(agreement.agreed_on),
        "owner": party.name,
        "representative": agreement.ours_name or case.contact_name or BLANK,
        "chain": agreement.chain or BLANK,
        "method": METHODS[agreement.method],
        "total": yuan(agreement.total_fen),
        "capitals": capitals(agreement.total_fen),
        "period": _period(agreement),
        "terms": agreement.terms,
        "basis": BASES[allocation.basis] if allocation else BLANK,
        "theirs": agreement.theirs_name,
        "theirs_on": _day(local(agreement.theirs_at).date()) if agreement.theirs_at else BLANK,
        "ours": agreement.ours_name,
        "ours_on": _day(local(agreement.ours_at).date()) if agreement.ours_at else BLANK,
        "firms": [
            {"name": row.firm.name, "rent": yuan(row.firm.monthly_rent_fen), "share": yuan(row.share_fen)}
            for row in firms
        ],
        "rent_total": yuan(sum(row.firm.monthly_rent_fen or 0 for row in firms)),
        "share_total": yuan(sum(row.share_fen or 0 for row in firms)) if allocation else "",
    }


def _day(day: Any) -> str:
    return f"{day.year}年{day.month}月{day.day}日"


def _period(agreement: Agreement) -> str:
    if agreement.from_on is None and agreement.to_on is None:
        return "见第三条。"
    first = _day(agreement.from_on) if agreement.from_on else BLANK
    last = _day(agreement.to_on) if agreement.to_on else BLANK
    return f"自{first}起至{last}止。"
