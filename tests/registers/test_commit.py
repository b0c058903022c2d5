"""Commit and undo by their truth: twice is once, undo is exact, one of two wins, half is nothing."""

from __future__ import annotations

import threading
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cases.models import Case
from apps.core.errors import Refused, RefusedFile
from apps.core.ids import mask
from apps.core.scope import Actor, Level, Scope
from apps.registers import actions
from apps.registers.actions import lines
from apps.registers.layouts.staged import LONGEST, STAGED_COLUMNS
from apps.registers.models import Entry, HeadingAlias, StagedRow, Upload
from apps.schools.models import Term
from apps.students.models import Child, IdDocument
from tests.registers.rolls import (
    DISTRICT,
    HEADINGS,
    NAMES,
    NOW,
    OTHER,
    SCHOOLS,
    SYSTEM,
    TOWN,
    Pupil,
    facts,
    load,
    make_places,
    roster,
    snapshot,
    staged,
)
from tests.registers.rolls import quick as quick
from tests.registers.rolls import term as term

pupils = st.builds(
    Pupil,
    number=st.integers(0, 7),
    school=st.sampled_from(SCHOOLS),
    grade=st.integers(2, 3),
    class_name=st.sampled_from(["1", "2"]),
    has_id=st.booleans(),
    address=st.sampled_from(["汤丹镇小龙潭", "因民镇大箐"]),
    town=st.sampled_from([TOWN, OTHER]),
)
rolls = st.tuples(st.sampled_from(["enrollment", "attending", "household"]), st.lists(pupils, min_size=1, max_size=8))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=rolls, second=rolls)
def test_twice_is_once_and_undo_is_exact(term: Term, quick: None, tmp_path: Path, first: Any, second: Any) -> None:
    with transaction.atomic():
        _twice_and_back(term, tmp_path, first, second)
        transaction.set_rollback(True)


def _twice_and_back(term: Term, tmp_path: Path, first: Any, second: Any) -> None:
    load_if_good(term, roster(tmp_path / "one.csv", first[1]), first[0])
    before = snapshot()
    path = roster(tmp_path / "two.csv", second[1])
    result = load_if_good(term, path, second[0])
    if result is None:
        assert snapshot() == before
        return
    after, stand = snapshot(), facts()
    again = load(term, path, second[0])
    assert (again["inserted"], again["updated"], again["missing"]) == (0, 0, 0)
    assert snapshot() == after and facts() == stand
    assert again["unchanged"] == result["accepted"] + result["cleaned"]
    for pk in (again["upload"], result["upload"]):
        actions.undo_upload(upload=Upload.objects.get(pk=pk), by=SYSTEM)
    assert snapshot() == before


def load_if_good(term: Term, path: Path, kind: str) -> dict[str, Any] | None:
    """A file of which no row is good is refused, and that is right."""
    try:
        return load(term, path, kind)
    except RefusedFile as refusal:
        if refusal.code != "none_good":
            raise
        return None


def test_texts_are_cut_to_what_the_database_holds() -> None:
    columns = {field.name: field.max_length for field in StagedRow._meta.concrete_fields if field.max_length}
    assert {name: length for name, length in columns.items() if name not in ("sex", "status")} == LONGEST
    lines = {field.name: field.max_length for field in Entry._meta.concrete_fields if field.name in STAGED_COLUMNS}
    assert {name for name, length in lines.items() if length != columns.get(name)} == {"township_code"}, "cut where the line is written"


def test_one_child_over_all_registers(term: Term, quick: None, tmp_path: Path) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)])
    for kind in ("enrollment", "household", "attending"):
        load(term, path, kind)
    assert Child.objects.count() == 2
    child = Child.objects.get(name=NAMES[0])
    assert (child.school_id, child.grade, child.township_code, child.id_masked) == (SCHOOLS[0], 3, TOWN, mask(Pupil(0).id_number))
    assert IdDocument.objects.filter(kind="resident").count() == 2


def test_a_number_alone_joins_nobody(term: Term, quick: None, tmp_path: Path) -> None:
    """A sibling's number typed in by mistake: other name, other birth date, so another child."""
    load(term, roster(tmp_path / "a.csv", [Pupil(0)]), "household")
    wrong = Pupil(1).cells()
    wrong[0], wrong[4] = "G" + Pupil(1).id_number, Pupil(0).id_number
    path = tmp_path / "b.csv"
    path.write_text("\n".join(",".join(cells) for cells in (HEADINGS, wrong)), encoding="utf-8")
    load(term, path, "attending")
    assert Child.objects.count() == 2


