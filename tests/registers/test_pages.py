"""Handing in a register by its pages, from the file to the commit and back."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import load_workbook

from apps.audit.models import Event
from apps.registers.models import Entry, HeadingAlias, Upload
from tests.factories import registers
from tests.registers.conftest import ATTENDING, SCHOOL, People, Send, number, pupils, workbook

HandIn = Callable[..., Upload]


def text(client: Any, url: str) -> str:
    answer = client.get(url)
    assert answer.status_code == 200, url
    return str(answer.content.decode())


def commit(send: Send, client: Any, upload: Upload, **more: Any) -> Any:
    return send(client, f"/registers/{upload.pk}/commit/", {"expected_base": Upload.objects.get(pk=upload.pk).base, **more})


def test_the_list_offers_the_posts_own_registers_and_teaches(people: People) -> None:
    page = text(people.registrar, "/registers/")
    assert "上传国网学籍" in page
    assert "上传实际在校" in page
    assert "上传户籍" not in page
    assert "还没有上传过名册" in page
    assert "本学期未上传" in page


def test_file_to_commit_and_undo(people: People, hand_in: HandIn, send: Send) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(12)))
    assert upload.state == Upload.State.STAGED, upload.sentence
    page = text(people.registrar, f"/registers/{upload.pk}/")
    assert "提交名册（新增 12，变更 0，移出 0）" in page
    assert Entry.objects.count() == 0
    new = text(people.registrar, f"/registers/{upload.pk}/?tab=new")
    assert "赵小一" in new
    assert "530113********" in new
    assert number(1) not in new
    assert "五（1）班" in new
    commit(send, people.registrar, upload)
    assert Entry.objects.standing().count() == 12
    done = text(people.registrar, f"/registers/{upload.pk}/")
    assert "已提交：新增 12，变更 0，移出 0。" in done
    assert "赵小一" in text(people.registrar, f"/registers/{upload.pk}/?tab=new")
    assert "撤销这次提交？" in text(people.registrar, f"/registers/{upload.pk}/undo/")
    send(people.registrar, f"/registers/{upload.pk}/undo/", {"confirmed": "yes"})
    assert Entry.objects.count() == 0
    gone = text(people.registrar, f"/registers/{upload.pk}/")
    assert "这次提交已撤销" in gone
    assert '<a class="button main" href="/registers/upload/attending/">重新上传</a>' in gone
    assert "重新上传</a>" not in text(people.principal, f"/registers/{upload.pk}/")


def test_changes_are_shown_field_by_field_and_missing_are_answered(people: People, hand_in: HandIn, send: Send) -> None:
    commit(send, people.registrar, hand_in(people.registrar, "attending", workbook(pupils(12))))
    rows = pupils(11)
    rows[0][8] = "13911112222"
    upload = hand_in(people.registrar, "attending", workbook(rows))
    changed = text(people.registrar, f"/registers/{upload.pk}/?tab=changed")
    assert "13800000000" in changed
    assert "13911112222" in changed
    assert changed.count("<del>") == 1
    assert "共 10 行" in text(people.registrar, f"/registers/{upload.pk}/?tab=unchanged")
    missing = text(people.registrar, f"/registers/{upload.pk}/?tab=missing")
    assert "许" not in missing
    assert "沈小一" in missing
    lost = Entry.objects.get(name="沈小一")
    send(people.registrar, f"/registers/{upload.pk}/missing/", {f"answer-{lost.pk}": "absent_from_file"})
    assert '<option value="absent_from_file" selected>' in text(people.registrar, f"/registers/{upload.pk}/?tab=missing")
    send(people.registrar, f"/registers/{upload.pk}/missing/", {"default": "left"})
    assert "都按<strong>“已离校”</strong>处理" in text(people.registrar, f"/registers/{upload.pk}/?tab=missing")
    commit(send, people.registrar, upload)
    assert Entry.objects.standing().count() == 12
    assert "13911112222" in text(people.registrar, f"/registers/{upload.pk}/?tab=changed")


def test_a_shrinking_roll_asks_twice(people: People, hand_in: HandIn, send: Send) -> None:
    commit(send, people.registrar, hand_in(people.registrar, "attending", workbook(pupils(12))))
    upload = hand_in(people.registrar, "attending", workbook(pupils(6)))
    assert "原名册 12 人，本次文件缺少其中" in text(people.registrar, f"/registers/{upload.pk}/")
    assert "名册会少很多人" in text(people.registrar, f"/registers/{upload.pk}/?tab=missing")
    commit(send, people.registrar, upload)
    assert "请确认文件完整" in text(people.registrar, f"/registers/{upload.pk}/")
    assert Entry.objects.standing().count() == 12
    commit(send, people.registrar, upload, confirm_shrink="on")
    assert Entry.objects.standing().count() == 6
    ended = text(people.registrar, f"/registers/{upload.pk}/?tab=ended")
    assert "共 6 行" in ended
    assert "待比对" in ended


def test_who_commits_second_sees_the_new_difference(people: People, hand_in: HandIn, send: Send) -> None:
    first = hand_in(people.registrar, "attending", workbook(pupils(12)))
    second = hand_in(people.registrar, "attending", workbook(pupils(13)))
    seen = second.base
    commit(send, people.registrar, first)
    assert "名册刚有变化" in text(people.registrar, f"/registers/{second.pk}/")
    send(people.registrar, f"/registers/{second.pk}/commit/", {"expected_base": seen})
    page = text(people.registrar, f"/registers/{second.pk}/")
    assert "别人已提交了同一单位的名册" in page
    assert "新增 1，变更 0，移出 0" in page
    commit(send, people.registrar, second)
    assert Entry.objects.standing().count() == 13


def test_problems_name_row_column_sentence_and_article(people: People, hand_in: HandIn) -> None:
    rows = pupils(5)
    rows[1][5] = int(number(3)[:15] + "000")
    rows[2][3] = " 孙 小一 "
    upload = hand_in(people.registrar, "attending", workbook(rows))
    page = text(people.registrar, f"/registers/{upload.pk}/?tab=problems")
    assert "身份证号" in page
    assert "被存成了数字" in page
    assert "GB 11643-1999" in page
    assert "第 3 行" in page
    cleaned = text(people.registrar, f"/registers/{upload.pk}/?tab=problems&show=cleaned")
    assert "孙小一" in cleaned
    answer = people.registrar.get(f"/registers/{upload.pk}/problems.xlsx")
    page = load_workbook(io.BytesIO(answer.content)).active
    assert page.cell(1, 10).value == "问题说明"
    assert "存成了数字" in page.cell(3, 10).value
    assert page.cell(3, 6).fill.fgColor.rgb == "FFF4B6B6"
    assert page.cell(2, 6).value == number(1)
    assert Event.objects.filter(verb="download_problems", object_id=upload.pk).count() == 1


def test_rows_kept_with_a_warning_are_counted_and_shown_first_where_none_was_refused(people: People, hand_in: HandIn, send: Send) -> None:
    rows = pupils(3)
    rows[1][8] = "123"
    upload = hand_in(people.registrar, "attending", workbook(rows))
    first = text(people.registrar, f"/registers/{upload.pk}/")
    assert "有提示" in first and "收下，请核对" in first
    commit(send, people.registrar, upload)
    for page in (
        text(people.registrar, f"/registers/{upload.pk}/?tab=problems"),
        text(people.registrar, f"/registers/{upload.pk}/?tab=problems&show=kept"),
    ):
        assert '收下但有提示的行 <b class="num">1</b>' in page and '未收下的行 <b class="num">0</b>' in page and "监护人电话" in page


def test_an_unknown_heading_is_asked_once_and_remembered(people: People, hand_in: HandIn, send: Send) -> None:
    headings = [*ATTENDING]
    headings[3] = "娃娃"
    upload = hand_in(people.registrar, "attending", workbook(pupils(5), headings))
    assert upload.state == Upload.State.HEADINGS, upload.sentence
    page = text(people.registrar, f"/registers/{upload.pk}/")
    assert "“娃娃”" in page
    assert "赵小一" in page
    refused = send(people.registrar, f"/registers/{upload.pk}/headings/", {"heading_0": "-"})
    assert "请至少指明一列" in refused.content.decode()
    send(people.registrar, f"/registers/{upload.pk}/headings/", {"heading_0": "name"})
    upload.refresh_from_db()
    assert upload.state == Upload.State.STAGED, upload.sentence
    assert HeadingAlias.objects.get().heading == "娃娃"
    again = hand_in(people.registrar, "attending", workbook(pupils(6), headings))
    assert again.state == Upload.State.STAGED, again.sentence


def test_a_broken_file_is_refused_with_its_sentence(people: People, hand_in: HandIn, send: Send) -> None:
    upload = hand_in(people.registrar, "attending", SimpleUploadedFile("坏.xlsx", b"PK\x03\x04 this is no zip"))
    assert upload.state == Upload.State.REFUSED
    page = text(people.registrar, f"/registers/{upload.pk}/")
    assert upload.sentence in page
    assert "重新上传" in page
    assert "放弃这份上传？" in text(people.registrar, f"/registers/{upload.pk}/discard/")
    send(people.registrar, f"/registers/{upload.pk}/discard/", {"confirmed": "yes"})
    assert "这份上传已放弃" in text(people.registrar, f"/registers/{upload.pk}/")


def test_an_empty_or_missing_file_is_told_beside_the_form(people: People, send: Send) -> None:
    empty = send(people.registrar, "/registers/upload/attending/", {"term": "2026-2027-1", "file": SimpleUploadedFile("a.xlsx", b"")})
    assert "文件是空的" in empty.content.decode()
    none = send(people.registrar, "/registers/upload/attending/", {"term": "2026-2027-1"})
    assert "请先选择要上传的文件" in none.content.decode()
    assert Upload.objects.count() == 0


def test_progress_is_a_small_piece_that_survives_a_reload(people: People, hand_in: HandIn) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(3)))
    Upload.objects.filter(pk=upload.pk).update(state="reading", progress={"phase": "checking", "read": 15000, "rows": 12000})
    page = text(people.registrar, f"/registers/{upload.pk}/")
    assert "已读 15,000 行，已检查 12,000 行" in page
    assert "刷新进度" in page
    piece = people.registrar.get(f"/registers/{upload.pk}/", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert " ".join(piece.content.decode().split()).startswith('<div class="progress" id="progress"')
    Upload.objects.filter(pk=upload.pk).update(state="staged")
    done = people.registrar.get(f"/registers/{upload.pk}/", headers={"HX-Request": "true", "HX-Target": "progress"})
    assert done.headers["HX-Refresh"] == "true"


@pytest.mark.django_db(transaction=True)
def test_where_no_broker_answers_the_file_is_kept(people: People, monkeypatch: pytest.MonkeyPatch) -> None:
    def down(**_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr("apps.registers.views.uploading.read_upload_task.delay", down)
    form = {"_key": "6a3b8f0e-0000-4000-8000-000000000002", "term": "2026-2027-1", "file": workbook(pupils(3))}
    people.registrar.post("/registers/upload/attending/", form)
    upload = Upload.objects.get()
    assert upload.state == Upload.State.WAITING
    page = text(people.registrar, f"/registers/{upload.pk}/")
    assert "不用重新上传" in page
    assert "排队等待读取" in page


def test_a_village_reports_one_child_in_three_steps(people: People, send: Send) -> None:
    form = {"name": "杨·阿牛", "sex": "男", "guardian_name": "杨大山", "address": "二组3号", "situation": "辍学", "reason": "外出务工"}
    home = text(people.village, "/registers/")
    assert home.index('href="/registers/report/"') < home.index('<details class="behind">') < home.index("data-upload")
    wrong = send(people.village, "/registers/report/", {**form, "name": ""})
    assert "请填写孩子姓名" in wrong.content.decode()
    assert "外出务工" in wrong.content.decode()
    answer = send(people.village, "/registers/report/", {**form, "birth_date": "2013-05-06"})
    upload = Upload.objects.get()
    assert answer["Location"] == f"/registers/{upload.pk}/"
    page = text(people.village, f"/registers/{upload.pk}/")
    assert upload.state == Upload.State.STAGED, upload.sentence
    assert "请核对" in page
    assert "<h1>走访报告：杨·阿牛 " in page
    assert "确认上报" in page
    commit(send, people.village, upload)
    entry = Entry.objects.get()
    assert (entry.name, entry.village_code, entry.kind) == ("杨·阿牛", "530113102201", "survey")


def test_a_report_that_is_refused_is_mended_without_typing_it_again(people: People, send: Send) -> None:
    form = {"name": "杨·阿牛", "sex": "男", "guardian_name": "杨大山", "address": "二组3号", "situation": "辍学", "reason": "外出务工"}
    send(people.village, "/registers/report/", {**form, "birth_date": "2013-05-06", "id_number": "530113201305060000"})
    first = Upload.objects.get()
    page = text(people.village, f"/registers/{first.pk}/")
    assert "还不能上报" in page and f"/registers/report/?mend={first.pk}" in page
    assert "下载问题表" not in page and "没有一行可以收下" not in page, "a village has no workbook to mend"
    again = text(people.village, f"/registers/report/?mend={first.pk}")
    assert all(value in again for value in ("杨·阿牛", "杨大山", "二组3号", "外出务工", "2013-05-06"))
    assert "530113201305060000" not in again, "pages show no full number"
    assert people.registrar.get(f"/registers/report/?mend={first.pk}").status_code == 404
    assert people.village.get("/registers/report/?mend=x").status_code == 404
    send(people.village, f"/registers/report/?mend={first.pk}", {**form, "birth_date": "2013-05-06"})
    first.refresh_from_db()
    second = Upload.objects.exclude(pk=first.pk).get()
    assert (first.state, second.state) == (Upload.State.DISCARDED, Upload.State.STAGED)
    assert people.village.get(f"/registers/report/?mend={first.pk}").status_code == 404
    commit(send, people.village, second)
    done = text(people.village, f"/registers/{second.pk}/")
    assert "再报告一名儿童" in done and "撤销上报" in done and "移出" not in done.partition("<main")[2].partition("上报。")[2]


def test_a_register_handed_in_from_above_is_said(people: People) -> None:
    card = '<section class="card" id="card-enrollment">'
    assert "本学期未上传" in text(people.registrar, "/registers/").partition(card)[2].partition("</section>")[0]
    registers.upload("enrollment", of=people.term, counts={"units": [SCHOOL]})
    told = text(people.registrar, "/registers/").partition(card)[2].partition("</section>")[0]
    assert "上级已统一提交" in told and "不必再传" in told and "本学期未上传" not in told


def test_templates_have_text_columns_for_numbers(people: People) -> None:
    answer = people.registrar.get("/registers/template/attending/")
    page = load_workbook(io.BytesIO(answer.content))["数据"]
    headings = [cell.value for cell in page[2]]
    assert "身份证号" in headings
    assert page.cell(3, headings.index("身份证号") + 1).number_format == "@"
    assert people.registrar.get("/registers/template/household/").status_code == 404
