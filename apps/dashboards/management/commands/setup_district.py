"""``manage.py setup_district``: regions, the calendar around today, the current term, the posts of the two lines. Run it as often as you like."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.cases.actions.duties import ensure_duties
from apps.core import clock
from apps.core.errors import Refused
from apps.core.management.telling import TellingCommand
from apps.schools import actions
from apps.schools.models import Region
from apps.schools.rules import term_of


class Command(TellingCommand):
    """Makes a district ready to work in."""

    help = "载入行政区划，生成今日前后各年的校历、本学年两个学期和双线十二个岗位（可重复运行，不覆盖已有修改）"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--code", default=settings.DISTRICT_CODE, help="县区代码，缺省取 DISTRICT_CODE")
        parser.add_argument("--year", type=int, action="append", help="只生成这一年的校历，可多次给出")

    def handle(self, *args: Any, **options: Any) -> None:
        code, today = options["code"], clock.today()
        regions = actions.load_regions(path=settings.ROOT / "fixtures" / "regions.json")
        if not Region.objects.filter(pk=code, level=Region.Level.DISTRICT).exists():
            raise Refused(f"行政区划中没有县区 {code}，请先在 fixtures/regions.json 中加入。", code="district")
        years = [actions.seed_calendar(district=code, year=year) for year in options["year"] or actions.around(day=today)]
        now = term_of(today)
        terms = [actions.ensure_term(district=code, code=f"{now.year}-{now.year + 1}-{half}") for half in (1, 2)]
        unsure = [seeded.year.year for seeded in years if not seeded.year.is_confirmed]
        answer = {
            "district": code,
            "regions": regions,
            "days": sum(s.days for s in years),
            "unconfirmed_years": unsure,
            "terms": [t.code for t in terms],
            "duties": ensure_duties(district=code),
        }
        self.tell(answer, human, as_json=options["json"])
        for year in () if options["json"] else unsure:
            self.stderr.write(self.style.WARNING(f"注意：{year} 年的国家节假日安排未知，暂按周末推算，请在“校历年份”中核对后确认。"))


def human(answer: dict[str, Any]) -> str:
    """The result as a person reads it."""
    return (
        "{district}：行政区划新增或更新 {regions} 条，校历新增 {days} 天，双线岗位新增 {duties} 个，学期 ".format_map(answer)
        + f"{'、'.join(answer['terms'])}。"
    )
