"""The admin: who gets in, one district only, sheets in and out, every change written down."""

from __future__ import annotations

import io
import re
import uuid
import zipfile
from datetime import date
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.test import Client
from django.urls import path

from apps.accounts.models import Post, User
from apps.accounts.roles import ROLES
from apps.audit.models import Event
from apps.core.admin_site import patterns, site
from apps.core.pages import page
from apps.core.rights import Right
from apps.schools.actions import ensure_term, seed_calendar
from apps.schools.models import CalendarDay, CalendarYear, Closure, PolicyValue, Region, School, SchoolClass
from config.urls import urlpatterns as real
from tests.cast import TODAY, Cast
from tests.factories import people

urlpatterns = [
    *[p for p in real if getattr(p, "name", "") != "workbench"],
    path("", page(Right.WORKBENCH)(lambda r: HttpResponse("")), name="workbench"),
]
pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]
TABLES = [f"/admin/{m._meta.app_label}/{m._meta.model_name}/" for m in site._registry]


class Browser(Client):
    """Sends a fresh form key with every form, as a page just opened would."""

    def post(self, path: str, data: Any = None, **extra: Any) -> Any:
        return super().post(path, {"_key": str(uuid.uuid4()), **(data or {})}, **extra)


@pytest.fixture
def admin(cast: Cast) -> Client:
    browser = Browser()
    browser.cookies = cast.client("administrator").cookies
    return browser


def sheet(*rows: list[Any]) -> SimpleUploadedFile:
    """A workbook of these rows."""
    book, out = openpyxl.Workbook(), io.BytesIO()
    for row in rows:
        book.active.append(row)
    book.save(out)
    return SimpleUploadedFile("表.xlsx", out.getvalue())


def bring_in(admin: Client, url: str, file: SimpleUploadedFile) -> Any:
    """Upload a sheet and confirm it; the answer of the first step where that has faults."""
    first = admin.post(f"{url}import/", {"format": "0", "import_file": file, "resource": ""})
    if "confirm_form" not in first.context:
        return first
    hidden = {name: value for name, value in first.context["confirm_form"].initial.items() if value is not None}
    return admin.post(f"{url}process_import/", hidden)


def test_only_administrators_get_in(cast: Cast) -> None:
    for role in ROLES:
        assert cast.client(role.code).get("/admin/").status_code == (200 if role.code == "administrator" else 404), role.code
    assert Client().get("/admin/schools/school/").headers["Location"] == "/login/?next=/admin/schools/school/"


def test_every_address_of_the_admin_is_declared() -> None:
    found = list(patterns(site.urls[0]))
    assert len(found) > 60
    for pattern in found:
        assert pattern.callback.page.right == Right.MANAGE_PEOPLE and pattern.callback.page.keyed


def test_every_table_opens_and_shows_nobody_else(cast: Cast, admin: Client) -> None:
    for district in ("530113", "530199"):
        ensure_term(district=district, code="2026-2027-1")
        seed_calendar(district=district, year=2026)
    foreign = [cast.neighbour.schools[0].name, cast.neighbour.townships[0].name, cast.neighbour.posts["bureau"].user.username + "<"]
    for url in TABLES:
        for page_url in (url, f"{url}add/"):
            body = admin.get(page_url).content.decode()
            assert not [word for word in foreign if word in body], page_url
            assert cast.child.name not in body


def test_other_districts_rows_do_not_exist(cast: Cast, admin: Client) -> None:
    far, near = cast.neighbour, cast.home
    for mine, theirs in (
        (f"school/{near.schools[0].pk}", f"school/{far.schools[0].pk}"),
        (f"region/{near.villages[0].pk}", f"region/{far.villages[0].pk}"),
        (f"schoolclass/{near.classes[0].pk}", f"schoolclass/{far.classes[0].pk}"),
    ):
        assert admin.get(f"/admin/schools/{mine}/change/").status_code == 200
        assert admin.get(f"/admin/schools/{theirs}/change/").status_code == 302  # Django: "does not exist", back to the index
    assert admin.get(f"/admin/accounts/user/{far.posts['bureau'].user_id}/change/").status_code == 302
    assert admin.post(f"/admin/accounts/post/{far.posts['bureau'].pk}/change/", {"ends_on": "2026-11-23"}).status_code == 302
    assert Post.objects.get(pk=far.posts["bureau"].pk).ends_on is None
    asked = {"app_label": "accounts", "model_name": "post", "field_name": "school", "term": "测镇"}
    assert admin.get("/admin/autocomplete/", asked).json()["results"] == []


