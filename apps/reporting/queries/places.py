"""Where the children of some reports live, and the way to a map that says nothing about them."""

from __future__ import annotations

from collections.abc import Iterable

from apps.cases.models import Case
from apps.reporting.models import ThreeLineReport
from apps.schools.queries import map_link, place_names


class Places:
    """The names of the places that some reports or cases speak of, in one read."""

    def __init__(self, reports: Iterable[ThreeLineReport | Case]) -> None:
        codes = {code for report in reports for code in (report.district_code, report.township_code, report.village_code) if code}
        self.names = place_names(codes)

    def village(self, report: ThreeLineReport | Case) -> str:
        """The village of the household; the township, or what the principal wrote, where the village is not known."""
        home = report.home if isinstance(report, ThreeLineReport) else ""
        return self.names.get(report.village_code) or self.names.get(report.township_code) or home

    def map_link(self, report: ThreeLineReport | Case) -> str:
        """The way to the village on a map; '' without a village."""
        return map_link(self.names, district=report.district_code, township=report.township_code, village=report.village_code)
