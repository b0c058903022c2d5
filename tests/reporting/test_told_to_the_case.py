"""What the principal verified is not typed again: cause, whereabouts and special groups are the case's from then on."""

from __future__ import annotations

from dataclasses import replace

import pytest
from django.urls import reverse

from apps.cases.models import Case
from apps.cases.queries.facts import facts_of
from apps.cases.rules.caring import GROUPS
from apps.reporting.forms import VerifyForm
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines
from tests.factories.cases_duties import fresh
from tests.factories.lines import FOUND

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("known", "cause", "groups", "told"),
    [
        ("", "weary", [], "weary"),
        ("", "ill", ["orphan"], "ill"),
        ("", "ill", ["disabled"], "disabled"),  # the report does not tell them apart
        ("unknown", "work", [], "work"),
        ("hardship", "weary", [], "hardship"),  # as a visit found out
    ],
)
def test_the_cause_of_the_report_is_the_cases(cast: Cast, known: str, cause: str, groups: list[str], told: str) -> None:
    report = lines.draft(cast.child, on=TODAY, now=NOW)
    Case.objects.update(cause=known)
    said = replace(FOUND, cause=cause, groups=groups)
    lines.verify(report_id=report.pk, said=said, by=cast.actor("principal"), now=NOW)
    case = fresh(report.case)
    assert case.cause == told
    facts, _ = facts_of(case, today=TODAY)
    assert (facts.knows_where, facts.knows_why) == (True, True)
    listed = cast.client("bureau").get("/cases/", {"cause": told}).context["page"]
    assert [one.pk for one in listed] == [case.pk]


def test_the_plan_of_care_begins_with_the_groups_of_the_report(cast: Cast) -> None:
    assert [code for code, _ in VerifyForm().fields["groups"].choices] == list(GROUPS), "all groups of the plan, 困境 too"
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW, said=replace(FOUND, groups=["left_behind", "distress"]))
    assert report.groups_said == "留守、困境"
    Case.objects.update(state="monitoring", state_since=TODAY)
    shown = cast.client("principal").get(reverse("case_show", args=[report.case_id]))
    assert shown.context["panels"]["returning"]["care_form"]["groups"].value() == ["left_behind", "distress"]
