"""Two at once: the task of two workers, two principals, two children of one school. One effect each, no number twice, none skipped."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import connections

from apps.cases.models import CaseEntry
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.receiving import sign_receipt
from apps.reporting.actions.verifying import verify
from apps.reporting.models import Line, ThreeLineReport
from tests.cast import NOW, TODAY, Cast
from tests.factories import children, lines, people

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Every call in a thread of its own, begun together: its answer, or the code of its refusal."""
    start = Barrier(len(calls))

    def run(call: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return call()
        except Refused as refusal:
            return refusal.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


def test_two_workers_draft_once(cast: Cast) -> None:
    for child in cast.home.children[:3]:
        lines.away(child, on=TODAY)
    done = at_once(*[lambda: draft_lines(by=SYSTEM, now=NOW)] * 4)
    assert sum(done) == 3
    assert (ThreeLineReport.objects.count(), Line.objects.count()) == (3, 9)
    assert CaseEntry.objects.filter(text__startswith="已起草").count() == 3


def test_two_principals_issue_once(cast: Cast) -> None:
    report = lines.draft(cast.child, on=TODAY, now=NOW)
    second = people.actor(people.post("principal", school=cast.home.schools[0]))
    both = [cast.actor("principal"), second]
    done = at_once(*[lambda by=by: verify(report_id=report.pk, said=lines.FOUND, by=by, now=NOW) for by in both])
    assert sorted(map(str, done)) == sorted([str(report), "state"])
    assert sorted(Line.objects.filter(serial__isnull=False).values_list("serial", flat=True)) == [1, 2]


def test_two_children_of_one_school_get_numbers_of_their_own(cast: Cast) -> None:
    mates = [children.child(school_class=cast.home.classes[0], village=cast.home.villages[0].code) for _ in range(4)]
    reports = [lines.draft(child, on=TODAY, now=NOW) for child in mates]
    by = cast.actor("principal")
    at_once(*[lambda report=report: verify(report_id=report.pk, said=lines.FOUND, by=by, now=NOW) for report in reports])
    assert sorted(Line.objects.filter(serial__isnull=False).values_list("serial", flat=True)) == list(range(1, 9))


def test_two_officials_sign_once(cast: Cast) -> None:
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)
    second = people.actor(people.post("township", region=cast.home.townships[0]))
    done = at_once(*[lambda by=by: sign_receipt(line=lines.line(report, "township"), by=by, now=NOW) for by in (cast.actor("township"), second)])
    assert [str(one) for one in done].count("state") == 1
    assert CaseEntry.objects.filter(case=report.case_id, text__contains="签收。").count() == 1
