"""What a run may see, who may start it, and the cases it opens: a handful of children, real commits."""

from __future__ import annotations

import threading
import time
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from apps.cases.actions import comparison as actions
from apps.cases.models import Case
from apps.core import clock
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Run, Settlement
from apps.registers.actions import undo_upload
from apps.registers.models import Entry, StagedRow, Upload
from apps.schools.actions import ensure_term
from apps.schools.models import PolicyValue, Region
from apps.students.models import Child
from tests.cast import Cast
from tests.factories.children import child as make_child
from tests.factories.children import document, id_number
from tests.factories.registers import entry, term, upload
from tests.reconciliation.scenes import attending, begin, compare, finish, second

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_school_without_a_class_list_is_to_verify_and_raises_no_alarm(enrolled: list[Child]) -> None:
    attending(enrolled[:1])
    told = second(compare())
    assert [told[child.pk] for child in enrolled] == ["attending", "not_returned", "to_verify", "to_verify"]


def test_last_terms_class_list_does_not_count(enrolled: list[Child]) -> None:
    attending(enrolled[:2], of=ensure_term(district="530113", code="2025-2026-2"))
    attending(enrolled[2:])
    told = second(compare())
    assert [told[child.pk] for child in enrolled] == ["to_verify", "to_verify", "attending", "attending"]


def test_a_refused_row_of_the_class_list_is_to_verify(enrolled: list[Child]) -> None:
    attending(enrolled[:1])
    attending(enrolled[2:])
    lost = enrolled[1]
    line = Entry.objects.get(child=lost, kind="enrollment")
    texts = {f.name: "" for f in StagedRow._meta.fields if f.get_internal_type() == "TextField"}
    by = Entry.objects.get(child=enrolled[0], kind="attending").upload
    assert lost.school_id
    told = {"upload": by, "row": 16, "sheet_row": 17, "status": "rejected", "school_code": lost.school_id, "name_key": line.name_key}
    StagedRow.objects.create(**{**texts, **told})
    run = compare()
    row = ChildClass.objects.get(run=run, child=lost)
    assert row.second == "to_verify" and "第17行" in row.second_reason
    assert Case.objects.count() == actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 0


def test_the_record_names_the_school_a_child_went_to_and_the_tree_says_where_that_is(enrolled: list[Child]) -> None:
    attending(enrolled[:1])
    attending(enrolled[2:])
    moved = Entry.objects.filter(child=enrolled[1], kind="enrollment")
    moved.update(state="transferred_out", remark="转往会泽县金钟小学")
    row = ChildClass.objects.get(run=compare(), child=enrolled[1])
    assert (row.first, row.second) == ("to_verify", "transferring") and "看不出" in row.first_reason
    prefecture = Region.objects.create(code="5303", name="曲靖市", level="prefecture", parent_id="53")
    Region.objects.create(code="530326", name="会泽县", level="district", parent=prefecture)
    row = ChildClass.objects.get(run=compare(), child=enrolled[1])
    assert (row.first, row.second, row.first_reason) == ("outside_in_province", "transferring", "学籍已转出：会泽县金钟小学")
    moved.update(remark="", details={"extra": {"转入学校": "广东省东莞市厚街中学"}})
    Region.objects.create(code="44", name="广东省", level="province")
    assert ChildClass.objects.get(run=compare(), child=enrolled[1]).first == "outside_out_of_province"
    moved.update(details={})
    run = compare()
    row = ChildClass.objects.get(run=run, child=enrolled[1])
    assert (row.first, row.second) == ("to_verify", "to_verify")
    assert set(Finding.objects.filter(run=run, child=enrolled[1]).values_list("comparison", "klass")) == {("1", "to_verify"), ("2", "to_verify")}


@pytest.mark.parametrize(
    ("details", "told"),
    [
        ({"disability": "肢体"}, "登记有残疾（肢体）"),
        ({"extra": {"健康状况": "51"}}, "登记有残疾（健康状况 51）"),
        ({"extra": {"健康状况": "50-残疾"}}, "登记有残疾（健康状况 50-残疾）"),
        ({"extra": {"健康状况": "10"}}, ""),
        ({"extra": {"健康状况": "无残疾"}}, ""),
    ],
)
def test_a_disability_of_any_register_reaches_whoever_looks_for_the_child(enrolled: list[Child], details: dict[str, Any], told: str) -> None:
    attending(enrolled[:1])
    Entry.objects.filter(child=enrolled[1], kind="household").update(details=details)
    row = ChildClass.objects.get(run=compare(), child=enrolled[1])
    assert row.second == "not_returned" and (told in row.second_reason) and ("残疾" in row.second_reason) == bool(told)


def test_a_second_record_with_the_fathers_number_is_the_same_child_twice(enrolled: list[Child]) -> None:
    attending(enrolled[:1])
    attending(enrolled[2:])
    one = enrolled[0]
    again = make_child(name=one.name, sex=one.sex, school_class=enrolled[2].school_class, document=document(id_number(7, birth=date(1985, 5, 6))))
    entry(again, "enrollment", grade=4, birth_date=one.birth_date, guardian_name=one.guardian_name, guardian_key=one.guardian_name)
    Entry.objects.filter(child=one, kind="enrollment").update(guardian_key=one.guardian_name)
    run = compare()
    assert list(Finding.objects.filter(run=run, klass="duplicate_enrollment").values_list("child_id", flat=True)) == [one.pk]
    assert second(run)[one.pk] == "attending" and not ChildClass.objects.filter(run=run, child=again).exists()


