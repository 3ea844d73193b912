"""The shapes of cases as programs read and write them. A field that is not declared here is neither taken nor sent."""

from __future__ import annotations

from marshmallow import fields

from casework.api.answering import MOST
from casework.api.fields import Flag, Later, Many, Moment, OneOf, RowId, Shape, Text, Whole
from casework.areas.models import Level
from casework.cases.lists import AGES, DUES, SORTS
from casework.cases.tags import LONGEST as LONGEST_TAG
from casework.cases.workflow import OUTCOME_LABELS, SOURCE_LABELS, STATE_LABELS
from casework.clocks.kinds import Clock
from casework.intake.repeats import WHY
from casework.kernel.errors import N_

_TAGS = {"description": N_("The words that officers put on it"), "example": ["口罩"]}
_NUMBER = {"description": N_("Number of the case"), "example": "440303-2020-000012"}


class Chosen(Shape):
    """Parameters of one thing."""

    fields_ = Text(
        data_key="fields",
        most=400,
        metadata={"description": N_("Only these fields, with commas between"), "example": "number,state"},
    )


class Paged(Chosen):
    """Parameters of a list."""

    limit = Whole(least=1, most=MOST, load_default=50, metadata={"description": N_("Rows of a page")})
    cursor = Text(most=600, metadata={"description": N_("Where to go on: the “next” of the page before")})


class CaseQuery(Paged):
    """Filters of the list of cases."""

    q = Text(most=60, metadata={"description": N_("Words in title, text or name, or a number")})
    scope = OneOf(("open", "all"), load_default="open", metadata={"description": N_("Open cases, or all")})
    state = OneOf(STATE_LABELS, metadata={"description": N_("State")})
    type = Text(most=30, metadata={"description": N_("Code of a case type"), "example": "rent"})
    area = RowId(metadata={"description": N_("Id of an area; those in it count")})
    unit = RowId(metadata={"description": N_("Id of the lead unit")})
    officer = RowId(metadata={"description": N_("Id of the lead officer")})
    enterprise = RowId(metadata={"description": N_("Id of an enterprise")})
    due = OneOf(DUES, metadata={"description": N_("By the clock that is due first")})
    age = OneOf(AGES, metadata={"description": N_("Open for more than so many days")})
    tag = Text(most=LONGEST_TAG, metadata={"description": N_("Only cases with this tag"), "example": "口罩"})
    sort = OneOf(SORTS, load_default="due", metadata={"description": N_("What is due first, or what is newest")})


class Place(Shape):
    """An area, by id and name."""

    id = RowId(required=True)
    name = Text(required=True, most=400)


class Named(Shape):
    """Somebody or something, by id and name."""

    id = RowId(required=True)
    name = Text(required=True)


class CaseLine(Shape):
    """A case in a list."""

    number = Text(required=True, metadata=_NUMBER)
    title = Text(required=True)
    state = OneOf(STATE_LABELS, required=True)
    type = Text(required=True, metadata={"description": N_("Code of a case type"), "example": "rent"})
    urgent = Flag(required=True)
    joint = Flag(required=True)
    source = OneOf(SOURCE_LABELS, required=True)
    requester = Text(required=True, metadata={"description": N_("Name of the enterprise or person")})
    enterprise_id = RowId(required=True, allow_none=True)
    area = fields.Nested(Place, required=True)
    unit = fields.Nested(Named, required=True, allow_none=True)
    officer = fields.Nested(Named, required=True, allow_none=True)
    submitted_at = Moment(required=True)
    closed_at = Moment(required=True, allow_none=True)
    outcome = OneOf(OUTCOME_LABELS, required=True, allow_none=True)
    due_clock = OneOf(tuple(Clock), required=True, allow_none=True)
    due_at = Moment(required=True, allow_none=True)
    paused = Flag(required=True)
    external_ref = Text(required=True, allow_none=True, metadata={"description": N_("Its id in the other system")})
    tags = Many(Text(most=LONGEST_TAG), required=True, metadata=_TAGS)
    version = Whole(required=True, metadata={"description": N_("Stands in the ETag too")})


class CaseWhole(CaseLine):
    """A case with everything that its page says beside the story."""

    text = Text(required=True, most=5000)
    place = Text(required=True)
    contact_name = Text(required=True)
    contact_phone = Text(required=True, metadata={"description": N_("Masked"), "example": "138****1234"})
    co_unit_ids = Many(RowId(), required=True)
    actions = Many(
        Text(most=60),
        required=True,
        metadata={"description": N_("What the owner of the token may do now"), "example": ["contact", "plan"]},
    )


class LikeIt(Shape):
    """Another open case that may be the same one."""

    number = Text(required=True, metadata=_NUMBER)
    title = Text(required=True, metadata={"example": "口罩一直没有到货"})
    requester = Text(required=True, metadata={"example": "阿芝热干面馆"})
    state = OneOf(STATE_LABELS, required=True)
    submitted_at = Moment(required=True)
    percent = Whole(
        required=True, most=100, metadata={"description": N_("How alike they are, of a hundred"), "example": 73}
    )
    why = Many(
        OneOf(WHY), required=True, metadata={"description": N_("What they have in common"), "example": ["text", "firm"]}
    )


