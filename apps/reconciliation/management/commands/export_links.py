"""``export_links --run N FILE.csv``: every link a run made (DATA.md §3)."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.core.excel.write import CSV_ENCODINGS, write_csv
from apps.core.management.telling import TellingCommand
from apps.reconciliation.queries.exports import LINK_COLUMNS, all_links, finished_run


class Command(TellingCommand):
    """Write the links of a run."""

    help = "导出一次比对的全部关联"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--run", type=int, required=True)
        parser.add_argument("--encoding", choices=CSV_ENCODINGS, default="utf-8", help="编码：utf-8（带 BOM）或 gb18030")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        run = finished_run(options["run"], district=settings.DISTRICT_CODE)
        rows = list(all_links(run))
        write_csv(options["file"], headings=LINK_COLUMNS, rows=rows, encoding=CSV_ENCODINGS[options["encoding"]])
        told = {"links": len(rows), "seconds": round(time.monotonic() - begun, 2)}
        self.tell(told, "{links} 条关联，{seconds} 秒".format_map, as_json=options["json"])
