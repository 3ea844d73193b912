"""Errors as programs read them: problem documents (RFC 9457), with what is wrong field by field."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, g, jsonify, request
from flask_babel import gettext

from casework.kernel.errors import N_, Reason

PREFIX = "/api/"
MEDIA = "application/problem+json"
EXPLAINED = "/help/api"
"""The page that says what each kind of problem means."""


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of problem: its name in the address of ``type``, its title, what to do."""

    name: str
    title: str
    text: str


WORDS: dict[int, Kind] = {
    400: Kind("unreadable", N_("That request could not be read"), N_("Send valid JSON and the headers asked for.")),
    401: Kind("token", N_("A token is needed"), N_("Send “Authorization: Bearer …” with a token that is still good.")),
    403: Kind("not-permitted", N_("This is not yours to do"), N_("The owner of the token may not do this here.")),
    404: Kind("not-found", N_("Nothing here"), N_("There is no such thing, or it lies outside the owner's area.")),
    405: Kind("method", N_("This address does not take that"), N_("The header Allow names what it takes.")),
    406: Kind("not-acceptable", N_("No such form of answer"), N_("Accept application/json.")),
    409: Kind("conflict", N_("Somebody changed this meanwhile"), N_("Read it again, then send it again.")),
    410: Kind("seal", N_("The file no longer matches its seal"), N_("Tell the administrator.")),
    412: Kind("stale", N_("Changed since you read it"), N_("Read it again and send If-Match with its present ETag.")),
    413: Kind("too-large", N_("That is too large"), N_("Send less at once.")),
    415: Kind("media-type", N_("Not this kind of content"), N_("Send the Content-Type that the description names.")),
    422: Kind("refused", N_("That cannot be done now"), N_("Mend what is named and send it again.")),
    428: Kind("version-missing", N_("Say which state you know"), N_("Send If-Match with the ETag of what you read.")),
    429: Kind("too-many", N_("Too many tries"), N_("Wait as long as Retry-After says.")),
    500: Kind("broken", N_("Something broke on our side"), N_("Give the administrator the request_id.")),
    503: Kind("busy", N_("Busy or under maintenance"), N_("Send it again after Retry-After, with the same key.")),
}
TITLES = {
    "body": N_("Not as the description says"),
    "parameters": N_("Not as the description says"),
    "cursor": N_("Not a cursor of this list"),
    "key-reused": N_("This key was used before"),
    "known": N_("Sent before"),
}
"""The kinds that say more than the title of their status."""


def are_wanted() -> bool:
    """Whether this request comes from a program."""
    return request.path.startswith(PREFIX)


SHAPES = ("body", "parameters")
"""Kinds whose reasons say what a field must be, and not which field it is."""


def _named(one: Mapping[str, str], kind: str) -> str:
    return f"{one['field']}: {one['detail']}" if kind in SHAPES and "field" in one else one["detail"]


def answer(status: int, reasons: Sequence[Reason], kind: str = "") -> Response:
    """The problem document of a status; ``errors`` names each reason and the field it is about."""
    words = WORDS[status]
    said = [{"detail": str(reason)} | ({"field": reason.field} if reason.field else {}) for reason in reasons]
    text = g.error_text = " ".join(_named(one, kind) for one in said) or gettext(words.text)
    body = {
        "type": f"{EXPLAINED}#{kind or words.name}",
        "title": gettext(TITLES.get(kind, words.title)),
        "status": status,
        "detail": text,
        "errors": said,
        "request_id": g.get("request_id", "-"),
    }
    response = jsonify(body)
    response.status_code = status
    response.content_type = MEDIA
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="casework"'
    return response
