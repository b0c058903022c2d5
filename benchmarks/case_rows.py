"""A district with very many cases, as rows: schools in nine townships, children, a finished comparison, cases in every state with their ledgers,
hand-overs and people who answer. Nothing is chance: every choice is a hash of the case's number, the same at every size."""

from __future__ import annotations

from typing import Any

from django.db import connection, transaction

from apps.accounts.models import Post, User
from apps.schools.actions import ensure_term
from apps.schools.models import School, SchoolClass
from benchmarks import ground

DISTRICT = "530113"
SCHOOLS = 45
TOWNSHIPS = ("001", "002", "102", "103", "104", "105", "106", "107", "201")
SURNAMES = "李王张杨陈刘赵黄周吴徐孙马朱胡何郭高林罗"
SURNAME_INITIALS = "lwzyclzhzwxsmzhhgglL".lower()
GIVEN = "阿国志明小文春秀玉光金建华兰英红梅荣福贵芳丽平军伟强龙凤云海林涛波杰俊佳思雨欣怡"
GIVEN_INITIALS = "agzmxwcxyg" + "jjhlyhmrfg" + "flpjwqlfyh" + "ltbjjjsyxy"
# Of a hundred cases: 30 are open. The task of a state decides whose it is.
STATES = (
    ("closed", 44, "", ""), ("cleared", 25, "", ""), ("merged", 1, "", ""), ("suspected", 3, "first_visit", "head_teacher"),
    ("suspected", 2, "lines", "principal"), ("suspected", 1, "decide_confirm", "bureau"), ("confirmed", 2, "assign", "bureau"),
    ("persuading", 7, "step", "township"), ("returned", 3, "place", "principal"), ("placed", 2, "begin", "principal"), ("exempt", 2, "expire", "bureau"),
    ("transferred", 1, "acceptance", "bureau"), ("monitoring", 6, "note", "head_teacher"), ("reopened", 1, "assign", "bureau"),
)  # fmt: skip
MOVED = "('open', 'suspected', 'confirmed', 'persuading', 'returned', 'monitoring', 'closed')"
ROWS = (
    """INSERT INTO schools_schoolclass (school_id, school_year, grade, name)
    SELECT s.code, 2026, 1 + n %% 9, (1 + n / 9)::text FROM schools_school s CROSS JOIN generate_series(0, 26) n""",
    """CREATE TEMP TABLE place ON COMMIT DROP AS SELECT (row_number() OVER (ORDER BY c.id) - 1)::int AS n, c.id, c.grade, s.code, s.township_id
    FROM schools_schoolclass c JOIN schools_school s ON s.code = c.school_id""",
    """INSERT INTO schools_region (code, name, level, "order", parent_id)
    SELECT code || lpad(n::text, 3, '0'), '测速村' || n, 'village', 0, code FROM schools_region CROSS JOIN generate_series(1, 19) n
    WHERE level = 'township' AND left(code, 6) = %(district)s ORDER BY code, n""",
    """CREATE TEMP TABLE village ON COMMIT DROP AS SELECT code, left(code, 9) AS township,
        (row_number() OVER (PARTITION BY left(code, 9) ORDER BY code) - 1)::int AS n, (count(*) OVER (PARTITION BY left(code, 9)))::int AS of
    FROM schools_region WHERE level = 'village'""",
    # Two children for a case: half of the children of the district never had one.
    """CREATE TEMP TABLE kid ON COMMIT DROP AS SELECT n AS id, p.*, h.a, h.b, h.c,
        CASE WHEN h.a %% 10 < 8 THEN p.township_id ELSE %(district)s || (%(townships)s::text[])[1 + h.b %% 9] END AS home
    FROM generate_series(1, %(cases)s * 2) n CROSS JOIN LATERAL (SELECT (hashint8(n::bigint * 7919) & 2147483647) AS a,
        (hashint8(n::bigint * 104729) & 2147483647) AS b, (hashint8(n::bigint * 1299709) & 2147483647) AS c) h
    JOIN place p (place, class, grade, school, township_id) ON p.place = h.c %% %(classes)s""",
    """INSERT INTO students_iddocument (id, kind, number, masked)
    SELECT hashtextextended('resident:' || number, 0), 'resident', number, left(number, 6) || '********' || right(number, 4) FROM (
        SELECT '530113' || to_char(date '2010-09-01' + a %% 3285, 'YYYYMMDD') || lpad((id %% 1000)::text, 3, '0') || id %% 10 AS number FROM kid) k
    ON CONFLICT DO NOTHING""",
    """INSERT INTO students_child (id, name, pinyin, initials, sex, birth_date, ethnicity, document_id, id_masked, guardian_name, guardian_phone,
        address, district_code, township_code, village_code, school_code, school_class_id, grade)
    SELECT k.id, x.name, '', x.initials, CASE WHEN a %% 2 = 0 THEN 'M' ELSE 'F' END, date '2010-09-01' + a %% 3285, '汉族',
        hashtextextended('resident:' || x.number, 0), left(x.number, 6) || '********' || right(x.number, 4), '家长', x.phone, '', %(district)s, home,
        v.code, school, class, grade
    FROM kid k LEFT JOIN village v ON v.township = k.home AND v.n = k.b %% v.of CROSS JOIN LATERAL (
        SELECT substr(%(surnames)s, 1 + a %% 20, 1) || substr(%(given)s, 1 + b %% 40, 1) || substr(%(given)s, 1 + c %% 40, 1) AS name,
            substr(%(surname_initials)s, 1 + a %% 20, 1) || substr(%(given_initials)s, 1 + b %% 40, 1)
                || substr(%(given_initials)s, 1 + c %% 40, 1) AS initials, '138' || lpad((b %% 100000000)::text, 8, '0') AS phone,
            '530113' || to_char(date '2010-09-01' + a %% 3285, 'YYYYMMDD') || lpad((id %% 1000)::text, 3, '0') || id %% 10 AS number) x""",
    """INSERT INTO cases_case (id, child_id, district_code, township_code, village_code, school_code, school_class_id, stage, state, origin, reason,
        is_never_enrolled, opened_on, created_at, cause, is_non_local, repeats, state_since, progress_on, task, owner_role, owner_region, due_on,
        climbed, merged_into_id)
    SELECT k.id, k.id, %(district)s, home, v.code, school, class, CASE WHEN grade < 7 THEN 'primary' ELSE 'junior' END, s.state,
        (ARRAY['absence', 'comparison', 'village'])[1 + a %% 3], '连续 3 个上课日无正当理由未到校', false, x.opened, x.opened,
        (ARRAY['', 'work', 'weary', 'ill', 'marriage'])[1 + b %% 5], b %% 20 = 0, (a %% 25 = 0)::int, x.opened + 20, x.opened + 30, s.task, s.owner,
        CASE WHEN s.owner = 'township' THEN home ELSE '' END,
        CASE WHEN s.task <> '' THEN date '2026-09-14' + (b %% 40 - 8)::int END, CASE WHEN s.task <> '' AND b %% 40 < 4 THEN 2 ELSE 0 END,
        CASE WHEN s.state = 'merged' THEN k.id - 1 END
    FROM kid k LEFT JOIN village v ON v.township = k.home AND v.n = k.b %% v.of
    JOIN (SELECT value ->> 0 AS state, value ->> 2 AS task, value ->> 3 AS owner, sum((value ->> 1)::int) OVER (ORDER BY place) AS upto,
        (value ->> 1)::int AS share FROM jsonb_array_elements(%(states)s::jsonb) WITH ORDINALITY e (value, place)) s
        ON k.c %% 100 < s.upto AND k.c %% 100 >= s.upto - s.share
    CROSS JOIN LATERAL (SELECT CASE WHEN s.task = '' THEN date '2021-09-01' + a %% 1800 ELSE date '2026-03-01' + a %% 190 END AS opened) x
    WHERE k.id <= %(cases)s ORDER BY x.opened, k.id""",
    """INSERT INTO cases_caseentry (case_id, kind, text, happened_on, written_at, by_name, by_title, data, source, target, is_progress)
    SELECT c.id, m.kind, '测速', c.opened_on + m.days, c.opened_on + m.days, '某', '某', '{}'::jsonb, '', m.target, true
    FROM cases_case c CROSS JOIN (VALUES ('opened', '', 0), ('moved', 'suspected', 0), ('call', '', 1), ('visit', '', 2), ('moved', '', 20),
        ('note', '', 25)) m (kind, target, days) WHERE m.kind <> 'moved' OR m.target <> ''
    UNION ALL SELECT id, 'moved', '测速', state_since, state_since, '某', '某', '{}', 'suspected', state, true FROM cases_case""",
    """INSERT INTO cases_assignment (case_id, level, region_code, text, accept_by, given_at, given_name, given_title, accepted_at, accepted_name,
        accepted_title, returned_name, returned_title, returned_text)
    SELECT id, 'township', township_code, '', state_since + 3, state_since, '某', '某', CASE WHEN id %% 9 > 0 THEN state_since END,
        CASE WHEN id %% 9 > 0 THEN '某' ELSE '' END, '', '', '', '' FROM cases_case WHERE state = 'persuading'""",
    """INSERT INTO cases_guarantor (duty_id, district_code, region_code, school_code, school_class_id, "group", name, job, phone, first_day, named_at, by_name,
        by_title)
    SELECT (SELECT id FROM cases_duty WHERE level = 'class' LIMIT 1), %(district)s, '', code, id, '', '班' || n, '', '', date '2026-08-01', now(), '某', '某'
    FROM place UNION ALL SELECT (SELECT id FROM cases_duty WHERE level = 'village' LIMIT 1), %(district)s, code, NULL, NULL, '', '村' || right(code, 6), '', '',
        date '2026-08-01', now(), '某', '某' FROM village""",
    """INSERT INTO reconciliation_run (id, district_code, number, term_id, as_of, cutoff_seq, uploads, state, phase, sentence, counts, warnings,
        started_title, created_at, finished_at)
    SELECT 1, %(district)s, 1, id, '2026-09-10', 0, '{}', 'done', 'done', '', '{}', '[]', '', now(), now() FROM schools_term
    WHERE code = %(term)s""",
    """INSERT INTO reconciliation_childclass (run_id, child_id, name, pinyin, id_masked, district_code, township_code, village_code, village_name,
        school_code, school_class_id, stage, grade, is_local, is_school_age, on_roll, is_present, group_kind, first, first_reason, second,
        second_reason, reverse, reverse_reason, third, third_reason)
    SELECT 1, id, name, '', id_masked, district_code, township_code, village_code, '', school_code, school_class_id, '', grade, true, true, true, true,
        (ARRAY['lifted_out', 'unstable', 'marginal', '', '', '', '', '', '', ''])[1 + id %% 10], 'in_district', '', 'in_school', '', '', '', '', ''
    FROM students_child""",
)


