"""The files of many cases as one zip: asked for on a page, made by a worker slice by slice, kept for a week."""

from __future__ import annotations

import logging
import shutil
import time
import zipfile
from collections.abc import Callable, Collection
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now

from apps.accounts.models import Post
from apps.accounts.roles import BY_CODE
from apps.audit.actions import record
from apps.cases.models import Case
from apps.core.errors import Refused
from apps.core.medical import NOTHING, Reader, reader
from apps.core.papers import pdf
from apps.core.scope import Actor
from apps.reporting.letters.child_file import child_file
from apps.reporting.models import FileBatch
from apps.reporting.queries.batches import alone, wait_for_post
from apps.reporting.queries.whole import whole

MOST = 500  # files in one zip
FILES, SECONDS = 20, 10.0  # of one slice at most: a worker is free for other tasks after that
TRIES = 3  # of one file, then the zip is finished without it
KEPT = timedelta(days=7)
STILL = timedelta(minutes=2)  # without a beat: the worker died
log = logging.getLogger(__name__)


@transaction.atomic
def ask_batch(*, cases: Collection[int], name: str, by: Actor, now: datetime) -> FileBatch:
    """Ask for the files of some cases of the scope. Refused: none, too many for one zip, or one of the post's is not made yet."""
    wait_for_post(by.post_id)
    if waiting_of(by):
        raise Refused("上一包卷宗还没有做好；做好以后再打包下一包。", code="waiting")
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


def waiting_of(by: Actor) -> FileBatch | None:
    """The zip that is being made for the acting post."""
    return FileBatch.objects.of(by).filter(state=FileBatch.State.WAITING).first()


def folder(batch: FileBatch) -> Path:
    """Where the parts and the zip of a batch lie: outside the web root."""
    return Path(settings.UPLOAD_DIR) / "batches" / str(batch.pk)


def zip_path(batch: FileBatch) -> Path:
    """The finished zip."""
    return folder(batch) / "files.zip"


def work_slice(*, now: datetime, today: date) -> bool:
    """Make a few files of the zip that waited longest, and the zip with the last of them; where another worker is at it, nothing. Killed half-way
    it goes on where it was. Returns whether there is more to do: another slice is sent for, so that other tasks have their turn in between."""
    with alone() as mine:
        if not mine:
            return False
        batch = waiting().order_by(F("beat_at").asc(nulls_first=True), "pk").first()
        if batch:
            go_on(batch, now=now, today=today)
    return waiting().exists()


def waiting() -> QuerySet[FileBatch]:
    """Zips that are not made yet."""
    return FileBatch.objects.filter(state=FileBatch.State.WAITING)


def go_on(batch: FileBatch, *, now: datetime, today: date) -> None:
    """One slice of a zip: at most ``FILES`` files or ``SECONDS``."""
    batch.begun_at = batch.begun_at or now
    folder(batch).mkdir(parents=True, exist_ok=True)
    begun, eyes = time.monotonic(), reader_of(batch)
    for pk in left(batch)[:FILES]:
        attempt(batch, str(pk), partial(make_part, part(batch, pk), pk, today=today, eyes=eyes))
        if time.monotonic() - begun > SECONDS:
            break
    if left(batch):
        return
    if attempt(batch, "zip", partial(bind, batch)):
        batch.state, batch.finished_at, batch.size = FileBatch.State.DONE, now, zip_path(batch).stat().st_size
        batch.done, batch.tries = len(batch.cases), {}
    elif batch.tries["zip"] >= TRIES:
        batch.state = FileBatch.State.FAILED
        shutil.rmtree(folder(batch), ignore_errors=True)
    batch.save()


def left(batch: FileBatch) -> list[int]:
    """The cases whose file is neither made nor given up, those that failed before last."""
    tries = {pk: batch.tries.get(str(pk), 0) for pk in batch.cases if not part(batch, pk).exists()}
    return sorted((pk for pk, number in tries.items() if number < TRIES), key=lambda pk: tries[pk])


def part(batch: FileBatch, case_id: int) -> Path:
    """The file of one case."""
    return folder(batch) / f"{case_id}.pdf"


def attempt(batch: FileBatch, what: str, make: Callable[[], None]) -> bool:
    """Whether it was made. A try is counted before it begins, so that what kills its worker is given up as well."""
    batch.tries[what] = batch.tries.get(what, 0) + 1
    done = len(batch.cases) - len(left(batch))
    FileBatch.objects.filter(pk=batch.pk).update(tries=batch.tries, begun_at=batch.begun_at, done=done, beat_at=Now())
    try:
        make()
    except Exception:
        log.exception("%s of batch %s, try %s", what, batch.pk, batch.tries[what])
        return False
    del batch.tries[what]
    return True


def reader_of(batch: FileBatch) -> Reader:
    """Which medical facts the post that asked for a batch may read."""
    post = Post.objects.filter(pk=batch.post_id).first()
    return reader(BY_CODE[post.role].rights) if post else NOTHING


def make_part(path: Path, case_id: int, *, today: date, eyes: Reader) -> None:
    """One file, written whole or not at all."""
    case = Case.objects.select_related("child", "school", "school_class").get(pk=case_id)
    half = path.with_suffix(".part")
    half.write_bytes(pdf(child_file(whole(case, today=today, reader=eyes), day=today)))
    half.replace(path)


def bind(batch: FileBatch) -> None:
    """All files in one zip under the children's names; those that could not be made are listed in it and in ``skipped``."""
    named = dict(Case.objects.filter(pk__in=batch.cases).values_list("pk", "child__name"))
    half = zip_path(batch).with_suffix(".part")
    batch.skipped = [pk for pk in batch.cases if not part(batch, pk).exists()]
    with zipfile.ZipFile(half, "w", zipfile.ZIP_DEFLATED) as packed:
        for number, pk in enumerate(batch.cases, 1):
            if pk not in batch.skipped:
                packed.write(part(batch, pk), f"{number:03d} {plain(named.get(pk, ''))} 个案{pk}.pdf")
        if batch.skipped:
            lines = [
                f"以下 {len(batch.skipped)} 件没有做成，不在本包内，请打开个案逐件打印：",
                *(f"{named.get(pk, '')} 个案{pk}" for pk in batch.skipped),
            ]
            packed.writestr("说明.txt", "\ufeff" + "\r\n".join(lines))
    half.replace(zip_path(batch))


def plain(name: str) -> str:
    """A name as part of a file name."""
    return "".join(c for c in name if c.isalnum() or c == "·")


def clear_batches(*, now: datetime) -> int:
    """Delete what was finished more than a week ago, and what is not after a week of trying. Returns how many."""
    over = Q(state=FileBatch.State.DONE, finished_at__lt=now - KEPT) | Q(state=FileBatch.State.WAITING, begun_at__lt=now - KEPT)
    old = list(FileBatch.objects.filter(over))
    for batch in old:
        shutil.rmtree(folder(batch), ignore_errors=True)
    FileBatch.objects.filter(pk__in=[batch.pk for batch in old]).update(state=FileBatch.State.GONE)
    return len(old)


def stand_still(*, now: datetime) -> bool:
    """Whether zips wait and nobody works at any: the message was lost, or the worker died."""
    return waiting().exists() and not waiting().filter(beat_at__gte=now - STILL).exists()
