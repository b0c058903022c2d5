"""What is known already when the principal verifies: child, household, contacts, registers. Nothing is typed twice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from apps.attendance.models import AbsenceRun, Contact, Mark
from apps.attendance.rules import Reason
from apps.core.templatetags.zaixue import cn_moment
from apps.registers.models import Entry
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import drafts
from apps.schools.models import Region
from apps.schools.queries import place_names
from apps.students.models import Child

# What a register's line says → the special group it puts a child into.
GROUPS_OF_KIND = {
    "lifted_out": "lifted_out", "unstable": "monitored", "marginal": "monitored", "sudden_hardship": "monitored",
}  # fmt: skip
LONGEST = 1000  # characters of the contacts in a report


@dataclass(frozen=True, slots=True)
class Known:
    """Everything the verification page starts from."""

    child: Child
    run: AbsenceRun | None
    contacts: list[Contact]
    marks: list[Mark]  # of the absence, day by day: what the teacher chose and wrote
    village: str  # township and village of the household in this district, '' where no register says
    initial: dict[str, Any]


def known_of(report: ThreeLineReport) -> Known:
    """What is known of a report's child now; a fixed number of reads."""
    child = Child.objects.standing_for(report.child_id).get()
    run = drafts.absence_of(report)
    contacts = list(
        Contact.objects.filter(child__in=Child.objects.family(child.pk), day__gte=run.first_day if run else report.begun_on).order_by("at")
    )
    marks = marks_of(child, run) if run else []
    names = place_names([child.township_code, child.village_code])
    village = "".join(filter(None, (names.get(child.township_code), names.get(child.village_code))))
    reached = [one for one in contacts if one.result == Contact.Result.REACHED]
    last = reached[-1] if reached else None
    initial = {
        "home": f"{district_name(report.district_code)}{village}" if village else "",
        "is_registered_away": not village and elsewhere(child),
        "address": child.address,
        "guardian_name": child.guardian_name,
        "guardian_phone": child.guardian_phone,
        "whereabouts": next((one.whereabouts for one in reversed(contacts) if one.whereabouts), ""),
        "cause": "ill" if last and last.reason == Reason.SICK else "",
        "cause_text": last.text if last else next((one.note for one in reversed(marks) if one.note), ""),
        "groups": groups_of(child),
        "contacts": "；".join(said(one) for one in contacts)[:LONGEST],
    }
    return Known(child, run, contacts, marks, village, initial)


def marks_of(child: Child, run: AbsenceRun) -> list[Mark]:
    """What the roll calls of an absence say of a child, the first day first."""
    family = Child.objects.family(child.pk)
    return list(Mark.objects.filter(child__in=family, day__range=(run.first_day, run.last_day)).order_by("day"))


def district_name(code: str) -> str:
    """Name of a district."""
    return Region.objects.filter(pk=code).values_list("name", flat=True).first() or ""


def said(contact: Contact) -> str:
    """A contact as a report tells it."""
    whom = f"（{contact.spoke_with}）" if contact.spoke_with else ""
    parts = [contact.get_reason_display() if contact.reason not in ("", Reason.OTHER) else "", contact.whereabouts, contact.text]
    facts = "，".join(filter(None, parts))
    return f"{cn_moment(contact.at)} {contact.by_name}{contact.get_way_display()}联系，{contact.get_result_display()}{whom}" + (
        f"：{facts}" if facts else ""
    )


def elsewhere(child: Child) -> bool:
    """Whether the enrolment says that the household is in another district (户口所在地 by its code)."""
    codes = Entry.objects.filter(child=child, superseded_by=None, ended_by=None).exclude(residence_code="").values_list("residence_code", flat=True)
    return bool(codes) and not any(code.startswith(child.district_code) for code in codes)


def groups_of(child: Child) -> list[str]:
    """The special groups that the registers in force put a child into."""
    found = set()
    rows = Entry.objects.filter(child=child, superseded_by=None, ended_by=None)
    for group, details in rows.values_list("group_kind", "details"):
        if group in GROUPS_OF_KIND:
            found.add(GROUPS_OF_KIND[group])
        found.update(groups_in(details))
    return sorted(found)


def groups_in(details: dict[str, Any]) -> set[str]:
    """The groups that a line of the enrolment names in its columns."""
    told = {
        "left_behind": str(details.get("left_behind", "0")) in ("1", "2"), "migrant": details.get("migrant") == "Y",
        "orphan": details.get("orphan") == "Y", "disabled": bool(details.get("disability")),
    }  # fmt: skip
    return {group for group, holds in told.items() if holds}
