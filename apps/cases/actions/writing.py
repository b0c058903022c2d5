"""Lines of the ledger, the files beside them, numbers of papers."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce, Greatest
from django.utils import timezone

from apps.cases.models import Attachment, Case, CaseEntry, Lesson, NumberSeries
from apps.cases.queries.progress import recount
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile, keep, prepared
from apps.core.scope import Actor

TEXT = 1000
# What others may have changed since a case was read.
MOVING = ("state", "state_since", "progress_on", "opened_on", "repeats", "school_id", "school_class_id", "township_code", "village_code")


def hold(case: Case) -> None:
    """Hold a case until the transaction ends, as it stands now: nobody else moves it meanwhile."""
    for name, value in Case.objects.select_for_update(no_key=True).values(*MOVING).get(pk=case.pk).items():
        setattr(case, name, value)


def hold_open(case: Case, *, sentence: str = "个案已经办结。") -> None:
    """The same; Refused where it has ended meanwhile: what is written goes to an open case."""
    hold(case)
    if not case.is_open:
        raise Refused(sentence, code="closed")


def write(
    *, case: Case, kind: str, text: str, by: Actor, now: datetime, on: date | None = None, progress: bool = False, files: Sequence[ProofFile] = (),
    label: str = "", medical: bool = False, corrects: CaseEntry | None = None, source: str = "", target: str = "",
    counts_on: date | None = None, takes_back: Sequence[int] = (), plain: str = "", **data: Any,
) -> CaseEntry:  # fmt: skip
    """One line, written now, of what happened ``on`` a day (today where none is given); full ID numbers in it are masked. ``plain``: what a post
    without the right to medical facts reads in its place, where it tells some.

    ``progress``: something was really done for the child, which alone starts the clock of the ladder anew 〔DOMAIN §4〕; ``counts_on``: on that
    day, where it takes the place of something done before. ``takes_back``: earlier lines of this ledger that are progress no longer."""
    day = on or timezone.localtime(now).date()
    data |= {"counts_on": counts_on.isoformat()} if counts_on else {}
    data |= {"takes_back": list(takes_back)} if takes_back else {}
    data |= {"plain": plain} if plain else {}
    entry = CaseEntry.objects.create(
        case=case, kind=kind, text=hide_numbers(text)[:TEXT], happened_on=day, written_at=now, by_name=by.name, by_title=by.title, data=data,
        source=source, target=target, is_progress=progress, corrects=corrects,
    )  # fmt: skip
    attach(files=files, by=by, now=now, label=label, medical=medical, case=case, entry=entry)
    if progress:
        Case.objects.filter(pk=case.pk).update(progress_on=Greatest(Coalesce("progress_on", "opened_on"), counts_on or day))
    if takes_back:
        recount([case.merged_into_id or case.pk])
    if progress or takes_back:
        case.refresh_from_db(fields=["progress_on"])
    return entry


def attach(
    *, files: Sequence[ProofFile], by: Actor, now: datetime, label: str = "", case: Case | None = None, entry: CaseEntry | None = None,
    lesson: Lesson | None = None, medical: bool = False,
) -> list[Attachment]:  # fmt: skip
    """Keep files beside a line or a lesson: pictures are drawn anew without place and time,
    recordings stay as they are. Refused: another kind, too large, broken."""
    ready = [prepared(file, recordings=True) for file in files]
    told: dict[str, Any] = {
        "case": case,
        "entry": entry,
        "lesson": lesson,
        "label": label[:60],
        "created_at": now,
        "by_name": by.name,
        "by_title": by.title,
    }
    told |= {"is_medical": medical}
    kept = [keep(file) for file in ready]
    return Attachment.objects.bulk_create(
        Attachment(file_name=one.file_name, stored_name=one.stored_name, content_type=one.content_type, size=one.size, **told) for one in kept
    )


def take_number(*, issuer: str, year: int) -> int:
    """The next number of an issuer in a year; another one waits until this paper is stored, so that none is skipped or given twice."""
    NumberSeries.objects.get_or_create(issuer=issuer, year=year)
    NumberSeries.objects.filter(issuer=issuer, year=year).update(last=F("last") + 1)
    return NumberSeries.objects.get(issuer=issuer, year=year).last
