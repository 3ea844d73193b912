"""Whether a real process-mining tool reads our exports and finds our numbers in them: `make pm4py-check`.

`write FOLDER [LOG MAP]` runs with the product's Python: an office of its own takes LOG in (by default an invented one),
writes the log as XES and OCEL 2.0, and beside them what the page of paths says. `read FOLDER [LOG]` runs with a Python
that has pm4py: it reads both, and the LOG itself where its columns are named as XES names them, and compares.
"""

from __future__ import annotations

import json
import random
import statistics
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

HEAD = "case:concept:name,concept:name,time:timestamp,org:resource,org:group"
MAP = {
    "source": "check",
    "columns": {
        "case": "case:concept:name",
        "activity": "concept:name",
        "time": "time:timestamp",
        "resource": "org:resource",
        "group": "org:group",
    },
    "defaults": {"district": "临江区", "type": "filing"},
}


def invent(folder: Path) -> tuple[Path, Path]:
    """A log of 300 cases with detours."""
    dice, lines = random.Random(5), [HEAD]
    for number in range(300):
        at = datetime(2019, 3, 1, 1, tzinfo=UTC) + timedelta(hours=dice.randrange(2000))
        steps = ["Receive", "Check", *dice.choices((["Decide"], ["Ask", "Check", "Decide"], []), (6, 3, 1))[0], "Send"]
        for step in steps:
            lines.append(f"c{number},{step},{at.isoformat()},R{dice.randrange(9)},G{dice.randrange(3)}")
            at += timedelta(seconds=dice.randrange(60, 400_000))
    log, mapping = folder / "log.csv", folder / "map.json"
    log.write_text("\n".join(lines) + "\n")
    mapping.write_text(json.dumps(MAP))
    return log, mapping


def write(folder: Path, log: Path | None = None, mapping: Path | None = None) -> None:
    """Take the log in, write it out, and say what we find in it."""
    from flask_migrate import upgrade

    from casework import create_app
    from casework.config import ROOT, Settings
    from casework.imports.log import LogImporter, Work
    from casework.imports.log_map import Reader, read_log_map
    from casework.kernel.db import db
    from casework.kernel.time import utcnow
    from casework.kpis import logs, path_queries, paths
    from casework.kpis.jobs import count
    from casework.kpis.models import KpiMark
    from casework.sheets.reading import read_table
    from tests.factories import an_office

    if log is None or mapping is None:
        log, mapping = invent(folder)
    (folder / "check.db").unlink(missing_ok=True)
    url = f"sqlite:///{folder / 'check.db'}"
    app = create_app(Settings(database_url=url, secret_key="x" * 40, storage=str(folder), testing=True))
    with app.app_context():
        upgrade(directory=str(ROOT / "migrations"))
        an_office()
        said = read_log_map(mapping)
        said = replace(said, defaults={**said.defaults, "district": "临江区"})
        reader = Reader(read_table(log, log.name), said, now=utcnow())
        cases = reader.cases()
        db.session.rollback()
        LogImporter(Work(said, None, utcnow(), log.name)).run(cases, reader.refused)
        count(utcnow(), seconds=3600)
        case_ids = sorted(set(db.session.scalars(db.select(KpiMark.case_id).where(KpiMark.base == "closed"))))
        (folder / "log.xes").write_text("".join(logs.xes(case_ids)))
        (folder / "log.ocel.json").write_text("".join(logs.ocel(case_ids)))
        found = paths.discover(path_queries.traces(case_ids))
        assert found.time is not None
        edges = [[a, b, times.n] for (a, b), times in list(found.edges.items())[:5]]
        figures = [found.cases, found.events, len(found.variants), round(found.time.median * 60, 3), sorted(edges)]
        (folder / "ours.json").write_text(json.dumps(figures))
        db.session.remove()
        db.engine.dispose()


def read(folder: Path, log: Path | None = None) -> int:
    """Compare what pm4py finds with what we say; 1 where they differ."""
    import pandas
    import pm4py

    ours = json.loads((folder / "ours.json").read_text())
    theirs = {"XES": figures_of(pm4py, pm4py.read_xes(str(folder / "log.xes")))}
    source = log or folder / "log.csv"
    frame = pandas.read_csv(source)
    frame["time:timestamp"] = pandas.to_datetime(frame["time:timestamp"], utc=True, format="ISO8601")
    theirs["the file itself"] = figures_of(pm4py, frame)
    ocel = pm4py.read_ocel2_json(str(folder / "log.ocel.json"))
    objects = ocel.objects[ocel.objects["ocel:type"] == "case"]
    rows = ("cases", "events", "variants", "median case time, s", "five commonest edges")
    for name, found in theirs.items():
        for row, mine, other in zip(rows, ours, found, strict=True):
            print(f"{name:16} {row:22} ours {mine}   pm4py {other}   {'equal' if mine == other else 'DIFFERENT'}")
    print(f"{'OCEL 2.0':16} cases and events       ours {ours[:2]}   pm4py {[len(objects), len(ocel.events)]}")
    same = all(found == ours for found in theirs.values()) and [len(objects), len(ocel.events)] == ours[:2]
    return 0 if same else 1


def figures_of(pm4py: Any, frame: Any) -> list[Any]:
    """Cases, events, variants, median case time and the commonest edges, as pm4py works them out."""
    log = pm4py.format_dataframe(
        frame, case_id="case:concept:name", activity_key="concept:name", timestamp_key="time:timestamp"
    )
    edges, _, _ = pm4py.discover_dfg(log)
    top = sorted(edges.items(), key=lambda one: (-one[1], one[0]))[:5]
    median = round(statistics.median(pm4py.get_all_case_durations(log)), 3)
    cases, variants = log["case:concept:name"].nunique(), len(pm4py.get_variants(log))
    return [cases, len(log), variants, median, sorted([a, b, n] for (a, b), n in top)]


if __name__ == "__main__":
    what, where, *rest = sys.argv[1:]
    files = [Path(one) for one in rest]
    folder = Path(where).resolve()
    sys.exit(write(folder, *files) if what == "write" else read(folder, *files[:1]))
