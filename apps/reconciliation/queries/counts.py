"""Counts of a run at every level, and whether they balance."""

from __future__ import annotations

from typing import Any

from django.db import connection

from apps.reconciliation import rules
from apps.reconciliation.models import Run

PLACES = {
    "district": "''",
    "township": "coalesce(nullif(c.township_code, ''), p.township_id, '')",
    "village": "c.township_code || '/' || c.village_name",
}
HELD = {"first": "c.first", "second": "c.second", "reverse": "c.reverse", "third": "c.third"}


def classes(run: Run) -> dict[str, dict[str, int]]:
    """Comparison -> class -> number of children, for the whole run."""
    found: dict[str, dict[str, int]] = {}
    with connection.cursor() as cursor:
        for name, column in HELD.items():
            cursor.execute(
                f"SELECT {column}, count(*) FROM reconciliation_childclass c WHERE c.run_id = %s AND {column} <> '' GROUP BY 1 ORDER BY 1", [run.pk]
            )
            found[name] = dict(cursor.fetchall())
        cursor.execute("SELECT klass, count(*) FROM reconciliation_finding WHERE run_id = %s AND comparison = 'x' GROUP BY 1 ORDER BY 1", [run.pk])
        found["contradictions"] = dict(cursor.fetchall())
    return found


def totals(run: Run, level: str) -> dict[tuple[str, str], dict[str, int]]:
    """(place, stage) -> the numbers of the identities: household_school_age, enrolled, attending, first_*, second_*, reverse_*.

    ``level``: district, township or village (by household), school (② by the enrolled school, 在校 by the attending one).
    """
    counts: dict[tuple[str, str], dict[str, int]] = {}

    def add(rows: list[tuple[str, str, str, int]], prefix: str) -> None:
        for place, stage, code, count in rows:
            counts.setdefault((place, stage), {})[f"{prefix}{code}"] = count

    school = level == "school"
    roll = "coalesce(c.school_code, '')" if school else PLACES[level]
    seat = "coalesce(c.attending_school_id, '')" if school else PLACES[level]
    with connection.cursor() as cursor:
        for place, what, prefix, condition in (
            (roll, "'household_school_age'", "", "c.is_local AND c.is_school_age"),
            (roll, "c.first", "first_", "c.is_local AND c.is_school_age"),
            (roll, "'enrolled'", "", "c.on_roll"),
            (roll, "c.second", "second_", "c.on_roll"),
            (seat, "'attending'", "", "c.is_present"),
            (seat, "c.reverse", "reverse_", "c.is_present AND c.reverse <> ''"),
        ):
            cursor.execute(
                f"""SELECT {place}, c.stage, {what}, count(*) FROM reconciliation_childclass c
                LEFT JOIN schools_school p ON p.code = c.school_code WHERE c.run_id = %s AND {condition} GROUP BY 1, 2, 3""",
                [run.pk],
            )
            add(cursor.fetchall(), prefix)
    return counts


def imbalances(run: Run) -> list[str]:
    """A sentence for every place and stage where an identity does not balance; empty when all do."""
    found = []
    for level in ("district", "township", "village", "school"):
        for (place, stage), counts in sorted(totals(run, level).items()):
            first = rules.first_balance(counts) if level != "school" else 0
            second = rules.second_balance(counts)
            if first:
                found.append(f"{level} {place} {stage}：户籍适龄与各类之和相差 {first}")
            if second:
                found.append(f"{level} {place} {stage}：学籍数 − 在籍不在校 + 在校无籍 与在校数相差 {second}")
    return found


def unexplained(run: Run) -> int:
    """Children that a comparison concerns and that got no class: always 0, else the run has failed."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM reconciliation_childclass WHERE run_id = %s AND (
                (is_local AND is_school_age AND first = '') OR (on_roll AND second = '')
                OR (is_present AND second <> 'attending' AND reverse = ''))""",
            [run.pk],
        )
        (count,) = cursor.fetchone()
    return int(count)


def plan_counts(run: Run) -> dict[str, int]:
    """The counts the plan names 〔方案二（二）〕 and the run's sizes."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) AS children,
                count(*) FILTER (WHERE is_local AND is_school_age) AS household_school_age,
                count(*) FILTER (WHERE NOT is_local AND is_school_age AND (on_roll OR is_present)) AS migrant_school_age,
                count(*) FILTER (WHERE on_roll) AS enrolled,
                count(*) FILTER (WHERE is_present) AS attending,
                count(*) FILTER (WHERE is_school_age AND group_kind IN ('lifted_out', 'unstable')) AS lifted_out_school_age,
                count(*) FILTER (WHERE is_local AND is_school_age AND first = 'inside') AS local_inside,
                count(*) FILTER (WHERE is_local AND is_school_age AND first LIKE 'outside%%') AS local_outside
            FROM reconciliation_childclass WHERE run_id = %s""",
            [run.pk],
        )
        row = cursor.fetchone()
        names = [column.name for column in cursor.description]
        result: dict[str, Any] = dict(zip(names, row, strict=True))
        cursor.execute(
            """SELECT (SELECT count(*) FROM reconciliation_link WHERE run_id = %(run)s),
            (SELECT count(*) FROM reconciliation_doubtfulpair WHERE run_id = %(run)s),
            (SELECT count(*) FROM reconciliation_finding WHERE run_id = %(run)s)""",
            {"run": run.pk},
        )
        result["links"], result["doubtful"], result["findings"] = cursor.fetchone()
    return result
