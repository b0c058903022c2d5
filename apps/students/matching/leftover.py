"""The last look before an alarm: lines that nothing else explains and that name the same parent.

Three slips in one line (name, birth date, number) push a pair below every threshold. Where both lines are still alone and give the same
telephone or guardian at the same school or village, the family is not visited before a person has looked at the two lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from apps.students.matching.identity import birth_in
from apps.students.matching.persons import SHORTEST_PHONE, compare_names
from apps.students.matching.rows import Decision, Link, Row

MOST: Final = 2  # pairs shown per line
BASIS: Final = "family"


def same_family(left: Sequence[Row], right: Sequence[Row], known: set[tuple[int, int]]) -> list[Link]:
    """Doubtful pairs among lines without a partner; ``known`` pairs (proposed already, or answered) are left out. Sorted by ids.

    Neighbours of one class are asked about last, and only where nothing else is asked about either line.
    """
    found = _pairs(left, right, _family_keys, known)
    asked = {*known, *found}
    lefts, rights = {a for a, _ in asked}, {b for _, b in asked}
    alone = [row for row in left if row.id not in lefts], [row for row in right if row.id not in rights]
    found |= _pairs(*alone, _neighbour_keys, asked)
    return [found[pair] for pair in sorted(found)]


def _pairs(
    left: Sequence[Row], right: Sequence[Row], keys: Callable[[Row], Iterator[tuple[str, str]]], known: set[tuple[int, int]]
) -> dict[tuple[int, int], Link]:
    held: dict[str, list[Row]] = defaultdict(list)
    for row in sorted(right, key=lambda row: row.id):
        for key, _ in keys(row):
            held[key].append(row)
    shown: dict[tuple[str, int], int] = defaultdict(int)
    found: dict[tuple[int, int], Link] = {}
    for a in sorted(left, key=lambda row: row.id):
        for key, words in keys(a):
            for b in held.get(key, ()):
                pair = a.id, b.id
                if pair in known or pair in found or max(shown["left", a.id], shown["right", b.id]) >= MOST or _two_children(a, b):
                    continue
                shown["left", a.id] += 1
                shown["right", b.id] += 1
                found[pair] = Link(a.id, b.id, 0.0, Decision.DOUBTFUL, BASIS, (words, "两行都没有找到别的对应，姓名、出生日期或证件号不同"))
    return found


def _family_keys(row: Row) -> Iterator[tuple[str, str]]:
    for phone in row.phones:
        if len(phone) >= SHORTEST_PHONE:
            yield "p" + phone, "联系电话相同"
    for adult in row.adults:
        if row.school and row.grade is not None:
            yield f"s{row.school}/{row.grade}/{adult}", "同校同年级，监护人相同"
        if row.village:
            yield f"v{row.village}/{adult}", "同村，监护人相同"


def _neighbour_keys(row: Row) -> Iterator[tuple[str, str]]:
    if row.school and row.grade is not None and row.class_name and row.village and row.name_key:
        yield f"{row.school}/{row.grade}/{row.class_name}/{row.village}/{row.name_key[0]}", "同班同村同姓"


def _two_children(a: Row, b: Row) -> bool:
    """Whether the two are brother and sister, or neighbours.

    Two lines of one school and grade that name one parent are hardly two children, whatever their dates; elsewhere years between the dates,
    or two sound numbers, each with the date of its own line, under two names, tell them apart.
    """
    together = a.school and a.school == b.school and a.grade is not None and a.grade == b.grade
    if together and not set(a.adults).isdisjoint(b.adults):
        return False
    return _ages_apart(a, b) or _sound_apart(a, b)


def _sound_apart(a: Row, b: Row) -> bool:
    if a.birth == b.birth or not (_is_sound(a) and _is_sound(b)) or abs(int(a.birth[:4]) - int(b.birth[:4])) > SIBLINGS:
        return False
    return compare_names(a.name_key, b.name_key) in NO_SLIP


def _is_sound(row: Row) -> bool:
    return bool(row.birth) and birth_in(row.id_number) == row.birth


def _ages_apart(a: Row, b: Row) -> bool:
    """Two or more years between birth dates: brothers and sisters, not one child. A date of a parent's age is a slip and says nothing."""
    if len(a.birth) != 8 or len(b.birth) != 8:
        return False
    return 1 < abs(int(a.birth[:4]) - int(b.birth[:4])) <= SIBLINGS


SIBLINGS: Final = 12
NO_SLIP: Final = frozenset({"name_family", "name_other", "name_char", "name_tail"})
