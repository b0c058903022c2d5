"""Where the child of a row is to be looked for, and whose a finding is, by the names of places.

One question for a whole page, a second for the owners.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from apps.reconciliation import rules
from apps.reconciliation.models import Finding
from apps.schools import queries as places


class Whereabouts:
    """The names of the places that the rows of one page speak of. A row has township_code, village_code, school, school_class.

    ``district``: its central schools are read too, which ``owner`` needs.
    """

    def __init__(self, rows: Iterable[Any], *, district: str = "") -> None:
        codes = {code for row in rows for code in (row.township_code, row.village_code, row.school.township_id if row.school else "") if code}
        self.names = places.place_names(codes)
        self.centrals = places.central_schools(district) if district else {}

    def home(self, row: Any) -> str:
        """Township and village of the household, '' where no register says."""
        return " ".join(filter(None, (self.names.get(row.township_code, ""), self.names.get(row.village_code, ""))))

    def child(self, row: Any) -> str:
        """School and class; the household's township and village for a child without a school."""
        return " ".join(str(part) for part in (row.school, row.school_class) if part) or self.home(row)

    def finding(self, finding: Finding) -> dict[str, Any]:
        """A finding with the words of its row: ① asks of the household, ② of the school."""
        return {
            "finding": finding, "home": self.home(finding), "owner": self.owner(finding),
            "school": " ".join(str(part) for part in (finding.school, finding.school_class) if part),
        }  # fmt: skip

    def owner(self, finding: Finding) -> str:
        """Whose a finding is: 舍块乡中心学校, 舍块乡小学 学籍管理员, 区教体局."""
        word = rules.owner_label(finding.owner)
        if finding.owner == "central_school":
            township = finding.township_code or (finding.school.township_id if finding.school else "")
            return self.centrals.get(township) or f"{self.names.get(township, '')}{word}"
        if finding.owner in ("registrar", "principal") and finding.school:
            return f"{finding.school} {word}"
        return word
