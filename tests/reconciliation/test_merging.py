"""Two children found to be one, and parted again: cases, findings, decisions and events follow, and come back."""

from __future__ import annotations

import pytest

from apps.audit.actions import record
from apps.cases.actions import comparison as actions
from apps.cases.models import Case
from apps.core.scope import SYSTEM
from apps.dashboards.queries import card as cards
from apps.reconciliation.models import ChildClass, PairDecision, Run, Settlement
from apps.reconciliation.queries import lists
from apps.registers.models import Entry
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.children import child as make_child
from tests.factories.children import document, id_number
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import Twice, compare, second

pytestmark = pytest.mark.django_db(transaction=True)


def settle(child: Child, **fields: object) -> Settlement:
    told = {"comparison": "2", "from_class": "not_returned", "outcome": "on_leave", "explanation": "病假", "decided_title": "测试岗位"} | fields
    made: Settlement = Settlement.objects.create(child=child, district_code="530113", decided_at=NOW, **told)
    return made


def opened(run: Run) -> int:
    return actions.open_cases_of_run(run=run, by=SYSTEM, now=NOW, today=run.as_of)


def test_a_merged_childs_case_is_the_survivors_and_no_second_one_opens(twice: Twice, cast: Cast) -> None:
    first = compare()
    assert second(first)[twice.real.pk] == "not_returned" and twice.double.pk in second(first)
    held = runs.case(twice.double)  # a case that hangs on the child of the class list
    record("note", "家访一次", by=cast.actor("bureau"), child_id=twice.double.pk)
    twice.answer("same")
    run = compare()
    twice.double.refresh_from_db()
    assert twice.double.merged_into_id == twice.real.pk
    assert second(run)[twice.real.pk] == "attending"
    ChildClass.objects.filter(run=run, child=twice.real).update(second="suspected_dropout", second_reason="三日未到校")
    assert opened(run) == 0 and Case.objects.filter(child__in=[twice.real, twice.double]).get() == held
    found = cards.card(Child.objects.get(pk=twice.real.pk), actor=cast.actor("bureau"), today=TODAY)
    assert found.cases == [held] and [event.sentence for event in found.events] == ["家访一次"]
    assert {line.pk for line in found.lines} >= {twice.seat.pk, twice.roll.pk}
    listed = cast.client("bureau").get("/cases/", {"child": twice.real.pk, "state": "all"})
    assert [case.pk for case in listed.context["page"]] == [held.pk]


def test_the_card_of_a_merged_child_leads_to_the_survivor(twice: Twice, cast: Cast) -> None:
    twice.answer("same")
    compare()
    client = cast.client("bureau")
    answer = client.get(f"/children/{twice.double.pk}/")
    assert (answer.status_code, answer["Location"]) == (302, f"/children/{twice.real.pk}/")
    stranger = cast.home.posts["registrar"]
    stranger.school = cast.home.schools[3]
    stranger.save()
    assert cast.client("registrar").get(f"/children/{twice.double.pk}/").status_code == 404


def test_a_run_before_the_merge_is_over_still_speaks_on_the_card(twice: Twice, cast: Cast) -> None:
    """A later run has merged them and is not done: the newest finished one has both, and its findings of both stand on the card."""
    run = compare()
    runs.finding(twice.double, of=run, comparison="2r", klass="no_document")
    twice.double.merged_into = twice.real
    twice.double.save()
    found = cards.card(twice.real, actor=cast.actor("bureau"), today=TODAY)
    assert {finding.child_id for finding in found.findings} == {twice.real.pk, twice.double.pk}
    assert "未返校" in [verdict.label for verdict in found.verdicts]


def test_decisions_of_both_hold_for_the_one(twice: Twice) -> None:
    settle(twice.double, comparison="x", from_class="residence_missing", outcome="both_kept")
    mine = settle(twice.real)
    twice.answer("same")
    run = compare()
    assert second(run)[twice.real.pk] == "attending"
    Entry.objects.filter(pk=twice.seat.pk).update(ended_by=upload("attending", school=twice.real.school), end_reason="left")
    assert second(compare())[twice.real.pk] == "on_leave"
    mine.delete()
    settle(twice.double)
    assert second(compare())[twice.real.pk] == "on_leave", "the merged child's decision counts for the child it went into"


