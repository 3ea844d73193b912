"""Reading tables: the shapes that real files came in, made small, and hostile ones."""

from __future__ import annotations

import csv
import io
import struct
import time
import zipfile
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest
import xlsxwriter

from casework.kernel.errors import Refused
from casework.sheets import reading as sheets
from casework.sheets import text
from casework.sheets.reading import Table, read_table


def read(tmp_path: Path, content: bytes, name: str = "表.csv", **more: Any) -> Table:
    path = tmp_path / "upload"
    path.write_bytes(content)
    return read_table(path, name, **more)


def refusal(tmp_path: Path, content: bytes, name: str = "表.xlsx") -> str:
    with pytest.raises(Refused) as caught:
        read(tmp_path, content, name)
    [reason] = caught.value.reasons
    assert reason.field == "file"
    return reason.text


def workbook(fill: Callable[[Any, Any], None], **options: Any) -> bytes:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, options)
    fill(book, book.add_worksheet("名单"))
    book.close()
    return out.getvalue()


def zipped(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


XLSX_TYPES = (
    b'<Types><Override PartName="/xl/workbook.xml" ContentType="application/vnd.openxmlformats-officedocument'
    b'.spreadsheetml.sheet.main+xml"/></Types>'
)
LIST = "企业名称,所在区\n深圳集秀创意科技有限公司,福田区\n深圳市某某（深圳）有限公司,南山区\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "utf-16-le", "utf-16-be"])
def test_a_list_reads_the_same_in_every_encoding(tmp_path: Path, encoding: str) -> None:
    table = read(tmp_path, LIST.encode(encoding))
    assert table.headers == ["企业名称", "所在区"]
    assert [(row.number, row.cells) for row in table.rows] == [
        (2, ["深圳集秀创意科技有限公司", "福田区"]),
        (3, ["深圳市某某（深圳）有限公司", "南山区"]),
    ]


def test_the_content_decides_and_not_the_name(tmp_path: Path) -> None:
    book = workbook(
        lambda _, sheet: sheet.write_row(0, 0, ["企业名称", "所在区"]) or sheet.write_row(1, 0, ["甲厂", "福田区"])
    )
    assert read(tmp_path, book, "名单.csv").rows[0].cells == ["甲厂", "福田区"]
    assert read(tmp_path, LIST.encode(), "名单.xlsx").headers == ["企业名称", "所在区"]


def test_a_list_without_header_has_none_and_says_so(tmp_path: Path) -> None:
    table = read(tmp_path, LIST.split("\n", 1)[1].encode())
    assert table.headers == []
    assert [row.number for row in table.rows] == [1, 2]
    assert "There is no header: the columns were told by their content." in [note.text for note in table.notes]


def test_a_message_keeps_its_lines_and_loses_its_rubbish(tmp_path: Path) -> None:
    out = io.StringIO()
    message = "\r\n\t\t\t\t\t\r\n\t\t\t\t\t\u3000\u3000A市的\xa0门面_x000D_\n\n\n\n\u200b请减租\t\t\n\t"
    csv.writer(out).writerows([["留言编号", "留言主题", "留言详情"], ["1", "租金", message], ["2", "水电", "好"]])
    table = read(tmp_path, out.getvalue().encode("utf-8-sig"))
    assert table.rows[0].cells == ["1", "租金", "A市的 门面\n\n请减租"]
    assert table.rows[1].number == 3


@pytest.mark.parametrize("said", ["a_x0000_b", "a_x0001_b", "a&#1;b", "a\ufffeb"])
def test_what_nobody_can_see_and_no_database_takes_stays_outside(tmp_path: Path, said: str) -> None:
    book, path = openpyxl.Workbook(), tmp_path / "a.xlsx"
    book.worksheets[0].append(["企业名称", "电话"])
    book.worksheets[0].append(["HERE", "1"])
    book.save(path)
    with zipfile.ZipFile(path) as source:
        parts = {name: source.read(name).replace(b"HERE", said.encode()) for name in source.namelist()}
    with zipfile.ZipFile(path, "w") as target:
        for name, part in parts.items():
            target.writestr(name, part)
    assert read_table(path, "a.xlsx").rows[0].cells[0] == "ab"


def test_tab_files_have_no_quoting(tmp_path: Path) -> None:
    table = read(tmp_path, 'id\tquestion\tanswer\n1\t"双报到"怎么办, 谁管\t"未闭合\n2\t问\t答\n'.encode())
    assert [row.cells for row in table.rows] == [["1", '"双报到"怎么办, 谁管', '"未闭合'], ["2", "问", "答"]]


def test_an_open_quotation_mark_is_named_and_swallows_nothing(tmp_path: Path) -> None:
    with pytest.raises(Refused) as caught:
        read(tmp_path, '企业名称,地址\n甲公司,"深南大道\n乙公司,红荔路\n'.encode())
    assert (caught.value.reasons[0].text, caught.value.reasons[0].values["row"]) == (text.OPEN_QUOTE, 2)


def test_one_spoiled_character_is_refused_with_its_line_instead_of_nonsense(tmp_path: Path) -> None:
    spoiled = (LIST * 20).encode().replace("南山区".encode(), "南山区".encode()[:-1] + b"\xff", 1)
    with pytest.raises(Refused) as caught:
        read(tmp_path, spoiled)
    assert (caught.value.reasons[0].text, caught.value.reasons[0].values["line"]) == (text.ENCODING, 3)


def test_a_used_range_far_beyond_the_data_is_not_the_data(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["留言编号", "留言主题"])
        sheet.write_row(1, 0, [24, "占道"])
        sheet.write_row(9, 0, [37, "停水"])
        for row in range(10, 65_203):
            sheet.write_string(row, 1, " ", None) if row % 100 == 0 else sheet.write_blank(
                row, 1, None, book.formats[0]
            )

    table = read(tmp_path, workbook(fill))
    assert [(row.number, row.cells) for row in table.rows] == [(2, ["24", "占道"]), (10, ["37", "停水"])]


def test_numbers_dates_and_long_codes_become_what_a_person_would_type(tmp_path: Path) -> None:
    def fill(book: Any, sheet: Any) -> None:
        day, moment = (
            book.add_format({"num_format": "yyyy-mm-dd"}),
            book.add_format({"num_format": "yyyy-mm-dd hh:mm"}),
        )
        sheet.write_row(0, 0, ["企业名称", "月租金", "统一社会信用代码", "日期", "时间", "面积"])
        sheet.write_row(1, 0, ["甲店", 8800.0, "914403007084611360"])
        sheet.write_datetime(1, 3, datetime(2020, 2, 3), day)  # noqa: DTZ001
        sheet.write_datetime(1, 4, datetime(2020, 2, 3, 9, 30), moment)  # noqa: DTZ001
        sheet.write_number(1, 5, 36.5)

    [row] = read(tmp_path, workbook(fill)).rows
    assert row.cells == ["甲店", "8800", "914403007084611360", "2020-02-03", "2020-02-03 09:30:00", "36.5"]


def test_a_registration_sheet_that_begins_at_b2_with_notes_below(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range("B2:E2", "已离汉人员信息清单")
        sheet.write_row("B3", ["序号", "姓名", "电话", "离汉时间"])
        sheet.write_row("B4", [1, "张三", "13800000000", "2020-01-20"])
        sheet.merge_range("B12:E12", "注意:\n 1、不要更改模板的文件结构")
        sheet.merge_range("B13:E20", "2、序号列必须填")

    table = read(tmp_path, workbook(fill))
    assert table.headers == ["序号", "姓名", "电话", "离汉时间"]
    assert [(row.number, row.cells) for row in table.rows] == [(4, ["1", "张三", "13800000000", "2020-01-20"])]
    assert [note.values["row"] for note in table.notes] == [2, 12, 13]


def test_what_a_header_asks_of_the_filler_is_no_part_of_its_name(tmp_path: Path) -> None:
    table = read(
        tmp_path,
        "企业名称(必填),楼栋名称(所属类型填写时必填),*日期(yyyy-MM-dd),租金(元)\n甲公司,A座,2020-01-01,5\n".encode(),
    )
    assert table.headers == ["企业名称", "楼栋名称", "日期", "租金(元)"]


def test_a_header_of_three_rows_becomes_one(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.merge_range("A1:F1", "某项目供应商管理台账")
        for column, title in enumerate(["序号", "供应商编号"]):
            sheet.merge_range(1, column, 3, column, title)
        sheet.merge_range("C2:E2", "履约评价")
        sheet.merge_range("C3:C4", "评价日期")
        sheet.merge_range("D3:E3", "线下评价")
        sheet.write_row("D4", ["得分", "反馈日期"])
        sheet.merge_range("F2:F4", "备注")
        sheet.write_row("A5", [1, "xx-001", "2025-07-03", 90, "2025-07-04", "/"])

    table = read(tmp_path, workbook(fill))
    assert table.headers == [
        "序号",
        "供应商编号",
        "履约评价 / 评价日期",
        "履约评价 / 线下评价 / 得分",
        "履约评价 / 线下评价 / 反馈日期",
        "备注",
    ]
    assert [row.number for row in table.rows] == [5]


def test_totals_instructions_and_second_headers_are_named_and_left_aside(tmp_path: Path) -> None:
    lines = [
        "福田区商户名单",
        "商户名称,月租金",
        "填写说明：按合同填,",
        "甲店,100",
        "商户名称,月租金",
        "乙店,200",
        "合计,300",
    ]
    table = read(tmp_path, "\n".join([*lines, "数据来源：街道,"]).encode())
    assert [(row.number, row.cells[0]) for row in table.rows] == [(4, "甲店"), (6, "乙店")]
    assert sorted(note.values["row"] for note in table.notes) == [1, 3, 5, 7, 8]


def test_a_district_merged_over_its_rows_belongs_to_each(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["所在区", "企业名称"])
        sheet.merge_range("A2:A3", "福田区")
        sheet.write("B2", "甲公司")
        sheet.write("B3", "乙公司")

    assert [row.cells for row in read(tmp_path, workbook(fill)).rows] == [
        ["福田区", "甲公司"],
        ["福田区", "乙公司"],
    ]


def test_the_first_visible_sheet_with_data_is_read_and_the_others_are_named(tmp_path: Path) -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    for name, rows in (
        ("空", []),
        ("封面", [["某区企业复工情况"], ["填报单位", "某街道"], ["请勿更改表头"]]),
        ("藏", [["企业名称"], ["丙"]]),
        ("一", [["企业名称", "区"], ["甲厂", "福田区"]]),
        ("二", [["x"]]),
    ):
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, 0, row)
        if name == "藏":
            sheet.hide()
    book.close()
    table = read(tmp_path, out.getvalue())
    assert (table.sheet, table.rows[0].cells) == ("一", ["甲厂", "福田区"])
    assert {note.values["sheets"] for note in table.notes} == {"藏", "封面、二"}
    assert read(tmp_path, out.getvalue(), sheet="藏").rows[0].cells == ["丙"]
    with pytest.raises(Refused, match="no such sheet"):
        read(tmp_path, out.getvalue(), sheet="三")


def test_an_apostrophe_that_guards_a_formula_is_taken_off_once(tmp_path: Path) -> None:
    table = read(tmp_path, "企业名称,备注\n甲厂,'=1+1\n乙厂,'90年代\n".encode())
    assert [row.cells[1] for row in table.rows] == ["=1+1", "'90年代"]


def test_a_formula_gives_its_value_and_is_not_run(tmp_path: Path) -> None:
    def fill(_: Any, sheet: Any) -> None:
        sheet.write_row(0, 0, ["企业名称", "月租金"])
        sheet.write_string(1, 0, "甲厂")
        sheet.write_formula(1, 1, '=HYPERLINK("http://example.invalid","x")', None, 42)

    assert read(tmp_path, workbook(fill)).rows[0].cells == ["甲厂", "42"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"", sheets.EMPTY),
        (b"\xef\xbb\xbf\n\n", sheets.EMPTY),
        (b"%PDF-1.4\n\x00\x01\x02", text.NOT_A_TABLE),
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + bytes(range(256)), text.NOT_A_TABLE),
        ("<html><table><tr><td>企业名称</td></tr></table>".encode(), text.MARKUP),
        (
            b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600 + "EncryptedPackage\0".encode("utf-16-le"),
            sheets.ENCRYPTED,
        ),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook\0_VBA_PROJECT\0".encode("utf-16-le"), sheets.MACROS),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "WordDocument\0".encode("utf-16-le"), text.NOT_A_TABLE),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "Workbook\0".encode("utf-16-le"), sheets.DAMAGED),
        (zipped({"[Content_Types].xml": XLSX_TYPES, "xl/vbaProject.bin": b"x"}), sheets.MACROS),
        (
            zipped({"[Content_Types].xml": b"<Types>wordprocessingml</Types>", "word/document.xml": b"x"}),
            text.NOT_A_TABLE,
        ),
        (zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), sheets.OTHER_FORMAT),
        (zipped({"[Content_Types].xml": XLSX_TYPES}), sheets.DAMAGED),
    ],
)
def test_what_is_no_table_is_refused_in_one_sentence(tmp_path: Path, content: bytes, expected: str) -> None:
    assert refusal(tmp_path, content) == expected


