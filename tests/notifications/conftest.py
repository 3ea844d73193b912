"""An office whose mail, robots and webhooks lead to servers of the test."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest

from casework.config import Settings
from casework.kernel.db import db
from casework.notifications.models import NoticePrefs, Robot, Webhook, WebhookHost
from tests.factories import NOW, Office
from tests.notifications.servers import MailServer, Web

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
def mail() -> Iterator[MailServer]:
    server = MailServer()
    yield server
    server.stop()


@pytest.fixture
def web() -> Iterator[Web]:
    server = Web()
    yield server
    server.stop()


@pytest.fixture
def settings(settings: Settings, mail: MailServer, web: Web) -> Settings:
    return replace(
        settings,
        smtp_url=mail.url,
        mail_from="复工专班 <desk@example.org>",
        robot_hosts=f"wecom={web.url} dingtalk={web.url} feishu={web.url}",
        webhook_networks="127.0.0.0/8",
    )


@pytest.fixture
def mailed(office: Office) -> Callable[..., str]:
    """Give a person an address; returns it."""

    def give(name: str, **changes: Any) -> str:
        address = f"{name}@example.com"
        db.session.add(NoticePrefs(user_id=office.people[name].id, email=address, **changes))
        db.session.commit()
        return address

    return give


@pytest.fixture
def a_robot(office: Office) -> Callable[..., Robot]:
    def make(kind: str = "wecom", **changes: Any) -> Robot:
        boring: dict[str, Any] = {"name": "第一小组群", "token": "abcd1234", "kinds": ["dispatched", "requester_wrote"]}
        robot = Robot(unit_id=office.units["team"].id, kind=kind, **{**boring, **changes})
        db.session.add(robot)
        db.session.commit()
        return robot

    return make


@pytest.fixture
def a_webhook(office: Office, web: Web) -> Callable[..., Webhook]:
    def make(**changes: Any) -> Webhook:
        if db.session.get(WebhookHost, "127.0.0.1") is None:
            db.session.add(WebhookHost(host="127.0.0.1", added_by_id=office.people["secadmin"].id, added_at=NOW))
        boring: dict[str, Any] = {
            "name": "区平台",
            "url": f"{web.url}/hooks",
            "area_id": office.areas["8801"].id,
            "secret": SECRET,
        }
        hook = Webhook(**{**boring, **changes})
        db.session.add(hook)
        db.session.commit()
        return hook

    return make
