"""Lists of a run: the children behind a number, findings, what changed between two runs, the export."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from apps.audit.models import Event
from apps.core.scope import Scope
from apps.reconciliation import rules
from apps.reconciliation.models import ChildClass, Finding, Proof, Run
from apps.reconciliation.queries import figures as f
from apps.registers.models import Entry
from apps.schools.models import Region, School

ROSTER_SIDES = ("enrollment", "household", "attending", "monitored", "survey")  # in the order in which they are believed of a person
SIDES = ("household", "enrollment", "attending", "monitored", "survey")


def children(
    run: Run,
    scope: Scope,
    *,
    figure: str = "",
    township: str = "",
    village: str = "",
    school: str = "",
    stage: str = "",
    text: str = "",
    whole: bool = False,
) -> QuerySet[ChildClass]:
    """The children behind one number of the board; without a figure, all children of the run at that place. ``whole``: a whole number is found."""
    wanted = f.FIGURES.get(figure)
    at = wanted.at if wanted else f.ENROLLED if school or scope.school else f.HOME
    rows = f.counted_at(f.seen(run, scope), at, scope=scope, township=township, village=village, school=school)
    found = ChildClass.objects.filter(pk__in=rows.filter(wanted.condition if wanted else Q()).values("pk")).search(text, whole=whole)
    if stage:
        found = found.exclude(stage__in=["primary", "junior"]) if stage == "other" else found.filter(stage=stage)
    listed: QuerySet[ChildClass] = found.select_related("child", "school", "school_class").order_by("pinyin", "pk")
    return listed


def in_township(code: str) -> Q:
    """Findings of a township's children, by household or by school."""
    return Q(township_code=code) | Q(school__township_id=code)


def findings(run: Run, scope: Scope, *, whole: bool = False, **wanted: str) -> QuerySet[Finding]:
    """Findings of a run: state, comparison, klass, township, school, role (whose they are), text."""
    rows = Finding.objects.within(scope).filter(run=run)
    if wanted.get("role"):
        owners = [owner for owner, settlers in rules.SETTLERS.items() if wanted["role"] in settlers]
        rows = rows.filter(owner__in=owners)
    if wanted.get("township"):
        rows = rows.filter(in_township(wanted["township"]))
    exact = {"state": "state", "comparison": "comparison", "klass": "klass", "school": "school_id", "owner": "owner"}
    rows = rows.filter(**{field: wanted[key] for key, field in exact.items() if wanted.get(key)})
    return (
        rows.search(wanted.get("text", ""), whole=whole)
        .select_related("child", "school", "school_class")
        .order_by("state", "comparison", "klass", "pinyin", "pk")
    )


def source_rows(finding: Finding) -> list[Entry]:
    """The lines of the registers a finding speaks of, with all others the run took for this child."""
    row = ChildClass.objects.filter(run=finding.run_id, child=finding.child_id).first()
    keys = set(finding.entries) | {key for side in SIDES if row and (key := getattr(row, f"{side}_id"))}
    order = {kind: place for place, kind in enumerate(SIDES)}
    found = Entry.objects.filter(pk__in=keys).select_related("upload", "school")
    return sorted(found, key=lambda entry: (order[entry.kind], entry.pk))


def proofs(finding: Finding) -> QuerySet[Proof]:
    """The files that prove how a finding was settled."""
    return Proof.objects.filter(finding=finding).order_by("pk")


def third(run: Run, scope: Scope, *, klass: str = "", text: str = "", whole: bool = False) -> QuerySet[ChildClass]:
    """Comparison ③: the children out of school, by the kind of their household."""
    rows = ChildClass.objects.within(scope).filter(run=run).exclude(third="")
    if klass:
        rows = rows.filter(f.FIGURES["goal"].condition if klass == "goal" else Q(third=klass))
    found = rows.search(text, whole=whole).select_related("child", "school", "monitored")
    return found.order_by("-third", "pinyin", "pk")  # 一般户 last


