"""The three ledgers as workbooks: merged title, headings, A4 landscape, line of signatures 〔四个一：三本台账〕."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from io import BytesIO

from apps.core.excel.write import write_table
from apps.core.templatetags.zaixue import cn_date
from apps.reporting.queries import ledgers

TITLES = {ledgers.CHILDREN: "适龄儿童少年台账", ledgers.SUSPECTED: "疑似辍学台账", ledgers.DROPOUT: "辍学台账"}
NAMES = {**TITLES, ledgers.LISTED: "一生一案名单"}
TEXTS = {"证件号（掩码）", "出生日期"}
WIDTHS = {
    "序号": 6,
    "性别": 5,
    "姓名": 10,
    "姓名、性别": 10,
    "出生日期": 12,
    "证件号（掩码）": 20,
    "立案日": 12,
    "立案理由": 26,
    "辍学原因": 11,
    "销号或排除日": 12,
    "学校": 20,
    "学校班级": 19,
    "户籍乡镇、村": 14,
    "监护人、电话": 13,
    "状态": 12,
    "责任岗位、下一期限": 12,
    "学段": 6,
    "年级": 6,
    "户籍×学籍": 16,
    "学籍×在校": 16,
    "户类型": 14,
}
SIZE = 11  # points, before the sheet is fitted to the width of the paper
SIGNED = "填表人：　　　　　　　审核人：　　　　　　　负责人：　　　　　　　（盖章）"


def workbook(kind: str, *, place: str, head: Sequence[str], rows: Iterable[Sequence[object]], day: date, source: str = "") -> bytes:
    """One ledger, or the filtered list, of one place on a day."""
    kept = BytesIO()
    listed = list(rows)
    write_table(
        kept, title=f"{place}{NAMES[kind]}", headings=head, rows=listed, widths=[WIDTHS.get(name, 13) for name in head],
        notes=[f"截至 {cn_date(day)}　共 {len(listed)} 人{source}"], footer=[SIGNED], text_columns={n for n, name in enumerate(head) if name in TEXTS},
        sheet=NAMES[kind], size=SIZE,
    )  # fmt: skip
    return kept.getvalue()
