"""Which strings of the code and the templates have no Chinese.

``python -m tests.harness.translations`` names them and fails when there are any.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from casework.config import ROOT

CATALOGUES = ROOT / "casework" / "translations" / "zh"
METHODS = [("casework/**.py", "python"), ("templates/**.html", "jinja2"), ("templates/**.txt", "jinja2")]
OPTIONS = {"**.html": {"silent": "false"}, "**.txt": {"silent": "false"}}
KEYWORDS = {
    "_": None,
    "N_": None,
    "gettext": None,
    "lazy_gettext": None,
    "ngettext": (1, 2),
    "lazy_ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
}

Use = tuple[str, str]
"""Where a string is used, and its English."""


def used(root: Path = ROOT) -> Iterator[Use]:
    """Every translatable string with the file and line that use it."""
    for folder in ("casework", "templates"):
        methods = [(pattern.removeprefix(f"{folder}/"), how) for pattern, how in METHODS]
        found = extract_from_dir(root / folder, methods, OPTIONS, KEYWORDS)
        for path, line, message, *_ in found:
            text = message[0] if isinstance(message, tuple) else message
            yield f"{folder}/{path}:{line}", text


def translated(folder: Path = CATALOGUES) -> dict[str, str]:
    """The English of every string that has Chinese, and the Chinese; fuzzy ones do not count."""
    return {text: said for text, said, _ in entries(folder)}


def entries(folder: Path = CATALOGUES) -> Iterator[tuple[str, str, str]]:
    """Every string that has Chinese: its English, its Chinese, and the context that tells it from its likes."""
    for path in sorted(folder.rglob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh"):
                first = message.id[0] if isinstance(message.id, tuple) else message.id
                said = message.string if isinstance(message.string, tuple) else (message.string,)
                if first and all(said) and not message.fuzzy:
                    yield first, str(said[0]), message.context or ""


def contested(folder: Path = CATALOGUES) -> list[str]:
    """The English of strings that two catalogues give different Chinese: the one read last would win everywhere."""
    found: dict[tuple[str, str], str] = {}
    return [text for text, said, context in entries(folder) if found.setdefault((text, context), said) != said]


def untranslated() -> list[Use]:
    """The strings without Chinese, each once, where it is used first."""
    known = translated()
    missing: dict[str, str] = {}
    for place, text in used():
        if text not in known:
            missing.setdefault(text, place)
    return [(place, text) for text, place in missing.items()]


def main() -> None:
    missing = untranslated()
    for place, text in missing:
        print(f"{place}: {text}")
    sys.exit(f"{len(missing)} strings have no Chinese." if missing else 0)


if __name__ == "__main__":
    main()
