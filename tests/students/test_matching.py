"""Are these two rows one child: the truth table, the segments of the number, and what must hold for any rows."""

from __future__ import annotations

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.students.matching import Decision, IdLikeness, Row, Scored, assign, candidate_keys, compare_ids, duplicates, judge, resolve, safe_exact
from apps.students.matching.lookalikes import PAIRS, look_alike
from apps.students.matching.places import village_key
from apps.students.matching.weights import TABLE
from tests.students.matching_cases import BASE, CASES, ID, MOTHER, SISTER, Case, exchanged, number, row, wrong


@pytest.mark.parametrize("case", CASES, ids=[c.title for c in CASES])
def test_truth_table(case: Case) -> None:
    verdict = judge(case.left, case.right)
    assert verdict.decision.value == case.decision, verdict
    basis = safe_exact(case.left, case.right)
    assert (basis.code if basis else "") == case.exact
    assert case.decision == "same" or not case.exact
    assert verdict.reasons


def test_table_is_large_and_titles_are_unique() -> None:
    assert len(CASES) >= 80
    assert len({c.title for c in CASES}) == len(CASES)


@pytest.mark.parametrize(
    ("a", "b", "likeness"),
    [
        (ID, ID, IdLikeness.SAME),
        (ID, "", IdLikeness.MISSING),
        (ID, wrong(ID, 15), IdLikeness.DIGIT),
        (ID, exchanged(ID, 13), IdLikeness.SWAP),
        (ID, wrong(wrong(ID, 3), 15), IdLikeness.TWO),
        (ID, number(area="530111"), IdLikeness.AREA),
        (ID, number("20160312"), IdLikeness.BIRTH),
        (ID, number(sequence="465"), IdLikeness.SEQUENCE),
        (ID, SISTER, IdLikeness.OTHER),
        (ID, ID[:15] + "000", IdLikeness.UNREADABLE),
        (ID, "E12345678901234", IdLikeness.UNREADABLE),
    ],
)
def test_numbers_by_segment(a: str, b: str, likeness: IdLikeness) -> None:
    assert compare_ids(a, b).likeness is likeness
    assert compare_ids(b, a) == compare_ids(a, b)


def test_two_valid_numbers_are_never_forgiven_a_digit() -> None:
    """MOD 11-2 finds every single slip, so one digit apart and both valid cannot be; fourteen equal digits are no likeness."""
    for sequence in ("421", "422", "424", "433", "523"):
        assert compare_ids(ID, number(sequence=sequence)).contradicts


def test_birth_date_is_not_counted_on_top_of_an_equal_number() -> None:
    with_date, without = judge(row(1), row(2)), judge(row(1, birth=""), row(2, birth=""))
    assert with_date.score == without.score
    assert "出生日期相同" in with_date.reasons


def test_every_reason_has_words_and_a_source() -> None:
    for evidence in TABLE.values():
        assert evidence.words
        assert evidence.why


def test_look_alikes_are_symmetric_and_never_a_character_with_itself() -> None:
    assert len(PAIRS) // 2 >= 150
    assert all(look_alike(pair[1], pair[0]) and pair[0] != pair[1] for pair in PAIRS)


@pytest.mark.parametrize(
    ("address", "village"),
    [
        ("汤丹镇下营村3组", "下营"),
        ("下营村委会3组", "下营"),
        ("云南省昆明市东川区铜都街道下营社区12号", "下营"),
        ("下营", "下营"),
        ("汤丹镇", "汤丹镇"),
    ],
)
def test_village_key(address: str, village: str) -> None:
    assert village_key(address) == village


NAMES = ["李晓梅", "李小梅", "李梅", "李晓兰", "王晓梅", "张伟", "阿牛木呷", ""]
rows = st.builds(
    lambda entry, values: row(entry, **values),
    st.integers(1, 10_000),
    st.fixed_dictionaries(
        {
            "name": st.sampled_from(NAMES),
            "sex": st.sampled_from(["M", "F", ""]),
            "birth": st.sampled_from(["20150312", "20150313", "20151203", "20180705", "20150101", ""]),
            "id_number": st.sampled_from([ID, SISTER, number(sequence="465"), wrong(ID, 15), number(area="530111"), ""]),
            "student_number": st.sampled_from(["G" + ID, "L" + SISTER, ""]),
            "guardian": st.sampled_from(["李国强", "李国墙", "王秀兰", ""]),
            "phone": st.sampled_from(["13987650001", "13987650007", "15198760002", ""]),
            "township": st.sampled_from(["530113102", "530113105", ""]),
            "village": st.sampled_from(["下营", "石门", ""]),
            "school": st.sampled_from(["5301130004", "5301130031", ""]),
            "grade": st.sampled_from([4, 3, 1, None]),
            "class_name": st.sampled_from(["1", "2", ""]),
        }
    ),
)


