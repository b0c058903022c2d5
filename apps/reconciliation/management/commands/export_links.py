"""``export_links --run N FILE.csv``: every link a run made (DATA.md §3)."""

from __future__ import annotations

import csv
import json
import time
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core.errors import Refused
from apps.reconciliation.queries.exports import LINK_COLUMNS, all_links, finished_run


class Command(BaseCommand):
    """Write the links of a run."""

    help = "导出一次比对的全部关联"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--run", type=int, required=True)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            run = finished_run(options["run"], district=settings.DISTRICT_CODE)
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        count = 0
        with options["file"].open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(LINK_COLUMNS)
            for row in all_links(run):
                writer.writerow(row)
                count += 1
        seconds = round(time.monotonic() - begun, 2)
        self.stdout.write(json.dumps({"links": count, "seconds": seconds}) if options["json"] else f"{count} 条关联，{seconds} 秒")
