"""Every read of templates and runs: what exists for a person, and the definition behind a version."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa

from casework.areas.models import Area
from casework.kernel import paging
from casework.kernel.db import db, one
from casework.kernel.errors import NotFound
from casework.kernel.permissions import Actor, Role
from casework.processes.definition import Definition
from casework.processes.models import ProcessTemplate, TemplateEdit, TemplateLayout, TemplateVersion
from casework.processes.policy import READERS, Reach
from casework.processes.reading import read
from casework.processes.words import VersionState

PAGE = 30
_COLUMN = {
    "city": ProcessTemplate.city_id,
    "district": ProcessTemplate.district_id,
    "subdistrict": ProcessTemplate.subdistrict_id,
    "community": ProcessTemplate.community_id,
    "site": ProcessTemplate.area_id,
}
UNPUBLISHED = (VersionState.DRAFT, VersionState.IN_REVIEW)


def places_of(actor: Actor) -> list[Area]:
    """The areas of a person's duties that read templates."""
    ids = {duty.area_id for duty in actor.duties if duty.role in READERS}
    return list(db.session.scalars(sa.select(Area).where(Area.id.in_(ids)))) if ids else []


def visible_to(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition under which a template exists for a person: it is offered where they work, or below."""
    conditions: list[sa.ColumnElement[bool]] = []
    for place in places_of(actor):
        conditions.append(_COLUMN[place.level] == place.id)
        conditions.append(ProcessTemplate.area_id.in_(place.area_ids))
    return sa.or_(sa.false(), *conditions)


def visible_template(code: str, *, to: Actor) -> ProcessTemplate:
    """The template with this code, if it exists for them.

    Raises:
        NotFound: there is none, or it is out of scope: the same answer for both.
    """
    return one(sa.select(ProcessTemplate).where(ProcessTemplate.code == code, visible_to(to)), "template")


def reach_of(template: ProcessTemplate, actor: Actor, version: TemplateVersion | None = None) -> Reach:
    """A template as the permission table sees it for this person: duties below its area reach it too."""
    below = {place.id for place in places_of(actor) if template.area_id in place.area_ids}
    owner = version.definition.get("owner", "") if version else template.owner
    return Reach(
        area_ids=template.area_ids | below,
        domain=owner or template.owner,
        editor_ids=frozenset(version.editor_ids) if version else frozenset(),
    )


def area_reach(area: Area, actor: Actor) -> Reach:
    """An area as the place of a new template."""
    below = {place.id for place in places_of(actor) if area.id in place.area_ids}
    return Reach(area_ids=area.area_ids | below)


def versions_of(template_id: int) -> list[TemplateVersion]:
    """All versions, the newest first."""
    query = sa.select(TemplateVersion).where(TemplateVersion.template_id == template_id)
    return list(db.session.scalars(query.order_by(TemplateVersion.no.desc())))


def unpublished(template_id: int) -> TemplateVersion | None:
    """The version that is being written or reviewed; at most one is."""
    query = sa.select(TemplateVersion).where(
        TemplateVersion.template_id == template_id, TemplateVersion.state.in_(UNPUBLISHED)
    )
    return db.session.scalar(query)


def valid_on(day: date) -> sa.ColumnElement[bool]:
    """The condition that a run may begin under a version on a day."""
    return sa.and_(
        TemplateVersion.state == VersionState.PUBLISHED,
        TemplateVersion.valid_from <= day,
        sa.or_(TemplateVersion.valid_to.is_(None), TemplateVersion.valid_to >= day),
    )


def version_on(template_id: int, day: date) -> TemplateVersion | None:
    """The version under which a run begins on a day, if any."""
    return db.session.scalar(
        sa.select(TemplateVersion).where(TemplateVersion.template_id == template_id, valid_on(day))
    )


def numbers_on(template_ids: Sequence[int], day: date) -> dict[int, int]:
    """The number of the version under which runs of each template begin on a day."""
    query = sa.select(TemplateVersion.template_id, TemplateVersion.no)
    rows = db.session.execute(query.where(TemplateVersion.template_id.in_(template_ids), valid_on(day)))
    return {row[0]: row[1] for row in rows}


def fitting(area_ids: Iterable[int], type_code: str, day: date) -> list[tuple[ProcessTemplate, TemplateVersion]]:
    """The templates that a case may start a run from: by its area, its type and the day, the most used first."""
    query = (
        sa.select(ProcessTemplate, TemplateVersion)
        .join(TemplateVersion, TemplateVersion.template_id == ProcessTemplate.id)
        .where(ProcessTemplate.area_id.in_(list(area_ids)), ProcessTemplate.retired_at.is_(None), valid_on(day))
        .order_by(ProcessTemplate.runs.desc(), ProcessTemplate.id)
        .limit(200)
    )
    return [(template, version) for template, version in db.session.execute(query) if type_code in template.serves]


OFFERED = 12


def offered(area_ids: Iterable[int], day: date) -> list[ProcessTemplate]:
    """The templates that the portal offers in some areas on a day, the most used first."""
    query = (
        sa.select(ProcessTemplate)
        .join(TemplateVersion, TemplateVersion.template_id == ProcessTemplate.id)
        .where(
            ProcessTemplate.portal.is_(True),
            ProcessTemplate.retired_at.is_(None),
            ProcessTemplate.area_id.in_(list(area_ids)),
            valid_on(day),
        )
    )
    return list(db.session.scalars(query.order_by(ProcessTemplate.runs.desc(), ProcessTemplate.id).limit(OFFERED)))


def offered_one(code: str, day: date) -> ProcessTemplate | None:
    """A template that the portal offers on a day, by its code."""
    found = db.session.scalar(sa.select(ProcessTemplate).where(ProcessTemplate.code == code))
    if found is None or not found.portal or found.retired_at is not None:
        return None
    return found if version_on(found.id, day) else None


def named(code: str) -> str:
    """The Chinese name of a template, empty when there is none."""
    return db.session.scalar(sa.select(ProcessTemplate.zh).where(ProcessTemplate.code == code)) or ""


def library(
    actor: Actor, at: paging.At, *, text: str = "", state: str = "", size: int = PAGE
) -> paging.Page[ProcessTemplate]:
    """One page of the templates that exist for a person, the most used first."""
    query = sa.select(ProcessTemplate).where(visible_to(actor), *_narrowed(text, state))
    keys = (paging.Key(ProcessTemplate.runs, int, down=True), paging.Key(ProcessTemplate.id, int))
    return paging.page_of(query, keys, at, size, values=lambda row: (row.runs, row.id), whole=True)


def named_like(actor: Actor, text: str, *, most: int) -> list[ProcessTemplate]:
    """Templates that exist for a person and hold the words in name, purpose or code, the most used first."""
    query = sa.select(ProcessTemplate).where(visible_to(actor), *_narrowed(text, ""))
    return list(db.session.scalars(query.order_by(ProcessTemplate.runs.desc(), ProcessTemplate.id).limit(most)))


def _narrowed(text: str, state: str) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = []
    for word in text.split()[:5]:
        columns = (ProcessTemplate.zh, ProcessTemplate.en, ProcessTemplate.purpose_zh, ProcessTemplate.code)
        conditions.append(sa.or_(*(column.icontains(word, autoescape=True) for column in columns)))
    if state == "published":
        conditions += [ProcessTemplate.published.is_(True), ProcessTemplate.retired_at.is_(None)]
    elif state == "retired":
        conditions.append(ProcessTemplate.retired_at.is_not(None))
    elif state in ("draft", "in_review"):
        of = sa.select(TemplateVersion.template_id).where(TemplateVersion.state == state)
        conditions.append(ProcessTemplate.id.in_(of))
    return conditions


def newest_versions(template_ids: Sequence[int]) -> dict[int, TemplateVersion]:
    """The newest version of each template."""
    newest = (
        sa.select(TemplateVersion.template_id, sa.func.max(TemplateVersion.no).label("no"))
        .where(TemplateVersion.template_id.in_(template_ids))
        .group_by(TemplateVersion.template_id)
        .subquery()
    )
    same = sa.and_(TemplateVersion.template_id == newest.c.template_id, TemplateVersion.no == newest.c.no)
    return {
        version.template_id: version for version in db.session.scalars(sa.select(TemplateVersion).join(newest, same))
    }


def owned_by(actor: Actor) -> sa.ColumnElement[bool]:
    """The condition that a template is one of the authority that the person decides for."""
    return sa.or_(
        sa.false(),
        *(
            sa.and_(_COLUMN[duty.area_level] == duty.area_id, ProcessTemplate.owner.in_(sorted(duty.domains)))
            for duty in actor.duties
            if duty.role is Role.REGULATOR
        ),
    )


def waiting_for(actor: Actor, *, limit: int) -> list[tuple[ProcessTemplate, TemplateVersion]]:
    """The versions in review that this person may decide on: of their authority, in their area, not their own."""
    query = (
        sa.select(ProcessTemplate, TemplateVersion)
        .join(TemplateVersion, TemplateVersion.template_id == ProcessTemplate.id)
        .where(TemplateVersion.state == VersionState.IN_REVIEW, owned_by(actor))
        .order_by(TemplateVersion.submitted_at)
        .limit(limit)
    )
    return [(t, v) for t, v in db.session.execute(query) if actor.user_id not in v.editor_ids]


def setting(actor: Actor, until: date, *, limit: int) -> list[ProcessTemplate]:
    """The templates whose sunset comes by a day, of this person's authority: somebody has to decide."""
    query = sa.select(ProcessTemplate).where(
        ProcessTemplate.published.is_(True),
        ProcessTemplate.permanent.is_(False),
        ProcessTemplate.retired_at.is_(None),
        ProcessTemplate.sunset_on <= until,
        owned_by(actor),
    )
    return list(db.session.scalars(query.order_by(ProcessTemplate.sunset_on, ProcessTemplate.id).limit(limit)))


def edits(version_id: int, *, limit: int = 1) -> list[TemplateEdit]:
    """The latest changes of a draft, the newest first."""
    query = sa.select(TemplateEdit).where(TemplateEdit.version_id == version_id)
    return list(db.session.scalars(query.order_by(TemplateEdit.id.desc()).limit(limit)))


def layouts(version_id: int) -> dict[str, int]:
    """The document layouts of a version: attachment by name."""
    query = sa.select(TemplateLayout.name, TemplateLayout.attachment_id).where(TemplateLayout.version_id == version_id)
    return {row.name: row.attachment_id for row in db.session.execute(query)}


def series_of_others(template: ProcessTemplate) -> set[str]:
    """The series that other templates of the same place already number documents in."""
    query = (
        sa.select(TemplateVersion.definition)
        .join(ProcessTemplate, ProcessTemplate.id == TemplateVersion.template_id)
        .where(
            ProcessTemplate.id != template.id,
            ProcessTemplate.district_id.is_not_distinct_from(template.district_id),
            TemplateVersion.state == VersionState.PUBLISHED,
        )
    )
    return {series for definition in db.session.scalars(query) for series in series_in(definition)}


def series_in(definition: Mapping[str, Any]) -> set[str]:
    """The series in which a definition numbers documents."""
    return {issue.get("series", "") for step in definition.get("steps", ()) for issue in step.get("issues", ())}


def definition_of(version: TemplateVersion) -> Definition:
    """The definition of a version; one that was sealed is read once a process.

    Raises:
        NotFound: it cannot be read, as only a draft can be.
    """
    known = _SEALED.get(version.sha256)
    if known is None:
        known, _ = read(version.definition)
        if known is None:
            raise NotFound("definition")
        if version.sha256:
            _SEALED[version.sha256] = known
            while len(_SEALED) > MOST_KEPT:
                del _SEALED[next(iter(_SEALED))]
    return known


MOST_KEPT = 256
_SEALED: dict[str, Definition] = {}
"""Definitions by their SHA-256: what is sealed never changes."""
