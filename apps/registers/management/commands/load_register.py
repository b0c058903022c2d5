"""manage.py load_register KIND FILE --term T: one register, the same steps as the pages."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.core import clock
from apps.core.management.telling import TellingCommand, existing
from apps.registers.actions import load_register
from apps.registers.actions.load import system_actor
from apps.registers.layouts.words import PHASES, counted
from apps.registers.models import Kind
from apps.schools.actions import ensure_term

SHOWN = 20


class Command(TellingCommand):
    """名册导入 (DATA.md §3)."""

    help = "读取、核对并提交一份名册；--check-only 只核对不提交"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("kind", choices=Kind.values)
        parser.add_argument("file", type=Path)
        parser.add_argument("--term", required=True, help="如 2026-2027-1")
        place = parser.add_mutually_exclusive_group()
        place.add_argument("--school", default="")
        place.add_argument("--township", default="")
        parser.add_argument("--check-only", action="store_true")
        parser.add_argument("--confirm-shrink", action="store_true", help="名册大幅减少时仍然提交")
        parser.add_argument("--district", default=settings.DISTRICT_CODE)

    def handle(self, *args: Any, file: Path, **options: Any) -> None:
        start = time.monotonic()
        result = self.load(existing(file), options)
        result["seconds"] = round(time.monotonic() - start, 3)
        self.tell(result, human, as_json=options["json"])

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
            on_progress=lambda event: self.stderr.write(f"{PHASES[event['phase']]} {counted(event)}".rstrip()),
        )


def human(result: dict[str, Any]) -> str:
    """The result as a person reads it; rows are counted as the sheet shows them."""
    lines = [
        f"上传 {result['upload']}：{result['rows']} 行，收下 {result['accepted'] + result['cleaned']}（其中修整 {result['cleaned']}），未收 {result['rejected']}",
        f"新增 {result['inserted']}，更新 {result['updated']}，未变 {result['unchanged']}，缺失 {result['missing']}，用时 {result['seconds']} 秒",
        *result["warnings"],
        *(f"{problem['sheet']} 第 {problem['sheet_row']} 行 {problem['message']}".lstrip() for problem in result["problems"][:SHOWN]),
    ]
    if len(result["problems"]) > SHOWN:
        lines.append(f"……共 {len(result['problems'])} 个问题")
    return "\n".join(lines)
