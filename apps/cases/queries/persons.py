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
# A closed case k that is the same case still when its child is lost again on a day {0} (rules/repeating.py).
WITHIN = "k.state = 'closed' AND {0} <= (coalesce(k.state_since, k.opened_on) + %(months)s * interval '1 month')::date"
# The case that a new one of the person {0} follows: the last one that ended.
FOLLOWS = """(SELECT k.id FROM cases_case k JOIN students_child p ON p.id = k.child_id
    WHERE coalesce(p.merged_into_id, p.id) = {0} AND k.state IN ('closed', 'cleared') ORDER BY k.opened_on DESC, k.id DESC LIMIT 1)"""


@contextmanager
def one_at_a_time(district: str) -> Iterator[CursorWrapper]:
    """A cursor of the caller's transaction, which nobody else who opens or notes cases of this district has until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('cases:' || %s, 0))", [district])
        yield cursor
