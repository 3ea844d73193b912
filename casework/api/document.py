"""The description of the interface, as OpenAPI 3.1: made from the table of operations, in the reader's language."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any

from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from marshmallow import Schema, fields

from casework.api import told
from casework.api.actions import DESCRIBED
from casework.api.asking import FORM, JSON, KEY_PATTERN, TAG_PATTERN
from casework.api.fields import Day, Flag, Many, Moment, OneOf, Shape, Text, Whole
from casework.api.operations import OPERATIONS, PARTS, Operation, blueprint
from casework.api.shapes import Problem
from casework.kernel import problems
from casework.kernel.errors import N_
from casework.kernel.i18n import speaking, translate

VERSION = "1.0"
TITLE = N_("Casework: interface for programs")
ABOUT = N_(
    "What the pages can do, programs can do too, with the same rights, refusals and records. "
    "Send a token as “Authorization: Bearer …”. Money is in fen, moments carry their offset, days are those of "
    "Asia/Shanghai, phones are masked. Errors are problem documents (RFC 9457) in the language of Accept-Language."
)
WRITES = ("POST", "PATCH")


def operations() -> Iterator[Operation]:
    """Every operation as it is described: each action by itself."""
    yield from OPERATIONS.values()
    yield from DESCRIBED.values()


@lru_cache(maxsize=4)
def document(language: str) -> Mapping[str, Any]:
    """The whole description in a language."""
    with speaking(language):
        return _whole()


def _whole() -> dict[str, Any]:
    plugin = MarshmallowPlugin(schema_name_resolver=_name_of)
    spec = APISpec(translate(TITLE), VERSION, "3.1.0", plugins=[plugin], info={"description": translate(ABOUT)})
    spec.components.security_scheme("token", {"type": "http", "scheme": "bearer"})
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a shape stands in the table under one name is what is wanted
        spec.components.schema("Problem", schema=Problem)
        for status, words in problems.WORDS.items():
            spec.components.response(f"Problem{status}", _problem(status, words))
        for entered in operations():
            spec.path(
                entered.path, operations={entered.method.lower(): _described(entered)}, parameters=_parts(entered)
            )
    made = spec.to_dict()
    for entered in operations():  # whoever asks for some fields only gets no others
        if entered.answer is not None and "fields_" in (entered.query or Shape)().fields:
            made["components"]["schemas"][_name_of(entered.answer)].pop("required", None)
    made["servers"] = [{"url": str(blueprint.url_prefix)}]
    made["security"] = [{"token": []}]
    made["webhooks"] = told.webhooks()
    return dict(_said(made))


def _name_of(schema: Any) -> str:
    return (schema if isinstance(schema, type) else type(schema)).__name__


def _said(value: Any, name: str = "") -> Any:
    """Everything as it is, with what describes it in the reader's language."""
    if isinstance(value, Mapping):
        return {key: _said(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [_said(inner) for inner in value]
    return translate(value) if name in ("description", "summary") and isinstance(value, str) and value else value


def _described(entered: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {
        "operationId": entered.name,
        "tags": [translate(entered.group)],
        "summary": entered.summary,
        "parameters": list(_parameters(entered)),
        "responses": {str(entered.status): _success(entered)} | _problems(entered),
        "x-permission": entered.permission,
        "x-scope": "write" if entered.method in WRITES else "read",
    }
    if entered.text:
        said["description"] = entered.text
    if entered.body is not None:
        said["requestBody"] = {"required": True, "content": _body(entered)}
    return said


def _body(entered: Operation) -> dict[str, Any]:
    if not entered.files:
        return {JSON: {"schema": entered.body, "example": dict(entered.takes)}}
    files = {"type": "array", "minItems": 1, "maxItems": 10, "items": {"type": "string", "format": "binary"}}
    kind = {"type": "string", "maxLength": 30, "description": N_("What it proves: a key of the type's evidence")}
    return {
        FORM: {
            "schema": {
                "type": "object",
                "properties": {"files": files, "kind": kind},
                "required": ["files"],
                "additionalProperties": False,
            }
        }
    }


def _parts(entered: Operation) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": dict(part.schema), "example": part.example}
        for name, part in PARTS.items()
        if f"{{{name}}}" in entered.path
    ]


def _parameters(entered: Operation) -> Iterator[Any]:
    if entered.query is not None:
        yield {"in": "query", "schema": entered.query}
    if entered.keyed:
        yield _header(
            "Idempotency-Key",
            KEY_PATTERN,
            "7d1f0b4e-3c1a-4a57-9f0e-0b8f6a2c1d55",
            N_("New for each thing to be done. The same request under the same key gets the same answer for 60 days."),
        )
    if entered.versioned:
        yield _header(
            "If-Match", TAG_PATTERN, '"3"', N_("The ETag of what you read. Missing: 428; changed since: 412.")
        )


def _header(name: str, pattern: str, example: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "pattern": f"^{pattern}$"}
    return {
        "name": name,
        "in": "header",
        "required": True,
        "schema": schema,
        "example": example,
        "description": description,
    }


def _success(entered: Operation) -> dict[str, Any]:
    said: dict[str, Any] = {"description": entered.summary}
    if entered.binary:
        return said | {"content": {"*/*": {"schema": {"type": "string", "format": "binary"}}}}
    if entered.answer is not None:
        schema: Any = entered.answer
        example: Any = example_of(entered.answer)
        if entered.paged:
            cursor = {"type": ["string", "null"], "description": N_("Send it as “cursor” for the next page")}
            properties = {"items": {"type": "array", "items": schema}, "next": cursor}
            schema = {"type": "object", "required": ["items", "next"], "properties": properties}
            example = {"items": [example], "next": None}
        said["content"] = {JSON: {"schema": schema, "example": example}}
    if entered.tagged:
        version = {"schema": {"type": "string"}, "description": N_("The present version: send it as If-Match")}
        said["headers"] = {"ETag": version}
    return said


def _problems(entered: Operation) -> dict[str, Any]:
    statuses = {401, 403, 404, 405, 406, 422, 429, 500, 503}
    if entered.method in WRITES:
        statuses |= {400, 409, 413, 415}
    if entered.versioned:
        statuses |= {412, 428}
    if entered.binary:
        statuses = statuses - {406} | {410}
    return {str(status): f"Problem{status}" for status in sorted(statuses)}


def _problem(status: int, words: problems.Kind) -> dict[str, Any]:
    example = {
        "type": f"{problems.EXPLAINED}#{words.name}",
        "title": translate(words.title),
        "status": status,
        "detail": translate(words.text),
        "errors": [],
        "request_id": "5f0c7d2a9e1b4c38",
    }
    said: dict[str, Any] = {
        "description": words.title,
        "content": {problems.MEDIA: {"schema": Problem, "example": example}},
    }
    headers = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
    if status in headers:
        said["headers"] = {headers[status]: {"schema": {"type": "string"}}}
    return said


def example_of(shape: type[Schema]) -> dict[str, Any]:
    """A whole example of a shape: what its fields name, else the plainest value they allow."""
    return {field.data_key or name: _value(field) for name, field in shape().fields.items()}


def _value(field: Any) -> Any:
    if "example" in field.metadata:
        return field.metadata["example"]
    if isinstance(field, fields.Nested):
        return example_of(type(field.schema))
    if isinstance(field, Many):
        return [_value(field.inner)]
    plain: tuple[tuple[type, Any], ...] = (
        (OneOf, lambda: field.words[0]),
        (Flag, lambda: False),
        (Day, lambda: "2020-03-16"),
        (Moment, lambda: "2020-03-16T01:00:00+00:00"),
        (Whole, lambda: max(field.least, 1)),
        (Text, lambda: "…"),
        (fields.Boolean, lambda: False),
        (fields.Float, lambda: 0.5),
        (fields.Dict, dict),
    )
    return next((made() for kind, made in plain if isinstance(field, kind)), None)
