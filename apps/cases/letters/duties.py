"""包保责任书: composed once when it is made, printed from what was stored. Layout after GB/T 9704-2012 (core/papers.py)."""

from __future__ import annotations

from typing import Any

from apps.cases.models import DutyLetter
from apps.core.papers import Block, Form, Heading, Paper, Text
from apps.schools.policy import Policy

BASIS = (
    "为落实控辍保学责任，根据《中华人民共和国义务教育法》和本区控辍保学工作方案，实行双线十二人包保责任制，层层签订，责任到人。甲乙双方签订本责任书。"
)
# What the lower side answers for, by what it is: the plan's duties of the government's and of the education's line 〔方案二（一）、（三）〕.
LOWER = {
    "government": (
        "落实“双线”包保责任人，把每一名适龄儿童少年落实到人；人员变动的当日办理交接。",
        "每学期开学前后组织摸排，掌握户籍适龄儿童少年的就学去向，不漏一户、不漏一人。",
        "接到学校三线报告或区教体局交办后按时签收，首次入户走访不超过规定的上课日，持续劝返直至返校。",
        "监护人拒不履行义务的，按顺序依法实施“四步法”，文书送达有回证。",
        "对已返校学生继续走访，防止反弹；辖区内失学辍学动态清零。",
    ),
    "education": (
        "落实每名学生的班主任和帮扶教师，每个上课日按时点名，当天联系未到校学生的家长。",
        "连续 {suspected_school_days} 个上课日无正当理由未到校的，按时核实并完成三线报告。",
        "配合乡镇（街道）、村（社区）入户劝返，如实记录每一次走访。",
        "返校学生按原因分类安置，有方案、有复核；跟踪巩固，留得住、学得好。",
        "学籍与在校人数一致，不空挂、不瞒报。",
    ),
}
UPPER = ("指导、督促乙方履行职责，协调解决乙方提出的困难。", "每学期检查一次责任落实情况，结果纳入考核。")
ROOM = "　\n　\n　"  # to sign in
TERM = "本责任书一式两份，甲乙双方各执一份，自签字之日起生效，至本年度末止；责任人变动的，接任人继续履行。"


def composed(written: Any, *, line: str, numbers: Policy) -> dict[str, Any]:
    """The words as the row keeps them, with the numbers in force."""
    return {
        "title": f"{written.year}年度控辍保学包保责任书", "upper": written.upper, "upper_name": written.upper_name, "lower": written.lower,
        "lower_name": written.lower_name, "basis": BASIS, "of_lower": [numbers.fill(words) for words in LOWER[line]],
        "of_upper": list(UPPER), "term": TERM,
    }  # fmt: skip


def paper(letter: DutyLetter) -> Paper:
    """The paper to be signed."""
    told = letter.letter
    body: list[Block] = [
        Text(f"编号：{letter.number}", indent=False), Text(f"甲方：{told['upper']}", indent=False), Text(f"乙方：{told['lower']}", indent=False),
        Text(told["basis"]), Heading("一、乙方责任"), *(Text(f"{n}．{words}") for n, words in enumerate(told["of_lower"], 1)),
        Heading("二、甲方责任"), *(Text(f"{n}．{words}") for n, words in enumerate(told["of_upper"], 1)), Heading("三、期限"), Text(told["term"]),
        Form([
            ("甲方（盖章）", f"{told['upper']}\n　\n　", "乙方（盖章）", f"{told['lower']}\n　\n　"),
            ("责任人", told["upper_name"], "责任人", told["lower_name"]), ("签字", ROOM, "签字", ROOM),
            ("日期", "　　年　月　日", "日期", "　　年　月　日"),
        ]),
    ]  # fmt: skip
    return Paper(title=told["title"], body=body)
