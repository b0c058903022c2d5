"""Whatever people do in whatever order, and whatever the nights do: the ledger never shrinks and no line of it changes; a case moves by the table
alone, by whom the table names, and its ledger says so; every open case has one task, one post, one deadline."""

from __future__ import annotations

from contextlib import ExitStack, suppress
from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test

from apps.accounts.roles import BY_CODE
from apps.cases.actions import (
    advancing,
    assigning,
    assigning_many,
    climbing,
    clocks,
    exempting,
    handover,
    joining,
    moving,
    noting,
    placing,
    reopening,
    returning,
    stepping,
    visiting,
    watching,
)
from apps.cases.actions import proposing as signing
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.duties import Named, Place, hand_over, name_for_case, name_people
from apps.cases.actions.lines import lines_out
from apps.cases.models import Assignment, Attachment, Case, CaseEntry, Guarantor, Handover, LegalStep, Proposal
from apps.cases.rules.placing import Cause, Placing
from apps.cases.rules.proposing import BY_KIND, askers, deciders
from apps.cases.rules.stepping import BY_PAPER
from apps.cases.rules.visiting import Outcome, Way
from apps.cases.workflow import ENDED, MOVES, TASKS, State, grounds, ways
from apps.core.errors import Refused
from apps.core.scope import SYSTEM, Actor
from tests.cast import HOME, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import duty, fresh, moment, twelve
from tests.factories.registers import entry, term

ACTORS = ("bureau", "township", "principal", "head_teacher", "village", "registrar", "central_school")
roles, yes, few, pick = st.sampled_from(ACTORS), st.booleans(), st.integers(0, 30), st.integers(0, 5)
KEPT = tuple(field.attname for field in CaseEntry._meta.concrete_fields)


