"""The roll calls of a day, class by class, and what they add up to. A class that was not taken is never counted as present."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field, fields
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import Exists, QuerySet

from apps.attendance.models import Mark
from apps.attendance.queries.contacting import asked, asked_sql
from apps.attendance.queries.excuses import covered, excusing
from apps.attendance.rules import MARKS_OF_ABSENCE, Code, Reason
from apps.core.scope import Level, Scope
from apps.schools.queries import GRADE_DAYS, HAS_CLASS

CLASS_DAYS = f"""
WITH grade_days AS MATERIALIZED ({GRADE_DAYS}
), seated AS (
    SELECT s.school_class_id, count(*) AS expected FROM attendance_seat s
    WHERE s.district_code = %(district)s AND s.first_day <= %(day)s AND (s.last_day IS NULL OR s.last_day >= %(day)s) AND s.away = '' {{seats}}
    GROUP BY s.school_class_id
), marked AS (
    SELECT m.school_class_id, count(*) FILTER (WHERE m.code = 'leave') AS leave,
        count(*) FILTER (WHERE m.code = 'absent' AND m.reason IN ('unexcused', '')) AS unexcused,
        count(*) FILTER (WHERE m.code = 'absent' AND m.reason = 'unreachable') AS unreachable,
        count(*) FILTER (WHERE m.code = 'absent' AND m.reason = 'sick') AS sick,
        count(*) FILTER (WHERE m.code = 'absent' AND m.reason = 'personal') AS personal,
        count(*) FILTER (WHERE m.code = 'absent' AND m.reason = 'other') AS other,
        count(*) FILTER (WHERE m.code IN ('absent', 'leave') AND {asked_sql("m")} <> 'reached' AND NOT {covered("m")}) AS uncontacted
    FROM attendance_mark m WHERE m.district_code = %(district)s AND m.day = %(day)s {{marks}} GROUP BY m.school_class_id
)
SELECT c.id, c.grade, c.name, c.school_id, h.name, h.township_id, coalesce(r.expected, d.expected), r.taken_at, coalesce(r.is_late, false),
    coalesce(r.taken_title, ''), coalesce(r.missing, 0), coalesce(m.unexcused, 0), coalesce(m.unreachable, 0), coalesce(m.sick, 0),
    coalesce(m.personal, 0), coalesce(m.other, 0), coalesce(m.leave, 0), coalesce(m.uncontacted, 0)
FROM seated d JOIN schools_schoolclass c ON c.id = d.school_class_id JOIN schools_school h ON h.code = c.school_id
LEFT JOIN attendance_rollcall r ON r.school_class_id = c.id AND r.day = %(day)s
LEFT JOIN marked m ON m.school_class_id = c.id
WHERE r.id IS NOT NULL OR EXISTS (
    SELECT 1 FROM grade_days g WHERE g.grade = c.grade AND g.day = %(day)s AND {HAS_CLASS.format(school="c.school_id")})