def test_a_post_is_given_inside_the_district_only(cast: Cast, admin: Client) -> None:
    form = {"user": people.user().pk, "role": "registrar", "starts_on": "2026-11-23", "note": ""}
    answer = admin.post("/admin/accounts/post/add/", form | {"school": cast.neighbour.schools[0].pk})
    assert answer.status_code == 200 and answer.context["adminform"].errors["school"]
    assert admin.post("/admin/accounts/post/add/", form | {"school": cast.home.schools[1].pk}).status_code == 302
    given = Post.objects.latest("pk")
    assert (given.district_code, given.school) == ("530113", cast.home.schools[1])
    assert Event.objects.filter(verb="admin", object_kind="post", object_id=given.pk, sentence__startswith="新增岗位").count() == 1
    again = admin.post("/admin/accounts/post/add/", form | {"school": cast.home.schools[1].pk})
    assert "已在任同一岗位" in str(again.context["adminform"].errors)
    own = admin.post("/admin/accounts/post/add/", form | {"school": cast.home.schools[1].pk, "user": cast.post("administrator").user_id})
    assert "不能给自己" in str(own.context["adminform"].errors)


def test_a_person_is_made_with_an_initial_password(cast: Cast, admin: Client) -> None:
    form = {"username": "li.xin", "name": "李测", "phone": "", "is_active": "on"}
    assert "10" in str(admin.post("/admin/accounts/user/add/", form | {"new_password": "short"}).context["adminform"].errors)
    assert admin.post("/admin/accounts/user/add/", form | {"new_password": "Chu-Shi-Mi-Ma-66"}).status_code == 302
    made = User.objects.get(username="li.xin")
    assert made.must_change_password and made.check_password("Chu-Shi-Mi-Ma-66") and made.district_code == "530113"
    url = f"/admin/accounts/user/{made.pk}/change/"
    assert admin.post(url, form | {"name": "李改", "new_password": ""}).status_code == 302
    assert User.objects.get(pk=made.pk).check_password("Chu-Shi-Mi-Ma-66") and User.objects.get(pk=made.pk).name == "李改"
    assert admin.post("/admin/accounts/user/", {"action": "lift_locks", "_selected_action": [made.pk]}).status_code == 302


def test_the_policy_page_lists_every_number(cast: Cast, admin: Client) -> None:
    PolicyValue.objects.create(district_code="530113", key="suspected_school_days", value=5, effective_from=date(2026, 9, 1), basis="测〔2026〕1号")
    body = admin.get("/admin/schools/policyvalue/").content.decode()
    assert "<strong>5 上课日</strong>（本区）" in body and "销号须出勤率" in body and "云南省规定" not in body.split("全部数值")[0]
    form = {"key": "suspected_school_days", "value": "99", "effective_from": "2026-10-01", "basis": "测"}
    assert "1—30 上课日" in str(admin.post("/admin/schools/policyvalue/add/", form).context["adminform"].errors)
    twice = admin.post("/admin/schools/policyvalue/add/", form | {"value": "4", "effective_from": "2026-09-01"})
    assert "当日已有数值" in str(twice.context["adminform"].errors)


def test_a_number_that_has_been_in_force_stays_as_history(cast: Cast, admin: Client) -> None:
    make = PolicyValue.objects.create
    old = make(district_code="530113", key="roll_call_cutoff", value=1430, effective_from=date(2026, 9, 1), basis="测〔2026〕1号")
    coming = make(district_code="530113", key="roll_call_cutoff", value=1600, effective_from=date(2026, 12, 1), basis="测〔2026〕2号")
    body = admin.get("/admin/schools/policyvalue/").content.decode()
    assert "<strong>14:30</strong>（本区）" in body and "16:00（2026-12-01起）" in body and "8月31日" in body
    form = {"key": "roll_call_cutoff", "value": "1500", "effective_from": "2026-12-01", "basis": "测〔2026〕3号"}
    assert admin.post(f"/admin/schools/policyvalue/{old.pk}/change/", form).status_code == 403
    assert admin.post(f"/admin/schools/policyvalue/{old.pk}/delete/", {"post": "yes"}).status_code == 403
    assert admin.post("/admin/schools/policyvalue/", {"action": "delete_selected", "_selected_action": [old.pk], "post": "yes"}).status_code == 200
    assert PolicyValue.objects.get(pk=old.pk).value == 1430
    assert "写作四位数的时分" in str(admin.post("/admin/schools/policyvalue/add/", form | {"value": "1575"}).context["adminform"].errors)
    assert admin.post(f"/admin/schools/policyvalue/{coming.pk}/change/", form).status_code == 302
    assert Event.objects.filter(verb="admin", sentence__contains="点名截止 15:00，自 2026-12-01 起").count() == 1


