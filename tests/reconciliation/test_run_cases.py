"""The cases a run opens, and what later runs tell them: a handful of children, real commits."""

from __future__ import annotations

import threading
from datetime import date

import pytest
from django.db import DatabaseError, connection, transaction

from apps.cases import workflow
from apps.cases.actions import comparison as actions
from apps.cases.models import Case, CaseEntry
from apps.cases.queries import comparison as queries
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reconciliation.actions.settling import settle_finding
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding
from apps.registers.models import Entry
from apps.students.models import Child
from tests.cast import Cast
from tests.factories import cases_back as make
from tests.factories.children import child as make_child
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import attending, compare

pytestmark = pytest.mark.django_db(transaction=True)


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
    assert actions.open_cases_of_run(run=early, by=SYSTEM, now=clock.now(), today=early.as_of) == 2
    cases = {case.child_id: case for case in Case.objects.all()}
    assert set(cases) == {never.pk, dropout.pk}
    assert (cases[never.pk].state, cases[never.pk].is_never_enrolled, cases[dropout.pk].state) == ("confirmed", True, "suspected")
    assert cases[dropout.pk].reason.startswith("辍学：") and cases[dropout.pk].finding_id
    assert actions.open_cases_of_run(run=early, by=SYSTEM, now=clock.now(), today=early.as_of) == 0
    late = compare(days=8)
    assert actions.open_cases_of_run(run=late, by=SYSTEM, now=clock.now(), today=late.as_of) == 1
    assert Case.objects.get(child=missing).reason.startswith("未返校：")
    assert not Case.objects.filter(child=present).exists()
    told = set(Case.objects.values_list("state", "task", "owner_role"))
    assert told == {("confirmed", "assign", "bureau"), ("suspected", "first_visit", "head_teacher")}, "each has its task and its post at once"
    assert not Case.objects.filter(due_on=None).exists(), "and its deadline"
    assert [line.kind for line in CaseEntry.objects.all()] == ["opened"] * 3
    assert CaseEntry.objects.get(case__child=never).text == cases[never.pk].reason


def test_an_ended_case_lets_a_new_one_open_and_an_open_one_does_not(lost: list[Child]) -> None:
    run = compare()
    assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 3
    Case.objects.filter(child=lost[0]).update(state="closed")
    make.entry(Case.objects.get(child=lost[0]), kind="moved", target="closed", written_at=clock.now())
    assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 0, (
        "closed since this run: only a new one may find the child lost again"
    )
    again = compare()
    assert queries.runs_without_cases() == [again]
    assert actions.open_cases_of_run(run=again, by=SYSTEM, now=clock.now(), today=again.as_of) == 1


def test_two_at_once_open_each_case_once(lost: list[Child]) -> None:
    run = compare()
    opened: list[int] = []
    gate = threading.Barrier(2)

    def work() -> None:
        gate.wait()
        try:
            opened.append(actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of))
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
    actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=date(2026, 10, 8))
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert CaseEntry.objects.count() == 3


def test_the_table_of_moves_is_sound() -> None:
    states = set(workflow.State)
    reached = {move.target for move in workflow.MOVES}
    left = {move.source for move in workflow.MOVES}
    assert reached == states
    assert states - left == {workflow.State.CLEARED, workflow.State.MERGED}  # 已销号 may be reopened
    assert all(move.guard and move.roles and move.source != move.target for move in workflow.MOVES)
    assert len({(move.source, move.target, move.needs, move.guard) for move in workflow.MOVES}) == len(workflow.MOVES)
    assert workflow.allowed(workflow.State.SUSPECTED, workflow.State.RETURNED) is None
    assert set(workflow.OPEN) == states - workflow.ENDED
    assert all(state.label and state.tone for state in states)


def test_a_child_only_the_survey_knows_opens_a_case_unless_its_line_is_in_doubt(enrolled: list[Child], cast: Cast) -> None:
    attending(enrolled)
    stray = make_child(village=cast.home.villages[0].code, school_class=None)
    line = entry(stray, "survey", state="never_enrolled")
    run = compare()
    assert ChildClass.objects.get(run=run, child=stray).first == "no_residence"
    DoubtfulPair.objects.filter(run=run).delete()  # the rule may doubt the invented child by itself
    doubt = DoubtfulPair.objects.create(run=run, left=line, right=Entry.objects.filter(kind="household")[0], score=3, answer="ask")
    assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 0
    doubt.delete()
    assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 1


def notes(child: Child) -> list[str]:
    return list(CaseEntry.objects.filter(case__child=child, kind="note").values_list("text", flat=True))


def test_a_reason_that_is_gone_is_written_down_once_and_closes_nothing(lost: list[Child]) -> None:
    never, dropout, missing, _ = lost
    first = compare()
    assert actions.open_cases_of_run(run=first, by=SYSTEM, now=clock.now(), today=first.as_of) == 3
    attending([missing])
    for _ in range(2):  # the second run says the same again
        run = compare()
        for _ in range(2):
            assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 0
    assert len(notes(missing)) == 1 and "立案理由已不成立" in notes(missing)[0] and "不自动结案" in notes(missing)[0]
    assert notes(never) == notes(dropout) == []
    assert set(Case.objects.values_list("state", flat=True)) == {"suspected", "confirmed"} and Case.objects.count() == 3
    line = CaseEntry.objects.get(case__child=missing, kind="note")
    assert (line.by_title, line.happened_on) == ("第2次四查三比对", run.as_of)
    Entry.objects.filter(child=missing, kind="attending").update(ended_by=upload("attending", school=missing.school), end_reason="left")
    again = compare()
    assert actions.open_cases_of_run(run=again, by=SYSTEM, now=clock.now(), today=again.as_of) == 0
    assert len(notes(missing)) == 2 and "再次成立" in notes(missing)[1]
    Entry.objects.filter(child=missing).update(ended_by=upload("household"), end_reason="left")
    last = compare()
    actions.open_cases_of_run(run=last, by=SYSTEM, now=clock.now(), today=last.as_of)
    assert "已没有该儿童" in notes(missing)[2]


def test_a_finding_settled_in_the_same_run_tells_the_case(lost: list[Child], cast: Cast) -> None:
    run = compare()
    actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of)
    finding = Finding.objects.get(run=run, child=lost[2], comparison="2")
    settle_finding(finding_id=finding.pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("bureau"), now=clock.now())
    for _ in range(2):
        assert actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of) == 0
    (said,) = notes(lost[2])
    assert "人工核定：已到校" in said


def test_an_older_run_has_no_say_any_more(lost: list[Child]) -> None:
    first = compare()
    actions.open_cases_of_run(run=first, by=SYSTEM, now=clock.now(), today=first.as_of)
    attending([lost[2]])
    run = compare()
    actions.open_cases_of_run(run=run, by=SYSTEM, now=clock.now(), today=run.as_of)
    actions.open_cases_of_run(run=first, by=SYSTEM, now=clock.now(), today=first.as_of)
    assert len(notes(lost[2])) == 1
