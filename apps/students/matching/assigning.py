"""One-to-one: of all judged pairs of two registers, which are links and which go to a person."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from typing import NamedTuple

from apps.students.matching.rows import Decision
from apps.students.matching.weights import MARGIN

SHOWN = 3  # doubtful pairs shown for one row


class Scored(NamedTuple):
    """A judged pair: row ids, score in bits, decision."""

    left: int
    right: int
    score: float
    decision: Decision


def assign(pairs: Iterable[Scored], margin: float = MARGIN) -> tuple[list[Scored], list[Scored]]:
    """Give every row at most one partner, best score first, ties by ids; return (links, doubtful).

    A pair is a link when it is judged SAME and exchanging partners with the next best pairs would lose at least ``margin``. What is left
    over and not DIFFERENT is doubtful, at most ``SHOWN`` pairs a row; a doubtful row may stand in several pairs, a linked one in none.
    """
    ordered = sorted((p for p in pairs if p.decision is not Decision.DIFFERENT), key=lambda p: (-p.score, p.left, p.right))
    by_left: dict[int, list[Scored]] = defaultdict(list)
    by_right: dict[int, list[Scored]] = defaultdict(list)
    for pair in ordered:
        by_left[pair.left].append(pair)
        by_right[pair.right].append(pair)
    links: list[Scored] = []
    closed_left: set[int] = set()
    closed_right: set[int] = set()
    for pair in ordered:
        if pair.decision is not Decision.SAME or pair.left in closed_left or pair.right in closed_right:
            continue
        rivals = [p for p in by_left[pair.left] if p.right != pair.right and p.right not in closed_right]
        rivals_there = [p for p in by_right[pair.right] if p.left != pair.left and p.left not in closed_left]
        closed_left.add(pair.left)
        closed_right.add(pair.right)
        if _is_clear(pair, rivals, rivals_there, by_left, by_right, closed_left, closed_right, margin):
            links.append(pair)
    return links, _left_over(ordered, links, margin)


def _is_clear(
    pair: Scored,
    rivals: list[Scored],
    rivals_there: list[Scored],
    by_left: dict[int, list[Scored]],
    by_right: dict[int, list[Scored]],
    closed_left: set[int],
    closed_right: set[int],
    margin: float,
) -> bool:
    """Whether every exchange loses: this pair and the rival's own best other pair, against the rival and this row's best other pair."""
    best = max((p.score for p in rivals), default=0.0)
    best_there = max((p.score for p in rivals_there), default=0.0)
    for rival in rivals:  # same left row, another right row
        own = max((p.score for p in by_right[rival.right] if p.left not in closed_left), default=0.0)
        if pair.score + max(own, 0.0) - rival.score - max(best_there, 0.0) < margin:
            return False
    for rival in rivals_there:  # same right row, another left row
        own = max((p.score for p in by_left[rival.left] if p.right not in closed_right), default=0.0)
        if pair.score + max(own, 0.0) - rival.score - max(best, 0.0) < margin:
            return False
    return True


def _left_over(ordered: list[Scored], links: list[Scored], margin: float) -> list[Scored]:
    """What a person is asked: of the rows that are not linked, each row's best pairs, unless the partner is clearly better explained."""
    linked_left, linked_right = {p.left for p in links}, {p.right for p in links}
    best_left: dict[int, float] = {}
    best_right: dict[int, float] = {}
    shown: Counter[tuple[str, int]] = Counter()
    doubtful = []
    for pair in ordered:
        if pair.left in linked_left or pair.right in linked_right:
            continue
        best = max(best_left.get(pair.left, pair.score), best_right.get(pair.right, pair.score))
        sides = ("left", pair.left), ("right", pair.right)
        if best - pair.score > margin or max(shown[side] for side in sides) >= SHOWN:
            continue
        best_left.setdefault(pair.left, pair.score)
        best_right.setdefault(pair.right, pair.score)
        shown.update(sides)
        doubtful.append(pair)
    return doubtful