def test_a_changed_line_keeps_its_child_and_the_old_version(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)]))
    child = Child.objects.get(name=NAMES[0])
    result = load(term, roster(tmp_path / "b.csv", [replace(Pupil(0), address="因民镇大箐"), Pupil(1)]))
    assert (result["inserted"], result["updated"], result["unchanged"]) == (0, 1, 1)
    assert Entry.objects.filter(child=child).count() == 2
    assert Entry.objects.standing().get(child=child).address == "因民镇大箐"
    child.refresh_from_db()
    assert child.address == "因民镇大箐"


def test_staged_numbers_go_at_commit(term: Term, quick: None, tmp_path: Path) -> None:
    bad = Pupil(1).cells()
    bad[1] = ""
    path = tmp_path / "a.csv"
    path.write_text("\n".join(",".join(cells) for cells in (HEADINGS, Pupil(0).cells(), bad)), encoding="utf-8")
    result = load(term, path)
    assert result["rejected"] == 1
    row = StagedRow.objects.get(upload_id=result["upload"])
    assert (row.row, row.id_number, row.student_number, row.key) == (2, "", "", "")
    assert Pupil(1).id_number not in str([row.problems, row.cleaned, row.details])


@pytest.mark.parametrize(("answer", "stands"), [("left", False), ("see_comparison", False), ("absent_from_file", True), ("", False)])
def test_missing_lines_go_as_answered(term: Term, quick: None, tmp_path: Path, answer: str, stands: bool) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(n) for n in range(6)]))
    upload = staged(term, roster(tmp_path / "b.csv", [Pupil(n) for n in range(5)]))
    assert upload.counts["missing"] == 1
    if answer:
        actions.answer_missing(upload=upload, default=answer, by=SYSTEM)
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
    gone = Entry.objects.get(name=NAMES[5])
    assert (gone.ended_by_id is None) is stands
    assert gone.end_reason == ("" if stands else answer or "see_comparison")


def test_missing_answered_one_by_one(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(n) for n in range(4)]))
    upload = staged(term, roster(tmp_path / "b.csv", [Pupil(0), Pupil(1)]))
    stays = Entry.objects.get(name=NAMES[2])
    actions.answer_missing(upload=upload, default="left", answers={stays.pk: "absent_from_file"}, by=SYSTEM)
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_shrink=True)
    assert {e.name: e.end_reason for e in Entry.objects.filter(name__in=NAMES[2:4])} == {NAMES[2]: "", NAMES[3]: "left"}
    with pytest.raises(Refused):
        actions.answer_missing(upload=upload, default="left", by=SYSTEM)


def test_a_rejected_row_is_not_missing(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)]))
    upload = staged(term, roster(tmp_path / "b.csv", [Pupil(0), replace(Pupil(1), grade=99)]))
    assert (upload.counts["rejected"], upload.counts["missing"]) == (1, 0)


def test_a_shrinking_roll_asks_twice(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(n) for n in range(4)]))
    upload = staged(term, roster(tmp_path / "b.csv", [Pupil(0)]))
    assert upload.counts["shrinks"] and "3" in upload.warnings[-1]
    before = snapshot()
    with pytest.raises(Refused) as refusal:
        actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
    assert refusal.value.code == "shrink" and snapshot() == before
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_shrink=True)
    assert Entry.objects.standing().count() == 1


def test_another_school_stays_when_a_file_does_not_speak_of_it(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(0), replace(Pupil(1), school=SCHOOLS[1])]))
    upload = staged(term, roster(tmp_path / "b.csv", [Pupil(0)]))
    assert upload.counts["missing"] == 0 and "测试小学2" in upload.warnings[-1]


def test_set_checks_name_the_other_row_as_the_sheet_counts(term: Term, quick: None, tmp_path: Path) -> None:
    one, twin, double, lost = Pupil(0).cells(), Pupil(0).cells(), Pupil(0, class_name="2").cells(), Pupil(1).cells()
    lost[1], lost[4] = "钱小宝", one[4]
    (tmp_path / "a.csv").write_text("\n".join(["花名册", *(",".join(row) for row in (HEADINGS, one, twin, double, lost))]), encoding="utf-8")
    rows = StagedRow.objects.filter(upload=staged(term, tmp_path / "a.csv")).order_by("row")
    said = {row.row: {p["code"]: p["message"] for p in row.problems} for row in rows}
    assert said[2]["same_row"].startswith("与第 3 行完全相同")
    assert "在第 5 行又出现" in said[1]["same_id"] and "在第 3 行又出现" in said[3]["same_id"]
    assert "学籍号与第 3 行相同" in said[3]["same_student_number"]
    assert "身份证号与第 3 行相同，但姓名不同" in said[4]["same_id_other_name"]


