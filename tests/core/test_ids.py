"""Truth tables and properties of identity numbers."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import ids

SOUND = "530113201512260183"


def test_check_digit_is_the_weighted_sum_of_the_standard():
    assert ids.check_digit("53011320151226018") == "3"
    assert ids.check_digit("11010519491231002") == "X"  # the example printed in GB 11643-1999


@pytest.mark.parametrize(
    ("typed", "clean"),
    [
        (SOUND, SOUND),
        ("'530113201512260183", SOUND),
        (" 530113 20151226 0183 ", SOUND),
        ("５３０１１３２０１５１２２６０１８３", SOUND),
        ("53011320130827000x", "53011320130827000X"),
        ("\u200b530113201512260183\u202c", SOUND),
        ('="530113201512260183"', SOUND),
        ("530113\t201512260183\n", SOUND),
        ("530113-20151226-0183", SOUND),
        ("g530113201512260183", "G" + SOUND),
    ],
)
def test_cleaning(typed: str, clean: str):
    assert ids.clean_number(typed) == clean


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (SOUND, None),
        ("53011320151226018", ids.IdFault.LENGTH),
        ("53011320151226018A", ids.IdFault.CHARACTERS),
        ("030113201512260183", ids.IdFault.CHARACTERS),
        ("530113201513260183", ids.IdFault.BIRTH),
        ("530113201502300183", ids.IdFault.BIRTH),
        ("530113201512260184", ids.IdFault.CHECK),
        ("530113201512260000", ids.IdFault.TRUNCATED),
    ],
)
def test_faults(number: str, fault: ids.IdFault | None):
    assert ids.resident_fault(number) is fault


def test_a_truncated_number_is_truncated_even_where_the_check_digit_happens_to_fit():
    lucky = [f for n in range(1000) if ids.check_digit(f := f"53011320150101{n:03}") == "0" and f.endswith("00")]
    assert lucky
    assert {ids.resident_fault(first + "0") for first in lucky} == {ids.IdFault.TRUNCATED}


@given(st.dates(date(1900, 1, 1), date(2099, 12, 31)), st.integers(0, 999), st.integers(100000, 999999))
def test_made_numbers_tell_birth_and_sex_back(born: date, sequence: int, area: int):
    first = f"{area}{born:%Y%m%d}{sequence:03}"
    number = first + ids.check_digit(first)
    assert ids.is_valid_resident(number)
    assert ids.birth_of(number) == born
    assert ids.sex_of(number) == ("M" if sequence % 2 else "F")


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(place: int, add: int):
    wrong = SOUND[:place] + str((int(SOUND[place]) + add) % 10) + SOUND[place + 1 :]
    assert not ids.is_valid_resident(wrong)


def test_fifteen_digits_become_eighteen():
    upgraded = ids.upgrade_15("530113900101001")
    assert upgraded[:17] == "53011319900101001"
    assert ids.is_valid_resident(upgraded)


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        (SOUND, "530113********0183"),
        ("G" + SOUND, "G530113********0183"),
        ("", ""),
        ("12345", "1***5"),
        ("E12345678", "E1*****78"),
    ],
)
def test_masking(number: str, masked: str):
    assert ids.mask(number) == masked


@given(st.text(alphabet="0123456789X", min_size=1, max_size=30))
def test_a_mask_keeps_the_length_and_hides_something(number: str):
    masked = ids.mask(number)
    assert len(masked) == len(number)
    assert "*" in masked


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        (f"与{SOUND}相同", "与530113********0183相同"),
        (f"张三{SOUND}.xlsx", "张三530113********0183.xlsx"),
        (f"G{SOUND}，g{SOUND}", "G530113********0183，g53011*********0183"),
        ("53011320130827000x", "530113********000x"),
        ("老证530113130827001。", "老证530113*****7001。"),
        ("530113 20151226 0183", "530113********0183"),
        ("530113-20151226-0183", "530113********0183"),
        ("530113－20151226－0183", "530113********0183"),
        ("5301 1320 1512 2601 83", "530113********0183"),
        ("530113 151226 018", "530113*****6018"),
        ("５３０１１３２０１５１２２６０１８３", "530113********0183"),
        ("5301\u200b1320151226\u200b0183", "530113********0183"),
        ("530113\n20151226\n0183", "530113********0183"),
        (f"13800000000 530113 20151226 0183、{SOUND}", "13800000000 530113********0183、530113********0183"),
        ("电话13800000000", "电话13800000000"),
        ("13800000000 13900000000", "13800000000 13900000000"),
        ("0871-62120000、13800000000", "0871-62120000、13800000000"),
        ("2015-09-01 2016-09-01 2017-09-01", "2015-09-01 2016-09-01 2017-09-01"),
        ("2015.9.1—2016.7.1在校，2016.9.1转出", "2015.9.1—2016.7.1在校，2016.9.1转出"),
        ("住３０２室", "住３０２室"),
        ("", ""),
    ],
)
def test_no_whole_number_is_left_in_a_sentence(text: str, hidden: str):
    assert ids.hide_numbers(text) == hidden
    assert ids.hide_numbers(hidden) == hidden


@given(st.text(max_size=12), st.sampled_from(["", " ", "-", "—", "\u200b", "．"]), st.text(max_size=12), st.booleans())
def test_nothing_around_a_number_uncovers_it(before: str, sign: str, after: str, wide: bool):
    number = SOUND.translate({ord(d): d + sign for d in "35"}) if sign else SOUND
    if wide:
        number = "".join(chr(ord(c) + 0xFEE0) if c.isdecimal() else c for c in number)
    if before[-1:].isdecimal() or after[:1].isdecimal():
        before, after = before + "号", "号" + after
    assert SOUND not in ids.clean_number(ids.hide_numbers(f"{before}{number}{after}"))


@pytest.mark.parametrize(("code", "kept"), [("5301130010012345", "5301130010012345"), (SOUND, "530113********0183"), ("H12", "H12")])
def test_a_long_household_code_is_no_resident_number(code: str, kept: str):
    assert ids.hide_residents(code) == kept


@pytest.mark.parametrize(
    ("number", "kind"),
    [(SOUND, "resident"), (SOUND + "11", "disability"), ("G" + SOUND, "student"), ("E12345678", "other")],
)
def test_kinds(number: str, kind: str):
    assert ids.kind_of(number) == kind