ORDER BY h.township_id, c.school_id, c.grade, length(c.name), c.name
"""


@dataclass(frozen=True, slots=True)
class ClassDay:
    """One class that has school on a day, taken or not."""

    class_id: int
    grade: int
    name: str
    school_code: str
    school: str
    township: str
    expected: int
    taken_at: datetime | None
    is_late: bool
    taken_title: str
    missing: int
    unexcused: int
    unreachable: int
    sick: int
    personal: int
    other: int
    leave: int
    uncontacted: int

    @property
    def label(self) -> str:
        return f"{'一二三四五六七八九'[self.grade - 1]}（{self.name}）班"

    @property
    def reasons(self) -> str:
        return reasons_of(self)


@dataclass(slots=True)
class Tally:
    """What class-days add up to; ``expected`` and everything after it are of the classes that were taken."""

    code: str
    label: str
    classes: int = 0
    taken: int = 0
    late: int = 0
    expected: int = 0
    missing: int = 0
    unexcused: int = 0
    unreachable: int = 0
    sick: int = 0
    personal: int = 0
    other: int = 0
    leave: int = 0
    uncontacted: int = 0
    schools: set[str] = field(default_factory=set)

    @property
    def open(self) -> int:
        """Classes that nobody has taken."""
        return self.classes - self.taken

    @property
    def without_reason(self) -> int:
        """Absent, and nobody knows of a reason."""
        return self.unexcused + self.unreachable

    @property
    def with_reason(self) -> int:
        """On leave, ill, or away for some other reason."""
        return self.missing - self.without_reason

    @property
    def reasons(self) -> str:
        return reasons_of(self)

    @property
    def rate(self) -> str:
        """到校率 of the classes that were taken, cut and not rounded: 100 % is said only where nobody is missing. '' where none was taken."""
        if not self.expected:
            return ""
        return f"{(self.expected - self.missing) * 1000 // self.expected / 10:g}%"

    def add(self, one: ClassDay) -> None:
        self.classes += 1
        self.schools.add(one.school_code)
        if one.taken_at is None:
            return
        self.taken += 1
        self.late += one.is_late
        for name in COUNTED:
            setattr(self, name, getattr(self, name) + getattr(one, name))


def reasons_of(one: ClassDay | Tally) -> str:
    """无故 1、病假 2: how many are missing for which reason; '' for nobody."""
    told = [(reason.label, getattr(one, reason.value)) for reason in Reason] + [(Code.LEAVE.label, one.leave)]
    return "、".join(f"{label} {number}" for label, number in told if number)


COUNTED = [one.name for one in fields(Tally) if one.name in ClassDay.__slots__ and one.type == "int"]


def class_days(*, scope: Scope, day: date, schools: Collection[str] | None = None) -> list[ClassDay]:
    """Every class of a post's schools (of some of them) that has school on a day, in the order of places and grades. One statement."""
    values: dict[str, Any] = {"district": scope.district, "day": day, "since": day, "today": day}
    wanted = schools_of(scope, schools)
    seats = marks = ""
    if wanted is not None:
        values["schools"] = sorted(wanted)
        seats, marks = "AND s.school_code = ANY(%(schools)s)", "AND m.school_code = ANY(%(schools)s)"
    with connection.cursor() as cursor:
        cursor.execute(CLASS_DAYS.format(seats=seats, marks=marks), values)
        return [ClassDay(*row) for row in cursor.fetchall()]


def schools_of(scope: Scope, asked: Collection[str] | None) -> Collection[str] | None:
    """The schools to be shown, inside the scope; None for a whole district."""
    if scope.level == Level.DISTRICT:
        return asked  # narrowed by the district above
    own = scope.schools if scope.level == Level.TOWNSHIP else {scope.school} if scope.school else set()
    return own if asked is None else own & set(asked)


def total(rows: Iterable[ClassDay], code: str = "", label: str = "") -> Tally:
    """What some class-days add up to."""
    told = Tally(code, label)
    for row in rows:
        told.add(row)
    return told


def by_place(rows: Sequence[ClassDay], places: dict[str, str], *, column: str) -> list[Tally]:
    """The class-days added up by ``township`` or ``school_code``, in the order and under the names of ``places``."""
    told = {code: Tally(code, name) for code, name in places.items()}
    for row in rows:
        told[getattr(row, column)].add(row)
    return [one for one in told.values() if one.classes]


def absent_pupils(*, scope: Scope, day: date, schools: Collection[str]) -> QuerySet[Mark]:
    """The pupils of some schools who are not there for the whole day, each with ``asked`` (see ``contacting.ASKED``) and ``is_excused``: on leave."""
    found: QuerySet[Mark] = Mark.objects.within(scope).filter(day=day, school__in=schools, code__in=[code.value for code in MARKS_OF_ABSENCE])
    return (
        found.select_related("child", "school_class")
        .annotate(asked=asked("day"), is_excused=Exists(excusing(day)))
        .order_by("school_class__grade", "school_class__name", "child__pinyin", "child_id")
    )


def contact_of(mark: Mark) -> str:
    """What is known from the guardian of an absent pupil: ``excused`` (leave says why), ``reached``, ``unreached`` (tried) or ``unasked``.

    An absence without an approved leave is asked about, also one marked 请假 without a slip."""
    told = vars(mark)
    return "excused" if told["is_excused"] else told["asked"] or "unasked"
