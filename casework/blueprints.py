"""The pages of every package, in the order in which they are registered."""

from __future__ import annotations

from casework import operations
from casework.accounts import views as accounts_views
from casework.agenda import views as agenda_views
from casework.api import views as api_views
from casework.areas import views as area_views
from casework.board import views as board_views
from casework.briefs import plan_views as brief_plan_views
from casework.briefs import row_views as brief_row_views
from casework.briefs import views as brief_views
from casework.care import views as care_views
from casework.casefile import views as casefile_views
from casework.cases import calendar_views, tag_views
from casework.cases import saved as saved_cases
from casework.cases import type_views as case_type_views
from casework.cases import views as case_views
from casework.commons import acts_views, chosen_views
from casework.commons import move_views as common_move_views
from casework.commons import views as common_views
from casework.coverage import views as coverage_views
from casework.enterprises import views as enterprise_views
from casework.handover import successor_views as takeover_views
from casework.handover import wizard_views as handover_views
from casework.imports import case_views as case_sheet_views
from casework.imports import column_views as import_column_views
from casework.imports import undo_views as import_undo_views
from casework.imports import views as import_views
from casework.intake import new_views
from casework.intake import track_views as reply_views
from casework.intake import views as portal_views
from casework.kpis import exclusion_views as kpi_exclusion_views
from casework.kpis import path_views as kpi_path_views
from casework.kpis import setting_views as kpi_setting_views
from casework.kpis import views as kpi_views
from casework.ledgers import back_views as ledger_back_views
from casework.ledgers import views as ledger_views
from casework.negotiations import (
    agreement_views,
    confirm_views,
    file_views,
    firm_views,
    party_views,
    promise_views,
    round_views,
)
from casework.notifications import replay_views, system_views
from casework.notifications import views as notice_views
from casework.offline import views as offline_views
from casework.orders import interview_views as order_interview_views
from casework.orders import views as order_views
from casework.papers import negotiation_views as negotiation_sheet_views
from casework.papers import order_views as order_paper_views
from casework.papers import poster_views, slip_views
from casework.precedents import views as precedent_views
from casework.processes import design_views, library_views, run_views, track_views, trial_views, verify_views
from casework.registers import views as register_views
from casework.reporting import views as desk_views
from casework.reporting import workload_views
from casework.review import bulk_views as together_views
from casework.review import call_views, limit_views, sample_views
from casework.review import views as review_views
from casework.roster import duty_views, unit_views
from casework.routing import views as routing_views
from casework.saved import firms as saved_firms
from casework.saved import views as saved_views
from casework.search import views as search_views
from casework.supervision import urge_views
from casework.supervision import views as ladder_views
from casework.supplies import request_views, stock_views
from casework.supplies import views as supply_views
from casework.visits import appointment_views, plan_views
from casework.visits import views as visit_views

BLUEPRINTS = (
    accounts_views.blueprint,
    area_views.blueprint,
    agenda_views.blueprint,
    unit_views.blueprint,
    duty_views.blueprint,
    enterprise_views.blueprint,
    coverage_views.blueprint,
    visit_views.blueprint,
    plan_views.blueprint,
    appointment_views.blueprint,
    care_views.blueprint,
    case_sheet_views.blueprint,
    import_views.blueprint,
    ledger_views.blueprint,
    ledger_back_views.blueprint,
    saved_views.blueprint_of(saved_cases.LISTED),
    saved_views.blueprint_of(saved_firms.LISTED),
    import_column_views.blueprint,
    import_undo_views.blueprint,
    case_views.blueprint,
    tag_views.blueprint,
    review_views.blueprint,
    together_views.blueprint,
    call_views.blueprint,
    sample_views.blueprint,
    limit_views.blueprint,
    case_type_views.blueprint,
    calendar_views.blueprint,
    routing_views.blueprint,
    round_views.blueprint,
    promise_views.blueprint,
    agreement_views.blueprint,
    firm_views.blueprint,
    confirm_views.blueprint,
    party_views.blueprint,
    file_views.blueprint,
    library_views.blueprint,
    design_views.blueprint,
    trial_views.blueprint,
    run_views.blueprint,
    track_views.blueprint,
    new_views.blueprint,
    reply_views.blueprint,
    portal_views.blueprint,
    verify_views.blueprint,
    slip_views.blueprint,
    poster_views.blueprint,
    supply_views.blueprint,
    stock_views.blueprint,
    request_views.blueprint,
    negotiation_sheet_views.blueprint,
    ladder_views.blueprint,
    urge_views.blueprint,
    handover_views.blueprint,
    takeover_views.blueprint,
    common_views.blueprint,
    common_move_views.blueprint,
    acts_views.blueprint,
    chosen_views.blueprint,
    order_views.blueprint,
    order_interview_views.blueprint,
    order_paper_views.blueprint,
    desk_views.blueprint,
    search_views.blueprint,
    board_views.blueprint,
    brief_views.blueprint,
    brief_row_views.blueprint,
    brief_plan_views.blueprint,
    operations.blueprint,
    offline_views.blueprint,
    notice_views.blueprint,
    system_views.blueprint,
    replay_views.blueprint,
    workload_views.blueprint,
    kpi_views.blueprint,
    kpi_setting_views.blueprint,
    kpi_exclusion_views.blueprint,
    kpi_path_views.blueprint,
    casefile_views.blueprint,
    register_views.blueprint,
    precedent_views.blueprint,
    api_views.blueprint,
    api_views.help_blueprint,
)
