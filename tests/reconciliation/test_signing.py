"""School, then township, then bureau; a signed place and a frozen run change no more."""

from __future__ import annotations

import pytest

from apps.core.errors import Refused
from apps.reconciliation.actions.settling import settle_finding
from apps.reconciliation.actions.signing import sign, standing
from apps.reconciliation.models import Finding, Run, Signature
from tests.cast import NOW, Cast
from tests.factories import people, runs
from tests.reconciliation.scenes import finished, row

pytestmark = pytest.mark.django_db


def refused(run: Run, by: object, reason: str = "") -> str:
    with pytest.raises(Refused) as refusal:
        sign(run_id=run.pk, reason=reason, by=by, now=NOW)
    return refusal.value.code


def settle(cast: Cast, role: str = "registrar") -> None:
    settle_finding(
        finding_id=Finding.objects.get(state="open").pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor(role), now=NOW
    )


def test_the_whole_way(cast: Cast) -> None:
    run = finished(cast)
    assert refused(run, cast.actor("principal")) == "reason"
    settle(cast)
    first = sign(run_id=run.pk, reason="", by=cast.actor("principal"), now=NOW)
    assert first.counts["figures"]["enrolled"] == first.counts["figures"]["attending"] == 2
    assert refused(run, cast.actor("principal")) == "signed"
    assert standing(run, by=cast.actor("township")).unsigned == [cast.home.schools[1].name]
    assert refused(run, cast.actor("township")) == "reason"
    second = people.actor(people.post("principal", school=cast.home.schools[1]))
    sign(run_id=run.pk, reason="", by=second, now=NOW)
    sign(run_id=run.pk, reason="", by=cast.actor("township"), now=NOW)
    assert refused(run, cast.actor("bureau"), "先签") == "order"
    other = people.actor(people.post("township", region=cast.home.townships[1]))
    sign(run_id=run.pk, reason="两校校长出差，已电话确认", by=other, now=NOW)
    assert Run.objects.get(pk=run.pk).state == "done"
    sign(run_id=run.pk, reason="", by=cast.actor("bureau"), now=NOW)
    assert Run.objects.get(pk=run.pk).is_frozen
    assert refused(run, people.actor(people.post("principal", school=cast.home.schools[2])), "补签一下") == "frozen"
    assert Signature.objects.filter(run=run).count() == 5


def test_a_sentence_lets_a_school_sign_with_open_findings_which_then_stay(cast: Cast) -> None:
    run = finished(cast)
    signed = sign(run_id=run.pk, reason="家长已联系，本周返校", by=cast.actor("principal"), now=NOW)
    assert (signed.counts["open_findings"], signed.counts["reason"]) == (1, "家长已联系，本周返校")
    with pytest.raises(Refused) as refusal:
        settle(cast, "bureau")
    assert refusal.value.code == "signed"


def test_the_township_signature_closes_the_first_comparison_not_a_later_run(cast: Cast) -> None:
    run = runs.run()
    for child in cast.home.children:
        row(child, of=run)
    finding = runs.finding(cast.child, of=run, comparison="1", klass="to_verify", owner="central_school")
    sign(run_id=run.pk, reason="中心学校出差，已电话核对", by=cast.actor("township"), now=NOW)
    with pytest.raises(Refused) as refusal:
        settle_finding(finding_id=finding.pk, outcome="inside", explanation="在校", proofs=[], by=cast.actor("central_school"), now=NOW)
    assert refusal.value.code == "signed"
    later = finished(cast)
    settle_finding(
        finding_id=Finding.objects.get(run=later).pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("registrar"), now=NOW
    )


@pytest.mark.parametrize("role", ["registrar", "central_school", "head_teacher", "village", "liaison", "inspector", "administrator"])
def test_others_do_not_sign(cast: Cast, role: str) -> None:
    assert refused(finished(cast), cast.actor(role), "我来签一下") == "role"


