"""A morning of roll calls to be sent: classes of fifty, each with its teacher logged in. Every number of a class holds the class's tag."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.contrib.sessions.models import Session
from django.db import connection, transaction

from apps.accounts.models import User
from apps.core import clock
from apps.schools.actions import ensure_term
from benchmarks import ground
from benchmarks.absences import make_schools
from benchmarks.clients import FIRST, SIZE, session_key

ROWS = (
    """INSERT INTO schools_schoolclass (id, school_id, school_year, grade, name)
    SELECT %(first)s + n, (8000000000 + n / 40)::text, 2026, 1 + n %% 9, (1 + n %% 40)::text FROM generate_series(0, %(classes)s - 1) n""",
    """INSERT INTO students_child (id, name, pinyin, initials, sex, ethnicity, id_masked, guardian_name, guardian_phone, address, district_code,
        township_code, village_code, school_code, school_class_id, grade)
    SELECT c.id * 100 + n, '某' || n, 'mou', 'm', 'M', '', '', '', '', '', '530113', '530113001', '', c.school_id, c.id, c.grade
    FROM schools_schoolclass c CROSS JOIN generate_series(0, %(size)s - 1) n ORDER BY c.id""",
    """INSERT INTO attendance_seat (id, child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, away)
    SELECT id, id, district_code, township_code, village_code, school_code, school_class_id, date '2026-09-01', '' FROM students_child""",
    # The days before were taken too, with one late pupil each: an empty table would tell the planner wrong things.
    """INSERT INTO attendance_rollcall (school_class_id, school_code, district_code, day, expected, missing, is_late, taken_at, taken_title, revision)
    SELECT c.id, c.school_id, '530113', d::date, %(size)s, 0, false, d + interval '6 hours', '班主任', 1
    FROM schools_schoolclass c CROSS JOIN generate_series(timestamp '2026-09-01', timestamp '2026-09-11', interval '1 day') d
    WHERE extract(isodow FROM d) < 6 ORDER BY d, c.id""",
    """INSERT INTO attendance_mark (roll_call_id, child_id, district_code, township_code, village_code, school_code, school_class_id, day, code,
        reason, note)
    SELECT r.id, r.school_class_id * 100 + extract(day FROM r.day)::int, '530113', '530113001', '', r.school_code, r.school_class_id, r.day, 'late',
        '', '' FROM attendance_rollcall r""",
    # Nor was everybody there on each of them: one pupil of a class was missed for a day and came back; and a form was sent for every roll call.
    """INSERT INTO attendance_mark (roll_call_id, child_id, district_code, township_code, village_code, school_code, school_class_id, day, code,
        reason, note)
    SELECT r.id, r.school_class_id * 100 + 40, '530113', '530113001', '', r.school_code, r.school_class_id, r.day, 'absent', 'unexcused', ''
    FROM attendance_rollcall r WHERE r.day = '2026-09-03'""",
    """INSERT INTO attendance_absencerun (child_id, district_code, township_code, village_code, school_code, school_class_id, first_day, last_day,
        school_days, ended_on, "end")
    SELECT m.child_id, m.district_code, m.township_code, m.village_code, m.school_code, m.school_class_id, m.day, m.day, 1, m.day + 1, 'returned'
    FROM attendance_mark m WHERE m.code = 'absent'""",
    """INSERT INTO audit_submission (key, user_id, path, location, at)
    SELECT gen_random_uuid(), r.school_class_id + 1000000000, '/roll/' || r.school_class_id || '/', '/roll/' || r.school_class_id || '/', r.taken_at
    FROM attendance_rollcall r""",
    """INSERT INTO accounts_user (id, username, name, phone, district_code, is_active, must_change_password, created_at, password)
    SELECT c.id + 1000000000, 'bench' || c.id, '张老师', '', '530113', true, false, now(), 'none' FROM schools_schoolclass c""",
    """INSERT INTO accounts_post (id, user_id, role, district_code, school_id, school_class_id, starts_on, note)
    SELECT c.id + 2000000000, c.id + 1000000000, 'head_teacher', '530113', c.school_id, c.id, date '2026-08-01', '' FROM schools_schoolclass c""",
)


def make(classes: int) -> None:
    """The classes, their pupils, and their teachers with an open session each."""
    ensure_term(district="530113", code=ground.TERM)
    make_schools(8_000_000_000, classes // 40 + 1)
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in ROWS:
            cursor.execute(statement, {"first": FIRST, "classes": classes, "size": SIZE})
    proof = User.objects.get(pk=FIRST + 1_000_000_000).get_session_auth_hash()  # of the password, which is no word at all: the same for everybody
    store, ends = SessionStore(), clock.machine() + timedelta(days=1)
    Session.objects.bulk_create(
        (
            Session(session_key=session_key(tag), session_data=store.encode(held(tag, proof)), expire_date=ends)
            for tag in range(FIRST, FIRST + classes)
        ),
        batch_size=2_000,
    )


def held(tag: int, proof: str) -> dict[str, Any]:
    """What a session holds after the log-in."""
    return {
        SESSION_KEY: str(tag + 1_000_000_000), BACKEND_SESSION_KEY: "apps.accounts.queries.Known", HASH_SESSION_KEY: proof,
        "post": tag + 2_000_000_000,
    }  # fmt: skip
