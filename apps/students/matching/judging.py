"""Whether two rows are one child, by the weight of what agrees and what does not, with the reasons in words."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

from apps.students.matching.identity import AGREEING, IdLikeness, birth_in, compare_ids
from apps.students.matching.persons import compare_adults, compare_births, compare_names, compare_phones
from apps.students.matching.rows import UNKNOWN_FREQUENCY, Decision, Frequency, Row, Verdict
from apps.students.matching.weights import (
    DOUBT_FROM,
    NAME_BITS,
    PERSON_DOUBT_FROM,
    PERSON_FROM,
    PRIOR,
    SAME_FROM,
    SCHOOL_BITS,
    TABLE,
    VILLAGE_BITS,
)

_WEIGHT = {code: evidence.weight for code, evidence in TABLE.items()}
_VARIANTS = frozenset({"name_sound", "name_look", "name_swap", "name_near"})
_TWINS_NAMES = frozenset({"name_family", "name_other"})
_FAMILY_AGREES = frozenset({"phone_same", "guardian_same"})
_FAMILY_LIKE = _FAMILY_AGREES | {"phone_digit", "guardian_like"}
_CLOSE_NAMES = _VARIANTS | {"name_same", "name_drop", "name_part", "name_long"}
_BIRTH_AGREES = frozenset({"birth_same", "birth_by_id", "birth_default"})
_NUMBER_AGREES = AGREEING | {"number_same", "id_number_in_student_number"}
_AGE_AGREES = _BIRTH_AGREES | _NUMBER_AGREES
_EQUAL_NUMBER = frozenset({"id_same", "id_same_birth_not", "number_same"})
_TWO_NUMBERS = frozenset({"id_other", "id_moved"})
_TWO_DATES = frozenset({"birth_other", "birth_year", "birth_near"})
_PAPER_AGREES = _AGE_AGREES | {"id_same_birth_not", "birth_swap", "birth_digit"}


GENERATION = 12  # years


class Finding(NamedTuple):
    """One piece of evidence met in a pair and the weight it has there."""

    code: str
    weight: float


class Weighed(NamedTuple):
    """The sums for a pair: what speaks of the person, the whole score (log2 odds), the decision, the evidence."""

    person: float
    score: float
    decision: Decision
    findings: list[Finding]


def judge(a: Row, b: Row, frequency: Frequency = UNKNOWN_FREQUENCY, *, prior: float = PRIOR) -> Verdict:
    """Say whether two rows are one child. Symmetric; more agreeing evidence never lowers the score.

    ``prior`` is the log2 odds before comparing: -log2 of the number of rows the partner is sought among.
    """
    return explain(weigh(a, b, frequency, prior))


def weigh(a: Row, b: Row, frequency: Frequency = UNKNOWN_FREQUENCY, prior: float = PRIOR) -> Weighed:
    """The same without words: what ``resolve`` runs on every candidate pair."""
    findings: list[Finding] = []
    name = _weigh_name(a, b, frequency, findings)
    _weigh_papers(a, b, findings)
    if a.sex and b.sex:
        _add(findings, "sex_same" if a.sex == b.sex else "sex_other")
    person = sum([f.weight for f in findings])
    if person < PERSON_DOUBT_FROM:
        return Weighed(person, prior + person, Decision.DIFFERENT, findings)
    score = prior + person + _weigh_family(a, b, frequency, findings) + _weigh_school(a, b, frequency, findings)
    return Weighed(person, score, _decide(person, score, name, findings), findings)


def _decide(person: float, score: float, name: str, findings: list[Finding]) -> Decision:
    codes = {f.code for f in findings}
    if codes & _EQUAL_NUMBER and (name == "name_same" or (name == "name_sound" and codes & _BIRTH_AGREES)):
        return Decision.SAME  # what the exact passes P1 and P2 take, wherever the child lives and learns by now
    if score < DOUBT_FROM or _is_chance(name, codes):
        # An equal number and date are a question even where nothing else agrees: a sister's paper was copied, or a family moved and renamed.
        return Decision.DOUBTFUL if codes & _EQUAL_NUMBER and codes & _BIRTH_AGREES else Decision.DIFFERENT
    if score < SAME_FROM or person < PERSON_FROM:
        return Decision.DOUBTFUL
    return Decision.SAME if _safe(name, codes) else Decision.DOUBTFUL


def _is_chance(name: str, codes: set[str]) -> bool:
    """Whether what agrees is that of neighbours, sisters or twins."""
    if name in _TWINS_NAMES and "id_sequence" in codes:
        return True  # twins: born the same day, each with a valid number
    if name in _TWINS_NAMES and "class_other" in codes and not codes & _FAMILY_LIKE and not codes & (_AGE_AGREES | {"id_same_birth_not"}):
        return True  # neighbours of one surname, in two classes of a grade
    if codes & _PAPER_AGREES:
        return False
    if name in ("name_char", "name_family", "name_other") and "grade_other" in codes:
        return True  # a sister in another grade
    return name == "name_other" and not (codes & _FAMILY_AGREES and "grade_same" in codes)


def _safe(name: str, codes: set[str]) -> bool:
    """Whether a heavy pair may be linked unseen: not where it could as well be a twin, a brother or a sister."""
    if codes & _TWO_NUMBERS and not (name == "name_same" and codes & _BIRTH_AGREES) and not _moved(name, codes):
        return False  # two valid numbers: two children, unless all else says otherwise
    if "id_sequence" in codes and name != "name_same":
        return False  # twins are given names that sound alike
    if name == "name_char":
        return bool(codes & _NUMBER_AGREES)
    if name in _TWINS_NAMES and "sex_other" in codes:
        return False  # a brother's number, and with it his birth date, beside a sister's name
    return name in _CLOSE_NAMES or bool(codes & _BIRTH_AGREES and codes & {"id_same", "number_same", "name_given"})


def _moved(name: str, codes: set[str]) -> bool:
    """Whether one number may be the other's successor after a move: all but the spelling of the name says so, in one class and family."""
    return (
        "id_moved" in codes
        and name in _VARIANTS
        and bool(codes & _BIRTH_AGREES)
        and codes >= {"class_same", "sex_same"}
        and bool(codes & _FAMILY_AGREES)
    )


