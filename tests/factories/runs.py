"""Runs of the comparison, what they say of a child, findings and cases."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.cases.models import Case, CaseEntry
from apps.core import clock
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Link, Run
from apps.registers.models import Entry
from apps.students.models import Child
from tests.factories.registers import term

PLACES = ("district_code", "township_code", "village_code", "school", "school_class")


def run(*, district: str = "530113", state: str = "done", **fields: Any) -> Run:
    """A finished run of the district's term."""
    values = {
        "district_code": district,
        "term": term(district),
        "as_of": date(2026, 9, 14),
        "cutoff_seq": 1,
        "state": state,
        "finished_at": clock.now(),
    }
    made: Run = Run.objects.create(**(values | fields))
    return made


def places(child: Child) -> dict[str, Any]:
    """The place columns that every row about a child carries."""
    return {name: getattr(child, name) for name in PLACES}


def named(child: Child) -> dict[str, str]:
    """The columns by which a run remembers who the child was."""
    return {"name": child.name, "pinyin": child.pinyin, "id_masked": child.id_masked}


def child_class(child: Child, *, of: Run, **fields: Any) -> ChildClass:
    """What a run says of a child; in class and at home in the district unless ``fields`` say otherwise."""
    values = {
        **places(child),
        **named(child),
        "run": of,
        "child": child,
        "grade": child.grade,
        "stage": "primary",
        "is_local": True,
        "first": "inside",
        "second": "attending",
    }
    made: ChildClass = ChildClass.objects.create(**(values | fields))
    return made


def finding(child: Child, *, of: Run, comparison: str = "", klass: str = "to_verify", owner: str = "registrar", **fields: Any) -> Finding:
    """An open finding about a child, of comparison ② unless said otherwise."""
    comparison = comparison or Finding._meta.get_field("comparison").choices[1][0]
    values = {
        **places(child),
        **named(child),
        "run": of,
        "child": child,
        "comparison": comparison,
        "klass": klass,
        "owner": owner,
        "reason": f"测试理由 {child.name}",
    }
    made: Finding = Finding.objects.create(**(values | fields))
    return made


def link(left: Entry, right: Entry, *, of: Run, **fields: Any) -> Link:
    """Two lines a run took for one child."""
    values = {"left_kind": left.kind, "right_kind": right.kind, "basis": "身份证号与姓名一致", "decided_by": "rule"}
    made: Link = Link.objects.create(run=of, left=left, right=right, **(values | fields))
    return made


def pair(left: Entry, right: Entry, *, of: Run, **fields: Any) -> DoubtfulPair:
    """Two lines in doubt."""
    made: DoubtfulPair = DoubtfulPair.objects.create(run=of, left=left, right=right, **({"score": 5.0, "reasons": ["姓名同音"]} | fields))
    return made


def case(child: Child, *, state: str = "suspected", **fields: Any) -> Case:
    """An open case with its first ledger line."""
    values = {
        **places(child),
        "child": child,
        "state": state,
        "origin": "comparison",
        "reason": f"测试立案 {child.name}",
        "opened_on": date(2026, 9, 14),
    }
    made: Case = Case.objects.create(**(values | fields))
    CaseEntry.objects.create(
        case=made, kind="opened", text=made.reason, happened_on=made.opened_on, written_at=clock.now(), by_name="系统", by_title="系统"
    )
    return made
