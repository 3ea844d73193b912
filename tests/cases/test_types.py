"""Case types: presets planted once, edited by the district, obeyed by what starts afterwards."""

from __future__ import annotations

from typing import Any

import pytest

from casework.audit import queries as audit
from casework.cases import types
from casework.kernel.errors import NotFound, NotPermitted, Refused
from casework.kernel.permissions import Role
from tests.factories import NOW, Office


def test_the_presets_are_more_than_ten_each_with_limits_evidence_checklist_and_outcomes(office: Office) -> None:
    kinds = [types.type_with(preset[0]) for preset in types.PRESETS]
    assert len(kinds) >= 11
    for kind in kinds:
        assert {"acknowledge", "first_contact", "resolve", "review", "callback"} <= set(kind.limits)
        assert kind.evidence
        assert kind.checklist
        assert kind.outcomes
        assert kind.domain in types.DOMAINS
        assert kind.reviewer in ("regulator", "lead")


def test_planting_again_leaves_edited_types_alone(office: Office) -> None:
    types.type_with("rent").zh = "租金"
    assert types.plant() == 0
    assert types.type_with("rent").zh == "租金"


def test_a_change_is_the_district_administrators_and_is_logged(office: Office) -> None:
    kind = types.type_with("rent")
    for role in Role:
        if role is not Role.DISTRICT_ADMIN:
            with pytest.raises(NotPermitted):
                types.change(kind, {"zh": "房租"}, actor=office.actor(role.value), now=NOW)
    types.change(kind, {"zh": "房租"}, actor=office.actor("district_admin"), now=NOW)
    entry = audit.security_log().rows[0]
    assert (entry.verb, entry.data) == ("CaseTypeChanged", {"code": "rent", "values": {"zh": "房租"}})


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"limits": {"resolve": {"minutes": 0, "calendar": "working"}}}, "limit_resolve"),
        ({"limits": {"review": {"minutes": 10**9, "calendar": "working"}}}, "limit_review"),
        ({"outcomes": []}, "outcomes"),
    ],
)
def test_a_senseless_change_is_refused_naming_the_field(office: Office, values: dict[str, Any], field: str) -> None:
    with pytest.raises(Refused) as refusal:
        types.change(types.type_with("rent"), values, actor=office.actor("district_admin"), now=NOW)
    assert [reason.field for reason in refusal.value.reasons] == [field]


def test_an_unknown_type_is_not_found(office: Office) -> None:
    with pytest.raises(NotFound):
        types.type_with("magic")


def test_the_page_shows_a_type_and_takes_its_change(office: Office, as_: Any) -> None:
    admin = as_("district_admin")
    page = admin.get("/settings/case-types/rent").text
    kind = types.type_with("rent")
    form = {
        "version": str(kind.version), "zh": "房租", "en": "Rent", "hint_zh": "", "hint_en": "", "domain": "housing",
        "reviewer": "lead", "outcomes": ["solved"], "active": "y", "evidence": "paper | 协议 | Agreement",
        "checklist": "signed | 已签 | Signed | optional", "tries": "4",
        **{f"limit_{clock}": "60" for clock in kind.limits}, **{f"calendar_{clock}": "always" for clock in kind.limits},
        **{f"unit_{clock}": "minutes" for clock in kind.limits},
    }  # fmt: skip
    assert "租金减免" in page
    assert admin.post("/settings/case-types/rent", data={**form, "evidence": "no bars"}).status_code == 422
    assert admin.post("/settings/case-types/rent", data={**form, "version": "99"}).status_code == 409
    assert admin.post("/settings/case-types/rent", data=form).status_code == 303
    kind = types.type_with("rent")
    assert (kind.zh, kind.reviewer, kind.outcomes) == ("房租", "lead", ["solved"])
    assert kind.evidence == [{"key": "paper", "zh": "协议", "en": "Agreement", "required": True}]
    assert kind.checklist[0]["required"] is False
    assert (kind.limits["callback"]["tries"], kind.limits["rework"]) == (4, {"minutes": 60, "calendar": "always"})
