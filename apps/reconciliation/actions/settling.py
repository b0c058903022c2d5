"""Settling findings and judging doubtful pairs. A decision is remembered by later runs; a second settler is refused."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile, keep, prepared
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reconciliation import rules
from apps.reconciliation.comparisons import Facts, out_of_school_vs_monitored
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, PairDecision, Proof, Run, Settlement, Signature
from apps.reconciliation.queries.decided import persons
from apps.schools import queries as places
from apps.schools.models import School

LONGEST_REASON = 300


def settle_finding(*, finding_id: int, outcome: str, explanation: str, proofs: list[ProofFile], by: Actor, now: datetime) -> Finding:
    """Settle one finding as one of its allowed outcomes. Refused when it is not the actor's, settled already, or the place has signed."""
    return settle_many(finding_ids=[finding_id], outcome=outcome, explanation=explanation, proofs=proofs, by=by, now=now)[0]


@transaction.atomic
def settle_many(*, finding_ids: list[int], outcome: str, explanation: str, proofs: list[ProofFile], by: Actor, now: datetime) -> list[Finding]:
    """Settle like findings (one run, one comparison) together: all or none."""
    explanation = hide_numbers(explanation.strip())
    if not explanation:
        raise Refused("请写明处理说明：核实了什么、向谁核实、结果如何。", code="explanation")
    found = list(Finding.objects.within(by.scope).filter(pk__in=finding_ids).select_related("school").order_by("pk"))
    if not found or len(found) != len(set(finding_ids)):
        raise Refused("所选问题已不在您的范围内，请刷新列表。", code="scope")
    if len({(finding.run_id, finding.comparison) for finding in found}) > 1:
        raise Refused("一次只能处理同一次比对中同一类比对的问题。", code="mixed")
    # A signature waits for us, and we for it.
    run = Run.objects.select_for_update(no_key=True, of=("self",)).select_related("term").get(pk=found[0].run_id)
    for finding in found:
        check_may_settle(finding, run=run, outcome=outcome, has_proof=bool(proofs), by=by)
    today = timezone.localtime(now).date()
    longest = places.policy(district=run.district_code, day=today)["exemption_longest_days"]
    until = rules.holds_until(outcome, decided_on=today, term_ends=run.term.last_day, longest_days=longest)
    for finding in found:
        take(finding, outcome=outcome, explanation=explanation, by=by, at=now)
        remember(finding, until=until, by=by, at=now)
        follow(finding, by=by, at=now)
    keep_proofs(found, proofs, by=by)
    return found


def check_may_settle(finding: Finding, *, run: Run, outcome: str, has_proof: bool, by: Actor) -> None:
    """Say why a finding cannot be settled so; silent when it can."""
    if not by.may(Right.SETTLE_FINDINGS) or not rules.may_settle(by.role, finding.owner):
        raise Refused(f"这一问题由{rules.owner_label(finding.owner)}处理，您的岗位不能处理。", code="role")
    if run.state != Run.State.DONE:
        raise Refused("本次比对已经签认冻结，不能再处理。" if run.is_frozen else "比对尚未完成，请等待完成后再处理。", code="frozen")
    if signed := signature_over(finding) or signature_elsewhere(finding, outcome):
        raise Refused(f"{signed.place_name}已于{signed.signed_at:%Y-%m-%d}签认本次比对，其问题不能再处理；请在下次比对中处理。", code="signed")
    if outcome not in rules.outcomes(finding.comparison, finding.klass):
        raise Refused(f"“{finding.klass_label}”不能处理为“{rules.label(finding.comparison, outcome)}”。", code="outcome")
    if rules.outcome_needs_proof(finding.comparison, outcome) and not has_proof:
        raise Refused(f"处理为“{rules.label(finding.comparison, outcome)}”须上传佐证材料（PDF 或照片）。", code="proof")


def signature_over(finding: Finding) -> Signature | None:
    """The signature that closes a finding: of ② its school's or that school's township's, of ① the household's township's.

    The bureau's own findings (③, 名册之间的矛盾) are closed by its own signature alone, which freezes the run.
    """
    if finding.owner == "bureau":
        return None
    at_school = finding.comparison in rules.AT_SCHOOL or not finding.township_code
    return signature_of(finding.run_id, finding.school_id) if at_school else signature_of(finding.run_id, None, finding.township_code)


