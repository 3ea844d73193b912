"""The navigation: where everything is, in four groups, and which permission shows it."""

from __future__ import annotations

from casework.agenda.policy import OWN as OWN_WEEK
from casework.agenda.policy import TEAM as TEAM_WEEK
from casework.briefs.policy import READ as BRIEF_READ
from casework.kernel.errors import N_
from casework.kernel.web import NavItem
from casework.kpis.policy import READ as KPI_READ
from casework.ledgers.policy import LEDGERS
from casework.notifications import queries as notice_queries
from casework.notifications.policy import DELIVERIES, READ_WEBHOOKS, ROBOTS
from casework.review.policy import CALLS, LIMITS, QUEUE, SAMPLES

NAVIGATION = (
    NavItem(N_("My desk"), "/", "desk", 0, None, tab=True),
    NavItem(N_("Inbox"), "/inbox", "bell", 0, None, count=notice_queries.unread),
    NavItem(N_("My week"), "/week", "calendar", 0, OWN_WEEK),
    NavItem(N_("Cases"), "/cases", "list", 0, "case.read", tab=True),
    NavItem(N_("Log a visit"), "/visit", "visit", 0, "negotiation.log", tab=True),
    NavItem(N_("New case"), "/cases/new", "plus", 0, "case.submit", tab=True),
    NavItem(N_("Visits"), "/visits", "pin", 0, "visit.read", tab=True),
    NavItem(N_("Enterprises"), "/enterprises", "firm", 0, "enterprise.read", tab=True),
    NavItem(N_("Care"), "/care", "hand", 0, "care.list", tab=True),
    NavItem(N_("Templates"), "/templates", "flow", 0, "template.read"),
    NavItem(N_("Counterparties"), "/counterparties", "users", 0, "negotiation.read"),
    NavItem(N_("The team's week"), "/team/week", "calendar", 1, TEAM_WEEK),
    NavItem(N_("Common issues"), "/common-issues", "link", 1, "common_issue.read"),
    NavItem(N_("Board"), "/board", "board", 1, "board.read"),
    NavItem(N_("Coverage"), "/coverage", "grid", 1, "coverage.read"),
    NavItem(N_("Hand-over"), "/handover", "users", 1, "handover.read"),
    NavItem(N_("Supplies"), "/supplies", "box", 1, "supplies.read"),
    NavItem(N_("Review"), "/reviews", "check", 1, QUEUE),
    NavItem(N_("Call-backs"), "/call-backs", "call", 1, CALLS),
    NavItem(N_("Samples"), "/reviews/samples", "find", 1, SAMPLES),
    NavItem(N_("Ledgers"), "/ledgers", "file", 1, LEDGERS),
    NavItem(N_("Supervision orders"), "/orders", "order", 1, "order.read"),
    NavItem(N_("Briefs"), "/reports", "file", 1, BRIEF_READ),
    NavItem(N_("Figures"), "/kpis", "chart", 1, KPI_READ),
    NavItem(N_("Paths"), "/kpis/paths", "flow", 1, KPI_READ),
    NavItem(N_("People and units"), "/people", "users", 2, "roster.read"),
    NavItem(N_("On duty"), "/duty", "clock", 2, None),
    NavItem(N_("Routing"), "/settings/routing", "split", 2, "routing.read"),
    NavItem(N_("Areas"), "/areas", "pin", 2, "area.read"),
    NavItem(N_("Case types"), "/settings/case-types", "settings", 2, "case_type.edit"),
    NavItem(N_("Second signature"), "/settings/countersigning", "money", 2, LIMITS),
    NavItem(N_("Calendars"), "/settings/calendars", "clock", 2, "calendar.edit"),
    NavItem(N_("Reminders"), "/settings/escalation", "bell", 2, "escalation.edit"),
    NavItem(N_("Import"), "/imports", "upload", 2, "import.rows"),
    NavItem(N_("Jobs"), "/settings/jobs", "clock", 3, "jobs.operate"),
    NavItem(N_("Group robots"), "/settings/robots", "people", 2, ROBOTS),
    NavItem(N_("Outbox"), "/settings/deliveries", "send", 3, DELIVERIES),
    NavItem(N_("Webhooks"), "/settings/webhooks", "link", 3, READ_WEBHOOKS),
    NavItem(N_("Security log"), "/security", "eye", 3, "security.read"),
    NavItem(N_("Registers"), "/audit", "list", 3, "register.read"),
    NavItem(N_("Help"), "/help", "note", 3, None),
)
