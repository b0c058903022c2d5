"""送教上门: a plan for a school year, its lessons, a lesson taken back, the end; and who is told that lessons are missing."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.advancing import advance
from apps.cases.actions.writing import attach, write
from apps.cases.models import Case, CaseEntry, HomeTeaching, Lesson, Placement
from apps.cases.queries import teaching as queries
from apps.cases.rules.teaching import quota
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile
from apps.core.scope import SYSTEM, Actor
from apps.core.templatetags.zaixue import cn_date
from apps.notices.actions import Address, Telling, tell
from apps.notices.rules import Topic
from apps.schools.models import SchoolClass
from apps.schools.queries import policy
from apps.schools.rules import term_of
from apps.students.models import Child


@dataclass(frozen=True, slots=True)
class Planned:
    """A plan as somebody makes it."""

    lessons: int
    teachers: str
    plan: str
    first_day: date
    last_day: date
    room: SchoolClass | None = None


@dataclass(frozen=True, slots=True)
class Given:
    """A visit: what was taught, who signed for it, photograph and signature."""

    day: date
    teachers: str
    lessons: int
    content: str
    guardian: str
    photos: Sequence[ProofFile] = field(default_factory=tuple)
    signature: Sequence[ProofFile] = field(default_factory=tuple)


@transaction.atomic
def plan(*, child: Child, planned: Planned, by: Actor, now: datetime) -> HomeTeaching:
    """Plan a school year of lessons at home for a child of the acting school, with or without a case. Refused: fewer lessons than the policy's
    least, days that cannot be, a second plan in the year. 〔方案二（六）〕送教上门"""
    today = timezone.localtime(now).date()
    year = check_plan(child, planned, by=by, today=today)
    case = Case.objects.filter(child__in=Child.objects.family(child.pk)).open().first()
    where = {name: getattr(child, name) for name in ("district_code", "township_code", "village_code")}
    try:
        with transaction.atomic():
            made: HomeTeaching = HomeTeaching.objects.create(
                child=child, case=case, school_id=by.scope.school, school_class=planned.room or child.school_class,
                school_year=year, lessons=planned.lessons, teachers=hide_numbers(planned.teachers), plan=hide_numbers(planned.plan),
                first_day=planned.first_day, last_day=planned.last_day, by_name=by.name, by_title=by.title, **where,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("这名学生本学年已有送教计划。", code="twice") from twice
    if case:
        said = f"送教计划：{planned.lessons} 课时，{cn_date(planned.first_day)}至{cn_date(planned.last_day)}，送教教师{planned.teachers}。"
        write(case=case, kind=CaseEntry.Kind.DOCUMENT, text=said, by=by, now=now)  # a plan is no lesson: no progress
        clocks.refresh(cases=[case.pk], today=today)
    record("plan_home_teaching", "订立送教计划", by=by, object_kind="home_teaching", object_id=made.pk, child_id=child.pk)
    return made


def check_plan(child: Child, planned: Planned, *, by: Actor, today: date) -> int:
    """The school year of a plan; Refused with a sentence that says what is wrong."""
    if not by.scope.school or child.district_code != by.scope.district:
        raise Refused("送教计划由学校订立。", code="school")
    if planned.last_day < planned.first_day:
        raise Refused("结束日不能早于起始日。", code="last_day")
    if term_of(planned.last_day).year != (year := term_of(planned.first_day).year):
        raise Refused("一份计划只管一个学年，跨学年的请分开订。", code="last_day")
    if HomeTeaching.objects.filter(child__in=Child.objects.family(child.pk), school_year=year, ended_on=None).exists():
        raise Refused("这名学生本学年已有送教计划。", code="twice")
    numbers = policy(district=child.district_code, day=today)
    least = quota(numbers["home_teaching_lessons_low"], first=planned.first_day, last=planned.last_day)
    if planned.lessons < least:
        raise Refused(f"计划课时不能少于 {least}（每学年最低 {numbers['home_teaching_lessons_low']} 课时，按起止日折算）。", code="lessons")
    return year


@transaction.atomic
def give(*, plan: HomeTeaching, given: Given, by: Actor, now: datetime) -> Lesson:
    """Write down a visit with its photograph and the guardian's signature. Refused: a plan that ended, a day outside it or still to come, no
    photograph, no signature. 〔方案二（六）〕送教上门：授课有记录、家长签字"""
    today = timezone.localtime(now).date()
    check_lesson(plan, given, today=today)
    made: Lesson = Lesson.objects.create(
        plan=plan, day=given.day, teachers=hide_numbers(given.teachers), lessons=given.lessons, content=hide_numbers(given.content),
        guardian=hide_numbers(given.guardian), written_at=now, by_name=by.name, by_title=by.title,
    )  # fmt: skip
    attach(files=given.photos, by=by, now=now, label="送教照片", lesson=made)
    attach(files=given.signature, by=by, now=now, label="家长签字", lesson=made)
    in_ledger(plan, f"送教 {given.lessons} 课时（{given.teachers}）：{given.content}", by=by, now=now, on=given.day, progress=True, lesson=made.pk)
    if plan.case_id:  # the first lesson is what a placement apart from the class begins with
        advance(today=today, now=now, cases=[plan.case_id])
    record("give_lesson", f"登记送教 {given.lessons} 课时", by=by, object_kind="home_teaching", object_id=plan.pk, child_id=plan.child_id)
    return made


def check_lesson(plan: HomeTeaching, given: Given, *, today: date) -> None:
    """Refused with a sentence that says what is wrong."""
    last = min(today, plan.last_day, plan.ended_on or plan.last_day)
    if not plan.first_day <= given.day <= last:
        raise Refused(f"送教日期应在{cn_date(plan.first_day)}和{cn_date(last)}之间。", code="day")
    if not given.photos:
        raise Refused("请附送教照片。", code="photos")
    if not given.signature:
        raise Refused("请附家长签字的照片。", code="signature")


@transaction.atomic
def take_back(*, lesson: Lesson, text: str, by: Actor, now: datetime) -> Lesson:
    """A lesson written down wrongly counts no more; both lines stay. Refused: nothing said, taken back already. 〔DOMAIN §4〕更正是新的记录"""
    if not text.strip():
        raise Refused("请写明为什么作废。", code="text")
    if lesson.voids_id is not None:
        raise Refused("这一行本身就是作废记录。", code="state")
    try:
        with transaction.atomic():
            made: Lesson = Lesson.objects.create(
                plan=lesson.plan, day=lesson.day, teachers=lesson.teachers, lessons=lesson.lessons, content=hide_numbers(f"作废：{text}")[:500],
                guardian=lesson.guardian, voids=lesson, written_at=now, by_name=by.name, by_title=by.title,
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("这一次送教已经作废。", code="twice") from twice
    said = f"作废{cn_date(lesson.day)}的送教记录（{lesson.lessons} 课时）：{text}"
    in_ledger(lesson.plan, said, by=by, now=now, on=timezone.localtime(now).date(), kind=CaseEntry.Kind.CORRECTION, voids=lesson.pk)
    record("void_lesson", said, by=by, object_kind="home_teaching", object_id=lesson.plan_id, child_id=lesson.plan.child_id)
    return made


@transaction.atomic
def end(*, plan: HomeTeaching, on: date, text: str, by: Actor, now: datetime) -> HomeTeaching:
    """End a plan before its last day: the child is back in class, or taught otherwise. Refused: nothing said, a day that cannot be, ended already."""
    today = timezone.localtime(now).date()
    if not text.strip():
        raise Refused("请写明为什么终止。", code="text")
    if not plan.first_day <= on <= min(today, plan.last_day):
        raise Refused(f"终止日应在{cn_date(plan.first_day)}和{cn_date(min(today, plan.last_day))}之间。", code="on")
    if not HomeTeaching.objects.filter(pk=plan.pk, ended_on=None).update(ended_on=on):
        raise Refused("这份送教计划已经终止。", code="state")
    in_ledger(plan, f"终止送教计划（{cn_date(on)}）：{text}", by=by, now=now, on=on)
    record("end_home_teaching", f"终止送教计划：{text}", by=by, object_kind="home_teaching", object_id=plan.pk, child_id=plan.child_id)
    plan.refresh_from_db()
    return plan


def in_ledger(
    plan: HomeTeaching, text: str, *, by: Actor, now: datetime, on: date, progress: bool = False, kind: CaseEntry.Kind = CaseEntry.Kind.NOTE,
    lesson: int | None = None, voids: int | None = None,
) -> None:  # fmt: skip
    """What happened, in the ledger of the case where the plan has one that is open: ``lesson`` was given, or the line of one is taken back."""
    if plan.case and plan.case.is_open:
        here = Q(case=plan.case) | Q(case__merged_into=plan.case)
        line = CaseEntry.objects.filter(here, data__lesson=voids).first() if voids else None
        told: dict[str, Any] = {"lesson": lesson} if lesson else {}
        back = [line.pk] if line else []
        write(case=plan.case, kind=kind, text=text, by=by, now=now, on=on, progress=progress, corrects=line, takes_back=back, **told)
        clocks.refresh(cases=[plan.case.pk], today=timezone.localtime(now).date())


@transaction.atomic
def warn_of_missing(*, today: date, now: datetime) -> int:
    """Tell head teacher and principal once a month of every running plan whose lessons are in arrears. Returns how many notices are new.

    〔方案二（六）〕课时不足的预警。"""
    plans = queries.running(today=today)
    standing = queries.standings(plans, today=today)
    late = [one for one in plans if standing[one.pk].missing]
    return tell(tellings=[t for one in late for t in missing_told(one, standing[one.pk], today)], day=today, now=now, by=SYSTEM)


def missing_told(plan: HomeTeaching, standing: queries.Standing, today: date) -> Iterator[Telling]:
    """One sentence to each of the two."""
    said = f"{plan.child.name}的送教：截至上周末应送 {standing.due} 课时，已送 {standing.given}，欠 {standing.missing}。请补上。"
    key, link = f"lessons:{plan.pk}:{today:%Y-%m}", reverse("home_show", args=[plan.pk])
    if plan.school_class_id:
        to = Address("head_teacher", plan.district_code, school=plan.school_id, school_class=plan.school_class_id)
        yield Telling(to, Topic.LESSONS, key, said, link)
    yield Telling(Address("principal", plan.district_code, school=plan.school_id), Topic.LESSONS, key, said, link)


@transaction.atomic
def remind_of_reviews(*, today: date, now: datetime) -> int:
    """Tell the principal once that the review day of a placement has come. Returns how many notices are new. 〔方案二（五）〕分类安置"""
    due = Placement.objects.filter(ended_on=None, review_on__lte=today).select_related("case__child").order_by("pk")
    tellings = [
        Telling(
            Address("principal", one.case.district_code, school=one.school_id), Topic.REVIEW, f"review:{one.pk}:{one.review_on}",
            f"{one.case.child.name}的安置（{one.get_kind_display()}）应于{cn_date(one.review_on)}复核。", reverse("case_show", args=[one.case_id]),
        )
        for one in due if one.case.is_open
    ]  # fmt: skip
    return tell(tellings=tellings, day=today, now=now, by=SYSTEM)