def signature_elsewhere(finding: Finding, outcome: str) -> Signature | None:
    """The signature over another school whose figures this decision would change: who is settled 在籍在校 sits there no more."""
    if (finding.comparison, outcome) != (rules.Comparison.SECOND, "attending"):
        return None
    row = ChildClass.objects.filter(run=finding.run_id, child=finding.child_id).exclude(reverse="").first()
    return signature_of(finding.run_id, row.attending_school_id) if row else None


def signature_of(run_id: int, school: str | None, township: str = "") -> Signature | None:
    """The school's own signature under a run, or that of the township (of a school: where it stands)."""
    if school:
        township = School.objects.get(pk=school).township_id
    own = Q(level=Signature.Level.SCHOOL, place_code=school or "-") | Q(level=Signature.Level.TOWNSHIP, place_code=township)
    return Signature.objects.filter(own, run=run_id).order_by("pk").first()


def take(finding: Finding, *, outcome: str, explanation: str, by: Actor, at: datetime) -> None:
    """Mark it settled unless somebody else did so a moment ago."""
    values: dict[str, Any] = {
        "state": Finding.State.SETTLED, "outcome": outcome, "explanation": explanation[:500], "settled_title": by.title,
        "settled_by_id": by.user_id or None, "settled_at": at,
    }  # fmt: skip
    if not Finding.objects.filter(pk=finding.pk, state=Finding.State.OPEN).update(**values):
        raise Refused(f"{finding.name}的这一问题已经处理过，请刷新后查看处理结果。", code="settled")
    for name, value in values.items():
        setattr(finding, name, value)


def remember(finding: Finding, *, until: date | None, by: Actor, at: datetime) -> None:
    """Keep the decision for later runs, and write down who decided."""
    Settlement.objects.create(
        child_id=finding.child_id, finding=finding, district_code=finding.district_code, township_code=finding.township_code,
        village_code=finding.village_code, school_id=finding.school_id, school_class_id=finding.school_class_id,
        comparison=finding.comparison, from_class=finding.klass, outcome=finding.outcome, explanation=finding.explanation, valid_until=until,
        decided_title=by.title, decided_by_id=by.user_id or None, decided_at=at,
    )  # fmt: skip
    record(
        "settle_finding", f"将{finding.name}的“{finding.klass_label}”处理为“{finding.outcome_label}”：{finding.explanation}", by=by,
        object_kind="finding", object_id=finding.pk, child_id=finding.child_id, run=finding.run_id, outcome=finding.outcome,
    )  # fmt: skip


def follow(finding: Finding, *, by: Actor, at: datetime) -> None:
    """Carry the decision into the run's classes, so that every figure follows; ③ follows ① and ②."""
    field = rules.FIELDS.get(finding.comparison)
    row = ChildClass.objects.select_for_update().filter(run=finding.run_id, child=finding.child_id).first()
    if field is None or row is None:
        return
    setattr(row, field, finding.outcome)
    setattr(row, f"{field}_reason", f"{rules.BY_HAND}{finding.explanation}"[:LONGEST_REASON])
    changed = [field, f"{field}_reason", *follow_facts(row, finding.comparison)]
    if finding.comparison == rules.Comparison.SECOND and not row.reverse:
        close(row, rules.Comparison.REVERSE, "②已核定在本校就读", by=by, at=at)
    if finding.comparison in (rules.Comparison.FIRST, rules.Comparison.SECOND):
        changed += follow_third(row, by=by, at=at)
    row.save(update_fields=changed)


def follow_facts(row: ChildClass, comparison: str) -> list[str]:
    """Keep the facts in step with the class, so that both identities still hold; name the changed columns.

    A child settled into a class of ① has its household here; one settled as 在籍在校 sits in its own school and nowhere else.
    """
    if comparison == rules.Comparison.FIRST and row.first != "no_residence" and not row.is_local:
        row.is_local = row.is_school_age = True
        return ["is_local", "is_school_age"]
    if comparison == rules.Comparison.SECOND and row.second == "attending":
        row.is_present, row.attending_school_id, row.reverse, row.reverse_reason = True, row.school_id, "", ""
        return ["is_present", "attending_school", "reverse", "reverse_reason"]
    return []


