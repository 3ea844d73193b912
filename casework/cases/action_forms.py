"""The form of an action on a case, with the units and the people that it may name."""

from __future__ import annotations

from flask import request

from casework.cases import queries, rules
from casework.cases.custody import LEADING
from casework.cases.forms import ActionForm, Offered, for_action
from casework.cases.models import Case
from casework.cases.workflow import Action
from casework.kernel.forms import row_id
from casework.kernel.i18n import language
from casework.kernel.time import local_day, utcnow
from casework.roster import queries as roster_queries
from casework.roster.models import UnitKind

Choice = tuple[str, str]


def action_form(action: Action, case: Case) -> ActionForm:
    """The form of an action with its choices; the people offered are those of the chosen or suggested unit."""
    kinds = {need.kind for need in action.needs}
    asks_unit, asks_person = bool(kinds & {"unit", "units"}), bool(kinds & {"officer", "officers"})
    unit_id = _unit_meant(case) if asks_unit else str(case.unit_id or "") if asks_person else None
    units, partners = _units_near(case) if asks_unit else ([], [])
    officers, support = _people_of(row_id(unit_id)) if asks_person else ([], [])
    kind = queries.type_of(case)
    label = "en" if language() == "en" else "zh"
    offered = Offered(
        units=units,
        partners=partners,
        officers=officers,
        support=support,
        outcomes=rules.allowed_outcomes(kind.outcomes),
        checklist={item["key"]: item[label] for item in kind.checklist},
    )
    form = for_action(action, offered)()
    if request.method == "GET":
        form.version.data = str(case.version)
    form.fill_unit(unit_id)
    return form


def _unit_meant(case: Case) -> str:
    """The unit that was chosen on the form, else the one that holds the case, else the nearest."""
    return request.values.get("unit") or (str(case.unit_id) if case.unit_id else _suggested(case))


def _units_near(case: Case) -> tuple[list[Choice], list[Choice]]:
    """The teams that can hold the case, and the units that can work on it with them."""
    near = roster_queries.units_in(case.area_ids)
    units = [(str(unit.id), unit.name) for unit in near if unit.kind == UnitKind.TEAM]
    partners = [(str(unit.id), unit.name) for unit in near if unit.kind in (UnitKind.TEAM, UnitKind.AUTHORITY)]
    return units, partners


def _people_of(unit_id: int | None) -> tuple[list[Choice], list[Choice]]:
    """Who of a unit can lead, and who can help."""
    people = roster_queries.officers_of(unit_id, local_day(utcnow())) if unit_id else []
    officers = [(str(person.user_id), person.name) for person in people if person.role in LEADING]
    return officers, [(str(person.user_id), person.name) for person in people]


def _suggested(case: Case) -> str:
    """The team nearest to the place: of the community, else the subdistrict, else the first team of the district."""
    teams = [unit for unit in roster_queries.units_in(case.area_ids) if unit.kind == "team"]
    order = [case.area_id, case.community_id, case.subdistrict_id, case.district_id]
    teams.sort(key=lambda unit: order.index(unit.area_id) if unit.area_id in order else len(order))
    return str(teams[0].id) if teams else ""
