"""HTTP out of the house: to an address that was looked at and no other, without redirects, in limited time and size."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import certifi

from casework.notifications import rules

SECONDS = 5.0
AT_MOST = 8.0
"""A server that answers drop by drop is given up after so many seconds in all."""
MOST_ANSWER = 64 * 1024
ANYWHERE = ("0.0.0.0/0", "::/0")
Result = TypeVar("Result")


class NotAllowed(Exception):
    """The address leads to where no message may go."""


class NoAnswer(Exception):
    """Nothing came back, or not in time; the message may have arrived all the same."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status, and the beginning of what was said."""

    status: int
    body: bytes


def post(url: str, body: bytes, headers: Mapping[str, str], *, networks: Sequence[str] = ()) -> Answer:
    """Send a body to an address: the name is resolved once, and that address is connected to.

    Raises:
        NotAllowed: the name leads to a private or reserved address that is not let through.
        NoAnswer: nothing came back in time.
    """
    parts = urlsplit(url)
    host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    address = resolved(host, port, networks)
    path = f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"
    named = {**headers, "Host": parts.netloc.rpartition("@")[2]}
    return within(AT_MOST, lambda: _sent(parts.scheme, host, address, port, path, body, named))


def resolved(host: str, port: int, networks: Sequence[str]) -> str:
    """The address that a name leads to, when every address it leads to may be reached.

    Raises:
        NotAllowed: one of them may not.
        NoAnswer: the name leads nowhere.
    """
    try:
        found = within(AT_MOST, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
    except OSError as error:
        raise NoAnswer(str(error)) from error
    addresses = [str(entry[4][0]) for entry in found]
    if not addresses or not all(rules.address_is_fine(address, networks) for address in addresses):
        raise NotAllowed(host)
    return addresses[0]


def _sent(
    scheme: str, host: str, address: str, port: int, path: str, body: bytes, headers: Mapping[str, str]
) -> Answer:
    import urllib3  # 3 MB that only who sends needs

    options: dict[str, Any] = {"timeout": SECONDS, "retries": False, "maxsize": 1}
    if scheme == "https":
        secure: dict[str, Any] = {"server_hostname": host, "assert_hostname": host, "ca_certs": certifi.where()}
        pool: Any = urllib3.HTTPSConnectionPool(address, port, **options, **secure)
    else:
        pool = urllib3.HTTPConnectionPool(address, port, **options)
    with pool:
        try:
            answer = pool.urlopen("POST", path, body=body, headers=dict(headers), redirect=False, preload_content=False)
            with answer:
                return Answer(int(answer.status), answer.read(MOST_ANSWER))
        except (urllib3.exceptions.HTTPError, OSError) as error:
            raise NoAnswer(type(error).__name__) from error


def within(seconds: float, work: Callable[[], Result]) -> Result:
    """The result of some work on the network, or ``NoAnswer`` when it takes longer than so many seconds in all.

    What is given up goes on in its thread until its own time is over, and nobody listens.
    """
    kept: list[Result] = []
    broke: list[BaseException] = []

    def run() -> None:
        try:
            kept.append(work())
        except BaseException as error:
            broke.append(error)

    thread = threading.Thread(target=run, name="a message on its way", daemon=True)
    thread.start()
    thread.join(seconds)
    if broke:
        raise broke[0]
    if not kept:
        raise NoAnswer("slow")
    return kept[0]
