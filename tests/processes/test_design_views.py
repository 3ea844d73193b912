"""The designer: from an empty page to a published procedure, each change saved and undone, refused with the words kept."""

from __future__ import annotations

import io
import json
import re
from typing import Any

import pytest
from flask.testing import FlaskClient

from casework.kernel.db import db
from casework.processes import queries
from casework.processes.bpmn_in import read_bpmn
from casework.processes.checker import check
from casework.processes.models import ProcessTemplate, Submission, TemplateVersion
from casework.processes.words import VersionState
from tests.factories import Office, signed_in
from tests.processes.shipment import a_template, published, shipping


@pytest.fixture
def officer(office: Office, client: FlaskClient) -> FlaskClient:
    return signed_in(client, office.people["officer"])


class Designer:
    """The officer at the designer: every post carries what the page gave."""

    def __init__(self, client: FlaskClient, code: str) -> None:
        self.client, self.code = client, code

    @property
    def version(self) -> TemplateVersion:
        db.session.expire_all()
        template = db.session.query(ProcessTemplate).filter_by(code=self.code).one()
        return queries.versions_of(template.id)[0]

    @property
    def steps(self) -> list[dict[str, Any]]:
        return list(self.version.definition["steps"])

    def step(self, **posted: Any) -> dict[str, Any]:
        """The form of a step as it stands, changed."""
        boring = {"title_zh": "步骤", "actor": "officer", "limit_number": "2", "limit_unit": "hours", "decides": ""}
        return {**boring, **posted}

    def do(self, act: str, status: int = 303, **posted: Any) -> Any:
        answer = self.client.post(
            f"/templates/{self.code}/design", data={"version": str(self.version.version), "do": act, **posted}
        )
        assert answer.status_code == status, answer.text
        return answer


@pytest.fixture
def designer(officer: FlaskClient, office: Office) -> Designer:
    answer = officer.post("/templates/new", data={"start": "empty", "name": "企业临时发货报备", "area": area(office)})
    assert answer.status_code == 303
    found = re.fullmatch(r"/templates/([\w-]+)/design", answer.location)
    assert found
    return Designer(officer, found[1])


def area(office: Office) -> str:
    return str(office.areas["8801"].id)


HEAD = {
    "name_zh": "企业临时发货报备",
    "name_en": "Temporary shipping filing",
    "purpose_zh": "给车货一张可核验的报备单",
    "owner": "transport",
    "basis": "通告第四条",
    "serves": ["shipping"],
}


def test_an_officer_goes_from_an_empty_page_to_a_version_in_review(designer: Designer) -> None:
    designer.do("save", **HEAD)
    designer.do("add:join")
    first = designer.steps[0]["key"]
    designer.do("add_field", **designer.step(step=first, title_zh="填报", actor="enterprise", limit_number=""))
    field = designer.steps[0]["fields"][0]["key"]
    plate = {"field": field, "f_label_zh": "车牌号", "f_kind": "plate", "f_required": "1"}
    designer.do("add:after", **designer.step(step=first, title_zh="填报", actor="enterprise", limit_number="", **plate))
    second = designer.steps[1]["key"]
    issue = {"i_on": "1", "i_title_zh": "报备单", "i_series": "临发", "i_hours": "24", "i_facts": f"{first}.{field}"}
    step = designer.step(step=second, title_zh="核发", actor="authority:transport", after=[first], **issue)
    designer.do("save", **step)
    assert check(designer.version.definition).errors == []
    answer = designer.do("submit", **step)
    assert answer.location == f"/templates/{designer.code}"
    assert designer.version.state == VersionState.IN_REVIEW
    assert designer.steps[1]["issues"][0]["facts"] == [f"{first}.{field}"]


def test_sending_for_review_with_mistakes_names_them_all_and_keeps_the_draft(designer: Designer) -> None:
    designer.do("add:join")
    refused = designer.do("submit", status=422, step="")
    for named in ("依据", "归口部门", "适用诉求类型"):
        assert named in refused.text
    assert designer.version.state == VersionState.DRAFT


def test_every_change_is_undone_one_by_one(designer: Designer) -> None:
    designer.do("add:join")
    key = designer.steps[0]["key"]
    designer.do("save", **designer.step(step=key, title_zh="填报发货信息"))
    designer.do("remove", **designer.step(step=key, title_zh="填报发货信息"))
    assert designer.steps == []
    designer.do("undo")
    assert designer.steps[0]["title"]["zh"] == "填报发货信息"
    designer.do("undo")
    designer.do("undo")
    assert designer.steps == []
    assert designer.do("undo", status=422)


