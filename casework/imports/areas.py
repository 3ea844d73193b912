"""Areas as the statistics bureau lists them: wide (a row names all levels) or long (code, name, parent)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from casework.areas.models import Area, Level
from casework.areas.service import add_area
from casework.imports.importing import Made, RowRefused, Said, Setting, Step
from casework.imports.report import Outcome
from casework.kernel.db import db
from casework.kernel.errors import N_, NotPermitted, Reason, because
from casework.kernel.permissions import can

WIDE = (Level.CITY, Level.DISTRICT, Level.SUBDISTRICT, Level.COMMUNITY, Level.SITE)
BY_LENGTH = {4: Level.CITY, 6: Level.DISTRICT, 9: Level.SUBDISTRICT, 12: Level.COMMUNITY}
PARENT_LENGTH = {6: 4, 9: 6, 12: 9}
CITIES = {
    "1101": "北京市",
    "1201": "天津市",
    "1301": "石家庄市",
    "1401": "太原市",
    "1501": "呼和浩特市",
    "2101": "沈阳市",
    "2102": "大连市",
    "2201": "长春市",
    "2301": "哈尔滨市",
    "3101": "上海市",
    "3201": "南京市",
    "3202": "无锡市",
    "3205": "苏州市",
    "3301": "杭州市",
    "3302": "宁波市",
    "3303": "温州市",
    "3401": "合肥市",
    "3501": "福州市",
    "3502": "厦门市",
    "3601": "南昌市",
    "3701": "济南市",
    "3702": "青岛市",
    "4101": "郑州市",
    "4201": "武汉市",
    "4301": "长沙市",
    "4401": "广州市",
    "4403": "深圳市",
    "4404": "珠海市",
    "4406": "佛山市",
    "4413": "惠州市",
    "4419": "东莞市",
    "4420": "中山市",
    "4501": "南宁市",
    "4601": "海口市",
    "5001": "重庆市",
    "5101": "成都市",
    "5201": "贵阳市",
    "5301": "昆明市",
    "5401": "拉萨市",
    "6101": "西安市",
    "6201": "兰州市",
    "6301": "西宁市",
    "6401": "银川市",
    "6501": "乌鲁木齐市",
}
NO_CODE = N_("The code of the place is missing.")
NO_DIGITS = N_("“%(code)s” is no code of a place.")
WRITE_CODE = N_("Write the statistics bureau's code: 4 digits for a city, 6, 9 or 12 for what lies below.")
NO_NAME = N_("The name of the place is missing.")
NAME_TOO_LONG = N_("The name of the place is longer than 100 characters.")
NO_PARENT = N_("The place above, %(code)s, is not known.")
PARENT_FIRST = N_("Put the place above before it in the file, or import it first.")
NO_CITY = N_("The name of city %(code)s is not known.")
NAME_CITY = N_("Give it with --city, or in the column 市.")
OTHER_NAME = N_("Code %(code)s is “%(name)s” here and “%(found)s” in the file: the name was kept.")


@dataclass(frozen=True, slots=True)
class Wanted:
    """One place that a row names."""

    code: str
    name: str
    level: str
    parent: str
    field: str


class AreaImporter:
    """Creates what is missing, from the city down; what is there is never renamed or moved."""

    target = "areas"
    whole = False
    needs = ("code", "district_code", "subdistrict_code", "community_code")
    stored = frozenset(["code", "name", "parent_code", "level", "city", *(f"{level}_code" for level in WIDE), *WIDE])

    def __init__(self, setting: Setting):
        self.setting = setting
        self.made: list[Made] = []
        self.known = dict(db.session.execute(sa.select(Area.code, Area.name)).all())
        self.areas: dict[str, Area] = {}

    def look_up(self, rows: Sequence[Said]) -> None:
        """Nothing: the tree is small. What an ended transaction made is read again when needed."""
        self.areas.clear()

    def plan(self, row: Said) -> Step:
        """What a row adds: the place itself, and those above that are not there yet."""
        chain = self._wide(row) or self._long(row)
        for wanted in chain:
            _check(wanted)
        last, notes = chain[-1], []
        if self.known.get(last.code, last.name) != last.name:
            values = {"code": last.code, "name": self.known[last.code], "found": last.name}
            notes.append(Reason(OTHER_NAME, values))
        missing = [wanted for wanted in chain if wanted.code not in self.known]
        if not missing:
            return Step(Outcome.EXISTING, notes=notes)
        self._may_add(missing[0])
        self.known |= {wanted.code: wanted.name for wanted in missing}
        return Step(Outcome.CREATED, lambda: self._write(missing, row.number), notes)

    def _may_add(self, wanted: Wanted) -> None:
        actor = self.setting.actor
        if actor is None:
            return
        parent = db.session.scalar(sa.select(Area).where(Area.code == wanted.parent))
        if parent is None or not can(actor, "area.edit", parent):
            raise NotPermitted("area.edit")

    def _write(self, missing: Sequence[Wanted], row: int) -> None:
        for wanted in missing:
            parent = self._area(wanted.parent) if wanted.parent else None
            area = add_area(code=wanted.code, name=wanted.name, level=wanted.level, parent=parent)
            self.areas[wanted.code] = area
            self.made.append(Made("area", area.id, row, area.full_name, after={"name": area.name}))

    def _area(self, code: str) -> Area | None:
        if code not in self.areas:
            found = db.session.scalar(sa.select(Area).where(Area.code == code))
            if found is None:
                return None
            self.areas[code] = found
        return self.areas[code]

    def _wide(self, row: Said) -> list[Wanted]:
        chain: list[Wanted] = []
        for level in WIDE[1:]:
            code = row[f"{level}_code"]
            if code:
                above = chain[-1].code if chain else _parent_code(code, row["city_code"])
                chain.append(Wanted(code, row[level], level, above, level))
        return [*self._city(chain[0], row["city"]), *chain] if chain else []

    def _long(self, row: Said) -> list[Wanted]:
        code = row["code"]
        if not code:
            raise RowRefused("code", Reason(NO_CODE), Reason(WRITE_CODE))
        level = row["level"] if row["level"] in tuple(Level) else BY_LENGTH.get(len(code), Level.SITE)
        if level == Level.CITY:
            return [Wanted(code, row["name"], Level.CITY, "", "name")]
        given = row["parent_code"]
        # The column above may hold the province: what the code itself says of the place above goes first.
        above = code[: PARENT_LENGTH[len(code)]] if len(code) in PARENT_LENGTH else given
        wanted = Wanted(code, row["name"], level, above, "name")
        city = self._city(wanted, row["city"]) if level == Level.DISTRICT else []
        if not city and above not in self.known:
            raise RowRefused("parent_code", because(NO_PARENT, code=above or "?"), Reason(PARENT_FIRST))
        return [*city, wanted]

    def _city(self, district: Wanted, said: str) -> list[Wanted]:
        """The city above a district, by the first four digits of its code."""
        code = district.parent
        if district.level != Level.DISTRICT or code in self.known:
            return []
        name = said or self.setting.city or CITIES.get(code, "")
        if not name:
            raise RowRefused("city", because(NO_CITY, code=code), Reason(NAME_CITY))
        return [Wanted(code, name, Level.CITY, "", "city")]


def _parent_code(code: str, given: str) -> str:
    return given or code[: PARENT_LENGTH.get(len(code), 4)]


def _check(wanted: Wanted) -> None:
    if not wanted.code.replace("-", "").isalnum() or not wanted.code.isascii() or len(wanted.code) > 20:
        field = "code" if wanted.field == "name" else f"{wanted.field}_code"
        raise RowRefused(field, because(NO_DIGITS, code=wanted.code[:30]), Reason(WRITE_CODE))
    if not wanted.name:
        raise RowRefused(wanted.field, Reason(NO_NAME))
    if len(wanted.name) > 100:
        raise RowRefused(wanted.field, Reason(NAME_TOO_LONG))
