"""A chat message read into the form of a new case: what it says, held against the firms and places on file."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from casework.cases.forms import CaseForm
from casework.cases.workflow import Source
from casework.enterprises import queries as enterprises
from casework.enterprises.models import Contact, Enterprise
from casework.enterprises.rules import name_key
from casework.intake import chat, queries
from casework.intake.chat import Heard
from casework.kernel.db import db
from casework.kernel.permissions import Actor

MOST = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Which fields of the form came from the message, and the sums that it names."""

    fields: frozenset[str]
    sums: tuple[str, ...]


def firm_of(heard: Heard, actor: Actor) -> Enterprise | None:
    """The firm on file that a message names, among those one may know of: by whole name, else by its beginning."""
    keys = [name_key(word) for word in chat.endings(heard.firms)]
    visible = enterprises.visible_to(actor)
    same = sa.or_(Enterprise.name_key.in_(keys), Enterprise.brand_key.in_(keys))
    known = db.session.scalars(visible.where(same).limit(20)).all() if keys else ()
    if known:
        return max(known, key=lambda firm: len(firm.brand_key or firm.name_key))
    for word in heard.firms[:MOST]:
        ids = enterprises.beginning_with(word, visible.whereclause, most=2)
        if len(word) >= chat.SHORTEST and len(ids) == 1:
            return db.session.get(Enterprise, ids[0])
    return None


def read_into(form: CaseForm, message: str, actor: Actor) -> Found:
    """Fill in what a message says where nothing was typed yet; the message itself becomes the text, as it was pasted,
    or is put below what was written.
    """
    heard = chat.heard(message)
    firm = firm_of(heard, actor)
    places = queries.places_in(heard.address or heard.body)
    found = {
        "title": heard.title,
        "requester": firm.name if firm else (heard.firms[0] if heard.firms else ""),
        "uscc": (firm.uscc or "") if firm else "",
        "contact_name": heard.sender,
        "contact_phone": heard.phone or (_phone_of(firm) if firm else ""),
        "place": heard.address or (firm.address if firm else ""),
        "area_id": str(places[0].id) if len(places) == 1 else str(firm.area_id) if firm else "",
        "type_id": _type_of(heard.body),
    }
    offered = {str(choice[0]) for choice in form.area_id.choices or ()}
    if found["area_id"] not in offered:
        found["area_id"] = ""
    filled = {name: value for name, value in found.items() if value and not form._fields[name].data}
    for name, value in filled.items():
        form._fields[name].data = value
    written = (form.text.data or "").strip()
    if message.strip() not in written:
        form.text.data = f"{written}\n{message.strip()}".strip()
    form.source.data = Source.LETTER.value
    return Found(frozenset(filled), heard.sums)


def _phone_of(firm: Enterprise) -> str:
    query = sa.select(Contact.phone).where(Contact.enterprise_id == firm.id, Contact.left_at.is_(None))
    return db.session.scalar(query.order_by(Contact.id).limit(1)) or ""


def _type_of(body: str) -> str:
    ids = {kind.code: str(kind.id) for kind in queries.types()}
    return next((ids[code] for code in queries.suggested(body)), "")
