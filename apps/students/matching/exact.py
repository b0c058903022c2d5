"""The exact passes, in order. Each is one equality join, so the comparison writes the same three in SQL.

An equal number is believed only where name or birth date agrees too: a sibling's or guardian's number typed in
makes 15–52 wrong links in 40,000 otherwise.
"""

from __future__ import annotations

from typing import Final

from apps.students.matching.identity import SHORTEST_NUMBER, is_valid
from apps.students.matching.rows import Basis, Row

P1_NAME: Final = Basis("P1-name", "学籍号相同，姓名相同")
P1_BIRTH: Final = Basis("P1-birth", "学籍号相同，出生日期相同，姓名同音")
P2_NAME: Final = Basis("P2-name", "身份证号相同，姓名相同")
P2_BIRTH: Final = Basis("P2-birth", "身份证号相同，出生日期相同，姓名同音")
P3: Final = Basis("P3", "姓名、出生日期、性别都相同，且双方名册中都只有一人")
PASSES: Final = (P1_NAME, P1_BIRTH, P2_NAME, P2_BIRTH, P3)


def safe_exact(a: Row, b: Row) -> Basis | None:
    """The first exact pass that takes the pair, or None. The caller guarantees that the pass's key is unique in both registers.

    P1 equal student number, P2 equal identity number (15 characters or more): with the same name, or the same birth date and a name that
    sounds the same. Where only the birth date agrees and the name does not, ``judge`` decides: a sibling's number may come with its date.
    P3 equal name, birth date and sex, the numbers not contradicting, and ``supported``.
    """
    name = bool(a.name_key) and a.name_key == b.name_key
    birth = bool(a.birth) and a.birth == b.birth
    heard = birth and bool(a.name_sound) and a.name_sound == b.name_sound
    if a.student_number and a.student_number == b.student_number and (name or heard):
        return P1_NAME if name else P1_BIRTH
    if len(a.id_number) >= SHORTEST_NUMBER and a.id_number == b.id_number and (name or heard):
        return P2_NAME if name else P2_BIRTH
    if name and birth and a.sex and a.sex == b.sex and not _contradict(a, b) and supported(a, b):
        return P3
    return None


def _contradict(a: Row, b: Row) -> bool:
    """Both rows hold a valid identity number and the two are different."""
    return a.id_number != b.id_number and is_valid(a.id_number) and is_valid(b.id_number)


def supported(a: Row, b: Row) -> bool:
    """Something besides name, birth date and sex agrees, or there is nothing else to compare: same names are common."""
    ours, theirs = a.phones, b.phones
    if not set(ours).isdisjoint(theirs):
        return True
    comparable = bool(ours and theirs)
    for field in SUPPORT_FIELDS:
        one, other = a[field], b[field]
        if one and other:
            if one == other:
                return True
            comparable = True
    return not comparable


SUPPORT_FIELDS: Final = tuple(Row._fields.index(name) for name in ("guardian_key", "township", "village", "school"))
