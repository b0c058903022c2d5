"""The invented district: the same for a seed, valid, balanced, and with every class planted."""

from __future__ import annotations

from collections import Counter
from datetime import date
from random import Random

import pytest

from apps.core.ids import birth_of, is_valid_resident, sex_of
from apps.core.names import clean_name
from apps.dashboards.management.demo.anomalies import KINDS, SITUATIONS, quota
from apps.dashboards.management.demo.district import District, generate
from apps.dashboards.management.demo.people import grade_of
from apps.dashboards.management.demo.places import build_places
from apps.dashboards.management.demo.registers import REGISTERS
from apps.reconciliation.rules import CONTRADICTION, FIRST, REVERSE, SECOND, THIRD

PUPILS = 2000


@pytest.fixture(scope="module")
def district() -> District:
    return generate(PUPILS, 7)


@pytest.fixture(scope="module")
def clean() -> District:
    return generate(PUPILS, 7, dirt=0.0)


def test_same_seed_same_district(district: District) -> None:
    again = generate(PUPILS, 7)
    assert again.registers == district.registers
    assert again.truth == district.truth
    assert generate(PUPILS, 8).registers != district.registers


def test_numbers_are_valid_and_agree_with_birth_and_sex(district: District) -> None:
    numbers = [child.number for child in district.children]
    assert len(set(numbers)) == len(numbers)
    for child in district.children:
        assert is_valid_resident(child.number)
        assert birth_of(child.number) == child.born
        assert sex_of(child.number) == child.sex
        assert child.student_number[0] in "GLJ"
        assert is_valid_resident(child.student_number[1:])
        assert clean_name(child.name) == child.name


@pytest.mark.parametrize(("born", "grade"), [(date(2020, 8, 31), 1), (date(2020, 9, 1), 0), (date(2019, 9, 1), 1), (date(2011, 9, 1), 9)])
def test_grade_by_31_august(born: date, grade: int) -> None:
    assert grade_of(born, 2026) == grade


def test_places(district: District) -> None:
    villages = district.places.villages
    assert len(villages) == 170
    assert sorted(Counter(village.name for village in villages).values())[-2:] == [1, 2]
    assert all(len(village.code) == 12 and village.code.startswith(village.township) for village in villages)
    central = Counter(school.township for school in district.places.schools if school.central)
    assert len(district.places.schools) == 12
    assert set(central.values()) == {1}
    assert len(central) == 9


def test_schools_at_full_size() -> None:
    kinds = Counter(school.kind for school in build_places(Random("1/places"), 28_000).schools)
    assert kinds == {"小学": 27, "初级中学": 10, "特殊教育": 1}


def test_every_situation_is_planted_as_often_as_promised(district: District) -> None:
    found = Counter(person.situation for person in district.truth.persons.values())
    assert {s.code: found[s.code] for s in SITUATIONS} == {s.code: quota(s, PUPILS) for s in SITUATIONS}
    assert set(district.truth.counts["c3"]) == set(KINDS)
    said = Counter(p.contradiction for p in district.truth.persons.values() if p.contradiction)
    assert set(said) == set(CONTRADICTION)
    assert min(said.values()) >= 2


def test_every_class_of_the_plan_occurs(district: District) -> None:
    counts = district.truth.counts
    assert set(counts["c1"]) == set(FIRST)
    assert set(counts["c2"]) == set(SECOND)
    assert set(counts["reverse"]) == set(REVERSE) - {"to_verify"}
    assert set(counts["c3"]) == set(THIRD) - {"to_verify"}


def test_enrolled_children_are_as_many_as_asked_for(district: District) -> None:
    current = {row.pid for row in district.registers["enrollment"] if row.expected}
    assert len(current) == PUPILS


def test_household_identity_balances(district: District) -> None:
    classes = Counter(row.expected for row in district.registers["household"])
    told = Counter(p.c1 for p in district.truth.persons.values() if p.c1 and p.c1 != "no_residence")
    assert "" not in classes
    assert classes == told


def test_attending_identity_balances_in_every_school(district: District) -> None:
    gone = {pid for pid, person in district.truth.persons.items() if person.situation == "listed_absent"}  # on a list, in no class
    sitting = {(row.pid, row.school) for row in district.registers["attending"] if row.pid not in gone}
    recorded = {(row.pid, row.school) for row in district.registers["enrollment"] if row.expected}
    reverse = Counter(row.school for row in district.registers["attending"] if row.expected)
    for school in district.places.schools:
        enrolled = {pid for pid, code in recorded if code == school.code}
        present = {pid for pid, code in sitting if code == school.code}
        assert len(enrolled) - len(enrolled - present) + reverse[school.code] == len(present)


def test_the_traps_are_there(clean: District) -> None:
    same = Counter((child.name, child.born, child.sex) for child in clean.children)
    assert sum(count > 1 for count in same.values()) >= 4
    twins = Counter((id(child.family), child.born, child.sex) for child in clean.children)
    assert any(count == 2 for count in twins.values())
    twice = Counter(row.pid for row in clean.registers["enrollment"])
    assert sum(count == 2 for count in twice.values()) == 4
    assert any("·" in child.name for child in clean.children)
    assert any(ord(char) > 0xFFFF or char in "㼆龑㛃" for child in clean.children for char in child.name)


def test_dirt_never_changes_the_truth(district: District, clean: District) -> None:
    assert district.truth.persons == clean.truth.persons
    for kind in REGISTERS:
        assert [(row.pid, row.expected) for row in district.registers[kind]] == [(row.pid, row.expected) for row in clean.registers[kind]]
        assert not any(row.dirt for row in clean.registers[kind])
        pairs = zip(district.registers[kind], clean.registers[kind], strict=True)
        assert all(bool(dirty.dirt) == (dirty.values != right.values) for dirty, right in pairs)


@pytest.mark.parametrize(("level", "least", "most"), [(1.0, 0.05, 0.10), (3.0, 0.16, 0.28)])
def test_share_of_identity_dirt(level: float, least: float, most: float) -> None:
    form = {"id_full_width", "id_spaces", "id_lower_x", "name_spaces"}
    rows = generate(4000, 3, dirt=level).registers["attending"]
    dirty = sum(any(kind.split("_")[0] in {"id", "name", "birth", "sex"} and kind not in form for kind in row.dirt) for row in rows)
    assert least < dirty / len(rows) < most


def test_student_numbers_can_be_left_out() -> None:
    rows = generate(600, 2, student_numbers=False).registers["attending"]
    assert not any(row.values["student_number"] for row in rows)


def test_too_small_a_district_is_refused() -> None:
    with pytest.raises(ValueError, match="500"):
        generate(100, 1)
