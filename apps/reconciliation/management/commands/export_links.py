"""``export_links --run N FILE.csv``: every link a run made (DATA.md §3)."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import Refused
from apps.core.excel.write import CSV_ENCODINGS, write_csv
from apps.reconciliation.queries.exports import LINK_COLUMNS, all_links, finished_run


class Command(BaseCommand):
    """Write the links of a run."""

    help = "导出一次比对的全部关联"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--run", type=int, required=True)
        parser.add_argument("--encoding", choices=CSV_ENCODINGS, default="utf-8", help="编码：utf-8（带 BOM）或 gb18030")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            run = finished_run(options["run"], district=settings.DISTRICT_CODE)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        rows = list(all_links(run))
        write_csv(options["file"], headings=LINK_COLUMNS, rows=rows, encoding=CSV_ENCODINGS[options["encoding"]])
        seconds = round(time.monotonic() - begun, 2)
        self.stdout.write(json.dumps({"links": len(rows), "seconds": seconds}) if options["json"] else f"{len(rows)} 条关联，{seconds} 秒")
