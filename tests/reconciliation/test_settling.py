"""Who may settle what, as what, with which proof; what follows from it."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.audit.models import Event
from apps.core.errors import Refused
from apps.reconciliation import rules
from apps.reconciliation.actions.settling import ProofFile, answer_pair, settle_finding, settle_many
from apps.reconciliation.models import ChildClass, Finding, PairDecision, Proof, Run, Settlement
from apps.reconciliation.queries import board as boards
from tests.cast import NOW, TODAY, Cast, build_cast
from tests.factories import registers, runs
from tests.reconciliation.scenes import PDF, finished, problem, row

PROOF = [ProofFile("证明.pdf", PDF)]
# role -> owners whose findings it may settle; written by hand from DOMAIN.md §1.
MAY = {
    "registrar": {"registrar"},
    "principal": {"registrar", "principal"},
    "central_school": {"central_school"},
    "township": {"central_school"},
    "bureau": {"registrar", "principal", "central_school", "bureau"},
    "head_teacher": set(),
    "village": set(),
    "inspector": set(),
    "liaison": set(),
    "administrator": set(),
}
OWNED = {
    "registrar": ("2", "not_returned"),
    "principal": ("2", "suspected_dropout"),
    "central_school": ("1", "to_verify"),
    "bureau": ("x", "duplicate_enrollment"),
}


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Path) -> Path:
    settings.UPLOAD_DIR = tmp_path
    return tmp_path


@pytest.mark.django_db
@pytest.mark.parametrize("role", MAY)
@pytest.mark.parametrize("owner", OWNED)
def test_who_may_settle(cast: Cast, role: str, owner: str) -> None:
    comparison, klass = OWNED[owner]
    finding = problem(cast.child, of=runs.run(), comparison=comparison, klass=klass, owner=owner)
    outcome = rules.outcomes(comparison, klass)[0]
    if owner in MAY[role]:
        settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=PROOF, by=cast.actor(role), now=NOW)
        assert Finding.objects.get(pk=finding.pk).state == "settled"
        return
    with pytest.raises(Refused):
        settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=PROOF, by=cast.actor(role), now=NOW)
    assert Finding.objects.get(pk=finding.pk).state == "open"


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("comparison", "klass", "outcome", "proof", "code"),
    [
        ("1", "to_verify", "outside_in_province", False, "proof"),
        ("1", "to_verify", "outside_in_province", True, ""),
        ("1", "to_verify", "deferral", False, "proof"),
        ("1", "to_verify", "medically_unable", False, "proof"),
        ("1", "to_verify", "removed_not_found", False, "proof"),
        ("1", "to_verify", "inside", False, ""),
        ("1", "to_verify", "never_enrolled", False, ""),
        ("1", "to_verify", "to_verify", False, "outcome"),
        ("1", "no_residence", "no_residence", False, ""),
        ("2", "not_returned", "transferring", False, "proof"),
        ("2", "not_returned", "attending", False, ""),
        ("2", "not_returned", "unregistered", False, "outcome"),
        ("2", "not_returned", "graduated", False, "outcome"),
        ("2r", "no_document", "guest_study", False, ""),
        ("2r", "no_document", "attending", False, "outcome"),
        ("3", "lifted_out", "lifted_out", False, ""),
        ("3", "lifted_out", "general", False, "outcome"),
        ("x", "survey_only", "resolved", False, ""),
        ("x", "survey_only", "ours_right", False, "outcome"),
    ],
)
def test_outcomes_and_proof(cast: Cast, comparison: str, klass: str, outcome: str, proof: bool, code: str) -> None:
    finding = problem(cast.child, of=runs.run(), comparison=comparison, klass=klass, owner="bureau")
    files = PROOF if proof else []
    if not code:
        settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=files, by=cast.actor("bureau"), now=NOW)
        assert Finding.objects.get(pk=finding.pk).outcome == outcome
        return
    with pytest.raises(Refused) as refusal:
        settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=files, by=cast.actor("bureau"), now=NOW)
    assert refusal.value.code == code


@pytest.mark.django_db
def test_what_settling_leaves_behind(cast: Cast, uploads: Path) -> None:
    run = runs.run()
    finding = problem(cast.child, of=run, comparison="1", klass="to_verify", owner="central_school")
    settle_finding(
        finding_id=finding.pk,
        outcome="outside_in_province",
        explanation="在寻甸县就读，已看学籍证明",
        proofs=PROOF,
        by=cast.actor("central_school"),
        now=NOW,
    )
    kept = Settlement.objects.get()
    assert (kept.from_class, kept.outcome, kept.valid_until, kept.decided_title) == (
        "to_verify",
        "outside_in_province",
        run.term.last_day,
        cast.actor("central_school").title,
    )
    changed = ChildClass.objects.get(run=run)
    assert (changed.first, changed.first_reason) == ("outside_in_province", "人工核定：在寻甸县就读，已看学籍证明")
    event = Event.objects.get(verb="settle_finding")
    assert (event.object_id, event.child_id) == (finding.pk, cast.child.pk)
    proof = Proof.objects.get()
    assert (uploads / "proofs" / proof.stored_name).read_bytes() == PDF and "证明" not in proof.stored_name


@pytest.mark.django_db
@pytest.mark.parametrize(("outcome", "lasts"), [("graduated", True), ("removed_dead", True), ("inside", False), ("never_enrolled", False)])
def test_only_what_cannot_change_lasts(cast: Cast, outcome: str, lasts: bool) -> None:
    finding = problem(cast.child, of=runs.run(), comparison="1", klass="to_verify", owner="central_school")
    settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=[], by=cast.actor("bureau"), now=NOW)
    assert (Settlement.objects.get().valid_until is None) is lasts


@pytest.mark.django_db
def test_third_follows(cast: Cast) -> None:
    run = runs.run()
    child = cast.child
    line = registers.entry(child, "monitored", group_kind="unstable")
    out = problem(child, of=run, comparison="1", klass="to_verify", owner="central_school", second="", monitored=line)
    settle_finding(finding_id=out.pk, outcome="never_enrolled", explanation="未入学", proofs=[], by=cast.actor("bureau"), now=NOW)
    assert ChildClass.objects.get(run=run).third == "unstable"
    other = cast.home.children[1]
    back = problem(other, of=run, klass="dropout", owner="principal", third="lifted_out")
    poor = runs.finding(other, of=run, comparison="3", klass="lifted_out", owner="bureau")
    settle_finding(finding_id=back.pk, outcome="attending", explanation="已返校", proofs=[], by=cast.actor("bureau"), now=NOW)
    assert ChildClass.objects.get(run=run, child=other).third == ""
    assert Finding.objects.get(pk=poor.pk).state == "settled"


@pytest.mark.django_db
def test_a_child_is_in_one_school(cast: Cast) -> None:
    run = runs.run()
    child, elsewhere = cast.child, cast.home.schools[1]
    finding = problem(child, of=run, klass="elsewhere", reverse="guest_study", is_present=True, attending_school=elsewhere)
    twin = runs.finding(child, of=run, comparison="2r", klass="guest_study", school=elsewhere)
    assert not boards.board(run, cast.actor("bureau").scope).unbalanced()
    settle_finding(finding_id=finding.pk, outcome="attending", explanation="已回本校就读", proofs=[], by=cast.actor("registrar"), now=NOW)
    found = boards.board(run, cast.actor("bureau").scope)
    assert not found.unbalanced()
    assert (found.schools[child.school_id].counts[""]["attending"], found.schools[elsewhere.pk].counts[""]["attending"]) == (1, 0)
    assert Finding.objects.get(pk=twin.pk).state == "settled"


@pytest.mark.django_db
def test_many_are_all_or_none(cast: Cast) -> None:
    run = runs.run()
    findings = [problem(child, of=run) for child in cast.home.children[:2]]
    settle_finding(finding_id=findings[0].pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("registrar"), now=NOW)
    with pytest.raises(Refused) as refusal:
        settle_many(finding_ids=[f.pk for f in findings], outcome="on_leave", explanation="病假", proofs=[], by=cast.actor("registrar"), now=NOW)
    assert refusal.value.code == "settled"
    assert Finding.objects.get(pk=findings[1].pk).state == "open" and Settlement.objects.count() == 1
    foreign = problem(cast.home.children[4], of=run)
    with pytest.raises(Refused) as refusal:
        settle_many(finding_ids=[findings[1].pk, foreign.pk], outcome="on_leave", explanation="病假", proofs=[], by=cast.actor("registrar"), now=NOW)
    assert refusal.value.code == "scope"


@pytest.mark.django_db
@pytest.mark.parametrize("state", ["signed", "running"])
def test_only_a_finished_run_is_settled(cast: Cast, state: str) -> None:
    run = finished(cast)
    finding = Finding.objects.get()
    Run.objects.filter(pk=run.pk).update(state=state)
    with pytest.raises(Refused) as refusal:
        settle_finding(finding_id=finding.pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("bureau"), now=NOW)
    assert refusal.value.code == "frozen"


@pytest.mark.django_db(transaction=True)
def test_of_two_settlers_one_wins(settings: Any) -> None:
    settings.PINNED_TODAY = TODAY
    cast = build_cast()
    finished(cast)
    finding = Finding.objects.get()
    gate, answers = threading.Barrier(2), []

    def settle(role: str, outcome: str) -> None:
        try:
            gate.wait(10)
            settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=[], by=cast.actor(role), now=NOW)
            answers.append(outcome)
        except Refused as refusal:
            answers.append(refusal.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=settle, args=told) for told in (("registrar", "attending"), ("principal", "on_leave"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert "settled" in answers and len(answers) == 2
    winner = next(answer for answer in answers if answer != "settled")
    assert Finding.objects.get().outcome == winner == ChildClass.objects.get(child=cast.child).second
    assert Settlement.objects.count() == 1


@pytest.mark.django_db
def test_a_pair_is_decided_by_its_natural_keys(cast: Cast) -> None:
    run = runs.run()
    left, right = registers.entry(cast.child, "enrollment"), registers.entry(cast.child, "attending")
    pair = runs.pair(left, right, of=run)
    for answer, number in (("same", 1), ("different", 1), ("ask", 0)):
        answer_pair(pair_id=pair.pk, answer=answer, note="已问家长", by=cast.actor("registrar"), now=NOW)
        assert PairDecision.objects.count() == number
        if number:
            kept = PairDecision.objects.get()
            assert (kept.answer, kept.left_kind, kept.left_key, kept.right_unit, kept.right_key) == (
                answer,
                "enrollment",
                left.key,
                right.unit,
                right.key,
            )
    with pytest.raises(Refused):
        answer_pair(pair_id=pair.pk, answer="same", note="", by=cast.actor("principal"), now=NOW)
    foreign = runs.pair(registers.entry(cast.home.children[4], "enrollment"), registers.entry(cast.home.children[4], "attending"), of=run)
    with pytest.raises(Refused):
        answer_pair(pair_id=foreign.pk, answer="same", note="", by=cast.actor("registrar"), now=NOW)


@pytest.mark.django_db
def test_a_row_elsewhere_is_untouched(cast: Cast) -> None:
    run = finished(cast)
    before = runs.run(state="signed")
    old = row(cast.child, of=before, second="not_returned")
    settle_finding(
        finding_id=Finding.objects.get(run=run).pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("registrar"), now=NOW
    )
    assert ChildClass.objects.get(pk=old.pk).second == "not_returned"
