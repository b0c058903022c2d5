"""What a run may see, who may start it, and the cases it opens: a handful of children, real commits."""

from __future__ import annotations

import threading
import time
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
from apps.reconciliation.actions.settling import settle_finding
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Run, Settlement
from apps.registers.actions import undo_upload
from apps.registers.models import Entry, StagedRow, Upload
from apps.schools.actions import ensure_term
from apps.schools.models import PolicyValue
from apps.students.models import Child
from tests.cast import Cast
from tests.factories.children import child as make_child
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
    assert Case.objects.count() == actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0


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


@pytest.fixture
def lost(enrolled: list[Child]) -> list[Child]:
    """One never enrolled, one dropout by the roll, one not returned, one in class."""
    never, dropout, missing, present = enrolled
    Entry.objects.filter(child=never, kind="enrollment").delete()
    Entry.objects.filter(child=dropout, kind="enrollment").update(state="drifted")
    attending([present])
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
    assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0, "closed since this run: only a new one may find the child lost again"
    again = compare()
    assert queries.runs_without_cases() == [again]
    assert actions.open_cases_of_run(run=again, by=SYSTEM, today=again.as_of) == 1


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


def notes(child: Child) -> list[str]:
    return list(CaseEntry.objects.filter(case__child=child, kind="note").values_list("text", flat=True))


def test_a_reason_that_is_gone_is_written_down_once_and_closes_nothing(lost: list[Child]) -> None:
    never, dropout, missing, _ = lost
    first = compare()
    assert actions.open_cases_of_run(run=first, by=SYSTEM, today=first.as_of) == 3
    attending([missing])
    for _ in range(2):  # the second run says the same again
        run = compare()
        for _ in range(2):
            assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0
    assert len(notes(missing)) == 1 and "立案理由已不成立" in notes(missing)[0] and "不自动结案" in notes(missing)[0]
    assert notes(never) == notes(dropout) == []
    assert set(Case.objects.values_list("state", flat=True)) == {"suspected", "confirmed"} and Case.objects.count() == 3
    line = CaseEntry.objects.get(case__child=missing, kind="note")
    assert (line.by_title, line.happened_on) == (f"第{first.pk + 1}次四查三比对", run.as_of)
    Entry.objects.filter(child=missing, kind="attending").update(ended_by=upload("attending", school=missing.school), end_reason="left")
    again = compare()
    assert actions.open_cases_of_run(run=again, by=SYSTEM, today=again.as_of) == 0
    assert len(notes(missing)) == 2 and "再次成立" in notes(missing)[1]
    Entry.objects.filter(child=missing).update(ended_by=upload("household"), end_reason="left")
    last = compare()
    actions.open_cases_of_run(run=last, by=SYSTEM, today=last.as_of)
    assert "已没有该儿童" in notes(missing)[2]


def test_a_finding_settled_in_the_same_run_tells_the_case(lost: list[Child], cast: Cast) -> None:
    run = compare()
    actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of)
    finding = Finding.objects.get(run=run, child=lost[2], comparison="2")
    settle_finding(finding_id=finding.pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("bureau"), now=clock.now())
    for _ in range(2):
        assert actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of) == 0
    (said,) = notes(lost[2])
    assert "人工核定：已到校" in said


def test_an_older_run_has_no_say_any_more(lost: list[Child]) -> None:
    first = compare()
    actions.open_cases_of_run(run=first, by=SYSTEM, today=first.as_of)
    attending([lost[2]])
    run = compare()
    actions.open_cases_of_run(run=run, by=SYSTEM, today=run.as_of)
    actions.open_cases_of_run(run=first, by=SYSTEM, today=first.as_of)
    assert len(notes(lost[2])) == 1
