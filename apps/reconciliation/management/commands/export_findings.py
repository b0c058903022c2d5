"""``export_findings --run N FILE.(csv|xlsx)``: every child of a run with its class in each comparison (DATA.md §3)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.core.errors import Refused
from apps.core.excel.write import CSV_ENCODINGS, write_csv, write_table
from apps.core.management.telling import TellingCommand
from apps.reconciliation.models import Run
from apps.reconciliation.queries.exports import finished_run
from apps.reconciliation.queries.lists import findings_export

# Column of the export -> heading and width in a workbook; a CSV is for programs and bears the keys themselves, as export_links does.
COLUMNS = {
    "child": ("儿童编号", 10), "name": ("姓名", 12), "id_number": ("证件号", 22), "first": ("①类别", 18), "first_code": ("①代码", 14),
    "second": ("②类别", 18), "second_code": ("②代码", 14), "reverse": ("②在校无籍", 14), "reverse_code": ("②反向代码", 14),
    "third": ("③类别", 14), "third_code": ("③代码", 14), "rows": ("来源行（名册:上传:行）", 40), "school_code": ("学校标识码", 14),
    "school": ("学校", 24), "township_code": ("乡镇代码", 12), "township": ("乡镇", 12), "stage": ("学段", 8), "grade": ("年级", 6),
    "reason": ("理由", 60), "state": ("状态", 14),
}  # fmt: skip
TEXT_COLUMNS = {place for place, name in enumerate(COLUMNS) if name.endswith("code") or name in ("id_number", "rows")}
SUFFIXES = (".csv", ".xlsx")


class Command(TellingCommand):
    """Write the classes of all children of a run."""

    help = "导出一次比对中每名儿童的类别、来源行、理由和处理状态（.csv 或 .xlsx）"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--run", type=int, required=True)
        parser.add_argument("--encoding", choices=CSV_ENCODINGS, default="utf-8", help="CSV 的编码：utf-8（带 BOM）或 gb18030")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        file: Path = options["file"]
        if file.suffix.lower() not in SUFFIXES:
            raise Refused("请把文件写成 .csv 或 .xlsx。", code="suffix")
        run = finished_run(options["run"], district=settings.DISTRICT_CODE)
        count = self.write(run, file, CSV_ENCODINGS[options["encoding"]])
        told = {"findings": count, "seconds": round(time.monotonic() - begun, 2)}
        self.tell(told, "{findings} 名儿童，{seconds} 秒".format_map, as_json=options["json"])

    def write(self, run: Run, file: Path, encoding: str) -> int:
        """Write the file; returns how many children."""
        rows = [[row[column] for column in COLUMNS] for row in findings_export(run)]
        if file.suffix.lower() == ".csv":
            write_csv(file, headings=list(COLUMNS), rows=rows, encoding=encoding)
            return len(rows)
        headings, widths = zip(*COLUMNS.values(), strict=True)
        note = f"{run.term.label}，比对日 {run.as_of}，{run.sentence}"
        write_table(file, title=f"第{run.pk}次四查三比对", headings=headings, rows=rows, widths=widths, notes=[note], text_columns=TEXT_COLUMNS)
        return len(rows)
