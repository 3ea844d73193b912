"""The table of operations: each says what it takes, answers and needs. Addresses and description are made from it."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import Blueprint, Response
from flask.typing import ResponseReturnValue

from casework.api import answering, asking
from casework.api.answering import Answer
from casework.api.asking import Asked
from casework.api.fields import Shape
from casework.files.upload import MAX_UPLOAD
from casework.kernel.db import transaction
from casework.kernel.web import needs, takes_files

blueprint = Blueprint("api", __name__, url_prefix="/api/v1")
Work = Callable[..., Answer | Response]


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One thing that a program can do.

    ``path`` is written as in the description.
    ``keyed``: takes an Idempotency-Key; ``versioned``: takes If-Match; ``tagged``: answers with an ETag.
    """

    name: str
    method: str
    path: str
    permission: str
    group: str
    summary: str
    text: str = ""
    query: type[Shape] | None = None
    body: type[Shape] | None = None
    takes: Mapping[str, Any] = field(default_factory=dict)
    """An example of the body."""
    answer: type[Shape] | None = None
    paged: bool = False
    status: int = 200
    files: bool = False
    keyed: bool = False
    versioned: bool = False
    tagged: bool = False
    binary: bool = False
    own_transactions: bool = False

    @property
    def rule(self) -> str:
        """The path as the router takes it."""
        return re.sub(r"{(\w+)}", lambda found: f"<{PARTS[found[1]].router}{found[1]}>", self.path)


@dataclass(frozen=True, slots=True)
class Part:
    """A variable part of a path: how the router takes it, its schema, an example."""

    router: str
    schema: Mapping[str, Any]
    example: str | int


_ID = {"type": "integer", "minimum": 1, "maximum": 2**53}
_WORD = {"type": "string", "minLength": 1, "maxLength": 60, "pattern": "^[A-Za-z0-9_-]+$"}
PARTS: Mapping[str, Part] = {
    "number": Part("", {"type": "string", "pattern": "^[0-9]{2,12}-[0-9]{4}-[0-9]{6}$"}, "440303-2020-000012"),
    "action": Part("", _WORD, "accept"),
    "id": Part("int:", _ID, 7),
    "key": Part("", _WORD, "apply"),
    "code": Part("", _WORD, "heavy-vehicle-pass"),
}
OPERATIONS: dict[str, Operation] = {}


def operation(**said: Any) -> Callable[[Work], Work]:
    """Enter an operation in the table and give it its address."""
    entered = Operation(**said)
    if entered.name in OPERATIONS:
        raise ValueError(f"{entered.name} is there twice")
    OPERATIONS[entered.name] = entered

    def put(work: Work) -> Work:
        serve(entered, work)
        return work

    return put


def serve(entered: Operation, work: Work) -> None:
    """Give an operation its address: read strictly, carry out, answer."""

    def view(**parts: Any) -> ResponseReturnValue:
        return answered(entered, work, parts)

    view = needs(entered.permission)(view)
    if entered.files:
        view = takes_files(MAX_UPLOAD)(view)
    blueprint.add_url_rule(entered.rule, entered.name, view, methods=[entered.method])


def answered(entered: Operation, work: Work, parts: Mapping[str, Any], body: type[Shape] | None = None) -> Response:
    """Read the request as the operation says, carry it out, and answer."""
    if not entered.binary:
        asking.accepts_json()
    key = asking.key() if entered.keyed else ""
    asked = read(entered, body or entered.body)
    made = _carried_out(entered, lambda **more: work(asked, **parts, **more), asked, key)
    return made if isinstance(made, Response) else made.response()


def _carried_out(entered: Operation, work: Work, asked: Asked, key: str) -> Answer | Response:
    """In a transaction where anything changes, and once where a key says so."""
    if entered.own_transactions:
        return work(key=key)
    if entered.keyed:
        content, upload = asking.fingerprint(asked.upload), asked.upload
        prepare = upload.take_in if upload else None
        return answering.done_once(lambda: _made(work()), key, content, prepare)
    if entered.method == "GET":
        return work()
    with transaction():
        return work()


def _made(answer: Answer | Response) -> Answer:
    if not isinstance(answer, Answer):
        raise TypeError("what is kept by its key is no file")
    return answer


def read(entered: Operation, body: type[Shape] | None) -> Asked:
    """The request as the operation takes it."""
    query = asking.query(entered.query or Shape)
    version = asking.version() if entered.versioned else None
    if entered.files and body is not None:
        fields, upload = asking.files(body)
        return Asked(query=query, body=fields, version=version, upload=upload)
    if body is None:
        return Asked(query=query, version=version)
    return Asked(query=query, body=asking.body(body), version=version)


def address(path: str) -> str:
    """Where a made thing can be read."""
    return f"{blueprint.url_prefix}{path}"
