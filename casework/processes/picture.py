"""A drawing of a process as an SVG file of its own, in the colours of the product."""

from __future__ import annotations

from xml.etree import ElementTree as Tree

from casework.processes.definition import Definition, Step
from casework.processes.drawing import GATE, HIGH, WIDE, Drawing, drawing
from casework.processes.words import AUTHORITY

INK, QUIET, LINE, ACCENT, PAPER = "#14201f", "#4d5b59", "#8a9794", "#0a5a62", "#ffffff"
FONT = "PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif"
SHORT = 9  # characters of a title that fit into its box
ACTORS = {"enterprise": "企业", "officer": "专员", "lead": "组长", AUTHORITY: "监管部门"}


def svg(definition: Definition) -> str:
    """The process as SVG; titles in Chinese, whole ones as tooltips."""
    plan = drawing(definition)
    size = {"viewBox": f"0 0 {plan.width} {plan.height}", "width": str(plan.width), "height": str(plan.height)}
    root = Tree.Element("svg", {"xmlns": "http://www.w3.org/2000/svg", "role": "img"} | size)
    Tree.SubElement(root, "title").text = definition.name.zh
    Tree.SubElement(root, "rect", width="100%", height="100%", fill=PAPER)
    _lines(root, plan)
    for number, node in enumerate(sorted(plan.nodes, key=lambda node: (node.x, node.y)), 1):
        _step(root, definition.by_key[node.key], number, node.x, node.y)
    _ends(root, plan)
    return Tree.tostring(root, encoding="unicode")


def _lines(root: Tree.Element, plan: Drawing) -> None:
    defs = Tree.SubElement(root, "defs")
    head = Tree.SubElement(defs, "marker", id="head", viewBox="0 0 8 8", refX="7", refY="4", markerWidth="7",
                           markerHeight="7", orient="auto")  # fmt: skip
    Tree.SubElement(head, "path", d="M0 0L8 4L0 8z", fill=LINE)
    looks = {"fill": "none", "stroke": LINE, "stroke-width": "1.5", "marker-end": "url(#head)"}
    for line in plan.lines:
        Tree.SubElement(root, "path", {"d": line} | looks)
    for line in plan.returns:
        Tree.SubElement(root, "path", {"d": line, "stroke-dasharray": "4 4"} | looks)
    for x, y in plan.gates:
        half = GATE
        shape = f"M{x} {y - half}l{half} {half}-{half} {half}-{half}-{half}z"
        Tree.SubElement(root, "path", {"d": shape, "fill": PAPER, "stroke": ACCENT, "stroke-width": "2"})
        Tree.SubElement(root, "path", {"d": f"M{x} {y - 8}v16M{x - 8} {y}h16", "stroke": ACCENT, "stroke-width": "2"})


def _step(root: Tree.Element, step: Step, number: int, x: int, y: int) -> None:
    box = Tree.SubElement(root, "g")
    Tree.SubElement(box, "title").text = step.title.zh + ("（满足条件才办）" if step.when else "")
    place = {"x": str(x), "y": str(y), "width": str(WIDE), "height": str(HIGH), "rx": "6"}
    looks = {"fill": PAPER, "stroke": LINE, "stroke-width": "1.5"} | ({"stroke-dasharray": "2 3"} if step.when else {})
    Tree.SubElement(box, "rect", place | looks)
    if step.when:
        _write(box, x + WIDE - 18, y + 43, "?", ACCENT, bold=True)
    title = step.title.zh if len(step.title.zh) <= SHORT else step.title.zh[: SHORT - 1] + "…"
    _write(box, x + 12, y + 24, str(number), QUIET)
    _write(box, x + 30, y + 24, title, INK, bold=True)
    _write(box, x + 30, y + 43, f"{ACTORS[step.actor.partition(':')[0]]}　{_time(step)}", QUIET)


def _write(into: Tree.Element, x: int, y: int, text: str, colour: str, *, bold: bool = False) -> None:
    looks = {"x": str(x), "y": str(y), "fill": colour, "font-size": "13" if bold else "12", "font-family": FONT}
    Tree.SubElement(into, "text", looks | ({"font-weight": "600"} if bold else {})).text = text


def _time(step: Step) -> str:
    if step.limit is None:
        return "不限"
    hours, minutes = divmod(step.limit.minutes, 60)
    return "　".join(filter(None, (f"{hours} 小时" if hours else "", f"{minutes} 分钟" if minutes else "")))


def _ends(root: Tree.Element, plan: Drawing) -> None:
    for (x, y), fill in ((plan.start, ACCENT), (plan.end, PAPER)):
        Tree.SubElement(root, "circle", {"cx": str(x), "cy": str(y), "r": "11", "fill": fill, "stroke": ACCENT,
                                         "stroke-width": "2.5"})  # fmt: skip
