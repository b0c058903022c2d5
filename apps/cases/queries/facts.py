"""What the rules look at (rules/facts.py), for many cases in a fixed number of reads."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from functools import partial
from typing import Any

from django.db.models import Max, Min, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from apps.cases.models import (
    Assignment,
    Case,
    CaseEntry,
    Handover,
    HomeTeaching,
    LegalStep,
    MonitoringNote,
    Placement,
    Proposal,
    Return,
    Visit,
)
from apps.cases.queries.duties import NO_POSTS, unheld
from apps.cases.queries.presence import presence
from apps.cases.queries.teaching import last_lessons, watched
from apps.cases.rules.caring import Group
from apps.cases.rules.duties import names
from apps.cases.rules.ending import LAST_GRADE
from apps.cases.rules.facts import Agreed, Facts, StepDone
from apps.cases.rules.placing import TAUGHT_APART, Cause
from apps.cases.rules.proposing import Kind
from apps.cases.rules.visiting import FACE_TO_FACE, is_known, tells_where, tells_why
from apps.cases.workflow import TASKS, State, Task, deadline, due_on, task_of
from apps.schools import queries as places
from apps.schools.models import SchoolClass, TermSpan
from apps.schools.policy import Policy
from apps.schools.queries import OpenDays
from apps.schools.rules import TermName, default_spans, due_day
from apps.students.models import IdDocument

AHEAD = 400  # days of the calendar beyond today: no deadline is further off


@dataclass(slots=True)
class Book:
    """Some cases of one district with their facts, the district's numbers, and its calendar."""

    today: date
    numbers: Policy = field(default_factory=lambda: Policy({}))
    facts: dict[int, Facts] = field(default_factory=dict)
    days: OpenDays | None = None

    def task(self, case: Case) -> tuple[Task, date]:
        """What comes next in an open case, and by when."""
        facts = self.facts[case.pk]
        task = task_of(case.standing, facts, self.numbers)
        return task, deadline(case.standing, task, facts, self.numbers, **self._open_days(case))

    def signed_by(self, case: Case, kind: str) -> date | None:
        """The signer's own last day for something that waits for the second signature in a case; None where its state knows no such signature."""
        task = next((one for one in TASKS[case.standing] if one.code == f"decide_{kind}"), None)
        return due_on(task, self.facts[case.pk], self.numbers, **self._open_days(case)) if task else None

    def school_day(self, case: Case, begun: date, number: str) -> date:
        """The last of so many school days (a number of the policy) after a day, by the calendar of the case's school."""
        return due_day(begun, days=self.numbers[number], is_school_day=self._open_days(case)["is_school_day"])

    def _open_days(self, case: Case) -> dict[str, Callable[[date], bool]]:
        """The school days and the working days of a case."""
        assert self.days is not None  # noqa: S101 a book of no case is asked nothing
        grade = case.school_class.grade if case.school_class else 1
        is_school_day = partial(self.days.is_school_day, case.school_id, grade) if case.school_id else self.days.is_working_day
        return {"is_school_day": is_school_day, "is_working_day": self.days.is_working_day}


def book(cases: Sequence[Case], *, today: date) -> Book:
    """The facts of some cases of one district (``school_class`` and ``child`` read with them). About fifteen reads, however many cases."""
    told = Book(today)
    if not cases:
        return told
    district = cases[0].district_code
    told.numbers = places.policy(district=district, day=today)
    first = min(case.opened_on for case in cases)
    told.days = OpenDays(district, {case.school_id for case in cases if case.school_id}, first=first, last=today + timedelta(AHEAD))
    parts = _parts(cases, today=today)
    terms = _terms(district)
    for case in cases:
        given = {key: values[case.pk] for key, values in parts.items() if case.pk in values}
        since, progress = case.state_since or case.opened_on, case.last_progress
        again = given.pop("again_by_absence", False)
        told.facts[case.pk] = Facts(
            today=today, opened_on=case.opened_on, state_since=since, progress_on=progress,
            has_school=case.school_id is not None, lines_on=case.lines_on, lines_from=case.lines_from, lines_signed_on=case.lines_signed_on,
            needs_lines=case.school_id is not None and _by_roll_calls(case, again), birth_date=case.child.birth_date,
            finishes_on=_finishes_on(case.school_class, terms),
            cause=given.pop("cause", case.cause),
            term_ends_on=next((term.last for term in terms if term.first <= progress), None), **given,
        )  # fmt: skip
    return told


