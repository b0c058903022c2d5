"""Who answered for a child on a past day: by the class it sat in, the village it was registered in, and the people in force then."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

from apps.attendance.queries.excuses import family_sql
from apps.cases.models import Case, Duty, Guarantor
from apps.cases.queries.duties import answering
from apps.cases.queries.persons import PERSON
from apps.schools.models import SchoolClass

# The seat of the day, and the line of the household register that was in force: from the upload that brought it until the one that took it out.
THEN = f"""
WITH wanted AS (SELECT k.id AS case_id, {family_sql(PERSON.format("k.child_id"))} AS family FROM cases_case k WHERE k.id = ANY(%(cases)s))
SELECT w.case_id, s.school_class_id, h.township_code, h.village_code, h.address FROM wanted w
LEFT JOIN LATERAL (SELECT a.school_class_id FROM attendance_seat a
    WHERE a.child_id = ANY(w.family) AND %(day)s BETWEEN a.first_day AND coalesce(a.last_day, 'infinity'::date)
    ORDER BY a.first_day DESC, a.id DESC LIMIT 1) s ON true
LEFT JOIN LATERAL (SELECT e.township_code, e.village_code, e.address FROM registers_entry e
    JOIN registers_upload u ON u.id = e.upload_id LEFT JOIN registers_upload g ON g.id = coalesce(e.superseded_by_id, e.ended_by_id)
    WHERE e.child_id = ANY(w.family) AND e.kind = 'household' AND e.village_code <> ''
        AND (u.committed_at AT TIME ZONE 'Asia/Shanghai')::date <= %(day)s
        AND (g.id IS NULL OR (g.committed_at AT TIME ZONE 'Asia/Shanghai')::date > %(day)s)
    ORDER BY u.committed_at DESC, e.id DESC LIMIT 1) h ON true
"""


@dataclass(frozen=True, slots=True)
class Then:
    """Each active post in order -> who held it for the child; whether the class and the village are those of the day, as the registers know
    them, or, where they do not, the present ones."""

    held: dict[Duty, Guarantor | None]
    knows_class: bool
    knows_village: bool

    @property
    def presumed(self) -> str:
        """What is taken from the present, in words; '' where all is known."""
        unknown = "、".join(word for word, known in (("学校和班级", self.knows_class), ("村（社区）", self.knows_village)) if not known)
        return f"名册没有这一天的{unknown}，按现在的计。" if unknown else ""


def answering_then(cases: Sequence[Case], *, day: date) -> dict[int, Then]:
    """Case -> who answered for its child on a past day. A fixed number of reads, however many cases of one district (``child`` and ``school`` read
    with them)."""
    with connection.cursor() as cursor:
        cursor.execute(THEN, {"cases": [case.pk for case in cases], "day": day})
        known = {row[0]: row[1:] for row in cursor.fetchall()}
    rooms = SchoolClass.objects.select_related("school").in_bulk({seat for seat, *_ in known.values() if seat})
    held = answering([_then(case, known[case.pk], rooms) for case in cases], day=day)
    return {pk: Then(held[pk], seat is not None, village is not None) for pk, (seat, _, village, _) in known.items()}


def _then(case: Case, known: Sequence[Any], rooms: dict[int, SchoolClass]) -> Case:
    """The case with its places as they were; not to be stored."""
    seat, township, village, address = known
    told = copy(case)
    if room := rooms.get(seat or 0):
        told.school_class, told.school = room, room.school
    if village:
        told.township_code, told.village_code = township or village[:9], village
        told.child = copy(case.child)
        told.child.address = address or case.child.address
    return told