def _add(findings: list[Finding], code: str, bits: float = 0.0) -> None:
    findings.append(Finding(code, _WEIGHT[code] + bits))


def _weigh_name(a: Row, b: Row, frequency: Frequency, findings: list[Finding]) -> str:
    code = compare_names(a.name_key, b.name_key)
    if code == "name_same" or code in _VARIANTS:
        least, usual, most = NAME_BITS
        _add(findings, code, frequency.rarity(frequency.names, a.name_key, b.name_key, usual=usual, least=least, most=most))
    elif code:
        _add(findings, code)
    return code


def _weigh_papers(a: Row, b: Row, findings: list[Finding]) -> None:
    """Numbers and birth date. Where the numbers agree the birth date inside them is not counted again; the best reading counts once."""
    papers = _papers(a.id_number, b.id_number, a.birth, b.birth, a.student_number, b.student_number)
    findings.extend(papers)


@lru_cache(maxsize=100_000)
def _papers(id_a: str, id_b: str, birth_a: str, birth_b: str, number_a: str, number_b: str) -> tuple[Finding, ...]:
    found: list[Finding] = []
    if _is_parents(id_a, birth_a, birth_b):
        birth_a = ""
    elif _is_parents(id_b, birth_b, birth_a):
        birth_b = ""
    birth = compare_births(birth_a, birth_b)
    agreeing = _agreeing_number(id_a, id_b, number_a, number_b, two_dates=birth in _TWO_DATES)
    if agreeing:
        if agreeing == "id_same" and birth and birth not in _BIRTH_AGREES:
            agreeing = "id_same_birth_not" if birth in ("birth_other", "birth_year") else agreeing
        _add(found, agreeing)
        if birth in _BIRTH_AGREES:
            # Said, but counted only where a doubtful likeness of numbers weighs less than the date alone.
            found.append(Finding(birth, max(0.0, _WEIGHT[birth] - found[0].weight)))
    else:
        _without_agreeing_number(found, id_a, id_b, birth_a, birth_b)
    if number_a and number_b and number_a != number_b and number_a[0] == number_b[0]:
        _add(found, "number_other")
    return tuple(found)


def _agreeing_number(id_a: str, id_b: str, number_a: str, number_b: str, *, two_dates: bool) -> str:
    """The code of the numbers' agreement, '' for none. ``two_dates``: each register's own date differs, so equal sequences are chance."""
    if number_a and number_a == number_b:
        return "number_same"
    ids = compare_ids(id_a, id_b)
    if ids.agrees and not (ids.likeness is IdLikeness.BIRTH and two_dates):
        return ids.likeness.value
    held = (id_a and len(number_b) == 19 and number_b[1:] == id_a) or (id_b and len(number_a) == 19 and number_a[1:] == id_b)
    return "id_number_in_student_number" if held else ""


