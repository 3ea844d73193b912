"""The entries of the negotiation log as sentences; a round is drawn by a template of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from casework.cases.story import FOLDS, SHORT, TELLERS, Told
from casework.clocks.explain import dated
from casework.kernel.errors import N_, Reason, because
from casework.kernel.money import yuan
from casework.negotiations.words import (
    BASES,
    KINDS,
    METHODS,
    STANCES,
    WAYS,
    PositionKind,
    Promise,
    Purpose,
    Side,
    Stance,
)

Base = dict[str, Any]
Data = Mapping[str, Any]

LOGGED: Mapping[str, str] = {
    "visit": N_("visited %(name)s"),
    "call": N_("called %(name)s"),
    "meeting": N_("met %(name)s"),
    "message": N_("exchanged messages with %(name)s"),
}
FIXED: Mapping[str, str] = {
    "kind": N_("What it is"),
    "contact": N_("Contact person"),
    "phone": N_("Phone"),
    "above_id": N_("Rents from"),
}
SETTLED: Mapping[str, str] = {
    Promise.KEPT: N_("%(who)s kept the promise"),
    Promise.BROKEN: N_("%(who)s broke the promise"),
    Promise.RELEASED: N_("%(who)s was released from the promise"),
}
CONFIRMED: Mapping[str, str] = {
    "link": N_("%(name)s confirmed the agreement by link"),
    "paper": N_("%(name)s confirmed the agreement by signature"),
    "officer": N_("confirmed the agreement for the firms: %(name)s"),
}


def _sum(fen: Any) -> str:
    return yuan(int(fen or 0))


def _opened(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = (
        N_("joined the talks with %(name)s of case %(case)s")
        if data.get("with_case")
        else N_("began talks with %(name)s")
    )
    what = because(words, name=data.get("name", ""), case=data.get("with_case", ""))
    return Told(**base, what=what, icon="users", tag=(Reason(KINDS.get(data.get("party", ""), "")), "line"))


def _party_fixed(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    changes = tuple(
        (Reason(FIXED.get(name, name)), _said(name, pair[0]), _said(name, pair[1]))
        for name, pair in data.get("changes", {}).items()
    )
    return Told(**base, what=because(N_("corrected %(name)s"), name=data.get("name", "")), changes=changes)


def _said(name: str, value: Any) -> str:
    return str(Reason(KINDS.get(str(value), str(value)))) if name == "kind" else str(value or "")


def _round(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(LOGGED.get(data.get("way", ""), LOGGED["visit"]), name=data.get("name", ""))
    stance = data.get("stance", "")
    return Told(
        **base,
        what=what,
        icon="fix" if data.get("corrects") else {"call": "call", "message": "note"}.get(data.get("way", ""), "visit"),
        tone="round",
        tag=(Reason(STANCES.get(stance, "")), tone_of(stance)),
        part="negotiations/_round.html",
        facts=round_facts(data),
        anchor=f"r{data.get('round')}",
        files=tuple(data.get("files", [])),
    )


def tone_of(stance: str) -> str:
    """How a stance is tagged: agreement and conditions in the accent, the others in a line."""
    return "acc" if stance in (Stance.AGREES, Stance.CONDITIONAL) else "line"


def round_facts(data: Data) -> dict[str, Any]:
    """A round's payload as its template takes it: times read back, positions in words."""
    at, until = datetime.fromisoformat(data["at"]), data.get("until")
    return {
        **{
            name: data.get(name)
            for name in ("round", "place", "ours", "theirs", "objections", "said", "case", "corrects")
        },
        "way": Reason(WAYS.get(data.get("way", ""), "")),
        "at": at,
        "until": datetime.fromisoformat(until) if until else None,
        "next_step": data.get("next_step", ""),
        "next_on": date.fromisoformat(data["next_on"]) if data.get("next_on") else None,
        "positions": [position_facts(position) for position in data.get("positions", [])],
    }


SPOKEN: Mapping[tuple[str, str], str] = {
    (Side.US, PositionKind.ASK): N_("The firms ask"),
    (Side.THEM, PositionKind.OFFER): N_("The counterparty offers"),
    (Side.THEM, PositionKind.ASK): N_("The counterparty asks"),
    (Side.US, PositionKind.OFFER): N_("The firms offer"),
}


def position_facts(data: Data) -> dict[str, Any]:
    """An ask or offer in words: who says it, what it is worth, how it was put, its conditions, its last day."""
    worth = data.get("worth_fen")
    expires = data.get("expires_on")
    return {
        "who": Reason(SPOKEN.get((data.get("side", ""), data.get("kind", "")), "")),
        "kind": data.get("kind", ""),
        "worth_fen": worth,
        "terms": terms_of(data),
        "conditions": data.get("conditions", ""),
        "expires_on": date.fromisoformat(expires) if isinstance(expires, str) else expires,
        "deferred": data.get("method") == "defer",
    }


def terms_of(data: Data) -> Reason:
    """How a position was put: waive 2 months, reduce 50 % for 1.5 months, defer 100,000.00."""
    method = Reason(METHODS.get(data.get("method", ""), ""))
    months, percent = data.get("months_tenths"), data.get("percent_bp")
    if months is not None and percent is not None:
        return because(
            N_("%(method)s %(percent)s%% for %(months)s months"),
            method=method,
            percent=_plain(percent, 100),
            months=_plain(months, 10),
        )
    if months is not None:
        return because(N_("%(method)s, %(months)s months"), method=method, months=_plain(months, 10))
    return method


