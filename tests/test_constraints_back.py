"""Constraints of returns, placements, home teaching, notes and care, as tests/test_constraints.py holds the others."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from apps.cases.models import CarePlan, Lesson, MonitoringNote, Placement
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.test_constraints import again

YESTERDAY = TODAY - timedelta(1)


def note(cast: Cast) -> Model:
    case = make.case(cast.child, "monitoring")
    return MonitoringNote(case=case, entry=make.entry(case), day=TODAY, study="好", school_days=5, present_days=6, written_at=NOW, **make.BY)


def care(cast: Cast) -> Model:
    case = make.case(cast.child, "monitoring")
    return CarePlan(case=case, entry=make.entry(case), teacher="李测", text="谈心", first_day=TODAY, review_on=TODAY, **make.BY)


def lesson(cast: Cast) -> Model:
    return Lesson(plan=make.teaching(cast.child), day=TODAY, teachers="李", lessons=13, content="认字", guardian="杨父", written_at=NOW, **make.BY)


def placed(cast: Cast) -> Placement:
    return make.placement(make.case(cast.child, "monitoring"))


# constraint -> a row that breaks it and nothing else
BROKEN: dict[str, Callable[[Cast], Model]] = {
    "one_standing_return": lambda cast: again(make.returned(make.case(cast.child), on=TODAY)),
    "return_runs_forward": lambda cast: again(make.returned(make.case(cast.child), on=TODAY), ended_on=YESTERDAY),
    "one_standing_placement": lambda cast: again(placed(cast)),
    "panel_advice_whole": lambda cast: again(placed(cast), ended_on=TODAY, panel_on=TODAY),
    "placement_is_reviewed": lambda cast: again(placed(cast), ended_on=TODAY, first_day=TODAY, review_on=TODAY),
    "one_plan_a_year": lambda cast: again(make.teaching(cast.child)),
    "home_teaching_runs_forward": lambda cast: again(make.teaching(cast.child), school_year=2027, last_day=YESTERDAY, first_day=TODAY),
    "lessons_of_a_day": lesson,
    "present_within_school_days": note,
    "care_is_reviewed": care,
}


@pytest.mark.django_db
@pytest.mark.parametrize("name", BROKEN)
def test_a_row_that_breaks_it_is_refused(cast: Cast, name: str) -> None:
    wrong = BROKEN[name](cast)
    (constraint,) = (one for one in wrong._meta.constraints if one.name == name)
    with pytest.raises(ValidationError) as told:
        wrong.validate_constraints()
    assert str(constraint.violation_error_message) in told.value.messages
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        wrong.save(force_insert=True)
    assert refused.value.__cause__.diag.constraint_name == name
