"""Passwords, sign-in limits and token scopes: facts in, reasons out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

from casework.kernel.errors import N_, Reason, because

SHORTEST, LONGEST = 12, 128
FAILURES = 5
"""Wrong passwords in a window, for one account from one network."""
WINDOW = timedelta(minutes=15)
FREE_ANYWHERE = 10
"""Tries for one account over all networks before the delay begins to grow."""
LONGEST_DELAY = 30
IDLE_FIELD, ABSOLUTE_FIELD = timedelta(hours=12), timedelta(days=7)
IDLE_ADMIN, ABSOLUTE_ADMIN = timedelta(minutes=30), timedelta(hours=10)
SEEN_EVERY = timedelta(minutes=5)
TOKEN_DAYS = 90
FIRST_PASSWORD = timedelta(days=7)
"""How long a password that somebody else made signs in (ASVS 6.4.1)."""
TOKEN_SCOPES = ("read", "write")
MOST_NETWORKS = 10
TOKEN_NAME = 60
TOKEN_MINUTE = 600
"""Requests that a token may send in a minute, over all nodes."""
BROWSERS = (
    ("MicroMessenger/", N_("WeChat")),
    ("DingTalk", N_("DingTalk")),
    ("Edg", "Edge"),
    ("Firefox/", "Firefox"),
    ("Chrome/", "Chrome"),
    ("Safari/", "Safari"),
)
"""What names a browser in its own words, the particular before the general: nearly all call themselves Safari."""
SYSTEMS = (
    ("HarmonyOS", "HarmonyOS"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)
USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,58}[a-z0-9]")

LOCAL_WORDS = (
    "casework",
    "复工",
    "复产",
    "诉求",
    "shenzhen",
    "深圳",
    "wuhan",
    "武汉",
    "guangzhou",
    "广州",
    "beijing",
    "北京",
    "shanghai",
    "上海",
    "luohu",
    "futian",
    "nanshan",
    "baoan",
    "longgang",
    "zhuanban",
    "专班",
    "fugong",
    "fuchan",
    "qiye",
    "企业",
    "jiedao",
    "街道",
    "shequ",
    "社区",
)
COMMON = (
    "password",
    "passw0rd",
    "123456789",
    "1234567890",
    "qwertyuiop",
    "qwerty",
    "1q2w3e4r",
    "1qaz2wsx",
    "abc123",
    "iloveyou",
    "admin",
    "administrator",
    "welcome",
    "letmein",
    "changeme",
    "monkey",
    "dragon",
    "football",
    "baseball",
    "sunshine",
    "princess",
    "superman",
    "master",
    "trustno1",
    "woaini",
    "woaini1314",
    "5201314",
    "a123456",
    "123123",
    "111111",
    "000000",
    "666666",
    "888888",
    "112233",
    "123321",
    "654321",
    "987654321",
    "zxcvbnm",
    "asdfghjkl",
    "qazwsx",
    "qweasdzxc",
    "zaq12wsx",
    "p@ssword",
    "p@ssw0rd",
    "test",
    "guest",
    "root",
    "secret",
    "login",
    "hello",
    "whatever",
    "starwars",
    "computer",
    "internet",
    "wangyut2",
    "woaiwojia",
    "nihao",
    "aini1314",
    "qq123456",
    "asd123456",
    "zxc123456",
    "yang",
    "zhang",
)
_FILLING = re.compile(r"[\W\d_]+")


def password_objections(password: str, *, username: str, name: str = "") -> list[Reason]:
    """Why a password is too weak; checked offline, and nothing but its length and its words counts."""
    if len(password) < SHORTEST:
        return [
            because(
                N_("Use at least %(count)s characters; a sentence is easy to remember."), "password", count=SHORTEST
            )
        ]
    if len(password) > LONGEST:
        return [because(N_("Use at most %(count)s characters."), "password", count=LONGEST)]
    if len(set(password)) < 5 or _is_a_run(password):
        return [because(N_("These characters repeat or run on: choose others."), "password")]
    folded = password.casefold()
    personal = [word.casefold() for word in (username, name) if len(word) > 1]
    for word in (*COMMON, *LOCAL_WORDS, *personal):
        if word in folded and len(_rest(folded, word)) < 6:
            return [
                because(
                    N_("Many people use “%(word)s”: add words of your own or choose others."), "password", word=word
                )
            ]
    return []


def _rest(folded: str, word: str) -> str:
    """What is left beyond the word, and beyond digits and signs, which add little."""
    left = folded.replace(word, "")
    for other in (*COMMON, *LOCAL_WORDS):
        left = left.replace(other, "") if len(other) > 3 else left
    return _FILLING.sub("", left)


def _is_a_run(password: str) -> bool:
    steps = {ord(after) - ord(before) for before, after in pairwise(password)}
    return len(steps) == 1


def network(address: str | None) -> str:
    """The network that counts as one caller: /24 for IPv4, /64 for IPv6."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network((parsed, 24 if parsed.version == 4 else 64), strict=False))


def delay(tries: int) -> timedelta:
    """How long an account rests after so many tries from anywhere: it grows, and never shuts the owner out."""
    beyond = tries - FREE_ANYWHERE
    return timedelta(seconds=min(LONGEST_DELAY, 2 ** min(beyond, 10))) if beyond > 0 else timedelta()


def is_alive(*, created: datetime, seen: datetime, now: datetime, admin: bool) -> bool:
    """Whether a session may still be used; the three administrators have shorter ones."""
    idle, absolute = limits(admin=admin)
    return now - seen < idle and now - created < absolute


def limits(*, admin: bool) -> tuple[timedelta, timedelta]:
    """Longest rest and longest life of a session."""
    return (IDLE_ADMIN, ABSOLUTE_ADMIN) if admin else (IDLE_FIELD, ABSOLUTE_FIELD)


def username_objections(username: str) -> list[Reason]:
    """Why a user name cannot be used."""
    if USERNAME.fullmatch(username):
        return []
    return [because(N_("Use 3 to 60 small letters, digits, dots or dashes, such as shen.yanqiu."), "username")]


def token_objections(scopes: list[str], days: int, networks: Sequence[str] = (), name: str = "") -> list[Reason]:
    """Why a token cannot be made."""
    reasons = []
    if len(name) > TOKEN_NAME:
        reasons.append(
            because(N_("Which program it is for: shorten it to %(most)s characters."), "name", most=TOKEN_NAME)
        )
    if not scopes or any(scope not in TOKEN_SCOPES for scope in scopes):
        reasons.append(because(N_("Choose what the token may do: read, write or both."), "scopes"))
    if not 1 <= days <= TOKEN_DAYS:
        reasons.append(because(N_("A token lasts 1 to %(count)s days."), "days", count=TOKEN_DAYS))
    reasons += [
        because(N_("Networks: write addresses like 10.8.0.0/16, not “%(given)s”."), "networks", given=given[:40])
        for given in networks
        if not _is_network(given)
    ]
    if len(networks) > MOST_NETWORKS:
        reasons.append(because(N_("Networks: at most %(count)s."), "networks", count=MOST_NETWORKS))
    return reasons


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def is_inside(address: str | None, networks: Sequence[str]) -> bool:
    """Whether a token may be used from an address: from everywhere where it names no network."""
    if not networks:
        return True
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return False
    return any(parsed in ipaddress.ip_network(network) for network in networks)


def device_of(agent: str) -> list[str]:
    """The browser and the system that a browser says it is, as people call them; empty when it names neither."""
    found = (next((name for sign, name in known if sign in agent), "") for known in (BROWSERS, SYSTEMS))
    return [name for name in found if name]
