"""A process is drawn so that it can be read: nothing on top of anything, every way there is, nothing taken for markup."""

from __future__ import annotations

from random import Random
from xml.etree import ElementTree as Tree

import pytest

from casework.processes.drawing import HIGH, WIDE, Drawing, drawing
from casework.processes.picture import svg
from tests.processes.drafts import a_step, a_template, defined, random_template, shipping

RANDOM = [defined(random_template(Random(seed), steps)) for seed, steps in enumerate((1, 2, 5, 9, 14, 20))]


def overlapping(plan: Drawing) -> list[tuple[str, str]]:
    nodes = plan.nodes
    return [
        (one.key, other.key)
        for index, one in enumerate(nodes)
        for other in nodes[index + 1 :]
        if abs(one.x - other.x) < WIDE and abs(one.y - other.y) < HIGH
    ]


@pytest.mark.parametrize("definition", RANDOM, ids=lambda definition: len(definition.steps))
def test_no_step_lies_on_another_and_all_lie_on_the_sheet(definition: object) -> None:
    plan = drawing(definition)  # type: ignore[arg-type]
    assert overlapping(plan) == []
    assert all(0 <= node.x <= plan.width - WIDE and 0 <= node.y <= plan.height - HIGH for node in plan.nodes)


@pytest.mark.parametrize("definition", RANDOM, ids=lambda definition: len(definition.steps))
def test_a_step_stands_right_of_those_it_waits_for(definition: object) -> None:
    place = {node.key: node for node in drawing(definition).nodes}  # type: ignore[arg-type]
    for step in definition.steps:  # type: ignore[attr-defined]
        assert all(place[before].x < place[step.key].x for before in step.after)


def test_every_way_is_drawn_once_with_its_start_its_end_and_its_returns() -> None:
    plan = drawing(defined(shipping()))
    ways = 6  # apply to check and promise, those to inspect, on to chill, on to the slip
    assert len(plan.lines) == ways + 2
    assert len(plan.returns) == 3
    assert len(plan.gates) == 2


def test_a_line_ends_at_the_step_that_it_leads_to() -> None:
    plan = drawing(defined(a_template(a_step("a"), a_step("b", "a"), a_step("c", "a", "b"))))
    place = {node.key: node for node in plan.nodes}
    ends = [line.rpartition("H")[2] for line in plan.lines[:3]]
    assert ends == [str(place[key].x) for key in ("b", "c", "c")]


def test_two_hundred_steps_in_eight_lanes_are_drawn() -> None:
    steps = [
        a_step(f"s{number}", *(f"s{(number // 8 - 1) * 8 + lane}" for lane in range(8) if number >= 8))
        for number in range(200)
    ]
    plan = drawing(defined(a_template(*steps)))
    assert len(plan.nodes) == 200
    assert overlapping(plan) == []


def test_a_title_is_never_taken_for_markup() -> None:
    hostile = "<script>x</script>&\"'"
    picture = Tree.fromstring(svg(defined(a_template(a_step("a", title={"zh": hostile, "en": "x"})))))
    titles = [element.text for element in picture.iter("{http://www.w3.org/2000/svg}title")]
    assert hostile in titles
    assert not list(picture.iter("{http://www.w3.org/2000/svg}script"))


def test_a_step_with_a_condition_says_so() -> None:
    assert "满足条件才办" in svg(defined(shipping()))
