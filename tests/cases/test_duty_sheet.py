"""双线十二人 by a sheet: the template names every post of the own place, the sheet is taken in as a whole or not at all."""

from __future__ import annotations

import io
import re
import uuid
from random import Random
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.cases.actions.duties import ensure_duties
from apps.cases.actions.duty_sheet import rows_of, take_sheet
from apps.cases.models import Guarantor
from apps.cases.queries.duty_sheet import HEADINGS, lines
from apps.core.errors import Refused
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as back
from tests.factories.cases_duties import fresh, named, twelve
from tests.factories.registers import term

pytestmark = pytest.mark.django_db
NAME, JOB, PHONE, FROM = (HEADINGS.index(one) for one in ("姓名", "职务", "电话", "自"))


@pytest.fixture(autouse=True)
def _posts(cast: Cast) -> None:
    ensure_duties(district=HOME)
    term(HOME)


def template(cast: Cast, role: str) -> Any:
    answer = cast.client(role).get("/duties/sheet.xlsx")
    assert answer.status_code == 200
    return load_workbook(io.BytesIO(answer.content))


def upload(cast: Cast, role: str, book: Any) -> Any:
    kept = io.BytesIO()
    book.save(kept)
    return cast.client(role).post("/duties/sheet/", {"_key": str(uuid.uuid4()), "file": SimpleUploadedFile("表.xlsx", kept.getvalue())})


def fill(book: Any, *, group: str = "") -> int:
    """A name into every free row; how many."""
    page, number = book.active, 0
    for row in page.iter_rows(min_row=2):
        if row[0].value == "村民小组长":
            row[HEADINGS.index("村民小组")].value = group or None
            if not group:
                continue
        if not row[NAME].value:
            number += 1
            row[NAME].value, row[JOB].value, row[PHONE].value = f"责测{number}", "干部", "13800000000"
    return number


@pytest.mark.parametrize("role", ["bureau", "township", "central_school", "principal"])
def test_a_filled_template_names_everybody_and_again_nobody(cast: Cast, role: str) -> None:
    book = template(cast, role)
    number = fill(book, group="一组")
    assert number > 0 and upload(cast, role, book).status_code == 302
    assert Guarantor.objects.count() == number
    assert set(Guarantor.objects.values_list("first_day", flat=True)) == {TODAY}
    assert all(Guarantor.objects.managed_by(cast.actor(role).scope).filter(pk=row.pk).exists() for row in Guarantor.objects.all())
    again = template(cast, role)
    assert {row[NAME].value for row in again.active.iter_rows(min_row=2) if row[0].value != "村民小组长"} >= {"责测1"}
    assert upload(cast, role, again).status_code == 302 and Guarantor.objects.count() == number


def test_one_wrong_row_and_nothing_is_written(cast: Cast) -> None:
    book = template(cast, "principal")
    fill(book)
    page = book.active
    page.cell(2, FROM + 1).value = "明天"
    page.cell(3, 2).value = "9999999999"
    answer = upload(cast, "principal", book)
    words = answer.content.decode()
    assert answer.status_code == 422 and not Guarantor.objects.exists()
    assert "没有写入：有 2 行要改" in words and "第2行 自：“明天”不是日期" in words and "第3行 岗位：" in words


def test_each_fault_has_its_sentence(cast: Cast) -> None:
    by = cast.actor("bureau")
    rows = [dict(zip(HEADINGS, one, strict=True)) for one in lines(by.scope, day=TODAY)]
    first = next(row for row in rows if row["岗位"] == "区分管领导")
    group = next(row for row in rows if row["岗位"] == "村民小组长")

    def said(*changed: dict[str, str]) -> list[str]:
        return take_sheet(rows=changed, by=by, now=NOW).problems

    assert said(first | {"姓名": "甲"}, first | {"姓名": "乙"}) == ["第3行 姓名：东川区的“区分管领导”在这份表里写了两次。"]
    assert said(group | {"姓名": "甲"}) == ["第2行 村民小组：“村民小组长”须写明哪个小组，如“三组”。"]
    assert said(first | {"姓名": "甲", "村民小组": "一组"}) == ["第2行 村民小组：“区分管领导”不分小组，请清空这一格。"]
    assert said(first | {"姓名": "甲" * 61}) == ["第2行 姓名：超过 60 字。"]
    assert take_sheet(rows=[first | {"姓名": "甲"}], by=by, now=NOW).named == 1
    assert said(first | {"姓名": "乙"}) == ["第2行 姓名：东川区的“区分管领导”已有责任人甲，请用“交接”更换。"]
    assert Guarantor.objects.get().name == "甲"
    with pytest.raises(Refused):
        rows_of(["岗位", "姓名"], [])
    with pytest.raises(Refused):
        take_sheet(rows=[], by=cast.actor("head_teacher"), now=NOW)


def test_a_school_names_inside_the_school_alone(cast: Cast) -> None:
    rows = [dict(zip(HEADINGS, one, strict=True)) for one in lines(cast.actor("bureau").scope, day=TODAY)]
    told = take_sheet(rows=[row | {"姓名": "甲"} for row in rows if row["岗位"] == "乡镇（街道）主要领导"], by=cast.actor("principal"), now=NOW)
    assert told.problems and not Guarantor.objects.exists()


