"""The weights of evidence: log2 of (how often seen with one child / how often with two different children).

Fellegi & Sunter, "A Theory for Record Linkage", JASA 64 (1969). The figures are ours (D): the first probability from the error kinds listed
in DOMAIN.md §2 at a few per cent each, the second by counting a district of 30,000–40,000 children (about 3,500 birthdays, 30–100 schools).
A page shows ``words``, never the number.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Evidence:
    """One observation about a pair: its code, its weight in bits, what a person reads, and where the weight comes from."""

    code: str
    weight: float
    words: str
    why: str


_TABLE: Final = (
    # Names. Exact agreement and its variants take the rarity of the name itself; the figure here is what a variant loses.
    Evidence("name_same", -0.1, "姓名相同", "95 % of rows of one child agree; how much it says depends on how common the name is"),
    Evidence("name_sound", -2.5, "姓名同音不同字", "homophones: 1–3 % of rows; five times as many names share a sound as share the characters"),
    Evidence("name_look", -2.0, "姓名有形近字", "look-alike characters: 1 % of rows, hardly ever by chance"),
    Evidence("name_swap", -2.5, "姓名用字相同、次序颠倒", "swapped characters: under 1 % of rows, rare by chance"),
    Evidence("name_near", -4.0, "姓名读音相近", "an/ang, n/l, z/zh heard as one in Yunnan; ten times as many names are close as equal"),
    Evidence("name_drop", 3.0, "姓名一方少一个字", "dropped characters 1 %; 1 in 1,000 of strangers agree so (surname and one character)"),
    Evidence(
        "name_part", 4.5, "姓名一方是另一方的一部分", "long names are cut or given in short form; three or more characters rarely agree by chance"
    ),
    Evidence("name_long", 6.0, "姓名较长，只差一两个字", "names of four and more characters: chance agreement in three places is 1 in 10,000"),
    Evidence("name_mixed", 2.0, "姓名用字相近（同音、形近、次序或少字并存）", "two slips in one name: 0.3 %; 1 stranger in 1,500"),
    Evidence("name_char", 2.0, "姓名只差一个字", "0.5 % typing errors against 1 in 1,000 strangers; brothers and sisters often share a character"),
    Evidence("name_given", 3.0, "名相同、姓不同", "registered again under the other parent's surname: 0.5 %; two given characters agree 1 in 2,000"),
    Evidence("name_tail", -2.0, "姓不同、名一字相同", "one given character agrees 1 in 60 by chance"),
    Evidence("name_family", -4.5, "只有姓相同", "brothers, sisters and 1 in 20 strangers"),
    Evidence("name_other", -7.0, "姓名不同", "a wholly different name for one child: under 0.5 %"),
    # Birth date, by the registers' own columns.
    Evidence("birth_same", 11.0, "出生日期相同", "about 3,500 birthdays among nine to fifteen cohorts"),
    Evidence("birth_default", 4.0, "出生日期相同（1月1日，多为补填）", "1 January is what is written when the day is unknown"),
    Evidence("birth_by_id", 9.5, "出生日期与对方身份证号中的一致", "a mistyped date whose identity number still holds the right one"),
    Evidence("birth_swap", 3.5, "出生日期月日颠倒", "0.3 % of rows against 1 in 3,500"),
    Evidence("birth_digit", 2.5, "出生日期只差一位数字", "1–2 % of rows; 1 stranger in 200 is that close"),
    Evidence("birth_near", -1.5, "出生日期相近（可能农历公历混用）", "lunar dates are 17–50 days early: 1 %; 1 stranger in 40"),
    Evidence("birth_year", -4.0, "出生年份相同、月日不同", "under 1 % of rows, 1 stranger in 10"),
    Evidence("birth_other", -7.0, "出生日期不同", "under 1 % of rows, nearly all strangers"),
    # Identity numbers, weighed together with the birth date they contain: it is not counted twice.
    Evidence(
        "id_same",
        15.0,
        "身份证号相同",
        "as good as the whole district; believed only where name or birth date agrees (a sibling's or parent's number)",
    ),
    Evidence("id_same_birth_not", 10.0, "身份证号相同、出生日期不同", "the date is mistyped, or the number belongs to a brother or sister"),
    Evidence("id_digit", 13.0, "身份证号只差一位，且其中一个校验码不对", "a mistyped digit fails the check digit (MOD 11-2 finds all of them)"),
    Evidence("id_swap", 13.0, "身份证号相邻两位颠倒，且其中一个校验码不对", "transposed digits fail the check digit"),
    Evidence("id_two", 9.0, "身份证号差两位，且其中一个校验码不对", "two slips in one number; children of one county and day differ in four places"),
    Evidence(
        "id_area", 12.0, "身份证号只有地区码不同（可能换发）", "re-issued after moving: birth and sequence agree, 1 in 1,000 of those born that day"
    ),
    Evidence("id_birth", 7.0, "身份证号只有出生日期段不同（可能更正后换发）", "the corrected date was given the old sequence: 0.2 %, rare by chance"),
    Evidence(
        "id_number_in_student_number",
        12.0,
        "学籍号中的证件号与对方身份证号相同",
        "the student number keeps the identity number of the day it was given",
    ),
    Evidence(
        "id_sequence", -5.0, "身份证号顺序码不同（同日同地区出生的两个号）", "1–2 % hold a re-issued or a twin's number; all strangers differ so"
    ),
    Evidence(
        "id_moved",
        -4.0,
        "身份证号不同、其中的出生日期相同（可能迁移后换发）",
        "twins are registered in one place; a new number after a move keeps the birth date alone",
    ),
    Evidence("id_other", -4.0, "身份证号不同", "5 % hold another's number or a new one; all strangers differ"),
    Evidence(
        "id_foreign", -1.0, "身份证号不同，其中一个与本人出生日期不符（可能是家人的）", "a number of a parent or sibling says little about the child"
    ),
    Evidence("id_unreadable", -1.0, "身份证号不同，其中一个有误", "a number that fails its check digit says little"),
    Evidence("number_same", 15.0, "学籍号相同", "one number a child for life; believed only where name or birth date agrees"),
    Evidence("number_other", -3.0, "学籍号不同", "a temporary L number is replaced by a G number; else each child has its own"),
    Evidence("sex_same", 0.9, "性别相同", "half of all strangers"),
    Evidence("sex_other", -4.0, "性别不同", "2–3 % of rows are mistyped"),
    # Family: the strongest counts whole, each further one half, because brothers and sisters share all of them.
    Evidence("phone_same", 10.0, "电话相同", "shared by one family"),
    Evidence("phone_digit", 6.0, "电话只差一位", "mistyped; numbers one digit apart are rare by chance"),
    Evidence("phone_other", -1.0, "电话不同", "half of all families give different numbers in different lists"),
    Evidence("guardian_same", 10.0, "监护人相同", "adults' names are as rare as children's; brothers and sisters share it"),
    Evidence("guardian_like", 6.0, "监护人姓名相近", "homophone, look-alike or dropped character in the guardian's name"),
    Evidence("guardian_other", -1.8, "监护人不同", "the other parent or a grandparent in a quarter of rows"),
    Evidence("household_same", 3.0, "户号相同", "registers number households differently, small numbers agree by chance"),
    Evidence("village_same", -0.3, "村（住址）相同", "takes the rarity of the village itself"),
    Evidence("township_same", 2.5, "乡镇相同", "nine townships, most families stay"),
    Evidence("village_other", -1.3, "同乡镇不同村", "moved or written otherwise: a third of rows"),
    Evidence("township_other", -2.5, "乡镇不同", "moved families: one in seven"),
    # School.
    Evidence("school_same", -0.1, "学校相同", "takes the size of the school itself"),
    Evidence("school_other", -3.0, "学校不同", "enrolled in one school, sitting in another: one in ten at most"),
    Evidence("grade_same", 2.8, "年级相同", "one stranger in nine"),
    Evidence("grade_same_age", 0.4, "年级相同", "children of one birth date are in one grade anyway"),
    Evidence("grade_next", -2.0, "年级差一级", "kept down or not yet moved up in one list"),
    Evidence("grade_other", -4.5, "年级不同", "hardly ever for one child"),
    Evidence("class_same", 1.3, "班级相同", "two to four classes a grade"),
    Evidence("class_other", -0.8, "班级不同", "classes are re-formed every year"),
)
TABLE: Final = {evidence.code: evidence for evidence in _TABLE}

# log2 odds before anything is compared: one child among about 32,000.
PRIOR: Final = -15.0
# The same when only what is left over after the first assignment is compared: one among the rows left, but never better than one in 500.
FEWEST_LEFT: Final = 512
# From here two rows are one child by themselves: 64 to 1.
SAME_FROM: Final = 6.0
# From here a person is asked. Below it chance agreement among what is left over on both sides would flood the queue.
DOUBT_FROM: Final = -5.0
# Name, birth date, numbers and sex must carry this much by themselves: family and school alone make brothers and sisters one.
PERSON_FROM: Final = 6.0
PERSON_DOUBT_FROM: Final = -8.0
# A link must beat the best other way of pairing the same rows by this much: 16 to 1.
MARGIN: Final = 4.0
# (least, usual, most) bits for the rarity of a name, village, school.
NAME_BITS: Final = (6.0, 10.5, 13.5)
VILLAGE_BITS: Final = (2.0, 4.5, 7.0)
SCHOOL_BITS: Final = (3.0, 5.0, 7.0)
