"""包保责任书: made with a number, kept with its signed scan."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions.duties import Place, check_place
from apps.cases.actions.writing import take_number
from apps.cases.letters.duties import composed
from apps.cases.models import DutyLetter
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile, keep, prepared, proof_path
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.schools.queries import place_names, policy


@dataclass(frozen=True, slots=True)
class Written:
    """Who signs with whom, and for which year."""

    year: int
    upper: str
    upper_name: str
    lower: str
    lower_name: str


@transaction.atomic
def make_letter(*, place: Place, written: Written, by: Actor, now: datetime) -> DutyLetter:
    """Number a letter for the lower side at a place. Refused outside the own place. 〔方案二（一）〕层层签订责任书"""
    check_place(place, by=by)
    if not by.may(Right.MANAGE_DUTIES):
        raise Refused("由落实责任人的岗位制作责任书。", code="right")
    district = by.scope.district
    clean = Written(written.year, *(hide_numbers(words.strip()) for words in (written.upper, written.upper_name, written.lower, written.lower_name)))
    serial = take_number(issuer=f"{district}-duty", year=clean.year)
    number = f"{place_names([district])[district]}控辍责〔{clean.year}〕{serial}号"
    numbers = policy(district=district, day=timezone.localtime(now).date())
    letter = composed(clean, line="education" if place.school else "government", numbers=numbers)
    made = DutyLetter.objects.create(
        district_code=district, region_code=place.region, school=place.school, year=clean.year, number=number, upper=clean.upper,
        upper_name=clean.upper_name, lower=clean.lower, lower_name=clean.lower_name, letter=letter, made_at=now, by_name=by.name, by_title=by.title,
    )  # fmt: skip
    record("make_duty_letter", f"制作包保责任书 {number}：{made}", by=by, object_kind="duty_letter", object_id=made.pk)
    return made


@transaction.atomic
def keep_scan(*, letter: DutyLetter, signed_on: date, files: Sequence[ProofFile], by: Actor, now: datetime) -> DutyLetter:
    """Keep the signed scan; signed once. Refused: not one file, a day to come, signed already."""
    if not by.may(Right.MANAGE_DUTIES) or not DutyLetter.objects.within(by.scope).filter(pk=letter.pk).exists():
        raise Refused("这份责任书不归您的岗位登记。", code="place")
    if len(files) != 1:
        raise Refused("请上传一个签字扫描件；多页的请合成一个 PDF。", code="scan")
    if signed_on > timezone.localtime(now).date():
        raise Refused("签订日还没有到。", code="signed_on")
    if letter.stored_name:
        raise Refused("已登记签订。", code="state")
    kept = keep(prepared(files[0]))
    columns = {"file_name": kept.file_name, "stored_name": kept.stored_name, "content_type": kept.content_type, "size": kept.size}
    if not DutyLetter.objects.filter(pk=letter.pk, stored_name="").update(signed_on=signed_on, **columns):
        raise Refused("刚刚已由别人登记签订。", code="state")
    letter.refresh_from_db()
    record("sign_duty_letter", f"登记签订 {letter.number}", by=by, object_kind="duty_letter", object_id=letter.pk)
    return letter


def open_scan(*, letter: DutyLetter, by: Actor) -> bytes | None:
    """The scan's bytes, the reading written down; None where its file is not there."""
    path = proof_path(letter.stored_name)
    if not letter.stored_name or not path.is_file():
        return None
    record("open_duty_letter", f"下载责任书扫描件 {letter.number}", by=by, object_kind="duty_letter", object_id=letter.pk)
    return path.read_bytes()
