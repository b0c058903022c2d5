"""What leaves the house: entered in the platform, and the bureau's letter to another district."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions.writing import take_number
from apps.cases.letters.official import bureau
from apps.cases.models import CaseEntry, Handover
from apps.cases.queries import letters_out
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.scope import Actor
from apps.reporting import letters
from apps.reporting.actions import telling
from apps.reporting.actions.moving import complete, hold, move, note
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import Kind, State
from apps.schools.queries import place_names, policy


@transaction.atomic
def enter_platform(*, line: Line, number: str, by: Actor, now: datetime) -> Line:
    """Tick that the child was entered in the platform under a number; a number mistyped is corrected by entering the right one.

    Refused before the verification, and for the same number again. 〔方案二（三）2〕1.运用“云南省政府救助平台”控辍保学服务事项端口上报
    """
    number = number.strip()
    if not number or number != hide_numbers(number):
        raise Refused("请填写平台给出的受理号；身份证号不是受理号。", code="number")
    report = line.report
    if line.state == State.SENT:
        return correct_number(line, number, by=by, now=now)
    move(line, State.SENT, by=by, number=number, sent_at=now, sent_name=by.name, sent_title=by.title)
    note(report, f"{Kind.PLATFORM.label}：已录入，受理号 {number}。", by=by, now=now)
    complete(report, by=by, now=now)
    telling.over(report, telling.ENTER, now=now)
    record("enter_platform", f"登记平台录入：受理号 {number}", by=by, object_kind="report", object_id=report.pk, child_id=report.child_id)
    return line


def correct_number(line: Line, number: str, *, by: Actor, now: datetime) -> Line:
    """The right number for a mistyped one; the ledger keeps both."""
    before = line.number
    if before == number:
        raise Refused(f"已由{line.sent_name}登记为受理号 {number}，没有重复登记。", code="state")
    if not Line.objects.filter(pk=line.pk, state=State.SENT, number=before).update(number=number):
        raise Refused("受理号刚刚被别人更正过，请刷新后核对。", code="state")
    line.refresh_from_db()
    note(line.report, f"{Kind.PLATFORM.label}受理号由 {before} 更正为 {number}。", by=by, now=now, kind=CaseEntry.Kind.CORRECTION)
    record(
        "correct_platform",
        f"更正平台受理号：{before} → {number}",
        by=by,
        object_kind="report",
        object_id=line.report_id,
        child_id=line.report.child_id,
    )
    return line


@transaction.atomic
def send_away(*, line: Line, addressee: str, by: Actor, now: datetime) -> Line:
    """Number and issue the bureau's letter to the district of the household; its answer is due in the policy's days.

    〔方案二（三）3〕非本地户籍的学生由区教育体育局向户籍地教育行政部门发函告知辍学情况。
    """
    addressee = hide_numbers(addressee.strip())
    if not addressee:
        raise Refused("请填写户籍地教育行政部门的名称，如“寻甸回族彝族自治县教育体育局”。", code="addressee")
    hold(line, State.SENT)
    if standing := Handover.objects.filter(case=line.report.case_id, ended_on=None).first():
        return send_as_handed_over(line, standing, by=by, now=now)
    report = ThreeLineReport.objects.select_related("child", "school", "school_class").get(pk=line.report_id)
    today = timezone.localtime(now).date()
    days = policy(district=report.district_code, day=today)["away_letter_reply_days"]
    district = place_names([report.district_code])[report.district_code]
    serial = take_number(issuer=report.district_code, year=today.year)
    number = f"{bureau(district)}控辍函〔{today.year}〕{serial}号"
    letter = letters.to_other_district(report, district=district, number=number, addressee=addressee, reply_days=days, day=today)
    move(
        line, State.SENT, by=by, addressee=addressee, number=number, issuer=report.district_code, year=today.year, serial=serial,
        letter=letter.stored(), sent_at=now, sent_name=by.name, sent_title=by.title, due_on=today + timedelta(days),
    )  # fmt: skip
    out = {"number": number, "addressee": addressee, "reply_by": f"{today + timedelta(days)}", "letter": letter.stored()}
    note(report, f"{Kind.AWAY.label}：{number}，主送{addressee}，{days} 日内答复。", by=by, now=now, data={letters_out.SENT: out})
    telling.over(report, telling.AWAY, now=now)
    record("send_away", f"发函户籍地：{number}", by=by, object_kind="report", object_id=report.pk, child_id=report.child_id)
    return line


def send_as_handed_over(line: Line, handover: Handover, *, by: Actor, now: datetime) -> Line:
    """The case was handed over by a letter before: the same letter is what this line sent, under its number."""
    move(
        line, State.SENT, by=by, addressee=handover.addressee, number=handover.number, letter=handover.letter, sent_at=now,
        sent_name=handover.sent_name, sent_title=handover.sent_title, due_on=handover.reply_by,
    )  # fmt: skip
    note(line.report, f"{Kind.AWAY.label}：沿用移交户籍地的函 {handover.number}，不再另发。", by=by, now=now)
    telling.over(line.report, telling.AWAY, now=now)
    record("send_away", f"沿用移交函：{handover.number}", by=by, object_kind="report", object_id=line.report_id, child_id=line.report.child_id)
    return line


@transaction.atomic
def reply_away(*, line: Line, text: str, by: Actor, now: datetime) -> Line:
    """Write down what the other district answered. Refused where the case was handed over by this letter: there is one place for its answer."""
    if Handover.objects.filter(case=line.report.case_id, number=line.number).exists():
        raise Refused("个案已按这份函移交户籍地，请在个案的“登记对方答复”中登记，不必登记两次。", code="handover")
    text = answered(text)
    move(line, State.REPLIED, by=by, reply=text, replied_at=now, replied_name=by.name, replied_title=by.title)
    told = {letters_out.REPLIED: {"number": line.number, "text": text}}
    note(line.report, f"{line.addressee}答复：{text}", by=by, now=now, data=told)
    telling.tell_all([telling.answered(line)], by=by, now=now)
    record("reply_away", f"登记户籍地答复：{line.number}", by=by, object_kind="report", object_id=line.report_id, child_id=line.report.child_id)
    return line


def answered(text: str) -> str:
    """An answer without full numbers; Refused where it says nothing."""
    text = hide_numbers(text.strip())[:1000]
    if not text:
        raise Refused("请写明答复内容。", code="reply")
    return text
