"""manage.py scan_absences --date D: the runs of absence up to a day, and the cases that must be opened.

Of a day that is over only the cases are kept that it asks for: the runs themselves are brought to today again before anybody sees them."""

from __future__ import annotations

import time
from argparse import ArgumentParser
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.attendance.actions.scanning import scan
from apps.attendance.actions.seating import seat_pupils
from apps.attendance.models import AbsenceRun
from apps.cases.actions.absences import open_cases_of_absences
from apps.cases.queries.following import held
from apps.core import clock
from apps.core.errors import Refused
from apps.core.management.telling import TellingCommand
from apps.registers.actions.load import system_actor


class Command(TellingCommand):
    """连续未到校 (DATA.md §3)."""

    help = "重算到某一天为止的连续未到校，该立案的立案；可以反复运行"

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--date", default="", help="YYYY-MM-DD，缺省为今天")
        parser.add_argument("--district", default=settings.DISTRICT_CODE)

    def handle(self, *args: Any, district: str, **options: Any) -> None:
        begun = time.monotonic()
        today = clock.today()
        day = day_of(options["date"]) if options["date"] else today
        if day > today:
            raise Refused(f"{day:%Y年%-m月%-d日}还没有到。", code="date")
        seat_pupils(district=district, today=today, now=clock.now(), held=held(district, today=today))
        with transaction.atomic():
            told = {"date": str(day)} | scanned(district, day, is_over=day < today)
            if day < today:
                scan(district=district, today=today)
        self.tell(told | {"seconds": round(time.monotonic() - begun, 3)}, human, as_json=options["json"])


def scanned(district: str, day: date, *, is_over: bool) -> dict[str, Any]:
    """What stands on a day, counted before anything later is looked at."""
    runs = scan(district=district, today=day).runs
    opened = open_cases_of_absences(district=district, by=system_actor(district), today=day, now=clock.now(), and_note=not is_over)
    flagged = AbsenceRun.objects.filter(district_code=district).suspected()
    return {"runs": runs, "suspected": flagged.count(), "still_absent": flagged.open().count(), "cases_opened": opened}


def day_of(text: str) -> date:
    """The day asked for; Refused where it is none."""
    try:
        return date.fromisoformat(text)
    except ValueError as fault:
        raise Refused(f"日期“{text}”写法不对，应为 2026-09-01。", code="term") from fault


def human(told: dict[str, Any]) -> str:
    """The result as a person reads it."""
    return (
        f"到 {told['date']} 为止：连续未到校 {told['runs']} 段，其中疑似辍学 {told['suspected']} 段（仍未到校 {told['still_absent']} 段），"
        f"新立案 {told['cases_opened']} 件，用时 {told['seconds']} 秒"
    )
