"""What a request says: its body, its parameters, the state it knows and its key. Strict, and never ambiguous."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from flask import request
from marshmallow import ValidationError

from casework.api.fields import Flag, Shape, Whole, reasons_of
from casework.files.upload import Upload
from casework.kernel.errors import N_, Unfit, because

DEEPEST = 20
NO_PARAMETER = N_("There is no such parameter. There are: %(known)s.")
JSON = "application/json"
FORM = "multipart/form-data"
KEY_PATTERN = r"[A-Za-z0-9._~:-]{8,60}"
TAG_PATTERN = r'"[0-9]{1,15}"'
_KEY, _TAG = re.compile(KEY_PATTERN), re.compile(TAG_PATTERN)
_WHOLE = re.compile(r"-?\d{1,16}")
_SIGNS = re.compile(r'"(?:[^"\\]|\\.?)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A request after its reading: what the operation works with."""

    query: Mapping[str, Any] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    version: int | None = None
    upload: Upload | None = None

    def meets(self, version: int) -> None:
        """Make sure that the program knows the present state.

        Raises:
            Unfit: somebody changed it since (412).
        """
        if self.version is not None and self.version != version:
            raise Unfit(412, because(N_("It has changed since you read it: read it again, then decide again.")))


def accepts_json() -> None:
    """Make sure that the program takes what we answer.

    Raises:
        Unfit: it takes something else only (406).
    """
    accepted = request.accept_mimetypes
    if accepted and not any(accepted[kind] for kind in (JSON, "application/problem+json")):
        raise Unfit(406, because(N_("Accept application/json.")))


def query(shape: type[Shape]) -> dict[str, Any]:
    """The parameters of the address.

    Raises:
        Unfit: one is unknown, twice there, or not what it must be (422, each by name).
    """
    known = {field.data_key or name: field for name, field in shape().fields.items()}
    given: dict[str, Any] = {}
    for name, values in request.args.lists():
        if len(values) > 1:
            raise Unfit(422, because(N_("Give this parameter once."), name), kind="parameters")
        if name not in known:
            raise Unfit(422, because(NO_PARAMETER, name, known=", ".join(known)), kind="parameters")
        given[name] = _typed(values[0], known[name])
    return _loaded(shape, given, "parameters")


def _typed(text: str, known: Any) -> Any:
    """A parameter as JSON would write it: addresses know only text."""
    if isinstance(known, Whole) and _WHOLE.fullmatch(text) and text.isascii():
        return int(text)
    if isinstance(known, Flag) and text in ("true", "false"):
        return text == "true"
    return text


def body(shape: type[Shape]) -> dict[str, Any]:
    """The JSON that was sent.

    Raises:
        Unfit: not JSON by its header (415), not readable (400), or not what it must be (422, each by name).
    """
    if request.mimetype != JSON:
        raise Unfit(415, because(N_("Send Content-Type: application/json.")))
    return loaded(shape, parsed(request.get_data()))


def loaded(shape: type[Shape], given: Any) -> dict[str, Any]:
    """What a shape makes of parsed JSON.

    Raises:
        Unfit: it is not what it must be (422, each by name).
    """
    return _loaded(shape, given, "body")


def _loaded(shape: type[Shape], given: Any, kind: str) -> dict[str, Any]:
    try:
        read: dict[str, Any] = shape().load(given)
    except ValidationError as error:
        raise Unfit(422, reasons_of(error), kind=kind) from None
    return read


def parsed(sent: bytes) -> Any:
    """JSON as its standard wants it: UTF-8, no key twice, no NaN, not nested beyond twenty.

    Raises:
        Unfit: it cannot be read (400).
    """
    try:
        text = sent.decode()
        _not_too_deep(text)
        return json.loads(text, object_pairs_hook=_each_once, parse_constant=_no_constant)
    except UnicodeDecodeError:
        raise Unfit(400, because(N_("The body is not UTF-8."))) from None
    except (ValueError, RecursionError) as error:
        where = f"{error.lineno}:{error.colno}" if isinstance(error, json.JSONDecodeError) else "–"
        raise Unfit(400, because(N_("The body is not valid JSON (line and column: %(where)s)."), where=where)) from None


def _not_too_deep(text: str) -> None:
    """Counted before it is parsed, brackets in texts left out: depth must cost nothing."""
    depth = deepest = 0
    for found in _SIGNS.finditer(text):
        sign = found[0]
        if sign in ("[", "{"):
            depth += 1
            deepest = max(deepest, depth)
        elif sign in ("]", "}"):
            depth -= 1
    if deepest > DEEPEST:
        raise Unfit(400, because(N_("The body is nested deeper than %(most)s levels."), most=DEEPEST))


def _each_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Unfit(400, because(N_("A name stands twice in one object: send it once."), twice[:100]))
    return found


def _no_constant(name: str) -> Any:
    raise ValueError(name)


def files(shape: type[Shape]) -> tuple[dict[str, Any], Upload]:
    """The fields and files of a multipart body.

    Raises:
        Unfit: another kind of content (415), a field that is unknown, or no file (422).
    """
    if request.mimetype != FORM:
        raise Unfit(415, because(N_("Send the files as multipart/form-data.")))
    given = {}
    for name, values in request.form.lists():
        if len(values) > 1:
            raise Unfit(422, because(N_("Give this parameter once."), name), kind="body")
        given[name] = values[0]
    strange = [name for name in request.files if name != "files"]
    given |= dict.fromkeys(strange, "")
    read = _loaded(shape, given, "body")
    upload = Upload(request.files.getlist("files"))
    if not upload.chosen:
        raise Unfit(422, because(N_("Photos and files: choose at least one."), "files"), kind="body")
    return read, upload


def version() -> int:
    """The version that the program read, from If-Match.

    Raises:
        Unfit: there is none (428), or it is no ETag of ours (412).
    """
    given = request.headers.get("If-Match", "").strip()
    if not given or given == "*":
        raise Unfit(428, because(N_("Send If-Match with the ETag of what you read.")))
    if not _TAG.fullmatch(given):
        raise Unfit(412, because(N_("It has changed since you read it: read it again, then decide again.")))
    return int(given[1:-1])


def key() -> str:
    """The key under which the answer is kept.

    Raises:
        Unfit: it is missing or malformed (400).
    """
    given = request.headers.get("Idempotency-Key", "")
    if not _KEY.fullmatch(given):
        raise Unfit(
            400,
            because(N_("Send Idempotency-Key: 8 to 60 letters, digits or signs, new for each thing to be done.")),
            kind="key",
        )
    return given


def fingerprint(upload: Upload | None) -> str:
    """What was sent, whatever order its names stand in: SHA-256 of address, parameters, body and files."""
    if upload is None:
        sent: Any = parsed(request.get_data()) if request.get_data() else None
    else:
        sent = [sorted(request.form.items(multi=True)), [[file.filename, _sha256(file)] for file in upload.chosen]]
    whole = json.dumps([request.path, sorted(request.args.items(multi=True)), sent], sort_keys=True)
    return hashlib.sha256(whole.encode("utf-8", "surrogatepass")).hexdigest()


def _sha256(file: Any) -> str:
    digest = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return digest
