"""Figures and other systems' logs on the story of a case."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from casework.cases.story import SHORT, TELLERS, Told
from casework.clocks.explain import moment
from casework.kernel.errors import N_, Reason, because
from casework.kpis.figures import GROUPS

LEFT_OUT = N_("left it out of the figures: %(what)s")
BACK_IN = N_("let it count again: %(what)s")
LOGGED = N_("%(activity)s, as another system logged it on %(when)s")
ALL_FIGURES = N_("All figures")


def what_said(what: str) -> Reason:
    """A group of figures in words."""
    return Reason(GROUPS[what][0] if what in GROUPS else ALL_FIGURES)


def _left_out(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(LEFT_OUT, what=what_said(data.get("what", "")))
    return Told(**base, what=what, quote=data.get("reason", ""), icon="off")


def _back_in(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    what = because(BACK_IN, what=what_said(data.get("what", "")))
    return Told(**base, what=what, quote=data.get("reason", ""), icon="undo")


def _logged(base: dict[str, Any], data: Mapping[str, Any], checklist: Mapping[str, str]) -> Told:
    when = moment(datetime.fromisoformat(data["happened_at"]))
    what = because(LOGGED, activity=data.get("activity", ""), when=when)
    who = base["who"] or data.get("resource", "")
    return Told(**{**base, "who": who}, what=what)


def install() -> None:
    """Let the story tell of them."""
    TELLERS["LeftOutOfFigures"] = _left_out
    TELLERS["TakenBackIn"] = _back_in
    TELLERS["ActivityLogged"] = _logged
    SHORT.update(logged=N_("Logged elsewhere"))