@pytest.mark.parametrize(
    "content",
    [
        zipped({"[Content_Types].xml": XLSX_TYPES, "xl/worksheets/sheet1.xml": b" " * 30_000_000}),
        zipped({"[Content_Types].xml": XLSX_TYPES} | {f"xl/{n}.xml": b"" for n in range(2_100)}),
    ],
    ids=["ratio", "entries"],
)
def test_zip_bombs_are_refused_before_they_are_opened(tmp_path: Path, content: bytes) -> None:
    started = time.process_time()
    assert "Split it" in refusal(tmp_path, content)
    assert time.process_time() - started < 2


@pytest.mark.parametrize("name", ["../evil.xml", "/etc/passwd", "xl/..\\..\\evil", "C:/evil"])
def test_archives_that_lead_out_are_refused(tmp_path: Path, name: str) -> None:
    assert "damaged" in refusal(tmp_path, zipped({"[Content_Types].xml": XLSX_TYPES, name: b"x"}))


def test_an_archive_that_lies_about_its_sizes_is_refused(tmp_path: Path) -> None:
    honest = bytearray(zipped({"[Content_Types].xml": XLSX_TYPES, "xl/a.xml": b"a" * 5_000_000}))
    at = honest.rfind(b"PK\x01\x02")
    struct.pack_into("<L", honest, at + 24, 10)
    assert "damaged" in refusal(tmp_path, bytes(honest))


