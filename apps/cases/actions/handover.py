"""移交户籍地: the bureau's letter, what was heard since, the acceptance in writing; not taken, the case comes back."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.moving import move
from apps.cases.actions.writing import hold, take_number, write
from apps.cases.letters import handover as letters
from apps.cases.letters.official import bureau
from apps.cases.models import Case, CaseEntry, Handover
from apps.cases.queries.household import household
from apps.cases.queries.letters_out import letter_out
from apps.cases.queries.persuading import background, lost_on
from apps.cases.rules.household import stands_here
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.labels import Labelled
from apps.core.proofs import ProofFile
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date
from apps.notices.actions import Address, Telling, settle, tell
from apps.notices.rules import Topic
from apps.schools.queries import place_names, policy


class Answer(Labelled):
    """What the other district said."""

    ACCEPTED = "accepted", "书面接收"
    WORKING = "working", "正在办理，尚未接收"
    REFUSED = "refused", "不予接收，收回本区继续劝返"
    SILENT = "silent", "逾期未答复，收回本区继续劝返"


ANSWERS: dict[str, Answer] = {answer.value: answer for answer in Answer}


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer as the bureau writes it down."""

    answer: str
    on: date
    text: str
    receiving: str = ""
    files: Sequence[ProofFile] = field(default_factory=tuple)


