"""A decision of an earlier run: the next run's classes and facts follow it together."""

from __future__ import annotations

from datetime import date, datetime

import pytest
from django.utils import timezone

from apps.reconciliation.actions.settling import ProofFile, settle_finding
from apps.reconciliation.comparisons import Answer, Facts, classify
from apps.reconciliation.models import ChildClass, Finding, Run, Settlement
from apps.schools.actions import ensure_term
from apps.students.models import Child
from tests.cast import Cast
from tests.factories.children import child as make_child
from tests.factories.registers import entry, term
from tests.reconciliation.scenes import PDF, attending, compare, second

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


def settle(run: Run, child: Child, comparison: str, outcome: str, cast: Cast, *, on: date) -> None:
    """Let the bureau settle a child's finding on a day."""
    finding = Finding.objects.get(run=run, child=child, comparison=comparison)
    proofs = [ProofFile("证明.pdf", PDF)]
    now = timezone.make_aware(datetime.combine(on, datetime.min.time()).replace(hour=10))
    settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=proofs, by=cast.actor("bureau"), now=now)


def days_after_the_term(days: int) -> int:
    """Days from the first day of the term to so many days after its last."""
    of = term()
    return (of.last_day - of.first_day).days + days


@pytest.mark.django_db(transaction=True)
def test_a_decision_holds_in_a_run_of_its_term_begun_after_the_last_day(enrolled: list[Child], cast: Cast) -> None:
    attending(enrolled[2:])
    attending(enrolled[:1])
    lost = enrolled[1]
    run = compare()
    assert second(run)[lost.pk] == "not_returned"
    settle(run, lost, "2", "on_leave", cast, on=run.as_of)
    for days in (3, 400):
        late = compare(days=days_after_the_term(days))
        assert second(late)[lost.pk] == "on_leave"
        assert not Finding.objects.filter(run=late, child=lost, comparison="2").exists()


@pytest.mark.django_db(transaction=True)
def test_a_reason_counts_days_to_the_end_of_the_term_at_most(enrolled: list[Child]) -> None:
    attending(enrolled[:1])
    for days in (0, 300):
        run = compare(days=days_after_the_term(days))
        told = ChildClass.objects.get(run=run, child=enrolled[1]).second_reason
        assert told.endswith(f"开学已 {days_after_the_term(0)} 日")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("outcome", "next_term", "year_later"),
    [("deferral", "deferral", "never_enrolled"), ("medically_unable", "medically_unable", "never_enrolled"),
     ("outside_in_province", "never_enrolled", "never_enrolled"), ("removed_dead", "removed_dead", "removed_dead")],
)  # fmt: skip
def test_an_exemption_holds_across_terms_for_a_year(cast: Cast, enrolled: list[Child], outcome: str, next_term: str, year_later: str) -> None:
    attending(enrolled[:1])
    child = make_child(village=enrolled[0].village_code)
    entry(child, "household")
    run = compare()
    settle(run, child, "1", outcome, cast, on=run.as_of)
    kept = Settlement.objects.within(cast.actor("township").scope).get()
    assert (kept.township_code, kept.village_code, kept.school) == (child.township_code, child.village_code, None)
    spring = ensure_term(district="530113", code="2026-2027-2")
    autumn = ensure_term(district="530113", code="2027-2028-1")
    for of, expected in ((spring, next_term), (autumn, year_later)):
        assert ChildClass.objects.get(run=compare(of=of, days=40), child=child).first == expected
