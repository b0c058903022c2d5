"""manage.py load_schools FILE: the schools of the district."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.core.errors import Refused
from apps.registers.actions import load_schools
from apps.registers.actions.load import system_actor


class Command(BaseCommand):
    """学校名录 (DATA.md §3)."""

    help = "导入本区学校名录（学校标识码、学校名称、乡镇代码、办学类型、是否中心学校）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", default=settings.DISTRICT_CODE)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, district: str, **options: Any) -> None:
        start = time.monotonic()
        if not file.is_file():
            self.stderr.write(f"没有这个文件：{file}")
            raise SystemExit(2)
        try:
            result = load_schools(path=file, by=system_actor(district), district=district).as_dict()
        except Refused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"refused": refusal.sentence, "code": refusal.code}, ensure_ascii=False))
            self.stderr.write(refusal.sentence)
            raise SystemExit(1) from None
        result["seconds"] = round(time.monotonic() - start, 3)
        if options["json"]:
            self.stdout.write(json.dumps(result, ensure_ascii=False))
            return
        self.stdout.write(f"学校 {result['rows']} 所：新增 {result['inserted']}，更新 {result['updated']}，未变 {result['unchanged']}")
        for problem in result["problems"]:
            self.stdout.write(f"第 {problem['row']} 行：{problem['message']}")
