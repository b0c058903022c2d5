"""Cases on their way back: persuaded by a township that is charged with them."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from apps.cases.models import Assignment, Case
from apps.core.proofs import ProofFile
from apps.students.models import Child
from tests.factories import runs

SCAN = ProofFile("回证.pdf", b"%PDF-1.7 \xe5\x9b\x9e\xe8\xaf\x81")


def charge(case: Case, *, since: date, now: datetime, office: str = "") -> Assignment:
    """The township is charged with a case and has accepted; nothing where one is charged already."""
    made, _ = Assignment.objects.get_or_create(
        case=case, level="township", ended_at=None,
        defaults={
            "region_code": office or case.township_code, "accept_by": since, "given_at": now, "given_name": "李测", "given_title": "区教体局",
            "accepted_at": now, "accepted_name": "王测", "accepted_title": "乡镇",
        },
    )  # fmt: skip
    return made


def persuading(child: Child, *, since: date, now: datetime, office: str = "", **fields: Any) -> Case:
    """An open case in the township's hands: handed over, accepted, nothing issued yet."""
    told = {"state": "persuading", "opened_on": since - timedelta(30), "state_since": since, "progress_on": since}
    case = runs.case(child, **(told | fields))
    charge(case, since=since, now=now, office=office)
    return Case.objects.select_related("child", "school", "school_class").get(pk=case.pk)
