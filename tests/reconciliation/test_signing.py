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
