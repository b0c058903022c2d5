"""The last real progress of cases, read anew from what stands in their ledgers."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

# Lines of progress count on the day they happened, or on the earlier one they say (a record written anew, a paper issued again), unless a later
# line took them back. A case that goes on holds what was written in those merged into it. It only ever goes back here: writing moves it on.
RECOUNT = """
WITH line AS (
    SELECT coalesce(f.merged_into_id, f.id) AS case_id, e.id, e.happened_on, e.is_progress, e.data
    FROM cases_caseentry e JOIN cases_case f ON f.id = e.case_id
    WHERE f.id IN (SELECT id FROM cases_case WHERE id = ANY(%(cases)s) OR merged_into_id = ANY(%(cases)s))
)
UPDATE cases_case k SET progress_on = least(k.progress_on, greatest(k.opened_on, (
    SELECT max(coalesce((e.data ->> 'counts_on')::date, e.happened_on)) FROM line e
    WHERE e.case_id = k.id AND (e.is_progress OR e.data ->> 'counts_on' IS NOT NULL)
    AND NOT EXISTS (SELECT 1 FROM line c WHERE c.case_id = k.id AND c.data -> 'takes_back' @> to_jsonb(e.id)))))
WHERE k.id = ANY(%(cases)s)
"""


def recount(cases: Iterable[int]) -> None:
    """Something was taken back: the last progress of these cases is that of the lines that still stand, of none the day they were opened. One
    statement, however many."""
    with connection.cursor() as cursor:
        cursor.execute(RECOUNT, {"cases": list(cases)})
