"""The enterprises of the demo, and the tenants who report together."""

from __future__ import annotations

from datetime import datetime

from casework.demo.office import Office
from casework.enterprises import service as enterprises

# Name, area, address, and the person in charge with a telephone.
FIRMS = (
    ("阿芝热干面馆", "990104001001", "南贤广场 1 层 12 号", "何秀芝", "13900002206"),
    ("临江冷鲜食品有限公司", "990104002001", "柳堤物流园 3 号库", "秦远", "13900003317"),
    ("锦川包装制品厂", "990104001002", "桥东路 88 号", "田青", "13900004428"),
    ("汉木家具有限公司", "990104002002", "荷塘工业园 5 栋", "胡松", "13900005539"),
    ("恒通数码维修店", "990104001001", "南贤广场 B1 层 7 号", "赖小军", "13900006640"),
    ("拾光文化传播有限公司", "990104001002", "桥东写字楼 902", "苏晚", "13900007751"),
    ("顺达快递服务部", "990104002001", "柳堤物流园 1 号库", "冯力", "13900008862"),
    ("青苗托管中心", "990104001001", "南贤里 6 栋 1 层", "姚禾", "13900009973"),
)
# Name, rent a month in fen, floor in square metres.
TENANTS = (
    ("阿芝热干面", 880000, 42),
    ("周记牛骨粉", 562000, 30),
    ("拾光书屋", 1010000, 66),
    ("巧姐裁缝", 374000, 18),
    ("老郑修鞋", 458000, 12),
    ("佳佳文具", 678000, 35),
    ("鲜果时光", 728000, 40),
    ("童趣玩具", 394000, 22),
)


def plant(office: Office, *, now: datetime) -> None:
    """Add the enterprises, each with a contact and the liaison officers of its street."""
    actor = office.actors["district"]
    for name, area, address, person, phone in FIRMS:
        draft = enterprises.Draft(name=name, area=office.areas[area], address=address)
        firm = enterprises.add_enterprise(draft, actor=actor, now=now)
        enterprises.save_contact(firm, None, name=person, duty="负责人", phone=phone, actor=actor, now=now)
        officer, deputy = ("officer", "officer2") if area.startswith("990104001") else ("officer3", None)
        enterprises.assign_liaison(
            firm,
            officer_id=office.actors[officer].user_id,
            deputy_id=office.actors[deputy].user_id if deputy else None,
            actor=actor,
            now=now,
        )
        office.firms[name] = firm.id