def _without_agreeing_number(found: list[Finding], id_a: str, id_b: str, birth_a: str, birth_b: str) -> None:
    inside_a, inside_b = birth_in(id_a), birth_in(id_b)
    grown = _generation_apart(birth_a or inside_a, birth_b or inside_b)
    if grown and not birth_a:
        inside_a = ""
    if grown and not birth_b:
        inside_b = ""
    birth = _best_birth(birth_a, birth_b, inside_a, inside_b)
    if birth:
        _add(found, birth)
    ids = compare_ids(id_a, id_b)
    if ids.contradicts and (not inside_a or not inside_b or (birth_a and inside_a != birth_a) or (birth_b and inside_b != birth_b)):
        _add(found, "id_foreign")
    elif ids.likeness is not IdLikeness.MISSING:
        _add(found, "id_other" if ids.agrees else ids.likeness.value)


def _generation_apart(birth_a: str, birth_b: str) -> bool:
    """Twelve years and more between two pupils of compulsory age: one date comes from an adult's number."""
    return bool(birth_a and birth_b) and birth_a.isdecimal() and birth_b.isdecimal() and abs(int(birth_a[:4]) - int(birth_b[:4])) >= GENERATION


def _is_parents(number: str, birth: str, childs: str) -> bool:
    """Whether a row's birth date, told by its number, is that of the other row's parent: the date was filled in from a parent's number."""
    return birth != "" and birth < childs and birth_in(number) == birth and _generation_apart(birth, childs)


def _best_birth(birth_a: str, birth_b: str, inside_a: str, inside_b: str) -> str:
    """The columns' agreement, or that of one column with the other's number where the columns disagree or one is empty."""
    code = compare_births(birth_a or inside_a, birth_b or inside_b)
    if code in _BIRTH_AGREES:
        return code
    crossed = (birth_a and birth_a == inside_b) or (birth_b and birth_b == inside_a)
    return "birth_by_id" if crossed else code


def _weigh_family(a: Row, b: Row, frequency: Frequency, findings: list[Finding]) -> float:
    """Guardian, telephone, household, village: the strongest agreement whole, every further one half."""
    found: list[Finding] = []
    phone = compare_phones(a.phones, b.phones)
    if phone:
        _add(found, phone)
    guardian = compare_adults(a.adults, b.adults)
    if guardian:
        _add(found, guardian)
    if a.household and a.household == b.household:
        _add(found, "household_same")
    _weigh_place(a, b, frequency, found)
    findings.extend(found)
    weights = sorted([f.weight for f in found], reverse=True)
    first = weights[0] if weights else 0.0
    return first + sum([w / 2 if w > 0 else w for w in weights[1:]])


def _weigh_place(a: Row, b: Row, frequency: Frequency, found: list[Finding]) -> None:
    if a.village and b.village and (a.village in b.village or b.village in a.village):
        least, usual, most = VILLAGE_BITS
        _add(found, "village_same", frequency.rarity(frequency.villages, a.village, b.village, usual=usual, least=least, most=most))
    elif a.township and b.township:
        if a.township != b.township:
            _add(found, "township_other")
        else:
            _add(found, "village_other" if a.village and b.village else "township_same")
    elif a.village and b.village:
        _add(found, "village_other")


def _weigh_school(a: Row, b: Row, frequency: Frequency, findings: list[Finding]) -> float:
    found: list[Finding] = []
    together = bool(a.school) and a.school == b.school
    if together:
        least, usual, most = SCHOOL_BITS
        _add(found, "school_same", frequency.rarity(frequency.schools, a.school, b.school, usual=usual, least=least, most=most))
    elif a.school and b.school:
        _add(found, "school_other")
    if a.grade is not None and b.grade is not None:
        apart = abs(a.grade - b.grade)
        same_age = any(f.code in _AGE_AGREES for f in findings)
        _add(found, "grade_other" if apart > 1 else "grade_next" if apart else "grade_same_age" if same_age else "grade_same")
        if together and not apart and a.class_name and b.class_name:
            _add(found, "class_same" if a.class_name == b.class_name else "class_other")
    findings.extend(found)
    return sum([f.weight for f in found])


def explain(weighed: Weighed) -> Verdict:
    """Words for a weighed pair: what agrees, strongest first, then what does not."""
    ordered = sorted(weighed.findings, key=lambda f: -f.weight)
    return Verdict(round(weighed.score, 2), weighed.decision, tuple(TABLE[f.code].words for f in ordered), _basis(weighed.findings))


def _basis(findings: list[Finding]) -> str:
    """The kind of link, for statistics and filters."""
    codes = {f.code for f in findings}
    number = codes & {"id_same", "number_same", "id_same_birth_not"}
    if number:
        return "V-number" if "name_same" in codes else "V-number-name"
    if codes & {"id_digit", "id_swap", "id_two"}:
        return "V-id-typo"
    if codes & {"id_area", "id_birth", "id_number_in_student_number"}:
        return "V-id-reissued"
    if "name_same" in codes:
        return "V-name-birth" if codes & _BIRTH_AGREES else "V-name"
    return "V-birth" if codes & _BIRTH_AGREES else "V-circumstances"
