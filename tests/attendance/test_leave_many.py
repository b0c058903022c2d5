"""The list of leaves over a whole district and year, and a page that takes too long."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from apps.attendance.models import Leave, Seat
from apps.attendance.queries import leaving
from apps.schools.models import SchoolClass
from tests.attendance.test_rolls import room as room
from tests.cast import Cast
from tests.factories.children import child as make_child

MANY = """
INSERT INTO attendance_leave (child_id, district_code, township_code, village_code, school_code, school_class_id, number, kind, first_day, last_day,
    school_days, facts, guardian_name, guardian_phone, is_from_roll, state, approver, asked_at, asked_name, asked_title, decided_at, decided_name,
    decided_title, decision)
SELECT s.child_id, s.district_code, s.township_code, s.village_code, s.school_code, s.school_class_id, '', 'sick', d.day, d.day, 1, '', '', '', false,
    'approved', '', now(), '', '', now(), '', '', ''
FROM attendance_seat s, generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS g (at), LATERAL (SELECT g.at::date AS day) d;
INSERT INTO attendance_rollcall (school_class_id, school_code, district_code, day, expected, missing, is_late, taken_at, taken_title, revision)
SELECT DISTINCT ON (s.school_class_id, d.day) s.school_class_id, s.school_code, s.district_code, d.day, 5, 5, false, now(), '', 1
FROM attendance_seat s, generate_series(%(first)s::date, %(last)s::date, interval '1 day') AS g (at), LATERAL (SELECT g.at::date AS day) d;
INSERT INTO attendance_mark (child_id, district_code, township_code, village_code, school_code, school_class_id, roll_call_id, day, code, reason, note)
SELECT s.child_id, s.district_code, s.township_code, s.village_code, s.school_code, s.school_class_id, r.id, r.day, 'absent', 'sick', ''
FROM attendance_seat s JOIN attendance_rollcall r ON r.school_class_id = s.school_class_id;
INSERT INTO attendance_absencerun (child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, last_day, school_days,
    "end")
SELECT s.child_id, s.district_code, s.township_code, s.village_code, s.school_code, s.school_class_id, %(last)s::date, %(last)s::date, 1, ''
FROM attendance_seat s ORDER BY s.id LIMIT 5;
"""


@pytest.mark.parametrize("state", ["", "all", "overdue"])
def test_a_year_of_leaves_of_a_whole_district_comes_at_once(cast: Cast, room: SchoolClass, state: str) -> None:
    """14 000 leaves of one year: the page once read every leave for every mark."""
    for n in range(75):
        pupil = make_child(school_class=room, village=cast.home.villages[0].code, name=f"多测{n}")
        Seat.objects.create(
            child=pupil, district_code="530113", township_code=pupil.township_code, village_code=pupil.village_code, school=room.school,
            school_class=room, first_day=date(2026, 9, 1),
        )  # fmt: skip
    client = cast.client("bureau")
    with connection.cursor() as cursor:
        cursor.execute(MANY % {"first": "'2026-05-18'", "last": "'2026-11-20'"})
        cursor.execute("ANALYZE attendance_leave, attendance_mark, attendance_rollcall, attendance_seat, attendance_absencerun, students_child")
        cursor.execute("SET LOCAL statement_timeout = '3s'")
    assert Leave.objects.count() > 14_000
    with CaptureQueriesContext(connection) as asked:
        answer = client.get(reverse("leave_list"), {"state": state, "page": 3 if state == "all" else 1})
    assert answer.status_code == 200 and len(asked) <= 15, len(asked)
    assert answer.context["page"].paginator.count == (Leave.objects.count() if state == "all" else 0)


def test_a_page_whose_statement_takes_too_long_says_so(cast: Cast, room: SchoolClass, monkeypatch: pytest.MonkeyPatch) -> None:
    def slow(*args: Any, **kwargs: Any) -> None:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = '20ms'")
            cursor.execute("SELECT pg_sleep(2)")

    monkeypatch.setattr(leaving, "listed", slow)
    answer = cast.client("bureau").get(reverse("leave_list"))
    assert answer.status_code == 503 and "查询太久，已停止" in answer.content.decode()
