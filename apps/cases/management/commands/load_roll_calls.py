"""manage.py load_roll_calls FILE.csv: attendance that was kept elsewhere, or on paper."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from dataclasses import asdict
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.attendance.actions.loading import MOST_TOLD, SENTENCES, load_roll_calls
from apps.cases.queries.following import held
from apps.core import clock
from apps.core.management.telling import TellingCommand, existing
from apps.registers.actions.load import system_actor

SHOWN = 20


class Command(TellingCommand):
    """考勤补录 (DATA.md §3)."""

    help = "补录考勤（CSV）：school_code、class、date、student_number 或 id_number、code（absent、late、leave、sick……；全班到齐的班日写一行 all_present）"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("file", type=Path)
        parser.add_argument("--district", default=settings.DISTRICT_CODE)

    def handle(self, *args: Any, file: Path, district: str, **options: Any) -> None:
        start = time.monotonic()
        today = clock.today()
        done = load_roll_calls(
            path=existing(file), district=district, by=system_actor(district), now=clock.now(), today=today, held=held(district, today=today)
        )
        result = asdict(done) | {"seconds": round(time.monotonic() - start, 3)}
        self.tell(result, human, as_json=options["json"])


def human(result: dict[str, Any]) -> str:
    """The result as a person reads it; rows are counted as the sheet shows them."""
    lines = [
        f"考勤 {result['rows']} 行，收下 {result['accepted']}，未收 {result['rejected']}，用时 {result['seconds']} 秒",
        f"班日：新增 {result['new']}，更正 {result['corrected']}，未变 {result['unchanged']}；请假条 {result['leaves']}；连续未到校 {result['runs']}",
        *(f"第 {problem['sheet_row']} 行 {problem['message']}" for problem in result["problems"][:SHOWN]),
    ]
    if result["rejected"] > SHOWN:
        counts = "，".join(f"{SENTENCES[code][1]} {count} 行" for code, count in result["problem_counts"].items())
        lines.append(f"……共 {result['rejected']} 行未收：{counts}（--json 每种列出前 {MOST_TOLD} 行）")
    if result["problems"]:
        lines.append("同班同日的其他行照常收下；未收的学生当天暂按到校计，请改正后把那个班日重新装入。")
    return "\n".join(lines)
