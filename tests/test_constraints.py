"""Every constraint of the database: a row that breaks it is refused under the constraint's name, and people are told its sentence."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from apps.attendance.models import AbsenceRun, Leave, Mark, RollCall, Seat
from apps.core import clock
from apps.notices.models import Notice, Seen
from apps.reconciliation.models import Chunk, PairDecision, Signature
from apps.registers.models import Entry, HeadingAlias
from apps.reporting.models import Line, ThreeLineReport
from apps.schools.models import CalendarDay, CalendarYear, Catchment, Closure, OpenDay, PolicyValue, TermSpan
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import lines as three
from tests.factories import registers, runs

OTHER = {"district_code": HOME, "left_kind": "household", "left_key": 1, "right_kind": "survey", "right_key": 2, "answer": "same"}


def again(row: Model, **changed: Any) -> Model:
    """The same row once more, as a new one; ``changed`` fields override."""
    row.pk, row._state.adding = None, True
    for name, value in changed.items():
        setattr(row, name, value)
    return row


def lines(cast: Cast) -> tuple[Entry, Entry]:
    return registers.entry(cast.child), registers.entry(cast.child, "household")


def span(**changed: Any) -> Model:
    return again(TermSpan.objects.filter(term=registers.term())[0], **changed)


def of(cast: Cast) -> dict[str, Any]:
    """The place columns of a row about the child at home."""
    room = cast.home.classes[0]
    return {"child": cast.child, "district_code": HOME, "school": room.school, "school_class": room}


def roll(cast: Cast) -> RollCall:
    room = cast.home.classes[0]
    return RollCall.objects.create(
        school_class=room, school=room.school, district_code=HOME, day=TODAY, expected=1, taken_at=NOW, taken_title="班主任"
    )


def leave(cast: Cast, **changed: Any) -> Leave:
    told = {"first_day": TODAY, "last_day": TODAY, "kind": "sick", "school_days": 1, "facts": "发热", "approver": "principal"}
    return Leave(**(of(cast) | told | {"asked_at": NOW, "asked_name": "甲", "asked_title": "班主任"} | changed))


def absence(cast: Cast, **changed: Any) -> AbsenceRun:
    return AbsenceRun(**(of(cast) | {"first_day": TODAY, "last_day": TODAY, "school_days": 1} | changed))


def notice() -> Notice:
    told = {"key": "roll:1", "topic": "reminder", "role": "bureau", "sentence": "请点名。", "by_name": "甲", "by_title": "校长"}
    return Notice.objects.create(district_code=HOME, day=TODAY, told_at=NOW, **told)


def saved(row: Model) -> Model:
    row.save()
    return row


def report(cast: Cast) -> ThreeLineReport:
    return three.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)


def letter(cast: Cast, kind: str = "township") -> Line:
    return three.line(report(cast), kind)


def fresh(line: Line, **changed: Any) -> Model:
    """A line of the fourth kind, which the report has not, with some fields of its own."""
    return Line(**({"report": line.report, "kind": "away"} | changed))


# constraint -> a row that breaks it and nothing else
BROKEN: dict[str, Callable[[Cast], Model]] = {
    "one_central_school": lambda cast: again(cast.home.schools[0], code="3153131029"),
    "one_school_per_village_stage": lambda cast: again(
        Catchment.objects.create(school=cast.home.schools[0], region=cast.home.villages[0], stage="primary"), school=cast.home.schools[1]
    ),
    "one_class": lambda cast: again(cast.home.classes[0]),
    "grade_1_to_9": lambda cast: again(cast.home.classes[0], grade=10),
    "one_term": lambda cast: again(registers.term()),
    "term_runs_forward": lambda cast: again(registers.term(), code="2030-2031-1", last_day=registers.term().first_day),
    "span_grades": lambda cast: span(grade_from=9, grade_to=8),
    "span_runs_forward": lambda cast: span(last_day=registers.term().first_day - timedelta(1)),
    "one_calendar_day": lambda cast: again(CalendarDay.objects.create(district_code=HOME, day=TODAY, is_school_day=False)),
    "one_calendar_year": lambda cast: again(CalendarYear.objects.create(district_code=HOME, year=2026, origin="own")),
    "closure_runs_forward": lambda cast: Closure(school=cast.home.schools[0], first_day=TODAY, last_day=TODAY - timedelta(1), reason="大雪封路"),
    "one_policy_value": lambda cast: again(
        PolicyValue.objects.create(district_code=HOME, key="suspected_school_days", value=3, effective_from=TODAY, basis="测试")
    ),
    "post_runs_forward": lambda cast: again(cast.post("bureau"), ends_on=date(2026, 7, 31)),
    "one_open_post": lambda cast: again(cast.post("bureau")),
    "one_meaning": lambda cast: again(HeadingAlias.objects.create(district_code=HOME, place_code=HOME, kind="survey", heading="娃名", field="name")),
    "one_standing_line": lambda cast: again(registers.entry(cast.child)),
    "ended_with_reason": lambda cast: again(registers.entry(cast.child), key=-1, end_reason="left"),
    "one_run_at_a_time": lambda cast: again(runs.run(state="running"), number=2),
    "one_run_of_a_number": lambda cast: again(runs.run()),
    "one_chunk": lambda cast: again(Chunk.objects.create(run=runs.run(), phase="group", place=HOME)),
    "one_link": lambda cast: again(runs.link(*lines(cast), of=runs.run())),
    "one_doubt": lambda cast: again(runs.pair(*lines(cast), of=runs.run())),
    "one_decision": lambda cast: again(PairDecision.objects.create(**OTHER, decided_title="县级专干", decided_at=clock.now())),
    "one_class_row": lambda cast: again(runs.child_class(cast.child, of=runs.run())),
    "one_finding": lambda cast: again(runs.finding(cast.child, of=runs.run())),
    "settled_is_complete": lambda cast: again(runs.finding(cast.child, of=runs.run()), klass="other", state="settled"),
    "one_signature": lambda cast: again(
        Signature.objects.create(run=runs.run(), level="school", place_code="1", signed_by=cast.post("principal").user, signed_at=clock.now())
    ),
    "one_open_day": lambda cast: again(OpenDay.objects.create(school=cast.home.schools[0], day=TODAY, reason="寄宿制")),
    "one_open_seat": lambda cast: again(Seat.objects.create(**of(cast), first_day=TODAY)),
    "seat_runs_forward": lambda cast: Seat(**of(cast), first_day=TODAY, last_day=TODAY - timedelta(1)),
    "one_roll_call": lambda cast: again(roll(cast)),
    "one_mark_a_day": lambda cast: again(Mark.objects.create(**of(cast), roll_call=roll(cast), day=TODAY, code="absent")),
    "leave_runs_forward": lambda cast: leave(cast, last_day=TODAY - timedelta(1)),
    "leave_decided_when": lambda cast: leave(cast, state="approved"),
    "one_leave_number": lambda cast: again(saved(leave(cast, number="假〔2026〕1号"))),
    "one_run_a_day": lambda cast: again(saved(absence(cast))),
    "run_ended_why": lambda cast: absence(cast, ended_on=TODAY),
    "told_once": lambda cast: again(notice()),
    "seen_once": lambda cast: again(Seen.objects.create(notice=notice(), user=cast.post("bureau").user, at=NOW)),
    "report_verified_whole": lambda cast: again(report(cast), case=runs.case(cast.home.children[1]), whereabouts=""),
    "one_report_a_run": lambda cast: again(report(cast)),
    "report_runs_forward": lambda cast: again(report(cast), first_day=TODAY + timedelta(1)),
    "one_line_of_a_kind": lambda cast: again(letter(cast, "platform")),
    "one_letter_number": lambda cast: again(letter(cast), kind="away"),
    "line_sent_whole": lambda cast: fresh(letter(cast), state="sent", sent_at=NOW, sent_name="甲"),
    "line_received_whole": lambda cast: fresh(letter(cast), state="received", sent_at=NOW, sent_name="甲", number="1"),
    "line_replied_whole": lambda cast: fresh(letter(cast), state="replied", sent_at=NOW, sent_name="甲", number="1"),
    "one_open_case": lambda cast: again(runs.case(cast.child)),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_breaks_it_is_refused(cast: Cast, name: str) -> None:
    wrong = BROKEN[name](cast)
    (constraint,) = (one for one in wrong._meta.constraints if one.name == name)
    with pytest.raises(ValidationError) as told:
        wrong.validate_constraints()  # full_clean passes over those whose fields no form has
    assert str(constraint.violation_error_message) in told.value.messages
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        wrong.save(force_insert=True)
    assert refused.value.__cause__.diag.constraint_name == name