def other_school(upload: Upload) -> dict[int, str]:
    """Row → what is said of a number that another school has too."""
    rows = StagedRow.objects.filter(upload=upload).order_by("row").values_list("row", "problems")
    return {row: p["message"] for row, problems in rows for p in problems if p["code"] == "id_in_other_school"}


def test_a_number_that_stands_in_another_school_is_said(term: Term, quick: None, tmp_path: Path) -> None:
    there = [Pupil(0, school=SCHOOLS[1]), Pupil(1, school=SCHOOLS[1])]
    load(term, roster(tmp_path / "a.csv", there))
    found = other_school(staged(term, roster(tmp_path / "b.csv", [Pupil(0), Pupil(2)]), school=SCHOOLS[0]))
    assert list(found) == [1]
    assert "测试小学2" in found[1] and "赵大山" not in found[1] and "一诺" not in found[1]
    both = other_school(staged(term, roster(tmp_path / "two.csv", [Pupil(3), Pupil(3, school=SCHOOLS[1])]), "enrollment"))
    assert "测试小学2" in both[1] and "测试小学1" in both[2]
    # The other register and the other school's own second hand-in say nothing; nor does a line that this very file takes away.
    assert not other_school(staged(term, roster(tmp_path / "c.csv", [Pupil(0), Pupil(2)]), "enrollment", school=SCHOOLS[0]))
    assert not other_school(staged(term, roster(tmp_path / "d.csv", there), school=SCHOOLS[1]))
    assert not other_school(staged(term, roster(tmp_path / "e.csv", [Pupil(0), Pupil(1, school=SCHOOLS[1])])))


def test_a_roll_of_another_term_does_not_say_where_a_child_is_now(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(0, school=SCHOOLS[1])]))
    spring = Term.objects.create(district_code=DISTRICT, code="2026-2027-2", first_day=date(2027, 3, 5), last_day=date(2027, 7, 10))
    path = roster(tmp_path / "b.csv", [Pupil(0)])
    assert not other_school(staged(spring, path, school=SCHOOLS[0]))
    load(spring, tmp_path / "a.csv")  # the same roll again: nothing is written, but now it speaks of this term
    assert list(other_school(staged(spring, path, school=SCHOOLS[0]))) == [1]


def test_a_paper_of_another_kind_is_found_too(term: Term, quick: None, tmp_path: Path) -> None:
    row = Pupil(3, school=SCHOOLS[1]).cells()
    row[0], row[4] = "", "E12345678"
    for name, school in (("a", SCHOOLS[1]), ("b", SCHOOLS[0])):
        row[5] = school
        (tmp_path / f"{name}.csv").write_text(",".join(HEADINGS) + "\n" + ",".join(row) + "\n", encoding="utf-8-sig")
    load(term, tmp_path / "a.csv")
    assert list(other_school(staged(term, tmp_path / "b.csv", school=SCHOOLS[0]))) == [1]


def test_unknown_school_is_rejected_with_a_sentence(term: Term, quick: None, tmp_path: Path) -> None:
    upload = staged(term, roster(tmp_path / "a.csv", [Pupil(0), replace(Pupil(1), school="2153019999")]))
    row = StagedRow.objects.get(upload=upload, status="rejected")
    assert row.problems[-1]["code"] == "school_unknown" and "2153019999" in row.problems[-1]["message"]
    assert upload.counts["units"] == [SCHOOLS[0]]


def registrar(school: str) -> Actor:
    scope = Scope(Level.SCHOOL, DISTRICT, school=school)
    return replace(SYSTEM, role="registrar", scope=scope, uploads=frozenset({"enrollment", "attending"}))


def test_a_registrar_hands_in_own_rows_only(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [replace(Pupil(2), school=SCHOOLS[1])]))
    path = roster(tmp_path / "b.csv", [Pupil(0), replace(Pupil(1), school=SCHOOLS[1])])
    own = registrar(SCHOOLS[0])
    result = load(term, path, by=own)
    assert (result["inserted"], result["rejected"], result["missing"]) == (1, 1, 0)
    assert result["problems"][0]["code"] == "school_other"
    for kind, place in (("household", {}), ("attending", {"school": SCHOOLS[1]})):
        with pytest.raises(Refused):
            staged(term, path, kind, by=own, **place)
    with pytest.raises(Refused):
        actions.undo_upload(upload=Upload.objects.get(pk=result["upload"]), by=registrar(SCHOOLS[1]))


