"""A template file as the first draft: JSON as the product writes it, or BPMN. A draft may still have mistakes."""

from __future__ import annotations

from typing import Any

from casework.kernel.errors import N_, Refused, because
from casework.processes.bpmn_in import read_bpmn
from casework.processes.checker import check_file
from casework.processes.definition import Checked, as_json

SHOWN = 20


def check_content(content: bytes) -> Checked:
    """What a file holds and everything that is wrong with it, whichever of the two it is."""
    return read_bpmn(content) if content.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") else check_file(content)


def from_file(content: bytes) -> dict[str, Any]:
    """The definition in a file, to be drafted from.

    Raises:
        Refused: nothing of it can be drafted from; what stands in the way, each at its place.
    """
    checked = check_content(content)
    if checked.definition is None or not checked.definition.steps:
        raise Refused(
            [
                because(N_("%(place)s: %(reason)s"), "file", place=mistake.place or "…", reason=mistake.reason)
                for mistake in checked.errors[:SHOWN]
            ]
            or [because(N_("The file holds no step."), "file")]
        )
    made: dict[str, Any] = as_json(checked.definition)
    made.pop("code", None)
    return made
