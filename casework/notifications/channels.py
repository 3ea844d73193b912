"""Which channels this installation has: the settings, read into what the senders need."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import parse_qs, unquote, urlsplit

from flask import current_app

from casework.config import BadSettings

VENDORS: Mapping[str, str] = {
    "wecom": "https://qyapi.weixin.qq.com",
    "dingtalk": "https://oapi.dingtalk.com",
    "feishu": "https://open.feishu.cn",
}
BAD_SMTP = (
    "CASEWORK_SMTP_URL must look like smtp://user:password@host:587, smtps://host:465 or smtp://host:25?tls=none."
)


@dataclass(frozen=True, slots=True)
class MailServer:
    """Where mail goes out, and how: ``tls`` is ``starttls``, ``tls`` or ``none``."""

    host: str
    port: int
    tls: str
    user: str
    password: str
    sender: str


def mail_server() -> MailServer | None:
    """The server of the settings; None when there is none and no mail leaves."""
    settings = current_app.config["SETTINGS"]
    return read_mail_server(settings.smtp_url, settings.mail_from) if settings.smtp_url else None


@lru_cache(maxsize=8)
def read_mail_server(url: str, sender: str) -> MailServer:
    """A server from its address.

    Raises:
        BadSettings: it cannot be read.
    """
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadSettings(BAD_SMTP) from None
    tls = "tls" if parts.scheme == "smtps" else parse_qs(parts.query).get("tls", ["starttls"])[0]
    if parts.scheme not in ("smtp", "smtps") or not parts.hostname or tls not in ("tls", "starttls", "none"):
        raise BadSettings(BAD_SMTP)
    user, password = unquote(parts.username or ""), unquote(parts.password or "")
    return MailServer(parts.hostname, port or {"tls": 465, "starttls": 587}.get(tls, 25), tls, user, password, sender)


def robot_hosts() -> Mapping[str, str]:
    """Where each kind of robot is: at its vendor, or where the settings say."""
    return {**VENDORS, **dict(_pairs(current_app.config["SETTINGS"].robot_hosts))}


def _pairs(text: str) -> list[tuple[str, str]]:
    found = [entry.partition("=") for entry in text.replace(",", " ").split()]
    if any(kind not in VENDORS or not base.startswith(("https://", "http://")) for kind, _, base in found):
        raise BadSettings("CASEWORK_ROBOT_HOSTS must look like feishu=https://open.feishu.example.")
    return [(kind, base.rstrip("/")) for kind, _, base in found]


def webhook_networks() -> tuple[str, ...]:
    """The private networks that webhooks may reach."""
    return tuple(current_app.config["SETTINGS"].webhook_networks.replace(",", " ").split())
