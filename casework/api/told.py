"""What a webhook tells another system, as the description says it: when, its headers, its body, how it is checked."""

from __future__ import annotations

from typing import Any

from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import translate
from casework.notifications import outgoing, rules
from casework.notifications.kinds import KINDS, TEST
from casework.notifications.words import EVENT_TYPES

SUMMARY = N_("Something happened: told by a webhook")
ABOUT = N_(
    "The system administrator sets it up on the page “Webhooks” and hands over its secret. It tells what is news to "
    "somebody here, ids only: read the case by its number, and follow /api/v1/events for whatever happens. Signed by "
    "the Standard Webhooks scheme: “v1,” and the Base64 of HMAC-SHA256 over “webhook-id.webhook-timestamp.body”, under "
    "the Base64 behind “whsec_”; while a secret is changed there are two signatures, divided by a blank. Answer 2xx "
    "within %(seconds)s seconds; else it is sent again, %(tries)s times at most, under the same webhook-id."
)
ANSWERED = N_("Taken. 410 says that this message is not wanted any more.")


def webhooks() -> dict[str, Any]:
    """The part ``webhooks`` of the description."""
    body = {"application/json": {"schema": _schema(), "example": _example()}}
    said = {
        "operationId": "told",
        "summary": translate(SUMMARY),
        "description": str(Reason(ABOUT, {"seconds": int(outgoing.SECONDS), "tries": rules.TRIES})),
        "security": [],
        "parameters": [
            _header("webhook-id", "msg_5f0c7d2a9e1b4c38", N_("The same each time a message is sent again")),
            _header("webhook-timestamp", "1584320400", N_("When it was sent, in seconds since 1970")),
            _header("webhook-signature", "v1,…", N_("One signature or two, divided by a blank")),
        ],
        "requestBody": {"required": True, "content": body},
        "responses": {"204": {"description": translate(ANSWERED)}},
    }
    return {"told": {"post": said}}


def _header(name: str, example: str, description: str) -> dict[str, Any]:
    schema = {"type": "string"}
    said = translate(description)
    return {"name": name, "in": "header", "required": True, "schema": schema, "example": example, "description": said}


def _schema() -> dict[str, Any]:
    text, moment = {"type": "string"}, {"type": "string", "format": "date-time"}
    number = text | {"description": translate(N_("The number of the case or order; empty where it has none"))}
    due = moment | {"description": translate(N_("When it is due; only of what has a limit"))}
    data = {"subject": text, "number": number, "due_at": due}
    kinds = {"type": "string", "enum": [f"{EVENT_TYPES}{kind}" for kind in (*KINDS, TEST)]}
    shape = {"type": "object", "required": ["subject", "number"], "properties": data}
    return {
        "type": "object",
        "required": ["type", "timestamp", "data"],
        "properties": {"type": kinds, "timestamp": moment, "data": shape},
    }


def _example() -> dict[str, Any]:
    data = {"subject": "case", "number": "990104-2020-000012", "due_at": "2020-03-17T01:00:00+00:00"}
    return {"type": f"{EVENT_TYPES}dispatched", "timestamp": "2020-03-16T01:00:00+00:00", "data": data}
