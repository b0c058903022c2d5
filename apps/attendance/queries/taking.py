"""What taking the roll of a class asks and writes: few statements that stay planned, for every class is taken within the same hour."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from apps.attendance.models import RollCall
from apps.core.prepared import columns, made, prepared
from apps.core.scope import Level, Scope
from apps.schools.models import School, SchoolClass
from apps.schools.policy import Policy

# The class where the post works with its school (as ``rolls.classes_of``), what decides whether it has school (as ``rolls.on_day``), who sits in it
# and the numbers of its district.
SHEET = """
SELECT {columns}, EXISTS (
        SELECT 1 FROM schools_termspan p JOIN schools_term t ON t.id = p.term_id WHERE t.district_code = s.district_code
            AND left(t.code, 4) = k.school_year::text AND k.grade BETWEEN p.grade_from AND p.grade_to
            AND %(day)s BETWEEN p.first_day AND p.last_day) AS in_term,
    (SELECT c.reason FROM schools_closure c WHERE c.school_id = s.code AND %(day)s BETWEEN c.first_day AND c.last_day
        ORDER BY c.first_day DESC LIMIT 1) AS closed_because,
    d.is_school_day AS calendar_says, d.note AS calendar_note,
    EXISTS (SELECT 1 FROM schools_openday o WHERE o.school_id = s.code AND o.day = %(day)s) AS opens_itself,
    EXISTS (SELECT 1 FROM attendance_rollcall r WHERE r.school_class_id = k.id AND r.day = %(day)s) AS is_taken,
    sat.children, sat.townships, sat.villages, n.keys, n.amounts, n.since
FROM schools_schoolclass k JOIN schools_school s ON s.code = k.school_id
LEFT JOIN schools_calendarday d ON d.district_code = s.district_code AND d.day = %(day)s
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(t.child_id), '{{}}') AS children, array_agg(t.township_code) AS townships, array_agg(t.village_code) AS villages
    FROM attendance_seat t WHERE t.school_class_id = k.id AND t.away = '' AND t.first_day <= %(day)s AND coalesce(t.last_day, %(day)s) >= %(day)s
        AND {seats}) sat
CROSS JOIN LATERAL (
    SELECT coalesce(array_agg(v.key ORDER BY v.effective_from), '{{}}') AS keys, array_agg(v.value ORDER BY v.effective_from) AS amounts,
        array_agg(v.effective_from ORDER BY v.effective_from) AS since
    FROM schools_policyvalue v WHERE v.district_code = s.district_code) n
WHERE k.id = %(room)s AND {rooms}
"""
ROOMS = {
    Level.DISTRICT: "s.district_code = %(scope_district)s",
    Level.TOWNSHIP: "s.township_id = %(scope_township)s",
    Level.VILLAGE: "s.township_id = %(scope_township)s",
    Level.SCHOOL: "s.code = %(scope_school)s",
    Level.CLASS: "s.code = %(scope_school)s AND k.id = %(scope_class)s",
}
COLUMNS = f"{columns(SchoolClass, 'k')}, {columns(School, 's')}"
FACTS = ("in_term", "closed_because", "calendar_says", "calendar_note", "opens_itself")  # as ``rolls.why_closed`` reads them from a class
# Where nobody was faster: the roll call; and whether anything hangs on it beside the marks: notices that it was missing, slips of a roll of this day
# (of another class, where a pupil moved), runs of absence that may end or change.
TAKE = """
WITH taken AS (
    INSERT INTO attendance_rollcall (school_class_id, school_code, district_code, day, expected, missing, is_late, seconds, taken_at, taken_by_id,
        taken_title, revision)
    VALUES (%(room)s, %(school)s, %(district)s, %(day)s, %(expected)s, %(missing)s, %(is_late)s, %(seconds)s, %(taken_at)s, %(taken_by)s,
        %(taken_title)s, 1)
    ON CONFLICT (school_class_id, day) DO NOTHING RETURNING id)
