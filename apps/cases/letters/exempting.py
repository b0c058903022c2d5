"""缓学申请表 and its sisters for 休学 and 不具备学习条件. 《义务教育法》第十一条"""

from __future__ import annotations

from django.utils import timezone

from apps.cases.letters.person import BLANK_DAY, ROOM, child_rows, school_of, signed
from apps.cases.models import Proposal
from apps.core.papers import Form, Paper, Title
from apps.core.templatetags.zaixue import cn_date

TITLES = {"deferral": "适龄儿童、少年缓学申请表", "suspension": "学生休学申请表", "medically_unable": "适龄儿童、少年不具备学习条件认定申请表"}
ENTRY = {"deferral": "应入学时间", "suspension": "所在班级", "medically_unable": "应入学时间"}


def paper(proposal: Proposal, application: dict[str, str], *, medical: bool) -> Paper:
    """The form as it was filled in, with the bureau's opinion or room for it; ``medical``: whether its reader may see medical facts."""
    case = proposal.case
    guardian = "　".join(filter(None, (application.get("guardian_name", ""), application.get("guardian_phone", ""))))
    body = application.get("proof_body", "")
    rows = [
        *child_rows(case.child),
        (ENTRY[proposal.basis], application.get("due_entry", ""), "学校", school_of(case)),
        ("住址", application.get("address", "")),
        ("监护人及电话", guardian, "监护人签字", ""),
        ("申请理由", proposal.words(proposal.text, medical=medical)),
        ("申请期限", f"{cn_date(proposal.first_day)}至{cn_date(proposal.until)}（最长一年，期满次日恢复就学）"),
        (
            "证明单位意见",
            f"{proposal.words(body, medical=medical)}：{proposal.words(application.get('proof_opinion', ''), medical=medical)}\n\n（盖章）　{BLANK_DAY}",
        ),
        ("经办意见", signed(f"申请{proposal.basis_label}。", proposal.asked_name, proposal.asked_title, cn_date(proposal.asked_at))),
        ("教育行政部门意见", opinion(proposal, medical=medical)),
    ]
    number = f"编号：{proposal.pk}"
    return Paper(title=f"{TITLES[proposal.basis]} {case.child.name}", layout="form", body=[Title(TITLES[proposal.basis], right=number), Form(rows)])


def opinion(proposal: Proposal, *, medical: bool) -> str:
    """What the education authority says, or room for it."""
    if proposal.decided_at is None:
        return f"{ROOM}（盖章）　　　　　　{BLANK_DAY}"
    said = "：".join(filter(None, (proposal.get_verdict_display(), proposal.words(proposal.verdict_text, medical=medical))))
    return signed(said, proposal.decided_name, proposal.decided_title, cn_date(timezone.localtime(proposal.decided_at)))
