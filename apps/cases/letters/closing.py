"""销号审批表: composed once, when the case is closed, and printed from what was stored then; before that with room for the second signature."""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from apps.cases.letters.person import BLANK_DAY, ROOM, Rows, child_rows, school_of, signed
from apps.cases.models import Case, Placement, Proposal, Return
from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import Cause
from apps.core.papers import Form, Paper, Title
from apps.core.templatetags.zaixue import cn_date
from apps.schools.policy import Policy
from apps.schools.queries import place_names

STAGES = {"primary": "小学", "junior": "初中"}


def composed(case: Case, proposal: Proposal, *, facts: Facts, numbers: Policy) -> dict[str, Any]:
    """The form as plain values: number, rows."""
    rows = child_rows(case.child) + place_rows(case) + case_rows(case) + attendance_rows(case, facts, numbers)
    rows += [("销号理由", f"{proposal.basis_label}。{proposal.text}"), ("证明材料", files_of(proposal))]
    rows += [("提出意见", asked(proposal)), ("区教育体育局意见", decided(proposal))]
    return {"number": proposal.number, "rows": [list(row) for row in rows]}


def place_rows(case: Case) -> Rows:
    """Where the child lives and learns, who brings it up."""
    names = place_names([case.township_code, case.village_code])
    home = "　".join(filter(None, (names.get(case.township_code, ""), names.get(case.village_code, "")))) or "不在本区"
    guardian = "　".join(filter(None, (case.child.guardian_name, case.child.guardian_phone)))
    return [("学校班级", school_of(case), "学段", STAGES.get(case.stage, "—")), ("户籍", home, "监护人", guardian)]


def case_rows(case: Case) -> Rows:
    """Why the case was opened, and what was done."""
    placement = Placement.objects.filter(case=case).order_by("pk").last()
    back = Return.objects.filter(case=case).order_by("pk").last()
    cause = Cause(case.cause).label if case.cause else "—"
    placed = f"{placement.get_kind_display()}，{cn_date(placement.first_day)}起，责任教师{placement.teacher}" if placement else "—"
    return [
        ("立案", f"{cn_date(case.opened_on)}　{case.get_origin_display()}", "再次辍学", f"{case.repeats} 次"),
        ("立案理由", case.reason),
        ("辍学原因", cause, "复学注册", cn_date(back.registered_on) if back else "—"),
        ("分类安置", placed),
    ]


def attendance_rows(case: Case, facts: Facts, numbers: Policy) -> Rows:
    """How long the child was watched and how often it came, by the roll calls; what the policy asks for beside it."""
    if not facts.monitored_days:
        return [("跟踪巩固", "—")]
    said = (
        f"{cn_date(facts.state_since)}起跟踪 {facts.monitored_days} 个上课日（规定 {numbers['monitoring_school_days']}），实到 {facts.attended_days}，"
        f"出勤率 {facts.attendance:.1f}%（规定 {numbers['monitoring_attendance']}%）；跟踪记录 {len(facts.notes)} 次"
    )
    return [("跟踪巩固", said)]


def files_of(proposal: Proposal) -> str:
    """The names of the files of proof."""
    names = [one.file_name for one in proposal.entry.attachments.all()]
    return "；".join(names) if names else "—"


def asked(proposal: Proposal) -> str:
    """The first signature."""
    return signed("申请销号。", proposal.asked_name, proposal.asked_title, cn_date(proposal.asked_at))


def decided(proposal: Proposal) -> str:
    """The second signature, or room for it."""
    if proposal.decided_at is None:
        return f"{ROOM}签字：　　　　　　　　{BLANK_DAY}"
    said = proposal.verdict_text or proposal.get_verdict_display()
    return signed(said, proposal.decided_name, proposal.decided_title, cn_date(timezone.localtime(proposal.decided_at)))


def paper(told: dict[str, Any]) -> Paper:
    """The form to print."""
    return Paper(title=f"销号审批表 {told['number']}".strip(), layout="form", body=[Title("控辍保学个案销号审批表", right=""), form(told)])


def form(told: dict[str, Any]) -> Form:
    """Its boxes, the number first."""
    return Form([("文号", told["number"] or "（审批后编号）"), *(tuple(row) for row in told["rows"])])
