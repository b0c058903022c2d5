"""The section of a case: return, placement, home teaching, care, monitoring."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db.models import QuerySet

from apps.attendance.rules import Code
from apps.cases.actions.returning import BEFORE_RETURN
from apps.cases.forms.exempting import EndForm
from apps.cases.forms.placing import ReviewForm
from apps.cases.forms.returning import CareForm, LeftForm, ReopenForm, ReturnForm, SchoolForm, WatchForm
from apps.cases.models import CarePlan, MonitoringNote, Placement, Return
from apps.cases.queries import exemptions, teaching
from apps.cases.queries.persuading import reported_groups
from apps.cases.queries.presence import missed, seated
from apps.cases.rules import caring, placing, proposing
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import State, grounds
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.schools.models import School, SchoolClass
from apps.schools.rules import term_of

S = State
PLACED_IN = frozenset({S.RETURNED, S.PLACED, S.MONITORING})
SHOWN = 20  # days of absence and notes on the page; the ledger has them all


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/returning.html`` shows: by the state, so that nobody looks for what is not to be done yet."""
    state = frame.case.standing
    told: dict[str, Any] = {"case": frame.case, "today": frame.today}
    if state in (S.SUSPECTED, S.CLEARED, S.MERGED):
        return told
    told |= papers(frame)
    if state in BEFORE_RETURN or (state == S.PLACED and frame.facts.is_unseen):
        told |= back(frame)
    if state in PLACED_IN or (state == S.PERSUADING and frame.facts.registered_on):
        told |= placed(frame)
    if state == S.MONITORING:
        told |= watched(frame)
    if state in PLACED_IN:
        told |= cared_for(frame)
    return told


def person(frame: Frame) -> int:
    """The child, or the one it was merged into."""
    return frame.case.child.merged_into_id or frame.case.child_id


def rooms_of(actor: Actor, today: date) -> QuerySet[SchoolClass]:
    """The classes of the acting school this year."""
    found: QuerySet[SchoolClass] = SchoolClass.objects.within(actor.scope)
    return found.filter(school_year=term_of(today).year)


def schools_for(actor: Actor) -> QuerySet[School]:
    """The schools a township or the bureau may charge with a child."""
    found: QuerySet[School] = School.objects.within(actor.scope)
    return found.filter(is_open=True)


def papers(frame: Frame) -> dict[str, Any]:
    """The forms that can be printed, who may apply for an exemption, and who may end one before its last day."""
    applies = grounds(frame.case.standing, "exempt") and frame.actor.may(Right.PROPOSE_CASE) and frame.actor.role in proposing.askers("exempt")
    ends = frame.case.standing == S.EXEMPT and frame.actor.may(Right.DECIDE_CASE) and frame.actor.role in proposing.deciders("exempt")
    return {
        "papers": exemptions.papers_of(frame.case.pk), "may_exempt": bool(applies) and "exempt" not in frame.facts.asked,
        "end_exempt": (frame.bound.get("end_exempt") or EndForm(auto_id="end_exempt_%s")) if ends else None,
    }  # fmt: skip


def back(frame: Frame) -> dict[str, Any]:
    """Receiving school, registration, days present so far."""
    case, actor, bound = frame.case, frame.actor, frame.bound
    standing = Return.objects.filter(case=case, ended_on=None).select_related("school", "school_class").first()
    needed = 1 if case.standing == S.PLACED else frame.numbers["returned_school_days"]
    told: dict[str, Any] = {"is_back": True, "standing": standing, "needed": needed, "came": frame.facts.days_present}
    if standing:
        told |= attendance(frame, standing.registered_on)
        if actor.may(Right.REGISTER_RETURN):
            told["left"] = bound.get("left") or LeftForm(today=frame.today)
        return told
    if actor.may(Right.NAME_SCHOOL):
        told["school"] = bound.get("school") or SchoolForm(schools=schools_for(actor))
    if actor.may(Right.REGISTER_RETURN) and case.school_id:
        told["registered"] = bound.get("registered") or ReturnForm(rooms=rooms_of(actor, frame.today), room=case.school_class_id, today=frame.today)
    return told


def attendance(frame: Frame, since: date) -> dict[str, Any]:
    """On which list the child stands, and the days since a day on which it was not there."""
    days = missed(person(frame), since=since, today=frame.today)
    said = [(day, Code(code).label + ("（准假）" if covered and code != Code.HALF else "")) for day, code, covered in reversed(days)]
    return {"seat": seated(person(frame)), "missed": said[:SHOWN], "more_missed": max(len(said) - SHOWN, 0)}


def placed(frame: Frame) -> dict[str, Any]:
    """The standing placement with its reviews, home teaching, and the way to a plan."""
    standing = Placement.objects.filter(case=frame.case, ended_on=None).select_related("school", "school_class").prefetch_related("reviews").first()
    told: dict[str, Any] = {"is_placed": True, "placement": standing, "may_place": frame.actor.may(Right.PLACE_CHILD) and not standing}
    told["place_first"] = frame.case.standing == S.RETURNED
    if standing is None:
        return told
    told["advice"] = standing.advice(medical=frame.reader.papers)
    told["review_left"] = (standing.review_on - frame.today).days
    if frame.actor.may(Right.PLACE_CHILD) and standing.first_day <= frame.today:
        told["review"] = frame.bound.get("review") or ReviewForm(today=frame.today)
    if placing.by_lessons(standing.kind):
        plan = teaching.plan_of_case(frame.case.pk)
        told |= {"by_lessons": True, "plan": plan, "lessons": teaching.standings([plan], today=frame.today)[plan.pk] if plan else None}
        told["may_teach"] = frame.actor.may(Right.TEACH_AT_HOME)
    return told


def watched(frame: Frame) -> dict[str, Any]:
    """How long and how often, by the roll calls or the lessons; notes; the form for the next one."""
    case, facts, numbers = frame.case, frame.facts, frame.numbers
    begun = case.state_since or case.opened_on
    notes = list(MonitoringNote.objects.filter(case=case, day__gte=begun).order_by("-day", "-pk")[:SHOWN])
    told: dict[str, Any] = {
        "is_watched": True, "begun": begun, "days": facts.monitored_days, "days_needed": numbers["monitoring_school_days"],
        "came": facts.attended_days, "rate": f"{facts.attendance:.1f}%", "rate_needed": numbers["monitoring_attendance"], "notes": notes,
        "rate_tone": "ok" if facts.attendance >= numbers["monitoring_attendance"] else "bad",
        **attendance(frame, begun),
    }  # fmt: skip
    if frame.actor.may(Right.WATCH_CHILD):
        told["watch"] = frame.bound.get("watch") or WatchForm(today=frame.today)
    if frame.actor.may(Right.REOPEN_CASE):
        told["reopen"] = frame.bound.get("reopen") or ReopenForm(today=frame.today)
    return told


def cared_for(frame: Frame) -> dict[str, Any]:
    """The plan of care that stands, and the form for another one."""
    standing = CarePlan.objects.filter(case=frame.case).order_by("pk").last()
    told: dict[str, Any] = {"is_cared": True, "care": standing, "groups": caring.said(standing.groups) if standing else ""}
    told["care_left"] = (standing.review_on - frame.today).days if standing else None
    if frame.actor.may(Right.WATCH_CHILD):
        told["care_form"] = frame.bound.get("care") or CareForm(
            today=frame.today, groups=standing.groups if standing else reported_groups(frame.case)
        )
    return told
