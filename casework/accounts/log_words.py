"""An entry of the security log as a sentence."""

from __future__ import annotations

from collections import defaultdict

from flask_babel import gettext as _

from casework.audit import queries as audit
from casework.audit.vocabulary import VOCABULARY


def said(entry: audit.Entry) -> str:
    """An entry as a sentence, on one line whatever a name holds; the fact's own name where it has no sentence.

    What a fact names by a key of its own (``words``) is said in words.
    """
    fact = VOCABULARY.get(entry.verb)
    sentence = getattr(fact, "sentence", None)
    if sentence is None:
        return " · ".join([entry.verb, *(f"{name}={_plain(value)}" for name, value in entry.data.items())])
    values = defaultdict(str, {name: _plain(value) for name, value in entry.data.items()})
    for name, words in getattr(fact, "words", {}).items():
        values[name] = str(_(words.get(values[name], values[name])))
    return str(_(sentence)) % values


def _plain(value: object) -> str:
    text = ", ".join(str(item) for item in value) if isinstance(value, list) else str(value)
    return " ".join(text.split())
