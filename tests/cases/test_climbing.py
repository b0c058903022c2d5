"""Deadlines that cannot be silenced: a month on a fake clock, pauses in every order, one task and one post for every open case."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.cases import workflow
from apps.cases.actions import clocks
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.actions.proposing import Asked, ask, decide
from apps.cases.actions.writing import write
from apps.cases.models import Case, CaseEntry, Climb, LegalStep, Proposal, Service
from apps.cases.rules import climbing
from apps.cases.rules.facts import Agreed, Facts, StepDone
from apps.cases.workflow import ENDED, TASKS, State, due_on, task_of
from apps.core.errors import Refused
from apps.core.proofs import ProofFile
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.schools.models import CalendarDay
from apps.schools.policy import Policy
from apps.students.models import Child
from tests.cast import HOME, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_back import assigned, returned
from tests.factories.cases_back import case as make_case
from tests.factories.cases_duties import fresh, moment, night, twelve
from tests.factories.children import child as make_child
from tests.factories.lines import absence
from tests.factories.registers import term

OPENED = date(2026, 9, 28)  # a Monday, three days before the national holiday
NUMBERS = Policy({})
days = st.dates(date(2026, 9, 1), date(2027, 7, 1))


def october(day: int) -> date:
    return date(2026, 10, day)


def holiday() -> None:
    term()
    CalendarDay.objects.bulk_create(CalendarDay(district_code=HOME, day=october(n), is_school_day=False) for n in range(1, 8))


def paused(case: Case, cast: Cast, first: date, until: date, *, on: date) -> None:
    """Asked for by the principal, agreed to by the bureau, both on one day."""
    told = Asked("pause", "disaster", "山洪断路", first, until, files=())
    proposal = ask(case=case, asked=replace(told, files=(PDF,)), by=cast.actor("principal"), now=moment(on))
    decide(proposal=proposal, agree=True, text="同意", by=cast.actor("bureau"), now=moment(on))


PDF = ProofFile("断路.pdf", b"%PDF-1.7")


@pytest.fixture(autouse=True)
def folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


@pytest.mark.django_db
def test_a_month_of_two_children(cast: Cast) -> None:
    """Who was told what on which day: over a holiday and weekends, with a visit, a note that is none, and a pause."""
    holiday()
    one, other = (runs.case(child, opened_on=OPENED) for child in cast.home.children[:2])
    heard: dict[date, dict[str, str]] = defaultdict(dict)
    for n in range(34):
        day = OPENED + timedelta(n)
        if n:
            night(day)
            night(day)  # a second worker, or a second try
        for notice in Notice.objects.filter(topic="climbed", day=day):
            assert notice.role not in heard[day], "one line a day"
            heard[day][notice.role] = notice.sentence
        if day == october(8):
            write(case=one, kind=CaseEntry.Kind.VISIT, text="入户，见到母亲", by=cast.actor("head_teacher"), now=moment(day), progress=True)
        if day == october(10):  # a Saturday; nothing was done for the child
            write(case=one, kind=CaseEntry.Kind.NOTE, text="改了电话", by=cast.actor("head_teacher"), now=moment(day))
        if day == october(12):
            paused(one, cast, october(12), october(16), on=day)
    a, b = one.child.name, other.child.name
    both = f"没有进展，请督促：{a}（{{0}} 日）、{b}（{{0}} 日）"
    alone = f"没有进展，请督促：{a}（{{0}} 日）"
    assert dict(heard) == {
        october(1): {"principal": both.format(3)},  # the third day, a holiday
        october(5): {"central_school": both.format(7), "township": both.format(7)},
        october(11): {"principal": alone.format(3)},  # a Sunday, three days after the visit: the note did not reset
        october(12): {"bureau": f"没有进展，请督促：{b}（14 日）", "leader": f"没有进展，请督促：{b}（14 日）"},
        october(20): {"central_school": alone.format(7), "township": alone.format(7)},  # the 15th and five days of pause
        october(27): {"bureau": alone.format(14), "leader": alone.format(14)},
    }
    told = list(Climb.objects.filter(case=one).values_list("level", "since", "days", "told_on"))
    assert told == [
        (1, OPENED, 3, october(1)), (2, OPENED, 7, october(5)),
        (1, october(8), 3, october(11)), (2, october(8), 7, october(20)), (3, october(8), 14, october(27)), (4, october(8), 14, october(27)),
    ]  # fmt: skip
    lines = [entry.text for entry in one.ledger.filter(kind="climbed")]
    assert lines[0] == "自2026年9月28日起 3 日没有实际进展，已告知校长。" and len(lines) == 5
    assert not one.ledger.filter(kind="climbed", is_progress=True).exists()
    assert (fresh(one).climbed, fresh(other).climbed) == (4, 4)


@pytest.mark.django_db
def test_progress_brings_a_case_down_at_once_and_an_edit_does_not(cast: Cast) -> None:
    holiday()
    case = runs.case(cast.child, opened_on=OPENED)
    night(october(5))
    assert fresh(case).climbed == 2
    write(case=case, kind=CaseEntry.Kind.NOTE, text="改了住址", by=cast.actor("head_teacher"), now=moment(october(5)))
    night(october(6))
    assert fresh(case).climbed == 2
    write(case=case, kind=CaseEntry.Kind.VISIT, text="入户", by=cast.actor("head_teacher"), now=moment(october(6)), progress=True)
    night(october(6))
    assert fresh(case).climbed == 0


@pytest.mark.django_db
def test_a_pause_agreed_late_tells_nobody_twice(cast: Cast) -> None:
    """The days it covers are taken off again; when they are made up for, the case stands where it stood, and nobody hears of it a second time."""
    holiday()
    case = runs.case(cast.child, opened_on=OPENED)
    night(october(5))
    assert fresh(case).climbed == 2
    told = {"kind": "pause", "basis": "disaster", "text": "断路", "first_day": october(3), "until": october(8), "entry": case.ledger.first()}
    signed = {"asked_at": moment(october(3)), "decided_at": moment(october(5)), "decided_name": "乙", "verdict": "agreed"}
    Proposal.objects.create(case=case, **told, **signed, asked_role="principal", asked_name="甲", asked_title="校长")
    night(october(6))
    assert fresh(case).climbed == 1, "four days without the paused ones"
    for n in range(7, 15):
        night(october(n))
    assert fresh(case).climbed == 2 and Climb.objects.count() == 2


@pytest.mark.django_db
def test_while_a_legal_term_runs_the_family_is_visited_and_no_climb_surprises(cast: Cast) -> None:
    """The term of a paper is the guardian's, no pause: the task names the next visit's last day, and the case climbs on the day after it."""
    term()
    case = make_case(cast.child, state="persuading", days=1)
    assigned(case, cast.child.township_code)
    told = {"issued_at": moment(TODAY), "issued_on": TODAY, "issued_name": "乡", "issued_title": "乡镇", "number": "1号", "addressee": "杨父"}
    step = LegalStep.objects.create(
        case=case, step=1, paper="persuade", entry=case.ledger.first(), term_days=14, term_ends_on=TODAY + timedelta(14), **told
    )
    service = {
        "way": "direct",
        "place": "家",
        "received_by": "杨父",
        "servers": "甲、乙",
        "written_at": moment(TODAY),
        "by_name": "乡",
        "by_title": "乡镇",
    }
    Service.objects.create(step=step, entry=case.ledger.first(), served_on=TODAY, **service)
    day = TODAY
    for visited in (TODAY, TODAY + timedelta(2), TODAY + timedelta(4)):
        day = visited
        write(case=fresh(case), kind=CaseEntry.Kind.VISIT, text="入户", by=cast.actor("township"), now=moment(visited), progress=True)
        assert night(day) == 0
        assert (fresh(case).task, fresh(case).due_on) == ("visit", visited + timedelta(2))
    page = cast.client("township").get(f"/cases/{case.pk}/").content.decode()
    assert "下次家访劝返" in page and "下次家访或其他实际进展不晚于 2026年11月29日" in page
    assert night(day + timedelta(2)) == 0 and night(day + timedelta(3)) == 1, "on the very day after the deadline"
    assert Climb.objects.get(case=case).told_on == fresh(case).due_on + timedelta(1)


@given(
    begun=days,
    first=st.integers(1, 30),
    pauses=st.lists(st.tuples(days, st.integers(0, 40)).map(lambda p: (p[0], p[0] + timedelta(p[1]))), max_size=4),
)
def test_the_next_visit_is_due_on_the_day_before_the_first_climb(begun: date, first: int, pauses: list[tuple[date, date]]) -> None:
    numbers = Policy({"escalate_first_days": first, "escalate_second_days": 60, "escalate_third_days": 90})
    due, most = climbing.next_try(begun, pauses=pauses, numbers=numbers), numbers["pause_total_days"]

    def climbed_on(day: date) -> int:
        return climbing.climbed(climbing.idle_days(begun, today=day, pauses=pauses, most=most), numbers=numbers)

    assert climbed_on(due) == 0
    after = next(due + timedelta(n) for n in range(1, 100) if climbed_on(due + timedelta(n)))
    assert all(any(a <= due + timedelta(n) <= b for a, b in pauses) for n in range(1, (after - due).days)), "only paused days lie in between"


@pytest.mark.django_db
def test_nobody_on_a_rung_the_next_is_told(cast: Cast) -> None:
    """A child without a school goes on to the township, one without a township to the bureau."""
    child = cast.child
    type(child).objects.filter(pk=child.pk).update(school=None, school_class=None)
    child.refresh_from_db()
    case = runs.case(child, state="confirmed", opened_on=OPENED)
    night(october(1))
    assert list(Climb.objects.filter(case=case).values_list("level", flat=True)) == [2]
    assert {notice.role for notice in Notice.objects.filter(topic="climbed")} == {"township"}, "no central school has a child without a school"
    Case.objects.filter(pk=case.pk).update(township_code="", village_code="")
    night(october(6))
    assert list(Climb.objects.filter(case=case).values_list("level", flat=True)) == [2, 3]


@pytest.mark.django_db
def test_a_child_that_waits_lawfully_climbs_from_its_deadline(cast: Cast) -> None:
    term()
    case = runs.case(cast.child, state="monitoring", opened_on=date(2026, 9, 1), state_since=OPENED, progress_on=OPENED)
    night(october(5))
    assert fresh(case).due_on == october(5) and not Climb.objects.exists(), "a weekly note: nothing is idle before it is due"
    night(october(8))
    assert list(Climb.objects.values_list("level", "since", "days")) == [(1, OPENED, 3)]


@pytest.mark.django_db
def test_no_chain_of_pauses_keeps_a_case_still(cast: Cast) -> None:
    """Whatever sequence of pauses people ask for: the clock stands still for 60 days in all, then everybody is told."""
    term()
    case = runs.case(cast.child, opened_on=OPENED)
    day, agreed = OPENED, 0
    while day < OPENED + timedelta(200):
        for length in (30, 7, 1, 0):
            try:
                paused(case, cast, day, day + timedelta(length), on=day)
            except Refused:
                continue
            agreed += length + 1
            break
        night(day)
        day += timedelta(1 if OPENED + timedelta(70) < day < OPENED + timedelta(110) else 8)  # daily while the last days are spent
    assert agreed >= NUMBERS["pause_total_days"]
    last = Climb.objects.get(case=case, level=4)
    assert last.told_on <= OPENED + timedelta(14 + NUMBERS["pause_total_days"] + 8)
    assert fresh(case).due_on <= OPENED + timedelta(30 + NUMBERS["pause_total_days"])
    with pytest.raises(Refused, match="累计暂停不得超过 60 日"):
        paused(case, cast, day, day + timedelta(1), on=day)
    with pytest.raises(Refused, match="过去的日子"):
        paused(case, cast, day - timedelta(9), day, on=day)


spans = st.lists(st.tuples(days, st.integers(0, 90)).map(lambda told: (told[0], told[0] + timedelta(told[1]))), max_size=8)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(begun=days, ahead=st.integers(0, 120), later=st.integers(0, 400), pauses=spans, most=st.integers(0, 90))
def test_pauses_of_any_number_and_order_end(begun: date, ahead: int, later: int, pauses: list[tuple[date, date]], most: int) -> None:
    due, today = begun + timedelta(ahead), begun + timedelta(later)
    moved = climbing.shifted(due, pauses=pauses, since=begun, most=most)
    assert due <= moved <= due + timedelta(most)
    idle = climbing.idle_days(begun, today=today, pauses=pauses, most=most)
    assert later - most <= idle <= later
    covered = [day for day in (begun + timedelta(n) for n in range(1, ahead + most + 1)) if any(a <= day <= b for a, b in pauses)]
    assert (moved - due).days == len([day for day in covered[:most] if day <= moved]), "no day counts twice, none is forgotten"


@given(begun=days, ahead=st.integers(1, 60), start=st.integers(1, 60), length=st.integers(0, 29))
def test_a_paused_case_comes_back_with_the_days_it_had_left(begun: date, ahead: int, start: int, length: int) -> None:
    due, first = begun + timedelta(ahead), begun + timedelta(start)
    until = first + timedelta(length)
    left = (due - first).days + 1  # of the deadline, when the pause begins
    moved = climbing.shifted(due, pauses=[(first, until)], since=begun, most=60)
    assert moved == (until + timedelta(left) if left > 0 else due)


maybe = st.none() | days
FACTS = st.builds(
    Facts, today=days, opened_on=days, state_since=days, progress_on=days, needs_lines=st.booleans(), lines_on=maybe, first_visit_on=maybe,
    asked=st.frozensets(st.sampled_from(["clear", "confirm", "exempt", "close", "pause", "skip"])),
    asked_on=st.dictionaries(st.sampled_from(["clear", "close"]), days), given_back_on=maybe, pauses=spans.map(tuple),
    agreed=st.dictionaries(st.just("exempt"), st.builds(Agreed, basis=st.just("deferral"), on=days, until=maybe)),
    assigned_to=st.sampled_from(["", "530113102"]), accept_by=maybe, is_accepted=st.booleans(),
    steps=st.lists(st.builds(StepDone, step=st.integers(1, 4), issued_on=maybe, served_on=maybe, term_ends_on=maybe, skipped=st.booleans()), max_size=4).map(tuple),
    registered_on=maybe, placed_on=maybe, reply_by=maybe, monitored_days=st.integers(0, 90), attended_days=st.integers(0, 90),
    notes=st.lists(days, max_size=5).map(tuple), term_ends_on=maybe,
)  # fmt: skip


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(facts=FACTS, state=st.sampled_from([state for state in State if state not in ENDED]))
def test_every_open_case_has_one_task_one_post_one_deadline(facts: Facts, state: State) -> None:
    task = task_of(state, facts, NUMBERS)
    assert task in TASKS[state] and task.role in {role for move in workflow.MOVES for role in move.roles} | {"head_teacher", "township", "registrar"}
    due = due_on(task, facts, NUMBERS, is_school_day=lambda day: day.weekday() < 5, is_working_day=lambda day: day.weekday() < 5)
    plain = due_on(
        task, replace(facts, pauses=()), NUMBERS, is_school_day=lambda day: day.weekday() < 5, is_working_day=lambda day: day.weekday() < 5
    )
    assert plain <= due <= plain + timedelta(NUMBERS["pause_total_days"])


@pytest.mark.django_db
def test_a_case_has_its_task_as_soon_as_it_is_opened(cast: Cast) -> None:
    """By roll calls at once; the comparison's are in tests/reconciliation/test_run_cases.py."""
    term()
    for child in cast.home.children[:3]:
        absence(child, suspected_on=TODAY)
    assert open_cases_of_absences(district=HOME, by=SYSTEM, today=TODAY, now=moment(TODAY)) == 3
    told = set(Case.objects.values_list("task", "owner_role", "due_on"))
    assert told == {("lines", "principal", TODAY + timedelta(1))}


