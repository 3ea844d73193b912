"""A common issue of the demo, and three cases that look like another one."""

from __future__ import annotations

from datetime import datetime, timedelta

from casework.commons import moving, rules, service
from casework.demo.office import Office
from casework.demo.open_cases import ACCEPT, ACKNOWLEDGE, TO_17
from casework.demo.plans import HOUR, Plan, carry_out
from casework.kernel.db import transaction

_GATE = "区里发的通行证小区门岗不认，送货的人和车都进不去，货压在门口。"
_MASKS = "订的口罩供货商说停发了，没有口罩员工不能上岗，想请专班帮忙找货源。"
TOGETHER = (
    Plan("小区门岗不认通行证", f"{_GATE}外卖一单也送不了。", "pass", "阿芝热干面馆", "990104001001",
         timedelta(days=1, hours=6), [ACCEPT, TO_17, ACKNOWLEDGE]),
    Plan("通行证进不了小区", f"{_GATE}快件已经积了两天。", "pass", "顺达快递服务部", "990104001002",
         timedelta(days=1, hours=2), [ACCEPT, TO_17]),
    Plan("上门维修被门岗拦下", f"{_GATE}三户报修都没能上门。", "pass", "恒通数码维修店", "990104001001",
         timedelta(hours=20), [ACCEPT, TO_17]),
)  # fmt: skip
ALIKE = (
    Plan("口罩没有到货", f"{_MASKS}一天要三十只。", "supplies", "青苗托管中心", "990104001001",
         timedelta(hours=9), [ACCEPT]),
    Plan("买不到口罩", f"{_MASKS}车间四十个人等着开工。", "supplies", "锦川包装制品厂", "990104001002",
         timedelta(hours=8), [ACCEPT]),
    Plan("口罩断供", f"{_MASKS}仓库分拣两班都停着。", "supplies", "汉木家具有限公司", "990104002002",
         timedelta(hours=7)),
)  # fmt: skip


def plant(office: Office, *, now: datetime) -> None:
    """Three cases that one obstacle holds up, put together by the desk, with a word to all requesters."""
    ids = [carry_out(plan, office, now=now) for plan in TOGETHER]
    for plan in ALIKE:
        carry_out(plan, office, now=now)
    desk, at = office.actors["desk"], now - timedelta(minutes=3 * HOUR)
    with transaction():
        draft = service.Draft(
            title="小区门岗不认区里发的通行证",
            text="三个小区的门岗只认街道的证。正与街道、物业统一口径。",
            leader=f"{office.units['team-17'].id}-{office.actors['officer'].user_id}",
        )
        issue = service.open_issue(draft=draft, case_ids=ids, why="都卡在门岗，一个口径就能办", actor=desk, now=at)
        answer = {"text": "几个小区的门岗我们一起协调，明天中午前给您答复。"}
        move = moving.ask(issue, rules.TELL, answer, ids, actor=desk, now=at + timedelta(minutes=20)).id
    moving.carry_on(move, now=at + timedelta(minutes=20))
