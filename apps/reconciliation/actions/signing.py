"""Signing a run: school, then township, then bureau. The bureau's signature freezes it 〔方案二（二）〕."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.reconciliation import rules
from apps.reconciliation.models import ChildClass, Finding, Run, Signature
from apps.reconciliation.queries import board as boards
from apps.reconciliation.querysets import ChildRowQuerySet
from apps.schools import queries as places
from apps.schools.models import School

SIGNERS = {"principal": Signature.Level.SCHOOL, "township": Signature.Level.TOWNSHIP, "bureau": Signature.Level.BUREAU}


@dataclass(frozen=True, slots=True)
class Standing:
    """What stands before a signature of this actor: the place, what is open, who below has not signed."""

    level: str
    code: str
    name: str
    open_findings: int
    unsigned: list[str]
    signature: Signature | None
    above: Signature | None  # of the township, over a school that has not signed
    frozen: bool

    @property
    def needs_reason(self) -> bool:
        """Whether signing now asks for a sentence: findings are open, or a place below has not signed."""
        return bool(self.open_findings or self.unsigned)

    @property
    def is_blocked(self) -> bool:
        """The bureau signs last: every township first."""
        return self.level == Signature.Level.BUREAU and bool(self.unsigned)


def standing(run: Run, *, by: Actor) -> Standing:
    """Where the actor's own signature under this run stands; Refused for a post that does not sign."""
    level = SIGNERS.get(by.role)
    if level is None or not by.may(Right.SIGN_RUN):
        raise Refused("比对结果由校长、乡镇（街道）、区教体局依次签认；中心学校处理①的问题，由乡镇（街道）签认。您的岗位不签认。", code="role")
    signed = boards.signatures(run)
    code, name = place_of(by)
    return Standing(
        level, code, name, open_findings(run, by=by).count(), unsigned_below(run, signed, by=by), signed.get((level, code)),
        signature_above(signed, by=by), run.is_frozen,
    )  # fmt: skip


def signature_above(signed: dict[tuple[str, str], Signature], *, by: Actor) -> Signature | None:
    """The township's signature, where a school comes after it."""
    if by.scope.level != Level.SCHOOL:
        return None
    return signed.get((Signature.Level.TOWNSHIP, School.objects.get(pk=by.scope.school).township_id))


def place_of(by: Actor) -> tuple[str, str]:
    """Code and name of the place the actor signs for."""
    scope = by.scope
    if scope.level == Level.SCHOOL:
        return scope.school, School.objects.get(pk=scope.school).name
    if scope.level == Level.TOWNSHIP:
        return scope.township, next((r.name for r in places.townships(scope.district) if r.code == scope.township), scope.township)
    return scope.district, "区教体局"


def open_findings(run: Run, *, by: Actor) -> ChildRowQuerySet:
    """What is still open at the place and would be closed by its signature: of ② for a school, of all but the bureau's own for a township."""
    rows = Finding.objects.within(by.scope).filter(run=run, state=Finding.State.OPEN)
    if by.scope.level == Level.SCHOOL:
        return rows.filter(comparison__in=rules.AT_SCHOOL)
    if by.scope.level == Level.TOWNSHIP:
        at_school = Q(comparison__in=rules.AT_SCHOOL)
        taught_here, lives_here = Q(school_id__in=sorted(by.scope.schools)), Q(township_code=by.scope.township)
        return rows.exclude(owner="bureau").filter((at_school & taught_here) | (~at_school & (lives_here | Q(township_code="") & taught_here)))
    return rows


def unsigned_below(run: Run, signed: dict[tuple[str, str], Signature], *, by: Actor) -> list[str]:
    """Names of the places below that have children in this run and have not signed."""
    if by.scope.level == Level.TOWNSHIP:
        with_children = ChildClass.objects.filter(run=run, school_id__in=sorted(by.scope.schools)).values("school_id")
        schools = School.objects.filter(pk__in=with_children).order_by("pk")
        return [school.name for school in schools if (Signature.Level.SCHOOL, school.pk) not in signed]
    if by.scope.level == Level.DISTRICT:
        rows = ChildClass.objects.filter(run=run)
        used = set(rows.values_list("township_code", flat=True).distinct()) | set(rows.values_list("school__township_id", flat=True).distinct())
        return [
            region.name
            for region in places.townships(by.scope.district)
            if region.code in used and (Signature.Level.TOWNSHIP, region.code) not in signed
        ]
    return []


@transaction.atomic
def sign(*, run_id: int, reason: str, by: Actor, now: datetime) -> Signature:
    """Sign for the actor's place; what is open or unsigned below must be explained in a sentence. The bureau's signature freezes the run."""
    run = Run.objects.within(by.scope).select_for_update(no_key=True, of=("self",)).select_related("term").filter(pk=run_id).first()
    if run is None:
        raise Refused("没有这次比对。", code="scope")
    before, reason = standing(run, by=by), hide_numbers(reason.strip())
    check_may_sign(run, before, reason=reason)
    counts = dict(boards.board(run, by.scope).total.counts[""])
    signature = Signature.objects.create(
        run=run, level=before.level, place_code=before.code, place_name=before.name,
        signed_by_id=by.user_id, signed_title=by.title, signed_at=now,
        counts={
            "figures": counts, "open_findings": before.open_findings, "reason": reason, "unsigned": before.unsigned, "signed_name": by.name,
        },
    )  # fmt: skip
    if before.level == Signature.Level.BUREAU:
        Run.objects.filter(pk=run.pk).update(state=Run.State.SIGNED)
    note = f"（说明：{reason}）" if reason else ""
    record("sign_run", f"{before.name}签认{run}{note}", by=by, object_kind="run", object_id=run.pk, level=str(before.level), place=before.code)
    return signature


def check_may_sign(run: Run, before: Standing, *, reason: str) -> None:
    """Say why the place cannot sign now; silent when it can."""
    if run.state not in (Run.State.DONE, Run.State.SIGNED):
        raise Refused("比对尚未完成，完成后才能签认。", code="unfinished")
    if before.signature:
        raise Refused(f"{before.name}已于{before.signature.signed_at:%Y-%m-%d}签认。", code="signed")
    if before.frozen:
        raise Refused("区教体局已经签认，本次比对已冻结。", code="frozen")
    if before.above:
        raise Refused(
            f"{before.above.place_name}已于{before.above.signed_at:%Y-%m-%d}签认，学校须在乡镇（街道）之前签认；请在下次比对中签认。", code="order"
        )
    if before.is_blocked:
        raise Refused(f"还有乡镇（街道）未签认：{'、'.join(before.unsigned)}。各乡镇签认后区教体局才能签认。", code="order")
    if before.needs_reason and len(reason) < 4:
        raise Refused("还有未处理的问题或未签认的学校，请写明原因后再签认。", code="reason")