@pytest.mark.django_db
def test_nobody_is_told_of_a_child_that_sits_in_class_again(cast: Cast) -> None:
    """Registered on a Monday, the days until it counts as returned only pass; once their deadline is over, idleness counts from there."""
    term()
    case = make_case(cast.child, state="persuading")
    assigned(case, cast.child.township_code)
    returned(case, on=TODAY)
    Case.objects.filter(pk=case.pk).update(progress_on=TODAY)
    night(TODAY)
    held = fresh(case)
    assert (held.task, held.due_on) == ("stay", date(2026, 12, 7))
    assert [night(TODAY + timedelta(n)) for n in range(1, 17)] == [0] * 16
    assert night(date(2026, 12, 10)) == 1
    assert fresh(case).climbed == 1


@pytest.mark.django_db
def test_the_nightly_clock_asks_as_often_for_many_as_for_few(cast: Cast) -> None:
    """In every state, whether anything is to be written or not; the posts of a place are looked up once."""
    term()
    twelve(cast)
    states = [state for state in State if state not in ENDED]

    def cases(rounds: int) -> list[int]:
        return [make_case(other(cast.child), state).pk for _ in range(rounds) for state in states]

    few, many, spent = cases(1), cases(5), []
    for keys in (few, many):
        for _ in ("written", "nothing new"):
            with CaptureQueriesContext(connection) as queries:
                changed = clocks.refresh(cases=keys, today=TODAY)
            spent.append((changed, len(queries)))
    assert spent == [(len(few), spent[0][1]), (0, spent[1][1]), (len(many), spent[0][1]), (0, spent[1][1])]
    assert spent[1][1] == spent[0][1] - 1 <= 35, "one statement writes them all"


def other(child: Child) -> Child:
    """Another child of the same class and village."""
    return make_child(school_class=child.school_class, village=child.village_code)
