"""Webhooks by the Standard Webhooks scheme: ids only, signed over id, time and body; never redirected, never inside."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from casework.notifications import channels, outgoing, rules
from casework.notifications.outbox import SENT, Message, Outcome
from casework.notifications.words import EVENT_TYPES


def body_of(message: Message, number: str) -> bytes:
    """What the other system is told: that something happened to a case, and how to ask for it."""
    data: dict[str, Any] = {"subject": message.subject, "number": number}
    if message.due_at:
        data["due_at"] = message.due_at.isoformat()
    told = {"type": f"{EVENT_TYPES}{message.kind}", "timestamp": message.created_at.isoformat(), "data": data}
    return json.dumps(told, separators=(",", ":"), sort_keys=True).encode()


def signatures(secrets: list[str], message_id: str, body: bytes, now: datetime) -> str:
    """The signatures under each secret that counts, the newest first."""
    from standardwebhooks import Webhook as Signer

    return " ".join(Signer(secret).sign(message_id, now, body.decode()) for secret in secrets)


def deliver(url: str, secrets: list[str], message_id: str, body: bytes, *, hosts: set[str], now: datetime) -> Outcome:
    """Tell the other system; only 2xx counts. 410 says that it wants no more of this message."""
    networks = channels.webhook_networks()
    if rules.url_faults(url, hosts, networks):
        return Outcome("not_allowed", url.partition("?")[0])
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "casework",
        "webhook-id": message_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": signatures(secrets, message_id, body, now),
    }
    try:
        answer = outgoing.post(url, body, headers, networks=networks)
    except outgoing.NotAllowed as error:
        return Outcome("not_allowed", str(error))
    except outgoing.NoAnswer as error:
        return Outcome("slow") if str(error) == "slow" else Outcome("down", str(error))
    if 200 <= answer.status < 300:
        return SENT
    return Outcome("answered", str(answer.status), final=answer.status == 410)
