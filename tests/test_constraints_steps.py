"""The constraints of visits, legal steps and letters to another district, as tests/test_constraints.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Model

from apps.cases.models import Case, CaseEntry, Handover, LegalStep, Service, Visit
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.test_constraints import again

BY = {"written_at": NOW, "by_name": "甲", "by_title": "乡镇"}


def entry(case: Case) -> CaseEntry:
    return CaseEntry.objects.create(case=case, kind="note", text="记录", happened_on=TODAY, **BY)


def visit(cast: Cast, **changed: Any) -> Visit:
    case = runs.case(cast.child)
    told = {"case": case, "entry": entry(case), "day": TODAY, "way": "home", "visitors": "甲", "outcome": "refused", "text": "不愿", "is_local": True}
    return Visit(**(told | BY | changed))


def step(cast: Cast, **changed: Any) -> LegalStep:
    case = runs.case(cast.child)
    told = {
        "case": case, "entry": entry(case), "step": 1, "paper": "persuade", "number": "1号", "issued_on": TODAY, "issued_at": NOW,
        "issued_name": "甲", "issued_title": "乡镇",
    }  # fmt: skip
    return LegalStep(**(told | changed))


def service(cast: Cast, **changed: Any) -> Service:
    of = step(cast)
    of.save()
    told = {"step": of, "entry": entry(of.case), "way": "direct", "served_on": TODAY, "place": "家", "received_by": "杨父", "servers": "甲"}
    return Service(**(told | BY | changed))


def handover(cast: Cast, **changed: Any) -> Handover:
    case = runs.case(cast.child)
    told = {
        "case": case, "entry": entry(case), "addressee": "测县教育体育局", "number": "1号", "sent_on": TODAY, "reply_by": TODAY, "sent_name": "甲",
        "sent_title": "区教体局",
    }  # fmt: skip
    return Handover(**(told | changed))


def saved(row: Any) -> Any:
    row.save()
    return row


def reworded(row: Any) -> Model:
    """The same row once more, under a line of its own."""
    return again(row, entry=entry(row.case))


BROKEN: dict[str, Callable[[Cast], Model]] = {
    "visit_promise_has_a_day": lambda cast: visit(cast, outcome="promised"),
    "next_visit_follows": lambda cast: visit(cast, next_on=TODAY - timedelta(1)),
    "one_paper_of_a_step": lambda cast: reworded(saved(step(cast))),
    "step_has_its_paper": lambda cast: step(cast, number=""),
    "step_stopped_why": lambda cast: step(cast, stopped_on=TODAY),
    "served_once": lambda cast: again(saved(service(cast))),
    "left_before_a_witness": lambda cast: service(cast, way="left"),
    "one_standing_handover": lambda cast: reworded(saved(handover(cast))),
    "acceptance_names_who": lambda cast: handover(cast, accepted_on=TODAY),
}


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


def test_a_stopped_paper_makes_room_for_a_new_one(cast: Cast) -> None:
    first = saved(step(cast, stopped_on=TODAY, stopped_text="作废"))
    saved(reworded(first))
    assert LegalStep.objects.count() == 2
