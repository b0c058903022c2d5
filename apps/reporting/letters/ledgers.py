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
TEXTS = {"证件号（掩码）", "联系电话", "出生日期"}
WIDTHS = {
    "序号": 5,
    "性别": 5,
    "姓名": 12,
    "证件号（掩码）": 20,
    "立案理由": 30,
    "学校": 22,
    "联系电话": 14,
    "监护人": 10,
    "学段": 6,
    "年级": 5,
    "再次辍学": 6,
}
SIGNED = "填表人：　　　　　　　审核人：　　　　　　　负责人：　　　　　　　（盖章）"


def workbook(kind: str, *, place: str, head: Sequence[str], rows: Iterable[Sequence[object]], day: date, source: str = "") -> bytes:
    """One ledger, or the filtered list, of one place on a day."""
    kept = BytesIO()
    listed = list(rows)
    write_table(
        kept, title=f"{place}{NAMES[kind]}", headings=head, rows=listed, widths=[WIDTHS.get(name, 13) for name in head],
        notes=[f"截至 {cn_date(day)}　共 {len(listed)} 人{source}"], footer=[SIGNED], text_columns={n for n, name in enumerate(head) if name in TEXTS},
        sheet=NAMES[kind],
    )  # fmt: skip
    return kept.getvalue()
