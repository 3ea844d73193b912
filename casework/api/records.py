"""What is written on a case and what happened on it: notes, its story, and the feed of everything one may see."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from marshmallow import fields

from casework.api.answering import MOST, Answer, Order, chosen
from casework.api.asking import Asked
from casework.api.fields import Many, Moment, OneOf, RowId, Shape, Text, Whole
from casework.api.operations import operation
from casework.api.shapes import Chosen, Named, Paged
from casework.audit import queries as audit
from casework.audit.horizon import horizon
from casework.audit.models import Event, EventPayload
from casework.cases import queries, service, story
from casework.cases.models import Case
from casework.cases.rules import TEXT_LIMIT
from casework.kernel import paging
from casework.kernel.db import db
from casework.kernel.errors import N_, Unfit, because
from casework.kernel.permissions import Actor
from casework.kernel.time import utcnow
from casework.kernel.web import current_actor
from casework.negotiations.edge import case_for
from casework.roster.queries import names

GROUP = N_("Story and feed")
WINDOW = 2000
"""Entries that one request looks through, whoever's they are: what it costs has an end."""
_KINDS = tuple(story.KINDS)
_NEWEST = Order("story", (paging.Key(Event.id, int, down=True),))


class NoteNew(Shape):
    """A note."""

    text = Text(required=True, least=1, most=TEXT_LIMIT, metadata={"example": "已电话联系供应商。"})


class Entered(Shape):
    """Which entry of the story it became."""

    id = RowId(required=True)


class StoryQuery(Paged):
    """Filters of a story."""

    kind = OneOf(_KINDS, metadata={"description": N_("Only entries of this kind")})


class Told(Shape):
    """An entry of a case, told as its page tells it."""

    id = RowId(required=True)
    at = Moment(required=True)
    kind = Text(required=True)
    verb = Text(required=True, metadata={"example": "CaseMoved"})
    who = Text(required=True)
    what = Text(required=True, most=4000)
    quote = Text(required=True, most=20_000, metadata={"description": N_("What a person wrote")})


class FeedQuery(Chosen):
    """Where to go on."""

    after = Whole(load_default=0, metadata={"description": N_("The last id that you have; 0 is the beginning")})
    limit = Whole(least=1, most=MOST, load_default=MOST, metadata={"description": N_("Entries at most")})


class FeedLine(Shape):
    """An entry in the feed. What it says in words stands in the story of its case."""

    id = RowId(required=True)
    at = Moment(required=True)
    case = Text(required=True, metadata={"description": N_("Number of the case"), "example": "440303-2020-000012"})
    verb = Text(required=True, metadata={"example": "CaseMoved"})
    kind = Text(required=True)
    action = Text(required=True, allow_none=True, metadata={"description": N_("The action, where one was taken")})
    state = Text(required=True, allow_none=True, metadata={"description": N_("The state that it led to")})
    actor = fields.Nested(Named, required=True, allow_none=True)
    channel = Text(required=True, metadata={"example": "api"})


class Feed(Shape):
    """A piece of the feed."""

    items = Many(fields.Nested(FeedLine), required=True)
    after = Whole(required=True, metadata={"description": N_("Send this as “after” next time")})
    more = fields.Boolean(required=True, metadata={"description": N_("Whether to ask again at once")})


@operation(
    name="addNote",
    method="POST",
    path="/cases/{number}/notes",
    permission="case.note",
    group=GROUP,
    summary=N_("Add a note"),
    body=NoteNew,
    takes={"text": "已电话联系供应商。"},
    answer=Entered,
    status=201,
    keyed=True,
)
def add_note(asked: Asked, number: str) -> Answer:
    """A note; it conflicts with nobody."""
    case = queries.visible_case(number, to=current_actor())
    entry = service.add_note(case, asked.body["text"], actor=current_actor(), now=utcnow())
    return Answer(body={"id": entry}, status=201)


@operation(
    name="listCaseEvents",
    method="GET",
    path="/cases/{number}/events",
    permission="case.story",
    group=GROUP,
    summary=N_("The story of a case, newest first"),
    query=StoryQuery,
    answer=Told,
    paged=True,
)
def list_case_events(asked: Asked, number: str) -> Answer:
    """What happened on a case."""
    case, keep = case_for(number, "case.story"), chosen(asked.query.get("fields_"), Told)
    size, at = asked.query["limit"], _NEWEST.at(asked.query.get("cursor"))
    before = paging.decode(at.after, [int])
    entries = audit.timeline(
        case.id, kind=asked.query.get("kind"), before=before[0] if before else None, limit=size + 1
    )
    found = paging.Page(entries[:size], after=paging.encode([entries[size - 1].id]) if len(entries) > size else None)
    checklist = queries.facts(case, None, now=utcnow(), deep=False).checklist
    return Answer(body=_NEWEST.listed(found, [keep(_told(one)) for one in story.tell(found.rows, checklist)]))


def _told(one: story.Told) -> dict[str, Any]:
    return {
        "id": one.id,
        "at": one.at.isoformat(),
        "kind": one.kind,
        "verb": one.verb,
        "who": one.who,
        "what": str(one.what),
        "quote": one.quote,
    }


@operation(
    name="listEvents",
    method="GET",
    path="/events",
    permission="case.story",
    group=GROUP,
    summary=N_("The feed: everything that happens on cases one may see, oldest first, without a gap"),
    text=N_(
        "Ask again with the “after” of the answer. A piece may be empty while “more” is true: others' were passed over."
    ),
    query=FeedQuery,
    answer=Feed,
)
def list_events(asked: Asked) -> Answer:
    """A piece of the feed: at most a window of entries is looked through."""
    after, limit, actor = asked.query["after"], asked.query["limit"], current_actor()
    keep = chosen(asked.query.get("fields_"), FeedLine)
    log = horizon()  # before the entries are read
    if after > log.given:
        text = N_("There is no entry %(id)s yet: send the “after” that the feed gave you.")
        raise Unfit(422, because(text, "after", id=after), kind="cursor")
    until = max(after, min(log.settled, after + WINDOW))
    rows = db.session.execute(_between(actor, after, until).limit(limit + 1)).all()
    shown = rows[:limit]
    reached = shown[-1].id if len(rows) > limit else until
    people = names({row.actor_id for row in shown if row.actor_id})
    body = {"items": [keep(_fed(row, people)) for row in shown], "after": reached, "more": reached < log.settled}
    return Answer(body=body)


def _between(actor: Actor, after: int, until: int) -> sa.Select[Any]:
    """The entries of a stretch of ids on cases whose story the actor may read."""
    columns = (Event.id, Event.at, Event.verb, Event.kind, Event.actor_id, Event.channel, EventPayload.payload)
    return (
        sa.select(*columns, Case.number)
        .join(Case, Case.id == Event.case_id)
        .outerjoin(EventPayload, EventPayload.event_id == Event.id)
        .where(Event.id > after, Event.id <= until, queries.visible_to(actor, "case.story"))
        .order_by(Event.id)
    )


def _fed(row: Any, people: dict[int, str]) -> dict[str, Any]:
    said = row.payload or {}
    moved = row.verb == "CaseMoved"
    return {
        "id": row.id,
        "at": row.at.isoformat(),
        "case": row.number,
        "verb": row.verb,
        "kind": row.kind,
        "action": said.get("action") if moved else None,
        "state": said.get("target") if moved else None,
        "actor": {"id": row.actor_id, "name": people.get(row.actor_id, "")} if row.actor_id else None,
        "channel": row.channel,
    }
