"""A village says that a child is out of school: a suspected case at once, once, with its task, and those told who must know."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.cases.actions.village import open_cases_of_reports
from apps.cases.models import Case
from apps.cases.queries.village import IS_REPORT
from apps.cases.tasks import open_reported
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.registers.models import Upload
from apps.registers.views import REPORT
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.children import child as make_child
from tests.factories.registers import entry, term, upload

pytestmark = pytest.mark.django_db


def told(child: Child, cast: Cast, *, state: str = "never_enrolled", **fields: Any) -> Upload:
    """The village reported a child on the page for it, two hours ago."""
    of = {"of": term(), "township_code": child.township_code, "created_by": cast.post("village").user, "committed_at": NOW - timedelta(hours=2)}
    made = upload("survey", **(of | {"file_name": f"{REPORT}{child.name}"} | fields))
    entry(child, "survey", by=made, state=state, remark="外出务工")
    return made


def opens(day: Any = TODAY) -> int:
    return open_cases_of_reports(district=HOME, by=SYSTEM, today=day, now=NOW)


def test_a_report_opens_a_case_at_once_and_once(cast: Cast) -> None:
    child = make_child(village=cast.home.villages[0].code)
    told(child, cast)
    assert (opens(), opens()) == (1, 0)
    case = Case.objects.get()
    assert (case.state, case.origin, case.opened_on, case.school, case.township_code) == ("suspected", "village", TODAY, None, child.township_code)
    assert (case.task, case.owner_role, case.owner_region) == ("first_visit", "township", child.township_code) and case.due_on
    line = case.ledger.get()
    assert (line.text, line.by_name, line.target) == ("村级报告：未就读，外出务工。", cast.post("village").user.name, "suspected")
    assert set(Notice.objects.filter(topic="suspected").values_list("role", flat=True)) == {"township", "bureau"}
    Case.objects.update(state="cleared")
    assert opens() == 0, "what was cleared is not opened again by the same report"


def test_a_pupil_s_school_hears_of_it_and_the_timetable_does_it(cast: Cast) -> None:
    told(cast.child, cast, state="dropout")
    open_reported()
    assert Case.objects.get().school == cast.child.school
    assert set(Notice.objects.filter(topic="suspected").values_list("role", flat=True)) == {"township", "bureau", "principal"}


def test_what_is_no_report_of_a_child_out_of_school_opens_nothing(cast: Cast) -> None:
    learns, listed, known, twin = cast.home.children[:4]
    told(learns, cast, state="enrolled_inside")
    told(listed, cast, file_name="摸排.xlsx")
    make.case(known, "persuading")
    told(known, cast)
    Child.objects.filter(pk=twin.pk).update(merged_into=known)
    told(twin, cast)
    assert opens() == 0 and Case.objects.count() == 1
    assert REPORT in IS_REPORT, "what the page of reports calls its files"


def test_lost_again_within_the_year_it_counts_as_a_repeat(cast: Cast) -> None:
    before = make.case(cast.child, "closed", state_since=TODAY - timedelta(60), repeats=1)
    told(cast.child, cast)
    assert opens() == 1
    case = Case.objects.open().get()
    assert (case.follows, case.repeats) == (before, 2)


def test_many_reports_cost_as_much_as_one(cast: Cast) -> None:
    spent = []
    for children in ([cast.child], cast.home.children[1:8]):
        for child in children:
            told(child, cast)
        with CaptureQueriesContext(connection) as queries:
            assert opens() == len(children)
        spent.append(len(queries))
    assert spent[0] == spent[1]
