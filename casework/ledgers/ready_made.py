"""Which lists there are, and what the three lists 三张清单 and five ledgers 五本台账 of the office are.

Three lists of the same cases: what is asked (问题), what is done about it (措施), who answers for it (责任).
Five ledgers of what the office does day by day: requests 诉求, visits 走访, talks 协商, supervision 督办,
supplies 物资.
"""

from __future__ import annotations

from casework.ledgers.case_lists import DUTY_LIST, MEASURE_LIST, PROBLEM_LIST, TALK_LEDGER
from casework.ledgers.case_rows import CASES
from casework.ledgers.firm_lists import COVERAGE_LIST, VISIT_LEDGER
from casework.ledgers.firm_rows import FIRM_LIST, FIRMS
from casework.ledgers.ledger import LEDGER
from casework.ledgers.other_lists import ORDER_LEDGER, SUPPLY_LEDGER
from casework.ledgers.people_rows import PEOPLE, ROSTER
from casework.ledgers.returning import RETURNING
from casework.ledgers.taking_out import LISTS, ListOut

THREE_LISTS = ("problems", "measures", "duties")
FIVE_LEDGERS = ("cases", "visits", "talks", "orders", "supplies")
BESIDE = ("enterprises", "people")
OWN: dict[str, ListOut] = {
    "cases": LEDGER,
    "problems": PROBLEM_LIST,
    "measures": MEASURE_LIST,
    "duties": DUTY_LIST,
    "visits": VISIT_LEDGER,
    "talks": TALK_LEDGER,
    "orders": ORDER_LEDGER,
    "supplies": SUPPLY_LEDGER,
    "people": ROSTER,
    "enterprises": FIRM_LIST,
    "coverage": COVERAGE_LIST,
}


def install() -> None:
    """Let these lists be taken out, and those that are edited in Excel come back."""
    LISTS.update(OWN)
    RETURNING.update({one.name: one for one in (CASES, FIRMS, PEOPLE)})