@transaction.atomic
def send_handover(
    *, case: Case, addressee: str, text: str, home: str, by: Actor, now: datetime, files: Sequence[ProofFile] = ()
) -> Handover:  # fmt: skip
    """Number, compose and issue the letter, and hand the case over; its answer is due in the policy's days.

    Refused: not the bureau's, no persuasion under way, nobody to write to, no place of household, a household of this district, one of which no
    register knows without its proof (``files``), or a letter is out. 〔方案二（三）3〕非本地户籍的学生发函告知"""
    if not by.may(Right.SEND_LETTERS):
        raise Refused("向户籍地发函由区教体局办理。", code="right")
    addressee, text, home = (hide_numbers(words.strip()) for words in (addressee, text, home))
    if not addressee:
        raise Refused("请填写户籍地教育行政部门的全称。", code="addressee")
    if not home:
        raise Refused("请填写户籍地，写到县区、乡镇。", code="home")
    hold_persuaded(case)
    check_household(case, is_proven=bool(files))
    today = timezone.localtime(now).date()
    days = policy(district=case.district_code, day=today)["away_letter_reply_days"]
    district = place_names([case.district_code])[case.district_code]
    known = background(case)
    told = letters.Child(
        said=letters.said(known.child.name, known.child.sex, known.child.birth_date), name=known.child.name, guardian=known.child.guardian_name,
        phone=known.child.guardian_phone, home=home, school=known.child.school.name if known.child.school else "", away=known.away,
        visits=len(known.visits), whereabouts=known.whereabouts,
    )  # fmt: skip
    number = f"{bureau(district)}控辍函〔{today.year}〕{take_number(issuer=case.district_code, year=today.year)}号"
    letter = letters.compose(told, district=district, number=number, addressee=addressee, days=days, text=text, day=cn_date(today))
    said, since = f"发函移交户籍地：{number}，主送{addressee}，{days} 日内答复。", unanswered_since(case, addressee)
    entry = write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now, progress=True, files=files, label="户籍证明", counts_on=since)
    try:
        with transaction.atomic():
            made = Handover.objects.create(
                case=case, entry=entry, addressee=addressee, number=number, letter=letter.stored(), sent_on=today,
                reply_by=today + timedelta(days), sent_name=by.name, sent_title=by.title,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("已向户籍地发函，尚未办结。", code="twice") from twice
    move(case=case, target=State.TRANSFERRED, by=by, now=now, counts_on=since, is_non_local=True)
    record("send_handover", f"发函移交户籍地：{number}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return made


@transaction.atomic
def take_up_letter(*, case: Case, by: Actor, now: datetime) -> Handover:
    """Hand the case over by the letter that went out with the three lines: its number, its day, its answer; no second letter is written.

    Refused: not the bureau's, no persuasion under way, a household of this district, no such letter. 〔方案二（三）3〕非本地户籍的学生发函告知"""
    if not by.may(Right.SEND_LETTERS):
        raise Refused("向户籍地发函由区教体局办理。", code="right")
    hold_persuaded(case)
    check_household(case, is_proven=True)  # by the principal's verification, which the letter stands on
    out = letter_out(case)
    if out is None:
        raise Refused("没有可沿用的函，请编号出函。", code="letter")
    said, since = f"按已发的函移交户籍地：{out.number}，主送{out.addressee}，{cn_date(out.sent_on)}发。", unanswered_since(case, out.addressee)
    entry = write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now, progress=True, counts_on=since)
    made = Handover.objects.create(
        case=case, entry=entry, addressee=out.addressee, number=out.number, letter=out.letter, sent_on=out.sent_on, reply_by=out.reply_by,
        sent_name=out.sent_name, sent_title=out.sent_title, reply=out.reply, replied_on=out.replied_on,
    )  # fmt: skip
    move(case=case, target=State.TRANSFERRED, by=by, now=now, counts_on=since, is_non_local=True)
    record("send_handover", f"按已发的函移交户籍地：{out.number}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return made


def unanswered_since(case: Case, addressee: str) -> date | None:
    """Until when an earlier letter of this round was waited for that nobody answered, or that the same office refused: another one brings no new
    time. None for the first one. 〔DOMAIN §4〕期限不因重新发函而重新起算"""
    sent = Handover.objects.filter(case=case, sent_on__gte=lost_on(case)[1]).exclude(ended_on=None).select_related("entry")
    last = sent.order_by("pk").last()
    if last is None or last.ended_on is None or (last.replied_on is not None and last.addressee != addressee):
        return None
    waited: date = min(last.ended_on, last.waits_until)
    return waited


def hold_persuaded(case: Case) -> None:
    """Hold a case until the end of the transaction; Refused where it is not being persuaded."""
    hold(case)
    if case.state != State.PERSUADING:
        raise Refused(f"个案现在是“{case.standing.label}”，劝返中的个案才移交户籍地。", code="state")


def check_household(case: Case, *, is_proven: bool) -> None:
    """Refused where the household stands in this district by the registers, or where they do not know and nothing else proves that it does not."""
    known = household(case)
    here = stands_here(known, district=case.district_code)
    if here:
        place = place_names([known.township]).get(known.township, "本区")
        raise Refused(f"名册记载该生户籍在{place}，本区户籍的由本区劝返，不能移交；名册有误的，先在户籍名册中更正。", code="household")
    if here is None and not is_proven:
        raise Refused("名册里查不到该生的户籍在哪里，请附户籍证明（户口簿、派出所证明的照片或扫描件）。", code="files")


@transaction.atomic
def track_handover(*, handover: Handover, on: date, text: str, files: Sequence[ProofFile], by: Actor, now: datetime) -> CaseEntry:
    """Write down a call or a reminder to the other district; the day of its answer stays where it was. Refused: nothing said, a day to come."""
    check(handover, on=on, text=text, by=by, now=now)
    said = f"跟踪{handover.number}：{text.strip()}"
    entry = write(case=handover.case, kind=CaseEntry.Kind.NOTE, text=said, by=by, now=now, on=on, progress=True, files=files, label="移交跟踪")
    clocks.refresh(cases=[handover.case_id], today=timezone.localtime(now).date())
    return entry


@transaction.atomic
def answer_handover(*, handover: Handover, told: Answered, by: Actor, now: datetime) -> Handover:
    """Write down what the other district answered. Accepted in writing: the case may be closed with two signatures. Not accepted, or no answer in
    time: the letter is over and the case comes back to be persuaded here. Still at work: the answer is due again in the policy's days, once on
    its word, after that on its paper alone. Silence is no progress: what was waited for ends on its last day.

    Refused: an acceptance without who receives the child or without its scan, a second delay without a paper, silence before the day, an answer
    before the letter."""
    check(handover, on=told.on, text=told.text, by=by, now=now)
    today = timezone.localtime(now).date()
    if fault := answer_fault(handover, told, today=today):
        raise Refused(fault[1], code=fault[0])
    days, late = policy(district=handover.case.district_code, day=today)["away_letter_reply_days"], late_key(handover.pk, handover.reply_by)
    text, waited = hide_numbers(told.text.strip())[:1000], handover.waits_until
    columns: dict[str, dict[str, Any]] = {
        Answer.ACCEPTED: {"replied_on": told.on, "reply": text, "accepted_on": told.on, "receiving": hide_numbers(told.receiving.strip())},
        Answer.WORKING: {"replied_on": told.on, "reply": text, "reply_by": told.on + timedelta(days)},
        Answer.REFUSED: {"replied_on": told.on, "reply": text, "ended_on": told.on},
        Answer.SILENT: {"ended_on": told.on},
    }
    if not Handover.objects.filter(pk=handover.pk, accepted_on=None, ended_on=None).update(**columns[told.answer]):
        raise Refused("这件移交刚刚已经办结，请刷新后查看。", code="state")
    handover.refresh_from_db()
    label = ANSWERS[told.answer].label
    receiving = f"（{handover.receiving}）" if handover.receiving else ""
    said = f"{handover.addressee}{label}{receiving}：{text}"
    since = waited if told.answer == Answer.SILENT else None
    write(
        case=handover.case, kind=CaseEntry.Kind.REPORT, text=said, by=by, now=now, on=told.on, progress=True, files=told.files, label=label,
        counts_on=since,
    )  # fmt: skip
    if handover.ended_on is not None:
        move(case=handover.case, target=State.PERSUADING, by=by, now=now, counts_on=since)
    clocks.refresh(cases=[handover.case_id], today=today)
    settle(district=handover.case.district_code, keys=[late], now=now)
    record("answer_handover", f"登记移交答复：{label}", by=by, object_kind="case", object_id=handover.case_id, child_id=handover.case.child_id)
    return handover


def check(handover: Handover, *, on: date, text: str, by: Actor, now: datetime) -> None:
    """Refused: not the bureau's, a letter that is over, a day to come or before the letter, nothing said."""
    if not by.may(Right.SEND_LETTERS):
        raise Refused("移交户籍地由区教体局跟踪。", code="right")
    if handover.ended_on is not None or handover.accepted_on is not None:
        raise Refused("这件移交已经办结。", code="state")
    if not handover.sent_on <= on <= timezone.localtime(now).date():
        raise Refused("日期不能早于发函日，也不能晚于今天。", code="on")
    if not text.strip():
        raise Refused("请写明情况。", code="text")


def answer_fault(handover: Handover, told: Answered, *, today: date) -> tuple[str, str] | None:
    """(field, sentence) of what an answer lacks; None where it is whole. 〔DOMAIN §4〕对方书面接收前不销号"""
    if told.answer == Answer.ACCEPTED and not told.receiving.strip():
        return "receiving", "书面接收须写明接收学校或单位。"
    if told.answer == Answer.ACCEPTED and not told.files:
        return "files", "书面接收须附对方复函的扫描件。"
    if told.answer == Answer.WORKING and handover.replied_on is not None and not told.files:
        return "files", "对方已答复过一次，再次“正在办理”须附对方来函的扫描件；没有来函的，期限不延，电话催办登记为“跟踪”。"
    if told.answer == Answer.SILENT and today <= handover.reply_by:
        return "answer", f"答复期限到 {cn_date(handover.reply_by)}，还没有逾期。"
    return None


def late_key(handover: int, reply_by: date) -> str:
    """The matter of one answer that is overdue."""
    return f"handover:{handover}:{reply_by}"


def chase_handovers(*, by: Actor, today: date, now: datetime) -> int:
    """Tell the bureau of answers that are overdue, each once; the case is back on its desk. Returns how many are told anew."""
    late = Handover.objects.filter(ended_on=None, accepted_on=None, reply_by__lt=today, case__state=State.TRANSFERRED).select_related("case__child")
    return tell(
        tellings=[
            Telling(
                Address("bureau", one.case.district_code), Topic.LETTER, late_key(one.pk, one.reply_by),
                f"{one.case.child.name}：{one.addressee}逾期未答复 {one.number}", reverse("case_show", args=[one.case_id]),
            )
            for one in late
        ],
        day=today, now=now, by=by,
    )  # fmt: skip
