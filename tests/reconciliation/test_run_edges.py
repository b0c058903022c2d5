"""What a run may see, who may start it, and the cases it opens: a handful of children, real commits."""

from __future__ import annotations

import threading
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from apps.cases import actions, queries, workflow
from apps.cases.models import Case, CaseEntry
from apps.core import clock
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Run, Settlement
from apps.registers.models import Entry, StagedRow
from apps.schools.actions import ensure_term
from apps.schools.models import Region, Term
from apps.students.models import Child
from tests.cast import Cast
from tests.factories.children import child as make_child
from tests.factories.children import document, id_number
from tests.factories.registers import entry, term, upload

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def enrolled(cast: Cast) -> list[Child]:
    """Two children of each of two schools, on the national roll and at home here."""
    children = cast.home.children[:4]
    roll, homes = upload("enrollment"), upload("household")
    for child in children:
        entry(child, "enrollment", by=roll, grade=4)  # in grades 1 and 7 it would be 未注册
        entry(child, "household", by=homes)
    return children


def attending(children: list[Child], *, of: Term | None = None, **fields: Any) -> None:
    """The class list of one school, in one upload."""
    school = children[0].school
    assert school
    by = upload("attending", of=of, school=school, township_code=school.township_id)
    for child in children:
        entry(child, "attending", by=by, **fields)


def begin(**late: int) -> Run:
    """Start a run of the term on its third week, or as many ``days`` after its first day."""
    of = term()
    return running.start_run(term=of, by=SYSTEM, today=of.first_day + timedelta(**(late or {"days": 21})))


def finish(run: Run) -> Run:
    while chunk := running.claim(run_id=run.pk, now=clock.now()):
        running.work(chunk=chunk, now=clock.now())
    run.refresh_from_db()
    assert run.state == Run.State.DONE and run.counts["balanced"] and run.counts["unexplained"] == 0
    return run


def compare(**late: int) -> Run:
    return finish(begin(**late))


def second(run: Run) -> dict[int, str]:
    return dict(ChildClass.objects.filter(run=run).values_list("child_id", "second"))


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
    assert Case.objects.count() == actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0


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
    assert double.merged_into_id == one.pk == settled.child_id
    assert not ChildClass.objects.filter(run=run, child=double).exists()
    assert second(run)[one.pk] == "attending"
    assert second(compare()) == second(run)


@pytest.fixture
def lost(enrolled: list[Child]) -> list[Child]:
    """One never enrolled, one dropout by the roll, one not returned, one in class."""
    never, dropout, missing, present = enrolled
    Entry.objects.filter(child=never, kind="enrollment").delete()
    Entry.objects.filter(child=dropout, kind="enrollment").update(state="drifted")
    attending([present])
    assert dropout.school
    upload("attending", school=dropout.school)  # an empty list is a list
    return [never, dropout, missing, present]


def test_cases_open_once_a_child_and_only_after_the_first_week(lost: list[Child]) -> None:
    never, dropout, missing, present = lost
    early = compare(days=5)
    assert actions.open_cases_of_run(run=early, by=SYSTEM, today=early.as_of) == 2
    cases = {case.child_id: case for case in Case.objects.all()}
    assert set(cases) == {never.pk, dropout.pk}
    assert (cases[never.pk].state, cases[never.pk].is_never_enrolled, cases[dropout.pk].state) == ("confirmed", True, "suspected")
    assert cases[dropout.pk].reason.startswith("辍学：") and cases[dropout.pk].finding_id
    assert actions.open_cases_of_run(run=early, by=SYSTEM, today=early.as_of) == 0
    late = compare(days=8)
    assert actions.open_cases_of_run(run=late, by=SYSTEM, today=late.as_of) == 1
    assert Case.objects.get(child=missing).reason.startswith("未返校：")
    assert not Case.objects.filter(child=present).exists()
    assert [line.kind for line in CaseEntry.objects.all()] == ["opened"] * 3
    assert CaseEntry.objects.get(case__child=never).text == cases[never.pk].reason