def test_a_workbook_that_unfolds_in_memory_stops_at_the_limit(tmp_path: Path) -> None:
    """One shared text named by many cells: small on disk, huge once read."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out)
    sheet = book.add_worksheet()
    for row in range(20_000):
        for column in range(5):
            sheet.write_string(row, column, "租" * 30_000)
    book.close()
    assert refusal(tmp_path, out.getvalue()) == sheets.TOO_LARGE


def test_more_than_a_hundred_thousand_rows_are_refused(tmp_path: Path) -> None:
    assert refusal(tmp_path, b"name,district\n" + b"a,b\n" * 100_001, "x.csv") == sheets.TOO_MANY_ROWS
    assert len(read(tmp_path, b"name,district\n" + b"a,b\n" * 100_000).rows) == 100_000


def test_more_than_two_hundred_columns_are_refused(tmp_path: Path) -> None:
    book = workbook(lambda _, sheet: [sheet.write_row(row, 0, ["甲"] * 201) for row in range(2)] and None)
    assert refusal(tmp_path, book) == sheets.TOO_MANY_COLUMNS
    assert (
        refusal(tmp_path, ",".join(["name"] * 201).encode() + b"\n" + b"1," * 201, "x.csv") == sheets.TOO_MANY_COLUMNS
    )


def test_two_encodings_in_one_file_are_told_by_the_line_where_the_second_begins(tmp_path):
    path = tmp_path / "mixed.csv"
    path.write_bytes("企业名称,所在区\n甲公司,福田区\n".encode() + "乙公司,福田区\n".encode("gb18030"))
    with pytest.raises(Refused) as refusal:
        read_table(path, path.name)
    assert dict(refusal.value.reasons[0].values) == {"line": 3}


def test_links_to_other_workbooks_are_never_followed_and_mentioned(tmp_path):
    path = tmp_path / "links.xlsx"
    book = openpyxl.Workbook()
    book.active.append(["企业名称"])
    book.active.append(["甲公司"])
    book.save(path)
    with zipfile.ZipFile(path, "a") as archive:
        archive.writestr("xl/externalLinks/externalLink1.xml", "<externalLink/>")
    assert "refers to other files" in str(read_table(path, path.name).notes[0])


def test_the_column_of_remarks_that_went_home_with_refused_rows_is_no_data(tmp_path):
    path = tmp_path / "home.csv"
    path.write_text("企业名称,所在区,未导入原因\n甲公司,福田区,辖区里没有\n")
    table = read_table(path, path.name)
    assert (table.headers, table.rows[0].cells) == (["企业名称", "所在区"], ["甲公司", "福田区"])