SELECT id, EXISTS (SELECT 1 FROM notices_notice n WHERE n.district_code = %(district)s AND n.settled_at IS NULL
        AND (n.key = ANY(%(keys)s) OR n.topic = 'roll_missing' AND n.day = %(day)s AND n.school_code IS NULL)),
    EXISTS (SELECT 1 FROM attendance_leave v WHERE v.child_id = ANY(%(children)s::bigint[]) AND v.last_day = %(day)s AND v.is_from_roll
        AND v.state IN ('asked', 'approved') AND v.returned_on IS NULL),
    ARRAY(SELECT a.child_id FROM attendance_absencerun a WHERE a.child_id = ANY(%(children)s::bigint[])
        AND (a.ended_on IS NULL OR a.ended_on >= %(day)s))
FROM taken
"""
MARKS = """
INSERT INTO attendance_mark (roll_call_id, district_code, school_code, school_class_id, day, child_id, township_code, village_code, code, reason,
    note)
SELECT %(roll_call)s, %(district)s, %(school)s, %(room)s, %(day)s, m.*
FROM unnest(%(children)s::bigint[], %(townships)s::text[], %(villages)s::text[], %(codes)s::text[], %(reasons)s::text[], %(notes)s::text[]) m
"""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A class on a day as it stands before its roll is taken."""

    room: SchoolClass  # with its school, and with what ``rolls.why_closed`` asks
    day: date
    is_taken: bool
    homes: dict[int, tuple[str, str]]  # child -> township and village, of everybody expected
    numbers: tuple[tuple[str, int, date], ...]  # the district's own numbers: key, value, since when

    @property
    def policy(self) -> Policy:
        """The numbers in force on the day."""
        return Policy({key: value for key, value, since in self.numbers if since <= self.day})

    def since(self, key: str) -> list[tuple[date, int]]:
        """A number from when on, the default first, as ``schools.queries.values_since``."""
        return [(date.min, Policy({})[key]), *((since, value) for name, value, since in self.numbers if name == key)]


@dataclass(frozen=True, slots=True)
class Begun:
    """A roll call that was written, and what else hangs on it."""

    pk: int
    is_missed: bool
    has_slips: bool
    running: list[int]


def sheet_of(class_id: int, *, day: date, scope: Scope) -> Sheet | None:
    """A class that a post may see, on a day; None for every other. One statement."""
    seats, values = scope.sql("t")
    text = SHEET.format(columns=COLUMNS, seats=seats, rooms=ROOMS.get(scope.level, "FALSE"))
    with prepared() as cursor:
        cursor.execute(text, values | {"room": class_id, "day": day})
        row = cursor.fetchone()
    if row is None:
        return None
    told = iter(row)
    room = made(SchoolClass, told)
    room.school = made(School, told)
    vars(room).update(zip(FACTS, told, strict=False))
    is_taken, children, townships, villages, keys, amounts, since = row[-7:]
    homes = dict(zip(children, zip(townships, villages, strict=True), strict=True)) if children else {}
    return Sheet(room, day, is_taken, homes, tuple(zip(keys, amounts, since, strict=True)) if keys else ())


def begin(taken: RollCall, *, children: Collection[int], keys: Collection[str]) -> Begun | None:
    """Write a roll call; None where the class-day has one already. Waits for whoever is writing it at the same moment."""
    values: dict[str, Any] = {
        "room": taken.school_class_id, "school": taken.school_id, "district": taken.district_code, "day": taken.day, "expected": taken.expected,
        "missing": taken.missing, "is_late": taken.is_late, "seconds": taken.seconds, "taken_at": taken.taken_at, "taken_by": taken.taken_by_id,
        "taken_title": taken.taken_title, "children": list(children), "keys": list(keys),
    }  # fmt: skip
    with prepared() as cursor:
        cursor.execute(TAKE, values)
        row = cursor.fetchone()
    return Begun(*row) if row else None


def write_marks(taken: RollCall, marks: Iterable[tuple[int, tuple[str, str], str, str, str]]) -> None:
    """Write the exceptions of a roll call: child, its home, code, reason, note."""
    if not (rows := list(marks)):
        return
    children, homes, codes, reasons, notes = (list(column) for column in zip(*rows, strict=True))
    values: dict[str, Any] = {
        "roll_call": taken.pk, "district": taken.district_code, "school": taken.school_id, "room": taken.school_class_id, "day": taken.day,
        "children": children, "townships": [township for township, _ in homes], "villages": [village for _, village in homes],
        "codes": codes, "reasons": reasons, "notes": notes,
    }  # fmt: skip
    with prepared() as cursor:
        cursor.execute(MARKS, values)
