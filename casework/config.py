"""Settings: read once from the environment, frozen, and the only place that reads it.

Every default is right for one office on one machine (SQLite below ``var/``). What production must set is
listed in docs/administrators.md and checked by ``casework check --deploy``.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class BadSettings(Exception):
    """One sentence for everything that is missing or wrong in the environment."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the environment says. Fields are named as the variables, without ``CASEWORK_``."""

    database_url: str
    secret_key: str
    base_url: str = "http://127.0.0.1:8000"
    storage: str = str(ROOT / "var" / "files")
    fonts: str = ""
    port: int = 8000
    timezone: str = "Asia/Shanghai"
    demo_password: str = ""
    workers: int = 2
    threads: int = 4
    trusted_hops: int = 0
    smtp_url: str = ""
    """Where mail goes out: ``smtp://user:password@host:587`` (STARTTLS), ``smtps://host:465``, or ``smtp://host:25?tls=none``.
    Empty: no mail leaves, and the pages say so."""
    mail_from: str = ""
    """The sender of mails, such as ``复工专班 <desk@example.gov.cn>``; needed with ``smtp_url``."""
    robot_hosts: str = ""
    """Where group robots are, if not at their vendors': ``feishu=https://open.feishu.example wecom=https://…``."""
    webhook_networks: str = ""
    """Private networks that webhooks may reach, such as ``10.8.0.0/16``; in them plain http is taken too."""
    testing: bool = False
    options: Mapping[str, object] = field(default_factory=dict)

    @property
    def production(self) -> bool:
        """Production begins when the public address is https: Secure cookies, no demo."""
        return self.base_url.startswith("https://")


def _number(name: str, default: int) -> int:
    text = os.environ.get(name, "")
    try:
        return int(text) if text else default
    except ValueError:
        raise BadSettings(f"{name} must be a whole number, not {text!r}.") from None


def _local_key() -> str:
    """The key of a local installation: made once, kept in ``var/secret.key`` with mode 600."""
    path = ROOT / "var" / "secret.key"
    path.parent.mkdir(exist_ok=True)
    if not path.exists():
        temporary = path.with_name(f"secret.{secrets.token_hex(4)}")
        temporary.touch(mode=0o600)
        temporary.write_text(secrets.token_urlsafe(48))
        with contextlib.suppress(FileExistsError):  # the first of two racing starts wins
            os.link(temporary, path)
        temporary.unlink()
    return path.read_text().strip()


def read_settings() -> Settings:
    """The settings of this process.

    Raises:
        BadSettings: a variable cannot be read, or production lacks its key.
    """
    base_url = os.environ.get("CASEWORK_BASE_URL", "")
    port = _number("CASEWORK_PORT", 8000)
    key = os.environ.get("CASEWORK_SECRET_KEY", "")
    if base_url.startswith("https://") and len(key) < 32:
        raise BadSettings("CASEWORK_SECRET_KEY must be set to at least 32 characters when CASEWORK_BASE_URL is https.")
    smtp_url, mail_from = os.environ.get("CASEWORK_SMTP_URL", ""), os.environ.get("CASEWORK_MAIL_FROM", "")
    if smtp_url and not mail_from:
        raise BadSettings("CASEWORK_MAIL_FROM must say who sends the mails when CASEWORK_SMTP_URL is set.")
    return Settings(
        smtp_url=smtp_url,
        mail_from=mail_from,
        robot_hosts=os.environ.get("CASEWORK_ROBOT_HOSTS", ""),
        webhook_networks=os.environ.get("CASEWORK_WEBHOOK_NETWORKS", ""),
        database_url=os.environ.get("CASEWORK_DATABASE_URL", f"sqlite:///{ROOT / 'var' / 'casework.db'}"),
        secret_key=key or _local_key(),
        base_url=(base_url or f"http://127.0.0.1:{port}").rstrip("/"),
        storage=os.environ.get("CASEWORK_STORAGE", str(ROOT / "var" / "files")),
        fonts=os.environ.get("CASEWORK_FONTS", ""),
        port=port,
        timezone=os.environ.get("CASEWORK_TIMEZONE", "Asia/Shanghai"),
        demo_password=os.environ.get("CASEWORK_DEMO_PASSWORD", ""),
        workers=_number("CASEWORK_WORKERS", 2),
        threads=_number("CASEWORK_THREADS", 4),
        trusted_hops=_number("CASEWORK_TRUSTED_HOPS", 0),
    )
