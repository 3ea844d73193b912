"""The form of a rule."""

from __future__ import annotations

from typing import Any

from flask_babel import lazy_gettext
from wtforms import BooleanField, SelectField, SelectMultipleField, StringField
from wtforms.validators import Length, Optional

from casework.cases.forms import filled
from casework.kernel.errors import N_, Refused, because
from casework.kernel.forms import Ticks, VersionedForm, row_id, say
from casework.kernel.words import listed
from casework.routing import rules

SIZES = {
    "micro": N_("Micro"),
    "small": N_("Small"),
    "medium": N_("Medium"),
    "large": N_("Large"),
    "sole_trader": N_("Sole trader"),
}


class RuleForm(VersionedForm):
    """One rule: when it fits, and where it leads."""

    name = StringField(say(N_("Name")), [Length(max=80, message=lazy_gettext(N_("Name: at most 80 characters.")))])
    types = SelectMultipleField(say(N_("Types")), validators=[Optional()], validate_choice=False)
    areas = SelectMultipleField(say(N_("Areas")), validators=[Optional()], validate_choice=False)
    words = StringField(say(N_("Words")), [Optional(), Length(max=1000)])
    sizes = Ticks(say(N_("Size of the enterprise")), validators=[Optional()], validate_choice=False)
    begin = StringField(say(N_("From")), [Optional(), Length(max=8)])
    end = StringField(say(N_("Until")), [Optional(), Length(max=8)])
    unit_id = SelectField(say(N_("Lead unit")), validators=filled(N_("Lead unit: pick one.")), validate_choice=False)
    officer_id = SelectField(say(N_("Lead officer")), validators=[Optional()], validate_choice=False)
    co_units = SelectMultipleField(say(N_("Co-units")), validators=[Optional()], validate_choice=False)
    own_officer = BooleanField(say(N_("The enterprise's own officer first")), default=True)
    urgent = BooleanField(say(N_("Mark as urgent")))
    by_itself = BooleanField(say(N_("Reports from the portal are accepted and dispatched at once")), default=True)

    def conditions(self) -> dict[str, Any]:
        """The conditions as they are kept, empty ones left out.

        Raises:
            Refused: a time that is none.
        """
        times = {name: self._minute(name) for name in ("begin", "end")}
        kept: dict[str, Any] = {
            "types": list(self.types.data or ()),
            "areas": [found for one in self.areas.data or () if (found := row_id(one))],
            "words": listed(self.words.data or ""),
            "sizes": [one for one in self.sizes.data or () if one in SIZES],
            **times,
        }
        return {name: value for name, value in kept.items() if value not in ([], None)}

    def _minute(self, name: str) -> int | None:
        given = (self._fields[name].data or "").strip()
        if not given:
            return None
        minute = rules.minute_of(given)
        if minute is None:
            raise Refused(because(N_("Write the time like 18:00."), name))
        return minute

    def carry_rule(self, rule: Any) -> None:
        """Show a rule as it stands."""
        kept = rule.conditions
        self.carry(rule)
        self.name.data, self.words.data = rule.name, "、".join(kept.get("words", ()))
        self.types.data, self.sizes.data = list(kept.get("types", ())), list(kept.get("sizes", ()))
        self.areas.data = [str(one) for one in kept.get("areas", ())]
        for name in ("begin", "end"):
            self._fields[name].data = rules.clock(kept[name]) if name in kept else ""
        self.unit_id.data, self.officer_id.data = str(rule.unit_id), str(rule.officer_id or "")
        self.co_units.data = [str(one) for one in rule.co_unit_ids]
        self.own_officer.data, self.urgent.data = rule.own_officer, rule.urgent
        self.by_itself.data = rule.by_itself
