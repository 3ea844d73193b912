"""What the columns of other people's tables are called, by kind of import and field."""

from __future__ import annotations

import re
import unicodedata

from casework.kernel.errors import N_

TARGETS: dict[str, dict[str, tuple[str, ...]]] = {
    "areas": {
        "city_code": ("市代码", "城市代码", "cityCode", "city_code"),
        "city": ("市", "城市", "所在市", "city"),
        "district_code": ("区代码", "区县代码", "district_code"),
        "district": ("区", "区县", "所在区", "行政区", "district"),
        "subdistrict_code": ("街道代码", "镇街代码", "subdistrict_code"),
        "subdistrict": ("街道", "镇街", "街道/镇", "所在街道", "subdistrict"),
        "community_code": ("社区代码", "居委代码", "community_code"),
        "community": ("社区", "居委会", "社区居委会", "所在社区", "community"),
        "site_code": ("场所代码", "园区代码", "site_code"),
        "site": ("场所", "园区", "市场", "楼宇", "楼宇/园区", "site"),
        "code": ("代码", "编码", "区划代码", "code"),
        "name": ("名称", "区划名称", "name"),
        "parent_code": ("上级代码", "provinceCode", "parent_code"),
        "level": ("级别", "层级", "level"),
    },
    "enterprises": {
        "name": (
            "企业名称",
            "单位名称",
            "公司名称",
            "商户名称",
            "复工企业名称",
            "企业全称",
            "企业",
            "单位",
            "公司",
            "商户",
            "市场主体名称",
            "名称",
            "name",
            "enterprise",
            "company",
            "name_as_seen",
            "enterprise name",
        ),
        "uscc": (
            "统一社会信用代码",
            "统一信用代码",
            "社会信用代码",
            "信用代码",
            "税号",
            "纳税人识别号",
            "组织机构代码",
            "营业执照号",
            "uscc",
            "code",
            "credit code",
            "unified social credit code",
        ),
        "district": ("所在区", "区", "行政区", "区县", "所属区", "辖区", "district"),
        "subdistrict": (
            "街道",
            "所在街道",
            "所属街道",
            "所在镇",
            "镇街",
            "街道/镇",
            "所在镇街",
            "所在镇/园区",
            "所在街道/园区",
            "subdistrict",
        ),
        "community": ("社区", "所在社区", "所属社区", "community"),
        "site": ("园区", "所在园区", "楼宇", "楼栋名称", "所属名称", "市场", "site"),
        "address": (
            "实际经营地址",
            "经营地址",
            "生产经营地址",
            "经营场所",
            "注册地址",
            "地址",
            "详细地址",
            "企业地址",
            "住所",
            "address",
        ),
        "contact_name": (
            "联系人",
            "联系人姓名",
            "企业联系人",
            "负责人",
            "填报人姓名",
            "填报人",
            "联系人及方式",
            "contact",
            "contact name",
        ),
        "contact_phone": (
            "联系电话",
            "手机",
            "电话",
            "手机号",
            "手机号码",
            "联系方式",
            "联系人电话",
            "联系人手机",
            "phone",
            "telephone",
            "mobile",
        ),
        "legal_person": ("法人", "法人代表", "法定代表人", "法人姓名", "legal person"),
        "size": ("企业规模", "规模", "规模类型", "size"),
        "industry": ("行业", "行业类别", "所属行业", "行业类型", "industry"),
        "officer": ("联系专员", "网格员", "服务专员", "挂点干部", "包干人员", "officer"),
        "note": ("备注", "说明", "note", "remarks"),
    },
    "people": {
        "username": ("账号", "用户名", "登录名", "username", "login"),
        "staff_no": ("工号", "员工编号", "人员编号", "警号", "staff number", "staff_no"),
        "name": ("姓名", "人员姓名", "name", "full name"),
        "phone": ("手机", "电话", "联系电话", "手机号", "手机号码", "联系方式", "phone", "mobile"),
        "unit_code": ("单位编码", "队伍编码", "队伍代码", "小组编码", "team code", "unit_code"),
        "unit": (
            *("所属单位", "单位", "队伍", "队伍名称", "所在队伍", "小组", "小组名称", "所在小组"),
            *("工作组", "部门", "科室", "unit", "team"),
        ),
        "unit_kind": ("队伍类型", "小组类型", "单位类型", "team kind", "unit_kind"),
        "unit_area": ("队伍区域", "队伍所在区域", "驻点区域", "驻点街道", "小组区域", "team area", "unit_area"),
        "unit_phone": ("队伍电话", "小组电话", "值班电话", "team phone", "unit_phone"),
        "unit_sent_by": ("派出单位", "选派单位", "派驻单位", "sending body", "unit_sent_by"),
        "sent_by": ("原单位", "原工作单位", "工作单位", "所在单位", "home body", "sent_by"),
        "lead": ("队长", "组长", "小组长", "负责人", "team lead", "lead"),
        "role": ("角色", "岗位", "职务", "role"),
        "area_code": ("区域代码", "片区代码", "area_code"),
        "area": ("负责区域", "片区", "区域", "负责片区", "负责社区", "社区", "街道", "area"),
        "from_on": ("开始日期", "到岗日期", "起始日期", "起始时间", "from"),
        "to_on": ("结束日期", "离岗日期", "截止日期", "截止时间", "to"),
        "partner": ("AB岗", "B岗", "AB角", "B角", "替岗人", "互补岗", "partner"),
        "end_previous": ("原岗位结束", "结束原岗位", "原岗结束", "end_previous"),
    },
    "cases": {
        "external_ref": (
            "留言编号",
            "诉求编号",
            "工单编号",
            "工单号",
            "编号",
            "受理编号",
            "问题编号",
            "台账编号",
            "事项编号",
            "id",
            "reference",
            "external_ref",
        ),
        "title": (
            *(
                "留言主题",
                "诉求标题",
                "标题",
                "主题",
                "事项",
                "诉求事项",
                "问题概述",
                "事项概述",
                "事项名称",
                "主要诉求",
            ),
            *("question", "title", "subject"),
        ),
        "text": (
            "留言详情",
            "诉求内容",
            "内容",
            "详情",
            "问题描述",
            "诉求详情",
            "反映内容",
            "存在问题",
            "主要问题",
            "具体问题",
            "困难问题",
            "具体内容",
            "具体困难",
            "问题内容",
            "反映的困难",
            "存在困难",
            "text",
            "description",
        ),
        "submitted_at": (
            "留言时间",
            "提交时间",
            "诉求时间",
            "受理时间",
            "登记时间",
            "反映时间",
            "来电时间",
            "上报时间",
            "上报日期",
            "登记日期",
            "受理日期",
            "反映日期",
            "提出时间",
            "submitted_at",
        ),
        "type": ("诉求类型", "问题类型", "类型", "类别", "case type", "type"),
        "requester": ("留言用户", "诉求人", "反映人", "来电人", "requester"),
        "enterprise": (
            *(
                "企业名称",
                "单位名称",
                "公司名称",
                "诉求企业",
                "反映单位",
                "诉求单位",
                "商户名称",
                "复工企业名称",
                "企业全称",
            ),
            *("enterprise", "company"),
        ),
        "uscc": ("统一社会信用代码", "信用代码", "uscc"),
        "contact_name": ("联系人", "联系人姓名", "企业联系人", "负责人", "联系人及方式", "contact"),
        "contact_phone": ("联系电话", "手机", "电话", "联系方式", "手机号", "联系人电话", "phone"),
        "district": ("所在区", "区", "行政区", "district"),
        "subdistrict": ("街道", "所在街道", "subdistrict"),
        "community": ("社区", "所在社区", "community"),
        "place": ("地址", "事发地址", "地点", "place", "address"),
        "reply": (
            *(
                "答复意见",
                "答复内容",
                "办理结果",
                "回复",
                "回复内容",
                "办理情况",
                "处理情况",
                "处理结果",
                "解决情况",
                "办理进展",
            ),
            *("answer", "reply"),
        ),
        "replied_at": ("答复时间", "回复时间", "办结时间", "replied_at"),
        "note": ("备注", "note"),
    },
    "beneficiaries": {
        "name": (
            "商户名称",
            "企业名称",
            "单位名称",
            "公司名称",
            "租户",
            "租户名称",
            "商户",
            "承租方",
            "店名",
            "name",
        ),
        "uscc": ("统一社会信用代码", "信用代码", "税号", "uscc"),
        "shop": ("铺位", "铺位号", "房号", "门牌", "单元", "铺号", "shop"),
        "rent": ("月租金", "月租", "租金", "每月租金", "月租金额", "rent", "monthly rent"),
        "area_sqm": ("面积", "租赁面积", "建筑面积", "计租面积", "使用面积", "area", "floor area"),
        "contact_name": ("联系人", "联系人姓名", "负责人", "姓名", "经营者", "contact"),
        "contact_phone": ("联系电话", "手机", "电话", "联系方式", "手机号", "phone"),
        "note": ("备注", "note"),
    },
    "coverage": {
        "enterprise": (
            "企业名称",
            "单位名称",
            "公司名称",
            "商户名称",
            "企业",
            "联系企业",
            "服务企业",
            "包干企业",
            "挂点企业",
            "enterprise",
            "company",
        ),
        "uscc": ("统一社会信用代码", "信用代码", "uscc", "credit code"),
        "officer": (
            *("联系专员", "服务专员", "联络员", "企业联络员", "联系人员", "包干人员", "挂点干部", "联系干部"),
            *("责任人", "下沉干部", "officer", "liaison"),
        ),
        "deputy": ("协助人员", "协办人", "副联络员", "B岗", "替岗人", "候补联络员", "deputy"),
        "leader": ("包点领导", "挂点领导", "联系领导", "包片领导", "责任领导", "分管领导", "leader"),
        "district": ("所在区", "区", "行政区", "区县", "所属区", "district"),
        "subdistrict": ("街道", "所在街道", "所属街道", "镇街", "subdistrict"),
        "community": ("社区", "所在社区", "所属社区", "包点社区", "挂点社区", "负责社区", "community"),
        "site": ("园区", "楼宇", "场所", "市场", "包点园区", "site"),
        "from_on": ("开始日期", "起始日期", "联系起始日期", "生效日期", "自何时起", "from", "from_on"),
    },
    "stock": {
        "item": ("物资名称", "物资", "品名", "名称", "物品名称", "item"),
        "unit": ("保管单位", "所属单位", "存放单位", "队伍", "单位名称", "仓库", "小组", "unit", "team"),
        "batch": ("批号", "批次", "批次号", "生产批号", "batch"),
        "expires_on": ("有效期", "有效期至", "失效日期", "到期日期", "效期", "expires", "expires_on"),
        "quantity": ("数量", "库存数量", "库存", "结存数量", "现有数量", "入库数量", "quantity"),
        "source": ("来源", "供货单位", "捐赠单位", "供应商", "来源单位", "调拨单位", "source"),
        "note": ("备注", "说明", "note"),
    },
    "shares": {
        "name": (
            "商户",
            "商户名称",
            "企业名称",
            "单位名称",
            "公司名称",
            "租户",
            "租户名称",
            "承租方",
            "店名",
            "firm",
            "name",
        ),
        "share": ("减免", "减免金额", "免租金额", "分摊金额", "应得", "份额", "金额", "share", "amount"),
    },
}

