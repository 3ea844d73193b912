"""What care must hold: tables of facts."""

from __future__ import annotations

import pytest

from casework.care.rules import Draft, entry_objections, objections, pair_objections, shy


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(name=""), "name"),
        (Draft(name="罗桂珍", phone="12"), "phone"),
        (Draft(name="罗桂珍", kind="rich"), "kind"),
        (Draft(name="罗桂珍", every_days=0), "every_days"),
        (Draft(name="罗桂珍", every_days=366), "every_days"),
        (Draft(name="罗桂珍", weekday=9), "weekday"),
    ],
)
def test_what_cannot_be_kept_of_a_resident_names_the_field(draft: Draft, field: str) -> None:
    assert [reason.field for reason in objections(draft)] == [field]


@pytest.mark.parametrize(
    ("keeper", "deputy", "fields"),
    [
        (1, 2, []),
        (1, None, []),
        (9, None, ["keeper_id"]),
        (1, 9, ["deputy_id"]),
        (1, 1, ["deputy_id"]),
        (None, None, ["keeper_id"]),
    ],
)
def test_two_of_the_team_look_after_a_resident(keeper: int | None, deputy: int | None, fields: list[str]) -> None:
    assert [reason.field for reason in pair_objections(keeper, deputy, {1, 2})] == fields


def test_who_needs_help_is_not_left_without_a_word() -> None:
    assert [reason.field for reason in entry_objections("help", "")] == ["text"]
    assert [reason.field for reason in entry_objections("fine", "x")] == ["condition"]
    assert entry_objections("well", "") == entry_objections("unreached", "") == []


def test_a_covered_name_tells_the_first_character_alone() -> None:
    assert [shy(name) for name in ("罗桂珍", "罗", "", "欧阳修远明")] == ["罗**", "罗*", "", "欧***"]
