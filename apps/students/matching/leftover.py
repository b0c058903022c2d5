"""The last look before an alarm: lines that nothing else explains and that name the same parent.

Three slips in one line (name, birth date, number) push a pair below every threshold. Where both lines are still alone and give the same
telephone or guardian at the same school or village, the family is not visited before a person has looked at the two lines.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Final

from apps.students.matching.persons import SHORTEST_PHONE
from apps.students.matching.rows import Decision, Link, Row

MOST: Final = 2  # pairs shown per line
BASIS: Final = "family"


def same_family(left: Sequence[Row], right: Sequence[Row], known: set[tuple[int, int]]) -> list[Link]:
    """Doubtful pairs among lines without a partner; ``known`` pairs (proposed already, or answered) are left out. Sorted by ids."""
    held: dict[str, list[Row]] = defaultdict(list)
    for row in right:
        for key, _ in _keys(row):
            held[key].append(row)
    shown: dict[tuple[str, int], int] = defaultdict(int)
    found: dict[tuple[int, int], Link] = {}
    for a in sorted(left, key=lambda row: row.id):
        for key, words in _keys(a):
            for b in sorted(held.get(key, ()), key=lambda row: row.id):
                pair = a.id, b.id
                if pair in known or pair in found or max(shown["left", a.id], shown["right", b.id]) >= MOST or _ages_apart(a, b):
                    continue
                shown["left", a.id] += 1
                shown["right", b.id] += 1
                found[pair] = Link(a.id, b.id, 0.0, Decision.DOUBTFUL, BASIS, (words, "两行都没有找到别的对应，姓名、出生日期或证件号不同"))
    return [found[pair] for pair in sorted(found)]


def _keys(row: Row) -> Iterator[tuple[str, str]]:
    for phone in row.phones:
        if len(phone) >= SHORTEST_PHONE:
            yield "p" + phone, "联系电话相同"
    if row.guardian_key:
        if row.school and row.grade is not None:
            yield f"s{row.school}/{row.grade}/{row.guardian_key}", "同校同年级，监护人相同"
        if row.village:
            yield f"v{row.village}/{row.guardian_key}", "同村，监护人相同"


def _ages_apart(a: Row, b: Row) -> bool:
    """Two or more years between birth dates: brothers and sisters, not one child. A date of a parent's age is a slip and says nothing."""
    if len(a.birth) != 8 or len(b.birth) != 8:
        return False
    years = int(a.birth[:4]), int(b.birth[:4])
    return 1 < abs(years[0] - years[1]) <= SIBLINGS


SIBLINGS: Final = 12
