"""The section of a case: visits, the four legal steps, the letter to another district."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from apps.cases.forms.steps import AnswerForm, HandoverForm, ServiceForm, StepForm, TrackForm, VoidForm
from apps.cases.models import Case, Handover, LegalStep, Visit
from apps.cases.queries.letters_out import letter_out
from apps.cases.queries.persuading import steps_shown, visits_shown
from apps.cases.rules import stepping
from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import CAUSES
from apps.cases.rules.proposing import Kind
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import PAPER_CODES, State
from apps.core.rights import Right
from apps.schools.policy import Policy

TONES = {"back": "ok", "promised": "info"}


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/persuading.html`` shows."""
    actor, case = frame.actor, frame.case
    logs = actor.may(Right.LOG_VISIT) and case.is_open
    is_local = actor.may(Right.VIEW_ASSIGNMENTS)
    visits = [visit_row(one, may_correct=logs and one.is_local == is_local) for one in visits_shown(case)]
    steps, letters = legal(frame), away(frame)
    return {"case": case, "may_log": logs, "visits": visits, "steps": steps, "handover": letters, "go": go(case, logs, steps, letters)}


def go(case: Case, logs: bool, steps: dict[str, Any] | None, letters: dict[str, Any] | None) -> list[tuple[str, str]]:
    """What this post does next here, one tap from the top of the page: (button, address)."""
    offered = [
        ("登记走访", reverse("visit_new", args=[case.pk]), logs and case.state in (State.SUSPECTED, State.PERSUADING)),
        ("四步法", "#issue" if steps and steps.get("form") else "#steps", bool(steps and steps["may"])),
        ("登记对方答复", "#handover", bool(letters and letters.get("standing"))),
    ]  # fmt: skip
    if case.task in PAPER_CODES:
        offered[:2] = offered[1::-1]  # the paper is due before the visit
    return [(label, url) for label, url, may in offered if may]


def visit_row(visit: Visit, *, may_correct: bool) -> dict[str, Any]:
    """One visit as the section shows it."""
    gone = "已作废，不再计入" if visit.voided else "已更正，不再计入" if visit.corrected else ""
    return {
        "visit": visit, "gone": gone, "may_correct": may_correct and not gone, "tone": TONES.get(visit.outcome, "warn"),
        "files": len(visit.entry.attachments.all()), "cause": CAUSES[visit.cause] if visit.cause else "",
    }  # fmt: skip


def legal(frame: Frame) -> dict[str, Any] | None:
    """The four steps; None where there are none and none are due."""
    case, facts = frame.case, frame.facts
    steps = steps_shown(case)
    at_work = case.state == State.PERSUADING
    if not steps and not at_work:
        return None
    may = at_work and frame.actor.may(Right.ISSUE_STEPS) and facts.assigned_to == frame.actor.scope.township
    hindrance, last, number = stepping.hindrance(facts), facts.step, stepping.next_step(facts)
    told: dict[str, Any] = {
        "rows": [step_row(one, frame, may=may) for one in steps], "labels": [step.label for step in stepping.STEPS],
        "current": last.step if hindrance and last and not (last.step == len(stepping.STEPS) and last.served_on) else number, "number": number,
        "waits": Kind.SKIP in facts.asked, "at_work": at_work, "may": may, "hindrance": hindrance, "earliest": stepping.earliest(facts),
    }  # fmt: skip
    if may:
        told |= actions(frame, steps, hindrance=hindrance)
    return told


def actions(frame: Frame, steps: list[LegalStep], *, hindrance: str) -> dict[str, Any]:
    """The forms of the township that is charged with the case."""
    facts, bound = frame.facts, frame.bound
    last = next((one for one in reversed(steps) if one.stopped_on is None and not one.is_skipped), None)
    return {
        "form": None if hindrance else bound.get("step") or step_form(facts, frame.numbers, frame.case),
        "last": last if facts.step and last and not facts.step.skipped else None, "void": bound.get("void") or VoidForm(prefix="void"),
    }  # fmt: skip


def step_row(step: LegalStep, frame: Frame, *, may: bool) -> dict[str, Any]:
    """One paper, with the form of its proof of service while that is owed."""
    service = step.service
    owed = may and step.stopped_on is None and not step.is_skipped and service is None
    prefix = f"serve{step.pk}"
    bound = frame.bound.get("service")
    initial = {"served_on": frame.today, "received_by": step.addressee, "servers": frame.actor.name, "place": frame.case.child.address}
    form = bound if bound is not None and bound.prefix == prefix else ServiceForm(prefix=prefix, initial=initial)
    return {"step": step, "service": service, "form": form if owed else None}


def step_form(facts: Facts, numbers: Policy, case: Case, data: Any = None) -> StepForm:
    """The form of the next paper."""
    papers = stepping.next_papers(facts)
    limits = stepping.term_limits(papers[0].code, numbers=numbers) if papers else None
    return StepForm(data, papers=papers, limits=limits, initial={"addressee": case.child.guardian_name})


def away(frame: Frame) -> dict[str, Any] | None:
    """The letters to other districts and the bureau's forms; None where there are none and none may be written."""
    case, bound = frame.case, frame.bound
    letters = list(Handover.objects.filter(case=case))
    may = frame.actor.may(Right.SEND_LETTERS)
    offers = may and case.state == State.PERSUADING
    if not letters and not offers:
        return None
    standing = next((one for one in letters if one.ended_on is None), None)
    told: dict[str, Any] = {"letters": letters, "today": frame.today}
    if offers:
        told["begun"] = letter_out(case)
        told["form"] = bound.get("handover") or HandoverForm(prefix="handover")
    if may and standing is not None and standing.accepted_on is None and case.state == State.TRANSFERRED:
        initial = {"on": frame.today}
        told |= {
            "standing": standing, "track": bound.get("track") or TrackForm(prefix="track", initial=initial),
            "answer": bound.get("answer") or AnswerForm(prefix="answer", initial=initial),
        }  # fmt: skip
    return told