@given(rows, rows)
@settings(max_examples=100, deadline=None)
def test_judge_is_symmetric(a: Row, b: Row) -> None:
    there, back = judge(a, b), judge(b, a)
    assert there.score == pytest.approx(back.score, abs=0.011)
    assert there.decision is back.decision
    assert sorted(there.reasons) == sorted(back.reasons)


@given(rows, rows, st.sampled_from(["sex", "birth", "guardian", "phone", "township", "school", "grade"]))
@settings(max_examples=100, deadline=None)
def test_agreeing_evidence_never_lowers_the_score(a: Row, b: Row, field: str) -> None:
    place = Row._fields.index({"guardian": "guardian_key"}.get(field, field))
    empty = None if field == "grade" else ""
    value = {"guardian": "李国强"}.get(field, BASE[field])
    less = [Row._make([*r[:place], empty, *r[place + 1 :]]) for r in (a, b)]
    more = [Row._make([*r[:place], value, *r[place + 1 :]]) for r in less]
    if field == "birth":  # a date beside a number that says otherwise is evidence of its own
        less, more = ([r._replace(id_number="", student_number="") for r in pair] for pair in (less, more))
    if field == "grade":  # classes are compared within a grade only
        less, more = ([r._replace(class_name="") for r in pair] for pair in (less, more))
    without, with_it = judge(*less), judge(*more)
    if {without.decision, with_it.decision} != {Decision.DIFFERENT}:  # what is surely different is not weighed to the end
        assert with_it.score >= without.score - 0.011


NEIGHBOUR: dict[str, object] = {"guardian": "", "phone": "", "name": "李诗红"}


@pytest.mark.parametrize(
    ("changes", "asked"),
    [
        ({}, True),
        ({"phone": ""}, True),  # the guardian at the same school and grade
        ({"guardian": ""}, True),  # the telephone alone
        (NEIGHBOUR, True),  # one class and one village, and a number that is missing
        (NEIGHBOUR | {"class_name": "1"}, False),
        (NEIGHBOUR | {"village": "石门"}, False),
        ({"guardian": "", "phone": ""}, False),  # another surname
        (NEIGHBOUR | {"id_number": number("20160415", "117")}, False),  # neighbours: each with its own number and date
        (NEIGHBOUR | {"id_number": number("20170415", "117")}, True),  # a number that does not tell the line's own date
        ({"guardian": "李国富", "phone": "", "head": "李国强"}, True),  # the head of the household, where the other parent is the guardian
        ({"phone": "", "school": "5301130031", "village": "石门"}, False),  # a namesake of the guardian elsewhere
        ({"birth": "20170312", "grade": 2}, False),  # a brother or sister
        ({"birth": "20160415", "id_number": number("20160415", "117"), "grade": 3}, False),  # a sister with a number of her own
        ({"birth": "20170312"}, True),  # two years apart, yet in one grade: a date of a sister's number
        ({"birth": "19820312"}, True),  # a parent's date typed in
    ],
)
def test_lines_left_alone_that_name_one_parent_go_to_a_person(changes: dict[str, object], asked: bool) -> None:
    whole, slipped = row(1), row(2, **{**BASE, "name": "王诗红", "id_number": "", "student_number": "", "birth": "20160415", "sex": "M", **changes})
    links, doubtful = resolve([whole], [slipped], whole=True)
    assert not links
    assert [(d.left, d.right) for d in doubtful] == ([(1, 2)] if asked else [])
    assert resolve([whole], [slipped]) == ([], [])  # a register of some children says nothing by silence
    assert resolve([whole], [slipped], decided={(1, 2): Decision.DIFFERENT}, whole=True) == ([], [])


