"""The principal's verification: what was missing is completed, and all three lines go out."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.attendance.models import AbsenceRun
from apps.audit.actions import record
from apps.cases.actions.lines import lines_signed
from apps.cases.actions.writing import take_number
from apps.cases.rules.caring import Group
from apps.cases.rules.placing import Cause
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reporting import letters
from apps.reporting.actions import telling
from apps.reporting.actions.moving import move, note
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries.clocks import Clocks
from apps.reporting.queries.drafts import absence_of
from apps.reporting.workflow import Kind, State
from apps.schools.queries import place_names, policy
from apps.students.models import Child


@dataclass(frozen=True, slots=True)
class Verified:
    """What the principal found out, under the names of the report's columns."""

    cause: str
    whereabouts: str
    guardian_name: str
    guardian_phone: str
    home: str
    address: str = ""
    cause_text: str = ""
    is_registered_away: bool = False
    groups: list[str] = field(default_factory=list)
    contacts: str = ""


@transaction.atomic
def verify(*, report_id: int, said: Verified, by: Actor, now: datetime) -> ThreeLineReport:
    """Complete a report and issue it: both letters numbered and delivered, the platform's panel ready to be copied.

    Refused: not the principal's, the case is over, the absence was corrected away, or somebody issued it a moment ago.
    〔方案二（三）2〕校长核证疑似辍学、查清去向，完成“三线”报告。
    """
    found = ThreeLineReport.objects.within(by.scope).select_related("case", "child", "school", "school_class")
    report: ThreeLineReport | None = found.filter(pk=report_id).first()
    if report is None or not by.may(Right.VERIFY_ABSENCE):
        raise Refused("这份报告不由您的岗位核实。", code="scope")
    absence = check(report)
    today = timezone.localtime(now).date()
    values = {name: hide_numbers(value.strip()) if isinstance(value, str) else value for name, value in asdict(said).items()}
    values |= {"first_day": absence.first_day, "last_day": absence.last_day, "school_days": absence.school_days}
    values |= {"verified_at": now, "verified_name": by.name, "verified_title": by.title}
    child = Child.objects.standing_for(report.child_id).get()  # it may have been merged into another since
    places = {"child_id": child.pk, "township_code": child.township_code, "village_code": child.village_code}
    if not ThreeLineReport.objects.filter(pk=report.pk, verified_at=None).update(**values, **places):
        report.refresh_from_db()
        raise Refused(f"这份报告已由{report.verified_name}核实签发，没有重复发出。", code="state")
    report.refresh_from_db()
    issue(report, absence, by=by, now=now, today=today)
    record(
        "verify_absence", f"核实签发三线报告：{report.child.name}", by=by, object_kind="report", object_id=report.pk, child_id=report.child_id,
        case=report.case_id,
    )  # fmt: skip
    return report


def check(report: ThreeLineReport) -> AbsenceRun:
    """The absence the report speaks of; Refused where there is nothing to report any more."""
    if report.case not in type(report.case).objects.filter(pk=report.case_id).open():
        raise Refused("这名学生的个案已经办结，不再报送。", code="closed")
    absence = absence_of(report)
    if absence is None:
        raise Refused("点名记录已经更正，这名学生没有连续缺勤到立案的天数，不需要发出三线报告。", code="no_absence")
    return absence


def cause_for_case(cause: str, groups: Collection[str]) -> str:
    """The cause of a report as cases know it: of illness or disability, which a report does not tell apart, the one that the groups show.

    〔方案二（五）〕按原因分类安置"""
    return Cause.DISABLED.value if cause == ThreeLineReport.Cause.ILL and Group.DISABLED in groups else cause


def issue(report: ThreeLineReport, absence: AbsenceRun, *, by: Actor, now: datetime, today: date) -> None:
    """The three lines, and where the household is elsewhere the draft of the bureau's letter."""
    lines = {line.kind: line for line in report.lines.all()}
    at_home = not report.is_registered_away and report.township_code.startswith(report.district_code)
    township = report.township_code if at_home else report.school.township_id
    names = place_names([township, report.district_code])
    visit_due = Clocks([report], today=today).visit(report, handed_on=today).due
    sent = {"sent_at": now, "sent_name": by.name, "sent_title": by.title}
    move(lines[Kind.PLATFORM], State.READY, by=by, addressee=Kind.PLATFORM.label)
    for kind, office in ((Kind.TOWNSHIP, township), (Kind.BUREAU, report.district_code)):
        serial = take_number(issuer=report.school_id, year=today.year)
        number = f"{report.school.name}控辍〔{today.year}〕{serial}号"
        if kind == Kind.TOWNSHIP:
            letter = letters.to_township(report, township=names[township], number=number, visit_due=visit_due, absence=absence, day=today)
        else:
            letter = letters.to_bureau(
                report, district=names[report.district_code], number=number, township=names[township], absence=absence, day=today
            )
        series = {"issuer": report.school_id, "year": today.year, "serial": serial, "number": number}
        move(lines[kind], State.SENT, by=by, office=office, addressee=letter.addressee, letter=letter.stored(), **series, **sent)
        note(report, f"{kind.label}：{number}，主送{letter.addressee}。", by=by, now=now, data={"groups": report.groups})
    if report.is_registered_away:
        days = policy(district=report.district_code, day=today)["away_letter_send_days"]
        Line.objects.create(report=report, kind=Kind.AWAY.value, due_on=today + timedelta(days))
    lines_signed(case=report.case, cause=cause_for_case(report.cause, report.groups), today=today)
    telling.over(report, telling.VERIFY, now=now)
    telling.tell_all(telling.issued(report, Line.objects.filter(report=report)), by=by, now=now)
