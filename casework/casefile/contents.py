"""The whole file as data: cover, chapters in their order, documents, and how to check it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from casework.audit.queries import Linked
from casework.casefile import basics, blocks, chronicle, goods, processes, talks
from casework.casefile.blocks import Block
from casework.casefile.documents import Printed
from casework.casefile.models import CaseFile
from casework.casefile.words import moment
from casework.cases.filters import file_size
from casework.cases.models import Case
from casework.cases.presenting import CaseView
from casework.kernel.i18n import language
from casework.kernel.i18n import translate as _
from casework.kernel.masking import masked
from casework.kernel.permissions import Actor, can
from casework.papers.slip import clean, grouped
from casework.papers.slip_pdf import qr_svg
from casework.roster.queries import names as names_of

SHORT = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """What was read of a case for one printing of it."""

    case: Case
    view: CaseView
    chain: Sequence[Linked]
    file: CaseFile
    actor: Actor
    site: str
    now: datetime


def whole(sources: Sources, printed: Sequence[Printed]) -> dict[str, Any]:
    """Everything that the layout asks for."""
    case, file, head = sources.case, sources.file, sources.chain[-1]
    chinese = language() != "en"
    return {
        "lang": "zh" if chinese else "en",
        "region": "cn" if chinese else "gb",
        "numbering": "一、" if chinese else "1. ",
        "title": _("File of the case"),
        "number": case.number,
        "short": _cut(blocks.said(case.title)),
        "office": blocks.said(file.office) or _("Resumption casework"),
        "code": grouped(file.code),
        "url": _address(sources),
        "qr": qr_svg(_address(sources)),
        "head_seq": head.entry.seq,
        "head_hash": head.hash,
        "made": _("Made %(when)s by %(name)s.") % {"when": moment(sources.now), "name": sources.actor.name},
        "masked": _masked(file),
        "words": _words(),
        "cover": basics.cover(case, sources.view),
        "blocks": _chapters(sources, printed),
    }


def _cut(title: str) -> str:
    """A title as the head of a page has room for it."""
    return title if len(title) <= SHORT else f"{title[: SHORT - 1]}…"


def _address(sources: Sources) -> str:
    return f"{sources.site}/verify/{sources.file.code}"


def _masked(file: CaseFile) -> str:
    if file.full:
        return _("The contact's phone number is printed in full: %(reason)s") % {"reason": file.reason}
    return _("Phone numbers are masked, as on the pages of the office.")


def _words() -> dict[str, Any]:
    return {
        "page": [_("Page "), _(" of "), _(" pages")],
        "on-page": [_("on page "), _(" of this file")],
        "code": _("Verification code"),
        "head": _("Chain head"),
        "colon": ": " if language() == "en" else "：",
        "contents": _("Contents of the file"),
        "seals": [_("Handling unit (seal)"), _("Handled by (signature)"), _("Reviewed by (signature)")],
        "date": _("Year      Month      Day"),
    }


def _chapters(sources: Sources, printed: Sequence[Printed]) -> list[Block]:
    case, view, now = sources.case, sources.view, sources.now
    phone = case.contact_phone if sources.file.full else masked(case.contact_phone)
    found = blocks.chapter(_("Facts"), basics.facts(case, view, phone))
    found += blocks.chapter(_("What happened, what is asked"), basics.matter(case, view))
    found += blocks.chapter(_("Time limits"), basics.limits(case, now))
    if can(sources.actor, "negotiation.read", case):
        found += blocks.chapter(_("Talks and agreements"), talks.negotiation(case, sources.actor, now))
    found += blocks.chapter(_("Temporary processes"), processes.runs(case, sources.actor, now))
    found += blocks.chapter(_("Supplies"), goods.asked_for(case, sources.actor))
    found += blocks.chapter(_("The story, entry by entry"), chronicle.told(sources.chain, view.checklist))
    found += blocks.chapter(_("Files"), _files(printed, view))
    found += blocks.chapter(_("How to check this file"), _proof(sources))
    return found + blocks.chapter(_("Attached documents"), _documents(printed, view))


def _files(printed: Sequence[Printed], view: CaseView) -> list[Block]:
    if not printed:
        return []
    people = names_of({one.file.uploaded_by_id for one in printed if one.file.uploaded_by_id})
    kinds = {key: label for key, label, *_rest in view.evidence}
    rows = [
        {
            "no": str(no),
            "name": blocks.said(one.file.name),
            "kind": blocks.said(kinds.get(one.file.kind, "")),
            "size": file_size(one.file.size),
            "by": blocks.said(f"{moment(one.file.uploaded_at)} {people.get(one.file.uploaded_by_id or 0, '')}".strip()),
            "hash": one.file.sha256,
            "key": f"doc-{one.file.id}" if one.on_paper else "",
            "remark": blocks.said(one.remark or ""),
        }
        for no, one in enumerate(printed, 1)
    ]
    head = [_("No."), _("File name"), "SHA-256", _("Place in this file")]
    return [{"kind": "files", "head": head, "rows": rows}]


def _documents(printed: Sequence[Printed], view: CaseView) -> list[Block]:
    """Pictures first, two to a page, then PDFs page by page: in the order of the list in each."""
    kinds = {key: label for key, label, *_rest in view.evidence}
    shown = [(no, one) for no, one in enumerate(printed, 1) if one.on_paper]
    shown.sort(key=lambda pair: bool(pair[1].pages))
    return [_document(no, one, kinds) for no, one in shown]


def _document(no: int, one: Printed, kinds: Mapping[str, str]) -> Block:
    parts = (kinds.get(one.file.kind, ""), moment(one.file.uploaded_at), f"SHA-256 {one.file.sha256[:16]}…")
    return {
        "kind": "scan" if one.pages else "photo",
        "path": one.pdf or one.picture,
        "pages": one.pages,
        "key": f"doc-{one.file.id}",
        "name": blocks.said(f"{no}. {one.file.name}"),
        "beside": blocks.said("　".join(part for part in parts if part)),
    }


def _proof(sources: Sources) -> list[Block]:
    head = sources.chain[-1]
    steps = [
        _("Scan the QR code, or enter the verification code at %(address)s. The page says when this file was made, of "
          "which case, and how many pages it has.") % {"address": f"{sources.site}/verify"},
        _("Compare the place of the last entry (%(seq)s) and its hash with those printed on each page. The page says "
          "whether the record still holds this entry: then nothing up to it was changed, added or removed.")
        % {"seq": head.entry.seq},
        _("Each entry of the story shows the beginning of its hash. It binds the entry to all entries before it."),
        _("Compare the SHA-256 of a document that you were given with the list of files."),
        _("Compare the SHA-256 of the PDF, if you have it as a file, with the one that the page shows."),
        _("Whoever keeps the system runs casework verify --case %(number)s, which works out every hash anew.")
        % {"number": sources.case.number},
    ]  # fmt: skip
    return [{"kind": "proof"}, {"kind": "steps", "items": [clean(step) for step in steps]}]
