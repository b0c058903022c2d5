"""The weeks of attendance of the demonstration, brought in by the same commands as real files; the answers stand beside them."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Post
from apps.attendance.actions.loading import load_roll_calls
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import Seat
from apps.attendance.queries.seats import Held
from apps.dashboards.management.demo.attendance import Attendance, Room, attend, write_csv
from apps.dashboards.management.demo.district import District
from apps.registers.actions.load import system_actor
from apps.registers.models import Entry
from apps.schools.models import Closure, OpenDay, SchoolClass, Term
from apps.schools.queries import calendar
from apps.schools.rules import is_school_day

FILES = ("attendance.csv", "attendance_corrections.csv")
# A file does not say when a roll was called: at the desk, between 13:30 and 15:07, today until a quarter past two.
TIMES = """
UPDATE attendance_rollcall r SET taken_title = '班主任', seconds = 15 + (hashint8(id + 1) & 2147483647) %% 60, is_late = minute >= 90,
    taken_at = (day + time '13:30' + minute * interval '1 minute') AT TIME ZONE 'Asia/Shanghai'
FROM (SELECT id AS roll, (hashint8(id) & 2147483647) %% CASE WHEN day = %(today)s THEN 45 ELSE 97 END AS minute FROM attendance_rollcall) t
WHERE t.roll = r.id AND r.district_code = %(district)s
"""


def bring_in(district: District, term: Term, out: Path, *, tour: str, today: date, now: datetime) -> dict[str, Any]:
    """Seats, attendance of all school days of the term up to ``today``, its corrections; the counts. {} before the first school day."""
    days = school_days(term, today)
    if not days:
        return {}
    seat_pupils(district=term.district_code, today=today, now=now, held=Held())  # no case was opened yet
    made = attend(district, days, days[-1], seed=district.seed, untaken=untaken(term, tour))
    with transaction.atomic():
        prepare(made, term)
    loaded = []
    for name, rows in zip(FILES, (made.rows, made.corrections), strict=True):
        write_csv(out / name, rows)
        if rows:
            loaded.append(
                load_roll_calls(path=out / name, district=term.district_code, by=system_actor(term.district_code), now=now, today=today, held=Held())
            )
    with connection.cursor() as cursor:
        cursor.execute(TIMES, {"today": days[-1], "district": term.district_code})
    (out / "truth_attendance.json").write_text(json.dumps(made.as_json(), ensure_ascii=False), encoding="utf-8")
    first = asdict(loaded[0])
    counts = {name: first[name] for name in ("rows", "accepted", "rejected", "new", "leaves", "problems")}
    return counts | {"corrected": sum(one.corrected for one in loaded), "runs": loaded[-1].runs, "planted": len(made.plants)}


def school_days(term: Term, today: date) -> list[date]:
    """The days of a term on which the district has school, up to ``today``."""
    known = calendar(district=term.district_code, first=term.first_day, last=today)
    span = {"first": term.first_day, "last": min(term.last_day, today)}
    every = (term.first_day + timedelta(n) for n in range((today - term.first_day).days + 1))
    return [day for day in every if is_school_day(day, calendar=known, closures=(), **span)]


def untaken(term: Term, tour: str) -> list[Room]:
    """Two classes of the walk's school whose roll call of today is still to be taken; the first is the demonstration's head teacher's."""
    own = Post.objects.get(role="head_teacher", school=tour, user__username="teacher").school_class
    rooms = SchoolClass.objects.filter(school=tour, school_year=term.school_year).exclude(pk=own.pk).order_by("-grade", "name")
    return [(tour, room.grade, int(room.name)) for room in (own, *rooms[:1])]


def prepare(made: Attendance, term: Term) -> None:
    """What the district must know before the file: a school's closure, the day made up for it, and who sat elsewhere before."""
    if made.closed and made.made_up:
        school, first, last = made.closed
        Closure.objects.create(school_id=school, first_day=first, last_day=last, reason="道路塌方，住校生返校受阻")
        OpenDay.objects.create(school_id=school, day=made.made_up, reason="补上停课的课程")
    for move in made.moves:
        child = Entry.objects.standing().filter(kind="enrollment", name=move.name, birth_date=move.born).values_list("child_id", flat=True)[0]
        seat = Seat.objects.get(child_id=child, last_day=None)
        school, grade, name = move.earlier
        earlier = SchoolClass.objects.get(school=school, school_year=term.school_year, grade=grade, name=str(name))
        Seat.objects.create(
            child_id=child, district_code=seat.district_code, township_code=seat.township_code, village_code=seat.village_code, school_id=school,
            school_class=earlier, first_day=seat.first_day, last_day=move.day - timedelta(1),
        )  # fmt: skip
        seat.first_day = move.day
        seat.save(update_fields=["first_day"])
