"""The whole rule over one pair of registers, in memory: persons' answers, exact passes, then candidates, judged and assigned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from math import log2

from apps.students.matching.assigning import Scored, assign
from apps.students.matching.candidates import LARGEST_BLOCK, LARGEST_WIDE_BLOCK, candidate_keys, candidates, shared_keys, wide_keys
from apps.students.matching.exact import safe_exact
from apps.students.matching.judging import Weighed, explain, weigh
from apps.students.matching.leftover import same_family
from apps.students.matching.rows import Decision, Frequency, Link, Row
from apps.students.matching.weights import FEWEST_LEFT, PRIOR

Answers = Mapping[tuple[int, int], Decision]
EXACT_SCORE = 30.0
PERSON_SCORE = 99.0
_TWO_CHILDREN = frozenset({"id_sequence", "id_moved", "id_other", "id_foreign", "id_same_birth_not", "number_other"})
# A parent's or sister's number in one of two lines that agree in all else.
_FOREIGN_NUMBER = frozenset({"id_foreign", "name_same", "birth_same", "sex_same", "guardian_same"})
PERSON_WORDS = "经办人已确认为同一人"

# The key of each exact pass; '' takes no part in it.
PASS_KEYS: tuple[tuple[str, Callable[[Row], str]], ...] = (
    ("P1", lambda row: row.student_number),
    ("P2", lambda row: row.id_number),
    ("P3", lambda row: f"{row.name_key}/{row.birth}/{row.sex}" if row.name_key and row.birth and row.sex else ""),
)


def resolve(
    left: Sequence[Row], right: Sequence[Row], *, decided: Answers | None = None, frequency: Frequency | None = None, whole: bool = False
) -> tuple[list[Link], list[Link]]:
    """Link two registers one-to-one; return (links, doubtful pairs), both sorted by ids, the same for any order of the rows.

    ``decided`` holds what persons said of pairs (left id, right id): SAME is a link, DIFFERENT is never proposed again, DOUBTFUL (asked) stays
    doubtful. ``frequency`` is counted over both registers when not given. ``whole``: as in ``resolve_residue``. Rows that one
    register holds twice stay unlinked but for one: take duplicates out first (``duplicates``).
    """
    decided = decided or {}
    frequency = frequency or Frequency.of(left, right)
    links = _by_persons(left, right, decided)
    for code, key in PASS_KEYS:
        free_left, free_right = _free(left, right, links)
        links += _exact_pass(code, key, free_left, free_right, decided)
    free_left, free_right = _free(left, right, links)
    found, doubtful = resolve_residue(free_left, free_right, frequency, decided=decided, whole=whole)
    return sorted(links + found, key=_ids), sorted(doubtful, key=_ids)


def duplicates(rows: Sequence[Row], *, frequency: Frequency | None = None) -> list[Link]:
    """Pairs within one register that are one child entered twice; the smaller id stands left. Stricter than linking two registers:
    within one, two valid identity numbers or two formal student numbers are two children."""
    frequency = frequency or Frequency.of(rows)
    found = []
    keys = [candidate_keys(row) for row in rows]
    for i, j in candidates(keys, keys):
        if i < j:
            a, b = sorted((rows[i], rows[j]), key=lambda row: row.id)
            weighed = weigh(a, b, frequency)
            codes = {finding.code for finding in weighed.findings}
            if weighed.decision is Decision.SAME and (not _TWO_CHILDREN & codes or codes >= _FOREIGN_NUMBER):
                verdict = explain(weighed)
                found.append(Link(a.id, b.id, verdict.score, verdict.decision, verdict.basis_code, verdict.reasons))
    return sorted(found, key=_ids)


def _ids(link: Link) -> tuple[int, int]:
    return link.left, link.right


def _by_persons(left: Sequence[Row], right: Sequence[Row], decided: Answers) -> list[Link]:
    lefts, rights = {row.id for row in left}, {row.id for row in right}
    return [
        Link(a, b, PERSON_SCORE, Decision.SAME, "person", (PERSON_WORDS,))
        for (a, b), answer in sorted(decided.items())
        if answer is Decision.SAME and a in lefts and b in rights
    ]


def _free(left: Sequence[Row], right: Sequence[Row], links: list[Link]) -> tuple[list[Row], list[Row]]:
    taken_left, taken_right = {link.left for link in links}, {link.right for link in links}
    return [row for row in left if row.id not in taken_left], [row for row in right if row.id not in taken_right]


def _unique(rows: Sequence[Row], key: Callable[[Row], str]) -> dict[str, Row | None]:
    """Key -> the only row that has it, None where several have."""
    found: dict[str, Row | None] = {}
    for row in rows:
        value = key(row)
        if value:
            found[value] = None if value in found else row
    return found


def _exact_pass(code: str, key: Callable[[Row], str], left: Sequence[Row], right: Sequence[Row], decided: Answers) -> list[Link]:
    rights = _unique(right, key)
    links = []
    for value, a in _unique(left, key).items():
        b = rights.get(value)
        if a is None or b is None or (a.id, b.id) in decided:
            continue
        basis = safe_exact(a, b)
        if basis is not None and basis.code.startswith(code):
            links.append(Link(a.id, b.id, EXACT_SCORE, Decision.SAME, basis.code, (basis.words,)))
    return links


def resolve_residue(
    left: Sequence[Row], right: Sequence[Row], frequency: Frequency, *, decided: Answers | None = None, whole: bool = False
) -> tuple[list[Link], list[Link]]:
    """What the exact passes left, in two rounds: candidates among all, then, more boldly, among the few rows still without a partner.

    Returns (links, doubtful pairs). ``frequency`` must be counted over the whole registers. ``whole``: both registers should hold every
    child, so that a line left alone is a question itself; then two such lines that name the same parent are doubtful.
    """
    decided = decided or {}
    keys = shared_keys(left, right)
    links, _ = _round(left, right, decided, frequency, PRIOR, candidates(keys[0], keys[1], LARGEST_BLOCK))
    known = dict(zip((row.id for row in left), keys[0], strict=True)), dict(zip((row.id for row in right), keys[1], strict=True))
    left, right = _free(left, right, links)
    prior = max(PRIOR, -log2(max(len(left), len(right), FEWEST_LEFT)))
    wider = [[held[row.id] + wide_keys(row) for row in rows] for rows, held in zip((left, right), known, strict=True)]
    more, doubtful = _round(left, right, decided, frequency, prior, candidates(wider[0], wider[1], LARGEST_WIDE_BLOCK))
    if whole:
        left, right = _free(left, right, more)
        doubtful += same_family(left, right, {*decided, *map(_ids, doubtful)})
    return links + more, doubtful


def _round(
    left: Sequence[Row],
    right: Sequence[Row],
    decided: Answers,
    frequency: Frequency,
    prior: float,
    places: Iterable[tuple[int, int]],
) -> tuple[list[Link], list[Link]]:
    pairs, weights = [], {}
    for i, j in places:
        a, b = left[i], right[j]
        answer = decided.get((a.id, b.id))
        if answer is Decision.DIFFERENT:
            continue
        weighed = weigh(a, b, frequency, prior)
        decision = Decision.DOUBTFUL if answer else weighed.decision
        if decision is not Decision.DIFFERENT:
            pairs.append(Scored(a.id, b.id, weighed.score, decision))
            weights[a.id, b.id] = weighed
    links, doubtful = assign(pairs)
    return [_link(p, weights, Decision.SAME) for p in links], [_link(p, weights, Decision.DOUBTFUL) for p in doubtful]


def _link(pair: Scored, weights: Mapping[tuple[int, int], Weighed], decision: Decision) -> Link:
    verdict = explain(weights[pair.left, pair.right])
    return Link(pair.left, pair.right, verdict.score, decision, verdict.basis_code, verdict.reasons)
