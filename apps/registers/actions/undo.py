"""Undo of a whole commit: the exact inverse, until something later stands on it."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.registers.actions import children, difference
from apps.registers.actions.twins import twin_gone
from apps.registers.models import Upload
from apps.registers.queries.incoming import parameters

State = Upload.State
LATER = Refused("之后又提交了同一单位的名册，这次提交已不能撤销；请上传正确的名册来更正。", code="later")
USED = Refused("已有个案或岗位用到这份名册带来的儿童或班级，这次提交已不能撤销；请上传正确的名册来更正。", code="used")


def undo_upload(*, upload: Upload, by: Actor) -> Upload:
    """Take a commit back: its lines go, what it replaced or ended stands again, children it alone brought go.

    Refused: 'held', a comparison looked at it (also at what it ended); 'later', another commit replaced or ended its lines; 'used', a post or
    a case holds on to what it brought.
    """
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            found: Upload | None = Upload.objects.within(by.scope).filter(pk=upload.pk).first()
            if found is None:
                raise Refused("没有这份上传。", code="absent")
            difference.lock_district(cursor, found.district_code)
            upload = Upload.objects.select_for_update(of=("self",)).select_related("term").get(pk=found.pk)
            if upload.state != State.COMMITTED:
                raise Refused("只有已提交的名册可以撤销。", code="state")
            if upload.held_by:
                raise Refused(f"{upload.held_by}用到了这份名册，这次提交已不能撤销；请上传正确的名册来更正。", code="held")
            _take_back(cursor, upload)
            upload.state, upload.committed_seq = State.UNDONE, None
            upload.save(update_fields=["state", "committed_seq"])
            twin_gone(upload)
            record("undo_upload", f"撤销提交：{upload.file_name}", by=by, object_kind="upload", object_id=upload.pk)
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")  # who holds on to what went, says so here
    except IntegrityError as fault:
        raise USED from fault
    return upload


def hold_uploads(*, district: str, cutoff: int, by_what: str) -> int:
    """Let no commit up to a cutoff be undone any more, for ``by_what`` (in words) looks at all of them. Returns how many were free so far.

    The caller holds ``difference.lock_district``: no undo is half-way.
    """
    held: int = Upload.objects.filter(district_code=district, committed_seq__lte=cutoff, held_by="").update(held_by=by_what)
    return held


def _take_back(cursor: CursorWrapper, upload: Upload) -> None:
    values = {**parameters(upload), "classes": upload.progress.get("classes", [])}
    cursor.execute(
        "SELECT 1 FROM registers_entry WHERE upload_id = %(upload)s AND (superseded_by_id IS NOT NULL OR ended_by_id IS NOT NULL) LIMIT 1", values
    )
    if cursor.fetchone() or _stood_again(cursor, values):
        raise LATER
    cursor.execute("DELETE FROM registers_entry WHERE upload_id = %(upload)s RETURNING child_id, document_id, student_document_id", values)
    removed = cursor.fetchall()
    cursor.execute("UPDATE registers_entry SET superseded_by_id = NULL WHERE superseded_by_id = %(upload)s RETURNING child_id", values)
    touched = {child for (child,) in cursor.fetchall()} | {row[0] for row in removed}
    cursor.execute(
        "UPDATE registers_entry SET ended_by_id = NULL, end_reason = '' WHERE ended_by_id = %(upload)s AND kind = %(kind)s"
        " AND district_code = %(district)s RETURNING child_id",
        values,
    )
    touched |= {child for (child,) in cursor.fetchall()}
    values |= {"children": sorted(touched), "documents": sorted({pk for row in removed for pk in row[1:] if pk is not None})}
    _drop_orphans(cursor, values)
    children.refresh(cursor, touched)
    _drop_documents(cursor, values)


def _stood_again(cursor: CursorWrapper, values: dict[str, Any]) -> bool:
    """Whether a later commit brought back a line that this one ended: both cannot stand."""
    cursor.execute(
        "SELECT 1 FROM registers_entry e JOIN registers_entry l ON l.kind = e.kind AND l.district_code = e.district_code AND l.unit = e.unit"
        " AND l.key = e.key AND l.superseded_by_id IS NULL AND l.ended_by_id IS NULL"
        " WHERE e.ended_by_id = %(upload)s AND e.kind = %(kind)s AND e.district_code = %(district)s LIMIT 1",
        values,
    )
    return cursor.fetchone() is not None


def _drop_orphans(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Children and classes that only this commit brought."""
    cursor.execute(
        "DELETE FROM students_child c WHERE c.id = ANY(%(children)s) AND NOT EXISTS (SELECT 1 FROM registers_entry e WHERE e.child_id = c.id)"
        " AND NOT EXISTS (SELECT 1 FROM students_child m WHERE m.merged_into_id = c.id)",
        values,
    )


def _drop_documents(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    cursor.execute(
        "DELETE FROM students_iddocument d WHERE d.id = ANY(%(documents)s)"
        " AND NOT EXISTS (SELECT 1 FROM registers_entry e WHERE e.document_id = d.id)"
        " AND NOT EXISTS (SELECT 1 FROM registers_entry e WHERE e.student_document_id = d.id)"
        " AND NOT EXISTS (SELECT 1 FROM students_child c WHERE c.document_id = d.id)",
        values,
    )
    cursor.execute(
        "DELETE FROM schools_schoolclass k WHERE k.id = ANY(%(classes)s)"
        " AND NOT EXISTS (SELECT 1 FROM registers_entry e WHERE e.school_class_id = k.id)"
        " AND NOT EXISTS (SELECT 1 FROM students_child c WHERE c.school_class_id = k.id)",
        values,
    )