def follow_third(row: ChildClass, *, by: Actor, at: datetime) -> list[str]:
    """Put the child into comparison ③ or take it out, as its classes in ① and ② now say; name the changed columns."""
    is_out = out_of_school_vs_monitored.is_out_of_school(row.first, row.second)
    if is_out == bool(row.third):
        return []
    if is_out:
        facts = Facts(monitored=row.monitored is not None, monitored_kind=row.monitored.group_kind if row.monitored else "")
        row.third, row.third_reason = out_of_school_vs_monitored.classify(facts, first=row.first, second=row.second)
    else:
        row.third, row.third_reason = "", ""
        close(row, rules.Comparison.THIRD, "①②已核定，不再属于辍失学", by=by, at=at)
    return ["third", "third_reason"]


def close(row: ChildClass, comparison: str, why: str, *, by: Actor, at: datetime) -> None:
    """Close the findings of another comparison that this decision has made void."""
    for other in Finding.objects.filter(run=row.run_id, child=row.child_id, comparison=comparison, state=Finding.State.OPEN):
        take(other, outcome=other.klass, explanation=why, by=by, at=at)


def keep_proofs(found: list[Finding], proofs: list[ProofFile], *, by: Actor) -> None:
    """Store the files once for each finding they prove."""
    for proof in map(prepared, proofs):
        for finding in found:
            Proof.objects.create(finding=finding, created_title=by.title, **asdict(keep(proof)))


@transaction.atomic
def answer_pair(*, pair_id: int, answer: str, note: str, by: Actor, now: datetime) -> DoubtfulPair:
    """Keep what a person says of two lines: same, different or ask. The next run goes by it; ``ask`` only waits in the queue.

    Of a frozen run nothing changes: the answer is remembered for the next one alone.
    """
    if not by.may(Right.JUDGE_PAIRS) or answer not in ("same", "different", "ask"):
        raise Refused("请选择“同一人”“不是同一人”或“须核实”。", code="answer")
    pair: DoubtfulPair | None = (
        DoubtfulPair.objects.within(by.scope).select_for_update(of=("self",)).select_related("left", "right").filter(pk=pair_id).first()
    )
    if pair is None:
        raise Refused("这一对已不在您的范围内，请刷新列表。", code="scope")
    pair.run = Run.objects.select_for_update(no_key=True).get(pk=pair.run_id)  # a signature waits for us, and we for it
    pair.answer, pair.note = answer, hide_numbers(note.strip())[:300]
    pair.answered_title, pair.answered_at = by.title, now
    if not pair.run.is_frozen:
        pair.save(update_fields=["answer", "note", "answered_title", "answered_at"])
    decide(pair)
    words = DoubtfulPair.Answer(answer).label
    record(
        "answer_pair", f"判定{pair.left.name}（{pair.left.get_kind_display()}）与{pair.right.name}（{pair.right.get_kind_display()}）：{words}", by=by,
        object_kind="pair", object_id=pair.pk, child_id=pair.left.child_id, run=pair.run_id, answer=answer,
    )  # fmt: skip
    return pair


def decide(pair: DoubtfulPair) -> None:
    """The decision by the natural keys of the two lines and by whom they speak of, for later runs and terms."""
    lines = {"left": pair.left, "right": pair.right}
    whom = persons(*lines.values())
    keys = {f"{side}_{name}": getattr(line, name) for side, line in lines.items() for name in ("kind", "unit", "key")}
    people = {f"{side}_person": whom[line.pk] for side, line in lines.items()}
    said = PairDecision.objects.filter(district_code=pair.run.district_code)
    if pair.answer == DoubtfulPair.Answer.ASK:
        same_people = {"left_kind": pair.left.kind, "right_kind": pair.right.kind, **people}
        said.filter(Q(**keys) | (Q() if None in people.values() else Q(**same_people))).delete()
        return
    told = {"answer": pair.answer, "decided_title": pair.answered_title, "decided_at": pair.answered_at, "note": pair.note}
    said.update_or_create(district_code=pair.run.district_code, **keys, defaults=told | people)
