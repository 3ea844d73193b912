"""When a message leaves, with which others, and where it may go. Facts in, values and reasons out."""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from casework.kernel.errors import N_, Reason, because
from casework.kernel.time import local

TRIES = 24
FIRST_WAIT, LONGEST_WAIT = timedelta(seconds=30), timedelta(hours=6)
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
MOST_MAILS = 10
"""Mails an hour to one person about one case."""
SINGLE_MAILS = 5
"""So many come at once; what is more is gathered for a quarter of an hour and comes as one."""
GATHERED_FOR = timedelta(minutes=15)
TOGETHER = 5
"""More than so many that wait for the same person leave as one mail."""
MOST_LINES = 50
MOST_ROBOT = 20
"""Messages a minute that a group robot takes."""
ROBOT_TOGETHER = 3
ROBOT_BYTES = 1900
"""What fits into one text message of the strictest vendor, with room for the head."""
DAY = 24 * 60


def wait_after(attempts: int) -> timedelta:
    """How long to wait after so many tries that failed: 30 seconds, then twice as long each time, up to six hours."""
    return min(FIRST_WAIT * (1 << min(max(attempts - 1, 0), 16)), LONGEST_WAIT)


def quiet_until(quiet_from: int | None, quiet_to: int | None, now: datetime) -> datetime | None:
    """The end of the quiet hours that a moment is in, given as minutes of the day; they may pass midnight."""
    if quiet_from is None or quiet_to is None or quiet_from == quiet_to:
        return None
    here = local(now)
    minute = here.hour * 60 + here.minute
    into, lasts = (minute - quiet_from) % DAY, (quiet_to - quiet_from) % DAY
    if into >= lasts:
        return None
    return now - timedelta(seconds=here.second, microseconds=here.microsecond) + timedelta(minutes=lasts - into)


