"""The commit: one transaction, set by set, that turns staged rows into standing lines and children. Twice is the same as once."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.registers.actions import children, difference, lines, staged
from apps.registers.models import Upload
from apps.registers.queries.incoming import parameters
from apps.schools.queries import policy

State = Upload.State


def commit_upload(
    *, upload: Upload, by: Actor, now: datetime, confirm_shrink: bool = False, confirm_kind: bool = False, expected_base: int | None = None
) -> dict[str, Any]:
    """Write what the preview showed and return its counts (rows accepted cleaned rejected inserted updated unchanged missing …).

    ``expected_base`` is ``upload.base`` as the preview showed it. Refused, with the new difference counted: code 'stale', somebody
    else committed for the same place since; codes 'shrink' and 'kind_doubt', a second question has no yes yet.
    """
    refusal: Refused | None = None
    with transaction.atomic(), connection.cursor() as cursor:
        found: Upload | None = Upload.objects.within(by.scope).filter(pk=upload.pk).first()
        if found is None:
            raise Refused("没有这份上传。", code="absent")
        difference.lock_district(cursor, found.district_code)
        upload = Upload.objects.select_for_update(of=("self",)).select_related("term").get(pk=found.pk)
        if upload.state == State.COMMITTED:
            return dict(upload.counts)
        if upload.state != State.STAGED:
            raise Refused(f"这份名册现在是“{upload.get_state_display()}”，不能提交。", code="state")
        difference.prepare(cursor)
        staged.bring(cursor, upload)
        seen = upload.base if expected_base is None else expected_base
        if difference.last_commit(cursor, upload) != seen:
            difference.count(cursor, upload)
            upload.save(update_fields=["counts", "base"])
            refusal = Refused("您核对之后，别人已提交了同一单位的名册。下面是新的差异，请重新核对后再提交。", code="stale")
        else:
            refusal = second_question(upload, now=now, confirm_shrink=confirm_shrink, confirm_kind=confirm_kind)
        if refusal is None:
            difference.gather(cursor, upload)
            write(cursor, upload, by=by, now=now)
    if refusal:
        raise refusal
    return dict(upload.counts)


def second_question(upload: Upload, *, now: datetime, confirm_shrink: bool, confirm_kind: bool) -> Refused | None:
    """What must be confirmed before this commit and is not yet: the register chosen, a loss above the policy's share."""
    asked: dict[str, str] = {}
    if upload.counts.get("kind_doubt") and not confirm_kind:
        asked["kind_doubt"] = upload.counts["kind_doubt"]
    percent = policy(district=upload.district_code, day=timezone.localtime(now).date())["shrink_percent"]
    if not confirm_shrink and difference.shrinks(upload, percent):
        asked["shrink"] = shrink_sentence(upload)
    return Refused(" ".join(asked.values()), code=next(iter(asked))) if asked else None


def shrink_sentence(upload: Upload) -> str:
    """What is said before a roll is allowed to lose a great part of its lines."""
    counts = upload.counts
    return f"原名册 {counts['standing']} 人，本次文件缺少其中 {counts['missing']} 人。请确认文件完整；确实如此，请再次确认提交。"


def write(cursor: CursorWrapper, upload: Upload, *, by: Actor, now: datetime) -> None:
    """Turn ``staged``, ``incoming`` and ``missing`` into lines and children; the district is locked, and nobody has a say any more."""
    values = parameters(upload)
    counts = upload.counts
    counts["ended"] = lines.end_missing(cursor, upload, values)
    lines.replace_old(cursor, values)
    with difference.whole_sets(cursor):
        upload.progress["classes"] = lines.make_classes(cursor, upload, values)
        children.find(cursor, values)
        lines.write_documents(cursor)
        lines.insert(cursor, upload, values)
    children.refresh(cursor, children.touched_by(cursor))
    staged.keep_remarks(cursor, upload)
    cursor.execute("SELECT nextval('registers_commit_seq')")
    upload.committed_seq = cursor.fetchone()[0]
    upload.state, upload.committed_at, upload.sentence = State.COMMITTED, now, ""
    upload.save(update_fields=["committed_seq", "state", "committed_at", "sentence", "counts", "progress"])
    sentence = f"提交{upload.get_kind_display()}：新增 {counts['inserted']}，更新 {counts['updated']}，移出 {counts['ended']}"
    record("commit_upload", sentence, by=by, object_kind="upload", object_id=upload.pk, **{k: counts[k] for k in ("inserted", "updated", "ended")})
