"""Which pairs are worth judging: rows that share at least one key.

Keys are plain texts of one row, so they can be joined by hash in Python or stored and joined in SQL.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Final

from apps.core.names import syllables
from apps.students.matching.identity import birth_in
from apps.students.matching.lookalikes import REPRESENTATIVE
from apps.students.matching.persons import SHORTEST_PHONE, folded
from apps.students.matching.rows import Row

# A key shared by more pairs than this says nothing; the rows meet by their other keys or not at all.
LARGEST_BLOCK: Final = 900
LARGEST_WIDE_BLOCK: Final = 2_500


@lru_cache(maxsize=200_000)
def _look_key(name: str) -> str:
    """Equal for names with the same characters in any order, look-alikes taken as one."""
    return "".join(sorted(name.translate(REPRESENTATIVE)))


@lru_cache(maxsize=200_000)
def _sound_key(name: str) -> str:
    return "".join(map(folded, syllables(name)))


class _Everything(Container[str]):
    def __contains__(self, key: object) -> bool:
        return True


EVERYTHING: Final = _Everything()


def candidate_keys(row: Row, held: Container[str] = EVERYTHING) -> list[str]:
    """Up to thirty blocking keys of a row, each with a letter for its kind; of names only what the other side (``held``) can have.

    Numbers (i n l q), birth date with one end of the name or a place (b), name (x s), family with a year or a township (p g), and for rows
    with little on paper the name's parts within school and grade (c d), township (e f) and village (v w).
    """
    keys = _number_keys(row) + _birth_keys(row)
    name = row.name_key
    if name:
        keys += _name_keys(row, held)
        if row.school and row.grade is not None:
            keys += [f"c{row.school}/{row.grade}{name[0]}", f"d{row.school}/{row.grade}{name[-1]}"]
        if row.village:
            keys += [f"v{row.village}/{name[-1]}{row.birth[:4]}", f"w{row.village}/{name[0]}{row.birth[:6]}"]
    keys += ["p" + phone for phone in row.phones if len(phone) >= SHORTEST_PHONE]
    for adult in row.adults:
        keys += [f"g{adult}{name[:1]}/{row.birth[:4]}", f"g{adult}{name[:1]}/{row.township}"]
    return keys


def _birth_keys(row: Row) -> list[str]:
    """The day of birth, from the column and from the number, each with something else that is the same: by the day alone, the pairs of a
    register grow with the square of its rows."""
    name, number, keys = row.name_key, row.id_number, list[str]()
    for birth in (row.birth, birth_in(number) if number[6:14] != row.birth else ""):
        if len(birth) == 8:
            keys += [f"b{birth}{name[:1]}", f"b{birth}-{name[-1:]}"]
            if row.township:
                keys.append(f"b{birth}{row.township}{row.sex}")
            if row.school:
                keys.append(f"b{birth}{row.school}")
    return keys


def _name_keys(row: Row, held: Container[str]) -> list[str]:
    """The whole name by shape and by sound; the narrower keys only where the wide one is held."""
    look, sound = "x" + _look_key(row.name_key), "s" + _sound_key(row.name_key)
    keys: list[str] = []
    if look in held:
        keys.append(look)
        if row.township:
            keys.append(f"e{row.township}{look}")
    if sound in held:
        keys.append(sound)
        if row.township:
            keys.append(f"f{row.township}{sound}")
        if row.school:
            keys.append(f"h{row.school}{sound}")
    return keys


def wide_keys(row: Row) -> list[str]:
    """Coarse keys beside the others, for the few rows that are left over after the first assignment."""
    keys: list[str] = []
    if row.grade is not None:
        keys += [f"G{row.grade}{char}" for char in {row.name_key[:1], row.name_key[-1:]}]
        if row.school:
            keys.append(f"C{row.school}/{row.grade}")
        if row.village:
            keys.append(f"V{row.village}/{row.grade}")
    if row.township:
        keys.append(f"T{row.township}{row.name_key[:1]}{row.birth[:6]}")
    if len(row.birth) == 8:  # near home: by the date alone a district would meet half of itself
        for place in filter(None, (row.school, row.village)):
            keys += [f"M{place}{row.birth[:6]}{row.sex}", f"D{place}{row.birth[4:]}{row.sex}"]
    return keys


def _number_keys(row: Row) -> list[str]:
    """Equal numbers, and their halves: one slip leaves the other half."""
    keys: list[str] = []
    number = row.id_number
    if len(number) == 18:
        keys += ["i" + number, "q" + number[6:17], "l" + number[10:18]]
    elif number:
        keys.append("i" + number)
    if row.student_number:
        keys.append("n" + row.student_number)
        if len(row.student_number) == 19:
            keys.append("i" + row.student_number[1:])
    return keys


Keys = list[list[str]]  # of every row of a side


def shared_keys(left: Sequence[Row], right: Sequence[Row]) -> tuple[Keys, Keys]:
    """The keys of the rows of both sides; of the larger, often a whole register, only those that the smaller has as well."""
    turned = len(right) < len(left)
    few, many = (right, left) if turned else (left, right)
    held = [candidate_keys(row) for row in few]
    known = {key for keys in held for key in keys}
    met = [[key for key in candidate_keys(row, known) if key in known] for row in many] if known else [[] for _ in many]
    return (met, held) if turned else (held, met)


def candidates(left: Keys, right: Keys, largest: int = LARGEST_BLOCK) -> Iterator[tuple[int, int]]:
    """Positions (in ``left``, in ``right``) of every pair sharing a key whose block holds at most ``largest`` pairs; each pair once."""
    turned = len(right) < len(left)
    few, many = (right, left) if turned else (left, right)
    blocks = _blocks(few)
    width = len(right)
    pairs: set[int] = set()
    for key, others in _meeting(many, blocks).items():
        places = blocks[key]
        if len(places) * len(others) <= largest:
            lefts, rights = (others, places) if turned else (places, others)
            pairs.update([p * width + o for p in lefts for o in rights])
    for pair in pairs:
        yield divmod(pair, width)


def _blocks(rows: Keys) -> dict[str, list[int]]:
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, keys in enumerate(rows):
        for key in keys:
            blocks[key].append(place)
    return blocks


def _meeting(rows: Keys, blocks: Mapping[str, list[int]]) -> dict[str, list[int]]:
    """Blocks of ``rows`` under the keys that ``blocks`` has."""
    met: dict[str, list[int]] = defaultdict(list)
    for place, keys in enumerate(rows):
        for key in keys:
            if key in blocks:
                met[key].append(place)
    return met
