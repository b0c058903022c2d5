"""What every statement about the cases of a district begins with."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection
from django.db.backends.utils import CursorWrapper

from apps.cases.workflow import ENDED

# A merged child's case is the case of the one it went into: every number of a child is read through this.
PERSON = "(SELECT coalesce(p.merged_into_id, p.id) FROM students_child p WHERE p.id = {0})"


IS_OPEN = "k.state NOT IN (" + ", ".join(f"'{state.value}'" for state in sorted(ENDED)) + ")"  # of a row k of cases_case


@contextmanager
def one_at_a_time(district: str) -> Iterator[CursorWrapper]:
    """A cursor of the caller's transaction, which nobody else who opens or notes cases of this district has until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('cases:' || %s, 0))", [district])
        yield cursor
