"""Are these two rows one child? The one place that says so (DOMAIN.md §2 "Linking rows to one child"). Pure: no Django, no clock.

``resolve`` is the whole rule over two registers in memory; the comparison runs the same passes in SQL and only what they leave through
``candidate_keys``, ``judge`` and ``assign``.
"""

from apps.students.matching.assigning import Scored, assign
from apps.students.matching.candidates import candidate_keys, candidates, wide_keys
from apps.students.matching.exact import PASSES, safe_exact, supported
from apps.students.matching.identity import IdComparison, IdLikeness, birth_in, compare_ids
from apps.students.matching.judging import explain, judge, weigh
from apps.students.matching.resolving import duplicates, resolve, resolve_residue
from apps.students.matching.rows import Basis, Decision, Frequency, Link, Row, Verdict

__all__ = [
    "PASSES",
    "Basis",
    "Decision",
    "Frequency",
    "IdComparison",
    "IdLikeness",
    "Link",
    "Row",
    "Scored",
    "Verdict",
    "assign",
    "birth_in",
    "candidate_keys",
    "candidates",
    "compare_ids",
    "duplicates",
    "explain",
    "judge",
    "resolve",
    "resolve_residue",
    "safe_exact",
    "supported",
    "weigh",
    "wide_keys",
]