def _plain(value: int, unit: int) -> str:
    return f"{value / unit:g}"


def _promised(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    day = dated(date.fromisoformat(data["due_on"]))
    what = because(N_("%(who)s promised by %(day)s"), who=data.get("who", ""), day=day)
    details = ((Reason(N_("On condition")), str(data["condition"])),) if data.get("condition") else ()
    return Told(**_unsigned(base), what=what, quote=data.get("what", ""), details=details, icon="hand", tone="com")


def _unsigned(base: Base) -> Base:
    """The sentence names who acted; who entered it follows in the details of the audit, not before it."""
    return {**base, "who": ""}


def _proven(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(
        N_("entered proof for the promise of %(who)s: %(what)s"), who=data.get("who", ""), what=data.get("what", "")
    )
    return Told(
        **base, what=what, quote=data.get("proof", ""), files=tuple(data.get("files", [])), icon="hand", tone="com"
    )


def _promise_settled(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = SETTLED.get(data.get("state", ""), SETTLED[Promise.KEPT])
    details: tuple[tuple[Reason, Reason | str], ...] = ()
    if data.get("late_days"):
        details = ((Reason(N_("After its day")), because(N_("%(n)s days"), n=data["late_days"])),)
    quote = "\n".join(filter(None, (data.get("what", ""), data.get("reason", ""))))
    icon = "done" if data.get("state") == Promise.KEPT else "x"
    return Told(
        **_unsigned(base),
        what=because(words, who=data.get("who", "")),
        quote=quote,
        details=details,
        icon=icon,
        tone="com",
    )


def _agreed(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(
        N_("wrote down the agreement with %(name)s: %(method)s, %(total)s yuan"),
        name=data.get("name", ""),
        method=Reason(METHODS.get(data.get("method", ""), "")),
        total=_sum(data.get("total_fen")),
    )
    return Told(**base, what=what, quote=data.get("terms", ""), icon="money", tone="agree")


def _agreement_confirmed(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    how = data.get("how", "")
    words = CONFIRMED.get(how, CONFIRMED["officer"])
    mine = base if how == "officer" else _unsigned(base)
    return Told(**mine, what=because(words, name=data.get("name", "")), icon="ok", tone="agree")


def _agreement_ended(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("ended the agreement on %(total)s yuan"), total=_sum(data.get("total_fen")))
    return Told(**base, what=what, quote=data.get("reason", ""), icon="x")


def _allocated(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(
        N_("shared %(total)s yuan out to %(n)s firms, %(basis)s (version %(no)s)"),
        total=_sum(data.get("total_fen")),
        n=data.get("firms", 0),
        basis=Reason(BASES.get(data.get("basis", ""), "")),
        no=data.get("no", 1),
    )
    return Told(**base, what=what, quote=data.get("reason", ""), icon="money")


def _sent(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    if data.get("purpose") == Purpose.AGREEMENT:
        return Told(**base, what=Reason(N_("made the counterparty's link")), icon="move")
    return Told(**base, what=because(N_("made links for %(n)s firms"), n=data.get("count", 0)), icon="move")


def _received(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    words = N_("%(name)s confirmed by link that %(sum)s yuan arrived")
    if data.get("how") == "officer":
        words = N_("showed that %(sum)s yuan reached %(name)s")
    if data.get("corrects"):
        words = N_("corrected the receipt of %(name)s to %(sum)s yuan")
    mine = base if data.get("how") == "officer" else _unsigned(base)
    what = because(words, name=data.get("name", ""), sum=_sum(data.get("amount_fen")))
    return Told(
        **mine,
        what=what,
        quote=data.get("note", ""),
        files=tuple(data.get("files", [])),
        icon="money",
        fold="" if data.get("corrects") else "received",
        facts=data,
    )


def _all_received(told: Sequence[Told]) -> Reason:
    """Several receipts of a day in one sentence: who came first, how many, and their sum."""
    total = sum(int(item.facts.get("amount_fen", 0)) for item in told)
    name = told[-1].facts.get("name", "")
    return because(
        N_("%(name)s and others, %(n)s firms, received %(sum)s yuan"), name=name, n=len(told), sum=_sum(total)
    )


def _disputed(base: Base, data: Data, checklist: Mapping[str, str]) -> Told:
    what = because(N_("%(name)s says that the sum is not right"), name=data.get("name", ""))
    return Told(**_unsigned(base), what=what, quote=data.get("note", ""), icon="money")


def install() -> None:
    """Let the story of a case tell these entries, and the lists name the latest progress."""
    TELLERS.update(
        NegotiationOpened=_opened,
        CounterpartyCorrected=_party_fixed,
        RoundLogged=_round,
        CommitmentMade=_promised,
        CommitmentProven=_proven,
        CommitmentSettled=_promise_settled,
        AgreementMade=_agreed,
        AgreementConfirmed=_agreement_confirmed,
        AgreementEnded=_agreement_ended,
        AllocationMade=_allocated,
        LinksSent=_sent,
        ReceiptConfirmed=_received,
        ReceiptDisputed=_disputed,
    )
    FOLDS["received"] = _all_received
    SHORT.update(
        round=N_("Talks"),
        promise=N_("Promise"),
        agreement=N_("Agreement"),
        allocation=N_("Allocation"),
        receipt=N_("Receipt"),
    )
