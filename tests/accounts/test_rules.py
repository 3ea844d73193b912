"""Passwords, limits and tokens, as tables of facts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from casework.accounts import rules

NOON = datetime(2020, 2, 14, 4, tzinfo=UTC)


@pytest.mark.parametrize(
    "password",
    [
        "elevenchars",
        "password1234",
        "Password2020!",
        "qwertyuiop123",
        "123456789012",
        "aaaaaaaaaaaa",
        "abcdefghijklm",
        "casework2020",
        "Casework-2020!",
        "shenzhen2020",
        "复工复产202002201",
        "shen.yanqiu2020",
        "x" * 129,
    ],
)
def test_a_common_local_personal_or_short_password_is_refused(password):
    assert rules.password_objections(password, username="shen.yanqiu", name="沈砚秋")


@pytest.mark.parametrize(
    "password",
    [
        "correct horse battery",
        "窗前明月光 疑是地上霜！",
        "a b c d e f g h i j k l m n o p",
        "我家有三只猫和一条大黄狗",
        "tvvcG8 0b_Ux" + "e" * 52,
    ],
)
def test_a_long_sentence_with_blanks_or_chinese_is_accepted(password):
    assert rules.password_objections(password, username="shen.yanqiu", name="沈砚秋") == []


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("10.20.30.40", "10.20.30.0/24"),
        ("10.20.30.99", "10.20.30.0/24"),
        ("10.20.31.40", "10.20.31.0/24"),
        ("2001:db8:1:2:3::4", "2001:db8:1:2::/64"),
        (None, "unknown"),
        ("nonsense", "unknown"),
    ],
)
def test_a_network_is_a_neighbourhood_of_addresses(address, expected):
    assert rules.network(address) == expected


def test_the_delay_over_all_networks_grows_and_never_shuts_anybody_out():
    seconds = [rules.delay(tries).total_seconds() for tries in (1, 10, 11, 12, 15, 200)]
    assert seconds == [0, 0, 2, 4, 30, 30]


@pytest.mark.parametrize(
    ("idle", "age", "admin", "alive"),
    [
        (timedelta(hours=11), timedelta(days=1), False, True),
        (timedelta(hours=12), timedelta(days=1), False, False),
        (timedelta(minutes=1), timedelta(days=7), False, False),
        (timedelta(minutes=29), timedelta(hours=9), True, True),
        (timedelta(minutes=30), timedelta(hours=9), True, False),
        (timedelta(minutes=1), timedelta(hours=10), True, False),
    ],
)
def test_a_session_lives_shorter_for_the_three_administrators(idle, age, admin, alive):
    assert rules.is_alive(created=NOON - age, seen=NOON - idle, now=NOON, admin=admin) is alive


@pytest.mark.parametrize(
    ("scopes", "days", "count"), [(["read"], 90, 0), ([], 30, 1), (["all"], 91, 2), (["write"], 0, 1)]
)
def test_a_token_has_known_scopes_and_at_most_ninety_days(scopes, days, count):
    assert len(rules.token_objections(scopes, days)) == count


@pytest.mark.parametrize(
    ("agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36 Edg/126.0",
            "Edge Windows",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1 Version/17.5 Safari/604.1",
            "Safari iPhone",
        ),
        (
            "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/116.0 Safari/537.36 MicroMessenger/8.0",
            "WeChat Android",
        ),
        ("curl/8.5.0", ""),
    ],
)
def test_a_device_is_called_as_people_call_it(agent: str, said: str) -> None:
    assert " ".join(rules.device_of(agent)) == said
