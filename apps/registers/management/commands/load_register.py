"""manage.py load_register KIND FILE --term T: one register, the same steps as the pages."""

from __future__ import annotations

import json
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.core import clock
from apps.core.errors import Refused
from apps.registers.actions import load_register
from apps.registers.actions.load import system_actor
from apps.registers.models import Kind
from apps.schools.actions import ensure_term

SHOWN = 20


class Command(BaseCommand):
    """名册导入 (DATA.md §3)."""

    help = "读取、核对并提交一份名册；--check-only 只核对不提交"

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--term", required=True, help="如 2026-2027-1")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--school", default="")
        place.add_argument("--township", default="")
        parser.add_argument("--check-only", action="store_true")
        parser.add_argument("--confirm-shrink", action="store_true", help="名册大幅减少时仍然提交")
        parser.add_argument("--district", default=settings.DISTRICT_CODE)
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        start = time.monotonic()
        if not file.is_file():
            self.stderr.write(f"没有这个文件：{file}")
            raise SystemExit(2)
        try:
            result = self.load(file, options)
        except Refused as refusal:
            if options["json"]:
                self.stdout.write(json.dumps({"refused": refusal.sentence, "code": refusal.code}, ensure_ascii=False))
            self.stderr.write(refusal.sentence)
            raise SystemExit(2 if refusal.code == "term" else 1) from None
        result["seconds"] = round(time.monotonic() - start, 3)
        self.stdout.write(json.dumps(result, ensure_ascii=False) if options["json"] else human(result))

    def load(self, file: Path, options: dict[str, Any]) -> dict[str, Any]:
        """The action with the command's arguments."""
        return load_register(
            kind=options["kind"],
            path=file,
            term=ensure_term(district=options["district"], code=options["term"]),
            by=system_actor(options["district"]),
            now=clock.now(),
            school=options["school"],
            township=options["township"],
            check_only=options["check_only"],
            confirm_shrink=options["confirm_shrink"],
            on_progress=lambda event: self.stderr.write(f"{event['phase']} {event.get('rows', 0)}"),
        )


def human(result: dict[str, Any]) -> str:
    """The result as a person reads it."""
    lines = [
        f"上传 {result['upload']}：{result['rows']} 行，收下 {result['accepted'] + result['cleaned']}（其中修整 {result['cleaned']}），未收 {result['rejected']}",
        f"新增 {result['inserted']}，更新 {result['updated']}，未变 {result['unchanged']}，缺失 {result['missing']}，用时 {result['seconds']} 秒",
        *result["warnings"],
        *(f"第 {problem['row']} 行 {problem['message']}" for problem in result["problems"][:SHOWN]),
    ]
    if len(result["problems"]) > SHOWN:
        lines.append(f"……共 {len(result['problems'])} 个问题")
    return "\n".join(lines)
