"""Numbers without gaps: each series counts for itself, several at once, and what is rolled back is given again."""

from __future__ import annotations

import pytest

from casework.cases.models import CaseCounter
from casework.kernel.db import transaction
from casework.kernel.errors import Refused
from casework.kernel.numbers import next_number
from tests.factories import Office


def given(year: int, *, district_id: int, count: int = 1) -> int:
    with transaction():
        return next_number(CaseCounter, count=count, district_id=district_id, year=year)


def test_each_series_begins_with_one_and_counts_on_for_itself_also_by_several(office: Office) -> None:
    here = office.areas["8801"].id
    assert [given(2026, district_id=here) for _ in range(2)] == [1, 2]
    assert given(2027, district_id=here) == 1
    assert [given(2026, district_id=here, count=5), given(2026, district_id=here)] == [3, 8]


def test_the_number_of_what_came_to_nothing_is_given_to_the_next(office: Office) -> None:
    here = office.areas["8801"].id
    with pytest.raises(Refused), transaction():
        assert next_number(CaseCounter, district_id=here, year=2026) == 1
        raise Refused([])
    assert given(2026, district_id=here) == 1