def test_a_line_with_a_partner_is_no_question_for_its_sister() -> None:
    whole, sister = row(1), row(2, **{**BASE, "name": "李晓兰", "birth": "20160415", "id_number": "", "student_number": ""})
    links, doubtful = resolve([whole, sister], [row(3)], whole=True)
    assert [(link.left, link.right) for link in links] == [(1, 3)]
    assert not doubtful


scored = st.builds(Scored, st.integers(1, 8), st.integers(101, 108), st.integers(-12, 30).map(float), st.sampled_from(list(Decision)))


@given(st.lists(scored, max_size=40, unique_by=lambda p: (p.left, p.right)), st.randoms())
@settings(max_examples=100, deadline=None)
def test_assign_is_one_to_one_and_deterministic(pairs: list[Scored], rng: random.Random) -> None:
    links, doubtful = assign(pairs)
    assert len({p.left for p in links}) == len({p.right for p in links}) == len(links)
    linked = {p.left for p in links} | {p.right for p in links}
    assert not any(p.left in linked or p.right in linked for p in doubtful)
    assert all(p.decision is Decision.SAME for p in links)
    rng.shuffle(pairs)
    assert assign(pairs) == (links, doubtful)


def test_two_equal_claims_go_to_a_person() -> None:
    pairs = [Scored(1, 101, 20.0, Decision.SAME), Scored(2, 101, 19.0, Decision.SAME)]
    assert assign(pairs) == ([], pairs)


def test_a_rival_with_its_own_partner_is_no_rival() -> None:
    own, other, cross = Scored(1, 101, 18.0, Decision.SAME), Scored(2, 102, 19.0, Decision.SAME), Scored(1, 102, 17.0, Decision.SAME)
    assert assign([own, other, cross]) == ([other, own], [])


@given(st.lists(rows, max_size=7, unique_by=lambda r: r.id), st.lists(rows, max_size=7, unique_by=lambda r: r.id), st.randoms())
@settings(max_examples=100, deadline=None)
def test_resolve_does_not_depend_on_the_order_of_rows(left: list[Row], right: list[Row], rng: random.Random) -> None:
    before = resolve(left, right)
    links, _ = before
    assert len({x.left for x in links}) == len({x.right for x in links}) == len(links)
    rng.shuffle(left)
    rng.shuffle(right)
    assert resolve(left, right) == before


def test_what_a_person_said_is_kept() -> None:
    a, b = row(1), row(101)
    assert [x.basis_code for x in resolve([a], [b])[0]] == ["P2-name"]
    assert resolve([a], [b], decided={(1, 101): Decision.DIFFERENT}) == ([], [])
    stranger = row(102, name="赵明", sex="M", birth="20120607", id_number=number("20120607", "117"), guardian="", phone="")
    links, doubtful = resolve([a], [stranger], decided={(1, 102): Decision.SAME})
    assert [(x.basis_code, x.reasons) for x in links] == [("person", ("经办人已确认为同一人",))]
    assert doubtful == []
    links, doubtful = resolve([a], [b], decided={(1, 101): Decision.DOUBTFUL})
    assert (links, len(doubtful)) == ([], 1)


def test_a_child_entered_twice_is_found_and_twins_are_not() -> None:
    once, again = row(1, student_number="G" + ID), row(2, student_number="L" + SISTER, school="5301130031", name="李小梅")
    twin = row(3, name="李晓兰", id_number=number(sequence="465"), student_number="G" + number(sequence="465"))
    assert [(x.left, x.right) for x in duplicates([twin, again, once])] == [(1, 2)]


def test_a_parents_number_in_one_of_two_equal_lines_makes_no_second_child() -> None:
    once, again = row(1), row(2, id_number=MOTHER, school="5301130031")
    assert [(x.left, x.right) for x in duplicates([once, again])] == [(1, 2)]
    assert duplicates([once, again._replace(guardian_key="王学兵")]) == []
    assert duplicates([once, again._replace(id_number=number(sequence="465"))]) == []


def test_every_row_with_a_name_has_a_key() -> None:
    assert candidate_keys(row(1))
    assert not candidate_keys(Row(1))
    assert all(set(candidate_keys(c.left)) & set(candidate_keys(c.right)) for c in CASES if c.decision == "same")
