"""The words of a deadline, in both languages, read as an officer reads them."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from babel.messages.pofile import read_po

from casework.clocks.calendar import ALWAYS, Calendar, Day
from casework.clocks.explain import explanation, remaining_text
from casework.clocks.kinds import CalendarKind, DayKind
from casework.clocks.rules import Facts, standing
from casework.config import ROOT
from casework.kernel.errors import Reason
from casework.kernel.time import SHANGHAI

SPRING = {
    date(2020, 1, 19): Day(DayKind.WORKDAY, "春节"),
    **{date(2020, 1, day): Day(DayKind.HOLIDAY, "春节") for day in range(24, 31)},
    date(2020, 1, 31): Day(DayKind.HOLIDAY, "春节延长假期"),
    date(2020, 2, 1): Day(DayKind.HOLIDAY, "春节延长假期"),
    date(2020, 2, 2): Day(DayKind.HOLIDAY, "春节延长假期"),
}
OFFICE = Calendar(CalendarKind.WORKING, {day: fact.kind for day, fact in SPRING.items()})

with (ROOT / "casework/translations/zh/clocks.po").open("rb") as stream:
    CHINESE = {message.id: message.string for message in read_po(stream)}


def at(text: str) -> datetime:
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=SHANGHAI)


def in_english(said: object) -> str:
    return said.text % {k: in_english(v) for k, v in said.values.items()} if isinstance(said, Reason) else str(said)


def in_chinese(said: object) -> str:
    if not isinstance(said, Reason):
        return str(said)
    return str(CHINESE.get(said.text, said.text)) % {k: in_chinese(v) for k, v in said.values.items()}


def test_a_friday_evening_before_the_spring_festival_is_worked_out_on_paper() -> None:
    facts = Facts(
        started_at=at("2020-01-17 17:50"),
        limit_minutes=5 * 420,
        extension_minutes=420,
        pauses=((at("2020-01-20 10:00"), at("2020-01-20 15:40"), "待补正"),),
    )
    said = explanation(facts, OFFICE, SPRING, now=at("2020-01-21 09:00"))
    assert [in_chinese(sentence) for sentence in said] == [
        "自 2020年1月17日 周五 17:50 起计时。",
        "按工作时间计时：工作日 09:00–12:00, 14:00–18:00。",
        "时限 5 个工作日。",
        "1月24日 周五 至 1月30日 周四 不计：春节放假。",
        "1月31日 周五 至 2月2日 周日 不计：春节延长假期放假。",
        "1月19日 周日 计入：春节调休上班。",
        "1月20日 周一 10:00 至 1月20日 周一 15:40 暂停（待补正），顺延 3 小时 40 分钟。",
        "批准延期 1 个工作日。",
        "到期时间：2020年2月4日 周二 14:30。",
    ]
    assert in_english(said[-1]) == "So it is due Tue 4 Feb 2020 14:30."
    assert in_english(said[5]) == "Sun 19 Jan counts: it is worked to make up for the holiday (Spring Festival)."


def test_a_start_outside_working_hours_is_said() -> None:
    said = explanation(
        Facts(started_at=at("2020-03-14 10:00"), limit_minutes=60), OFFICE, {}, now=at("2020-03-14 10:00")
    )
    assert in_chinese(said[0]) == "开始于非工作时间（2020年3月14日 周六 10:00），自 3月16日 周一 09:00 起计时。"


def test_an_open_pause_leaves_no_due_time() -> None:
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60, pauses=((at("2020-03-16 09:30"), None, ""),))
    said = [in_chinese(sentence) for sentence in explanation(facts, OFFICE, {}, now=at("2020-03-20 09:00"))]
    assert said[-1] == "3月16日 周一 09:30 起暂停（未写原因），恢复后再定到期时间。"


def test_an_estimated_year_is_said_to_be_one() -> None:
    days = {date(2027, 5, 3): Day(DayKind.HOLIDAY, "劳动节", official=False)}
    facts = Facts(started_at=at("2027-04-30 09:00"), limit_minutes=840)
    said = [in_chinese(each) for each in explanation(facts, OFFICE, days, now=at("2027-04-30 09:00"))]
    assert "2027 年放假安排为推算，以国务院通知为准。" in said


def test_a_holiday_that_does_not_lie_in_the_span_is_not_mentioned() -> None:
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60)
    assert len(explanation(facts, OFFICE, SPRING, now=at("2020-03-16 09:00"))) == 4


@pytest.mark.parametrize(
    ("limit", "now", "chinese", "english"),
    [
        (1260, "2020-03-16 10:00", "剩 2 个工作日", "2 working days left"),
        (840, "2020-03-16 10:00", "剩 1 个工作日", "1 working day left"),
        (420, "2020-03-16 15:00", "剩 3 小时", "3 h left"),
        (180, "2020-03-16 11:12", "剩 48 分钟", "48 min left"),
        (420, "2020-03-16 18:00", "剩 1 分钟", "1 min left"),
        (420, "2020-03-16 19:00", "已超期", "overdue"),
        (420, "2020-03-17 12:00", "超 3 小时", "3 h over"),
        (420, "2020-03-18 18:00", "超 2 个工作日", "2 working days over"),
    ],
)
def test_the_words_of_a_chip(limit: int, now: str, chinese: str, english: str) -> None:
    said = remaining_text(standing(Facts(started_at=at("2020-03-16 09:00"), limit_minutes=limit), OFFICE, at(now)))
    assert (in_chinese(said), in_english(said)) == (chinese, english)


def test_calendar_days_are_not_called_working_days() -> None:
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=3 * 1440)
    assert in_chinese(remaining_text(standing(facts, ALWAYS, at("2020-03-16 10:00")))) == "剩 2 天"


@pytest.mark.parametrize(
    ("ended", "chinese"),
    [
        ({"met": True}, "按时"),
        ({"met": False}, "超 1 小时"),
        ({"cancelled": True}, "不再计时"),
    ],
)
def test_the_words_of_a_clock_that_stopped(ended: dict[str, bool], chinese: str) -> None:
    done = at("2020-03-16 11:00") if ended.get("met") is False else at("2020-03-16 09:30")
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60, done_at=done, **ended)
    assert in_chinese(remaining_text(standing(facts, OFFICE, at("2020-04-01 09:00")))) == chinese


def test_a_paused_clock_says_so() -> None:
    facts = Facts(started_at=at("2020-03-16 09:00"), limit_minutes=60, pauses=((at("2020-03-16 09:30"), None, "x"),))
    assert in_chinese(remaining_text(standing(facts, OFFICE, at("2020-03-17 09:30")))) == "已暂停"