def test_the_household_line_finds_the_seat_that_the_record_did_not(enrolled: list[Child]) -> None:
    """The record has an earlier name; the class list the new one, no number and the other parent, whom the police register knows as the head."""
    attending(enrolled[:1])
    lost = enrolled[1]
    assert lost.school
    Entry.objects.filter(child=lost, kind="household").update(head_name="王秀云", household_number="77", details={"phone": "13900001234"})
    Entry.objects.filter(child=lost, kind="enrollment").update(name="赵大成", name_key="赵大成", name_sound="zhaodacheng")
    told = {"document": None, "birth_date": None, "guardian_name": "王秀云", "guardian_key": "王秀云", "guardian_phone": "13900001234"}
    stranger = make_child(school_class=lost.school_class)
    line = entry(stranger, "attending", by=upload("attending", school=lost.school), grade=4, sex=lost.sex, address=lost.address,
                 name=lost.name, name_key=lost.name, name_sound="", **told)  # fmt: skip
    run = compare()
    row = ChildClass.objects.get(run=run, child=lost)
    assert (row.second, row.attending_id) == ("attending", line.pk)
    assert not DoubtfulPair.objects.filter(run=run, right=line).exists()  # whatever the record and the seat were asked is answered


def test_what_comes_after_the_start_is_not_seen(enrolled: list[Child]) -> None:
    attending(enrolled[:2])
    attending(enrolled[2:])
    run = begin()
    gone = Entry.objects.get(child=enrolled[0], kind="attending")
    gone.ended_by, gone.end_reason = upload("attending", school=enrolled[0].school), "left"
    gone.save()
    entry(make_child(school_class=enrolled[0].school_class), "enrollment")
    told = second(finish(run))
    assert [told[child.pk] for child in enrolled] == ["attending"] * 4
    assert len(told) == 4
    assert set(run.uploads).isdisjoint({gone.ended_by_id})
    after = second(compare())
    assert after[enrolled[0].pk] == "not_returned" and len(after) == 5


def test_two_runs_at_once_are_refused_and_so_is_one_over_nothing(enrolled: list[Child]) -> None:
    begin()
    with pytest.raises(Refused, match="正在进行"):
        begin()
    Run.objects.all().delete()
    Entry.objects.all().delete()
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM registers_upload")
    with pytest.raises(Refused, match="先上传"):
        begin()


def test_two_rows_of_one_child_merge_and_its_decisions_follow(enrolled: list[Child]) -> None:
    """The class list came in first and made a child of its own; the run finds that it is one on the roll."""
    one = enrolled[0]
    facts = {name: getattr(one, name) for name in ("name", "document", "id_masked", "birth_date", "sex", "school", "school_class", "grade")}
    double = make_child(**facts)
    attending([double])
    settled = Settlement.objects.create(
        child=double, district_code="530113", comparison="x", from_class="duplicate_enrollment", outcome="both_kept", explanation="测试",
        decided_title="测试岗位", decided_at=clock.now(),
    )  # fmt: skip
    run = compare()
    double.refresh_from_db()
    settled.refresh_from_db()
    assert (double.merged_into_id, settled.child_id) == (one.pk, double.pk)  # it stays its own and is read as the other's
    assert not ChildClass.objects.filter(run=run, child=double).exists()
    assert second(run)[one.pk] == "attending"
    assert second(compare()) == second(run)


