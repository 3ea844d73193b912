"""When a message leaves, with which others, and where it may go: tables of facts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from casework.kernel.permissions import Known
from casework.kernel.time import at_local, local_day
from casework.notifications import rules, texts
from casework.notifications.rules import Due
from tests.factories import NOW

TODAY = local_day(NOW)
CASE = ("case", 1)


def test_the_waits_double_from_half_a_minute_to_six_hours_and_last_for_days() -> None:
    waits = [rules.wait_after(attempt) for attempt in range(1, rules.TRIES)]
    assert waits[:3] == [timedelta(seconds=30), timedelta(seconds=60), timedelta(seconds=120)]
    assert waits[-1] == timedelta(hours=6)
    assert timedelta(days=3) < sum(waits, timedelta()) < timedelta(days=4)


@pytest.mark.parametrize(
    ("begin", "end", "hour", "minute", "ends"),
    [
        (1320, 420, 23, 0, (1, 7)),
        (1320, 420, 6, 59, (0, 7)),
        (1320, 420, 7, 0, None),
        (1320, 420, 21, 59, None),
        (720, 780, 12, 30, (0, 13)),
        (720, 720, 12, 0, None),
        (None, None, 3, 0, None),
    ],
)
def test_quiet_hours_may_pass_midnight(
    begin: int | None, end: int | None, hour: int, minute: int, ends: tuple[int, int] | None
) -> None:
    expected = at_local(TODAY + timedelta(days=ends[0]), ends[1]) if ends else None
    assert rules.quiet_until(begin, end, at_local(TODAY, hour, minute)) == expected


def test_a_few_mails_come_one_by_one_and_many_as_one() -> None:
    few = [Due(n, CASE) for n in range(5)]
    assert rules.plan_mail(few, {}, None, NOW).send == (0,)
    many = [Due(n, CASE) for n in range(80)]
    assert len(rules.plan_mail(many, {}, None, NOW).send) == 50


def test_after_five_mails_in_an_hour_the_rest_is_gathered_and_after_ten_even_the_urgent_waits() -> None:
    five = [NOW - timedelta(minutes=n) for n in range(5)]
    plan = rules.plan_mail([Due(1, CASE), Due(2, CASE, urgent=True), Due(3, ("case", 2))], {CASE: five}, None, NOW)
    assert plan.wait == ((1, NOW + timedelta(minutes=15)),)
    assert plan.send == (2,)
    ten = [NOW - timedelta(minutes=n) for n in range(10)]
    plan = rules.plan_mail([Due(1, CASE, urgent=True)], {CASE: ten}, None, NOW)
    assert plan == rules.Plan((), ((1, NOW + timedelta(minutes=51)),))


def test_a_robot_is_free_when_its_twentieth_last_message_is_a_minute_old() -> None:
    sent = [NOW - timedelta(seconds=n) for n in range(20)]
    assert rules.robot_free_at(sent[:19], NOW) is None
    assert rules.robot_free_at(sent, NOW) == NOW + timedelta(seconds=41)


def test_lines_are_packed_by_bytes() -> None:
    assert rules.fitting(["长" * 300] * 5) == 2
    assert rules.fitting(["短"] * 5) >= 5
    assert rules.fitting(["长" * 5000, "短"]) == 1, "one line always goes"


@pytest.mark.parametrize(
    ("address", "networks", "fine"),
    [
        ("93.184.216.34", (), True),
        ("2606:2800:220:1::1", (), True),
        ("127.0.0.1", (), False),
        ("10.1.2.3", (), False),
        ("10.1.2.3", ("10.1.0.0/16",), True),
        ("192.168.1.1", ("10.1.0.0/16",), False),
        ("169.254.169.254", (), False),
        ("100.64.0.1", (), False),
        ("0.0.0.0", (), False),
        ("224.0.0.1", (), False),
        ("::1", (), False),
        ("fd00::1", (), False),
        ("fe80::1%eth0", (), False),
        ("::ffff:127.0.0.1", (), False),
        ("::ffff:10.1.2.3", (), False),
        ("64:ff9b::7f00:1", (), False),
        ("64:ff9b::a9fe:a9fe", (), False),
        ("2002:7f00:1::", (), False),
    ],
)
def test_only_public_addresses_and_the_networks_let_through_are_reached(
    address: str, networks: tuple[str, ...], fine: bool
) -> None:
    assert rules.address_is_fine(address, networks) is fine


@pytest.mark.parametrize(
    "name", ["张记 13900002206", "张记 139-0000-2206", "张记 139 0000 2206", "420106199001011234 店"]
)
def test_a_number_of_a_person_in_the_name_of_a_firm_does_not_leave(name: str) -> None:
    said = texts.firm_of(Known("1", name))
    assert not any(digits in said for digits in ("2206", "1990", "0000"))


def test_a_name_with_line_ends_is_one_line() -> None:
    known = Known("88-2020-1", "店\r\nBcc: x@y.example\u2028\0")
    text = texts.said("late", known, locale="en", link="http://x", due_at=None, base="http://x")
    assert "\n" not in text.subject
    assert "\r" not in text.body
