"""The roll calls of a day: for a school its classes, for a township its schools, for the bureau the townships."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.dateparse import parse_date

from apps.attendance.actions import chasing
from apps.attendance.forms.rolling import value_of, words_of
from apps.attendance.queries import board as boards
from apps.attendance.queries import rolls
from apps.attendance.queries.board import ClassDay, Tally
from apps.attendance.queries.readable import readable
from apps.core import clock
from apps.core.errors import Refused
from apps.core.medical import reader
from apps.core.pages import ActingRequest, page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_date, weekday
from apps.schools.models import Region, School
from apps.schools.queries import townships

PER_PAGE = 50
WHICH: dict[str, tuple[str, Callable[[ClassDay], bool]]] = {
    "all": ("有课的班", lambda row: True), "in_time": ("截止前已点名的班", lambda row: row.taken_at is not None and not row.is_late),
    "late": ("逾时点名的班", lambda row: row.taken_at is not None and row.is_late), "open": ("未点名的班", lambda row: row.taken_at is None),
}  # fmt: skip
EARLIEST = date(2000, 1, 1)  # no roll call is older; the day before a day of the address must be one


def asked_day(request: Any) -> date:
    """The day of the address, else today; today, for a day to come or none at all."""
    try:
        asked = parse_date(request.GET.get("day", ""))
    except ValueError:
        asked = None
    return max(min(asked or clock.today(), clock.today()), EARLIEST)


def board(request: Any) -> HttpResponse:
    """The board of a day, drilled to a township or a school where the address names one that the post may see."""
    scope, day = request.actor.scope, asked_day(request)
    if wanted := WHICH.get(request.GET.get("which", "")):
        return classes(request, day, *wanted)
    school = School.objects.within(scope).filter(pk=scope.school or request.GET.get("school", "")).select_related("township").first()
    if school:
        told = of_school(request, school, day)
    else:
        asked = request.GET.get("township", "") if scope.level == Level.DISTRICT else ""
        told = of_places(request, Region.objects.within(scope).filter(pk=asked, level=Region.Level.TOWNSHIP).first() if asked else None, day)
    return render(request, "attendance/school.html" if school else "attendance/board.html", told | words(told["total"], day))


def classes(request: Any, day: date, title: str, wanted: Callable[[ClassDay], bool]) -> HttpResponse:
    """The classes of the scope behind one number of the dashboard."""
    found = [row for row in boards.class_days(scope=request.actor.scope, day=day) if wanted(row)]
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    told = {
        "title": title,
        "page": listed,
        "sub": f"{cn_date(day)} {weekday(day)}",
        "day": day,
        "up_url": f"{reverse('roll_today')}?{urlencode({'day': day})}",
    }
    return render(request, "attendance/class_list.html", told)


def words(total: Tally, day: date) -> dict[str, Any]:
    """The day, and what its figures mean."""
    return {
        "day": day, "before": day - timedelta(1), "after": day + timedelta(1) if day < clock.today() else None,
        "sub": f"{cn_date(day)} {weekday(day)}", "taken_words": f"{total.classes} 个班，已点名 {total.taken}，其中逾时 {total.late}",
        "reason_words": total.reasons, "rate_words": f"只按已点名的 {total.taken} 个班、应到 {total.expected} 人计算",
        "contact_tone": "bad" if total.uncontacted else "ok",
    }  # fmt: skip


def of_places(request: Any, township: Region | None, day: date) -> dict[str, Any]:
    """The townships of a district, or the schools of one township."""
    scope = request.actor.scope
    rows = boards.class_days(scope=scope, day=day)
    if scope.level == Level.DISTRICT and township is None:
        names, column = {place.pk: place.name for place in townships(scope.district)}, "township"
    else:
        rows = [row for row in rows if township is None or row.township == township.pk]
        names, column = {row.school_code: row.school for row in rows}, "school"
    return {
        "total": boards.total(rows), "column": column, "township": township, "may_go_up": scope.level == Level.DISTRICT,
        "places": boards.by_place(rows, names, column="school_code" if column == "school" else "township"),
        "up_url": f"{reverse('roll_today')}?{urlencode({'day': day})}", "place": urlencode({"township": township.pk}) if township else "",
    }  # fmt: skip


def of_school(request: Any, school: School, day: date) -> dict[str, Any]:
    """The classes of a school and whoever is missing."""
    scope = request.actor.scope
    rows = boards.class_days(scope=scope, day=day, schools=[school.pk])
    absent = readable(boards.absent_pupils(scope=scope, day=day, schools=[school.pk]), reader(request.actor.rights))
    up = {"township": school.township_id} if scope.level == Level.DISTRICT else {}
    return {
        "school": school, "rows": rows, "total": boards.total(rows), "may_go_up": not scope.school,
        "absent": [{"mark": one, "words": words_of(value_of(one.code, one.reason)), "contact": boards.contact_of(one)} for one in absent],
        "may_remind": request.actor.may(Right.CORRECT_ROLL_CALLS) and day == clock.today(),
        "up_url": f"{reverse('roll_today')}?{urlencode({**up, 'day': day})}", "place": urlencode({"school": school.pk}),
    }  # fmt: skip


@page(Right.CORRECT_ROLL_CALLS, methods=("POST",))
def roll_remind(request: ActingRequest, class_id: int) -> HttpResponse:
    """Remind the teachers of one class, today."""
    room = rolls.classes_of(request.actor.scope).select_related("school").filter(pk=class_id).first()
    if room is None:
        raise Http404
    try:
        names = chasing.remind(room=room, by=request.actor, day=clock.today(), now=clock.now())
    except Refused as refusal:
        messages.warning(request, refusal.sentence)
    else:
        messages.success(request, f"已提醒{'、'.join(names)}给{room}点名。")
    return redirect("roll_today")
