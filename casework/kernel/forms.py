"""Forms: CSRF on, texts trimmed, refusals of a service shown at their field, and one key against second clicks."""

from __future__ import annotations

import secrets
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field, HiddenField, SelectMultipleField, StringField, TextAreaField
from wtforms.i18n import get_translations
from wtforms.widgets import CheckboxInput, ListWidget

from casework.kernel.errors import N_, Reason
from casework.kernel.i18n import language


def say(message: str) -> Any:
    """A label or refusal in the language of whoever reads the form."""
    return lazy_gettext(message)


def trimmed(value: object) -> object:
    """Blanks at the ends go, full-width ones too; line ends become one kind; no database takes a NUL."""
    if not isinstance(value, str):
        return value
    return value.replace("\0", "").strip(" \t\r\n\u3000\u00a0\ufeff").replace("\r\n", "\n")


def row_id(text: object) -> int | None:
    """The id of a row as an address or a form gives it; None when it cannot be one."""
    given = str(text)
    return int(given) if given.isascii() and given.isdigit() and len(given) < 16 else None


@lru_cache(maxsize=4)
def _words_of_wtforms(chosen: str) -> Any:
    """The library's own sentences in a language, read once a process."""
    return get_translations(["en"] if chosen == "en" else ["zh"])


class Ticks(SelectMultipleField):
    """Several choices as boxes to tick: what the macro ``field`` shows with ``kind='checks'``."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class Form(FlaskForm):
    """Base of all forms. ``reasons`` are the refusals that belong to no field."""

    op = HiddenField(default=lambda: secrets.token_urlsafe(16))

    class Meta(FlaskForm.Meta):
        """Trim every text where it enters; say the library's sentences in the reader's language."""

        def get_translations(self, form: Any) -> Any:
            return _words_of_wtforms(language())

        def bind_field(self, form: Any, unbound_field: Any, options: dict[str, Any]) -> Field:
            if (
                issubclass(unbound_field.field_class, StringField | TextAreaField)
                and "filters" not in unbound_field.kwargs
            ):
                options = {**options, "filters": [trimmed]}
            bound: Field = unbound_field.bind(form=form, **options)
            return bound

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.reasons: list[Reason] = []
        self.http_status = 200

    def refuse(self, reasons: Iterable[Reason]) -> None:
        """Show the reasons of a refusal at their fields, or at the top."""
        for reason in reasons:
            field = self._fields.get(reason.field or "")
            if field is None or isinstance(field, HiddenField):
                self.reasons.append(reason)
            else:
                field.errors = [*field.errors, reason]

    @property
    def refused(self) -> bool:
        """Whether anything on the form needs mending."""
        return bool(self.reasons or self.errors)


class VersionedForm(Form):
    """A form that edits a row: it carries the version that the person saw."""

    version = HiddenField()

    def is_stale(self, row: Any) -> bool:
        """Whether the row changed since the form was shown."""
        return str(self.version.data or "") != str(row.version)

    def carry(self, row: Any) -> None:
        """Carry the present version: what is sent next is sent in knowledge of it."""
        self.version.data = str(row.version)
        self.version.raw_data = [self.version.data]


STALE = Reason(
    N_("Somebody changed this meanwhile: your text is kept, check it against the present state and send it again.")
)
