"""Finding places by people's words: codes, names with and without 街道 or 居委会, and whole addresses."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from casework.areas.models import Area, Level
from casework.kernel.errors import N_, Reason

_ENDINGS = {
    Level.DISTRICT: re.compile(r"(新区|区|县|市)$"),
    Level.SUBDISTRICT: re.compile(r"(街道办事处|街道办|办事处|街道|镇|乡)$"),
    Level.COMMUNITY: re.compile(r"(社区居民委员会|社区居委会|社区工作站|居民委员会|居委会|村民委员会|村委会|社区)$"),
    Level.CITY: re.compile(r"市$"),
    Level.SITE: re.compile(r"$"),
}
_SUBDISTRICT_SAID = re.compile(r"^\s*([\u4e00-\u9fff]{2,8}?(?:街道|镇))")
_COMMUNITY_SAID = re.compile(r"^\s*([\u4e00-\u9fff]{1,12}?(?:社区|居委会|村委会))")
STEP = "▸"
"""Between the places of a path."""
NO_SUBDISTRICT = N_("“%(name)s” is no subdistrict of %(district)s: placed in the district.")
NO_COMMUNITY = N_("“%(name)s” is no community of %(place)s: placed one level up.")


def plain(text: str) -> str:
    """Without blanks, of one width."""
    return re.sub(r"\s+", "", unicodedata.normalize("NFKC", text))


def stem(name: str, level: str) -> str:
    """The name without the ending of its level: 大塘龙社区居民委员会 → 大塘龙."""
    bare = plain(name)
    return _ENDINGS[Level(level)].sub("", bare) or bare


@dataclass(frozen=True, slots=True)
class Found:
    """Where something lies, and what to mention about how it was found."""

    area: Area | None
    notes: tuple[Reason, ...] = ()


class Places:
    """The tree in memory: made once an import, asked for every row."""

    def __init__(self, areas: Iterable[Area]):
        self.by_code: dict[str, Area] = {}
        self.by_id: dict[int, Area] = {}
        self._below: dict[tuple[int | None, str, str], Area] = {}
        self._named: dict[tuple[str, str], list[Area]] = {}
        self._whole: dict[str, Area | None] = {}  # None: two are named so
        for area in areas:
            self.add(area)

    def add(self, area: Area) -> None:
        """Let a place be found."""
        self.by_code[area.code] = area
        self.by_id[area.id] = area
        name = stem(area.name, area.level)
        self._below[(area.parent_id, area.level, name)] = area
        self._named.setdefault((area.level, name), []).append(area)
        for whole in {plain(area.full_name), plain(area.path)} if STEP in area.path else {plain(area.full_name)}:
            self._whole[whole] = area if self._whole.get(whole, area) is area else None

    def named(self, text: str, level: str) -> Area | None:
        """The one place of this level with this name or code, when it is the only one."""
        if text in self.by_code and self.by_code[text].level == level:
            return self.by_code[text]
        found = self._named.get((level, stem(text, level)), [])
        return found[0] if len(found) == 1 else None

    def below(self, parent: Area, level: str, text: str) -> Area | None:
        """The place with this name or code directly below another."""
        area = self.by_code.get(text)
        if area is not None and area.level == level and area.parent_id == parent.id:
            return area
        return self._below.get((parent.id, level, stem(text, level)))

    def any_named(self, text: str) -> Area | None:
        """The place with this code, full name or path, else the only one of this name on the highest level."""
        if text in self.by_code:
            return self.by_code[text]
        levels = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY, Level.SITE)
        return self._whole.get(plain(text)) or next(
            (area for level in levels if (area := self.named(text, level))), None
        )

    def find(self, district: str, subdistrict: str, community: str, address: str) -> Found:
        """Where the words lead: the columns first, then the address for what they leave open.

        In place of a district a whole path may stand, as our own ledgers write it.
        """
        if STEP in district:
            if whole := self._whole.get(plain(district)):
                return Found(whole)
            district, subdistrict, community = [*map(str.strip, district.split(STEP)), "", ""][:3]
        if not district:
            return self._by_parts(None, subdistrict, community, address)
        found = self.named(district, Level.DISTRICT)
        return self._by_parts(found, subdistrict, community, address) if found else Found(None)

    def _by_parts(self, district: Area | None, subdistrict: str, community: str, address: str) -> Found:
        rest = plain(address)
        said, after = self._district_in(rest)
        if district is None:
            district = said
        if district is None:
            only = self.named(subdistrict, Level.SUBDISTRICT) if subdistrict else None
            return self._community(only, community, "") if only else Found(None)
        rest = after if said is district or said is None else ""  # an address elsewhere tells nothing finer
        return self._subdistrict(district, subdistrict, community, rest)

    def _district_in(self, address: str) -> tuple[Area | None, str]:
        """The first district that an address names near its beginning, and what follows it."""
        best: tuple[int, int, Area] | None = None
        for (level, name), areas in self._named.items() if address else ():
            if level != Level.DISTRICT or len(areas) != 1:
                continue
            for ending in ("新区", "区", "县", "市"):
                at = address.find(f"{name}{ending}", 0, 24)
                if at >= 0 and (best is None or at < best[0]):
                    best = (at, at + len(name) + len(ending), areas[0])
                    break
        return (best[2], address[best[1] :]) if best else (None, address)

    def _subdistrict(self, district: Area, said: str, community: str, rest: str) -> Found:
        if not said and (match := _SUBDISTRICT_SAID.match(rest)):
            said = match.group(1)
        if not said:
            return Found(district)
        found = self.below(district, Level.SUBDISTRICT, said)
        if found is None:
            return Found(district, (Reason(NO_SUBDISTRICT, {"name": said, "district": district.name}),))
        return self._community(found, community, rest.partition(said)[2])

    def _community(self, subdistrict: Area | None, said: str, rest: str) -> Found:
        if subdistrict is None:
            return Found(None)
        if not said and (match := _COMMUNITY_SAID.match(rest)):
            said = match.group(1)
        if not said:
            return Found(subdistrict)
        found = self.below(subdistrict, Level.COMMUNITY, said)
        if found is not None:
            return Found(found)
        return Found(subdistrict, (Reason(NO_COMMUNITY, {"name": said, "place": subdistrict.name}),))
