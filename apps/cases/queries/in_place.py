"""What 四早、六到位 (rules/in_place.py) look at, of one case."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import Q

from apps.cases.models import Case, CaseEntry, Duty, DutyLetter, Service, Visit
from apps.cases.queries.duties import answering
from apps.cases.queries.facts import Book
from apps.cases.rules.climbing import LADDER
from apps.cases.rules.facts import Facts
from apps.cases.rules.in_place import Seen
from apps.cases.rules.placing import PLACINGS
from apps.cases.rules.proposing import Kind, basis_of
from apps.cases.rules.stepping import BY_NUMBER
from apps.cases.rules.visiting import FACE_TO_FACE, Outcome
from apps.cases.workflow import TASKS, State
from apps.schools.queries import place_names

LEADING = (Duty.Level.DISTRICT, Duty.Level.TOWNSHIP)


def seen(case: Case, known: Book) -> Seen:
    """One case as the lists look at it (``child``, ``school`` and ``run`` read with it); a fixed number of reads."""
    facts, begun = known.facts[case.pk], opening(case)
    held = answering([case], day=known.today)[case.pk]
    missing = [duty for duty, holder in held.items() if holder is None]
    return Seen(
        today=known.today, **begun, **lines(case, known, begun["begun"]), **visits(case, begun["begun"]),
        visit_by=known.school_day(case, begun["begun"], "first_visit_school_days"), origin=case.get_origin_display(),
        posts=len(held), missing=tuple(duty.label for duty in missing),
        missing_leaders=tuple(duty.label for duty in missing if duty.level in LEADING), letters=letters(case, known.today), measures=measures(facts),
        is_open=case.is_open, due_on=case.due_on, task=next((one.label for one in TASKS.get(case.standing, ()) if one.code == case.task), ""),
        progress_on=case.progress_on, told=LADDER[case.climbed][1] if case.climbed else "",
    )  # fmt: skip


def opening(case: Case) -> dict[str, date]:
    """When this round was opened, and when it should have been: the day its absence was long enough, or the comparison's."""
    last = case.ledger.filter(Q(kind=CaseEntry.Kind.OPENED) | Q(target=State.REOPENED.value)).order_by("pk").last()
    is_first = last is None or last.target != State.REOPENED
    begun = case.opened_on if last is None or is_first else last.happened_on
    told = last.data.get("suspected_on") if last else None
    days = [date.fromisoformat(told)] if told else [case.run.as_of] if is_first and case.run else []
    return {"begun": begun, "found_by": min([begun, *days])}


def lines(case: Case, known: Book, begun: date) -> dict[str, Any]:
    """The three lines, where they are due."""
    if not (known.facts[case.pk].needs_lines or case.lines_on):
        return {}
    return {"lines_on": case.lines_on, "lines_by": known.school_day(case, max(begun, case.lines_from or begun), "three_lines_school_days")}


def visits(case: Case, begun: date) -> dict[str, Any]:
    """The first visit at the door, and the first time the family was spoken to, or served with the first paper."""
    made = list(Visit.objects.standing().of(case).filter(day__gte=begun).order_by("day", "pk"))
    served = Service.objects.filter(step__case=case, step__paper="persuade", step__stopped_on=None, served_on__gte=begun)
    days = [visit.day for visit in made if visit.outcome not in (Outcome.NOBODY, Outcome.UNKNOWN)] + list(served.values_list("served_on", flat=True))
    return {"visited_on": next((visit.day for visit in made if visit.way in FACE_TO_FACE), None), "spoken_on": min(days, default=None)}


def letters(case: Case, today: date) -> tuple[tuple[str, date | None], ...]:
    """The places of the case with the day on which this year's letter of each was signed."""
    here = Q(school=case.school_id) if case.school_id else Q(pk__in=[])
    here |= Q(school=None, region_code=case.township_code) if case.township_code else Q(pk__in=[])
    found = DutyLetter.objects.filter(here, district_code=case.district_code, year=today.year, signed_on__isnull=False).order_by("signed_on")
    signed = {one.school_id or one.region_code: one.signed_on for one in found}
    names = {case.school_id: str(case.school)} | place_names([case.township_code])
    return tuple((names.get(code, str(code)), signed.get(code)) for code in (case.school_id, case.township_code) if code)


def measures(facts: Facts) -> tuple[tuple[str, date], ...]:
    """What is being done for the child in this round."""
    step, exempt = facts.step, facts.agreed.get(Kind.EXEMPT)
    basis = basis_of(Kind.EXEMPT, exempt.basis) if exempt else None
    told: tuple[tuple[str, Any], ...] = (
        ("查清去向或原因", facts.last_contact_on if facts.knows_where or facts.knows_why else None),
        (f"四步法第{step.step}步 {BY_NUMBER[step.step].label}" if step else "", step.issued_on if step else None),
        ("登记复学注册", facts.registered_on), (f"安置：{PLACINGS.get(facts.placing, '')}", facts.placed_on), ("向户籍地发函", facts.letter_on),
        (f"批准{basis.label}" if basis else "", exempt.on if exempt else None),
    )  # fmt: skip
    return tuple((what, day) for what, day in told if day is not None)
