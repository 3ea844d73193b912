"""What is measured: one function a task, each a whole request as an officer's browser sends it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa

from benchmarks.client import Answer, Person, key

Task = Callable[[Person], Answer]
WORD = "口罩"


class Office:
    """Numbers of cases that the desk's tasks are done on, each taken once; from the seeded database."""

    def __init__(self, engine: sa.Engine) -> None:
        with engine.connect() as connection:
            self.type_id = self._one(connection, "SELECT id FROM case_types WHERE code = 'supplies'")
            self.area_id = self._one(connection, "SELECT id FROM areas WHERE code = '990104001001'")
            self._five = itertools.cycle(self._numbers(connection, "in_progress"))
            fresh = self._numbers(connection, "submitted")
        self._fresh = iter(fresh)
        self.fresh_count = len(fresh)

    @staticmethod
    def _one(connection: sa.Connection, query: str) -> int:
        return int(connection.execute(sa.text(query)).scalar_one())

    @staticmethod
    def _numbers(connection: sa.Connection, state: str) -> list[tuple[str, int]]:
        rows = connection.execute(
            sa.text(
                "SELECT number, cases.version FROM cases JOIN chain_heads ON chain = 'case:' || cases.id"
                " WHERE number LIKE '990104-%' AND state = :state AND seq = 5 ORDER BY cases.id DESC LIMIT 3000"
            ),
            {"state": state},
        )
        return [(row[0], row[1]) for row in rows]

    def tasks(self) -> dict[str, Task]:
        """The tasks by their names, in the order of the table."""
        return {
            "list of 50 rows, filtered": self.listed,
            "case page with 5 entries": self.shown,
            f"text filter, {WORD}": self.searched,
            "add an entry": self.noted,
            "take an action": self.accepted,
            "create": self.created,
        }

    def listed(self, person: Person) -> Answer:
        return _must(person.get(f"/cases?state=in_progress&type={self.type_id}"), 200)

    def shown(self, person: Person) -> Answer:
        return _must(person.get(f"/cases/{next(self._five)[0]}"), 200)

    def searched(self, person: Person) -> Answer:
        return _must(person.get(f"/cases?scope=all&q={quote(WORD)}"), 200)

    def noted(self, person: Person) -> Answer:
        # The same cases get them all: notes lengthen the page, so this task comes after the page's.
        number, _ = next(self._five)
        fields = {"text": "已电话联系企业，口罩明天送到", "op": key()}
        return _must(person.post(f"/cases/{number}/notes", fields), 303)

    def accepted(self, person: Person) -> Answer:
        number, version = next(self._fresh)
        return _must(person.post(f"/cases/{number}/actions/accept", {"version": str(version), "note": ""}), 303)

    def created(self, person: Person) -> Answer:
        fields: dict[str, Any] = {
            "title": "口罩不够，复工备案卡住", "text": "餐饮店二十人，口罩只够用两天，社区要求每人每天两只才给备案。",
            "type_id": self.type_id, "area_id": self.area_id, "source": "phone", "requester": "江城市佳和餐饮店",
            "contact_name": "王经理", "contact_phone": "13800000000", "op": key(),
            "seen": "1",  # each time the same matter: the question whether it is one has been answered
        }  # fmt: skip
        return _must(person.post("/cases/new", fields), 303)


def _must(answer: Answer, status: int) -> Answer:
    assert answer.status == status, f"{answer.status}: {answer.body[-2000:].decode(errors='replace')}"
    return answer
