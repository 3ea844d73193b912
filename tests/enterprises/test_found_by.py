"""A firm is found by what people type: the name, what stands after the city, pinyin and initials."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import sqlalchemy as sa
from flask.testing import FlaskClient

from casework.enterprises import queries, service
from casework.enterprises.models import FOUND_BY, Enterprise
from casework.enterprises.rules import brand, found_by
from casework.kernel.db import db
from tests.factories import NOW, Office, a_firm, signed_in


def named(office: Office, name: str) -> Enterprise:
    return a_firm(office, name=name)


@pytest.mark.parametrize(
    ("name", "bare"),
    [
        ("江城市老盐张面馆", "老盐张面馆"),
        ("江城老盐张面馆", "老盐张面馆"),
        ("湖北省江城市临江区老盐张", "老盐张"),
        ("江城市临江区", "临江区"),
        ("家家乐超市", ""),
        ("南湖小区便利店", ""),
        ("老盐张面馆", ""),
    ],
)
def test_the_brand_is_what_stands_after_the_places(name: str, bare: str) -> None:
    assert brand(name, ["江城市", "江城", "临江区", "临江"]) == bare


@pytest.mark.parametrize(
    "typed", ["江城市老", "老盐张", "lyz", "LYZ", "laoyanzhang", "lao yan", "jcslyz", "jiangchengshilao", "老 盐"]
)
def test_a_firm_is_found_by_the_beginning_of_its_name_or_brand_in_characters_or_letters(
    office: Office, typed: str
) -> None:
    firm = named(office, "江城市老盐张面馆")
    named(office, "江城市阿芝热干面馆")
    assert queries.beginning_with(typed, most=6) == [firm.id]


@pytest.mark.parametrize("typed", ["盐张", "yz", "l", "", "zzz", "\x00", "%"])
def test_the_middle_of_a_brand_and_a_single_letter_find_nothing(office: Office, typed: str) -> None:
    named(office, "江城市老盐张面馆")
    assert queries.beginning_with(typed, most=6) == []


def test_a_corrected_name_is_found_by_its_new_letters_and_no_longer_by_the_old(office: Office) -> None:
    firm = named(office, "江城市老盐张面馆")
    draft = service.Draft(name="江城市单伟面馆", area=office.areas["8801001001"])
    service.edit_enterprise(firm, draft, actor=office.actor("desk"), now=NOW)
    db.session.flush()
    assert queries.beginning_with("swmg", most=6) == [firm.id]
    assert queries.beginning_with("lyz", most=6) == []


def test_one_statement_finds_them_and_reads_no_more_than_it_shows(
    office: Office, query_count: Callable[[], Any]
) -> None:
    for number in range(12):
        named(office, f"江城市老盐张{number}店")
    with query_count() as sent:
        assert len(queries.beginning_with("lyz", most=6)) == 6
    assert len(sent) == 1


def test_each_way_of_finding_has_its_index(office: Office, database_kind: str) -> None:
    if database_kind != "sqlite":
        db.session.execute(sa.text("SET LOCAL enable_seqscan = off"))
    for column in FOUND_BY:
        explain = "EXPLAIN QUERY PLAN" if database_kind == "sqlite" else "EXPLAIN"
        query = (
            f"{explain} SELECT id FROM enterprises WHERE {column} >= 'ly' AND {column} < 'lz' ORDER BY {column} LIMIT 6"
        )
        plan = " ".join(str(row) for row in db.session.execute(sa.text(query)))
        assert f"ix_enterprises_{column}" in plan
        assert "SORT" not in plan.upper()


def test_the_list_of_enterprises_takes_pinyin_within_what_one_may_see(office: Office, client: FlaskClient) -> None:
    firm = named(office, "江城市老盐张面馆")
    assert firm.name in signed_in(client, office.people["desk"]).get("/enterprises?q=lyz").text
    elsewhere = signed_in(client.application.test_client(), office.people["desk_b"])
    assert firm.name not in elsewhere.get("/enterprises?q=lyz").text


def test_an_import_gives_its_firms_the_same_keys(office: Office) -> None:
    firm = named(office, "江城市老盐张面馆")
    keys = found_by(firm.name_key, ["江城市"])
    assert {name: getattr(firm, name) for name in FOUND_BY} == keys
    assert keys["brand_initials"] == "lyzmg"
