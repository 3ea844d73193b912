"""Forms of common issues. What is done for many has the fields of the action, and one select for unit and person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from flask_wtf.file import MultipleFileField
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than its stubs
from wtforms.validators import Optional

from casework.cases.forms import ActionForm, JudgedByRules, Offered, for_action, options
from casework.cases.models import CaseType
from casework.cases.rules import allowed_outcomes
from casework.cases.workflow import OUTCOME_LABELS, Action
from casework.commons import rules
from casework.kernel.errors import N_, Reason
from casework.kernel.forms import Form, VersionedForm, say

Leaders = Mapping[str, Sequence[tuple[str, str]]]
PLACES = frozenset({"unit", "units", "officer", "officers", "case"})


class IssueForm(VersionedForm):
    """What an issue is about and who leads it; when it is made also why its cases belong together."""

    title = StringField(say(N_("What holds them up")))
    text = TextAreaField(say(N_("More about it")), validators=[Optional()])
    leader = SelectField(say(N_("Who leads it")), validators=[Optional()], validate_choice=False)
    why = StringField(say(N_("Why they belong together")), validators=[Optional()])

    def offer(self, leaders: Leaders) -> None:
        """Fill the one select for team and person."""
        self.leader.choices = _grouped(leaders)


class AddForm(Form):
    """Cases to let in, by number or ticked, with why."""

    numbers = TextAreaField(say(N_("Numbers of cases")), validators=[Optional()])
    why = StringField(say(N_("Why they belong together")), validators=[Optional()])


class RemoveForm(Form):
    """Cases to let go, with why."""

    why = StringField(say(N_("Reason")))


class SettleForm(VersionedForm):
    """How the issue ended."""

    outcome = SelectField(say(N_("Outcome")), validators=[Optional()], validate_choice=False)
    text = TextAreaField(say(N_("What was done")))

    def offer(self) -> None:
        """Fill the outcomes."""
        self.outcome.choices = options([("", "—"), *((key, say(label)) for key, label in OUTCOME_LABELS.items())])


class ReopenForm(VersionedForm):
    """Why a settled issue is taken up again."""

    why = StringField(say(N_("Reason")))


def _grouped(leaders: Leaders) -> list[SelectChoice]:
    """Choices in groups by team, an empty one first."""
    people = [SelectChoice(key, name, optgroup=unit) for unit, listed in leaders.items() for key, name in listed]
    return [SelectChoice("", "—"), *people]


class MoveForm(ActionForm):
    """An action for many cases; ``full`` is the action with all its needs."""

    full: Action

    def whole_answer(self) -> dict[str, Any]:
        """The answer with unit and person from the one select."""
        answer = self.answer()
        if "who" in self._fields:
            unit, person = rules.leader_of(self._fields["who"].data or "")
            named = {need.name for need in self.full.needs}
            answer |= {name: key for name, key in (("unit", unit), ("officer", person)) if key and name in named}
        if "stays" in self._fields and self._fields["stays"].data:
            answer["other"] = self._fields["stays"].data
        return answer

    def refuse_at(self, reasons: Sequence[Reason]) -> None:
        """Reasons about unit and person stand at the one select, once."""
        reasons = [replace(one, field="stays") if one.field == "other" else one for one in reasons]
        if any(one.field in ("unit", "officer") for one in reasons):
            reasons = [one for one in reasons if one.field not in ("unit", "officer")]
            reasons.append(Reason(N_("To whom: pick a person."), {}, "who"))
        self.refuse(reasons)

    def stay(self, cases: Sequence[Any]) -> None:
        """Offer the cases of which one stays when the others are merged into it."""
        if "stays" in self._fields:
            listed = [SelectChoice(case.number, f"{case.number} {case.title}") for case in cases]
            self._fields["stays"].choices = [SelectChoice("", "—"), *listed]


def for_move(action: Action, kinds: Sequence[CaseType], leaders: Leaders, evidence: Mapping[str, str]) -> MoveForm:
    """The form of an action for cases of these types."""
    plain = replace(action, needs=tuple(need for need in action.needs if need.kind not in PLACES))
    outcomes = frozenset(outcome for kind in kinds for outcome in allowed_outcomes(kind.outcomes))
    fields: dict[str, Any] = {"full": action}
    if any(need.kind in ("unit", "officer") for need in action.needs):
        fields["who"] = SelectField(
            say(N_("To whom")), choices=_grouped(leaders), validators=[JudgedByRules()], validate_choice=False
        )
    if action is rules.MERGE:
        fields["stays"] = SelectField(say(N_("Which one stays")), validators=[JudgedByRules()], validate_choice=False)
    if action.name in rules.WITH_FILES:
        fields["files"] = MultipleFileField(say(N_("Photos and files")), validators=[Optional()])
        proves = options([("", say(N_("Something else"))), *evidence.items()])
        fields["proves"] = SelectField(
            say(N_("What it proves")), choices=proves, validators=[Optional()], validate_choice=False
        )
    base = for_action(plain, Offered(outcomes=outcomes))
    made: MoveForm = type(f"Common{action.name.title()}Form", (MoveForm, base), fields)()
    return made