class AnySequence(RuleBasedStateMachine):
    """Two cases of one child under two numbers, in any state; then anything by anybody, and days that pass. All of it is undone at the end."""

    cast: Cast

    def __init__(self) -> None:
        super().__init__()
        self.undo = ExitStack()
        self.undo.enter_context(transaction.atomic())
        self.day = TODAY

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undo.close()

    @initialize(first=st.sampled_from(sorted(set(State) - {State.MERGED})), second=st.sampled_from(sorted(set(State) - ENDED)), charged=yes)
    def begin(self, first: State, second: State, charged: bool) -> None:
        """The child's first number is lost in one state, the second in another."""
        one, two = self.cast.home.children[:2]
        type(two).objects.filter(pk=two.pk).update(merged_into=one)
        make.seated(one)
        cases = [make.case(child, state.value, cause="weary") for child, state in ((one, first), (two, second))]
        for case in cases:
            if charged and case.state in ("confirmed", "reopened", "persuading"):
                make.assigned(case, case.township_code)
            if case.state == State.EXEMPT:
                make.proposal(case, "exempt", "deferral", first_day=TODAY - timedelta(20), until=TODAY + timedelta(20))
            if case.state in (State.RETURNED, State.MONITORING):
                make.returned(case, on=TODAY - timedelta(30))
                make.placement(case, kind=Placing.AS_BEFORE.value)
        clocks.refresh(cases=[case.pk for case in cases], today=TODAY)
        self.cases = [case.pk for case in cases]
        self.lines = self.written()
        self.files = Attachment.objects.count()
        self.states = dict(Case.objects.values_list("pk", "state"))

    def by(self, role: str) -> Actor:
        return self.cast.actor(role)

    def case(self, which: bool) -> Case:
        return fresh(Case(pk=self.cases[which]))

    @property
    def now(self) -> Any:
        return moment(self.day, 15)

    @staticmethod
    def written() -> list[tuple[Any, ...]]:
        """The whole ledger, every column of it."""
        return list(CaseEntry.objects.order_by("pk").values_list(*KEPT))

    @rule(which=yes, role=roles, kind=st.sampled_from(sorted(BY_KIND)), ground=pick, until=few, proof=yes)
    def ask(self, which: bool, role: str, kind: str, ground: int, until: int, proof: bool) -> None:
        case = self.case(which)
        if proof:  # as somebody does who knows what may be asked for here, and whose it is
            kind = next((one for one in (kind, *sorted(BY_KIND)) if grounds(case.standing, one)), kind)
            role = askers(kind, has_school=case.school_id is not None)[0]
        offered = grounds(case.standing, kind) or BY_KIND[kind].bases
        asked = signing.Asked(
            kind, offered[ground % len(offered)].code, "测试", self.day, self.day + timedelta(until), files=make.PDF if proof else ()
        )
        with suppress(Refused):
            signing.ask(case=case, asked=asked, by=self.by(role), now=self.now)

    @rule(which=yes, kind=st.sampled_from(sorted(BY_KIND)), ground=pick)
    def sign(self, which: bool, kind: str, ground: int) -> None:
        """Two people whose it is sign for something, one after the other."""
        case = self.case(which)
        kind = next((one for one in (kind, *sorted(BY_KIND)) if grounds(case.standing, one)), kind)
        offered, place = grounds(case.standing, kind) or BY_KIND[kind].bases, {"has_school": case.school_id is not None}
        asked = signing.Asked(kind, offered[ground % len(offered)].code, "测试", self.day, self.day + timedelta(20), files=make.PDF)
        with suppress(Refused):
            made = signing.ask(case=case, asked=asked, by=self.by(askers(kind, **place)[0]), now=self.now)
            signing.decide(proposal=made, agree=True, text="同意", by=self.by(deciders(kind, **place)[0]), now=self.now)

    @rule(role=st.sampled_from(("bureau", "principal")), agree=yes)
    def decide(self, role: str, agree: bool) -> None:
        if proposal := Proposal.objects.filter(decided_at=None).last():
            with suppress(Refused):
                signing.decide(proposal=proposal, agree=agree, text="意见", by=self.by(role), now=self.now)

    @rule(role=roles)
    def withdraw(self, role: str) -> None:
        if proposal := Proposal.objects.filter(decided_at=None).last():
            with suppress(Refused):
                signing.withdraw(proposal=proposal, by=self.by(role), now=self.now)

    @rule(which=yes, role=roles, to=st.sampled_from(sorted(State)))
    def move(self, which: bool, role: str, to: State) -> None:
        case = self.case(which)
        if open_ones := [row for row in MOVES if row.source == case.standing and set(row.roles) & set(ACTORS)]:
            to, role = (open_ones[0].target, next(one for one in open_ones[0].roles if one in ACTORS)) if role == "bureau" else (to, role)
        if to != State.MERGED:  # which has its action
            with suppress(Refused):
                moving.move(case=self.case(which), target=to, by=self.by(role), now=self.now)

    @rule(which=yes, role=roles, text=st.sampled_from(("", "病愈")))
    def end_exemption(self, which: bool, role: str, text: str) -> None:
        with suppress(Refused):
            exempting.end_early(case=self.case(which), text=text, by=self.by(role), now=self.now)

    @rule(which=yes, role=roles, ago=few)
    def lost_again(self, which: bool, role: str, ago: int) -> None:
        with suppress(Refused):
            reopening.reopen(case=self.case(which), on=self.day - timedelta(ago), text="随父母外出", by=self.by(role), now=self.now)

    @rule(which=yes, role=roles)
    def merge(self, which: bool, role: str) -> None:
        with suppress(Refused):
            joining.merge_case(case=self.case(which), into=self.case(not which), by=self.by(role), now=self.now)

    @rule(which=yes, role=st.sampled_from(("bureau", "township")), many=yes)
    def assign(self, which: bool, role: str, many: bool) -> None:
        by, case = self.by(role), self.case(which)
        with suppress(Refused):
            if many:
                assigning_many.assign_many(cases=[case, self.case(not which)], text="", by=by, now=self.now)
            else:
                assigning.assign(case=case, township=case.township_code, text="", by=by, now=self.now)

    @rule(role=st.sampled_from(("bureau", "township", "village")), what=st.sampled_from(("accept", "give_back", "take_back", "delegate")))
    def answer_assignment(self, role: str, what: str) -> None:
        one = Assignment.objects.filter(ended_at=None).select_related("case__child").last()
        if one is None:
            return
        with suppress(Refused):
            if what == "delegate":
                assigning.delegate(case=fresh(one.case), village=one.case.village_code, text="", by=self.by(role), now=self.now)
            elif what == "accept":
                assigning.accept(assignment=one, by=self.by(role), now=self.now)
            else:
                getattr(assigning, what)(assignment=one, text="理由", by=self.by(role), now=self.now)

    @rule(which=yes, role=roles, way=st.sampled_from(list(Way)), outcome=st.sampled_from(list(Outcome)), ago=few)
    def visit(self, which: bool, role: str, way: Way, outcome: Outcome, ago: int) -> None:
        seen = visiting.Seen(
            self.day - timedelta(ago), way.value, "李测", outcome.value, "谈话", spoke_with="母亲", place="村里", whereabouts="昆明",
            promised_on=self.day,
        )  # fmt: skip
        with suppress(Refused):
            visiting.log_visit(case=self.case(which), seen=seen, by=self.by(role), now=self.now)

    @rule(which=yes, role=st.sampled_from(("principal", "registrar")), ago=few, gone=yes)
    def register(self, which: bool, role: str, ago: int, gone: bool) -> None:
        case, on = self.case(which), self.day - timedelta(ago)
        with suppress(Refused):
            if gone:
                returning.leave_again(case=case, on=on, text="又走了", by=self.by(role), now=self.now)
            else:
                returning.register_return(case=case, registered=returning.Registered(on, case.school_class), by=self.by(role), now=self.now)

    @rule(which=yes, cause=st.sampled_from(list(Cause)), kind=st.sampled_from(list(Placing)), advised=yes)
    def place(self, which: bool, cause: Cause, kind: Placing, advised: bool) -> None:
        case = self.case(which)
        panel = {"panel_on": self.day, "panel_advice": "随班就读"} if advised else {"panel_on": None, "panel_advice": ""}
        plan = placing.Plan(
            cause.value, kind.value, case.school_class, "李测", "四年级", "每周谈心", first_day=self.day, review_on=self.day + timedelta(30),
            plan_files=make.PDF, panel_files=make.PDF if advised else (), **panel,
        )  # fmt: skip
        with suppress(Refused):
            placing.place(case=case, plan=plan, by=self.by("principal"), now=self.now)

    @rule(which=yes, paper=st.sampled_from(sorted(BY_PAPER)), serve=yes)
    def legal_step(self, which: bool, paper: str, serve: bool) -> None:
        by, step = self.by("township"), LegalStep.objects.standing().filter(case=self.cases[which]).last()
        with suppress(Refused):
            if serve and step:
                told = stepping.Served("direct", self.day, "家中", step.addressee, "李测、王测", files=make.PHOTO)
                stepping.serve_step(step=step, told=told, by=by, now=self.now)
            else:
                stepping.issue_step(case=self.case(which), told=stepping.Issued(paper, "杨父", text="内容"), by=by, now=self.now)

    @rule(which=yes, answer=st.sampled_from([None, *handover.Answer]))
    def letter(self, which: bool, answer: handover.Answer | None) -> None:
        by, out = self.by("bureau"), Handover.objects.filter(case=self.cases[which], ended_on=None).select_related("case").last()
        with suppress(Refused):
            if answer and out:
                told = handover.Answered(answer.value, self.day, "复函", receiving="外地一小", files=make.PDF)
                handover.answer_handover(handover=out, told=told, by=by, now=self.now)
            else:
                handover.send_handover(case=self.case(which), addressee="外地教体局", text="", home="外地", by=by, now=self.now, files=make.PDF)

    @rule(which=yes, role=roles, text=st.sampled_from(("", "情况")), what=st.sampled_from(("note", "correct", "watch", "lines")))
    def note(self, which: bool, role: str, text: str, what: str) -> None:
        case, by = self.case(which), self.by(role)
        with suppress(Refused):
            if what == "watch":
                watching.note(case=case, noted=watching.Noted(self.day, text), by=by, now=self.now)
            elif what == "lines":
                lines_out(case=case, by=by, now=self.now)
            else:
                noting.note(case=case, text=text, on=self.day, by=by, now=self.now, corrects=case.ledger.last() if what == "correct" else None)

    @rule(
        which=yes, role=roles, code=st.sampled_from(("gov_village", "edu_teacher", "gov_leader")), what=st.sampled_from(("child", "place", "leave"))
    )
    def people(self, which: bool, role: str, code: str, what: str) -> None:
        case, by, named = self.case(which), self.by(role), [Named(duty(code), "某测")]
        where = {"gov_village": Place(region=case.village_code), "edu_teacher": Place(school=case.school), "gov_leader": Place()}[code]
        rows = list(Guarantor.objects.filter(duty=named[0].duty, last_day=None))[:1]
        with suppress(Refused):
            if what == "child":
                name_for_case(case=case, people=named, by=by, now=self.now)
                assigning.begin_if_ready(case=self.case(which), by=by, now=self.now)
            elif what == "place":
                name_people(place=where, people=named, first_day=self.day, by=by, now=self.now)
            else:
                hand_over(rows=rows, last_day=self.day, successor=None, by=by, now=self.now)

    @rule(days=st.integers(1, 25), absent=yes)
    def days_pass(self, days: int, absent: bool) -> None:
        """The timetable's work of a night; the class was called every day, ``absent``: the last days the child was not there."""
        make.called(self.cast.child, make.weekdays(self.day, self.day + timedelta(days - 1)))
        self.day += timedelta(days)
        if absent:
            make.absence(self.cast.child, self.day - timedelta(4), self.day, suspected_on=self.day)
        open_cases_of_absences(district=HOME, by=SYSTEM, today=self.day, now=self.now)
        exempting.expire(today=self.day, now=self.now)
        advancing.advance(today=self.day, now=self.now)
        advancing.begin_persuading(today=self.day, now=self.now)
        handover.chase_handovers(by=SYSTEM, today=self.day, now=self.now)
        clocks.refresh_all(today=self.day)
        climbing.climb(district=HOME, by=SYSTEM, today=self.day, now=self.now)

    @invariant()
    def nothing_written_is_lost(self) -> None:
        if hasattr(self, "lines"):
            lines = self.written()
            assert lines[: len(self.lines)] == self.lines, "a line of the ledger was changed or is gone"
            self.fresh_lines, self.lines = lines[len(self.lines) :], lines
            assert Attachment.objects.count() >= self.files
            self.files = Attachment.objects.count()
            self.moved_by_the_table()
            self.one_task_one_post_one_deadline()

    def moved_by_the_table(self) -> None:
        """Each state is reached from the one before by moves that the new lines of the ledger name, each by whom the table lets."""
        titles = {SYSTEM.name: "system"} | {self.by(role).name: role for role in ACTORS}
        at = dict(self.states)
        for line in (dict(zip(KEPT, values, strict=True)) for values in self.fresh_lines):
            case, source, target = line["case_id"], line["source"], line["target"]
            if not target:
                continue
            rows = ways(State(source) if source else None, State(target))
            assert rows and at.get(case, "") == source, f"{at.get(case)}: {source} → {target} is not in the table"
            assert any(titles[line["by_name"]] in row.roles for row in rows), f"{source} → {target} is not for {line['by_name']}"
            at[case] = target
        self.states = dict(Case.objects.values_list("pk", "state"))
        assert {case: state for case, state in self.states.items() if case in at} == at, "a state changed and the ledger does not say so"

    def one_task_one_post_one_deadline(self) -> None:
        for case in Case.objects.all():
            told = (case.task, case.owner_role, case.due_on)
            if case.state in ENDED:
                assert told == ("", "", None)
                continue
            assert case.task in {task.code for task in TASKS[case.standing]}, told
            assert case.owner_role in BY_CODE and case.due_on is not None, told
            assert case.owner_role != "township" or case.owner_region


