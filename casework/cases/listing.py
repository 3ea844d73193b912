"""What the list shows beside its rows: the filters with their choices, the usual views, and the words of states."""

from __future__ import annotations

from collections.abc import Mapping

from casework.areas import queries as area_queries
from casework.areas.models import Level
from casework.cases import queries
from casework.cases.clockwork import CLOCK_LABELS
from casework.cases.lists import AGES, NO_UNIT, VIEWS, Filters
from casework.cases.story import SHORT
from casework.cases.workflow import STATE_LABELS, State
from casework.kernel.errors import N_
from casework.kernel.i18n import language, translate
from casework.kernel.keep import keep
from casework.kernel.permissions import Actor, Role
from casework.roster import queries as roster_queries

Choices = list[tuple[str, str]]
VIEW_LABELS: Mapping[str, str] = {
    "open": N_("Open"),
    "mine": N_("Mine"),
    "today": N_("Due in a day"),
    "late": N_("Late"),
    "review": N_("In review"),
    "parked": N_("Parked"),
    "all": N_("All"),
    "submitted": N_("To accept"),
    "unplaced": N_("No unit yet"),
    "objected": N_("To rule on"),
    "callback": N_("To call back"),
    "waiting": N_("Waiting"),
}
ROLE_VIEWS: Mapping[Role, tuple[str, ...]] = {
    Role.DESK: ("submitted", "unplaced", "callback"),
    Role.LEAD: ("waiting", "callback"),
    Role.DISTRICT_ADMIN: ("objected", "unplaced"),
}
"""What a role finds above the list beside what everybody does, before anyone has saved a view."""
DUE_LABELS: Mapping[str, str] = {
    "late": N_("Late"),
    "today": N_("Due in a day"),
    "week": N_("Due in seven days"),
    "paused": N_("Paused"),
}


def filter_options(actor: Actor) -> dict[str, Choices]:
    """What the filters of the list offer; types, areas and units change rarely."""
    return keep(lambda: _read_options(actor), "filters", actor.duties, language())


def _read_options(actor: Actor) -> dict[str, Choices]:
    chosen = language()
    areas = area_queries.choices(actor, levels=(Level.DISTRICT, Level.SUBDISTRICT), full=False)
    return {
        "state": [(state.value, translate(label)) for state, label in STATE_LABELS.items()],
        "type": [(str(type_id), name) for type_id, name in queries.type_choices(chosen)],
        "area": [(str(area_id), name) for area_id, name in areas],
        "unit": [("0", translate(N_("No unit yet")))]
        + [(str(unit_id), name) for unit_id, name in roster_queries.unit_choices(actor)],
        "due": [(due, translate(label)) for due, label in DUE_LABELS.items()],
        "age": [(age, translate(N_("older than %(n)s days")) % {"n": days}) for age, days in AGES.items()],
    }


def list_labels() -> dict[str, Mapping[str, str]]:
    """States, clocks and latest progress in words, looked up once a page."""
    return {
        "state": {state.value: translate(label) for state, label in STATE_LABELS.items()},
        "clock": {clock: translate(label) for clock, label in CLOCK_LABELS.items()},
        "verb": {verb: translate(label) for verb, label in SHORT.items()},
    }


def chosen_filters(actor: Actor, filters: Filters, options: Mapping[str, Choices]) -> list[tuple[str, dict[str, str]]]:
    """Each filter in force by name, with the address that leaves it out."""
    chosen = []
    for name in ("q", "state", "type", "area", "unit", "due", "age"):
        value = getattr(filters, name)
        if value in (None, ""):
            continue
        label = dict(options.get(name, [])).get(str(value), str(value))
        chosen.append((label, filters.as_query(**{name: None})))
    chosen.extend(_chosen_moments(filters))
    people = roster_queries.names_for(actor, {key for key in (filters.officer, filters.helper) if key is not None})
    if filters.officer is not None:
        chosen.append((people[filters.officer], filters.as_query(officer=None)))
    if filters.helper is not None:
        helps = translate(N_("%(name)s helps")) % {"name": people[filters.helper]}
        chosen.append((helps, filters.as_query(helper=None)))
    return chosen


def _chosen_moments(filters: Filters) -> list[tuple[str, dict[str, str]]]:
    said = []
    if filters.held:
        said.append((translate(N_("with the same unit for more than %(n)s days")) % {"n": filters.held}, "held"))
    if filters.submitted:
        said.append((translate(N_("reported on %(day)s")) % {"day": filters.submitted}, "submitted"))
    if filters.ended:
        said.append((translate(N_("ended on %(day)s")) % {"day": filters.ended}, "ended"))
    if filters.ids:
        said.append((translate(N_("%(n)s chosen by hand")) % {"n": filters.ids.count(",") + 1}, "ids"))
    if filters.tag:
        said.append((translate(N_("tag “%(word)s”")) % {"word": filters.tag}, "tag"))
    if filters.place:
        said.append((translate(N_("in no community")), "place"))
    return [(label, filters.as_query(**{name: None})) for label, name in said]


def usual_views(actor: Actor, filters: Filters) -> list[tuple[str, dict[str, str], bool]]:
    """The ready-made views of this person's roles as links: label, filters, whether it is the present one."""
    wanted = {
        "open": Filters(),
        "mine": Filters(officer=actor.user_id),
        "today": Filters(due="today"),
        "late": Filters(due="late"),
        "review": Filters(state=State.UNDER_REVIEW),
        "parked": Filters(state=State.PARKED),
        "all": Filters(scope="all"),
        "submitted": Filters(state=State.SUBMITTED),
        "unplaced": Filters(unit=NO_UNIT),
        "objected": Filters(state=State.OBJECTED),
        "callback": Filters(state=State.CALLBACK),
        "waiting": Filters(state=State.WAITING),
    }
    own = [view for role, views in ROLE_VIEWS.items() if actor.has(role) for view in views]
    shown = list(dict.fromkeys([*VIEWS[:-1], *own, VIEWS[-1]]))
    return [(translate(VIEW_LABELS[view]), wanted[view].as_query(), wanted[view] == filters) for view in shown]
