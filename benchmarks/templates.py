"""How long a definition takes to be checked and followed: `python -m benchmarks.templates`. Prints CPU milliseconds."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from typing import Any

from casework.processes.checker import check_file
from casework.processes.flow import Submission, standing

YES_NO = [{"key": key, "label": {"zh": key, "en": key}} for key in ("yes", "no")]


def lanes(steps: int, wide: int = 8) -> dict[str, Any]:
    """Phases of eight parallel steps, each with five fields and a condition on the phase before."""
    made: list[dict[str, Any]] = []
    for number in range(steps):
        phase = number // wide
        before = [f"s{(phase - 1) * wide + lane}" for lane in range(wide)] if phase else []
        fields = [
            {"key": f"f{i}", "kind": "choice", "label": {"zh": "项", "en": "x"}, "choices": YES_NO} for i in range(5)
        ]
        step = {"key": f"s{number}", "title": {"zh": "步", "en": "step"}, "actor": "officer", "after": before,
                "limit": {"minutes": 60}, "fields": fields}  # fmt: skip
        if before:
            step["when"] = {"field": f"{before[0]}.f0", "op": "=", "value": "yes"}
        made.append(step)
    return {"format": "casework-template/1", "name": {"zh": "测", "en": "t"}, "steps": made}


def cpu(work: Callable[[], object], times: int = 20) -> float:
    """The median CPU time of one call, in milliseconds."""
    taken = []
    for _ in range(times):
        start = time.process_time()
        work()
        taken.append((time.process_time() - start) * 1000)
    return sorted(taken)[times // 2]


def main() -> None:
    """Check, start, and follow to the end, at sixty and two hundred steps."""
    for steps in (60, 100, 200):
        content = json.dumps(lanes(steps)).encode()
        checked = check_file(content)
        assert checked.definition is not None
        assert not checked.errors
        definition = checked.definition
        sent = [Submission(step=key, answers={"f0": "yes"}) for key in definition.order]
        print(
            f"{steps:3} steps, {len(content) // 1024:3} KB: check {cpu(lambda c=content: check_file(c)):5.1f} ms, "
            f"start {cpu(lambda d=definition: standing(d, [])):4.2f} ms, "
            f"last step {cpu(lambda d=definition, s=sent: standing(d, s)):4.2f} ms"
        )


if __name__ == "__main__":
    main()
