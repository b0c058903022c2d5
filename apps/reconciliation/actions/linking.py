"""One piece of a run: link two registers, or find the duplicates inside one."""

from __future__ import annotations

from collections.abc import Iterator

from django.db import transaction

from apps.reconciliation.models import Run
from apps.reconciliation.queries import linking
from apps.students.matching import PASSES, Decision, Link, Row, birth_in, duplicates, resolve_residue, safe_exact

WORDS = {basis.code: basis.words for basis in PASSES} | {"person": "经办人已确认为同一人"}
RULE = "rule"
PERSON = "person"

# Step by step: the two great pairs first; then who is left; a child known through one register is not looked for in the next.
STEPS: dict[str, dict[str, tuple[str, str]]] = {
    "link1": {"enrollment-attending": ("", ""), "household-enrollment": ("", "")},
    "link2": {
        "household-attending": (linking.UNSEATED, linking.unlinked("enrollment")),
        "monitored-household": ("", ""),
        "survey-household": ("", ""),
    },
    "link3": {
        "monitored-enrollment": (linking.unlinked("household"), linking.unlinked("household")),
        "survey-enrollment": (linking.unlinked("household"), linking.unlinked("household")),
    },
    "link4": {
        "monitored-attending": (linking.unlinked("household", "enrollment"), linking.unlinked("household", "enrollment")),
        "survey-attending": (linking.unlinked("household", "enrollment"), linking.unlinked("household", "enrollment")),
        "survey-monitored": (linking.unlinked("household", "enrollment"), linking.unlinked("household", "enrollment")),
    },
}

# Pairs of registers that should hold the same children; the monitored list and the survey hold a part of them.
WHOLE = frozenset({"enrollment-attending", "household-enrollment", "household-attending"})


@transaction.atomic
def find_duplicates(*, run: Run, kind: str) -> int:
    """Link the lines of one register that are one child entered twice; the lower line stands for the others. Returns how many."""
    linking.clear(run, kind, kind)
    linking.prepare_lines(run, kind)
    linking.open_side(run, "l", kind)
    rows = linking.likely_duplicates()
    held = {row.id: row for row in rows}
    found = [d for d in duplicates(rows, frequency=linking.frequency("l")) if certain(held[d.left], held[d.right])] if rows else []
    stands_for: dict[int, int] = {}
    links: list[tuple[int, int, str, float | None, str]] = []
    for pair in found:
        first = stands_for.get(pair.left, pair.left)
        if pair.right not in stands_for and first != pair.right:
            stands_for[pair.right] = first
            links.append((first, pair.right, "同一名册中重复：" + "；".join(pair.reasons), pair.score, RULE))
    return linking.write_links(run, kind, kind, links)


def certain(a: Row, b: Row) -> bool:
    """Whether two lines of one register are surely one child: an equal number with name or birth date, or all of name, birth date,
    sex and guardian (or phone) with no two valid numbers. Same names and same-day births are common inside a register."""
    family = (a.guardian_key != "" and a.guardian_key == b.guardian_key) or not set(a.phones).isdisjoint(b.phones)
    basis = safe_exact(a, b)
    if basis is None:  # two sound numbers, of which one may be a parent's: then it does not tell its own line's date
        return family and safe_exact(own_number(a), own_number(b)) is not None
    return basis.code != "P3" or family


def own_number(row: Row) -> Row:
    """The row without a number that tells another birth date than the row's own."""
    told = birth_in(row.id_number)
    return row._replace(id_number="") if told and row.birth and told != row.birth else row


@transaction.atomic
def link_pair(*, run: Run, step: str, pair: str) -> int:
    """Link two registers one-to-one: exact passes in SQL, the residue by the pure rule, doubtful pairs into the queue. Returns how many links."""
    left, right = pair.split("-")
    only_left, only_right = STEPS[step][pair]
    linking.clear(run, left, right)
    linking.open_side(run, "l", left, only=only_left)
    linking.open_side(run, "r", right, only=only_right)
    linking.exact_passes(run)
    free_left, free_right = linking.free_rows("l"), linking.free_rows("r")
    links: list[Link] = []
    doubts: list[Link] = []
    if free_left and free_right:
        links, doubts = resolve_residue(free_left, free_right, linking.frequency("l", "r"), decided=linking.answers(), whole=pair in WHOLE)
    linking.write_doubts(run, [d for d in doubts if d.decision is Decision.DOUBTFUL])
    return linking.write_links(run, left, right, list(_all(links)))  # a list: no query may run inside a COPY


def _all(links: list[Link]) -> Iterator[tuple[int, int, str, float | None, str]]:
    for left, right, code in linking.exact_links():
        yield left, right, WORDS[code], None, PERSON if code == "person" else RULE
    for link in links:
        yield link.left, link.right, "；".join(link.reasons), round(link.score, 2), RULE
