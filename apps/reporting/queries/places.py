"""Where the children of some reports live, and the way to a map that says nothing about them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from apps.cases.models import Case
from apps.reporting.models import ThreeLineReport
from apps.schools.queries import place_names


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
        """A ``geo:`` link for the phone's own map, '' without a village: only names of public places leave the page (decision 0016)."""
        if not report.village_code:
            return ""
        where = "".join(self.names.get(code, "") for code in (report.district_code, report.township_code, report.village_code))
        return f"geo:0,0?q={quote(where)}"