def make(cases: int) -> None:
    """The district with so many cases, and the posts that look at them."""
    ensure_term(district=DISTRICT, code=ground.TERM)
    School.objects.bulk_create(
        School(code=str(9_000_000_001 + n), name=f"测速学校{n}", kind="nine_year", district_code=DISTRICT, township_id=DISTRICT + TOWNSHIPS[n % 9])
        for n in range(SCHOOLS)
    )
    values: dict[str, Any] = {
        "district": DISTRICT, "cases": cases, "classes": SCHOOLS * 27, "townships": list(TOWNSHIPS), "surnames": SURNAMES, "given": GIVEN, "term": ground.TERM,
        "surname_initials": SURNAME_INITIALS, "given_initials": GIVEN_INITIALS, "states": connection.ops.adapt_json_value(STATES, None),
    }  # fmt: skip
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in ROWS:
            cursor.execute(statement, values)


def posts() -> dict[str, Post]:
    """One post a role, each with its person: of the first township, its first school and its first class."""
    school = School.objects.get(code="9000000001")
    village = (
        connection.cursor().execute("SELECT min(code) FROM schools_region WHERE left(code, 9) = '530113001' AND level = 'village'").fetchone()[0]
    )
    at: dict[str, dict[str, Any]] = {
        "bureau": {}, "leader": {}, "township": {"region_id": school.township_id}, "village": {"region_id": village}, "principal": {"school": school},
        "head_teacher": {"school": school, "school_class": SchoolClass.objects.filter(school=school).order_by("pk")[0]},
    }  # fmt: skip
    made = {}
    for role, place in at.items():
        user = User.objects.create(username=f"bench_{role}", name=role, district_code=DISTRICT, password="none")  # noqa: S106  no password at all
        made[role] = Post.objects.create(user=user, role=role, district_code=DISTRICT, starts_on="2026-08-01", **place)
    return made
