"""``python -I -c … PATH OUT MEMORY_MB``, with a plan as JSON on the input; ends with 1 where it cannot."""

from __future__ import annotations

import json
import resource
import sys
import zipfile

from lxml import etree

from .changing import name_the_nameless, remark, settle
from .reading import parts_of, read, share
from .shape import Plan, Stop
from .styles import Styles, theme_xml
from .writing import sheet_xml, write

CPU_SECONDS = 40


def take_home(path: str, out: str, plan: Plan) -> None:
    """Read, change, write."""
    with zipfile.ZipFile(path) as archive:
        name, since_1904 = parts_of(archive, plan.sheet)
        sheet = read(archive, name, plan)
        share(archive, [cell for row in sheet.rows.values() for cell in row.cells.values()] + list(sheet.tall.values()))
        styles, theme = Styles(archive, plan.formula), theme_xml(archive)
    merges, at = settle(sheet, plan)
    name_the_nameless(sheet, plan, merges, at)
    remark(sheet, plan, merges, at, styles)
    write(out, plan, sheet_xml(sheet, merges, at, styles), styles, theme, since_1904=since_1904)


def main() -> int:
    """Set the limits, then work."""
    path, out, megabytes = sys.argv[1], sys.argv[2], int(sys.argv[3])
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_AS, (megabytes * 2**20, megabytes * 2**20))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    said = json.load(sys.stdin)
    said["remarks"] = {int(row): text for row, text in said["remarks"].items()}
    plan = Plan(**said, order=sorted(said["remarks"]))
    plan.header, plan.data = tuple(plan.header), tuple(plan.data)  # type: ignore[assignment]
    try:
        take_home(path, out, plan)
    except (Stop, MemoryError, KeyError, ValueError, OSError, zipfile.BadZipFile, etree.XMLSyntaxError):
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
