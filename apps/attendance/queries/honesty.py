"""Roll calls that an inspector may want to look into: four questions over a district's last weeks, one statement each.

〔方案三（三）〕督查点名是否属实。每一条都是提示，不是结论：理由写在旁边，点开是当天的点名。
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.db import connection

from apps.attendance.models import Mark, RollCall
from apps.attendance.queries.excuses import covered, excuses
from apps.core.scope import Scope
from apps.schools.models import SchoolClass
from apps.schools.policy import Policy

FEW = 10  # pupils: of fewer one sees at a glance who is missing
KINDS = {"full": "天天全勤", "fast": "点名过快", "same": "名单雷同", "leave": "请假却到校", "elsewhere": "已离校却到校"}

# Rolls of the district in the window, and per pupil the days without a mark of absence.
FULL = """
SELECT r.school_class_id, count(*), max(r.expected) FROM attendance_rollcall r
WHERE r.district_code = %(district)s AND r.day BETWEEN %(since)s AND %(today)s
GROUP BY 1 HAVING count(*) >= %(full_days)s AND sum(r.missing) = 0
    AND NOT EXISTS (SELECT 1 FROM attendance_mark m WHERE m.school_class_id = r.school_class_id AND m.day BETWEEN %(since)s AND %(today)s)
"""
FAST = """
SELECT r.school_class_id, count(*) FILTER (WHERE r.seconds < %(seconds)s), count(*) FROM attendance_rollcall r
WHERE r.district_code = %(district)s AND r.day BETWEEN %(since)s AND %(today)s AND r.expected >= %(few)s
GROUP BY 1 HAVING count(*) FILTER (WHERE r.seconds < %(seconds)s) >= %(fast_times)s
"""
# One list again and again: two pupils at least, those on approved leave left out (their absence is known and may well repeat).
SAME = f"""
WITH lists AS (
    SELECT r.school_class_id, r.day, row_number() OVER (PARTITION BY r.school_class_id ORDER BY r.day) AS number, coalesce(l.pupils, 0) AS pupils,
        l.list
    FROM attendance_rollcall r LEFT JOIN LATERAL (
        SELECT count(*) AS pupils, string_agg(concat_ws(':', m.child_id, m.code, m.reason), ' ' ORDER BY m.child_id) AS list
        FROM attendance_mark m WHERE m.roll_call_id = r.id AND NOT {covered("m")}
    ) l ON TRUE
    WHERE r.district_code = %(district)s AND r.day BETWEEN %(since)s AND %(today)s
), islands AS (
    SELECT l.*, number - row_number() OVER (PARTITION BY school_class_id, list ORDER BY number) AS island FROM lists l WHERE l.pupils >= 2
), runs AS (
    SELECT school_class_id, count(*) AS days, max(pupils) AS pupils FROM islands GROUP BY school_class_id, list, island
)
SELECT DISTINCT ON (school_class_id) school_class_id, days, pupils FROM runs WHERE days >= %(same_days)s ORDER BY school_class_id, days DESC
"""
# Class-days on which a pupil was counted as there: (class, day, pupil), {room} narrows to one class.
ON_LEAVE = f"""
    SELECT DISTINCT r.school_class_id, r.day, coalesce(w.merged_into_id, w.id) AS child_id FROM attendance_leave v
    JOIN students_child w ON w.id = v.child_id JOIN attendance_seat s ON s.child_id IN (w.id, w.merged_into_id) AND s.away = ''
    JOIN attendance_rollcall r ON r.school_class_id = s.school_class_id AND {excuses("r.day")}
        AND r.day >= s.first_day AND r.day <= coalesce(s.last_day, r.day)
    WHERE v.district_code = %(district)s AND v.last_day >= %(since)s AND r.day BETWEEN %(since)s AND %(today)s {{room}}
        AND NOT EXISTS (SELECT 1 FROM attendance_mark m WHERE m.roll_call_id = r.id AND m.child_id IN (w.id, w.merged_into_id))"""
# The pupil sits in this class, while a line in force says that it left (转出、休学) or learns in another school.
ELSEWHERE = """
    SELECT DISTINCT r.school_class_id, r.day, s.child_id FROM registers_entry e
    JOIN students_child c ON c.id = e.child_id
    JOIN attendance_seat s ON s.child_id = coalesce(c.merged_into_id, c.id) AND s.away = ''
    JOIN attendance_rollcall r ON r.school_class_id = s.school_class_id AND r.day >= s.first_day AND r.day <= coalesce(s.last_day, r.day)
    WHERE e.district_code = %(district)s AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL AND r.day BETWEEN %(since)s AND %(today)s {room}
        AND (e.kind = 'enrollment' AND e.state IN ('transferred_out', 'suspension') OR e.kind = 'attending' AND e.school_code <> s.school_code)
        AND NOT EXISTS (
            SELECT 1 FROM attendance_mark m WHERE m.roll_call_id = r.id AND m.child_id = s.child_id AND m.code IN ('absent', 'leave'))"""
COUNTED = "SELECT school_class_id, count(*), count(DISTINCT child_id) FROM ({present}) present GROUP BY 1"
PUPILS = f"""
SELECT p.day, c.name, p.why FROM (
    SELECT l.*, '准假期间点为到校' AS why FROM ({ON_LEAVE}) l UNION ALL SELECT e.*, '名册记为转出、休学或在别校，点为到校' FROM ({ELSEWHERE}) e
) p JOIN students_child c ON c.id = p.child_id ORDER BY p.day, c.name
""".format(room="AND r.school_class_id = %(room)s")
# kind -> statement, and what its two figures say
QUESTIONS = (
    ("full", FULL, "近 {span} 天点名 {0} 次，没有一人次缺勤、迟到、请假（应到 {1} 人）"),
    ("fast", FAST, "近 {span} 天点名 {1} 次，其中 {0} 次从打开到提交不足 {seconds} 秒"),
    ("same", SAME, "连续 {0} 次点名的缺勤名单完全相同（{1} 人）"),
    ("leave", COUNTED.format(present=ON_LEAVE.format(room="")), "{1} 名学生在准假期间被点为到校，共 {0} 人次"),
    ("elsewhere", COUNTED.format(present=ELSEWHERE.format(room="")), "{1} 名学生的名册记为转出、休学或在别校就读，点名却记为到校，共 {0} 人次"),
)


@dataclass(slots=True)
class Hint:
    """A class with the reasons to look into its roll calls: kind -> sentence."""

    room: SchoolClass
    whys: dict[str, str] = field(default_factory=dict)


def window(numbers: Policy, today: date) -> date:
    """The first day that is looked at."""
    return today - timedelta(numbers["honesty_days"])


def hints(scope: Scope, *, today: date, numbers: Policy) -> list[Hint]:
    """The classes of a district whose roll calls an inspector may want to look into, those with most reasons first."""
    values: dict[str, Any] = {
        "district": scope.district, "since": window(numbers, today), "today": today, "full_days": numbers["honesty_full_days"],
        "seconds": numbers["honesty_seconds"], "fast_times": numbers["honesty_fast_times"], "same_days": numbers["honesty_same_days"], "few": FEW,
    }  # fmt: skip
    found: dict[int, dict[str, str]] = defaultdict(dict)
    with connection.cursor() as cursor:
        for kind, statement, words in QUESTIONS:
            cursor.execute(statement, values)
            for room, *figures in cursor.fetchall():
                found[room][kind] = words.format(*figures, span=numbers["honesty_days"], seconds=numbers["honesty_seconds"])
    rooms = SchoolClass.objects.within(scope).select_related("school").in_bulk(found)
    return sorted((Hint(room, found[pk]) for pk, room in rooms.items()), key=lambda hint: (-len(hint.whys), hint.room.school_id, str(hint.room)))


@dataclass(slots=True)
class Day:
    """One class-day of the window with its marks, and what may be odd about it."""

    roll: RollCall
    marks: list[Mark]
    odd: list[str]


def days_of(room: SchoolClass, *, today: date, numbers: Policy) -> list[Day]:
    """The class-days of the window, the latest first, with their exceptions and what may be odd about each."""
    since = window(numbers, today)
    rolls = list(RollCall.objects.filter(school_class=room, day__range=(since, today)).order_by("-day"))
    marks: dict[int, list[Mark]] = defaultdict(list)
    for mark in Mark.objects.filter(roll_call__in=rolls).select_related("child").order_by("child__pinyin", "pk"):
        marks[mark.roll_call_id].append(mark)
    odd: dict[date, list[str]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(PUPILS, {"district": room.school.district_code, "room": room.pk, "since": since, "today": today})
        for day, name, why in cursor.fetchall():
            odd[day].append(f"{name}：{why}")
    before = [*rolls[1:], None][: len(rolls)]  # a class nobody called has none
    return [
        Day(roll, marks[roll.pk], [*speed(roll, numbers), *repeated(marks[roll.pk], marks[last.pk] if last else []), *odd[roll.day]])
        for roll, last in zip(rolls, before, strict=True)
    ]


def speed(roll: RollCall, numbers: Policy) -> list[str]:
    """Whether a roll call was sent faster than one can look."""
    fast = roll.seconds is not None and roll.expected >= FEW and roll.seconds < numbers["honesty_seconds"]
    return [f"用时 {roll.seconds} 秒（应到 {roll.expected} 人）"] if fast else []


def repeated(marks: list[Mark], before: list[Mark]) -> list[str]:
    """Whether the list of two or more is the one of the class-day before."""
    one, other = ([(mark.child_id, mark.code, mark.reason) for mark in day] for day in (marks, before))
    return ["名单与前一次完全相同"] if len(one) > 1 and one == other else []