def _by_roll_calls(case: Case, again: bool) -> bool:
    """Whether this round of a case was opened by roll calls, or they found its child absent since, so that its report was drafted: then the three
    lines are due. ``again``: its last reopening was by roll calls. A child whom no roll call asks for has none. 〔方案二（三）2〕"""
    return case.lines_from is not None or (again if case.state == State.REOPENED else case.origin == Case.Origin.ABSENCE)


def facts_of(case: Case, *, today: date) -> tuple[Facts, Policy]:
    """The facts of one case, and the numbers in force."""
    found = book([case], today=today)
    return found.facts[case.pk], found.numbers


def _parts(cases: Sequence[Case], *, today: date) -> dict[str, dict[int, Any]]:
    """Name of a fact -> case -> its value, of those that have one."""
    ids = [case.pk for case in cases]
    rounds = {case.pk: case.repeats for case in cases}
    begun = {case.pk: _round_begun(case) for case in cases}
    parts: dict[str, dict[int, Any]] = defaultdict(dict)
    _reopenings(parts, cases)
    _suspicions(parts, cases)
    _visits(parts, cases, begun)
    _proposals(parts, cases)
    _assignments(parts, cases)
    _steps(parts, ids, rounds)
    _returns(parts, cases, today=today)
    _placements(parts, ids)
    _handovers(parts, ids)
    _monitoring(parts, cases, today=today)
    for case, duties in unheld(cases, day=today).items():
        parts["missing_duties"][case] = tuple(duty.label for duty in duties) or NO_POSTS
        parts["unnamed"][case] = frozenset(names(duty.level) for duty in duties) or frozenset({"bureau"})
    return parts


def _round_begun(case: Case) -> date:
    """Since when visits count: the reopening where there was one, else the opening."""
    return case.state_since if case.repeats and case.state == State.REOPENED and case.state_since else case.opened_on


def _reopenings(parts: dict[str, dict[int, Any]], cases: Sequence[Case]) -> None:
    """Whether the last reopening of a reopened case names an absence of the roll calls."""
    again = [case.pk for case in cases if case.state == State.REOPENED]
    moves = CaseEntry.objects.filter(case__in=again, target=State.REOPENED.value).order_by("pk").values_list("case_id", "data")
    parts["again_by_absence"] = {case: "absence" in data for case, data in moves}


def _suspicions(parts: dict[str, dict[int, Any]], cases: Sequence[Case]) -> None:
    """Since when a suspected child is one: the day on which the absence that goes on was long enough, as the ledger last tells of it; else the day
    of the comparison that opened the case."""
    suspected = [case.pk for case in cases if case.state == State.SUSPECTED]
    of_run = dict(Case.objects.filter(pk__in=suspected, run__isnull=False).values_list("pk", "run__as_of"))
    parts["suspected_on"], parts["suspected_by"] = of_run, dict.fromkeys(of_run, "run")
    lines = CaseEntry.objects.filter(Q(case__in=suspected) | Q(case__merged_into__in=suspected), data__has_key="absence").order_by("pk")
    told: dict[int, dict[str, Any]] = dict(lines.annotate(owner=Coalesce("case__merged_into", "case")).values_list("owner", "data"))
    for case, data in told.items():
        if data["absence"] == "out" and data.get("suspected_on"):
            parts["suspected_on"][case], parts["suspected_by"][case] = date.fromisoformat(data["suspected_on"]), "absence"


def _visits(parts: dict[str, dict[int, Any]], cases: Sequence[Case], begun: dict[int, date]) -> None:
    """What the visits of this round found, and the report of the three lines, which is not issued without where and why."""
    rows: dict[int, list[Visit]] = defaultdict(list)
    reported = {case.pk: is_known(case.cause) for case in cases if case.lines_signed_on}
    parts["knows_where"], parts["knows_why"] = dict.fromkeys(reported, True), dict(reported)
    for visit in Visit.objects.standing().of(*begun).order_by("day", "pk"):
        if visit.day >= begun[visit.owner]:
            rows[visit.owner].append(visit)
    for case, made in rows.items():
        parts["promised_on"][case], parts["next_visit_on"][case] = made[-1].promised_on, made[-1].next_on
        parts["outcomes"][case] = frozenset(visit.outcome for visit in made)
        parts["knows_where"][case] = case in reported or any(tells_where(one.outcome, whereabouts=one.whereabouts) for one in made)
        parts["knows_why"][case] = reported.get(case, False) or any(tells_why(one.outcome, cause=one.cause) for one in made)
        parts["last_contact_on"][case] = made[-1].day
        if at_door := [visit.day for visit in made if visit.way in FACE_TO_FACE]:
            parts["first_visit_on"][case] = at_door[0]


