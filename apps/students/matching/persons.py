"""Names and birth dates of two rows compared: which kind of agreement it is, as a code of the weights table ('' = nothing to compare)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from functools import lru_cache

from apps.core.ids import birth_in_number
from apps.core.names import syllables
from apps.students.matching.lookalikes import look_alike

# Sounds that the speech of Yunnan does not keep apart, folded one after the other.
SOUND_FOLDS = (("zh", "z"), ("ch", "c"), ("sh", "s"), ("ang", "an"), ("eng", "en"), ("ing", "in"))
SHORTEST_PHONE = 7  # shorter ones are remains of a number
LUNAR_GAP = range(1, 61)  # a lunar date read as solar lies 17–50 days early


@lru_cache(maxsize=30_000)
def folded(sound: str) -> str:
    """One toneless syllable as heard: zhang -> zan, lan -> nan."""
    for full, short in SOUND_FOLDS:
        sound = sound.replace(full, short)
    return "n" + sound[1:] if sound.startswith("l") else sound


@lru_cache(maxsize=400_000)
def compare_names(a: str, b: str) -> str:
    """How two names (compare keys) relate; symmetric."""
    if not a or not b:
        return ""
    if a == b:
        return "name_same"
    if len(a) == len(b):
        return _same_length(a, b)
    short, long = (a, b) if len(a) < len(b) else (b, a)
    if len(short) >= 2 and _is_left_of(short, long):
        return "name_drop" if len(long) - len(short) == 1 and short[0] == long[0] else "name_part"
    if len(long) >= 5 and _edits(short, long) <= 2:
        return "name_long"
    if len(short) >= 2 and len(long) - len(short) == 1 and _all_found(short, long):
        return "name_mixed"
    return "name_family" if a[0] == b[0] else "name_other"


def _is_left_of(short: str, long: str) -> bool:
    """Whether ``short`` is what is left of ``long``: one character dropped, or an end or beginning of it."""
    if len(long) - len(short) == 1:
        return any(long[:i] + long[i + 1 :] == short for i in range(len(long)))
    return len(long) >= 4 and (long.startswith(short) or long.endswith(short))


def _same_length(a: str, b: str) -> str:
    places = [i for i in range(len(a)) if a[i] != b[i]]
    if len(places) <= 2:
        heard = [syllables(a)[i] == syllables(b)[i] for i in places]
        if all(heard):
            return "name_sound"
        if all(h or look_alike(a[i], b[i]) for i, h in zip(places, heard, strict=True)):
            return "name_look"
    elif syllables(a) == syllables(b):
        return "name_sound"
    if sorted(a) == sorted(b):
        return "name_swap"
    if all(folded(s) == folded(t) for s, t in zip(syllables(a), syllables(b), strict=True)):
        return "name_near"
    if len(a) >= 4 and len(places) <= (2 if len(a) >= 6 else 1):
        return "name_long"
    return "name_mixed" if len(a) > 2 and _all_found(a, b) else _one_place(a, b, places)


def _all_found(short: str, long: str) -> bool:
    """Whether every character of ``short`` has its own in ``long``, in any order, by shape or sound: several slips in one name."""
    left = list(long)
    for char in short:
        place = next((c for c in left if c == char), None) or next((c for c in left if _alike(char, c)), None)
        if place is None:
            return False
        left.remove(place)
    return True


def _alike(one: str, other: str) -> bool:
    return look_alike(one, other) or syllables(one)[:1] == syllables(other)[:1]


def _one_place(a: str, b: str, places: list[int]) -> str:
    """Names of two to four characters that differ in a character or more for no reason of sound or shape."""
    if a[0] != b[0]:
        if a[1:] != b[1:]:
            return "name_other"
        return "name_given" if len(a) > 2 else "name_tail"
    return "name_char" if len(places) == 1 and len(a) > 2 else "name_family"


def _edits(a: str, b: str) -> int:
    """Levenshtein distance; only long names come here."""
    row = list(range(len(b) + 1))
    for i, c in enumerate(a, 1):
        before, row[0] = row[0], i
        for j, d in enumerate(b, 1):
            before, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, before + (c != d))
    return row[-1]


@lru_cache(maxsize=200_000)
def compare_births(a: str, b: str) -> str:
    """How two 'YYYYMMDD' dates relate; symmetric."""
    if len(a) != 8 or len(b) != 8:
        return ""
    if a == b:
        return "birth_default" if a.endswith("0101") else "birth_same"
    if a[:4] == b[:4] and a[4:6] == b[6:] and a[6:] == b[4:6]:
        return "birth_swap"
    places = [i for i in range(8) if a[i] != b[i]]
    if len(places) == 1 or _neighbours_exchanged(a, b, places):
        return "birth_digit"
    first, second = birth_in_number(a), birth_in_number(b)
    if first and second and _days(first, second) in LUNAR_GAP:
        return "birth_near"
    return "birth_year" if a[:4] == b[:4] else "birth_other"


def _neighbours_exchanged(a: str, b: str, places: list[int]) -> bool:
    return len(places) == 2 and places[1] == places[0] + 1 and a[places[0]] == b[places[1]] and a[places[1]] == b[places[0]]


def _days(a: date, b: date) -> int:
    return abs((a - b).days)


def compare_phones(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """How the telephones of two rows relate: the best of all their pairs; symmetric."""
    found = {_compare_phone(a, b) for a in ours for b in theirs}
    return next((code for code in ("phone_same", "phone_digit", "phone_other") if code in found), "")


GUARDIAN_LIKE = frozenset({"name_sound", "name_look", "name_swap", "name_near", "name_drop", "name_part", "name_long"})


def compare_adults(ours: Sequence[str], theirs: Sequence[str]) -> str:
    """How the grown-ups named by two rows relate: the best of all their pairs; symmetric."""
    found = {compare_names(a, b) for a in ours for b in theirs}
    if not found:
        return ""
    return "guardian_same" if "name_same" in found else "guardian_like" if found & GUARDIAN_LIKE else "guardian_other"


@lru_cache(maxsize=200_000)
def _compare_phone(a: str, b: str) -> str:
    """How two telephone numbers (digits only) relate; symmetric."""
    if len(a) < SHORTEST_PHONE or len(b) < SHORTEST_PHONE:
        return ""
    if a == b:
        return "phone_same"
    if len(a) == len(b):
        places = [i for i in range(len(a)) if a[i] != b[i]]
        if len(places) == 1 or _neighbours_exchanged(a, b, places):
            return "phone_digit"
    return "phone_other"
