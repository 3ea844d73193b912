"""The on-time rate of replies by the rule of so many working days, worked out apart from the product.

`python -m benchmarks.replies FILE [--days 15]`, where FILE has the columns 留言时间 and 答复时间. No code of the product
is used: days off come from the package `holidays`, and time is counted minute by minute along the office hours
9–12 and 14–18 of each day, which is slow and plain. Compare with the figure “resolved in time” of the same file, taken
in by `casework import log` with docs/maps/replied-messages.json.
"""

from __future__ import annotations

import argparse
import csv
from datetime import date, datetime, timedelta

from holidays import country_holidays

SPANS = ((9 * 60, 12 * 60), (14 * 60, 18 * 60))
DAY = sum(b - a for a, b in SPANS)
ONE = timedelta(days=1)


def works(day: date, known: dict[int, tuple[set[date], set[date]]]) -> bool:
    """Whether a day is worked: a weekday that is no day off, or a weekend day that is made up for."""
    if day.year not in known:
        china = country_holidays("CN", years=[day.year, day.year + 1])
        known[day.year] = ({one for one in china if one.year == day.year}, set(china.weekend_workdays))
    off, made_up = known[day.year]
    return day in made_up or (day.weekday() < 5 and day not in off)


def due(start: datetime, days: int, known: dict[int, tuple[set[date], set[date]]]) -> datetime:
    """When so many days of office minutes are used up."""
    left, day = days * DAY, start.date()
    begin = start - datetime.combine(day, datetime.min.time())
    seconds_in = begin.total_seconds() / 60
    while True:
        if works(day, known):
            for a, b in SPANS:
                a = max(a, seconds_in)
                if a >= b:
                    continue
                if left <= b - a:
                    return datetime.combine(day, datetime.min.time()) + timedelta(minutes=a + left)
                left -= b - a
        day, seconds_in = day + ONE, 0


def moment(text: str) -> datetime:
    """A time as the file writes it."""
    for form in ("%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y/%m/%d", "%Y-%m-%d %H:%M:%S"):
        try:
            return datetime.strptime(text.strip(), form)
        except ValueError:
            continue
    raise ValueError(text)


def main() -> None:
    """Print how many replies were in time."""
    parser = argparse.ArgumentParser()
    parser.add_argument("file")
    parser.add_argument("--days", type=int, default=15)
    chosen = parser.parse_args()
    known: dict[int, tuple[set[date], set[date]]] = {}
    with open(chosen.file, encoding="utf-8-sig", newline="") as file:
        rows = [(moment(row["留言时间"]), moment(row["答复时间"])) for row in csv.DictReader(file)]
    in_time = sum(replied <= due(asked, chosen.days, known) for asked, replied in rows)
    print(f"{in_time} of {len(rows)} in time by {chosen.days} working days: {100 * in_time / len(rows):.2f} %")


if __name__ == "__main__":
    main()
