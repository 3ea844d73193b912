"""The front door: who is away and who has the desk, what one can carry, routing rules, reports of the portal."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
UTC = sa.DateTime(timezone=True)

WORDS = {  # what the presets of that day suggest a type by; who edits a type edits them
    "rent": "租金 房租 减租 免租 房东 业主 物业费 二房东 租户 缓交租 商铺租",
    "shipping": "发货 出货 货车 物流 运输 货运 通行证 车辆通行 出库 快递 报备 绿色通道",
    "pass": "出入证 进不去 门岗 保安不让 小区不让 封闭管理 通行卡 进小区",
    "supplies": "口罩 消毒 酒精 测温 防护服 额温枪 防疫物资 手套 护目镜",
    "labour": "员工 工人 招工 用工 返岗 隔离 返深 社保 工资 稳岗 加班",
    "finance": "贷款 融资 利息 银行 续贷 抵押 担保 贴息 资金周转 信贷 还款",
    "utilities": "用电 用水 燃气 停电 停水 电费 水费 气费 供电 断电 欠费",
    "tax": "税务 纳税 所得税 个税 税款 税 缴税 税费 减税 免税 税收 报税 缓缴 发票 增值税",
    "logistics": "司机 仓库 仓储 冷链 集装箱 港口 配送",
    "policy": "政策 补贴 怎么申请 申请条件 扶持 奖励 能不能享受",
    "filing": "复工 停工 复工备案 备案 复工申请 开业 复工复产 复工证明 开工",
}

# In the order of their making; a table comes after those that it refers to.
TABLES = ("absences", "duty_shifts", "district_limits", "routing_rules", "portal_reports", "coverages")


def upgrade() -> None:
    _firms()
    _roster()
    _routing()
    _portal()
    _coverage()


def _firms() -> None:
    """What the board counts by. The place of a liaison is that of its firm; written out, as both databases take it."""
    for column in ("district_id", "community_id"):
        reference = f"CONSTRAINT fk_liaisons_{column} REFERENCES areas (id)"
        op.execute(f"ALTER TABLE liaisons ADD COLUMN {column} {_id_type()} {reference}")
        firm = f"SELECT {column} FROM enterprises WHERE enterprises.id = liaisons.enterprise_id"
        op.execute(f"UPDATE liaisons SET {column} = ({firm})")
    board = ["district_id", "to_on", "community_id", "officer_id", "deputy_id", "from_on"]
    op.create_index("ix_liaisons_board", "liaisons", board)
    op.add_column("enterprises", sa.Column("contacted_on", sa.Date(), nullable=True))
    op.create_index("ix_enterprises_coverage", "enterprises", ["district_id", "active", "community_id", "contacted_on"])
    op.add_column("case_types", sa.Column("words", JSON, nullable=False, server_default="[]"))
    types = sa.table("case_types", sa.column("code", sa.String), sa.column("words", JSON))
    for code, words in WORDS.items():
        op.execute(types.update().where(types.c.code == code).values(words=words.split()))


def _id_type() -> str:
    return "INTEGER" if op.get_bind().dialect.name == "sqlite" else "BIGINT"


def _roster() -> None:
    op.create_table(
        "absences",
        sa.Column("id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("deputy_id", ID, nullable=True),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('leave', 'ill', 'training', 'other')", name=op.f("ck_absences_kind_known")),
        sa.CheckConstraint("to_on >= from_on", name=op.f("ck_absences_ends_after_it_begins")),
        sa.CheckConstraint("deputy_id IS NULL OR deputy_id <> user_id", name=op.f("ck_absences_deputy_is_another")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_absences_user_id")),
        sa.ForeignKeyConstraint(["deputy_id"], ["users.id"], name=op.f("fk_absences_deputy_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_absences")),
    )
    op.create_index("ix_absences_user_id_to_on", "absences", ["user_id", "to_on"])
    op.create_table(
        "duty_shifts",
        sa.Column("id", ID, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("user_id", ID, nullable=False),
        sa.Column("begins_at", UTC, nullable=False),
        sa.Column("ends_at", UTC, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("ends_at > begins_at", name=op.f("ck_duty_shifts_ends_after_it_begins")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_duty_shifts_unit_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_duty_shifts_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_duty_shifts")),
    )
    op.create_index("ix_duty_shifts_unit_id_ends_at", "duty_shifts", ["unit_id", "ends_at"])
    op.create_index("ix_duty_shifts_user_id_ends_at", "duty_shifts", ["user_id", "ends_at"])
    op.create_table(
        "district_limits",
        sa.Column("district_id", ID, autoincrement=False, nullable=False),
        sa.Column("most_cases", sa.Integer(), nullable=False),
        sa.Column("most_firms", sa.Integer(), nullable=False),
        sa.Column("stale_days", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_district_limits_district_id")),
        sa.PrimaryKeyConstraint("district_id", name=op.f("pk_district_limits")),
    )


def _routing() -> None:
    op.create_table(
        "routing_rules",
        sa.Column("id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("conditions", JSON, nullable=False),
        sa.Column("unit_id", ID, nullable=False),
        sa.Column("officer_id", ID, nullable=True),
        sa.Column("co_unit_ids", JSON, nullable=False),
        sa.Column("own_officer", sa.Boolean(), nullable=False),
        sa.Column("urgent", sa.Boolean(), nullable=False),
        sa.Column("by_itself", sa.Boolean(), nullable=False),
        sa.Column("live", sa.Boolean(), nullable=False),
        sa.Column("tried_at", UTC, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_routing_rules_district_id")),
        sa.ForeignKeyConstraint(["unit_id"], ["units.id"], name=op.f("fk_routing_rules_unit_id")),
        sa.ForeignKeyConstraint(["officer_id"], ["users.id"], name=op.f("fk_routing_rules_officer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_routing_rules")),
    )
    op.create_index("ix_routing_rules_district_id_position", "routing_rules", ["district_id", "position"])


def _portal() -> None:
    op.create_table(
        "portal_reports",
        sa.Column("id", ID, nullable=False),
        sa.Column("token_sha256", sa.String(length=64), nullable=False),
        sa.Column("answers", JSON, nullable=False),
        sa.Column("case_id", ID, nullable=True),
        sa.Column("digest", sa.String(length=64), nullable=True),
        sa.Column("updated_at", UTC, nullable=False),
        sa.ForeignKeyConstraint(["case_id"], ["cases.id"], name=op.f("fk_portal_reports_case_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_portal_reports")),
        sa.UniqueConstraint("token_sha256", name=op.f("uq_portal_reports_token_sha256")),
    )
    op.create_index("ix_portal_reports_digest", "portal_reports", ["digest"])
    op.create_index("ix_portal_reports_updated_at", "portal_reports", ["updated_at"])


def _coverage() -> None:
    op.create_table(
        "coverages",
        sa.Column("id", ID, nullable=False),
        sa.Column("area_id", ID, nullable=False),
        sa.Column("district_id", ID, nullable=False),
        sa.Column("leader_id", ID, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["area_id"], ["areas.id"], name=op.f("fk_coverages_area_id")),
        sa.ForeignKeyConstraint(["district_id"], ["areas.id"], name=op.f("fk_coverages_district_id")),
        sa.ForeignKeyConstraint(["leader_id"], ["users.id"], name=op.f("fk_coverages_leader_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_coverages")),
    )
    op.create_index("ix_coverages_district_id_to_on", "coverages", ["district_id", "to_on"])
    op.create_index("ix_coverages_leader_id", "coverages", ["leader_id"])
    op.create_index(
        "uq_coverages_current",
        "coverages",
        ["area_id"],
        unique=True,
        sqlite_where=sa.text("to_on IS NULL"),
        postgresql_where=sa.text("to_on IS NULL"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
    op.drop_column("case_types", "words")
    op.drop_index("ix_enterprises_coverage", "enterprises")
    op.drop_column("enterprises", "contacted_on")
    op.drop_index("ix_liaisons_board", "liaisons")
    with op.batch_alter_table("liaisons") as liaisons:
        liaisons.drop_column("district_id")
        liaisons.drop_column("community_id")
