"""Open cases whose child sits in another class, or is registered in another village, than the case says."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import connection

from apps.attendance.queries.seats import Held, still_lists
from apps.cases.queries.persons import IS_OPEN, PERSON, one_at_a_time
from apps.cases.rules.placing import TAUGHT_APART

# The child's seat says where it learns; a child that sits nowhere stays with the school that lost it. A school that was named to take the child in
# has the case until the child sits somewhere anew. A seat that a class list gave it elsewhere after the case was opened takes no case along as long
# as the school of the case still has the child.
FOLLOW = f"""
WITH found AS (
    SELECT k.id, k.school_code AS old_school, k.township_code AS old_home, coalesce(s.school_code, k.school_code) AS school_code,
        CASE WHEN s.id IS NULL THEN k.school_class_id ELSE s.school_class_id END AS school_class_id,
        coalesce(nullif(c.township_code, ''), k.township_code) AS township_code, coalesce(nullif(c.village_code, ''), k.village_code) AS village_code,
        CASE WHEN s.id IS NULL THEN k.stage WHEN g.grade <= 6 THEN 'primary' ELSE 'junior' END AS stage
    FROM cases_case k
    JOIN students_child o ON o.id = k.child_id JOIN students_child c ON c.id = coalesce(o.merged_into_id, o.id)
    LEFT JOIN LATERAL (
        SELECT a.id, a.school_code, a.school_class_id FROM attendance_seat a WHERE a.last_day IS NULL
            AND a.child_id = ANY(ARRAY(SELECT c.id UNION ALL SELECT p.id FROM students_child p WHERE p.merged_into_id = c.id))
            AND NOT EXISTS (SELECT 1 FROM cases_caseentry e
                WHERE e.case_id = k.id AND e.data ->> 'school' = k.school_code AND e.happened_on >= a.first_day)
            AND (a.school_code = k.school_code OR a.entered_at IS NOT NULL OR a.first_day < k.opened_on OR k.school_code IS NULL
                OR NOT {still_lists("c.id", "k.school_code", in_case="true", by_hand="false")})
        ORDER BY a.first_day DESC, a.id DESC LIMIT 1) s ON true
    LEFT JOIN schools_schoolclass g ON g.id = s.school_class_id
    WHERE k.district_code = %(district)s AND {IS_OPEN}
), moved AS (
    UPDATE cases_case k SET school_code = f.school_code, school_class_id = f.school_class_id, township_code = f.township_code,
        village_code = f.village_code, stage = f.stage
    FROM found f WHERE f.id = k.id AND (k.school_code, k.school_class_id, k.township_code, k.village_code)
        IS DISTINCT FROM (f.school_code, f.school_class_id, f.township_code, f.village_code)
    RETURNING k.id, f.old_school, f.old_home, k.school_code, k.township_code
), told AS (
    INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data)
    SELECT m.id, 'note', '个案随学生' || CASE WHEN m.school_code IS DISTINCT FROM m.old_school
            THEN '转到' || (SELECT s.name FROM schools_school s WHERE s.code = m.school_code) || '，由该校接着办理。'
            ELSE '的户籍转到' || coalesce((SELECT r.name FROM schools_region r WHERE r.code = m.township_code), m.township_code) || '。' END,
        %(today)s, %(now)s, '系统', '名册', '{{}}'::jsonb
    FROM moved m WHERE (m.school_code, m.township_code) IS DISTINCT FROM (m.old_school, m.old_home)
)
SELECT id, coalesce(school_code, ''), coalesce(old_school, '') FROM moved ORDER BY id
"""


@dataclass(frozen=True, slots=True)
class Followed:
    """A case that went with its child, and the schools it came to and from."""

    case: int
    school: str
    from_school: str


def follow(district: str, *, today: date, now: datetime) -> list[Followed]:
    """Bring the places of open cases in line with their children's, with a line in the ledger where school or township changed. One statement."""
    with one_at_a_time(district) as cursor:
        cursor.execute(FOLLOW, {"district": district, "today": today, "now": now})
        return [Followed(*row) for row in cursor.fetchall()]


def districts_with_open_cases() -> list[str]:
    """Districts that have cases in hand."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT DISTINCT k.district_code FROM cases_case k WHERE {IS_OPEN} ORDER BY 1")
        return [code for (code,) in cursor.fetchall()]


# Children of open cases; of an approved paper in force: an exemption; teaching apart, planned and begun; a suspension that was proven when the case
# was cleared, as long as no other case of the child is open.
HELD = f"SELECT DISTINCT {PERSON.format('k.child_id')} FROM cases_case k WHERE k.district_code = %(district)s AND {IS_OPEN}"
EXCUSED = f"""
SELECT {PERSON.format("k.child_id")} FROM cases_proposal p JOIN cases_case k ON k.id = p.case_id
WHERE k.district_code = %(district)s AND p.verdict = 'agreed' AND (
    p.kind = 'exempt' AND k.state = 'exempt' AND %(today)s >= p.first_day AND %(today)s <= coalesce(p.ended_on - 1, p.until)
    OR p.kind = 'clear' AND p.basis = 'suspension' AND k.state = 'cleared')
UNION SELECT {PERSON.format("k.child_id")} FROM cases_placement p JOIN cases_case k ON k.id = p.case_id
WHERE k.district_code = %(district)s AND {IS_OPEN} AND p.kind = ANY(%(apart)s) AND p.first_day <= %(today)s AND p.ended_on IS NULL
"""


def held(district: str, *, today: date) -> Held:
    """Whom no class list alone takes to another school or off the roll calls, and who is off them by an approved paper."""
    with connection.cursor() as cursor:
        cursor.execute(HELD, {"district": district})
        cases = [child for (child,) in cursor.fetchall()]
        cursor.execute(EXCUSED, {"district": district, "today": today, "apart": [kind.value for kind in TAUGHT_APART]})
        return Held(cases, [child for (child,) in cursor.fetchall()])
