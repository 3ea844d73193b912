"""The area tree. Every row names its ancestors by level, so that a scope is an equality, never a walk."""

from __future__ import annotations

from enum import StrEnum

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from casework.kernel.db import Model, Versioned, closed_set, key, ref
from casework.kernel.named import Named
from casework.kernel.permissions import OfPlace


class Level(StrEnum):
    """The five levels, from the city down."""

    CITY = "city"
    DISTRICT = "district"
    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    SITE = "site"


class Placed:
    """Mixin: something that lies in an area, with the areas above by level, so that a scope is an equality."""

    area_id: Mapped[int] = ref("areas.id")
    city_id: Mapped[int | None] = ref("areas.id", null=True)
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    subdistrict_id: Mapped[int | None] = ref("areas.id", null=True)
    community_id: Mapped[int | None] = ref("areas.id", null=True)

    @property
    def area_ids(self) -> frozenset[int]:
        """Every area it lies in, from the site to the city."""
        chain = (self.area_id, self.city_id, self.district_id, self.subdistrict_id, self.community_id)
        return frozenset(area for area in chain if area)


class Area(OfPlace, Named, Versioned, Model):
    """A place that someone answers for. ``code`` is the statistics bureau's, or our own for a site.

    ``full_name`` is the name as files write it, from the city down without blanks; ``path`` is how pages show it,
    from the district down with ``▸`` between (a city: its name).
    """

    __tablename__ = "areas"
    __table_args__ = (
        closed_set(Level, "level"),
        sa.UniqueConstraint("code"),
        sa.Index("ix_areas_parent_id_code", "parent_id", "code"),
        sa.Index("ix_areas_name", "name"),
        sa.Index("ix_areas_initials", "initials"),
        sa.Index("ix_areas_pinyin", "pinyin"),
    )

    id: Mapped[int] = key()
    code: Mapped[str] = mapped_column(sa.String(20))
    name: Mapped[str] = mapped_column(sa.String(100))
    level: Mapped[str] = mapped_column(sa.String(12))
    parent_id: Mapped[int | None] = ref("areas.id", null=True)
    city_id: Mapped[int | None] = ref("areas.id", null=True)
    district_id: Mapped[int | None] = ref("areas.id", null=True)
    subdistrict_id: Mapped[int | None] = ref("areas.id", null=True)
    community_id: Mapped[int | None] = ref("areas.id", null=True)
    full_name: Mapped[str] = mapped_column(sa.String(300))
    path: Mapped[str] = mapped_column(sa.String(320), default="")

    @property
    def own_district_id(self) -> int:
        """The district that it is or lies in; of a city itself."""
        return self.district_id or self.id

    @property
    def area_ids(self) -> frozenset[int]:
        """Itself and everything it lies in."""
        chain = (self.id, self.parent_id, self.city_id, self.district_id, self.subdistrict_id, self.community_id)
        return frozenset(area for area in chain if area)