class CaseMade(CaseWhole):
    """A case that was just entered, and what may be the same one. It is entered all the same: people merge, not we."""

    likely_repeats = Many(
        fields.Nested(LikeIt),
        required=True,
        metadata={"description": N_("Open cases that may be the same one, most alike first; empty when there is none")},
    )


class TagWord(Shape):
    """A tag."""

    word = Text(required=True, least=1, most=60, metadata={"example": "口罩"})


class TagsNow(Shape):
    """The tags that a case has."""

    tags = Many(Text(most=LONGEST_TAG), required=True, metadata=_TAGS)


class CaseNew(Shape):
    """A difficulty as another system reports it."""

    title = Text(required=True, least=1, most=120, metadata={"example": "口罩没有到货"})
    text = Text(required=True, least=1, most=5000, metadata={"example": "订的口罩一直没到，员工没法上岗。"})
    type = Text(required=True, most=30, metadata={"description": N_("Code of a case type"), "example": "supplies"})
    area = RowId(required=True, metadata={"description": N_("Id of the area where it happens")})
    requester = Text(required=True, least=1, metadata={"example": "阿芝热干面馆"})
    uscc = Text(most=30, metadata={"description": N_("Unified social credit code of the enterprise")})
    contact_name = Text(most=60, metadata={"example": "何秀芝"})
    contact_phone = Text(most=30, metadata={"example": "13800001234"})
    place = Text()
    urgent = Flag(load_default=False)
    joint = Flag(load_default=False)
    external_ref = Text(
        least=1,
        most=80,
        metadata={
            "description": N_("Its id in the other system: the same one is entered once"),
            "example": "A-2020-17",
        },
    )


class CaseChange(Shape):
    """A correction: only what is sent changes."""

    title = Text(least=1, most=120)
    text = Text(least=1, most=5000)
    type = Text(most=30)
    area = RowId()
    requester = Text(least=1)
    contact_name = Text(most=60)
    contact_phone = Text(most=30)
    place = Text()
    urgent = Flag()
    reason = Text(load_default="", metadata={"description": N_("Why it is corrected")})


class Bulk(Shape):
    """Several difficulties at once."""

    cases = Many(Later(CaseNew), required=True, least=1, most=MOST)


class FieldFault(Shape):
    """One thing that is wrong."""

    detail = Text(required=True, most=2000)
    field = Text(metadata={"description": N_("Which field it is about")})


class Problem(Shape):
    """A problem document (RFC 9457)."""

    type = Text(required=True, metadata={"description": N_("Which kind of problem"), "example": "/help/api#stale"})
    title = Text(required=True)
    status = Whole(required=True, least=400, most=599)
    detail = Text(required=True, most=8000)
    errors = Many(fields.Nested(FieldFault), required=True, most=500)
    request_id = Text(required=True, metadata={"description": N_("Give it to the administrator when you ask")})


class BulkItem(Shape):
    """What became of one of them, in the order they were sent."""

    index = Whole(required=True)
    status = Whole(required=True, least=200, most=599)
    number = Text(allow_none=True, required=True, metadata=_NUMBER)
    likely_repeats = Many(
        Text(), required=True, metadata={"description": N_("Numbers of open cases that may be the same one")}
    )
    errors = Many(fields.Nested(FieldFault), required=True)


class BulkDone(Shape):
    """What became of all."""

    created = Whole(required=True)
    refused = Whole(required=True)
    items = Many(fields.Nested(BulkItem), required=True)


class TypeLine(Shape):
    """A kind of difficulty."""

    code = Text(required=True, metadata={"example": "rent"})
    name = Text(required=True)
    domain = Text(required=True)
    evidence = Many(Text(), required=True, metadata={"description": N_("What may be attached as closing evidence")})
    checklist = Many(Text(), required=True, metadata={"description": N_("What a reviewer marks")})
    outcomes = Many(OneOf(OUTCOME_LABELS), required=True)


class AreaQuery(Paged):
    """Filters of the areas."""

    parent = RowId(metadata={"description": N_("Id of the area just above")})
    level = OneOf(tuple(Level))
    name = Text(least=1, most=60, metadata={"description": N_("How its name begins")})


class AreaLine(Shape):
    """An area."""

    id = RowId(required=True)
    code = Text(required=True)
    name = Text(required=True)
    level = OneOf(tuple(Level), required=True)
    parent_id = RowId(required=True, allow_none=True)
    path = Text(required=True, most=400)


class UnitQuery(Paged):
    """Filters of the units."""

    case = Text(least=1, most=40, metadata={"description": N_("Number of a case: those that reach it")})


class UnitLine(Shape):
    """A unit that a case can be dispatched to."""

    id = RowId(required=True)
    code = Text(required=True)
    name = Text(required=True)
    kind = Text(required=True)
    area_id = RowId(required=True)


class Person(Shape):
    """Somebody who can be given a case today."""

    id = RowId(required=True)
    name = Text(required=True)
    role = Text(required=True)
