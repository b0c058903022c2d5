"""A file handed in as the wrong register: said loudly, asked twice; the right file is not doubted."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.core.errors import Refused
from apps.registers import actions
from apps.registers.layouts import KINDS, locate
from apps.registers.layouts.headings import looks_like
from apps.registers.models import Entry, Upload
from apps.schools.models import Term
from tests.registers.conftest import ATTENDING, People, pupils, workbook
from tests.registers.rolls import HEADINGS, NOW, SYSTEM, Pupil, load, roster, staged
from tests.registers.rolls import quick as quick
from tests.registers.rolls import term as term
from tests.registers.test_pages import HandIn, Send, commit, text

REGISTERS = ("enrollment", "household", "attending", "monitored", "survey")
LIKE_ENROLLMENT = [*ATTENDING, "学籍号", "户口所在地", "学生状态", "入学年月"]
CONFIRM = 'name="confirm_kind"'


@pytest.mark.parametrize("chosen", REGISTERS)
@pytest.mark.parametrize("own", REGISTERS)
def test_a_template_is_told_from_every_other_register(own: str, chosen: str) -> None:
    """Where a template lacks what the other register must have, the file is refused anyway."""
    heading = locate([KINDS[own].template], KINDS[chosen])
    assert heading is not None
    other = looks_like(heading, KINDS[chosen])
    if own == chosen:
        assert other is None
    else:
        assert heading.missing or other is KINDS[own]


@pytest.mark.parametrize(
    ("chosen", "headings"),
    [
        ("attending", "学校代码 年级 班级 姓名 学籍号 身份证号 是否住校 学籍状态"),
        ("enrollment", "学籍号 姓名 性别 出生日期 身份证号 学校名称 年级 班级 备注"),
        ("household", "户号 姓名 身份证号 性别 出生日期 住址 学校 年级"),
    ],
)
def test_a_column_more_or_less_is_no_doubt(chosen: str, headings: str) -> None:
    heading = locate([headings.split()], KINDS[chosen])
    assert heading is not None and not heading.missing and looks_like(heading, KINDS[chosen]) is None


def test_the_page_says_what_it_looks_like_and_asks_twice(people: People, hand_in: HandIn, send: Send) -> None:
    rows = [[*row, f"G{row[5]}", "530113102", "在读", "202109"] for row in pupils(3)]
    upload = hand_in(people.registrar, "attending", workbook(rows, LIKE_ENROLLMENT))
    for tab in ("", "?tab=new"):
        shown = text(people.registrar, f"/registers/{upload.pk}/{tab}")
        assert "表头更像“国网学籍”，不像“实际在校”" in shown and CONFIRM in shown
    commit(send, people.registrar, upload)
    assert not Entry.objects.exists()
    commit(send, people.registrar, upload, confirm_kind="on")
    assert Entry.objects.standing().count() == 3


def test_the_right_file_is_not_asked_about(people: People, hand_in: HandIn, send: Send) -> None:
    upload = hand_in(people.registrar, "attending", workbook(pupils(3)))
    assert CONFIRM not in text(people.registrar, f"/registers/{upload.pk}/")
    commit(send, people.registrar, upload)
    assert Entry.objects.standing().count() == 3


def test_the_same_file_as_another_register(term: Term, quick: None, tmp_path: Path) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0)])
    first = staged(term, path, "enrollment")
    assert first.counts["kind_doubt"] == ""
    upload = staged(term, path, "attending")
    assert upload.counts["kind_doubt"].startswith("一模一样的文件已作为“国网学籍”上传过（待核对），现在又作为“实际在校”上传。")
    with pytest.raises(Refused) as refusal:
        actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
    assert refusal.value.code == "kind_doubt" and not Entry.objects.exists()
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_kind=True)
    actions.discard_upload(upload=first, by=SYSTEM)
    assert staged(term, path, "attending").counts["kind_doubt"] == "", "the same register again, and nothing else stands"


def test_both_questions_are_asked_at_once(term: Term, quick: None, tmp_path: Path) -> None:
    actions.commit_upload(upload=staged(term, roster(tmp_path / "all.csv", [Pupil(n) for n in range(5)]), "attending"), by=SYSTEM, now=NOW)
    path = roster(tmp_path / "one.csv", [Pupil(0)])
    staged(term, path, "enrollment")
    with pytest.raises(Refused, match="一模一样的文件已作为“国网学籍”上传过.*原名册 5 人，本次文件缺少其中 4 人"):
        actions.commit_upload(upload=staged(term, path, "attending"), by=SYSTEM, now=NOW)


@pytest.mark.parametrize("way", ["given up", "taken back"])
def test_the_question_goes_with_the_other_upload(term: Term, quick: None, tmp_path: Path, way: str) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0)])
    first = staged(term, path, "enrollment")
    if way == "taken back":
        actions.commit_upload(upload=first, by=SYSTEM, now=NOW)
    second = staged(term, path, "attending")
    assert Upload.objects.get(pk=second.pk).counts["kind_doubt"]
    (actions.discard_upload if way == "given up" else actions.undo_upload)(upload=Upload.objects.get(pk=first.pk), by=SYSTEM)
    told = Upload.objects.get(pk=second.pk)
    assert told.counts["kind_doubt"] == "" and told.counts["rows"] == 1
    actions.commit_upload(upload=told, by=SYSTEM, now=NOW)


def test_the_question_outlives_somebody_elses_commit(term: Term, quick: None, tmp_path: Path) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0)])
    staged(term, path, "enrollment")
    upload = staged(term, path)
    load(term, roster(tmp_path / "b.csv", [Pupil(0), Pupil(1)]))
    codes = []
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            actions.commit_upload(upload=Upload.objects.get(pk=upload.pk), by=SYSTEM, now=NOW)
        codes.append(refusal.value.code)
    assert codes == ["stale", "kind_doubt"]


def test_the_command_wants_its_flag(term: Term, quick: None, tmp_path: Path) -> None:
    headings = ["入学年月" if heading == "监护人姓名" else "学籍状态" if heading == "监护人电话" else heading for heading in HEADINGS]
    path = roster(tmp_path / "a.csv", [Pupil(0)], headings)
    arguments = ["load_register", "attending", str(path), "--term", term.code, "--json"]
    out = StringIO()
    with pytest.raises(CommandError):
        call_command(*arguments, stdout=out, stderr=StringIO())
    assert json.loads(out.getvalue())["code"] == "kind_doubt" and not Entry.objects.exists()
    out = StringIO()
    call_command(*arguments, "--confirm-kind", stdout=out, stderr=StringIO())
    told = json.loads(out.getvalue())
    assert "更像“国网学籍”" in told["warnings"][0]
    assert told["upload"] and Entry.objects.standing().count() + told["rejected"] == 1