@pytest.mark.django_db
def test_any_sequence_of_actions(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    term()
    twelve(cast)
    entry(cast.child, residence_code="530129")
    AnySequence.cast = cast
    run_state_machine_as_test(AnySequence, settings=BOUND)


@pytest.mark.django_db
@pytest.mark.parametrize("state", sorted(set(State) - {State.MERGED}))
def test_an_absence_moves_each_state_by_the_table(cast: Cast, settings: Any, tmp_path: Any, state: State) -> None:
    """The roll calls report the child away while its case stands in each state: what they do to it, the table lets and the ledger says."""
    settings.UPLOAD_DIR = tmp_path
    term()
    twelve(cast)
    AnySequence.cast = cast
    machine = AnySequence()
    try:
        machine.begin(first=state, second=State.PERSUADING, charged=False)
        machine.days_pass(days=1, absent=True)
        machine.nothing_written_is_lost()
        came_back = state in (State.RETURNED, State.PLACED, State.MONITORING)  # 已销号 stays: the child's other case is open
        assert machine.states[machine.cases[0]] == (State.REOPENED if came_back else state)
        assert machine.states[machine.cases[1]] == State.PERSUADING
    finally:
        machine.teardown()


BOUND = settings(  # some ten seconds; a failure is told as it is found, unshrunk: shrinking takes minutes
    max_examples=8, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck), phases=(Phase.explicit, Phase.reuse, Phase.generate)
)  # fmt: skip
