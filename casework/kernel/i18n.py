"""zh-CN first, English complete: message ids are English, one small catalogue a package, merged when it is older.

Catalogues live in ``casework/translations/zh/*.po``. ``compile_catalogue`` merges them into the one file that gettext
reads; ``create_app`` calls it, so that no step is forgotten.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import read_mo, write_mo
from babel.messages.pofile import read_po
from flask import Flask, g, has_app_context, has_request_context, request
from flask_babel import Babel

from casework.kernel.errors import speak_by

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = {"zh-CN": Locale.parse("zh_CN"), "en": Locale.parse("en")}
DEFAULT = "zh-CN"
COOKIE = "lang"

babel = Babel()
_chosen: ContextVar[str | None] = ContextVar("language", default=None)


def language() -> str:
    """The reader's language: the signed-in person's choice, else the cookie, else Chinese.

    Worked out once a request: a page asks for it hundreds of times.
    """
    if chosen := _chosen.get():
        return chosen
    if not has_request_context():
        return DEFAULT
    actor = g.get("actor")
    wanted = (actor.locale if actor else None) or request.cookies.get(COOKIE, "")
    wanted = wanted if wanted in LANGUAGES else DEFAULT
    if actor is not None:  # who reads does not change any more in this request
        _chosen.set(wanted)
    return wanted


def forget() -> None:
    """Ask anew who reads: at the beginning and at the end of a request."""
    _chosen.set(None)


@contextmanager
def speaking(locale: str | None) -> Iterator[None]:
    """Say things in somebody else's language for a while, as a job does."""
    token = _chosen.set(locale if locale in LANGUAGES else DEFAULT)
    try:
        yield
    finally:
        _chosen.reset(token)


def translate(message: str) -> str:
    """A message id in the reader's language: one look-up, as a page of fifty rows makes hundreds."""
    if _chosen.get() is None and not has_app_context():
        return message  # rules by themselves speak English
    return message if language() == "en" else catalogue().get(message, message)


@lru_cache(maxsize=1)
def catalogue() -> dict[str, str]:
    """The Chinese of every message id, as the compiled file has it: one form for one and for many."""
    compile_catalogue()
    said: dict[str, str] = {}
    with (TRANSLATIONS / "zh" / "LC_MESSAGES" / "messages.mo").open("rb") as stream:
        for message in read_mo(stream):
            ids, words = _listed(message.id), _listed(message.string)
            said |= {id_: words[0] for id_ in ids if id_}
    return said


def _listed(said: object) -> list[str]:
    return [str(form) for form in said] if isinstance(said, list | tuple) else [str(said)]


def _plural(singular: str, plural: str, number: int) -> str:
    return translate(singular if number == 1 else plural)


def install(app: Flask) -> None:
    """Templates and reasons say things through ``translate``."""
    compile_catalogue()
    babel.init_app(
        app,
        default_locale="zh_CN",
        default_timezone=app.config["SETTINGS"].timezone,
        locale_selector=locale,
        default_translation_directories=str(TRANSLATIONS),
    )
    app.jinja_env.install_gettext_callables(translate, _plural, newstyle=True)  # type: ignore[attr-defined]


def locale() -> Locale:
    """The same as Babel names it."""
    return LANGUAGES[language()]


def sources() -> list[Path]:
    """The catalogues, one a package."""
    return sorted((TRANSLATIONS / "zh").glob("*.po"))


def merged() -> Catalog:
    """All catalogues as one."""
    whole = Catalog(locale="zh")
    for path in sources():
        with path.open("rb") as stream:
            for message in read_po(stream, locale="zh"):
                if message.id and message.string:
                    whole.add(message.id, message.string)
    return whole


def compile_catalogue() -> None:
    """Write ``messages.mo`` when a catalogue is newer; several processes may do so at once."""
    target = TRANSLATIONS / "zh" / "LC_MESSAGES" / "messages.mo"
    newest = max((path.stat().st_mtime for path in sources()), default=0.0)
    if target.exists() and target.stat().st_mtime >= newest:
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=target.parent)
    with os.fdopen(handle, "wb") as stream:
        write_mo(stream, merged())
    Path(name).replace(target)


speak_by(translate)
