"""双线十二人: the posts of a district, the people who hold them, hand-over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions.advancing import begin_persuading
from apps.cases.actions.writing import write
from apps.cases.models import Case, CaseEntry, Duty, Guarantor
from apps.cases.queries.duties import answering
from apps.cases.rules.duties import DEFAULTS, fault_of_day, is_never, may_name
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.schools.models import School, SchoolClass


@dataclass(frozen=True, slots=True)
class Place:
    """For what a person is named: the district (no field), a township or village, a group of it, a school, a class of it, or one child."""

    region: str = ""
    school: School | None = None
    school_class: SchoolClass | None = None
    group: str = ""
    case: Case | None = None


@dataclass(frozen=True, slots=True)
class Named:
    """A person who takes a post."""

    duty: Duty
    name: str
    job: str = ""
    phone: str = ""


@transaction.atomic
def ensure_duties(*, district: str) -> int:
    """Give a district that has no posts yet the twelve of the default; returns how many were made.

    〔方案三（三）〕双线十二人制：名单没有公布，缺省值，由区教体局改定。"""
    if Duty.objects.filter(district_code=district).exists():
        return 0
    rows = [
        Duty(district_code=district, code=post.code, line=post.line, level=post.level, label=post.label, order=order)
        for order, post in enumerate(DEFAULTS, start=1)
    ]
    return len(Duty.objects.bulk_create(rows, ignore_conflicts=True))


@transaction.atomic
def save_duty(*, duty: Duty, by: Actor) -> Duty:
    """Write down a post, new or changed. Refused: not the bureau's, no name, or one that was held is put on another line or level (what is
    no longer wanted is put out of use; the code stays)."""
    if not by.may(Right.MANAGE_DUTIES) or by.scope.level != "district" or duty.district_code != by.scope.district:
        raise Refused("双线岗位由区教体局设定。", code="right")
    duty.label = hide_numbers(duty.label.strip())
    if not duty.label:
        raise Refused("请填写岗位名称。", code="label")
    before = Duty.objects.select_for_update().filter(pk=duty.pk).first()
    if before and (before.line, before.level) != (duty.line, duty.level) and before.holders.exists():
        raise Refused("这个岗位已有过责任人，线和层级不能再改；请停用它，另设新岗位。", code="held")
    if before is None:
        duty.code = f"own_{Duty.objects.filter(district_code=duty.district_code).count() + 1}"
        duty.order = duty.order or Duty.objects.filter(district_code=duty.district_code).count() + 1
    duty.save()
    record("save_duty", f"双线岗位：{duty.label}（{'在用' if duty.is_active else '停用'}）", by=by, object_kind="duty", object_id=duty.pk)
    return duty


@transaction.atomic
def name_people(*, place: Place, people: Sequence[Named], first_day: date, by: Actor, now: datetime) -> list[Guarantor]:
    """Name the holders of posts for a place; a case of the place that waited for nothing else is 劝返中 at once. Refused: not this post's to name,
    no name, a day too far off, or somebody holds the post there on that day already (who takes over is named by ``hand_over``). 〔方案二（一）〕责任落实到人"""
    check_place(place, by=by)
    check_day(first_day, now=now)
    made = []
    for one in people:
        check_named(one, by=by)
        if taken := standing(one.duty, place, by=by).filter(Q(last_day=None) | Q(last_day__gte=first_day)).first():
            raise Refused(f"{one.duty.label}在这里已有责任人{taken.name}，请用“交接”更换。", code="held")
        made.append(row_of(one, place, first_day=first_day, by=by, now=now))
    try:
        with transaction.atomic():
            Guarantor.objects.bulk_create(made)
    except IntegrityError as twice:
        raise Refused("这个岗位刚刚已由别人落实，请刷新后查看。", code="held") from twice
    if made:
        told = "；".join(f"{row.duty.label} {row.name}" for row in made)
        record("name_people", f"落实责任人：{told}", by=by, place=place.school.pk if place.school else place.region)
        begin_waiting(answered_at(place), by=by, now=now)
    return made


def answered_at(place: Place) -> Q:
    """The cases for which the people of a place may answer; a child without a school may be its catchment school's."""
    if place.school:
        return Q(school=place.school) | Q(school=None)
    if len(place.region) > len("530113102"):
        return Q(village_code=place.region)
    return Q(township_code=place.region) | Q(school__township=place.region) if place.region else Q()


