"""A decision of an earlier run: the next run's classes and facts follow it together."""

from __future__ import annotations

import pytest

from apps.reconciliation.comparisons import Answer, Facts, classify

ENROLLED = {"enrollment": True, "enrollment_school": "A", "enrollment_name": "甲校"}
SEEN = {"2": Answer("attending", "人工核定（校长）：已到校")}


@pytest.mark.parametrize("attending", [{}, {"attending": True, "attending_school": "B", "attending_name": "乙校"}])
def test_a_child_a_person_saw_in_class_sits_in_its_own_school_only(attending: dict[str, object]) -> None:
    known = Facts(**ENROLLED, **attending, settled=SEEN)  # type: ignore[arg-type]
    told = classify(known)
    assert (told.second.code, told.reverse.code, known.is_present) == ("attending", "", True)


def test_without_the_decision_the_class_list_counts() -> None:
    known = Facts(**ENROLLED)  # type: ignore[arg-type]
    assert (classify(known).second.code, known.is_present) == ("not_returned", False)


def test_a_decision_does_not_bring_back_who_left_the_roll() -> None:
    known = Facts(**ENROLLED, enrollment_state="graduated", settled=SEEN)  # type: ignore[arg-type]
    assert (classify(known).second.code, known.is_present) == ("", False)
