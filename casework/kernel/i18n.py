"""zh-CN first, English complete: message ids are English, one small catalogue a package, merged when it is older.

Catalogues live in ``casework/translations/zh/*.po``. ``compile_catalogue`` merges them into the one file that gettext
reads; ``create_app`` calls it, so that no step is forgotten.
"""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from flask import g, has_request_context, request
from flask_babel import Babel

TRANSLATIONS = Path(__file__).resolve().parent.parent / "translations"
LANGUAGES = {"zh-CN": "zh_CN", "en": "en"}
DEFAULT = "zh-CN"
COOKIE = "lang"

babel = Babel()


def language() -> str:
    """The reader's language: the signed-in person's choice, else the cookie, else Chinese."""
    if not has_request_context():
        return DEFAULT
    actor = g.get("actor")
    chosen = (actor.locale if actor else None) or request.cookies.get(COOKIE, "")
    return chosen if chosen in LANGUAGES else DEFAULT


def locale() -> str:
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