def begin_waiting(here: Q, *, by: Actor, now: datetime) -> int:
    """Begin the persuasion of the cases of a place that stand assigned and waited only for the names just written. Returns how many."""
    today = timezone.localtime(now).date()
    return begin_persuading(today=today, now=now, by=by, cases=Case.objects.filter(here, district_code=by.scope.district).values("pk"))


@transaction.atomic
def name_for_case(*, case: Case, people: Iterable[Named], by: Actor, now: datetime) -> list[Guarantor]:
    """Name people for one child alone; only who is new is written down. Who was named before answers up to yesterday (named today: up to
    today, the later one counts) and is not forgotten. 〔方案二（三）2〕由乡镇（街道）履行主体劝返责任，责任到人"""
    today = timezone.localtime(now).date()
    place = Place(case=case)
    alone = {row.duty_id: row for row in Guarantor.objects.filter(case=case, last_day=None).select_for_update()}
    answers = answering([case], day=today)[case.pk]
    made = []
    for one in people:
        check_named(one, by=by)
        before, held = alone.get(one.duty.pk), answers.get(one.duty)
        if held and (held.name, held.phone) == (hide_numbers(one.name.strip()), hide_numbers(one.phone.strip())):
            continue  # nothing new: named for the child, or for its place
        if before:
            before.last_day = max(before.first_day, today - timedelta(1))
            before.save(update_fields=["last_day"])
        made.append(row_of(one, place, first_day=today, by=by, now=now))
    Guarantor.objects.bulk_create(made)
    if made:
        told = "；".join(f"{row.duty.label} {row.name}" for row in made)
        write(case=case, kind=CaseEntry.Kind.NOTE, text=f"落实责任人：{told}。", by=by, now=now)
        record("name_people", f"落实责任人：{told}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return made


@transaction.atomic
def take_from_posts(*, rows: Sequence[Guarantor], by: Actor, now: datetime) -> int:
    """Name the people who hold a log-in of the same kind (queries.places.free_posts); where somebody was quicker nothing changes. Returns how
    many were named."""
    kept = [row for row in rows if may_name(row.duty.level, standing_at=by.scope.level)] if by.may(Right.MANAGE_DUTIES) else []
    for row in kept:
        row.named_at, row.by_name, row.by_title = now, by.name, by.title
    Guarantor.objects.bulk_create(kept, ignore_conflicts=True)
    if kept:
        record("name_people", f"按登录岗位落实责任人 {len(kept)} 名", by=by, object_kind="duty")
        begin_waiting(Q(), by=by, now=now)
    return len(kept)


@transaction.atomic
def hand_over(*, rows: Sequence[Guarantor], last_day: date, successor: Named | None, by: Actor, now: datetime) -> list[Guarantor]:
    """A person leaves all these posts on a day, and where a successor is named, another one holds them from the next: all at once, so that no
    day is without. One whose first day nobody can have meant never began: it is taken back, and the log keeps it. Refused: not this post's, the day
    lies before the person began or too far off, or the row was ended before. 〔方案二（一）〕"""
    today = timezone.localtime(now).date()
    if not rows:
        raise Refused("请选中要交接的责任。", code="rows")
    mine = Guarantor.objects.managed_by(by.scope).unended(today)
    held = list(mine.select_for_update(of=("self",)).filter(pk__in=[row.pk for row in rows]))
    if len(held) != len(rows):
        raise Refused("有的责任已经交接过，请刷新后查看。", code="state")
    check_day(last_day, now=now)
    made = []
    for row in held:
        end(row, last_day, today=today, by=by)
        if successor:
            place = Place(row.region_code, row.school, row.school_class, row.group, row.case)
            one = Named(row.duty, successor.name, successor.job, successor.phone)
            made.append(row_of(one, place, first_day=last_day + timedelta(1), by=by, now=now))
    never = [row.pk for row in held if is_never(row.first_day, today=today)]
    Guarantor.objects.filter(pk__in=never).delete()
    Guarantor.objects.bulk_update([row for row in held if row.pk not in never], ["last_day"])
    Guarantor.objects.bulk_create(made)
    told = f"{held[0].name}任至{last_day:%Y年%-m月%-d日}" + (f"，由{made[0].name}接任" if made else "")
    for row in held:
        if row.case:
            write(case=row.case, kind=CaseEntry.Kind.NOTE, text=f"责任人交接：{row.duty.label}，{told}。", by=by, now=now)
    record("hand_over_duty", f"责任人交接 {len(held)} 项：{told}", by=by, object_kind="duty", rows=[row.pk for row in held],
           never=[f"{row.duty.label} {row.name} {row.first_day}" for row in held if row.pk in never])  # fmt: skip
    return made


def end(row: Guarantor, last_day: date, *, today: date, by: Actor) -> None:
    """The last day of a row, not stored yet; Refused where it is not this post's, or lies before the person began."""
    check_level(row.duty, by=by)
    if last_day < row.first_day and not is_never(row.first_day, today=today):
        raise Refused(f"{row.duty.label}自 {row.first_day:%Y年%-m月%-d日} 起担任，最后一天不能早于这一天。", code="day")
    row.last_day = last_day


def row_of(one: Named, place: Place, *, first_day: date, by: Actor, now: datetime) -> Guarantor:
    """The row of a person in a post for a place."""
    words = {"name": hide_numbers(one.name.strip()), "job": hide_numbers(one.job.strip()), "phone": hide_numbers(one.phone.strip())}
    return Guarantor(
        duty=one.duty, district_code=one.duty.district_code, region_code=place.region, school=place.school, school_class=place.school_class,
        case=place.case, group=hide_numbers(place.group.strip()), first_day=first_day, named_at=now, by_name=by.name, by_title=by.title, **words,
    )  # fmt: skip


def standing(duty: Duty, place: Place, *, by: Actor) -> Any:
    """Who was named for exactly this."""
    return Guarantor.objects.within(by.scope).filter(
        duty=duty, region_code=place.region, school=place.school, school_class=place.school_class, case=place.case, group=place.group.strip()
    )


def check_named(one: Named, *, by: Actor) -> None:
    """Whose it is to name, and that somebody is named."""
    check_level(one.duty, by=by)
    if not one.name.strip():
        raise Refused(f"请填写{one.duty.label}的姓名。", code="name")


def check_day(day: date, *, now: datetime) -> None:
    """Refuse a day too far back or ahead."""
    if fault := fault_of_day(day, today=timezone.localtime(now).date()):
        raise Refused(fault, code="day")


def check_level(duty: Duty, *, by: Actor) -> None:
    """Refuse a post of another district, and one that a higher place names."""
    if duty.district_code != by.scope.district or not by.may(Right.MANAGE_DUTIES) or not may_name(duty.level, standing_at=by.scope.level):
        raise Refused(f"{duty.label}不由您的岗位落实。", code="right")


def check_place(place: Place, *, by: Actor) -> None:
    """Refuse a place that is not this post's."""
    scope = by.scope
    inside = {
        "district": place.region.startswith(scope.district) or not place.region,
        "township": place.region.startswith(scope.township) if place.school is None else place.school.pk in scope.schools,
        "school": place.school is not None and place.school.pk == scope.school,
    }.get(scope.level, False)
    foreign = place.school is not None and place.school.district_code != scope.district
    if not inside or foreign:
        raise Refused("这个地方不归您的岗位落实。", code="place")