@dataclass(frozen=True, slots=True)
class Due:
    """A message that is due: its row, what it is about, and whether it may not wait."""

    id: int
    about: tuple[str, int]
    urgent: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Which rows leave as the next message, and which wait until when."""

    send: tuple[int, ...] = ()
    wait: tuple[tuple[int, datetime], ...] = ()


def plan_mail(
    due: Sequence[Due], sent: Mapping[tuple[str, int], Sequence[datetime]], quiet: datetime | None, now: datetime
) -> Plan:
    """The next mail to one person. ``sent`` are the mails of the last hour by what they were about."""
    go: list[int] = []
    wait: list[tuple[int, datetime]] = []
    for row in due:
        until = _held_until(row, sorted(sent.get(row.about, ())), quiet, now)
        if until:
            wait.append((row.id, until))
        else:
            go.append(row.id)
    return Plan(tuple(go[:MOST_LINES] if len(go) > TOGETHER else go[:1]), tuple(wait))


def _held_until(row: Due, sent: Sequence[datetime], quiet: datetime | None, now: datetime) -> datetime | None:
    if quiet and not row.urgent:
        return quiet
    if len(sent) >= MOST_MAILS:
        return sent[-MOST_MAILS] + HOUR
    if not row.urgent and len(sent) >= SINGLE_MAILS and now - sent[-1] < GATHERED_FOR:
        return sent[-1] + GATHERED_FOR
    return None


def robot_free_at(sent: Sequence[datetime], now: datetime) -> datetime | None:
    """When a robot takes the next message; None: now."""
    recent = sorted(moment for moment in sent if moment > now - MINUTE)
    return recent[-MOST_ROBOT] + MINUTE if len(recent) >= MOST_ROBOT else None


def fitting(lines: Iterable[str], most: int = ROBOT_BYTES) -> int:
    """How many of the lines fit into one text message; at least one."""
    room = most
    for count, line in enumerate(lines):
        room -= len(line.encode()) + 1
        if room < 0:
            return max(count, 1)
    return MOST_LINES


_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+")
_TIME = re.compile(r"([01]?\d|2[0-3])[:：]([0-5]\d)")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{8,100}")
_HOST = re.compile(r"(?=.{1,200}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")
# The vendors' addresses as their pages show them; what stands in them is the token.
_PASTED = {
    "wecom": re.compile(r"https://qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([A-Za-z0-9_-]+)"),
    "dingtalk": re.compile(r"https://oapi\.dingtalk\.com/robot/send\?access_token=([A-Za-z0-9]+)"),
    "feishu": re.compile(r"https://open\.feishu\.cn/open-apis/bot/v2/hook/([A-Za-z0-9_-]+)/?"),
}


def mail_faults(address: str) -> list[Reason]:
    """Why no mail could go to an address; an empty one is fine."""
    if not address or (len(address) <= 200 and _ADDRESS.fullmatch(address)):
        return []
    return [because(N_("E-mail: write it like name@example.com."), "email")]


def minute_of(text: str) -> int | None:
    """A time of day such as 22:00 as minutes; None when it is none."""
    found = _TIME.fullmatch(text.strip())
    return int(found[1]) * 60 + int(found[2]) if found else None


def clock(minute: int | None) -> str:
    """Minutes of the day as a time; nothing for None."""
    return "" if minute is None else f"{minute // 60:02d}:{minute % 60:02d}"


def robot_token(kind: str, given: str) -> str | None:
    """The token of a robot, from the whole address of its vendor or by itself; None when it is neither."""
    if "/" in given or ":" in given:
        pattern = _PASTED.get(kind)
        found = pattern.fullmatch(given) if pattern else None
        given = found[1] if found else ""
    fits = _TOKEN.fullmatch(given) and (kind != "dingtalk" or given.isalnum())
    return given if fits else None


def host_of(given: str) -> str | None:
    """A host as it is kept: lower case, without port; None when it is none."""
    host = given.strip().lower().rstrip(".")
    return host if _HOST.fullmatch(host) else None


def url_faults(url: str, hosts: Iterable[str], networks: Sequence[str]) -> list[Reason]:
    """Why a webhook may not go to an address. Plain http is for the private networks that are let through."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return [because(N_("Address: write it like https://example.gov.cn/hooks."), "url")]
    host = parts.hostname or ""
    known = host_of(host) or _plain_ip(host)
    if parts.scheme not in ("https", "http") or not known or parts.username or parts.fragment or len(url) > 300:
        return [because(N_("Address: write it like https://example.gov.cn/hooks."), "url")]
    if any(ord(letter) <= 32 or ord(letter) > 126 for letter in url) or port == 0:
        return [because(N_("Address: write it like https://example.gov.cn/hooks."), "url")]
    if parts.scheme == "http" and not (_plain_ip(host) and address_is_fine(host, networks, private_only=True)):
        return [because(N_("Address: begin it with https://."), "url")]
    if host not in set(hosts):
        return [
            because(N_("Address: %(host)s is not on the list; the security administrator adds it."), "url", host=host)
        ]
    return []


def _plain_ip(host: str) -> str | None:
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return None


def address_is_fine(address: str, networks: Sequence[str], *, private_only: bool = False) -> bool:
    """Whether a message may be sent to an internet address: public ones, and the private ``networks`` let through."""
    found = ipaddress.ip_address(address.partition("%")[0])
    inner = getattr(found, "ipv4_mapped", None) or getattr(found, "sixtofour", None)
    if inner is None and getattr(found, "teredo", None):
        return False
    if inner is None and found.version == 6 and found in ipaddress.ip_network("64:ff9b::/96"):
        inner = ipaddress.IPv4Address(int(found) & 0xFFFFFFFF)
    found = inner or found
    if any(found in ipaddress.ip_network(network) for network in networks if _same_version(found, network)):
        return True
    return found.is_global and not found.is_multicast and not private_only


def _same_version(found: ipaddress.IPv4Address | ipaddress.IPv6Address, network: str) -> bool:
    return ipaddress.ip_network(network).version == found.version