def test_a_stale_page_does_not_overwrite_what_a_colleague_saved(designer: Designer) -> None:
    designer.do("add:join")
    key, stale = designer.steps[0]["key"], designer.version.version
    designer.do("save", **designer.step(step=key, title_zh="同事写的"))
    answer = designer.client.post(
        f"/templates/{designer.code}/design",
        data={"version": str(stale), "do": "save", **designer.step(step=key, title_zh="我写的")},
    )
    assert answer.status_code == 409
    assert "我写的" in answer.text
    assert designer.steps[0]["title"]["zh"] == "同事写的"


@pytest.mark.parametrize(
    ("posted", "said"),
    [
        ({"limit_number": "viel"}, "时限"),
        ({"visit": "1", "slot_minutes": "1"}, "上门"),
        ({"i_on": "1", "i_hours": "0"}, "有效"),
    ],
)
def test_what_cannot_be_read_is_said_in_one_sentence_and_stays_in_its_box(
    designer: Designer, posted: dict[str, str], said: str
) -> None:
    designer.do("add:join")
    key = designer.steps[0]["key"]
    refused = designer.do("save", status=422, **designer.step(step=key, title_zh="写了一半", **posted))
    assert said in refused.text
    assert "写了一半" in refused.text
    assert f'value="{list(posted.values())[-1]}"' in refused.text


def test_branches_joins_and_conditions_are_made_without_typing_a_key(designer: Designer) -> None:
    designer.do("add:join")
    first = designer.steps[0]["key"]
    designer.do("add_field", **designer.step(step=first, title_zh="填报", actor="enterprise"))
    field = designer.steps[0]["fields"][0]["key"]
    choice = {
        "field": field, "f_label_zh": "是否冷链", "f_kind": "choice", "f_required": "1",
        "f_choices": "是 | Yes\n否 | No",
    }  # fmt: skip
    designer.do("add:branch", **designer.step(step=first, title_zh="填报", actor="enterprise", **choice))
    second = designer.steps[1]["key"]
    designer.do("add:beside", **designer.step(step=second, after=[first]))
    third = next(step["key"] for step in designer.steps if step["key"] not in (first, second))
    when = {"when_join": "all", "when_field_0": f"{first}.{field}", "when_op_0": "=", "when_value_0": "是"}
    designer.do("save", **designer.step(step=third, after=[first], **when))
    designer.do("add:join")
    steps = {step["key"]: step for step in designer.steps}
    assert steps[third]["when"] == {"field": f"{first}.{field}", "op": "=", "value": "choice_1"}
    assert set(designer.steps[-1]["after"]) == {second, third}
    page = designer.client.get(f"/templates/{designer.code}/design?step={third}").text
    assert "是否冷链 是 是" in page
    designer.do("clear_when", **designer.step(step=third, after=[first], **when))
    assert "when" not in next(step for step in designer.steps if step["key"] == third)


def test_the_page_shows_the_phone_the_drawing_and_the_mistakes_beside_their_step(
    officer: FlaskClient, office: Office
) -> None:
    broken = shipping()
    del broken["steps"][1]["limit"]
    template, _ = a_template(office, broken)
    page = officer.get(f"/templates/{template.code}/design?step=apply").text
    assert page.count('class="node') == 7
    assert "冷冻水产" in page, "the help of a field stands on the phone"
    assert page.count("cw-miss") >= 1
    assert "没有时限" in page or "时限" in page


def test_a_template_is_copied_saved_as_a_file_and_taken_in_again(officer: FlaskClient, office: Office) -> None:
    template, _ = published(office)
    copied = officer.post("/templates/new", data={"start": "copy", "copy": template.code, "area": area(office)})
    assert copied.status_code == 303
    file = officer.get(f"/templates/{template.code}/export")
    data = json.loads(file.data)
    assert check(data).errors == []
    drawn = officer.get(f"/templates/{template.code}/export?as=bpmn")
    assert read_bpmn(drawn.data).errors == []
    sent = {"start": "file", "area": area(office), "file": (io.BytesIO(drawn.data), "模板.bpmn")}
    taken = officer.post("/templates/new", data=sent, content_type="multipart/form-data")
    assert taken.status_code == 303
    assert db.session.query(ProcessTemplate).count() == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"\xff\xfe", b'{"steps": []}', b"PK\x03\x04"])
