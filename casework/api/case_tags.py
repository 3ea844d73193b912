"""The tags of a case: put on and taken off by the same command and under the same permission as on its page."""

from __future__ import annotations

from casework.api.answering import Answer
from casework.api.asking import Asked
from casework.api.cases import GROUP
from casework.api.operations import operation
from casework.api.shapes import TagsNow, TagWord
from casework.cases import queries, tags
from casework.cases.models import Case
from casework.kernel.errors import N_
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor


def _now(case: Case, status: int = 200) -> Answer:
    return Answer(body={"tags": tags.of_case(case.id)}, status=status)


@operation(
    name="addTag",
    method="POST",
    path="/cases/{number}/tags",
    permission=tags.TAG,
    group=GROUP,
    summary=N_("Put a tag on a case"),
    text=N_("It conflicts with nobody and is no progress of the case. The answer says all its tags."),
    body=TagWord,
    takes={"word": "口罩"},
    answer=TagsNow,
    status=201,
    keyed=True,
)
def add_tag(asked: Asked, number: str) -> Answer:
    """One more tag."""
    case = queries.visible_case(number, to=current_actor())
    tags.add(case, asked.body["word"], actor=current_actor(), now=utcnow())
    return _now(case, 201)


@operation(
    name="removeTag",
    method="POST",
    path="/cases/{number}/tags/remove",
    permission=tags.UNTAG,
    group=GROUP,
    summary=N_("Take a tag off a case"),
    body=TagWord,
    takes={"word": "口罩"},
    answer=TagsNow,
    keyed=True,
)
def remove_tag(asked: Asked, number: str) -> Answer:
    """One tag less; the story keeps that it was there."""
    case = queries.visible_case(number, to=current_actor())
    tags.remove(case, asked.body["word"], actor=current_actor(), now=utcnow())
    return _now(case)
