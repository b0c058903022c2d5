"""The three ledgers (适龄儿童、疑似辍学、辍学台账), a row a child, cut to a scope."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from django.db.models import QuerySet

from apps.accounts.roles import BY_CODE
from apps.cases.models import Case
from apps.cases.workflow import State
from apps.core.scope import Scope
from apps.reconciliation.models import ChildClass, Run
from apps.reconciliation.rules import Comparison, label
from apps.schools.models import Region

SUSPECTED, DROPOUT, CHILDREN, LISTED = "suspected", "dropout", "children", "list"
STATES = {
    SUSPECTED: (State.SUSPECTED, State.CLEARED),
    DROPOUT: (
        State.CONFIRMED, State.PERSUADING, State.RETURNED, State.PLACED, State.EXEMPT, State.TRANSFERRED, State.MONITORING, State.CLOSED,
        State.REOPENED,
    ),
}  # fmt: skip
UNLISTED = "不在本区户籍名册"  # as the card of a child says it
WHOLE = 10_000  # children in one workbook: about six seconds of a processor
STAGES = {"primary": "小学", "junior": "初中"}
SEX = {"M": "男", "F": "女"}
CASE_HEAD = (
    "序号", "姓名、性别", "出生日期", "证件号（掩码）", "学校班级", "户籍乡镇、村", "监护人、电话", "立案日", "立案理由", "辍学原因", "状态", "责任岗位、下一期限",
    "销号或排除日",
)  # fmt: skip
CHILD_HEAD = ("序号", "姓名", "性别", "出生日期", "证件号（掩码）", "学段", "年级", "学校", "户籍乡镇", "户籍村", "户籍×学籍", "学籍×在校", "户类型")


def of_ledger(kind: str, found: QuerySet[Case]) -> QuerySet[Case]:
    """Of some cases those of the ledger of suspected, or of confirmed, dropouts, by place."""
    return found.filter(state__in=[state.value for state in STATES[kind]]).order_by("township_code", "school_id", "opened_on", "pk")


def case_rows(found: QuerySet[Case]) -> Iterator[tuple[object, ...]]:
    """Some cases (``lists.listed``) in their order, as ``CASE_HEAD``: what belongs together in one cell, so that it can be read on A4."""
    rows = list(found)
    names = regions({code for row in rows for code in (row.township_code, row.village_code)})
    for number, case in enumerate(rows, 1):
        child = case.child
        yield (
            number, cell(child.name, SEX.get(child.sex, "")), day(child.birth_date), child.id_masked,
            cell(str(case.school or ""), f"{STAGES.get(case.stage, '')} {case.school_class or ''}".strip()),
            cell(names.get(case.township_code, ""), names.get(case.village_code, "")) or elsewhere(case),
            cell(child.guardian_name, child.guardian_phone),
            day(case.opened_on), case.reason, case.get_cause_display(),
            cell(case.standing.label, f"第 {case.repeats} 次再次辍学" if case.repeats else ""), cell(owner(case), day(case.due_on)),
            "" if case.is_open else day(case.state_since),
        )  # fmt: skip


def elsewhere(case: Case) -> str:
    """What stands for the household of a child whom no register places in the district."""
    return "外地" if case.is_non_local else UNLISTED


def owner(case: Case) -> str:
    """Whose the next step is."""
    return BY_CODE[case.owner_role].label if case.owner_role in BY_CODE else ""


def newest_run(scope: Scope) -> Run | None:
    """The comparison the ledger of all children is taken from."""
    ended = Run.objects.within(scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED]).select_related("term")
    return ended.order_by("-pk").first()


def fits(run: Run) -> bool:
    """Whether all children of a district fit into one workbook: it is made in memory while somebody waits."""
    return bool((run.counts or {}).get("children", WHOLE + 1) <= WHOLE)


def child_rows(run: Run, scope: Scope, *, township: str = "") -> Iterator[tuple[object, ...]]:
    """All children of compulsory age a run found in a scope (of one township where given), as ``CHILD_HEAD``."""
    found = ChildClass.objects.within(scope).filter(run=run, is_school_age=True)
    if township:
        found = found.filter(township_code=township)
    names = regions(None, district=run.district_code)
    listed = found.select_related("child", "school").order_by("township_code", "village_code", "pinyin", "pk")
    for number, row in enumerate(listed.iterator(chunk_size=2000), 1):
        child = row.child
        yield (
            number, row.name, SEX.get(child.sex, ""), day(child.birth_date), row.id_masked, STAGES.get(row.stage, ""), row.grade or "",
            str(row.school or ""), names.get(row.township_code, "" if row.is_local else UNLISTED),
            row.village_name or names.get(row.village_code, ""),
            label(Comparison.FIRST, row.first) if row.first else "", label(Comparison.SECOND, row.second) if row.second else "",
            label(Comparison.THIRD, row.group_kind) if row.group_kind else "",
        )  # fmt: skip


def regions(codes: set[str] | None, *, district: str = "") -> dict[str, str]:
    """Code -> name of townships and villages: of some, or of a whole district."""
    found = Region.objects.filter(code__startswith=district) if codes is None else Region.objects.filter(pk__in=codes)
    return dict(found.values_list("code", "name"))


def day(value: date | None) -> str:
    """A day as the ledgers write it, short: 2026-11-15."""
    return f"{value:%Y-%m-%d}" if value else ""


def cell(*texts: str) -> str:
    """What belongs together, a line each."""
    return "\n".join(filter(None, texts))
