"""What every page owes its readers, checked on the HTML alone: a title, one h1, unique ids, labels, CSRF."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])
UNLABELLED_TYPES = frozenset(("hidden", "submit", "button", "reset", "image"))

Attributes = dict[str, str]


@dataclass
class _Form:
    attributes: Attributes
    has_token: bool = False


@dataclass
class _Control:
    tag: str
    attributes: Attributes
    inside_label: bool

    def __str__(self) -> str:
        return f"<{self.tag} name={self.attributes.get('name', '?')!r}>"


@dataclass
class Page(HTMLParser):
    """A parsed page or fragment; ``complaints()`` names what is wrong with it."""

    html: str
    title: str = ""
    headings: int = 0
    ids: Counter[str] = field(default_factory=Counter)
    label_targets: set[str] = field(default_factory=set)
    forms: list[_Form] = field(default_factory=list)
    controls: list[_Control] = field(default_factory=list)
    empty_buttons: int = 0
    _open: list[str] = field(default_factory=list)
    _form: _Form | None = None

    def __post_init__(self) -> None:
        HTMLParser.__init__(self)
        self.feed(self.html)
        self.close()

    @property
    def whole(self) -> bool:
        """A whole page, not a fragment for htmx."""
        return "<html" in self.html[:2000].lower()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = {name: value or "" for name, value in attrs}
        if "id" in attributes:
            self.ids[attributes["id"]] += 1
        match tag:
            case "h1":
                self.headings += 1
            case "label" if "for" in attributes:
                self.label_targets.add(attributes["for"])
            case "form":
                self._form = _Form(attributes)
                self.forms.append(self._form)
            case "input" | "select" | "textarea":
                self._control(tag, attributes)
        if tag not in VOID:
            self._open.append(tag)

    def _control(self, tag: str, attributes: Attributes) -> None:
        if attributes.get("name") == "csrf_token" and self._form:
            self._form.has_token = True
        if attributes.get("type", "").lower() not in UNLABELLED_TYPES:
            self.controls.append(_Control(tag, attributes, "label" in self._open))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if self._open[-1:] == ["title"] and "svg" not in self._open:
            self.title += data

    def complaints(self) -> list[str]:
        """What is wrong, one sentence each; empty when the page is fit to be seen."""
        found = []
        if self.whole:
            if self.headings != 1:
                found.append(f"there are {self.headings} h1, not one")
            if not self.title.strip():
                found.append("there is no title")
        found += [f"the id {name!r} is used {count} times" for name, count in self.ids.items() if count > 1]
        found += [f"{control} has no label" for control in self.controls if not self._labelled(control)]
        return found + [
            f"the form posting to {form.attributes.get('action', 'its own page')!r} has no csrf_token field"
            for form in self.forms
            if form.attributes.get("method", "").lower() == "post" and not form.has_token
        ]

    def _labelled(self, control: _Control) -> bool:
        given = control.attributes
        return (
            control.inside_label
            or given.get("id") in self.label_targets
            or bool(given.get("aria-label", "").strip())
            or bool(given.get("aria-labelledby", "").strip())
        )