def test_a_later_commit_holds_an_earlier_one(term: Term, quick: None, tmp_path: Path) -> None:
    first = load(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    load(term, roster(tmp_path / "b.csv", [replace(Pupil(0), address="因民镇大箐")]))
    with pytest.raises(Refused) as refusal:
        actions.undo_upload(upload=Upload.objects.get(pk=first["upload"]), by=SYSTEM)
    assert refusal.value.code == "later"


def test_a_case_holds_the_commit_that_brought_its_child(term: Term, quick: None, tmp_path: Path) -> None:
    result = load(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    child = Child.objects.get()
    Case.objects.create(child=child, district_code=DISTRICT, state="suspected", opened_on=NOW.date())
    before = snapshot()
    with pytest.raises(Refused) as refusal:
        actions.undo_upload(upload=Upload.objects.get(pk=result["upload"]), by=SYSTEM)
    assert refusal.value.code == "used" and snapshot() == before


def test_nothing_in_the_file_is_refused(term: Term, tmp_path: Path) -> None:
    path = roster(tmp_path / "a.csv", [])
    upload = staged(term, path)
    assert upload.state == Upload.State.REFUSED and upload.sentence
    with pytest.raises(RefusedFile):
        load(term, path)


def test_a_heading_explained_once_is_remembered(term: Term, tmp_path: Path) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0)], [heading.replace("姓名", "娃娃") if heading == "姓名" else heading for heading in HEADINGS])
    upload = staged(term, path)
    assert upload.state == Upload.State.HEADINGS
    assert [one["heading"] for one in upload.headings["unknown"]] == ["娃娃"]
    actions.learn_headings(upload=upload, answers={"娃娃": "name"}, by=SYSTEM)
    again = actions.read_upload(upload_id=upload.pk, now=NOW, today=NOW.date())
    assert again is not None and again.state == Upload.State.STAGED
    assert staged(term, path).state == Upload.State.STAGED
    assert HeadingAlias.objects.get().field == "name"


@pytest.mark.django_db(transaction=True)
def test_of_two_commits_one_wins(quick: None, tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    uploads = [staged(term, roster(tmp_path / f"{n}.csv", [Pupil(n), replace(Pupil(5), class_name=str(n + 1))])) for n in (0, 1)]
    barrier, ends = threading.Barrier(2), []

    def commit(upload: Upload) -> None:
        barrier.wait()
        try:
            actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
            ends.append("won")
        except Refused as refusal:
            ends.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=commit, args=(upload,)) for upload in uploads]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["stale", "won"]
    loser = Upload.objects.get(state=Upload.State.STAGED)
    assert (loser.counts["inserted"], loser.counts["updated"], loser.counts["missing"]) == (1, 1, 1)
    actions.commit_upload(upload=loser, by=SYSTEM, now=NOW, confirm_shrink=True)
    assert Entry.objects.standing().count() == 2


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_is_nothing(quick: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    load(term, roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)]))
    upload = staged(term, roster(tmp_path / "b.csv", [replace(Pupil(0), address="因民镇大箐"), Pupil(2)]))
    before, true = snapshot(), lines.insert

    def die(*args: Any) -> None:
        true(*args)
        connection.connection.close()  # as the server sees a killed worker
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(lines, "insert", die)
        with pytest.raises(SystemExit):
            actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_shrink=True)
    connection.close()
    assert snapshot() == before
    assert Upload.objects.get(pk=upload.pk).state == Upload.State.STAGED
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_shrink=True)
    assert Entry.objects.standing().count() == 2


def test_a_remark_of_suspension_in_a_class_list_is_said_to_be_no_paper(term: Term, quick: None, tmp_path: Path) -> None:
    """〔方案二（六）〕：在校名册的备注不是手续；学籍名册的备注不提。"""
    words = ("病重休学一年", "休学，已复学", "寄宿")
    lines = [",".join([*HEADINGS, "备注"]), *(",".join([*Pupil(n).cells(), said]) for n, said in enumerate(words))]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8-sig")
    for kind, rows in (("attending", [1]), ("enrollment", [])):
        upload = staged(term, tmp_path / "a.csv", kind)
        found = StagedRow.objects.filter(upload=upload, problems__contains=[{"code": "remark_is_no_paper"}])
        assert list(found.values_list("row", "status")) == [(row, "accepted") for row in rows]
        assert all("批准后生效" in row.problems[0]["message"] for row in found)