def test_a_chunk_that_keeps_failing_ends_the_run_with_a_sentence(enrolled: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> int:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(running.linking, "find_duplicates", broken)
    run = begin()
    for _ in range(running.MOST_ATTEMPTS * 2):
        chunk = running.claim(run_id=run.pk, now=clock.machine())
        if chunk is None:
            break
        with pytest.raises(RuntimeError):
            running.work(chunk=chunk, now=clock.now())
    run.refresh_from_db()
    assert run.state == Run.State.FAILED and "连续失败" in run.sentence
    monkeypatch.undo()
    assert second(compare())


def test_a_worker_that_died_between_two_phases_is_made_up_for(enrolled: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    attending(enrolled[:2])
    run = begin()
    monkeypatch.setattr(running, "settle", lambda **_: 0)
    while chunk := running.claim(run_id=run.pk, now=clock.machine()):
        running.work(chunk=chunk, now=clock.now())
    monkeypatch.undo()
    run.refresh_from_db()
    assert run.phase == running.PHASES[0] and running.stuck(now=clock.machine()) == [run.pk]
    assert running.settle(run_id=run.pk, now=clock.now()) == run.chunks.filter(phase=running.PHASES[1]).count() > 0
    assert running.settle(run_id=run.pk, now=clock.now()) == 0
    finish(run)


def test_a_chunk_left_by_a_dead_worker_is_taken_over_and_the_late_one_changes_nothing(enrolled: list[Child]) -> None:
    attending(enrolled[:2])
    run = begin()
    first = running.claim(run_id=run.pk, now=clock.machine())
    assert first is not None
    assert run.pk in running.stuck(now=clock.machine() + 2 * running.LEASE)
    over = running.claim(run_id=run.pk, now=clock.machine() + 2 * running.LEASE)
    assert over is not None and (over.pk, over.attempts) == (first.pk, 2)
    running.work(chunk=over, now=clock.now())
    assert running.work(chunk=first, now=clock.now()) == 0
    finish(run)


def test_a_run_holds_every_upload_up_to_its_cutoff(enrolled: list[Child], cast: Cast) -> None:
    """Also one that only took lines off, also while the run is at work; what comes later is free."""
    attending(enrolled[:2])
    ended = upload("attending", school=enrolled[0].school, township_code=enrolled[0].school.township_id)  # type: ignore[union-attr]
    Entry.objects.filter(child=enrolled[0], kind="attending").update(ended_by=ended, end_reason="left")
    run = begin()
    later = upload("attending", school=enrolled[2].school)
    before = sorted(Entry.objects.values_list("pk", "ended_by_id"))
    for held in Upload.objects.exclude(pk=later.pk):
        with pytest.raises(Refused, match=f"{run}用到了这份名册") as refusal:
            undo_upload(upload=held, by=cast.actor("bureau"))
        assert refusal.value.code == "held"
    assert sorted(Entry.objects.values_list("pk", "ended_by_id")) == before
    finish(run)
    with pytest.raises(Refused):
        undo_upload(upload=ended, by=cast.actor("bureau"))
    assert undo_upload(upload=later, by=cast.actor("bureau")).state == "undone"
    page = cast.client("bureau").get(f"/registers/{ended.pk}/").content.decode()
    assert f"{run}用到了这份名册，不能再撤销" in page and "撤销这次提交" not in page


def test_a_run_waits_for_an_undo_and_does_not_see_what_it_took_back(enrolled: list[Child], cast: Cast) -> None:
    attending(enrolled[:2])
    attending(enrolled[2:])
    taken = Upload.objects.latest("pk")
    undoing, started = threading.Event(), []

    def undo() -> None:
        try:
            with transaction.atomic():
                undo_upload(upload=taken, by=cast.actor("bureau"))
                undoing.set()
                time.sleep(0.5)  # the run is asked for now, and must wait for our commit
        finally:
            connection.close()

    thread = threading.Thread(target=undo)
    thread.start()
    assert undoing.wait(10)
    begun = time.monotonic()
    started.append(begin())
    assert time.monotonic() - begun > 0.3
    thread.join(10)
    assert taken.pk not in started[0].uploads
    told = second(finish(started[0]))
    assert [told[child.pk] for child in enrolled] == ["attending", "attending", "to_verify", "to_verify"]


@pytest.mark.parametrize(("days", "words"), [(-3, "还没有开学"), (0, "开学第1周"), (6, "开学第1周"), (7, ""), (30, "")])
def test_a_run_before_the_second_week_is_said_to_be_early(enrolled: list[Child], cast: Cast, settings: Any, days: int, words: str) -> None:
    settings.PINNED_TODAY = term().first_day + timedelta(days=days)
    run = begin(days=days) if days else running.start_run(term=term(), by=SYSTEM, today=term().first_day)
    early = [warning for warning in run.warnings if "第2周起比对" in warning]
    assert [words in warning for warning in early] == ([True] if words else [])
    page = cast.client("bureau").get(f"/runs/?term={run.term.code}").content.decode()
    assert ("第2周起比对" in page) is bool(words)


def test_the_week_a_comparison_begins_is_the_districts(enrolled: list[Child]) -> None:
    PolicyValue.objects.create(district_code="530113", key="run_first_week", value=4, effective_from=date(2026, 1, 1))
    assert any("第4周起比对" in warning for warning in begin(days=15).warnings)


def test_a_calendar_nobody_confirmed_is_said_plainly(enrolled: list[Child]) -> None:
    (said,) = [warning for warning in begin().warnings if "没有人确认" in warning]
    assert "2026年校历" in said and "系统管理员" in said


def test_school_and_class_of_a_row_are_of_one_place(enrolled: list[Child], cast: Cast) -> None:
    """On the roll of one school, in a class of another: the row names no class of the other school, the finding of the other way does."""
    child = enrolled[0]
    far = cast.home.classes[2]
    assert far.school_id != child.school_id
    by = upload("attending", school=far.school, township_code=far.school.township_id)
    entry(child, "attending", by=by, unit=far.school_id, school=far.school, school_class=far)
    run = compare()
    row = ChildClass.objects.get(run=run, child=child)
    assert (row.school_id, row.school_class_id, row.attending_school_id) == (child.school_id, child.school_class_id, far.school_id)
    finding = Finding.objects.get(run=run, child=child, comparison="2r")
    assert (finding.school_id, finding.school_class_id) == (far.school_id, far.pk)
    assert Finding.objects.get(run=run, child=child, comparison="2").school_class_id == child.school_class_id