def test_a_file_that_is_no_template_is_refused_with_what_stands_in_the_way(
    officer: FlaskClient, office: Office, content: bytes
) -> None:
    sent = {"start": "file", "area": area(office), "file": (io.BytesIO(content), "x.json")}
    answer = officer.post("/templates/new", data=sent, content_type="multipart/form-data")
    assert answer.status_code == 422
    assert db.session.query(ProcessTemplate).count() == 0


def test_a_draft_is_tried_out_and_nothing_is_stored(officer: FlaskClient, office: Office) -> None:
    template, _ = a_template(office)
    here = f"/templates/{template.code}/design/try"
    page = officer.get(here).text
    for _ in range(9):
        step = re.search(r'name="step" value="(\w+)"', page)
        if step is None:
            break
        found = dict(re.findall(r'name="(a_\w+)"[^>]*? value="([^"]*)"', page))
        results = re.findall(r'name="result" value="(\w+)"', page)
        posted: dict[str, Any] = {"sent": unescaped(page), "step": step[1], "result": results[0], **found}
        posted |= {"a_spoken": "yes", "a_cold": "no", "a_category": "living", "a_declared": "y", "a_crew": "张三1 1234"}
        answer = officer.post(here, data=posted)
        assert answer.status_code == 200, answer.text
        page = answer.text
    assert "每一步都办完了" in page
    assert "到货回执" in page
    assert db.session.query(Submission).count() == 0
    assert officer.post(here, data={"sent": "{nonsense", "step": "apply", "result": "done"}).status_code == 422


def unescaped(page: str) -> str:
    import html

    found = re.search(r'name="sent" value="([^"]*)"', page)
    return html.unescape(found[1]) if found else ""


def test_the_authority_publishes_what_another_wrote_and_officers_can_use_it(
    officer: FlaskClient, office: Office
) -> None:
    template, version = a_template(office)
    from casework.kernel.time import local_day, utcnow
    from casework.processes import approving

    approving.submit(template, version, actor=office.actor("officer"), now=utcnow())
    db.session.commit()
    here = f"/templates/{template.code}/review"
    assert officer.get(here).status_code == 403
    regulator = signed_in(officer, office.people["regulator2"])
    assert "临发" in regulator.get(here).text
    refused = regulator.post(here, data={"do": "publish", "valid_from": "", "sunset_on": ""})
    assert refused.status_code == 422
    day = local_day(utcnow())
    assert regulator.post(here, data={"do": "return", "note": ""}).status_code == 422
    sunset = day.replace(year=day.year + 1)
    answer = regulator.post(here, data={"do": "publish", "valid_from": f"{day}", "sunset_on": f"{sunset}"})
    assert answer.status_code == 303
    db.session.expire_all()
    assert version.state == VersionState.PUBLISHED
    page = regulator.get(f"/templates/{template.code}").text
    assert "已发布" in page
    retired = regulator.post(f"/templates/{template.code}/sunset", data={"fate": "retire", "reason": "疫情结束"})
    assert retired.status_code == 303
    assert "疫情结束" in regulator.get(f"/templates/{template.code}").text


def test_strangers_find_neither_template_nor_draft(client: FlaskClient, office: Office) -> None:
    template, _ = a_template(office, area="8801001")
    stranger = signed_in(client, office.people["officer3"])
    for path in ("", "/design", "/design/try", "/export", "/compare"):
        assert stranger.get(f"/templates/{template.code}{path}").status_code == 404
    assert stranger.post(f"/templates/{template.code}/design", data={"do": "add"}).status_code == 404
    assert template.code not in stranger.get("/templates").text


def test_two_versions_stand_side_by_side(officer: FlaskClient, office: Office) -> None:
    template, _ = published(office)
    officer.post(f"/templates/{template.code}/versions", data={})
    designer = Designer(officer, template.code)
    designer.do(
        "save",
        **designer.step(step="check", title_zh="电话核对", after=["apply"], limit_number="20", limit_unit="minutes"),
    )
    page = officer.get(f"/templates/{template.code}/compare").text
    assert "<del>核对货物与车辆</del>" in page
    assert "<ins>电话核对</ins>" in page
