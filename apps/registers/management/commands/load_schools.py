"""manage.py load_schools FILE: the schools of the district."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core.management.telling import TellingCommand, existing
from apps.registers.actions import load_schools
from apps.registers.actions.load import system_actor


class Command(TellingCommand):
    """学校名录 (DATA.md §3)."""

    help = "导入本区学校名录（学校标识码、学校名称、乡镇代码、办学类型、是否中心学校）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", default=settings.DISTRICT_CODE)

    def handle(self, *args: Any, file: Path, district: str, **options: Any) -> None:
        start = time.monotonic()
        result = load_schools(path=existing(file), by=system_actor(district), district=district).as_dict()
        result["seconds"] = round(time.monotonic() - start, 3)
        self.tell(result, human, as_json=options["json"])


def human(result: dict[str, Any]) -> str:
    """The result as a person reads it."""
    counts = f"学校 {result['rows']} 所：新增 {result['inserted']}，更新 {result['updated']}，未变 {result['unchanged']}"
    return "\n".join([counts, *(f"第 {problem['row']} 行：{problem['message']}" for problem in result["problems"])])
