"""What may be there already under another name: firms that differ by city or legal form, cases told twice."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from casework.cases.models import Case
from casework.cases.queries import visible_to
from casework.enterprises.models import Enterprise
from casework.enterprises.rules import brand, name_key
from casework.intake import likeness
from casework.kernel.db import db
from casework.kernel.errors import N_, Reason
from casework.kernel.permissions import Actor

SAME_BUT_FORM = N_("Differs only in the place before it or the legal form behind it.")
SAME_FIRM_MATTER = N_("An open case of the same enterprise or telephone says much the same.")
LOOKS_DOUBLE = N_("It looks like a double of “%(like)s”.")
COMPARE_DOUBLE = N_("Compare the two. If they are not the same, import the row again and choose to take doubles in.")
FORMS = ("有限责任公司", "股份有限公司", "有限公司", "")
WITHIN = timedelta(days=60)
NEWEST = 2000
COMPARED = 20
"""So many cases of one firm or telephone are compared: somebody who rings daily must not slow a file down."""
ALIKE = 0.6
"""Higher than for a hint at the front door: nobody stands by to say that it is another matter."""
_FORM = re.compile(r"(股份有限公司|有限责任公司|有限公司)$")


Listed = tuple[str, int | None]
"""A firm's name, and its district."""


class Cores:
    """What firms are called without the places before (``places`` are those here) and the legal form behind."""

    def __init__(self, places: Iterable[str]) -> None:
        known = sorted({name_key(place) for place in places if len(place) > 1}, key=len, reverse=True)
        self._before = re.compile(f"(?:{'|'.join(map(re.escape, known))})+") if known else None
        self._read: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The core of a name; empty when too little is left to compare by."""
        if name not in self._read:
            bare = _FORM.sub("", name_key(name))
            before = self._before.match(bare) if self._before else None
            rest = bare[before.end() :] if before else brand(bare) or bare
            self._read[name] = rest if len(rest) > 2 else ""
        return self._read[name]

    def look_up(self, cores: Collection[str], district_ids: Collection[int]) -> dict[str, list[Listed]]:
        """Names of firms by their core, with the district: looked for by every legal form, from the indexes."""
        wanted = [bare + form for bare in cores if bare for form in FORMS]
        if not wanted:
            return {}
        columns = (Enterprise.name, Enterprise.district_id)
        named = [
            sa.select(*columns).where(column.in_(wanted), Enterprise.district_id.in_(district_ids))
            for column in (Enterprise.name_key, Enterprise.brand_key)
        ]
        found: dict[str, list[Listed]] = {}
        for name, district in db.session.execute(sa.union(*named)):
            if (bare := self.of(name)) in cores:
                found.setdefault(bare, []).append((name, district))
        return found


class OpenCases:
    """The newest open cases of firms and telephones that a person may know of, to be compared with what rows tell."""

    def __init__(self, now: datetime, actor: Actor | None) -> None:
        self.since = now - WITHIN
        self.seen = sa.true() if actor is None else visible_to(actor)
        self.asked: set[int | str] = set()
        self.firms: dict[int, list[likeness.Report]] = {}
        self.phones: dict[str, list[likeness.Report]] = {}
        self.names: dict[int, str] = {}

    def look_up(self, firm_ids: Collection[int], phones: Collection[str]) -> None:
        """Read the cases of these firms and telephones, once."""
        ids, numbers = set(firm_ids) - self.asked, set(phones) - self.asked - {""}
        self.asked |= ids | numbers
        for firm_id, _, report in self._reports(Case.enterprise_id, ids):
            self.firms.setdefault(firm_id, []).append(report)
        for _, phone, report in self._reports(Case.contact_phone, numbers):
            self.phones.setdefault(phone, []).append(report)

    def _reports(self, column: Any, keys: Collection[int | str]) -> Iterator[tuple[int, str, likeness.Report]]:
        columns = (Case.id, Case.number, Case.title, Case.text, Case.enterprise_id, Case.contact_phone)
        query = sa.select(*columns).where(
            column.in_(keys), Case.is_open.is_(True), Case.submitted_at >= self.since, self.seen
        )
        for row in db.session.execute(query.order_by(Case.id.desc()).limit(NEWEST)) if keys else ():
            self.names[row.id] = f"{row.number} {row.title}"
            firm_id, phone = row.enterprise_id or 0, row.contact_phone
            yield firm_id, phone, likeness.Report(row.id, row.title, row.text, str(firm_id or ""), phone)

    def like(self, title: str, text: str, firm_id: int | None, phone: str) -> str:
        """The open case that most says the same, or nothing."""
        others = {one.key: one for one in [*self.firms.get(firm_id or 0, []), *self.phones.get(phone, [])]}
        if not others:
            return ""
        mine = likeness.Report(0, title, text, str(firm_id or ""), phone)
        found = likeness.alike(mine, list(others.values())[:COMPARED], 1, hinted=ALIKE / 2, least=ALIKE)
        return self.names[found[0].key] if found else ""


def refusal(like: str) -> tuple[Reason, Reason]:
    """Why a double stays out where the officer chose so, and what to do."""
    return Reason(LOOKS_DOUBLE, {"like": like}), Reason(COMPARE_DOUBLE)


def others(names: Sequence[Listed], name: str, district: int | None) -> str:
    """The first of some firms of a district that is called otherwise."""
    key = name_key(name)
    return next((known for known, where in names if where == district and name_key(known) != key), "")
