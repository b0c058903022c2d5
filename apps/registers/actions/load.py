"""A register from a file to standing lines in one call: what the command does, with the same steps as the pages."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from apps.core.errors import Refused, RefusedFile
from apps.core.scope import SYSTEM, Actor, Level, Scope
from apps.registers.actions.commit import second_question, write
from apps.registers.actions.read import Progress, read_upload
from apps.registers.actions.receive import discard_upload, receive_upload
from apps.registers.models import StagedRow, Upload
from apps.schools.models import Term

COUNTS = ("rows", "accepted", "cleaned", "rejected", "inserted", "updated", "unchanged", "missing")


def system_actor(district: str) -> Actor:
    """The system acting for a whole district (commands)."""
    return replace(SYSTEM, scope=Scope(Level.DISTRICT, district))


def load_register(
    *,
    kind: str,
    path: Path,
    term: Term,
    by: Actor,
    now: datetime,
    school: str = "",
    township: str = "",
    check_only: bool = False,
    confirm_shrink: bool = False,
    confirm_kind: bool = False,
    on_progress: Progress | None = None,
) -> dict[str, Any]:
    """Receive, read, check and (unless ``check_only``) commit one file; upload, the counts, warnings and problems.

    Raises Refused or RefusedFile with the sentence; a file of which no row is good is not committed.
    """
    confirmed: Any = {"now": now, "confirm_shrink": confirm_shrink, "confirm_kind": confirm_kind}
    with path.open("rb") as file:
        upload = receive_upload(by=by, user_id=None, kind=kind, term=term, school=school, township=township, file=file, file_name=path.name)

    def commit(cursor: CursorWrapper, staged: Upload) -> bool:
        allowed = _some_good(staged) and second_question(staged, **confirmed) is None
        if allowed:
            write(cursor, staged, by=by, now=now)
        return allowed

    read = read_upload(upload_id=upload.pk, now=now, today=_day_of(now), on_progress=on_progress, at_once=None if check_only else commit)
    if read is None:
        raise Refused("这份上传正由别的进程读取。", code="busy")
    if read.state not in (Upload.State.STAGED, Upload.State.COMMITTED):
        raise RefusedFile(read.sentence, code=read.progress["code"])
    problems = problems_of(read)
    if read.state == Upload.State.STAGED and not check_only:
        raise _why_not(read, problems, by=by, **confirmed)
    warnings = [*filter(None, [read.counts["kind_doubt"]]), *read.warnings]
    return {"upload": read.pk} | {key: read.counts[key] for key in COUNTS} | {"warnings": warnings, "problems": problems}


def _day_of(now: datetime) -> date:
    return timezone.localtime(now).date()


def _why_not(upload: Upload, problems: list[dict[str, Any]], *, by: Actor, **confirmed: Any) -> Refused:
    """Why nothing was committed: a question that waits for its yes, or no row that is good; then the upload is given up."""
    if _some_good(upload) and (asked := second_question(upload, **confirmed)):
        return asked
    discard_upload(upload=upload, by=by)
    return RefusedFile("没有一行可以收下，未提交任何数据。" + (f"首个问题：{problems[0]['message']}" if problems else ""), code="none_good")


def _some_good(upload: Upload) -> bool:
    return bool(upload.counts["accepted"] + upload.counts["cleaned"])


def problems_of(upload: Upload) -> list[dict[str, Any]]:
    """Every problem of the staged rows, in the order of the file: {row, sheet, sheet_row, column, code, message, severity}.

    ``row`` counts the data rows of the file, ``sheet_row`` the rows of the sheet as its reader sees them; both from 1.
    """
    rows = StagedRow.objects.filter(upload=upload).exclude(problems=[]).order_by("row").values_list("row", "sheet", "sheet_row", "problems")
    return [{"row": row, "sheet": sheet, "sheet_row": line, **problem} for row, sheet, line, found in rows for problem in found]