def _proposals(parts: dict[str, dict[int, Any]], cases: Sequence[Case]) -> None:
    """What waits, what was agreed to since the last move (an exemption holds in its state, a pause as long as it says), and the pauses."""
    since = {case.pk: case.state_since or case.opened_on for case in cases}
    exempt = {case.pk for case in cases if case.state == State.EXEMPT}
    asked: dict[int, dict[str, date]] = defaultdict(dict)
    asked_by: dict[int, dict[str, str]] = defaultdict(dict)
    agreed: dict[int, dict[str, Agreed]] = defaultdict(dict)
    pauses: dict[int, list[tuple[date, date]]] = defaultdict(list)
    for one in Proposal.objects.filter(case__in=since, verdict__in=["", Proposal.Verdict.AGREED]).order_by("pk"):
        if one.decided_at is None:
            asked[one.case_id][one.kind] = timezone.localtime(one.asked_at).date()
            asked_by[one.case_id][one.kind] = one.asked_role
            continue
        on = timezone.localtime(one.decided_at).date()
        if one.kind == Kind.PAUSE and one.first_day and one.until:
            pauses[one.case_id].append((one.first_day, one.until))
        elif on >= since[one.case_id] or (one.kind == Kind.EXEMPT and one.case_id in exempt):
            agreed[one.case_id][one.kind] = Agreed(one.basis, on, one.first_day, one.holds_until, one.step)
    parts["asked"] = {case: frozenset(kinds) for case, kinds in asked.items()}
    parts["asked_on"], parts["asked_by"] = dict(asked), dict(asked_by)
    parts["agreed"] = dict(agreed)
    parts["pauses"] = {case: tuple(spans) for case, spans in pauses.items()}


def _assignments(parts: dict[str, dict[int, Any]], cases: Sequence[Case]) -> None:
    """The township that stands charged, or since when none does. The days are those of the first one charged, or given back, since the last real
    progress: to take a case back and to hand it over again brings no new time."""
    progress = {case.pk: case.last_progress for case in cases}
    first: dict[int, Assignment] = {}
    for one in Assignment.objects.filter(case__in=progress, level=Assignment.Level.TOWNSHIP).order_by("pk"):
        case = one.case_id
        if timezone.localtime(one.given_at).date() >= progress[case]:
            first.setdefault(case, one)
        if one.ended_at is not None:
            ended, before = timezone.localtime(one.ended_at).date(), parts["given_back_on"].get(case)
            parts["given_back_on"][case] = before if before and before >= progress[case] else ended
            continue
        begun = first.get(case, one)
        parts["assigned_on"][case], parts["accept_by"][case] = timezone.localtime(begun.given_at).date(), min(begun.accept_by, one.accept_by)
        parts["assigned_to"][case], parts["is_accepted"][case] = one.region_code, one.accepted_at is not None


def _steps(parts: dict[str, dict[int, Any]], ids: list[int], rounds: dict[int, int]) -> None:
    """The steps of the present round in order; of a step with two papers the later one counts."""
    found: dict[int, dict[int, StepDone]] = defaultdict(dict)
    for one in LegalStep.objects.standing().filter(case__in=ids).order_by("step", "pk").prefetch_related("services"):
        if one.round == rounds[one.case_id]:
            served = next((service.served_on for service in one.services.all()), None)
            found[one.case_id][one.step] = StepDone(one.step, one.issued_on, served, one.term_ends_on, one.is_skipped, one.paper)
    parts["steps"] = {case: tuple(steps[n] for n in sorted(steps)) for case, steps in found.items()}


def _returns(parts: dict[str, dict[int, Any]], cases: Sequence[Case], *, today: date) -> None:
    """Back on the roll since when, how many whole days present since (a suspected child: since the case was opened), whether it learns."""
    standing = list(Return.objects.filter(case__in=[case.pk for case in cases], ended_on=None).select_related("entry"))
    registered = {one.case_id: one.registered_on for one in standing}
    parts["registered_on"] = dict(registered)
    suspected = {case.pk: case.state_since or case.opened_on for case in cases if case.state == State.SUSPECTED}
    parts["days_present"] = {case: came for case, (_, came) in presence(suspected | registered, today=today).items()}
    taught = last_lessons(registered)
    for one in standing:
        case, day = one.case_id, one.registered_on
        learns = parts["has_learnt"][case] = bool(parts["days_present"].get(case)) or taught.get(case, date.min) >= day
        parts["registered_from"][case] = day if learns else one.counts_on


