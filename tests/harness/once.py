"""What every app of a test would work out anew, worked out once in a worker: templates, addresses and statements."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from sqlalchemy.exc import OperationalError
from werkzeug.routing import Rule

from casework.kernel.db import db


class _Compiled(BytecodeCache):
    """The compiled templates of this worker, by name and source."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if kept := self._kept.get(bucket.key):
            bucket.bytecode_from_string(kept)

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


_templates = _Compiled()
_engines: dict[str, Any] = {}
"""The first engine of each kind of database; those that come after it share its statements."""


def share_templates(app: Flask) -> None:
    """The app compiles no template that another app of this worker has compiled; a changed source is another."""
    app.jinja_env.bytecode_cache = _templates


def share_statements(app: Flask) -> None:
    """The app says no statement anew that another app of this worker has put into SQL for the same kind of database."""
    with app.app_context():
        engine: Any = db.engine
    if engine.dialect.name not in _engines:
        with suppress(OperationalError), engine.connect():  # a dialect knows its server after the first connection
            _engines[engine.dialect.name] = engine
    first = _engines.get(engine.dialect.name, engine)
    engine.dialect = engine.pool._dialect = first.dialect  # what is kept is kept by the dialect
    engine._compiled_cache = first._compiled_cache


def share_rules() -> None:
    """Addresses are understood once in a worker: reading the rules of all is most of what making an app costs."""
    compiling: Any = Rule.compile
    read: dict[tuple[Any, ...], tuple[Any, ...]] = {}

    def once(rule: Any) -> None:
        key = (rule.rule, rule.subdomain, rule.host, rule.merge_slashes, repr(rule.defaults))
        if key not in read:
            compiling(rule)
            built = (rule._build.__func__, rule._build_unknown.__func__)
            read[key] = (rule._parts, rule._trace, rule._converters, *built)
        rule._parts, rule._trace, rule._converters, build, build_unknown = read[key]
        rule.arguments |= rule._converters.keys()
        rule._build, rule._build_unknown = build.__get__(rule, None), build_unknown.__get__(rule, None)

    Rule.compile = once  # type: ignore[method-assign]
