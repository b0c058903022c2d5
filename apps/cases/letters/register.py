"""四步法登记表: the register of legal steps as a workbook."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO

from apps.cases.models import LegalStep
from apps.core.excel.write import write_table
from apps.core.templatetags.zaixue import cn_date

HEADINGS = (
    ("序号", 6), ("文号", 26), ("步骤", 14), ("文书", 18), ("学生", 10), ("学校班级", 22), ("受送达人", 12), ("发出日", 12), ("签发人", 10), ("送达日", 12),
    ("送达方式", 10), ("签收人", 10), ("送达人", 12), ("见证人", 10), ("期限届满", 12), ("情况", 22),
)  # fmt: skip


def table(target: BytesIO, steps: Iterable[LegalStep], *, place: str, year: int, day: date) -> None:
    """Write the register into ``target``."""
    rows = [row(n, step) for n, step in enumerate(steps, 1)]
    write_table(
        target, title=f"{place}{year}年“四步法”法律文书登记表", headings=[label for label, _ in HEADINGS], rows=rows,
        widths=[width for _, width in HEADINGS], text_columns={1, 7, 9, 14}, sheet="四步法",
        notes=[f"填报单位（盖章）：　　　　　　　　　　导出日期：{cn_date(day)}　共 {len(rows)} 件"],
        footer=["填表人：　　　　　　　　　　审核人：　　　　　　　　　　负责人：　　　　　　　　　　　　　　年　　月　　日"],
    )  # fmt: skip


def row(number: int, step: LegalStep) -> list[object]:
    """One step."""
    service, case = step.service, step.case
    room = f"{case.school or ''} {case.school_class or ''}".strip()
    served = [cn_date(service.served_on), service.get_way_display(), service.received_by, service.servers, service.witness] if service else [""] * 5
    return [
        number, step.number, f"第{step.step}步 {step.get_step_display()}", step.title, case.child.name, room,
        step.addressee, cn_date(step.issued_on), step.issued_name, *served, cn_date(step.term_ends_on), standing(step),
    ]  # fmt: skip


def standing(step: LegalStep) -> str:
    """How a step stands."""
    if step.stopped_on is not None:
        return step.stopped_text
    if step.is_skipped:
        return "经同意跳过"
    return "已送达" if step.service else "待送达"