def test_different_puts_everything_back(twice: Twice, cast: Cast) -> None:
    first = compare()
    case, kept = runs.case(twice.double), settle(twice.double, comparison="2r", from_class="no_document", outcome="guest_study")
    twice.answer("same")
    compare()
    twice.answer("different")
    again = compare()
    twice.double.refresh_from_db()
    assert twice.double.merged_into_id is None
    assert Entry.objects.get(pk=twice.seat.pk).child_id == twice.double.pk and Entry.objects.get(pk=twice.roll.pk).child_id == twice.real.pk
    assert second(again) == second(first)
    assert ChildClass.objects.get(run=again, child=twice.double).reverse == "guest_study", "its own decision speaks of it again"
    kept.refresh_from_db()
    assert (kept.child_id, case.child_id) == (twice.double.pk, twice.double.pk)
    assert cards.card(Child.objects.get(pk=twice.real.pk), actor=cast.actor("bureau"), today=TODAY).cases == []
    assert cast.client("bureau").get(f"/children/{twice.double.pk}/").status_code == 200


def test_a_line_replaced_since_goes_back_with_its_older_versions(twice: Twice) -> None:
    compare()
    twice.answer("same")
    compare()
    by = upload("attending", school=twice.real.school)
    fresh = entry(twice.real, "attending", by=by, key=twice.seat.key, name="木阿各", document=twice.double.document, superseded_by=by)
    Entry.objects.filter(pk=twice.seat.pk).update(superseded_by=by)
    Entry.objects.filter(pk=fresh.pk).update(superseded_by=None)
    twice.answer("different")
    compare()
    assert set(Entry.objects.filter(key=twice.seat.key, kind="attending").values_list("child_id", flat=True)) == {twice.double.pk}


def test_a_chain_of_merges_ends_at_the_last_and_parts_in_the_middle(twice: Twice, enrolled: list[Child]) -> None:
    """The double goes into the real one, the real one into a third; parted there, the double comes along."""
    third = make_child(village=twice.real.village_code)
    home = Entry.objects.get(child=twice.real, kind="household")
    Entry.objects.filter(pk=home.pk).update(child=third, name="吉克", name_key="吉克", name_sound="jike", document=document(id_number(78)))
    compare()
    twice.answer("same")
    compare()
    keys = {"left_kind": "household", "left_unit": home.unit, "left_key": home.key, "right_kind": "enrollment"}
    held = PairDecision.objects.create(
        district_code="530113", **keys, right_unit=twice.roll.unit, right_key=twice.roll.key, answer="same", decided_title="测", decided_at=NOW
    )
    run = compare()
    (survivor,) = {row.child_id for row in ChildClass.objects.filter(run=run, enrollment=twice.roll)}
    family = set(Child.objects.family(survivor).values_list("pk", flat=True))
    assert family == {twice.real.pk, twice.double.pk, third.pk}
    assert set(Child.objects.filter(pk__in=family).exclude(pk=survivor).values_list("merged_into_id", flat=True)) == {survivor}
    held.answer = "different"
    held.save()
    compare()
    twice.double.refresh_from_db()
    assert (twice.double.merged_into_id, Child.objects.get(pk=third.pk).merged_into_id) == (twice.real.pk, None)
    assert set(Child.objects.family(third.pk).values_list("pk", flat=True)) == {third.pk}


def test_the_survivor_is_where_its_lines_say(twice: Twice, cast: Cast) -> None:
    """Known first by the household alone, then with a school: its school may open its card."""
    home = Entry.objects.get(child=twice.real, kind="household")
    alone = make_child(village=twice.real.village_code, school_class=None)
    Entry.objects.filter(pk=home.pk).update(child=alone)
    Child.objects.filter(pk=twice.real.pk).update(school=None, school_class=None)
    run = compare()
    survivor = ChildClass.objects.get(run=run, enrollment=twice.roll).child
    assert (survivor.school_id, survivor.township_code) == (twice.roll.school_id, home.township_code)
    assert cast.client("registrar").get(f"/children/{survivor.pk}/").status_code == 200


def test_two_runs_beside_each_other_know_the_merged_child(twice: Twice, cast: Cast) -> None:
    first = compare()
    twice.answer("same")
    run = compare()
    told = {(change.child_id, change.comparison): (change.before, change.after) for change in lists.changes(first, run, cast.actor("bureau").scope)}
    assert told[twice.real.pk, "2"] == ("not_returned", "attending")
    assert told[twice.real.pk, "2r"][1] == "" and twice.double.pk not in {child for child, _ in told}


def test_two_open_cases_of_one_child_are_told_of_each_other_once(twice: Twice) -> None:
    first = compare()
    assert opened(first) >= 1
    mine = Case.objects.get(child=twice.real)
    other = runs.case(twice.double, run=first)
    twice.answer("same")
    run = compare()
    ChildClass.objects.filter(run=run, child=twice.real).update(second="suspected_dropout")
    for _ in range(2):
        assert opened(run) == 0
    notes = list(other.ledger.filter(kind="note").values_list("text", flat=True))
    assert len(notes) == 1 and f"#{mine.pk}" in notes[0] and "同一名儿童" in notes[0]
    assert {case.state for case in Case.objects.filter(pk__in=[mine.pk, other.pk])} == {"suspected"}
