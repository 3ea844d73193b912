"""A first draft from a solved case: what was done, in its order, becomes the steps. No names, no numbers, no words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from casework.audit.queries import timeline
from casework.cases import queries as case_queries
from casework.cases.models import Case
from casework.kernel.permissions import Actor, authorise
from casework.processes.definition import FORMAT

MOST_STEPS = 20
ENTRIES = 400
_WAYS = {"visit": "上门协调", "call": "电话沟通", "meeting": "当面会商", "message": "书面沟通"}
_ENGLISH = {"visit": "Visit on site", "call": "Call", "meeting": "Meeting", "message": "Message"}


def harvested(case: Case, *, actor: Actor) -> dict[str, Any]:
    """The draft that a case's story suggests: application, checks, talks and visits, files, decision, confirmation.

    Raises:
        NotPermitted: the actor may not read the story of this case.
    """
    authorise(actor, "case.story", case)
    kind = case_queries.type_of(case)
    steps = [_application(case)]
    for made in _done(entry for entry in reversed(timeline(case.id, limit=ENTRIES))):
        if len(steps) < MOST_STEPS - 2:
            steps.append({**made, "key": f"step_{len(steps)}", "after": [steps[-1]["key"]]})
    steps.append(_decision(kind.domain, kind.checklist, len(steps), steps[-1]["key"]))
    steps.append(_confirmation(len(steps), steps[-1]["key"]))
    return {
        "format": FORMAT,
        "name": {"zh": f"{kind.zh}办理流程", "en": f"{kind.en}: procedure"},
        "purpose": {
            "zh": f"由已办结的“{kind.zh}”诉求整理，供下一家企业使用。",
            "en": f"Drafted from a solved case: {kind.en}.",
        },
        "owner": kind.domain,
        "serves": [kind.code],
        "steps": steps,
    }


def _application(case: Case) -> dict[str, Any]:
    papers = [
        {"key": f"paper_{number}", "label": {"zh": item["zh"], "en": item["en"]}, "required": False}
        for number, item in enumerate(case_queries.type_of(case).evidence, 1)
    ]
    return {
        "key": "step_0",
        "title": {"zh": "企业申报", "en": "Application"},
        "actor": "enterprise",
        "fields": [
            {"key": "field_1", "kind": "text", "label": {"zh": "企业名称", "en": "Company"}, "max": 100},
            {"key": "field_2", "kind": "long_text", "label": {"zh": "具体情况和诉求", "en": "What is asked"}},
        ],
        "documents": papers,
    }


def _done(entries: Iterable[Any]) -> list[dict[str, Any]]:
    """A step for each kind of thing that was done, in the order in which it was first done."""
    found: dict[str, dict[str, Any]] = {}
    for entry in entries:
        key, made = _of_entry(entry.verb, entry.data)
        if made is not None:
            found.setdefault(key, made)
    return list(found.values())


def _of_entry(verb: str, data: dict[str, Any]) -> tuple[str, dict[str, Any] | None]:
    if verb == "ContactLogged":
        return "contact", _step("核实情况", "Check with the enterprise", "情况说明", "What was found")
    if verb == "RoundLogged":
        way = str(data.get("way", "visit"))
        made = _step(
            _WAYS.get(way, _WAYS["visit"]), _ENGLISH.get(way, _ENGLISH["visit"]), "协商结果", "What came of it"
        )
        visit = {"visit": {"slot_minutes": 30, "offers": 3}} if way == "visit" else {}
        return f"round {way}", {**made, **visit}
    if verb == "AgreementMade":
        made = _step("达成书面意见", "Put it in writing", "约定内容", "Terms")
        return "agreement", {
            **made,
            "documents": [{"key": "paper_1", "label": {"zh": "签字文件", "en": "Signed paper"}}],
        }
    if verb == "NoteAdded":
        return "note", _step("办理并记录", "Work on it and note it", "办理情况", "What was done")
    if verb == "StepSubmitted":
        title = str(data.get("title", ""))[:100]
        return f"step {title}", {**_step(title, "", "办理情况", "What was done"), "actor": data.get("actor", "officer")}
    return "", None


def _step(zh: str, en: str, asked_zh: str, asked_en: str) -> dict[str, Any]:
    return {
        "title": {"zh": zh} | ({"en": en} if en else {}),
        "actor": "officer",
        "limit": {"minutes": 240},
        "fields": [{"key": "field_1", "kind": "long_text", "label": {"zh": asked_zh, "en": asked_en}}],
    }


def _decision(domain: str, checklist: Iterable[Any], number: int, after: str) -> dict[str, Any]:
    yes, no = {"key": "yes", "label": {"zh": "是", "en": "Yes"}}, {"key": "no", "label": {"zh": "否", "en": "No"}}
    return {
        "key": f"step_{number}",
        "title": {"zh": "主管部门审核", "en": "Decision of the authority"},
        "actor": f"authority:{domain}",
        "after": [after],
        "limit": {"minutes": 420, "calendar": "working"},
        "fields": [
            {
                "key": f"field_{place}",
                "kind": "choice",
                "label": {"zh": item["zh"], "en": item["en"]},
                "choices": [yes, no],
            }
            for place, item in enumerate(checklist, 1)
        ],
        "decision": {"return_to": ["step_0"], "reject": True},
    }


def _confirmation(number: int, after: str) -> dict[str, Any]:
    return {
        "key": f"step_{number}",
        "title": {"zh": "企业确认", "en": "The enterprise confirms"},
        "actor": "enterprise",
        "after": [after],
        "fields": [
            {
                "key": "field_1",
                "kind": "choice",
                "label": {"zh": "问题是否解决", "en": "Is it solved?"},
                "choices": [
                    {"key": "yes", "label": {"zh": "已解决", "en": "Yes"}},
                    {"key": "no", "label": {"zh": "未解决", "en": "No"}},
                ],
            }
        ],
    }
