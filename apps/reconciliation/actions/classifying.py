"""One piece of a run: the classes and findings of the children of one township."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from apps.reconciliation import rules
from apps.reconciliation.comparisons import Answer, Facts, Verdict, classify
from apps.reconciliation.models import Run
from apps.reconciliation.queries import facts as reads
from apps.schools import queries as places

Found = tuple[int, str, str, str, str, list[int]]


@transaction.atomic
def classify_place(*, run: Run, place: str) -> int:
    """Give every child of the place its classes, reasons and findings. Returns how many children."""
    policy = places.policy(district=run.district_code, day=run.as_of)
    rows: list[tuple[object, ...]] = []
    found: list[Found] = []
    known = reads.facts(run, place, first_day=run.term.first_day, registration_days=policy["registration_days"])
    for pk, lines, closed, child in known:
        verdict = classify(child)
        rows.append((pk, child.on_roll, child.is_present, *verdict.first, *verdict.second, *verdict.reverse, *verdict.third))
        found.extend(findings(pk, lines, closed, child, verdict))
    reads.write_classes(run, rows)
    reads.write_findings(run, found)
    return len(rows)


def findings(pk: int, lines: list[int], closed: set[str], child: Facts, verdict: Verdict) -> Iterator[Found]:
    """What somebody must still explain about a child: classes with an owner that no person decided, and open contradictions."""
    for comparison, answer in (("1", verdict.first), ("2", verdict.second), ("2r", verdict.reverse), ("3", verdict.third)):
        if answer.code and answer is not child.decided(comparison):
            yield from finding(pk, lines, comparison, answer)
    for answer in verdict.contradictions:
        if answer.code not in closed:
            yield from finding(pk, lines, rules.Comparison.CONTRADICTION, answer)


def finding(pk: int, lines: list[int], comparison: str, answer: Answer) -> Iterator[Found]:
    """A finding where the class has an owner."""
    owner = rules.CLASSES[comparison][answer.code].owner
    if owner:
        yield pk, comparison, answer.code, answer.reason[:300], owner, lines