def test_villages_come_in_by_a_sheet(cast: Cast, admin: Client) -> None:
    known = cast.home.villages[0]
    rows = [["代码", "名称", "乡镇代码"], [known.pk, "新名村", known.parent_id], ["530113103299", "新社区", "530113103"]]
    assert bring_in(admin, "/admin/schools/region/", sheet(*rows)).status_code == 302
    made = Region.objects.get(pk="530113103299")
    assert (made.name, made.level, made.parent_id) == ("新社区", "village", "530113103")
    assert Region.objects.get(pk=known.pk).name == "新名村"
    out = openpyxl.load_workbook(io.BytesIO(admin.get("/admin/schools/region/export/").content)).active
    assert sorted(row[0] for row in out.iter_rows(min_row=2, values_only=True)) == sorted([*(v.pk for v in cast.home.villages), made.pk])


def test_an_unknown_year_stays_to_be_confirmed(admin: Client) -> None:
    assert admin.post("/admin/schools/calendaryear/add/", {"year": "2027"}).status_code == 302
    assert CalendarYear.objects.get(year=2027).is_confirmed is False
    assert "待确认" in str(CalendarYear.objects.get(year=2027))


def test_registers_with_children_cannot_be_deleted(cast: Cast, admin: Client) -> None:
    assert admin.get(f"/admin/schools/school/{cast.home.schools[0].pk}/delete/").status_code == 403
    assert admin.post(f"/admin/schools/region/{cast.home.townships[0].pk}/delete/", {"post": "yes"}).status_code == 403
    unused = Region.objects.create(code="530113102299", name="未用村", level="village", parent=cast.home.townships[0])
    assert admin.post(f"/admin/schools/region/{unused.pk}/delete/", {"post": "yes"}).status_code == 302


@pytest.mark.parametrize("table", ["schools/region", "schools/school", "schools/schoolclass", "schools/calendarday", "accounts/post"])
def test_out_and_in_again_changes_nothing(cast: Cast, admin: Client, table: str) -> None:
    seed_calendar(district="530113", year=2026)
    url = f"/admin/{table}/"
    out = admin.get(f"{url}export/")
    rows = list(openpyxl.load_workbook(io.BytesIO(out.content)).active.values)
    assert len(rows) >= 5 and all(isinstance(cell, str | None) for row in rows for cell in row)
    rows = [row for row in rows if "系统管理员" not in row]  # nobody brings in the own post
    answer = bring_in(admin, url, sheet(*rows))
    assert answer.status_code == 302, answer.content.decode()[-3000:]
    assert f"新增 0、修改 0、不变 {len(rows) - 1}" in Event.objects.filter(sentence__startswith="导入").get().sentence


def test_a_sheet_goes_out_under_its_chinese_name(cast: Cast, admin: Client) -> None:
    header = admin.get("/admin/schools/school/export/").headers["Content-Disposition"]
    assert header == f"attachment; filename*=UTF-8''{quote(f'学校-{TODAY.isoformat()}.xlsx')}"


def test_a_fault_stands_under_the_heading_of_its_column(cast: Cast, admin: Client) -> None:
    head = ["学校标识码", "学校名称", "乡镇代码", "办学类型", "是否中心学校", "在办"]
    page = bring_in(admin, "/admin/schools/school/", sheet(head, ["12", "新" * 61, "530113103", "教学点", "否", "是"])).content.decode()
    labels = re.findall(r'validation-error-field-label">([^<]+)<', page)
    assert sorted(labels) == ["学校名称", "学校标识码"], labels


def test_a_sheet_adds_and_changes(cast: Cast, admin: Client) -> None:
    head = ["学校标识码", "学校名称", "乡镇代码", "办学类型", "是否中心学校", "在办"]
    old = cast.home.schools[0]
    file = sheet(head, ["3153011399", "新建教学点", "530113103", "教学点", "否", "是"], [old.pk, "汤丹镇第一小学", "530113102", "小学", "是", "是"])
    assert bring_in(admin, "/admin/schools/school/", file).status_code == 302
    made = School.objects.get(pk="3153011399")
    assert (made.kind, made.district_code) == ("teaching_point", "530113")
    assert School.objects.get(pk=old.pk).name == "汤丹镇第一小学"
    School.objects.filter(pk=old.pk).update(name="=1+1")
    out = openpyxl.load_workbook(io.BytesIO(admin.get("/admin/schools/school/export/").content)).active
    assert {cell.data_type for row in out.iter_rows() for cell in row} == {"s"}


