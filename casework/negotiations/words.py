"""The closed sets of a negotiation and their words on the screen (免 减 缓 抵)."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from casework.kernel.errors import N_


class Way(StrEnum):
    """How a round took place."""

    VISIT = "visit"
    CALL = "call"
    MEETING = "meeting"
    MESSAGE = "message"


class Stance(StrEnum):
    """Where the other side stood at the end of a round."""

    REFUSES = "refuses"
    HESITATES = "hesitates"
    CONDITIONAL = "conditional"
    AGREES = "agrees"


class Side(StrEnum):
    """Who speaks: we, for the firms, or the counterparty."""

    US = "us"
    THEM = "them"


class PositionKind(StrEnum):
    """What a position is: something asked for, or something offered."""

    ASK = "ask"
    OFFER = "offer"


class Method(StrEnum):
    """How the rent is eased. A deferral is owed all the same: it counts for nothing on the ladder."""

    WAIVE = "waive"
    REDUCE = "reduce"
    DEFER = "defer"
    OFFSET = "offset"
    OTHER = "other"


class CounterpartyKind(StrEnum):
    """What the other side is in the chain owner ▸ sub-lessor ▸ tenant, or beside it."""

    OWNER = "owner"
    SUB_LESSOR = "sub_lessor"
    AGENT = "agent"
    BANK = "bank"
    SUPPLIER = "supplier"
    OTHER = "other"


class Debtor(StrEnum):
    """Who owes what was promised."""

    THEM = "them"
    US = "us"
    FIRMS = "firms"


class Promise(StrEnum):
    """Where a commitment stands. Only ``kept``, ``broken`` and ``released`` end it."""

    OPEN = "open"
    PROVEN = "proven"
    KEPT = "kept"
    BROKEN = "broken"
    RELEASED = "released"


class Standing(StrEnum):
    """Where an agreement stands: confirmed once both sides have said so."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    ENDED = "ended"


class Basis(StrEnum):
    """What an agreed sum is shared by."""

    RENT = "rent"
    AREA = "area"
    EQUAL = "equal"
    HAND = "hand"


class ReceiptKind(StrEnum):
    """What a firm said of its share: that it arrived, or that the sum is not right."""

    RECEIVED = "received"
    DISPUTED = "disputed"


class Purpose(StrEnum):
    """What a one-time link is good for."""

    AGREEMENT = "agreement"
    RECEIPT = "receipt"


WAYS: Mapping[str, str] = {
    Way.VISIT: N_("Visit"),
    Way.CALL: N_("Call"),
    Way.MEETING: N_("Meeting"),
    Way.MESSAGE: N_("Message"),
}
STANCES: Mapping[str, str] = {
    Stance.REFUSES: N_("Refuses"),
    Stance.HESITATES: N_("Hesitates"),
    Stance.CONDITIONAL: N_("On conditions"),
    Stance.AGREES: N_("Agrees"),
}
METHODS: Mapping[str, str] = {
    Method.WAIVE: N_("Waive"),
    Method.REDUCE: N_("Reduce"),
    Method.DEFER: N_("Defer"),
    Method.OFFSET: N_("Offset"),
    Method.OTHER: N_("Other relief"),
}
KINDS: Mapping[str, str] = {
    CounterpartyKind.OWNER: N_("Owner"),
    CounterpartyKind.SUB_LESSOR: N_("Sub-lessor"),
    CounterpartyKind.AGENT: N_("Managing agent"),
    CounterpartyKind.BANK: N_("Bank"),
    CounterpartyKind.SUPPLIER: N_("Supplier"),
    CounterpartyKind.OTHER: N_("Other side"),
}
DEBTORS: Mapping[str, str] = {
    Debtor.THEM: N_("The counterparty"),
    Debtor.US: N_("Our side"),
    Debtor.FIRMS: N_("The firms"),
}
PROMISES: Mapping[str, str] = {
    Promise.OPEN: N_("Open"),
    Promise.PROVEN: N_("Proof to be checked"),
    Promise.KEPT: N_("Kept"),
    Promise.BROKEN: N_("Broken"),
    Promise.RELEASED: N_("Released"),
}
STANDINGS: Mapping[str, str] = {
    Standing.PROPOSED: N_("Waits for confirmation"),
    Standing.CONFIRMED: N_("Confirmed by both sides"),
    Standing.ENDED: N_("Ended"),
}
BASES: Mapping[str, str] = {
    Basis.RENT: N_("By monthly rent"),
    Basis.AREA: N_("By floor area"),
    Basis.EQUAL: N_("Equally"),
    Basis.HAND: N_("By hand"),
}
UNSETTLED = (Promise.OPEN, Promise.PROVEN)