def _placements(parts: dict[str, dict[int, Any]], ids: list[int]) -> None:
    """The placement that stands; whether the child is disabled: by its certificate, its plan of care, or the cause."""
    certified = Q(child__document__kind=IdDocument.Kind.DISABILITY) | Q(care_plans__groups__contains=[Group.DISABLED.value])
    known = certified | Q(cause=Cause.DISABLED) | Q(placements__cause=Cause.DISABLED, placements__ended_on=None)
    parts["is_disabled"] = dict.fromkeys(Case.objects.filter(known, pk__in=ids).values_list("pk", flat=True), True)
    for one in Placement.objects.filter(case__in=ids, ended_on=None):
        case = one.case_id
        parts["placed_on"][case], parts["placing"][case], parts["cause"][case] = one.first_day, one.kind, one.cause
        parts["has_panel_advice"][case], parts["has_plan"][case] = one.panel_on is not None, bool(one.plan.strip())


def _handovers(parts: dict[str, dict[int, Any]], ids: list[int]) -> None:
    """The letter that stands, and when the last one before it was not accepted."""
    for one in Handover.objects.filter(case__in=ids).select_related("entry").order_by("pk"):
        told = (
            {"handed_back_on": one.ended_on}
            if one.ended_on
            else {"letter_on": one.sent_on, "reply_by": one.waits_until, "accepted_on": one.accepted_on}
        )
        for name, value in told.items():
            parts[name][one.case_id] = value


def _monitoring(parts: dict[str, dict[int, Any]], cases: Sequence[Case], *, today: date) -> None:
    """Days watched and days come since monitoring began: by roll calls, or by the lessons of home teaching against the plan."""
    begun = {case.pk: case.state_since or case.opened_on for case in cases if case.state == State.MONITORING}
    noted: dict[int, list[date]] = defaultdict(list)
    for case, day in MonitoringNote.objects.filter(case__in=begun).values_list("case_id", "day"):
        if day >= begun[case]:
            noted[case].append(day)
    parts["notes"] = {case: tuple(sorted(days)) for case, days in noted.items()}
    for case, (called, came) in presence(begun, today=today).items():
        parts["monitored_days"][case], parts["attended_days"][case] = called, came
    for case, (due, given) in home_lessons(begun, today=today).items():
        parts["monitored_days"][case], parts["attended_days"][case] = due, given


def home_lessons(since: dict[int, date], *, today: date) -> dict[int, tuple[int, int]]:
    """Case whose child is taught apart -> (school days watched, the part of them that the lessons given make of the lessons due by now)."""
    apart = Placement.objects.filter(case__in=since, ended_on=None, kind__in=TAUGHT_APART).values("case_id")
    plans = HomeTeaching.objects.filter(case__in=apart, ended_on=None).select_related("school_class").order_by("first_day")
    return watched(list(plans), since=since, today=today)


@dataclass(frozen=True, slots=True)
class Days:
    """First and last day of a term, of the longest grade; ``ninth``: the last day of grade 9."""

    first: date
    last: date
    name: str
    ninth: date | None


def _terms(district: str) -> list[Days]:
    """The district's terms, the newest first."""
    spans = TermSpan.objects.filter(term__district_code=district).order_by().values("term__code")
    found = spans.annotate(begun=Min("first_day"), ended=Max("last_day"), ninth=Max("last_day", filter=Q(grade_to=LAST_GRADE)))
    return sorted((Days(row["begun"], row["ended"], row["term__code"], row["ninth"]) for row in found), key=lambda term: term.first, reverse=True)


def _finishes_on(room: SchoolClass | None, terms: Sequence[Days]) -> date | None:
    """The last day of the school year of a ninth grade, by the default calendar where its second term is not set up; None for any other class."""
    if room is None or room.grade != LAST_GRADE:
        return None
    term = TermName(room.school_year, 2)
    known = next((one.ninth for one in terms if one.name == term.code), None)
    return known or default_spans(term)[-1][3]