@pytest.mark.parametrize(
    ("table", "rows", "sentence"),
    [
        ("schools/school", [["学校标识码", "学校名称"], ["1", "2"]], "缺少列：乡镇代码、办学类型、是否中心学校、在办"),
        ("schools/school", [None, ["3153011399", "新校", "530199101", "小学", "否", "是"]], "乡镇代码：本区县没有“530199101”"),
        ("schools/school", [None, ["FAR", "改名", "530113102", "小学", "否", "是"]], "已存在"),
        ("schools/school", [None, ["3153011399", "新校", "530113102", "大学", "否", "是"]], "应为小学、教学点"),
        ("schools/region", [["代码", "名称"], ["530113102299", "新村"]], "缺少列：乡镇代码"),
        ("schools/region", [["代码", "名称", "乡镇代码"], ["530113103299", "新村", "530113102"]], "代码应以上级代码 530113102 开头"),
        ("schools/region", [["代码", "名称", "乡镇代码"], ["5301131022", "新村", "530113102"]], "代码应为 12 位"),
        ("schools/region", [["代码", "名称", "乡镇代码"], ["530113102299", "新村", "530113"]], "应在乡镇（街道）之下"),
        ("schools/region", [["代码", "名称", "乡镇代码"], ["530199101299", "新村", "530199101"]], "乡镇代码：本区县没有“530199101”"),
        ("schools/region", [["代码", "名称", "乡镇代码"], ["530113102", "改名", "530113102"]], "代码应为 12 位"),
        ("schools/schoolclass", [["学校标识码", "学年", "年级", "班级"], ["FAR", "2026", "6", "9"]], "本区县没有"),
        ("schools/schoolclass", [["学校标识码", "学年", "年级", "班级"], ["NEAR", "2026", "十", "9"]], "年级：“十”不是整数"),
        ("schools/calendarday", [["日期", "上课", "说明"], ["2026-13-01", "是", ""]], "不是日期"),
        ("accounts/post", [None, ["USER", "", "学籍管理员", "", "FAR", "", "2026-11-23", ""]], "本区县没有"),
        ("accounts/post", [None, ["STRANGER", "", "学籍管理员", "", "NEAR", "", "2026-11-23", ""]], "登录名：本区县没有"),
        ("accounts/post", [None, ["USER", "", "校长", "", "", "", "2026-11-23", ""]], "须填写学校"),
        ("accounts/post", [None, ["USER", "", "班主任", "", "NEAR", "2026-9-9", "2026-11-23", ""]], "该校没有"),
        ("accounts/post", [None, ["MYSELF", "", "区教体局", "", "", "", "2026-11-23", ""]], "不能给自己安排岗位"),
    ],
)  # fmt: skip
def test_faulty_sheets_change_nothing(cast: Cast, admin: Client, table: str, rows: list[Any], sentence: str) -> None:
    heads = {
        "schools/school": ["学校标识码", "学校名称", "乡镇代码", "办学类型", "是否中心学校", "在办"],
        "accounts/post": ["登录名", "姓名", "角色", "乡镇或村代码", "学校标识码", "班级", "自", "至"],
    }
    words = {
        "FAR": cast.neighbour.schools[0].pk, "NEAR": cast.home.schools[0].pk, "USER": people.user().username,
        "STRANGER": cast.neighbour.posts["bureau"].user.username, "MYSELF": cast.post("administrator").user.username,
    }  # fmt: skip
    filled = [[words.get(cell, cell) for cell in row or heads[table]] for row in rows]
    before = [list(m.objects.order_by("pk").values()) for m in (Region, School, SchoolClass, CalendarDay, Post)]
    answer = bring_in(admin, f"/admin/{table}/", sheet(*filled))
    assert answer.status_code == 200 and sentence in answer.content.decode()
    assert "Traceback" not in answer.content.decode() and 'style="' not in answer.content.decode().split("content-main")[-1]
    assert [list(m.objects.order_by("pk").values()) for m in (Region, School, SchoolClass, CalendarDay, Post)] == before


