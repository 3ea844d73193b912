"""Who may do what to a case: the rows of the permission table that concern cases."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from casework.cases.workflow import ACTIONS
from casework.kernel.permissions import REACH, Actor, Role, Scope, grant

R = Role
READERS = {
    R.OFFICER: "OT",
    R.HELPER: "O",
    R.DESK: "R",
    R.LEAD: "OT",
    R.AREA_LEADER: "R",
    R.REGULATOR: "Q",
    R.DISTRICT_ADMIN: "D",
}
_DESK = {R.DESK: "R"}
_DESK_LEAD = {R.DESK: "R", R.LEAD: "T"}
_HANDLER = {R.OFFICER: "O", R.LEAD: "O"}
_REVIEW = {R.REGULATOR: "Q", R.LEAD: "T"}
_EDITORS = {R.OFFICER: "O", R.LEAD: "T", R.DISTRICT_ADMIN: "D"}


def reaches(actor: Actor, case: Any, grants: Mapping[Role, str]) -> bool:
    """Whether a duty with one of these roles reaches the case: another duty elsewhere lends nothing."""
    return any(REACH[Scope(letter)](actor, duty, case) for duty in actor.duties for letter in grants.get(duty.role, ""))


def is_not_the_lead_officer(actor: Actor, case: Any) -> bool:
    """Only the lead officer answers for a dispatch."""
    return bool(case.lead_id != actor.user_id)


def is_own_result(actor: Actor, case: Any) -> bool:
    """Never one's own work: neither the result's author nor anyone who handles the case reviews it."""
    return actor.user_id == case.result_by_id or actor.user_id in (case.handled_by or ())


def is_for_the_regulator(actor: Actor, case: Any) -> bool:
    """The type says who reviews; a lead only where it says so."""
    return case.reviewer == "regulator" and not reaches(actor, case, {R.REGULATOR: "Q"})


def is_own_signature(actor: Actor, case: Any) -> bool:
    """The second signature is another person's."""
    return bool(actor.user_id == case.signed_by_id)


def has_handled(actor: Actor, case: Any) -> bool:
    """The call-back person is never a handler, present or past."""
    return actor.user_id in (case.handled_by or ())


def is_own_request(actor: Actor, case: Any) -> bool:
    """Nobody grants what they asked for."""
    return bool(case.extension and case.extension.get("by") == actor.user_id)


def is_desk_after_dispatch(actor: Actor, case: Any) -> bool:
    """The desk edits until dispatch; nobody edits what is closed."""
    return not case.is_open or (case.unit_id is not None and not reaches(actor, case, _EDITORS))


grant("case.read", READERS)
grant("case.submit", {R.OFFICER: "R", R.DESK: "R", R.LEAD: "R", R.DISTRICT_ADMIN: "D"})
grant("case.story", {role: scopes for role, scopes in READERS.items() if role is not R.HELPER})
grant("case.note", {R.OFFICER: "OT", R.DESK: "R", R.LEAD: "OT", R.AREA_LEADER: "R", R.REGULATOR: "Q"})
_TAGGERS = {**dict.fromkeys((R.DESK, R.AREA_LEADER), "R"), R.OFFICER: "OT", R.LEAD: "OT", R.REGULATOR: "Q"}
for _permission in ("case.tag", "case.untag"):
    grant(_permission, {**_TAGGERS, R.DISTRICT_ADMIN: "D"})
grant("case.attach", {R.OFFICER: "OT", R.DESK: "R", R.LEAD: "OT"})
grant("case.edit", {**_EDITORS, R.DESK: "R"}, never=[is_desk_after_dispatch])
grant("case.reveal", {R.OFFICER: "O", R.DESK: "R", R.LEAD: "T", R.REGULATOR: "Q", R.DISTRICT_ADMIN: "D"})
grant("case.beneficiaries", {R.OFFICER: "O", R.DESK: "R", R.LEAD: "OT", R.DISTRICT_ADMIN: "D"})
grant("case.export", {role: scopes for role, scopes in READERS.items() if role is not R.HELPER})
grant("case_type.edit", {R.DISTRICT_ADMIN: "D"})

grant("case.accept", _DESK)
grant("case.decline", _DESK)
grant("case.supplement", _DESK)
grant("case.dispatch", _DESK_LEAD)
grant("case.acknowledge", _HANDLER, never=[is_not_the_lead_officer])
grant("case.object", _HANDLER, never=[is_not_the_lead_officer])
grant("case.rule", {R.DISTRICT_ADMIN: "D"})
grant("case.contact", _HANDLER)
grant("case.plan", _HANDLER)
grant("case.assign", _DESK_LEAD)
grant("case.join", {R.OFFICER: "O", R.LEAD: "O", R.HELPER: "O"})
grant("case.wait", {R.OFFICER: "O", R.LEAD: "OT"})
grant("case.resume", {R.OFFICER: "O", R.LEAD: "OT", R.DESK: "R"})
grant("case.extend", _HANDLER)
grant("case.grant_extension", {R.LEAD: "T", R.REGULATOR: "Q"}, never=[is_own_request])
grant("case.refuse_extension", {R.LEAD: "T", R.REGULATOR: "Q"}, never=[is_own_request])
grant("case.transfer", _DESK_LEAD)
grant("case.level_up", _DESK_LEAD)
grant("case.submit_result", _HANDLER)
grant("case.approve", _REVIEW, never=[is_own_result, is_for_the_regulator])
grant("case.return", _REVIEW, never=[is_own_result, is_for_the_regulator])
grant("case.countersign", {R.REGULATOR: "Q", R.AREA_LEADER: "R"}, never=[is_own_result, is_own_signature])
grant("case.ask_proof", _REVIEW, never=[is_own_result, is_for_the_regulator])
grant("case.give_proof", _HANDLER)
grant("case.callback", _DESK_LEAD, never=[has_handled])
grant("case.reopen", {R.REGULATOR: "Q"})
grant("case.withdraw", _DESK_LEAD)
grant("case.merge", _DESK_LEAD)
grant("case.split", _DESK_LEAD)
grant("case.park", {R.LEAD: "T"})
grant("case.unpark", {R.LEAD: "T"})


def _every_action_has_a_row() -> None:
    from casework.kernel.permissions import TABLE

    if missing := [action.permission for action in ACTIONS if action.permission not in TABLE]:
        raise AssertionError(f"no permission row for {missing}")


_every_action_has_a_row()
