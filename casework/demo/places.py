"""Where the demo plays: two districts of an invented city, and the units that serve there."""

from __future__ import annotations

from datetime import datetime

from casework.areas.service import add_area
from casework.demo.office import Office
from casework.roster.service import add_unit

AREAS = (
    ("9901", "江城市", "city", None),
    ("990104", "临江区", "district", "9901"),
    ("990105", "望山区", "district", "9901"),
    ("990104001", "南贤街道", "subdistrict", "990104"),
    ("990104002", "柳堤街道", "subdistrict", "990104"),
    ("990104001001", "南贤社区", "community", "990104001"),
    ("990104001002", "桥东社区", "community", "990104001"),
    ("990104002001", "柳堤社区", "community", "990104002"),
    ("990104002002", "荷塘社区", "community", "990104002"),
    ("990104001001-1", "南贤广场", "site", "990104001001"),
    ("990104002001-1", "柳堤物流园", "site", "990104002001"),
    ("990105001", "望山街道", "subdistrict", "990105"),
)
UNITS = (
    ("desk", "诉求受理专班", "desk", "990104", ()),
    ("team-17", "第 17 复工小组", "team", "990104001", ()),
    ("team-21", "第 21 复工小组", "team", "990104002", ()),
    ("office", "区复工专班办公室", "office", "990104", ()),
    ("housing", "区住房建设局", "authority", "990104", ("housing", "general", "community")),
    (
        "industry",
        "区工业和信息化局",
        "authority",
        "990104",
        ("industry", "transport", "health", "labour", "finance", "tax", "utilities"),
    ),
    ("platform", "区政务数据中心", "office", "990104", ()),
)
SENT_BY = {"team-17": "区税务局", "team-21": "区市场监管局"}
PHONES = {"desk": "0999-8123-0000"}


def plant(office: Office, *, now: datetime) -> None:
    """Add the areas and the units."""
    for code, name, level, parent in AREAS:
        office.areas[code] = add_area(code=code, name=name, level=level, parent=office.areas.get(parent or ""))
    for code, name, kind, area, domains in UNITS:
        office.units[code] = add_unit(
            code=code,
            name=name,
            kind=kind,
            area=office.areas[area],
            domains=domains,
            phone=PHONES.get(code, ""),
            sent_by=SENT_BY.get(code, ""),
            actor=None,
            now=now,
        )