def test_hostile_sheets_are_refused(cast: Cast, admin: Client) -> None:
    bomb, far = io.BytesIO(), openpyxl.Workbook()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"0" * (61 << 20))
        archive.writestr("xl/workbook.xml", b"<workbook/>")
        archive.writestr("xl/_rels/workbook.xml.rels", b"<Relationships/>")
    out = io.BytesIO()
    far.active["XFD1048576"] = "远"
    far.save(out)
    for content, sentence in (
        (bomb.getvalue(), "压缩炸弹"),
        (b"PK\x03\x04no", "文件已损坏"),
        (b"<html>", "不是可读取"),
        (out.getvalue(), "范围太大"),
    ):
        answer = bring_in(admin, "/admin/schools/school/", SimpleUploadedFile("表.xlsx", content))
        assert answer.status_code == 200 and sentence in answer.content.decode()


def test_the_first_page_warns_of_an_unconfirmed_calendar(admin: Client) -> None:
    assert "还没有学期" in admin.get("/admin/").content.decode()
    ensure_term(district="530113", code="2026-2027-1")
    seed_calendar(district="530113", year=2026)
    page = admin.get("/admin/").content.decode()
    assert "2027年" in page and "校历待确认" in page and "人员与岗位" in page and "Accounts" not in page


def test_every_form_of_the_admin_carries_a_key_and_counts_once(cast: Cast, admin: Client) -> None:
    day = CalendarDay.objects.create(district_code="530113", day=date(2026, 10, 1), is_school_day=False)
    urls = [f"{url}add/" for url in TABLES] + [f"/admin/schools/calendarday/{day.pk}/change/", f"/admin/schools/calendarday/{day.pk}/delete/"]
    urls += [url for url in TABLES if "calendar" in url] + ["/admin/schools/school/import/"]
    for url in urls:
        found = re.findall(r'<form[^>]*method="post".*?</form>', admin.get(url).content.decode(), re.DOTALL)
        forms = [form for form in found if 'action="/logout/"' not in form]
        assert forms and all(form.count('name="_key"') == 1 for form in forms), url
    chosen = {"action": "delete_selected", "_selected_action": [day.pk]}
    assert 'name="_key"' in admin.post("/admin/schools/calendarday/", chosen).content.decode().split('value="delete_selected"')[0]
    form = {"_key": str(uuid.uuid4()), "key": "suspected_school_days", "value": "4", "effective_from": "2026-10-01", "basis": "测"}
    first, second = (admin.post("/admin/schools/policyvalue/add/", form) for _ in range(2))
    assert (first.status_code, second.status_code) == (302, 302) and second.headers["Location"] == first.headers["Location"]
    assert PolicyValue.objects.count() == 1 and Event.objects.filter(verb="admin").count() == 1
    assert Client.post(admin, "/admin/schools/policyvalue/add/", form | {"_key": ""}).status_code == 400
    gone = {"_key": str(uuid.uuid4()), "post": "yes"}
    answers = [admin.post(f"/admin/schools/calendarday/{day.pk}/delete/", gone) for _ in range(2)]
    assert [a.headers["Location"] for a in answers] == ["/admin/schools/calendarday/"] * 2
    assert Event.objects.filter(verb="admin", sentence__startswith="删除").count() == 1


def test_a_confirmed_import_counts_once(cast: Cast, admin: Client) -> None:
    head = ["学校标识码", "学校名称", "乡镇代码", "办学类型", "是否中心学校", "在办"]
    file = sheet(head, ["3153011399", "新建教学点530113 20150308 1236", "530113103", "教学点", "否", "是"])
    first = admin.post("/admin/schools/school/import/", {"format": "0", "import_file": file, "resource": ""})
    assert "530113********1236" in first.content.decode() and 'name="_key"' in first.content.decode()
    told = {name: value for name, value in first.context["confirm_form"].initial.items() if value is not None} | {"_key": str(uuid.uuid4())}
    answers = [admin.post("/admin/schools/school/process_import/", told) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert School.objects.get(pk="3153011399").name == "新建教学点530113********1236"
    assert Event.objects.filter(sentence__startswith="导入").count() == 1


def test_a_number_written_into_a_text_of_the_admin_is_masked(cast: Cast, admin: Client) -> None:
    school = cast.home.schools[0]
    form = {"school": school.pk, "first_day": "2026-12-01", "last_day": "2026-12-02", "reason": "处理学生530113201503081236一事"}
    assert admin.post("/admin/schools/closure/add/", form).status_code == 302
    assert Closure.objects.get().reason == "处理学生530113********1236一事"
    person = {"username": "530113201503081236", "name": "李测", "phone": "", "is_active": "on", "new_password": "Chu-Shi-Mi-Ma-66"}
    assert "登录名" in str(admin.post("/admin/accounts/user/add/", person).context["adminform"].errors)
