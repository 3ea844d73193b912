"""What is plugged in where: pages, the navigation, and the tables that lower packages own and higher ones fill."""

from __future__ import annotations

from typing import Any

from flask import Flask
from flask_wtf.csrf import CSRFProtect

from casework.accounts import views as accounts_views
from casework.agenda import entries as agenda
from casework.agenda import queries as agenda_queries
from casework.audit.service import AFTER_RECORD
from casework.blueprints import BLUEPRINTS
from casework.briefs import queries as brief_queries
from casework.care import feed as care_feed
from casework.casefile import panels as casefile_panels
from casework.casefile import story as casefile_story
from casework.casefile import views as casefile_views
from casework.cases import feed as case_feed
from casework.cases import filters as case_filters
from casework.cases import notices as case_notices
from casework.cases import panels as case_panels
from casework.cases import saved as saved_cases
from casework.cases import tag_story
from casework.cases.calendars import FOLLOWERS
from casework.cases.presenting import PAGES
from casework.cases.queries import BLOCKERS, READ_BY
from casework.cases.signing import WEIGHERS
from casework.clocks.kinds import Clock
from casework.commons import panels as common_panels
from casework.commons import story as common_story
from casework.coverage import queries as coverage_queries
from casework.coverage import views as coverage_views
from casework.handover import kinds as handover_kinds
from casework.handover import panels as handover_panels
from casework.handover import queries as handover_queries
from casework.handover import story as handover_story
from casework.intake import notices as intake_notices
from casework.intake import queries as intake_queries
from casework.intake import story as intake_story
from casework.intake import track_views as reply_views
from casework.kernel.permissions import SUBJECTS, TABLE
from casework.kernel.web import NAV, PANELS
from casework.kpis import counting
from casework.kpis import panels as kpi_panels
from casework.kpis import story as kpi_story
from casework.ledgers import exports, ready_made
from casework.navigation import NAVIGATION
from casework.negotiations import blockers
from casework.negotiations import feed as negotiation_feed
from casework.negotiations import panels as negotiation_panels
from casework.negotiations import story as negotiation_story
from casework.notifications import jobs as notice_jobs
from casework.orders import feed as order_feed
from casework.orders import notices as order_notices
from casework.orders import panels as order_panels
from casework.orders import story as order_story
from casework.papers import slip_views
from casework.papers.slip_docx import layout_faults
from casework.precedents import panels as precedent_panels
from casework.processes import blockers as process_blockers
from casework.processes import feed as process_feed
from casework.processes import notices as process_notices
from casework.processes import panels as process_panels
from casework.processes import stepping, track_views, verify_views
from casework.processes import story as process_story
from casework.processes.design_views import LAYOUT_CHECKS
from casework.processes.issuing import AFTER_ISSUE
from casework.registers import panels as register_panels
from casework.registers import reading as register_reading
from casework.registers import sheets as register_sheets
from casework.review import feed as review_feed
from casework.review import story as review_story
from casework.review import views as review_views
from casework.review import weighing
from casework.roster.queries import actor_for, demo_users
from casework.routing import panels as routing_panels
from casework.routing import story as routing_story
from casework.saved import firms as saved_firms
from casework.saved import lists as saved_lists
from casework.saved import panels as saved_panels
from casework.saved import queries as saved_queries
from casework.search import views as search_views
from casework.supervision import panels as supervision_panels
from casework.supervision import story as supervision_story
from casework.supervision import urge_views
from casework.supplies import blockers as supply_blockers
from casework.supplies import panels as supply_panels
from casework.supplies import story as supply_story
from casework.visits import feed as visit_feed
from casework.visits import panels as visit_panels

STORIES = (
    tag_story,
    routing_story,
    negotiation_story,
    process_story,
    intake_story,
    handover_story,
    supply_story,
    supervision_story,
    common_story,
    kpi_story,
    review_story,
    casefile_story,
    order_story,
)


def install(app: Flask, csrf: CSRFProtect) -> None:
    """Register every package with the application."""
    accounts_views.install(app, csrf, actor_for, demo_users)
    case_filters.install(app)
    register_reading.install(app)
    search_views.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    _panels()
    _plugs()
    _notices()
    _days()
    for story in STORIES:
        story.install()
    process_panels.install(app)
    negotiation_panels.install(app)
    NAV[:] = [item for item in NAVIGATION if item.permission is None or item.permission in TABLE]


def _panels() -> None:
    """What packages show on the pages of others, in this order."""
    PANELS["enterprise"] = [
        handover_panels.of_enterprise,
        visit_panels.of_enterprise,
        case_panels.of_enterprise,
    ]
    PANELS["cases"] = [common_panels.of_list]
    PANELS["views"] = [saved_panels.of_list]
    PANELS["case"] = [
        handover_panels.of_case,
        supervision_panels.of_case,
        routing_panels.of_case,
        process_panels.of_case,
        negotiation_panels.of_case,
        supply_panels.of_case,
        common_panels.of_case,
        order_panels.of_case,
        precedent_panels.of_case,
        reply_views.of_case,
        kpi_panels.of_case,
        casefile_panels.of_case,
        register_panels.of_case,
    ]


def _plugs() -> None:
    """The tables that lower packages own and higher ones fill."""
    handover_kinds.install()
    ready_made.install()
    saved_lists.install(saved_cases.LISTED, saved_firms.LISTED)
    register_sheets.install()
    intake_queries.TELLING["HandedOver"] = handover_story.told_requester
    FOLLOWERS[Clock.STEP] = [stepping.follow]
    _plug(BLOCKERS, blockers.blocking, process_blockers.blocking, supply_blockers.blocking)
    _plug(READ_BY, register_reading.remember)
    _plug(coverage_views.BESIDE, supply_panels.beside_board)
    _plug(coverage_queries.HANDING, handover_queries.firms_under_way)
    _plug(LAYOUT_CHECKS, layout_faults)
    _plug(AFTER_ISSUE, slip_views.after_issue)
    _plug(verify_views.OTHERS, casefile_views.check)
    _plug(track_views.PARTS, reply_views.part_of, urge_views.part_of)
    _plug(WEIGHERS, weighing.weigh)
    PAGES.update(dict.fromkeys(review_views.ACTS, "/reviews/{number}"), callback="/call-backs/{number}")


def _notices() -> None:
    """Who is told of what, and who may know of it."""
    _plug(AFTER_RECORD, case_notices.tell, counting.note, weighing.watch)
    intake_notices.install()
    process_notices.install()
    SUBJECTS.update(case=case_notices.known_cases, run=process_notices.known_runs, outbox=notice_jobs.known_outbox)
    SUBJECTS["order"] = order_notices.known_orders
    SUBJECTS["brief"] = brief_queries.known_briefs
    SUBJECTS["view"] = saved_queries.known_views
    SUBJECTS["export"] = exports.known_exports


def _days() -> None:
    """What stands in somebody's days, in the week and in the private calendar, and what can be put on another day."""
    agenda.SOURCES[:] = [
        agenda_queries.shifts,
        case_feed.deadlines,
        review_feed.due,
        visit_feed.agreed,
        negotiation_feed.rounds,
        negotiation_feed.promises,
        process_feed.sessions,
        process_feed.steps,
        order_feed.due,
    ]
    agenda.LOOSE[:] = [visit_feed.due, visit_feed.done, care_feed.due]
    agenda.MOVERS.update(
        visit=visit_feed.movable_visit, due=visit_feed.movable_due, session=process_feed.movable_session
    )


def _plug(table: list[Any], *functions: Any) -> None:
    """Put functions into a table, each once however many applications are made."""
    table.extend(function for function in functions if function not in table)