_BRACKETS = re.compile(r"[(（\[【〔][^)）\]】〕]*[)）\]】〕]")
_REQUIREMENT = re.compile(
    r"[(（\[【〔][^)）\]】〕]*"
    r"(?:必填|选填|必须|可填|填写|格式|示例|例如|如[:：]|y{2,4}[-/年.]?m|请[填选输按写])"
    r"[^)）\]】〕]*[)）\]】〕]",
    re.IGNORECASE,
)


def plain_header(text: str) -> str:
    """A header without what it asks of the person who fills it in: ``*企业名称(必填)`` → ``企业名称``."""
    bare = _REQUIREMENT.sub("", text)
    return re.sub(r"\s+", " ", bare).strip().strip("*＊:：").strip() or text.strip()


def header_key(text: str) -> str:
    """What two spellings of one header share: no brackets, blanks, stars; one width and case."""
    bare = _BRACKETS.sub("", unicodedata.normalize("NFKC", text)) or text
    return re.sub(r"[\s*_:：]+", "", bare).casefold()


REMARK = N_("Why it was not imported")
REMARKS = frozenset(("未导入原因", "Why it was not imported"))
"""What the column of remarks is called that goes out with rows which stayed out; it is left aside coming in."""


def is_remark(header: str) -> bool:
    """Whether a column is our own of remarks."""
    return header in REMARKS


_ANY = frozenset(header_key(word) for fields in TARGETS.values() for words in fields.values() for word in words)


def is_known_header(text: str) -> bool:
    """Whether some kind of import knows a column of this name."""
    return any(key in _ANY for key in spellings(text))


def spellings(header: str) -> list[str]:
    """The keys of a header: the whole header, then its last level: ``联系方式 / 手机`` is known by 手机."""
    return [header_key(header), header_key(header.rsplit(" / ", 1)[-1])]


def in_ten_thousands(header: str) -> bool:
    """Whether the header says that its sums are in 万元."""
    return "万元" in unicodedata.normalize("NFKC", header)
