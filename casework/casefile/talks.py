"""The chapter of the negotiation: each talk with its ladder and rounds, promises, agreements, shares and receipts."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from casework.casefile import blocks, ladder_svg
from casework.casefile.blocks import Block
from casework.casefile.words import day, moment
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel.i18n import translate as _
from casework.kernel.money import yuan
from casework.kernel.permissions import Actor
from casework.negotiations import ledger, presenting, queries
from casework.negotiations.models import Position
from casework.negotiations.panels import terms
from casework.negotiations.presenting import AgreementView, PromiseView, TalksView
from casework.negotiations.queries import RoundRow
from casework.negotiations.story import SPOKEN
from casework.negotiations.words import BASES, METHODS, PROMISES, STANCES, STANDINGS, WAYS
from casework.roster.queries import names as names_of


def negotiation(case: Case, actor: Actor, now: datetime) -> list[Block]:
    """All of it, whatever its length, as a file is."""
    agreements = presenting.agreement_views(case) if case.negotiated else []
    found: list[Block] = []
    for view in presenting.talks_views(case, agreements, now=now) if case.negotiated else []:
        found += _talks(view)
    found += _promises(presenting.promise_views(case, actor, now=now) if case.negotiated else [])
    for agreed in reversed(agreements):
        found += _agreement(agreed)
    return found + _firms(case, agreements)


def _talks(view: TalksView) -> list[Block]:
    chain = " ▸ ".join([*(party.name for party in view.chain), _("tenants")])
    found = [blocks.heading(_("Talks with %(name)s") % {"name": view.party.name}, chain)]
    if svg := ladder_svg.draw(view.ladder):
        found.append(blocks.drawing(svg))
    rounds = queries.rounds_of(view.negotiation.id)
    names = names_of({row.round.by_id for row in rounds})
    if view.ladder.rows:
        found.append(_figures(view))
    found.extend(_round(row, names.get(row.round.by_id, "")) for row in rounds)
    return found


def _figures(view: TalksView) -> Block:
    head = (_("Round"), _("Day"), _("Stance"), _("Ask (yuan)"), _("Offer (yuan)"), _("Gap (yuan)"))
    rows = [
        (no, day(row.day), _(STANCES[row.stance]), yuan(row.ask_fen), yuan(row.offer_fen), yuan(row.gap_fen))
        for no, row in enumerate(view.ladder.rows, 1)
    ]
    return blocks.table(head, ("14mm", "26mm", "1fr", "34mm", "34mm", "34mm"), rows, numbers="345")


def _round(row: RoundRow, by: str) -> Block:
    """A round as an entry: when and how, who, what was asked and offered, what was said, what is next."""
    it = row.round
    title = _("corrected later") if row.corrected else _("Round %(no)s") % {"no": row.no}
    until = f"–{moment(it.until_at)[-5:]}" if it.until_at else ""
    lines = [
        (_("our side"), "、".join(it.ours)),
        (_("their side"), "、".join(it.theirs)),
        *((_(SPOKEN[(one.side, one.kind)]), _position(one)) for one in row.positions),
        (_("Objects"), it.objections),
        (_("Next"), f"{day(it.next_on)} {it.next_step}".strip()),
    ]
    said = blocks.said
    return {
        "kind": "entry",
        "left": said(title),
        "at": said(f"{moment(it.at)}{until}"),
        "what": said("　".join(one for one in (_(WAYS[it.way]), _(STANCES[it.stance]), it.place) if one)),
        "lines": [[said(label), said(value)] for label, value in lines if value],
        "quote": said(it.said),
        "foot": said(_("logged by %(name)s, %(when)s") % {"name": by, "when": moment(it.logged_at)}),
        "struck": row.corrected,
    }


def _position(position: Position) -> str:
    worth = _("%(sum)s yuan") % {"sum": yuan(position.worth_fen)} if position.worth_fen is not None else ""
    until = _("valid until %(day)s") % {"day": day(position.expires_on)} if position.expires_on else ""
    return "　".join(one for one in (worth, str(terms(position)), position.conditions, until) if one)


def _promises(views: Iterable[PromiseView]) -> list[Block]:
    rows = [_promise(view) for view in views]
    if not rows:
        return []
    head = (_("Who"), _("What was promised"), _("Promised on"), _("Due on"), _("How it stands"))
    return [blocks.heading(_("Promises")), blocks.table(head, ("32mm", "1fr", "24mm", "24mm", "40mm"), rows)]


def _promise(view: PromiseView) -> tuple[Any, ...]:
    it = view.commitment
    what = it.what + (f"\n{_('Condition')}：{it.condition}" if it.condition else "")
    stands = [_(PROMISES[it.state]), str(view.due)]
    proof = [it.proof, it.reason, *(file.name for file in view.files)]
    told = "\n".join(one for one in ("　".join(part for part in stands if part), *proof) if one)
    return (it.who, what, day(it.promised_on), day(it.due_on), told)


def _agreement(view: AgreementView) -> list[Block]:
    it, sums = view.agreement, view.sums
    shared = _("not yet")
    if view.allocation:
        version = _("version %(no)s") % {"no": view.allocation.no}
        shared = f"{yuan(sums.shared_fen)}　{_(BASES[view.allocation.basis])}　{version}"
    ours = f"{it.ours_name}　{moment(it.ours_at)}".strip("　")
    theirs = f"{it.theirs_name}　{moment(it.theirs_at)}".strip("　")
    how = {"link": _("by link"), "paper": _("on paper")}.get(it.theirs_how, "")
    counted = _("%(n)s of %(all)s firms") % {"n": sums.firms_received, "all": sums.firms}
    return [
        blocks.heading(_("Agreement"), f"{_(STANDINGS[it.state])}　{day(it.agreed_on)}"),
        *blocks.facts(
            (
                (_("Agreed (yuan)"), f"{yuan(it.total_fen)}　{_(METHODS[it.method])}"),
                (_("Terms"), it.terms),
                (_("Period"), f"{day(it.from_on)} – {day(it.to_on)}" if it.from_on or it.to_on else ""),
                (_("Passed down"), it.chain),
                (_("Confirmed for the firms"), ours),
                (_("Confirmed by the counterparty"), f"{theirs}　{how}".strip("　")),
                (_("Ended"), f"{moment(it.ended_at)}　{it.ended_reason}".strip("　")),
                (_("Shared out (yuan)"), shared),
                (_("Received (yuan)"), f"{yuan(sums.received_fen)}　{counted}" if sums.firms else ""),
            )
        ),
    ]


def _firms(case: Case, agreements: Iterable[AgreementView]) -> list[Block]:
    """The firms of a joint case with rent, share, and what arrived; the sums under them."""
    if not case.joint:
        return []
    current = next((view for view in agreements if view.agreement.state != "ended"), None)
    rows = ledger.beside(case_queries.beneficiaries(case.id), current.allocation if current else None)
    counts = case_queries.firm_counts(case.id)
    head = (_("No."), _("Firm"), _("Rent a month"), _("Share (yuan)"), _("Arrived"), _("On"))
    told = [
        (no, _firm(row), yuan(row.firm.monthly_rent_fen), yuan(row.share_fen), yuan(row.received_fen or None),
         day(row.last_on or row.firm.settled_on))
        for no, row in enumerate(rows, 1)
    ]  # fmt: skip
    sums = current.sums if current else None
    told.append(
        (0, _("Together"), yuan(counts.rent_fen), yuan(sums.shared_fen if sums else None),
         yuan(sums.received_fen if sums else None), "")
    )  # fmt: skip
    body = [[no or "", *rest] for no, *rest in told]
    title = blocks.heading(_("Firms, shares and receipts"), _("%(n)s firms") % {"n": counts.total})
    widths = ("11mm", "1fr", "28mm", "28mm", "28mm", "24mm")
    return [title, {**blocks.table(head, widths, body, numbers="0234"), "sum": True}]


def _firm(row: ledger.FirmShare) -> str:
    beside = row.firm.status_reason if row.firm.status == "excluded" else row.disputed
    if not beside:
        return row.firm.name
    word = _("excluded") if row.firm.status == "excluded" else _("disputed")
    return f"{row.firm.name}（{word}：{beside}）"