def test_few_questions_whatever_the_number_of_rows(cast: Cast) -> None:
    by = cast.actor("bureau")
    rows = [dict(zip(HEADINGS, one, strict=True)) | {"姓名": "甲"} for one in lines(by.scope, day=TODAY) if one[0] != "村民小组长"]
    with CaptureQueriesContext(connection) as few:
        take_sheet(rows=rows[:1], by=by, now=NOW)
    with CaptureQueriesContext(connection) as many:
        take_sheet(rows=rows, by=by, now=NOW)
    assert len(many) == len(few)


def test_a_damaged_or_locked_workbook_says_so(cast: Cast) -> None:
    kept = io.BytesIO()
    template(cast, "bureau").save(kept)
    good, random = kept.getvalue(), Random(4)
    locked, odd = bytearray(good), bytearray(good)
    for mark, flags in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        for found in re.finditer(re.escape(mark), good):
            locked[found.start() + flags] |= 1
            odd[found.start() + flags + 2] = 99
    torn = [bytearray(good) for _ in range(25)]
    for one in torn:
        for _ in range(10):
            one[random.randrange(len(one))] = random.randrange(256)
    browser = cast.client("bureau")
    words = []
    for content in (locked, odd, *torn):
        answer = browser.post("/duties/sheet/", {"_key": str(uuid.uuid4()), "file": SimpleUploadedFile("表.xlsx", bytes(content))})
        assert answer.status_code in (302, 422)
        words.append(answer.content.decode())
    assert "文件设了密码" in words[0] and "压缩方法" in words[1]
    assert sum("文件已损坏" in one for one in words[2:]) > 10


def test_a_day_far_off_is_refused(cast: Cast) -> None:
    by = cast.actor("bureau")
    rows = [dict(zip(HEADINGS, one, strict=True)) for one in lines(by.scope, day=TODAY)]
    first = next(row for row in rows if row["岗位"] == "区分管领导") | {"姓名": "甲"}
    for day in ("9999-12-31", "0001-01-01"):
        (problem,) = take_sheet(rows=[first | {"自": day}], by=by, now=NOW).problems
        assert problem.startswith("第2行 自：日期须在 ")
    (problem,) = take_sheet(rows=[first | {"自": "99999999999999999999-1-1"}], by=by, now=NOW).problems
    assert "不是日期" in problem


def test_a_case_that_waited_for_the_sheet_alone_is_being_persuaded(cast: Cast) -> None:
    twelve(cast)
    Guarantor.objects.filter(duty__code="gov_leader").delete()
    case = back.case(cast.child, "confirmed")
    back.assigned(case, case.township_code)
    rows = [dict(zip(HEADINGS, one, strict=True)) for one in lines(cast.actor("bureau").scope, day=TODAY)]
    told = take_sheet(rows=[row | {"姓名": "甲"} for row in rows if row["岗位"] == "区分管领导"], by=cast.actor("bureau"), now=NOW)
    assert (told.named, fresh(case).state) == (1, "persuading")


def test_a_file_that_is_no_workbook_says_so(cast: Cast) -> None:
    told = {"_key": str(uuid.uuid4()), "file": SimpleUploadedFile("表.xlsx", b"no workbook")}
    answer = cast.client("bureau").post("/duties/sheet/", told)
    assert answer.status_code == 422 and "不是可读取的 .xlsx" in answer.content.decode()
    assert "请点“下载表格”，在下载的表格里填好，再点“上传并落实”。" in answer.content.decode()


def test_a_downloaded_sheet_is_taken_back_with_a_group_head_whose_group_nobody_wrote(cast: Cast) -> None:
    by = cast.actor("township")
    named("gov_group", "组测", region_code=cast.home.villages[0].code)
    named("gov_group", "三测", region_code=cast.home.villages[0].code, group="三组", phone="1380000")
    book = template(cast, "township")
    held = {row[HEADINGS.index("村民小组")].value or "": row[NAME].value for row in book.active.iter_rows(min_row=2) if row[NAME].value}
    assert held == {"": "组测", "三组": "三测"}
    assert upload(cast, "township", book).status_code == 302 and Guarantor.objects.count() == 2
    rows = [dict(zip(HEADINGS, one, strict=True)) for one in lines(by.scope, day=TODAY)]
    other = next(row for row in rows if row["姓名"] == "组测") | {"姓名": "别测"}
    assert take_sheet(rows=[other], by=by, now=NOW).problems == ["第2行 姓名：汤丹1村的“村民小组长”已有责任人组测，请用“交接”更换。"]


def test_a_telephone_number_is_looked_at(cast: Cast) -> None:
    by = cast.actor("bureau")
    first = next(row for one in lines(by.scope, day=TODAY) if (row := dict(zip(HEADINGS, one, strict=True)))["岗位"] == "区分管领导")
    told = take_sheet(rows=[first | {"姓名": "甲", "电话": "1380000"}], by=by, now=NOW).problems
    assert told == ["第2行 电话：“1380000”不是电话号码。请填写 11 位手机号，或带区号的座机号，如 0871-6212345。"]
    assert take_sheet(rows=[first | {"姓名": "甲", "电话": "0871 62123456"}], by=by, now=NOW).named == 1
