"""Group robots through apprise: the address is built from a token at a known host, never taken from people.

apprise takes any answer with status 200 for success, but these robots say "too many" and "no such robot" with
status 200 and a code in the answer; so what it would post is posted here, where the answer is read.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from casework.notifications import channels, outgoing
from casework.notifications.outbox import SENT, Outcome

# What a robot answers when it will never take this message from us: unknown key, unknown token, wrong signature.
NEVER = {93000, 300001, 310000, 19001, 19002, 19021}


def deliver(kind: str, token: str, secret: str, text: str) -> Outcome:
    """Say something in a group."""
    base = channels.robot_hosts()[kind]
    path, payload = _post_of(kind, token, secret, text)
    # What the settings name instead of the vendor may lie anywhere in the house.
    networks = () if base == channels.VENDORS[kind] else outgoing.ANYWHERE
    body = json.dumps(payload, ensure_ascii=False).encode()
    try:
        answer = outgoing.post(f"{base}{path}", body, {"Content-Type": "application/json"}, networks=networks)
    except outgoing.NotAllowed as error:
        return Outcome("not_allowed", str(error))
    except outgoing.NoAnswer as error:
        return Outcome("slow") if str(error) == "slow" else Outcome("down", str(error))
    return _outcome(answer)


def _post_of(kind: str, token: str, secret: str, text: str) -> tuple[str, Mapping[str, Any]]:
    """Path and payload of a message, by apprise's plugin for this robot."""
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

    if kind == "wecom":
        return _path(NotifyWeComBot(key=token).api_url), {"msgtype": "text", "text": {"content": text}}
    if kind == "feishu":
        robot = NotifyFeishu(token=token)
        return _path(robot.notify_url.format(token=robot.token)), {"msg_type": "text", "content": {"text": text}}
    ding = NotifyDingTalk(token=token, secret=secret or None)
    path = _path(ding.notify_url.format(token=ding.token))
    if secret:
        timestamp, sign = ding.get_signature()
        path = f"{path}&timestamp={timestamp}&sign={sign}"
    return path, {"msgtype": "text", "text": {"content": text}, "at": {"isAtAll": False}}


def _path(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _outcome(answer: outgoing.Answer) -> Outcome:
    try:
        said = json.loads(answer.body or b"{}")
    except ValueError:
        said = {}
    said = said if isinstance(said, dict) else {}
    code = said.get("errcode", said.get("code", said.get("StatusCode", 0))) or 0
    words = str(said.get("errmsg") or said.get("msg") or "")[:200]
    if answer.status == 200 and code == 0:
        return SENT
    shown = " ".join(str(part) for part in (answer.status if answer.status != 200 else code, words) if part)
    return Outcome("answered", shown, final=code in NEVER)