def test_a_neighbour_and_an_unfinished_run_are_not_signed(cast: Cast) -> None:
    stranger = people.actor(cast.neighbour.posts["bureau"])
    run = finished(cast)
    assert refused(run, stranger, "我来签一下") == "scope"
    Run.objects.filter(pk=run.pk).update(state="running")
    assert refused(run, cast.actor("principal"), "我来签一下") == "unfinished"


def test_a_township_does_not_close_what_is_the_bureaus(cast: Cast) -> None:
    """③ and the contradictions are the bureau's: a township neither counts nor closes them, the bureau may settle them until it signs."""
    run = runs.run()
    for child in cast.home.children:
        row(child, of=run)
    third = runs.finding(cast.child, of=run, comparison="3", klass="lifted_out", owner="bureau")
    twofold = runs.finding(cast.child, of=run, comparison="x", klass="duplicate_enrollment", owner="bureau")
    before = standing(run, by=cast.actor("township"))
    assert before.open_findings == 0 and len(before.unsigned) == 2
    sign(run_id=run.pk, reason="两校校长出差，已电话确认", by=cast.actor("township"), now=NOW)
    for finding, outcome in ((third, "lifted_out"), (twofold, "resolved")):
        settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核对", proofs=[], by=cast.actor("bureau"), now=NOW)
    assert not Finding.objects.filter(run=run, state="open").exists()


def test_a_child_without_a_household_here_is_the_townships_of_its_school(cast: Cast) -> None:
    run = runs.run()
    row(cast.child, of=run, township_code="", village_code="")
    finding = runs.finding(cast.child, of=run, comparison="x", klass="residence_missing", owner="central_school", township_code="", village_code="")
    assert standing(run, by=cast.actor("township")).open_findings == 1
    sign(run_id=run.pk, reason="中心学校出差，已电话核对", by=cast.actor("township"), now=NOW)
    with pytest.raises(Refused) as refusal:
        settle_finding(finding_id=finding.pk, outcome="resolved", explanation="已核对", proofs=[], by=cast.actor("central_school"), now=NOW)
    assert refusal.value.code == "signed"


def test_a_school_does_not_sign_after_its_township(cast: Cast) -> None:
    run = finished(cast)
    sign(run_id=run.pk, reason="两校校长出差，已电话确认", by=cast.actor("township"), now=NOW)
    assert refused(run, cast.actor("principal"), "补签一下") == "order"
    page = cast.client("principal").get(f"/runs/{run.pk}/sign/").content.decode()
    assert "不能再补签" in page and "先学校（校长），再乡镇（街道），最后区教体局" in page and 'name="reason"' not in page


def test_a_decision_does_not_change_the_figures_of_a_school_that_has_signed(cast: Cast) -> None:
    """A child of one school sits in another, which signed: settling it 在籍在校 would take it off the other's class list."""
    home, other = cast.home.schools[:2]
    run = runs.run()
    row(cast.child, of=run, second="not_returned", reverse="guest_study", attending_school=other)
    finding = runs.finding(cast.child, of=run)
    sign(run_id=run.pk, reason="没有未处理的问题", by=people.actor(people.post("principal", school=other)), now=NOW)
    with pytest.raises(Refused, match=other.name) as refusal:
        settle_finding(finding_id=finding.pk, outcome="attending", explanation="已到校", proofs=[], by=cast.actor("registrar"), now=NOW)
    assert refusal.value.code == "signed" and str(home) not in refusal.value.sentence
    settle_finding(finding_id=finding.pk, outcome="on_leave", explanation="病假", proofs=[], by=cast.actor("registrar"), now=NOW)


def test_the_page_names_who_signs_and_in_which_order(cast: Cast) -> None:
    run = finished(cast)
    page = cast.client("township").get(f"/runs/{run.pk}/sign/").content.decode()
    assert "已签 0 / 2" in page and all(school.name in page for school in cast.home.schools[:2]) and "中心学校处理①的问题" in page
    assert "各乡镇（街道）签认后" in cast.client("bureau").get(f"/runs/{run.pk}/sign/").content.decode()