@dataclass(frozen=True, slots=True)
class Change:
    """One child whose class in one comparison is not the same in two runs."""

    child_id: int
    name: str
    id_masked: str
    comparison: str
    before: str
    after: str
    kind: str  # new, settled, changed

    @property
    def before_label(self) -> str:
        return rules.label(self.comparison, self.before) if self.before else "不在比对中"

    @property
    def after_label(self) -> str:
        return rules.label(self.comparison, self.after) if self.after else "不在比对中"

    @property
    def tone(self) -> str:
        klass = rules.CLASSES[self.comparison].get(self.after)
        return klass.tone if klass else "off"

    @property
    def comparison_label(self) -> str:
        return rules.COMPARISON_LABELS[rules.Comparison(self.comparison)]


CHANGE_KINDS = {"new": "新出现的问题", "settled": "已消除的问题", "changed": "类别变化"}
ALARMS = [f"{comparison}:{k.code}" for comparison in rules.FIELDS for k in rules.CLASSES[comparison].values() if k.tone in ("bad", "warn")]
CHANGES = """
WITH unrolled AS (
    SELECT r.run_id, r.child_id, v.comparison, v.klass
    FROM reconciliation_childclass r
    CROSS JOIN LATERAL (VALUES ('1', r.first), ('2', r.second), ('2r', r.reverse), ('3', r.third)) AS v(comparison, klass)
    WHERE r.run_id IN (%(before)s, %(after)s) AND v.klass <> '' AND {scope}
), followed AS (
    -- A child that the other run has not, because it was merged since, stands under the one it went into.
    SELECT DISTINCT ON (u.run_id, coalesce(o.child_id, u.child_id), u.comparison)
        u.run_id, coalesce(o.child_id, u.child_id) AS child_id, u.comparison, u.klass
    FROM unrolled u JOIN students_child c ON c.id = u.child_id
    LEFT JOIN reconciliation_childclass o ON o.run_id = %(before)s + %(after)s - u.run_id AND o.child_id = c.merged_into_id
        AND NOT EXISTS (SELECT 1 FROM reconciliation_childclass s WHERE s.run_id = o.run_id AND s.child_id = u.child_id)
    ORDER BY u.run_id, coalesce(o.child_id, u.child_id), u.comparison, o.child_id NULLS FIRST, u.child_id
), pairs AS (
    SELECT COALESCE(a.child_id, b.child_id) AS child_id, COALESCE(a.comparison, b.comparison) AS comparison,
           COALESCE(a.klass, '') AS klass_before, COALESCE(b.klass, '') AS klass_after
    FROM (SELECT * FROM followed WHERE run_id = %(before)s) a
    FULL JOIN (SELECT * FROM followed WHERE run_id = %(after)s) b USING (child_id, comparison)
    WHERE a.klass IS DISTINCT FROM b.klass
), judged AS (
    SELECT p.*, CASE
        WHEN (comparison || ':' || klass_after) = ANY(%(alarms)s) AND NOT (comparison || ':' || klass_before) = ANY(%(alarms)s) THEN 'new'
        WHEN (comparison || ':' || klass_before) = ANY(%(alarms)s) AND NOT (comparison || ':' || klass_after) = ANY(%(alarms)s) THEN 'settled'
        ELSE 'changed' END AS kind
    FROM pairs p
)
"""
COUNT_CHANGES = "SELECT comparison, kind, count(*) FROM judged GROUP BY 1, 2 ORDER BY 1, 2"
LIST_CHANGES = """
SELECT j.child_id, coalesce(a.name, b.name), coalesce(a.id_masked, b.id_masked), j.comparison, j.klass_before, j.klass_after, j.kind
FROM judged j
LEFT JOIN reconciliation_childclass a ON a.run_id = %(after)s AND a.child_id = j.child_id
LEFT JOIN reconciliation_childclass b ON b.run_id = %(before)s AND b.child_id = j.child_id
WHERE (%(kind)s = '' OR j.kind = %(kind)s) AND (%(comparison)s = '' OR j.comparison = %(comparison)s)
ORDER BY j.kind, j.comparison, coalesce(a.pinyin, b.pinyin), j.child_id LIMIT %(limit)s OFFSET %(offset)s
"""


