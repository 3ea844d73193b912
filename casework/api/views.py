"""The description for machines, and the same for people."""

from __future__ import annotations

import json
from typing import Any

from flask import Blueprint, Response, current_app, redirect, url_for
from flask.typing import ResponseReturnValue

from casework.accounts.rules import TOKEN_MINUTE
from casework.api import actions, bulk, case_tags, cases, commitments, files, places, processes, records, reports, talks
from casework.api.document import document
from casework.api.operations import blueprint
from casework.kernel import problems
from casework.kernel.errors import N_
from casework.kernel.i18n import language
from casework.kernel.web import page, public

__all__ = ["RESOURCES", "blueprint", "help_blueprint"]
RESOURCES = (cases, bulk, case_tags, actions, records, files, talks, commitments, places, processes, reports)
"""Every module that enters operations."""
help_blueprint = Blueprint("api_help", __name__)
MORE_KINDS = {
    "scope": (403, N_("The token lacks the scope that is named: make one with it.")),
    "key": (400, N_("Idempotency-Key is missing or malformed.")),
    "key-reused": (422, N_("The key came before with another request.")),
    "cursor": (422, N_("The cursor is one of another list or order, or it lies ahead of the feed.")),
    "parameters": (422, N_("A parameter is unknown, there twice, or not what it must be.")),
    "body": (422, N_("A field of the body is unknown, missing, or not what it must be; errors names each.")),
    "known": (409, N_("This external_ref was sent before; the number of its case is named.")),
}


@blueprint.get("/openapi.json")
@public
def openapi() -> Response:
    """The description as OpenAPI 3.1."""
    said = current_app.json.dumps(document(language()))
    return current_app.response_class(said, mimetype="application/json", headers={"Vary": "Accept-Language"})


@blueprint.get("/")
@public
def home() -> ResponseReturnValue:
    """Who opens the interface in a browser is shown what it can do."""
    return redirect(url_for("api_help.show"), 303)


@help_blueprint.get("/help/api")
@public
def show() -> ResponseReturnValue:
    """What a program can do, for people: the same table in words."""
    made = document(language())
    return page(
        "api/help.html",
        groups=_groups(made),
        about=made["info"]["description"],
        told=made["webhooks"]["told"]["post"],
        kinds=problems.WORDS,
        more_kinds=MORE_KINDS,
        sample=_as_text,
        kind_of=kind_of,
        most=TOKEN_MINUTE,
    )


def _as_text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2)


def _groups(made: Any) -> dict[str, list[dict[str, Any]]]:
    """The operations by group, each with its parameters and the fields of its body."""
    found: dict[str, list[dict[str, Any]]] = {}
    schemas = made["components"]["schemas"]
    for path, methods in made["paths"].items():
        for method, said in methods.items():
            if method == "parameters":
                continue
            content = said.get("requestBody", {}).get("content", {})
            media: str = next(iter(content), "")
            body: dict[str, Any] = content.get(media, {})
            shown = said | {
                "method": method.upper(),
                "path": f"{blueprint.url_prefix}{path}",
                "given": [*methods.get("parameters", ()), *said["parameters"]],
                "media": media,
                "fields": list(_fields(body.get("schema", {}), schemas)),
                "example": body.get("example"),
                "answered": _answered(said),
                "statuses": sorted(said["responses"]),
            }
            found.setdefault(said["tags"][0], []).append(shown)
    return found


def _answered(said: Any) -> Any:
    success = next(answer for status, answer in said["responses"].items() if status.startswith("2"))
    return success.get("content", {}).get("application/json", {}).get("example")


def _fields(schema: Any, schemas: Any) -> Any:
    """The fields of a body, with what they must be in a few words."""
    whole = _resolved(schema, schemas)
    for name, field in whole.get("properties", {}).items():
        yield {
            "name": name,
            "kind": kind_of(field, schemas),
            "required": name in whole.get("required", ()),
            "description": field.get("description", ""),
        }


def _resolved(schema: Any, schemas: Any) -> Any:
    reference = schema.get("$ref", "")
    return schemas[reference.rpartition("/")[2]] if reference else schema


FAR = 10_000
"""A greater limit of a number is none that anybody has to know of."""


def kind_of(field: Any, schemas: Any) -> str:
    """What a value must be, in few words: its type, its words or its limits."""
    if "$ref" in field or "allOf" in field:
        inner = _resolved(field if "$ref" in field else field["allOf"][0], schemas)
        return "{" + ", ".join(inner.get("properties", {})) + "}"
    if "enum" in field:
        return " | ".join(str(word) for word in field["enum"])
    if field.get("type") == "array":
        return f"[{kind_of(field['items'], schemas)}]"
    said = str(field.get("format") or field.get("type", ""))
    most = field.get("maxLength")
    if most is None and field.get("maximum", FAR) < FAR:
        return f"{said} {field.get('minimum', '')}–{field['maximum']}"
    return f"{said} ≤ {most}" if most else said
