"""A person's answer about two lines is found again next school year, when a class-list line without a number has another key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from apps.reconciliation.actions.settling import answer_pair
from apps.reconciliation.models import ChildClass, DoubtfulPair, Link, PairDecision, Run
from apps.registers.models import Entry
from apps.schools.actions import ensure_term
from apps.students.models import Child
from tests.cast import NOW, Cast
from tests.factories import runs
from tests.factories.children import child as make_child
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import Twice, compare, second

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def unnumbered(twice: Twice) -> Twice:
    """The class list gives no number for the double, but a guardian."""
    Child.objects.filter(pk=twice.double.pk).update(document=None, id_masked="")
    Entry.objects.filter(pk=twice.seat.pk).update(document=None, id_masked="", guardian_key="木阿妈")
    twice.seat.refresh_from_db()
    return twice


def say(word: str, left: Entry, right: Entry, run: Run, cast: Cast) -> None:
    """Answer a pair of a run as the page does."""
    pair = DoubtfulPair.objects.filter(run=run, left=left, right=right).first() or runs.pair(left, right, of=run)
    answer_pair(pair_id=pair.pk, answer=word, note="已问家长", by=cast.actor("bureau"), now=NOW)


def next_year(old: Entry, *, times: int = 1) -> tuple[list[Entry], Run]:
    """The class list of the year after: one grade up, another class, another key, a child made for the line; and the run over it."""
    of = ensure_term(district="530113", code="2027-2028-1")
    by = upload("attending", of=of, school=old.school, township_code=old.upload.township_code)
    Entry.objects.filter(kind="attending", upload=old.upload).update(ended_by=by, end_reason="left")
    told = {"name": old.name, "birth_date": old.birth_date, "grade": 5, "class_name": "2班", "document": None, "id_masked": ""}
    fresh = [
        entry(make_child(school_class=old.school_class, name=old.name, birth_date=old.birth_date), "attending", by=by, **told)
        for _ in range(times)
    ]  # fmt: skip
    Entry.objects.filter(pk__in=[line.pk for line in fresh]).update(guardian_key=old.guardian_key)
    return fresh, compare(of=of)


@pytest.mark.parametrize("merged_since", [True, False])
def test_the_same_child_is_known_again_next_year(unnumbered: Twice, cast: Cast, merged_since: bool) -> None:
    run = compare()
    assert second(run)[unnumbered.real.pk] == "to_verify"
    say("same", unnumbered.roll, unnumbered.seat, run, cast)
    if merged_since:
        compare()
    (fresh,), later = next_year(unnumbered.seat)
    assert fresh.key != unnumbered.seat.key
    assert Link.objects.get(run=later, left=unnumbered.roll, right=fresh).decided_by == "person"
    assert second(later)[unnumbered.real.pk] == "attending"
    fresh.refresh_from_db()
    assert fresh.child_id == ChildClass.objects.get(run=later, enrollment=unnumbered.roll).child_id


def test_two_children_stay_two_next_year(unnumbered: Twice, cast: Cast) -> None:
    """Same name, birth date and sex: the rule would link them."""
    same = {"name": unnumbered.roll.name, "name_key": unnumbered.roll.name_key, "name_sound": unnumbered.roll.name_sound, "sex": unnumbered.roll.sex}
    Entry.objects.filter(pk=unnumbered.seat.pk).update(**same)
    unnumbered.seat.refresh_from_db()
    run = compare()
    assert second(run)[unnumbered.real.pk] == "attending"
    say("different", unnumbered.roll, unnumbered.seat, run, cast)
    (fresh,), later = next_year(unnumbered.seat)
    asked = {"run": later, "left": unnumbered.roll, "right": fresh}
    assert not Link.objects.filter(**asked).exists() and not DoubtfulPair.objects.filter(**asked).exists()
    assert second(later)[unnumbered.real.pk] == "not_returned"


def test_an_answer_about_one_is_not_given_to_two(unnumbered: Twice, cast: Cast) -> None:
    run = compare()
    say("same", unnumbered.roll, unnumbered.seat, run, cast)
    _, later = next_year(unnumbered.seat, times=2)
    assert not Link.objects.filter(run=later, decided_by="person").exists()


def test_the_later_answer_counts_and_asking_again_forgets_both(unnumbered: Twice, cast: Cast) -> None:
    run = compare()
    say("same", unnumbered.roll, unnumbered.seat, run, cast)
    (fresh,), later = next_year(unnumbered.seat)
    say("different", unnumbered.roll, fresh, later, cast)
    PairDecision.objects.filter(answer="different").update(decided_at=NOW + timedelta(days=365))
    again = compare(of=later.term, days=30)
    assert second(again)[unnumbered.real.pk] == "not_returned"
    say("ask", unnumbered.roll, fresh, again, cast)
    assert not PairDecision.objects.exists()