def test_an_ended_case_lets_a_new_one_open_and_an_open_one_does_not(lost: list[Child]) -> None:
    run = compare()
    assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 3
    Case.objects.filter(child=lost[0]).update(state="closed")
    assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 1
    assert queries.runs_without_cases() == [run]


def test_two_at_once_open_each_case_once(lost: list[Child]) -> None:
    run = compare()
    opened: list[int] = []
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        try:
            opened.append(actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of))
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(opened) == [0, 3] or sum(opened) == 3
    assert Case.objects.count() == CaseEntry.objects.count() == 3


@pytest.mark.parametrize("statement", ["UPDATE cases_caseentry SET text = '改'", "DELETE FROM cases_caseentry"])
def test_the_ledger_only_grows(lost: list[Child], statement: str) -> None:
    run = compare()
    actions.open_cases_of_run(run=run, by=SYSTEM, today=date(2026, 10, 8))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert CaseEntry.objects.count() == 3


def test_the_table_of_moves_is_sound() -> None:
    states = set(workflow.State)
    reached = {move.target for move in workflow.MOVES}
    left = {move.source for move in workflow.MOVES}
    assert reached == states
    assert states - left == {workflow.State.CLEARED}  # 已销号 may be reopened
    assert all(move.guard and move.roles and move.source != move.target for move in workflow.MOVES)
    assert len({(move.source, move.target) for move in workflow.MOVES}) == len(workflow.MOVES)
    assert workflow.allowed(workflow.State.SUSPECTED, workflow.State.CLOSED) is None
    assert set(queries.open_states()) == {state.value for state in states - workflow.ENDED}
    assert all(state.label and state.tone for state in states)


def test_a_chunk_that_keeps_failing_ends_the_run_with_a_sentence(enrolled: list[Child], monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(**_: Any) -> int:
        raise RuntimeError("broken on purpose")

    monkeypatch.setattr(running.linking, "find_duplicates", broken)
    run = begin()
    for _ in range(running.MOST_ATTEMPTS * 2):
        chunk = running.claim(run_id=run.pk, now=clock.now())
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
    while chunk := running.claim(run_id=run.pk, now=clock.now()):
        running.work(chunk=chunk, now=clock.now())
    monkeypatch.undo()
    run.refresh_from_db()
    assert run.phase == running.PHASES[0] and running.stuck(now=clock.now()) == [run.pk]
    assert running.settle(run_id=run.pk, now=clock.now()) == run.chunks.filter(phase=running.PHASES[1]).count() > 0
    assert running.settle(run_id=run.pk, now=clock.now()) == 0
    finish(run)


def test_a_child_only_the_survey_knows_opens_a_case_unless_its_line_is_in_doubt(enrolled: list[Child], cast: Cast) -> None:
    attending(enrolled)
    stray = make_child(village=cast.home.villages[0].code, school_class=None)
    line = entry(stray, "survey", state="never_enrolled")
    run = compare()
    assert ChildClass.objects.get(run=run, child=stray).first == "no_residence"
    DoubtfulPair.objects.filter(run=run).delete()  # the rule may doubt the invented child by itself
    doubt = DoubtfulPair.objects.create(run=run, left=line, right=Entry.objects.filter(kind="household")[0], score=3, answer="ask")
    assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0
    doubt.delete()
    assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 1


def test_a_chunk_left_by_a_dead_worker_is_taken_over_and_the_late_one_changes_nothing(enrolled: list[Child]) -> None:
    attending(enrolled[:2])
    run = begin()
    first = running.claim(run_id=run.pk, now=clock.now())
    assert first is not None
    assert run.pk in running.stuck(now=clock.now() + 2 * running.LEASE)
    over = running.claim(run_id=run.pk, now=clock.now() + 2 * running.LEASE)
    assert over is not None and (over.pk, over.attempts) == (first.pk, 2)
    running.work(chunk=over, now=clock.now())
    assert running.work(chunk=first, now=clock.now()) == 0
    finish(run)
