"""What every app of a test would work out anew, worked out once in a worker: templates and rules of addresses."""

from __future__ import annotations

from types import FunctionType
from typing import Any

from flask import Flask
from jinja2 import BytecodeCache
from jinja2.bccache import Bucket
from werkzeug.routing import Rule


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


def share_templates(app: Flask) -> None:
    """The app compiles no template that another app of this worker has compiled; a changed source is another."""
    app.jinja_env.bytecode_cache = _templates


def share_builders() -> None:
    """Addresses are built by the same code in every app: half of what making an app costs is compiling it."""
    compiling: Any = Rule._compile_builder
    compiled: dict[tuple[Any, ...], FunctionType] = {}

    def once(rule: Rule, append_unknown: bool = True) -> FunctionType:
        key = (rule.rule, tuple(rule._trace), repr(rule.defaults), append_unknown)
        if key not in compiled:
            compiled[key] = compiling(rule, append_unknown)
        return compiled[key]

    Rule._compile_builder = once  # type: ignore[assignment, method-assign]
