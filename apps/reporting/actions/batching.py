"""The files of many cases as one zip: asked for on a page, made by a worker case by case, kept for a week."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Collection
from datetime import date, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.db.models.functions import Now

from apps.accounts.models import Post
from apps.accounts.roles import BY_CODE
from apps.audit.actions import record
from apps.cases.models import Case
from apps.core.errors import Refused
from apps.core.papers import pdf
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reporting.letters.child_file import child_file
from apps.reporting.models import FileBatch
from apps.reporting.queries.whole import whole

MOST = 500  # files in one zip
KEPT = timedelta(days=7)
STILL = timedelta(minutes=2)  # without a beat: the worker died


@transaction.atomic
def ask_batch(*, cases: Collection[int], name: str, by: Actor, now: datetime) -> FileBatch:
    """Ask for the files of some cases of the scope. Refused: none, or too many for one zip."""
    mine = list(Case.objects.within(by.scope).filter(pk__in=cases).order_by("pk").values_list("pk", flat=True))
    if not mine:
        raise Refused("没有选中个案。", code="none")
    if len(mine) > MOST:
        raise Refused(f"一次最多打包 {MOST} 件，现在选了 {len(mine)} 件；请按乡镇或状态分开打包。", code="many")
    made: FileBatch = FileBatch.objects.create(
        district_code=by.scope.district, post_id=by.post_id, name=name[:100], cases=mine, asked_at=now, asked_name=by.name, asked_title=by.title
    )
    record("ask_batch", f"打包卷宗 {len(mine)} 件", by=by, object_kind="batch", object_id=made.pk, cases=mine)
    return made


def folder(batch: FileBatch) -> Path:
    """Where the parts and the zip of a batch lie: outside the web root."""
    return Path(settings.UPLOAD_DIR) / "batches" / str(batch.pk)


def zip_path(batch: FileBatch) -> Path:
    """The finished zip."""
    return folder(batch) / "files.zip"


def work_batch(*, batch_id: int, now: datetime, today: date) -> bool:
    """Make the files that are missing, then the zip. Killed half-way it goes on where it was; a second worker leaves it to the first.
    Returns whether this call finished it."""
    free = FileBatch.objects.filter(Q(beat_at=None) | Q(beat_at__lt=now - STILL), pk=batch_id, state=FileBatch.State.WAITING)
    if not free.update(beat_at=now):
        return False
    batch = FileBatch.objects.get(pk=batch_id)
    parts = folder(batch)
    parts.mkdir(parents=True, exist_ok=True)
    medical = sees_medical(batch)
    for number, pk in enumerate(batch.cases, 1):
        make_part(parts / f"{pk}.pdf", pk, today=today, medical=medical)
        FileBatch.objects.filter(pk=batch_id).update(done=number, beat_at=Now())
    size = bind(batch, today=today)
    return bool(FileBatch.objects.filter(pk=batch_id).update(state=FileBatch.State.DONE, finished_at=now, size=size, done=len(batch.cases)))


def sees_medical(batch: FileBatch) -> bool:
    """Whether the post that asked for a batch may read medical facts."""
    post = Post.objects.filter(pk=batch.post_id).first()
    return post is not None and Right.VIEW_MEDICAL in BY_CODE[post.role].rights


def make_part(path: Path, case_id: int, *, today: date, medical: bool) -> None:
    """One file, written whole or not at all."""
    if path.exists():
        return
    case = Case.objects.select_related("child", "school", "school_class").get(pk=case_id)
    half = path.with_suffix(".part")
    half.write_bytes(pdf(child_file(whole(case, today=today, medical=medical), day=today)))
    half.replace(path)


def bind(batch: FileBatch, *, today: date) -> int:
    """All parts in one zip under the children's names; returns its size in bytes."""
    named = dict(Case.objects.filter(pk__in=batch.cases).values_list("pk", "child__name"))
    half = zip_path(batch).with_suffix(".part")
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, pk in enumerate(batch.cases, 1):
            packed.write(folder(batch) / f"{pk}.pdf", f"{number:03d} {plain(named.get(pk, ''))} 个案{pk}.pdf")
    half.replace(zip_path(batch))
    return zip_path(batch).stat().st_size


def plain(name: str) -> str:
    """A name as part of a file name."""
    return "".join(c for c in name if c.isalnum() or c == "·")


def clear_batches(*, now: datetime) -> int:
    """Delete what was finished more than a week ago. Returns how many."""
    old = list(FileBatch.objects.filter(state=FileBatch.State.DONE, finished_at__lt=now - KEPT))
    for batch in old:
        shutil.rmtree(folder(batch), ignore_errors=True)
    FileBatch.objects.filter(pk__in=[batch.pk for batch in old]).update(state=FileBatch.State.GONE)
    return len(old)


def still_waiting(*, now: datetime) -> list[int]:
    """Batches nobody works at: the message was lost, or the worker died."""
    waiting = FileBatch.objects.filter(Q(beat_at=None) | Q(beat_at__lt=now - STILL), state=FileBatch.State.WAITING)
    return list(waiting.order_by("pk").values_list("pk", flat=True))
