"""One file through the bounded child: what is staged, what is said, what is refused."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from apps.core.errors import RefusedFile
from apps.core.excel.child import run_child
from apps.core.excel.marking import HEADING, mark_problems
from apps.core.excel.write import template, write_csv, write_table
from apps.core.ids import check_digit
from apps.registers.checks import ALL, ROW_CHECKS, SET_CHECKS
from apps.registers.layouts import STAGED_COLUMNS
from apps.registers.layouts.staged import DETAILS
from apps.registers.layouts.templates import template_of

HEADINGS = ["学校标识码", "年级", "班级", "学籍号", "姓名", "性别", "身份证号", "出生日期", "监护人姓名", "监护人电话", "学生状态", "备注"]


def number(born: str = "20150901", sequence: int = 18, area: str = "530113") -> str:
    first = f"{area}{born}{sequence:03}"
    return first + check_digit(first)


def child(**changed: Any) -> list[Any]:
    """A sound row in the order of HEADINGS, with some cells changed."""
    cells: dict[str, Any] = dict(
        zip(
            HEADINGS,
            ["5301130020", "七年级", "1", "G" + number(), "张三", "女", number(), "2015-09-01", "张父", "13800000000", "在读", ""],
            strict=True,
        )
    )
    return list((cells | changed).values())


def book(path: Path, *sheets: tuple[str, Sequence[Sequence[Any]]]) -> Path:
    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name, rows in sheets:
        page = workbook.create_sheet(name)
        for row in rows:
            page.append(row)
    workbook.save(path)
    return path


def read(path: Path, kind: str = "enrollment", **options: Any) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """The staged rows as dictionaries, and the summary."""
    lines = bytearray()
    told = json.dumps({"school_year": 2025, **options}, ensure_ascii=False)
    done = run_child([kind, str(path), "--options", told], on_progress=lambda event: None, copy_write=lines.extend)
    rows = []
    for line in lines.decode().splitlines():
        cells = [cell.replace("\\\\", "\\") for cell in line.split("\t")]
        row: dict[str, Any] = dict(zip(STAGED_COLUMNS, cells, strict=True))
        told = dict.fromkeys(DETAILS, "") | {"extra": {}} | json.loads(row.pop("details"))
        rows.append(row | told | {name: json.loads(row[name]) for name in ("cleaned", "problems")})
    return rows, done


def codes(row: dict[str, Any]) -> set[str]:
    return {problem["code"] for problem in row["problems"]}


def test_a_sound_row(tmp_path: Path):
    rows, done = read(book(tmp_path / "a.xlsx", ("七1班", [HEADINGS, child()])))
    (row,) = rows
    assert {key: done[key] for key in ("rows", "accepted", "cleaned", "rejected")} == {"rows": 1, "accepted": 1, "cleaned": 0, "rejected": 0}
    expected = {
        "row": "1", "sheet": "七1班", "sheet_row": "2", "status": "accepted", "key": "G" + number(), "name": "张三",
        "pinyin": "zhang san",
        "initials": "zs", "sex": "F", "birth_date": "2015-09-01", "id_kind": "resident", "grade": "7", "class_name": "1", "state": "studying",
        "guardian_phone": "13800000000", "reported_on": "\\N", "extra": {}, "problems": [], "cleaned": [],
    }  # fmt: skip
    assert {key: row[key] for key in expected} == expected


DIRT = [
    ({"身份证号": 530113201509010180.0}, "rejected", "id_saved_as_number"),
    ({"身份证号": "5.30113E+17"}, "rejected", "id_saved_as_number"),
    ({"身份证号": "530113201509010000"}, "rejected", "id_truncated"),
    ({"身份证号": "", "学籍号": "L" + number()}, "accepted", "id_missing"),
    ({"身份证号": number()[:17]}, "accepted", "id_length"),
    ({"身份证号": number()[:10] + "A" + number()[11:]}, "accepted", "id_characters"),
    ({"身份证号": "530113201513010018"}, "accepted", "id_birth_impossible"),
    ({"身份证号": number()[:17] + ("1" if number()[17] != "1" else "2")}, "accepted", "id_check_digit"),
    ({"身份证号": "530113150901001"}, "cleaned", "id_upgraded"),
    ({"出生日期": "2015-10-01"}, "accepted", "id_birth_contradiction"),
    ({"出生日期": "去年"}, "accepted", "birth_unreadable"),
    ({"性别": "男"}, "accepted", "id_sex_contradiction"),
    ({"性别": "甲"}, "accepted", "sex_unknown"),
    ({"身份证号": number("19800101"), "学籍号": "L" + number()}, "accepted", "id_of_guardian"),
    ({"姓名": ""}, "rejected", "name_missing"),
    ({"姓名": "无"}, "rejected", "name_is_none"),
    ({"姓名": 12.0}, "rejected", "name_is_none"),
    ({"姓名": "张" * 51}, "rejected", "name_too_long"),
    ({"姓名": "张三2"}, "accepted", "name_with_digits"),
    ({"姓名": "张\u202e三"}, "cleaned", "name_hidden_characters"),
    ({"年级": "甲"}, "rejected", "grade_unreadable"),
    ({"班级": "8.1"}, "accepted", "grade_contradicts_class"),
    ({"班级": ""}, "accepted", "class_missing"),
    ({"班级": datetime(2025, 7, 1)}, "cleaned", "class_turned_date"),
    ({"学生状态": "开除"}, "accepted", "state_unlawful"),
    ({"学生状态": "其他离校"}, "accepted", "state_other_leave"),
    ({"学生状态": "云游"}, "accepted", "state_unknown"),
    ({"学籍号": ""}, "accepted", "student_number_missing"),
    ({"学籍号": "X" + number()}, "accepted", "student_number_malformed"),
    ({"学籍号": 530113201509010180.0}, "rejected", "student_number_saved_as_number"),
    ({"学籍号": "G" + number("20150902")}, "accepted", "student_number_unlike_id"),
    ({"监护人电话": "123"}, "accepted", "phone_malformed"),
    ({"学校标识码": ""}, "rejected", "school_missing"),
    ({"姓名": "=1+1"}, "rejected", "formula_uncached"),
    ({"监护人姓名": "#REF!"}, "rejected", "cell_error"),
    ({"身份证号": number("20000101"), "出生日期": "2000-01-01", "学籍号": "L" + number()}, "accepted", "age_outside"),
    ({"身份证号": "", "出生日期": "", "学籍号": ""}, "accepted", "identity_missing"),
]


@pytest.fixture(scope="module")
def dirty(tmp_path_factory: pytest.TempPathFactory) -> list[dict[str, Any]]:
    rows, done = read(book(tmp_path_factory.mktemp("dirt") / "a.xlsx", ("S", [HEADINGS, *(child(**changed) for changed, _, _ in DIRT)])))
    assert done["rows"] == len(DIRT) == len(rows)
    return rows


@pytest.mark.parametrize("place", range(len(DIRT)), ids=[f"{code}-{place}" for place, (_, _, code) in enumerate(DIRT)])
def test_dirt(dirty: list[dict[str, Any]], place: int):
    changed, status, code = DIRT[place]
    assert code in codes(dirty[place])
    assert dirty[place]["status"] == status
    assert number() not in json.dumps([dirty[place]["problems"], dirty[place]["cleaned"]])
    assert changed


def test_the_district_says_which_ages_are_schooled(tmp_path: Path):
    path = book(tmp_path / "a.xlsx", ("S", [HEADINGS, child(出生日期="2019-10-01", 身份证号="", 学籍号="L" + number("20191001"))]))
    (row,), _ = read(path)
    (problem,) = [p for p in row["problems"] if p["code"] == "age_outside"]
    assert "2025 年 8 月 31 日是 5 周岁，不在 6–15 周岁之内" in problem["message"]
    assert "age_outside" not in codes(read(path, entry_cutoff=1231)[0][0])
    assert "age_outside" not in codes(read(path, entry_age=5)[0][0])


def test_a_number_ending_in_000_may_be_vouched_for(tmp_path: Path):
    true = next(n for s in range(100, 1000, 100) for d in range(1, 29) if (n := number(f"201509{d:02}", s)).endswith("000"))
    rows = [child(身份证号=true, 学籍号="G" + true), child(身份证号=true, 学籍号="", 备注="证号属实"), child(身份证号=true, 学籍号="")]
    staged, _ = read(book(tmp_path / "a.xlsx", ("S", [HEADINGS, *rows])))
    assert [row["status"] == "rejected" for row in staged] == [False, False, True]


def test_repairs_are_reported_before_and_after_and_masked(tmp_path: Path):
    rows, _ = read(book(tmp_path / "a.xlsx", ("S", [HEADINGS, child(姓名="张 三", 身份证号="'" + number())])))
    assert rows[0]["status"] == "cleaned"
    assert {"column": "name", "before": "张 三", "after": "张三"} in rows[0]["cleaned"]
    assert rows[0]["cleaned"][-1]["after"].count("*") == 8


def test_one_sheet_a_class_with_titles_totals_ghosts_and_repeated_headings(tmp_path: Path):
    short = [heading for heading in HEADINGS if heading not in ("年级", "班级")]
    row = [cell for cell, heading in zip(child(), HEADINGS, strict=True) if heading in short]
    one = [["七年级1班花名册"], short, row, [], short, row, ["合计", 2], ["制表人：王老师"]]
    path = book(tmp_path / "a.xlsx", ("七年级1班", one), ("七年级2班", [short, [" "] * 4, row]), ("说明", [["随便写的"]]))
    rows, done = read(path)
    assert [(r["row"], r["sheet"], r["sheet_row"], r["grade"], r["class_name"]) for r in rows] == [
        ("1", "七年级1班", "3", "7", "1"),
        ("2", "七年级1班", "6", "7", "1"),
        ("3", "七年级2班", "3", "7", "2"),
    ]
    assert any("说明" in note for note in done["notes"])


def test_unknown_columns_are_kept_and_told(tmp_path: Path):
    events: list[dict[str, Any]] = []
    path = book(tmp_path / "a.xlsx", ("S", [[*HEADINGS, "爱好"], [*child(), "足球"]]))
    lines = bytearray()
    run_child(["enrollment", str(path)], on_progress=events.append, copy_write=lines.extend)
    heading = next(event["heading"] for event in events if "heading" in event)
    assert heading["unknown"] == [{"heading": "爱好", "column": 12, "samples": ["足球"]}]
    assert '{"爱好": "足球"}' in lines.decode()


def test_rows_of_another_school_are_refused_where_the_upload_is_for_one(tmp_path: Path):
    path = book(tmp_path / "a.xlsx", ("S", [HEADINGS, child(), child(学校标识码="5301130099"), child(学校标识码="")]))
    rows, _ = read(path, school_code="5301130020", school_name="某校")
    assert [row["status"] for row in rows] == ["accepted", "rejected", "accepted"]
    assert rows[2]["school_code"] == "5301130020"


@pytest.mark.parametrize(
    ("rows", "code"),
    [([HEADINGS], "no_rows"), ([["a", "b"], [1, 2]], "no_heading"), ([[h for h in HEADINGS if h != "姓名"], child()[:-1]], "columns_missing")],
)
def test_files_without_rows_or_headings_are_refused(tmp_path: Path, rows: list[list[Any]], code: str):
    with pytest.raises(RefusedFile) as caught:
        read(book(tmp_path / "a.xlsx", ("S", rows)))
    assert caught.value.code == code


@pytest.mark.parametrize(("headings", "code"), [(["年级", "班级", "性别"], "columns_missing"), (["a", "b"], "no_heading")])
def test_a_school_that_is_given_is_not_told_missing(tmp_path: Path, headings: list[str], code: str):
    path = book(tmp_path / "a.xlsx", ("S", [headings, ["七年级", "1", "女"][: len(headings)]]))
    for options, told in (({}, True), ({"school_code": "5301130020", "school_name": "某校"}, False)):
        seen: list[dict[str, Any]] = []
        with pytest.raises(RefusedFile) as caught:
            run_child(["attending", str(path), "--options", json.dumps(options)], on_progress=seen.append, copy_write=lambda piece: None)
        assert caught.value.code == code
        assert "姓名" in caught.value.sentence
        assert ("学校" in caught.value.sentence) is told
        assert any("school_code" in group for one in seen if "heading" in one for group in one["heading"]["missing"]) is (
            told and code != "no_heading"
        )


@pytest.mark.parametrize("options", [{"memory_mb": 40}, {"seconds": 0}])
def test_the_parent_survives_the_childs_death(tmp_path: Path, options: dict[str, Any]):
    with pytest.raises(RefusedFile) as caught:
        read(book(tmp_path / "a.xlsx", ("S", [HEADINGS, *[child()] * 4_000])), **options)
    assert caught.value.sentence.endswith("。")


def test_a_writer_that_fails_stops_the_child(tmp_path: Path):
    def fail(_: bytes) -> None:
        raise OSError("no space")

    with pytest.raises(OSError, match="no space"):
        run_child(["enrollment", str(book(tmp_path / "a.xlsx", ("S", [HEADINGS, child()])))], on_progress=lambda event: None, copy_write=fail)


def test_household_monitored_and_survey_values(tmp_path: Path):
    household = [
        ["户号", "姓名", "公民身份号码", "性别", "出生日期", "户籍地址", "行政区划", "户口登记状态"],
        ["1", "张三", number(), "2", "20150901", "汤丹镇", "530113102", "死亡注销"],
    ]
    rows, _ = read(book(tmp_path / "h.xlsx", ("S", household)), "household")
    assert (rows[0]["state"], rows[0]["township_code"], rows[0]["residence_code"], rows[0]["key"]) == ("dead", "530113102", "530113102", number())
    monitored = [
        ["乡(镇)", "户编号", "姓名", "证件号码", "户类型", "监测对象类别", "在校生状况"],
        ["汤丹镇", 561, "张三", number(), "脱贫户", "边缘易致贫户", "初中在读"],
    ]
    rows, _ = read(book(tmp_path / "m.xlsx", ("S", monitored)), "monitored", townships={"汤丹镇": "530113102"})
    assert (rows[0]["group_kind"], rows[0]["township_code"], rows[0]["state"]) == ("marginal", "530113102", "enrolled_inside")
    assert rows[0]["key"] == f"561|{number()}"
    survey = [
        ["村", "姓名", "监护人姓名", "现住址", "就读情况", "未就读原因", "摸排人", "摸排日期"],
        ["甲村", "张三", "张父", "x", "失学", "打工", "李四", date(2025, 9, 9)],
    ]
    rows, _ = read(book(tmp_path / "s.xlsx", ("S", survey)), "survey")
    assert (rows[0]["state"], rows[0]["situation_text"], rows[0]["reported_on"], rows[0]["key"]) == (
        "never_enrolled",
        "失学；打工",
        "2025-09-09",
        "张三||张父|甲村",
    )


def test_csv_reads_like_the_workbook(tmp_path: Path):
    write_csv(tmp_path / "a.csv", headings=HEADINGS, rows=[child(), child(姓名="=cmd")], encoding="gb18030")
    rows, done = read(tmp_path / "a.csv")
    assert (done["container"], done["encoding"], rows[0]["name"], rows[0]["status"]) == ("text", "gb18030", "张三", "accepted")
    assert rows[1]["name"] != "=cmd" or rows[1]["status"] == "accepted"


def test_the_problem_workbook_can_be_mended_and_read_again(tmp_path: Path):
    path = book(tmp_path / "a.xlsx", ("S", [["花名册"], HEADINGS, child(), child(姓名="无")]))
    rows, done = read(path)
    problems = [{**problem, "sheet": row["sheet"], "sheet_row": row["sheet_row"]} for row in rows for problem in row["problems"]]
    where = {
        "columns": {heading["sheet"]: heading["columns"] for heading in done["headings"]},
        "heading_rows": {heading["sheet"]: heading["last_row"] for heading in done["headings"]},
    }
    mark_problems(path, problems, tmp_path / "b.xlsx", **where)
    page = openpyxl.load_workbook(tmp_path / "b.xlsx").active
    assert page.cell(2, 13).value == HEADING
    assert "不是姓名" in page.cell(4, 13).value
    assert page.cell(4, 5).fill.fgColor.rgb == "FFF4B6B6"
    page.cell(4, 5).value = "李四"
    page.parent.save(tmp_path / "c.xlsx")
    again, _ = read(tmp_path / "c.xlsx")
    assert [row["status"] for row in again] == ["accepted", "accepted"]
    assert again[1]["extra"] == {}
    mark_problems(tmp_path / "c.xlsx", [], tmp_path / "d.xlsx", **where)
    clean = openpyxl.load_workbook(tmp_path / "d.xlsx").active
    assert clean.cell(4, 13).value is None
    assert clean.cell(4, 5).fill.fgColor.rgb != "FFF4B6B6"


def test_formulas_are_written_as_text(tmp_path: Path):
    write_table(tmp_path / "a.xlsx", title="=1", headings=["甲"], rows=[["=1+1"], ["+1"], ["-1"], ["@x"], ["\tx"], [1]], text_columns=[0])
    page = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert {cell.data_type for row in page.iter_rows() for cell in row if cell.value is not None} == {"s"}
    assert (page.page_setup.orientation, page.freeze_panes, page.print_title_rows) == ("landscape", "A3", "$1:$2")


def test_a_filled_template_reads_back(tmp_path: Path):
    template(tmp_path / "t.xlsx", **template_of("attending"))
    workbook = openpyxl.load_workbook(tmp_path / "t.xlsx")
    page = workbook["数据"]
    headings = [cell.value for cell in page[2]]
    for column, value in zip(headings, ["5301130020", "某校", "七年级", "1", "张三", "女", number()], strict=False):
        page.cell(3, headings.index(column) + 1).value = value
    assert page.data_validations.dataValidation
    assert page.cell(3, headings.index("身份证号") + 1).number_format == "@"
    workbook.save(tmp_path / "u.xlsx")
    rows, done = read(tmp_path / "u.xlsx", "attending")
    assert (rows[0]["status"], rows[0]["name"], done["notes"]) == ("accepted", "张三", [])


def test_every_check_is_whole():
    assert len({check.CODE for check in ALL}) == len(ALL)
    for check in ALL:
        assert check.__name__.endswith(check.CODE)
        assert check.SEVERITY in ("error", "warning")
        assert check.ARTICLE
    assert all(callable(check.look) for check in ROW_CHECKS)
    assert all("FROM repeated" in check.SQL and check.sentence("1").endswith("。") for check in SET_CHECKS)


def test_a_number_in_a_text_never_leaves_the_reader(tmp_path: Path) -> None:
    """The file itself stays the proof; what is staged, said and remarked holds masks only."""
    told, old = number(sequence=77), "530113150901077"
    headings = [*HEADINGS, "家庭住址", "学籍辅号", "户号", "父亲证件", f"附{told}"]
    rows = [
        [*child(备注=f"见{told[:6]} {told[6:14]} {told[14:]}"), f"集镇{told}号", f"L{told}", "5301130010012345", told, old],
        [*child(备注=float("5301132015090107"), 监护人姓名=f"张父{told}", 监护人电话=told, 班级=f"{told}班"), old, "云辅123456789012", told, "", ""],
        [*child(备注="13800000000 13900000000"), "集镇12号2组", "", "12", "", ""],
    ]
    first, second, third = read(book(tmp_path / "a.xlsx", (f"表{told}", [headings, *rows])))[0]
    mask, short = f"530113********{told[-4:]}", "530113*****1077"
    assert (first["remark"], first["address"], first["provincial_number"]) == (f"见{mask}", f"集镇{mask}号", f"L{mask}")
    assert (first["household_number"], second["household_number"]) == ("5301130010012345", mask)
    assert first["extra"] == {"父亲证件": mask, f"附{mask}": short} and first["sheet"] == f"表{mask}"
    assert (second["remark"], second["guardian_name"], second["address"]) == ("530113******0107", f"张父{mask}", short)
    assert second["provincial_number"] == "云辅1234****9012" and second["class_name"] == mask
    assert third["remark"] == "13800000000 13900000000" and third["status"] == "accepted"
    remarks = {one["column"]: one for one in first["cleaned"]}
    assert remarks["remark"] == {"column": "remark", "before": f"见{mask}", "after": "证件号已遮盖"} and "address" in remarks
    assert first["status"] == "cleaned" and "provincial_number" not in remarks
    for row in (first, second):
        texts = "".join(str(value) for column, value in row.items() if column not in ("id_number", "student_number", "key"))
        assert told not in texts and old not in texts and told[6:14] not in texts


def test_the_problem_workbook_finds_a_sheet_named_after_a_number(tmp_path: Path) -> None:
    name, path = f"表{number()}", tmp_path / "a.xlsx"
    rows, done = read(book(path, (name, [HEADINGS, child(姓名="")])))
    head = done["headings"][0]
    problems = [{"sheet": rows[0]["sheet"], "sheet_row": 2, "column": "name", "message": "没有姓名。", "severity": "error"}]
    mark_problems(path, problems, tmp_path / "b.xlsx", columns={head["sheet"]: head["columns"]}, heading_rows={head["sheet"]: head["last_row"]})
    page = openpyxl.load_workbook(tmp_path / "b.xlsx").worksheets[0]
    assert page.title == name and "没有姓名。" in str(page.cell(2, len(HEADINGS) + 1).value)
