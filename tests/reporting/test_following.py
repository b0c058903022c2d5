"""A report goes with its case: who has the case has its task."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from apps.cases.models import Case
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.reporting.actions.following import follow_cases
from apps.reporting.models import Line, ThreeLineReport
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import lines, people

pytestmark = pytest.mark.django_db


def moved(cast: Cast, report: ThreeLineReport) -> Case:
    """The case goes to a school of the other township."""
    room = cast.home.schools[2].classes.order_by("pk")[0]
    Case.objects.filter(pk=report.case_id).update(school=room.school, school_class=room)
    return Case.objects.select_related("school").get(pk=report.case_id)


def waiting(report: ThreeLineReport) -> list[tuple[str, str]]:
    """Who is told that a line waits."""
    found = Notice.objects.standing().filter(topic="line", key__startswith=f"report:{report.pk}:")
    return sorted(found.exclude(role="bureau").values_list("role", "school"))


@pytest.mark.parametrize("issued", [False, True])
def test_a_report_that_is_not_out_goes_with_its_case(cast: Cast, issued: bool) -> None:
    before, now = TODAY - timedelta(3), NOW - timedelta(3)
    report = lines.issued(cast.child, on=before, by=cast.actor("principal"), now=now) if issued else lines.draft(cast.child, on=before, now=now)
    assert follow_cases(by=SYSTEM, now=NOW) == 0
    case = moved(cast, report)
    assert (follow_cases(by=SYSTEM, now=NOW), follow_cases(by=SYSTEM, now=NOW)) == (1, 0)
    report.refresh_from_db()
    assert (report.school, report.school_class) == (case.school, case.school_class)
    assert waiting(report) == [("registrar" if issued else "principal", case.school_id)]
    there = people.client(people.post("principal", school=case.school))
    assert there.get(reverse("report_show", args=[report.pk])).status_code == 200
    assert cast.client("principal").get(reverse("report_show", args=[report.pk])).status_code == 404


def test_a_report_that_is_whole_stays_with_who_issued_it_and_is_read_by_who_has_the_case(cast: Cast) -> None:
    report = lines.issued(cast.child, on=TODAY - timedelta(3), by=cast.actor("principal"), now=NOW - timedelta(3))
    Line.objects.filter(report=report, kind="platform").update(state="sent", sent_at=NOW, sent_name="甲", number="1")
    case = moved(cast, report)
    assert follow_cases(by=SYSTEM, now=NOW) == 0
    there = people.client(people.post("principal", school=case.school))
    for client in (there, cast.client("principal")):
        assert client.get(reverse("report_show", args=[report.pk])).status_code == 200
    assert report.district_code == HOME
