"""What tests of supervision orders build on."""

from __future__ import annotations

import io
from datetime import datetime
from typing import Any

from casework.cases.models import Case
from casework.cases.workflow import State as CaseState
from casework.kernel.db import db
from casework.orders import rules, service
from casework.orders.models import SupervisionOrder
from tests.factories import NOW, Office, a_case


def _png() -> bytes:
    from PIL import Image

    stream = io.BytesIO()
    Image.new("RGB", (8, 8), "white").save(stream, "PNG")
    return stream.getvalue()


PNG = _png()


def a_draft(**changes: Any) -> rules.Draft:
    boring: dict[str, Any] = {
        "title": "口罩迟迟没有到货",
        "demands": "一、三日内供货到位。\n二、逐户回访。",
        "basis": "临指发〔2020〕7号",
        "days": 3,
    }
    return rules.Draft(**{**boring, **changes})


def in_progress(office: Office, count: int = 1, **changes: Any) -> list[Case]:
    return [a_case(office, CaseState.IN_PROGRESS, **changes) for _ in range(count)]


def an_order(
    office: Office, cases: list[Case] | None = None, *, by: str = "regulator", now: datetime = NOW, **changes: Any
) -> SupervisionOrder:
    """An order on cases of the first team, one where none are given."""
    cases = in_progress(office) if cases is None else cases
    made = service.issue_for_cases([case.id for case in cases], a_draft(**changes), actor=office.actor(by), now=now)
    db.session.commit()
    return made[0]


def act(
    office: Office, order: SupervisionOrder, name: str, by: str = "", *, now: datetime = NOW, **answer: Any
) -> None:
    """An act with a good answer, by whoever may take it."""
    who = by or ("lead" if name in ("receive", "report") else "regulator")
    texts = {"text": "三家都已送到，照片附后。"} if name != "receive" else {}
    days = {"days": 2} if name == "return" else {}
    given = rules.Answer(**{**texts, **days, **answer})
    service.act(order, name, given, actor=office.actor(who), now=now)
    db.session.commit()
