"""What the registers say about one child, as the comparisons read it. Plain values; nothing here asks a database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from apps.reconciliation.rules import Meaning, meaning_of


class Answer(NamedTuple):
    """A class of one comparison and why, in words."""

    code: str
    reason: str


NOTHING = Answer("", "")  # the comparison does not concern this child
# States of a national record (学生当前状态) in which it no longer counts as a pupil of the school.
LEFT_THE_ROLL = frozenset({"graduated", "completed", "incomplete", "dead"})
TRANSFERRED = "transferred_out"
DROPPED_OUT = frozenset({"drifted", "dropout", "withdrawn", "expelled", "missing"})
SURVEY_OUT = frozenset({"never_enrolled", "dropout"})


@dataclass(frozen=True, slots=True)
class Facts:
    """One child. ``*_school`` are codes with ``*_name`` for sentences; '' and False where a register does not hold the child."""

    is_school_age: bool = True
    household: bool = False
    household_state: str = ""
    household_bare: bool = False  # the household line has neither an identity number nor a birth date
    enrollment: bool = False
    enrollment_state: str = ""
    enrollment_school: str = ""
    enrollment_name: str = ""
    grade: int = 0
    claims_local: bool = False  # the record gives a household in this district
    taught_at_home: bool = False
    enrollment_remark: str = ""
    receiving_school: str = ""  # the school a record in state 转出 names as the new one
    disability: str = ""  # 残疾类型, or 健康状况 50–59, of any register
    attending: bool = False
    attending_school: str = ""
    attending_name: str = ""
    attending_remark: str = ""
    attending_number: bool = False  # the class list carries a student number
    attending_document: bool = False  # … or an identity number
    list_handed_in: bool = True  # the enrolled school handed in its class lists this term
    survey: bool = False
    survey_state: str = ""
    survey_school: str = ""
    outside_place: str = ""  # code of the place where ``outside_school`` lies, '' where its name does not tell
    district: str = ""  # code of the run's own district
    monitored: bool = False
    monitored_kind: str = ""
    monitored_says: str = ""  # 'in', 'out' or ''
    other_schools: str = ""  # names of further schools with a record of the same child
    refused_line: str = ""  # a refused row of the class list that bears this child's name: "第17行"
    doubt_enrollment: bool = False  # a line of that register may be this child; nobody has said yet
    doubt_attending: bool = False
    doubt_monitored: bool = False
    doubt_survey: bool = False
    days_since_start: int = 0
    registration_days: int = 7
    settled: dict[str, Answer] | None = None  # comparison -> what a person decided, still valid

    @property
    def on_roll(self) -> bool:
        """Whether the national record counts as a pupil now."""
        return self.enrollment and self.enrollment_state not in LEFT_THE_ROLL

    @property
    def meaning(self) -> Meaning:
        """What the remark in the class list says."""
        return meaning_of(self.attending_remark)

    @property
    def is_present(self) -> bool:
        """Whether the child counts among those who really sit in class (在校数): by a class list, or because a person saw it there."""
        return self.sits_by_decision or (self.attending and (self.meaning in PRESENT or (not self.on_roll and self.meaning not in GONE)))

    @property
    def outside_school(self) -> str:
        """The school outside the district that the survey or the record of a transfer names, '' for none."""
        surveyed = self.survey_school if self.survey_state.startswith("outside") else ""
        return surveyed or self.receiving_school

    @property
    def sits_by_decision(self) -> bool:
        """A person decided 在籍在校: the child sits in its own school, whatever the class lists say."""
        told = self.decided("2")
        return self.on_roll and told is not None and told.code == "attending"

    def decided(self, comparison: str) -> Answer | None:
        """What a person decided in this comparison, where it still holds."""
        return (self.settled or {}).get(comparison)


# Listed, but not in class whatever the record says; a listed child without a record that is on leave does belong to the class.
GONE = frozenset({Meaning.ABSENT, Meaning.DROPOUT, Meaning.SUSPENSION})
PRESENT = frozenset({Meaning.NOTHING, Meaning.TRANSFER_IN, Meaning.GUEST, Meaning.PROBLEM, Meaning.NO_DOCUMENT})
