"""Every fact of a negotiation is told in Chinese and in English, with its names and sums, and the chain stays whole."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from flask import Flask

from casework.audit.queries import timeline, verify
from casework.cases import story
from casework.cases.story import SHORT, TELLERS
from casework.kernel.db import db
from casework.kernel.errors import Reason
from casework.kernel.i18n import COOKIE
from casework.kernel.time import local_day
from casework.negotiations import agreements, events, links, promises, receipts, talks
from casework.negotiations.models import Counterparty
from casework.negotiations.talks import PartyDraft
from casework.negotiations.words import Basis, CounterpartyKind, Method, Promise, Side
from tests.factories import NOW, Office
from tests.negotiations.deal import KEY, Deal, a_deal, a_position, a_promise_draft, a_round, agreed, shared_out

FACTS = {
    name
    for name, value in vars(events).items()
    if isinstance(value, type) and value.__module__ == events.__name__ and "kind" in vars(value)
}
SAID = {
    "en": {
        "NegotiationOpened": "began talks with 南贤商业管理有限公司",
        "CounterpartyCorrected": "corrected 南贤商业管理有限公司",
        "RoundLogged": "visited 南贤商业管理有限公司",
        "CommitmentSettled": "罗启元 kept the promise",
        "AgreementEnded": "ended the agreement on 1,000.01 yuan",
        "ReceiptDisputed": "云裳女装 says that the sum is not right",
        "ReceiptConfirmed": "showed that 500.00 yuan reached 云裳女装",
    },
    "zh": {
        "NegotiationOpened": "南贤商业管理有限公司",
        "RoundLogged": "南贤商业管理有限公司",
        "CommitmentSettled": "罗启元",
        "AgreementEnded": "1,000.01",
        "ReceiptDisputed": "云裳女装",
        "ReceiptConfirmed": "500.00",
    },
}
"""What some of them say word for word; the Chinese is checked by its names and sums, as officers change its words."""


@pytest.fixture
def told_deal(office: Office) -> Deal:
    """A negotiation in which everything that can happen has happened."""
    deal = a_deal(office)
    case, actor = deal.case, office.actor("officer")
    party = db.session.get_one(Counterparty, deal.negotiation.counterparty_id)
    draft = PartyDraft(name=party.name, kind=CounterpartyKind.AGENT, contact="罗先生")
    talks.correct_party(case, party, draft, actor=actor, now=NOW)
    a_round(deal, positions=[a_position(fen=None, months_tenths=15, percent_bp=5_000),
                             a_position(Side.THEM, fen=1_000, method=Method.DEFER)])  # fmt: skip
    made = promises.promise(case, a_promise_draft(), actor=actor, now=NOW, negotiation=deal.negotiation)
    promises.prove(case, made, "看过复印件", actor=actor, now=NOW)
    promises.settle(case, made, Promise.KEPT, "", actor=actor, now=NOW)
    agreed(deal, confirmed=False)
    agreements.end(case, deal.terms(), "业主反悔", actor=actor, now=NOW)
    shared_out(agreed(deal))
    links.send_to_firms(case, deal.terms(), deal.firms(), key=KEY, actor=actor, now=NOW)
    receipts.dispute(deal.terms(), deal.firms()[0], "少了 200 元", now=NOW)
    receipts.confirm_by_officer(
        case, deal.terms(), deal.firms()[0], 50_000, local_day(NOW), "看过租金单", actor=actor, now=NOW
    )
    db.session.commit()
    return deal


def reader(language: str) -> dict[str, str]:
    """Somebody who has chosen this language."""
    return {"Cookie": f"{COOKIE}={language}"}


def words(item: story.Told) -> Iterator[str]:
    """All that an entry says in words of the product."""
    yield str(item.what)
    for label, value in item.details:
        yield str(label)
        if isinstance(value, Reason):
            yield str(value)
    yield from (str(label) for label, *_ in item.changes)
    if item.tag:
        yield str(item.tag[0])
    for position in item.facts.get("positions", []):
        if isinstance(position, dict) and "who" in position:
            yield from (str(position["who"]), str(position["terms"]))


@pytest.mark.parametrize("locale", ["en", "zh"])
def test_each_fact_is_told_with_its_names_and_sums(app: Flask, told_deal: Deal, locale: str) -> None:
    entries = [entry for entry in timeline(told_deal.case.id) if entry.verb in FACTS]
    assert {entry.verb for entry in entries} == FACTS
    with app.test_request_context("/", headers=reader(locale)):
        told = story.tell(entries, {})
        for item in told:
            spoken = list(words(item))
            assert all(spoken), item.verb
            assert not [text for text in spoken if "%(" in text]
            if locale == "zh":
                english = [text for text in spoken if re.search(r"[A-Za-z]{3,}", text)]
                assert english == [], item.verb
        sentences = {item.verb: str(item.what) for item in reversed(told)}
    for verb, part in SAID[locale].items():
        assert part in sentences[verb]


def test_the_chain_stands_after_all_of_it(told_deal: Deal) -> None:
    assert verify(told_deal.case.id).ok
    assert verify().ok


def test_no_fact_is_without_its_teller_and_no_progress_without_its_word() -> None:
    assert set(TELLERS) >= FACTS
    assert {"round", "promise", "agreement", "allocation", "receipt"} <= set(SHORT)


@pytest.mark.parametrize(
    ("end", "said"),
    [(Promise.KEPT, "kept"), (Promise.BROKEN, "broke"), (Promise.RELEASED, "was released from")],
)
def test_a_promise_is_told_as_it_ended(app: Flask, office: Office, end: Promise, said: str) -> None:
    deal = a_deal(office)
    actor = office.actor("officer")
    made = promises.promise(deal.case, a_promise_draft(), actor=actor, now=NOW, negotiation=deal.negotiation)
    promises.prove(deal.case, made, "看过", actor=actor, now=NOW)
    promises.settle(deal.case, made, end, "说明", actor=actor, now=NOW)
    with app.test_request_context("/", headers=reader("en")):
        (item, *_) = story.tell(timeline(deal.case.id), {})
        assert str(item.what) == f"罗启元 {said} the promise"


def test_a_new_version_says_why_and_by_what(app: Flask, office: Office) -> None:
    deal = shared_out(a_deal(office))
    actor = office.actor("officer")
    agreements.allocate(deal.case, deal.terms(), Basis.EQUAL, actor=actor, now=NOW, after=1, reason="商户商定平均分")
    with app.test_request_context("/", headers=reader("en")):
        (item, *_) = story.tell(timeline(deal.case.id), {})
        assert str(item.what) == "shared 1,000.01 yuan out to 3 firms, Equally (version 2)"
        assert item.quote == "商户商定平均分"
