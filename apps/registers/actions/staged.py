"""The rows of the upload in hand: a temporary table ``staged`` while they are worked on, kept rows (StagedRow) between reading and commit.

Temporary, because most of a load is writing: rows that are read and committed in one go are never written twice.
"""

from __future__ import annotations

from django.db.backends.utils import CursorWrapper

from apps.registers.layouts import STAGED_COLUMNS
from apps.registers.models import Upload

COLUMNS = ", ".join(STAGED_COLUMNS)
KEPT = f"{COLUMNS}, is_repeated"
EMPTIED = dict.fromkeys(("id_number", "student_number", "guardian_id_number", "key"), "''")


def bring(cursor: CursorWrapper, upload: Upload) -> None:
    """Make the working table of this transaction from the rows kept of the upload."""
    cursor.execute("DROP TABLE IF EXISTS staged")
    cursor.execute(f"CREATE TEMP TABLE staged ON COMMIT DROP AS SELECT {KEPT} FROM registers_stagedrow WHERE upload_id = %s", [upload.pk])
    cursor.execute("ALTER TABLE staged ALTER is_repeated SET DEFAULT false")


def keep(cursor: CursorWrapper, upload: Upload) -> None:
    """Keep all rows for the preview and a later commit."""
    forget(cursor, upload)
    cursor.execute(f"INSERT INTO registers_stagedrow (upload_id, {KEPT}) SELECT %s, {KEPT} FROM staged", [upload.pk])


def keep_remarks(cursor: CursorWrapper, upload: Upload) -> None:
    """Keep the rows with a remark for the problem workbook, without the numbers."""
    forget(cursor, upload)
    values = ", ".join(EMPTIED.get(column, column) for column in (*STAGED_COLUMNS, "is_repeated"))
    cursor.execute(
        f"INSERT INTO registers_stagedrow (upload_id, {KEPT}) SELECT %s, {values} FROM staged WHERE problems <> '[]' OR cleaned <> '[]'",
        [upload.pk],
    )


def forget(cursor: CursorWrapper, upload: Upload) -> None:
    """Drop what is kept of the upload."""
    cursor.execute("DELETE FROM registers_stagedrow WHERE upload_id = %s", [upload.pk])