def ask_changes(tail: str, before: Run, after: Run, scope: Scope, **extra: Any) -> list[tuple[Any, ...]]:
    """Run one of the two questions about the changes between two runs."""
    condition, values = scope.sql("r")
    with connection.cursor() as cursor:
        cursor.execute(CHANGES.format(scope=condition) + tail, {**values, "before": before.pk, "after": after.pk, "alarms": ALARMS, **extra})
        return list(cursor.fetchall())


def change_counts(before: Run, after: Run, scope: Scope) -> dict[str, dict[str, int]]:
    """comparison -> new, settled, changed -> children."""
    counts: dict[str, dict[str, int]] = {}
    for comparison, kind, number in ask_changes(COUNT_CHANGES, before, after, scope):
        counts.setdefault(comparison, {})[kind] = number
    return counts


def changes(before: Run, after: Run, scope: Scope, *, kind: str = "", comparison: str = "", limit: int = 100, offset: int = 0) -> list[Change]:
    """Children whose class changed between two runs, a page of them."""
    extra = {"kind": kind, "comparison": comparison, "limit": limit, "offset": offset}
    return [Change(*row) for row in ask_changes(LIST_CHANGES, before, after, scope, **extra)]


def findings_export(run: Run) -> Iterator[dict[str, object]]:
    """One row per child of a run: its class in each comparison (code and words), source rows as register:upload:row, reason, state."""
    sides = [f"{side}__{column}" for side in SIDES for column in ("upload_id", "row")]
    plain = (
        "pk",
        "child_id",
        "first",
        "first_reason",
        "second",
        "second_reason",
        "reverse",
        "reverse_reason",
        "third",
        "third_reason",
        "township_code",
        "stage",
        "grade",
    )
    states: dict[int, list[str]] = {}
    for child, state, outcome in Finding.objects.filter(run=run).order_by("pk").values_list("child_id", "state", "outcome"):
        states.setdefault(child, []).append(outcome if state == Finding.State.SETTLED else state)
    schools = dict(School.objects.filter(district_code=run.district_code).values_list("pk", "name"))
    townships = dict(Region.objects.filter(parent_id=run.district_code, level=Region.Level.TOWNSHIP).values_list("pk", "name"))
    rows = ChildClass.objects.filter(run=run).order_by("pk").values(*plain, *sides, "school_id", "name", "id_masked")
    for row in rows.iterator(chunk_size=5000):
        yield export_row(row, states.get(row["child_id"], []), schools) | {"township": townships.get(row["township_code"], "")}


def export_row(row: dict[str, Any], states: list[str], schools: dict[str, str]) -> dict[str, object]:
    """The words and codes of one child for the export."""
    told: dict[str, object] = {"child": row["child_id"], "name": row["name"], "id_number": row["id_masked"]}
    for comparison, field in rules.FIELDS.items():
        told[f"{field}_code"] = row[field]
        told[field] = rules.label(comparison, row[field]) if row[field] else ""
    lines = [f"{side}:{row[f'{side}__upload_id']}:{row[f'{side}__row']}" for side in SIDES if row[f"{side}__upload_id"]]
    reasons = [row[f"{field}_reason"] for field in rules.FIELDS.values() if row[f"{field}_reason"]]
    return told | {
        "rows": " ".join(lines), "school_code": row["school_id"] or "", "school": schools.get(row["school_id"], ""),
        "township_code": row["township_code"],
        "stage": row["stage"], "grade": row["grade"], "reason": "；".join(reasons), "state": " ".join(dict.fromkeys(states)),
    }  # fmt: skip


def history(finding: Finding) -> list[Event]:
    """What was done with a finding, the latest first."""
    return list(Event.objects.filter(object_kind="finding", object_id=finding.pk))
