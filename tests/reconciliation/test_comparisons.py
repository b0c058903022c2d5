"""Facts about one child in, exactly one class of each comparison out: the tables, and what must hold for any facts."""

from __future__ import annotations

from typing import Any, NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.reconciliation import rules
from apps.reconciliation.comparisons import Answer, Facts, classify
from apps.reconciliation.rules import Meaning, meaning_of

# What the registers hold, as the rows of the tables put it together.
HOME: dict[str, Any] = {"household": True, "household_state": "normal"}
ROLL: dict[str, Any] = {"enrollment": True, "enrollment_state": "enrolled", "enrollment_school": "A", "enrollment_name": "甲校", "grade": 4}
SEAT: dict[str, Any] = {"attending": True, "attending_school": "A", "attending_name": "甲校"}
OTHER: dict[str, Any] = {"attending": True, "attending_school": "B", "attending_name": "乙校"}
SURVEY: dict[str, Any] = {"survey": True}
MOVED: dict[str, Any] = ROLL | {"enrollment_state": "transferred_out"}
HERE = {"district": "530113"}
LATE: dict[str, Any] = {"days_since_start": 20}


def told(comparison: str, code: str) -> dict[str, Any]:
    return {"settled": {comparison: Answer(code, "人工核定（测试）")}}


class Case(NamedTuple):
    """One child; '' where a comparison does not concern it; ``third`` and ``contradictions`` empty where there is none."""

    title: str
    facts: dict[str, Any]
    first: str = ""
    second: str = ""
    reverse: str = ""
    third: str = ""
    contradictions: tuple[str, ...] = ()


FIRST = (
    Case("record and seat here", HOME | ROLL | SEAT, "inside", "attending"),
    Case("record here, seat elsewhere in the district", HOME | ROLL | OTHER, "inside", "elsewhere", "guest_study"),
    Case("record says suspension", HOME | ROLL | {"enrollment_state": "suspension"}, "suspension", "suspension"),
    Case("record says home teaching", HOME | ROLL | {"enrollment_state": "home_teaching"}, "home_teaching", "home_teaching"),
    Case("taught at home by another column", HOME | ROLL | {"taught_at_home": True}, "home_teaching", "home_teaching"),
    Case("record says deferral", HOME | ROLL | SEAT | {"enrollment_state": "deferral"}, "deferral", "attending"),
    Case("finished grade nine", HOME | ROLL | {"enrollment_state": "graduated", "grade": 9}, "graduated"),
    Case("finished, grade unknown", HOME | ROLL | {"enrollment_state": "completed", "grade": 0}, "graduated"),
    Case("finished primary, no junior record", HOME | ROLL | {"enrollment_state": "graduated", "grade": 6}, "to_verify"),
    Case("record says dead", HOME | ROLL | {"enrollment_state": "dead"}, "removed_dead"),
    Case("household says dead", HOME | {"household_state": "dead"}, "removed_dead"),
    Case("household says dead, record stands", HOME | ROLL | {"household_state": "dead"}, "removed_dead", "not_returned"),
    Case("household says moved out", HOME | {"household_state": "moved_out"}, "removed_moved"),
    Case("household moved out, still in class", HOME | ROLL | SEAT | {"household_state": "moved_out"}, "removed_moved", "attending"),
    Case("household twice", HOME | {"household_state": "duplicate"}, "removed_duplicate"),
    Case("nobody knows it", HOME | {"household_state": "not_found"}, "removed_not_found"),
    Case("nobody knows it, but it sits in class", HOME | ROLL | SEAT | {"household_state": "not_found"}, "inside", "attending"),
    Case("survey: outside, in the province", HOME | SURVEY | {"survey_state": "outside_province_in", "survey_school": "会泽县金钟小学"},
        "outside_in_province"),
    Case("survey: outside the province", HOME | SURVEY | {"survey_state": "outside_province_out"}, "outside_out_of_province"),
    Case("survey: outside, a school in Kunming", HOME | SURVEY | HERE | {"survey_state": "outside", "survey_school": "昆明市盘龙区联盟小学",
        "outside_place": "5301"}, "outside_in_province"),
    Case("survey: outside, a school in Zhejiang", HOME | SURVEY | HERE | {"survey_state": "outside", "survey_school": "浙江省义乌市稠江小学",
        "outside_place": "33"}, "outside_out_of_province"),
    Case("survey: outside, the school's name tells no province", HOME | SURVEY | HERE | {"survey_state": "outside", "survey_school": "厚街中学"},
        "to_verify"),
    Case("survey: outside, but the school it names lies here", HOME | SURVEY | HERE | {"survey_state": "outside", "survey_school": "东川区某小学",
        "outside_place": "530113"}, "to_verify"),
    Case("survey: outside, no school named", HOME | SURVEY | {"survey_state": "outside"}, "to_verify"),
    Case("survey: deferral", HOME | SURVEY | {"survey_state": "deferral"}, "deferral"),
    Case("survey: suspension", HOME | SURVEY | {"survey_state": "suspension"}, "suspension"),
    Case("survey: home teaching", HOME | SURVEY | {"survey_state": "home_teaching"}, "home_teaching"),
    Case("survey: cannot learn", HOME | SURVEY | {"survey_state": "medically_unable"}, "medically_unable"),
    Case("survey: finished", HOME | SURVEY | {"survey_state": "graduated"}, "graduated"),
    Case("survey: dead", HOME | SURVEY | {"survey_state": "dead"}, "removed_dead"),
    Case("survey: moved out", HOME | SURVEY | {"survey_state": "moved_out"}, "removed_moved"),
    Case("survey: never enrolled", HOME | SURVEY | {"survey_state": "never_enrolled"}, "never_enrolled", third="general"),
    Case("survey: dropped out, no record", HOME | SURVEY | {"survey_state": "dropout"}, "never_enrolled", third="general"),
    Case("survey says in class here, no register does", HOME | SURVEY | {"survey_state": "enrolled_inside"}, "to_verify"),
    Case("survey without a state", HOME | SURVEY, "to_verify"),
    Case("only the household register", HOME, "never_enrolled", third="general"),
    Case("only the household register, neither number nor birth date", HOME | {"household_bare": True}, "to_verify"),
    Case("neither, but the survey says it", HOME | SURVEY | {"household_bare": True, "survey_state": "never_enrolled"}, "never_enrolled", third="general"),
    Case("a doubtful record is open", HOME | {"doubt_enrollment": True}, "to_verify"),
    Case("a doubtful record goes before the survey", HOME | SURVEY | {"survey_state": "never_enrolled", "doubt_enrollment": True}, "to_verify"),
    Case("a doubtful class line is open, no record", HOME | {"doubt_attending": True}, "to_verify"),
    Case("a doubtful line of the survey is open", HOME | {"doubt_survey": True}, "to_verify"),
    Case("the survey has spoken, another of its lines is doubtful", HOME | SURVEY | {"survey_state": "deferral", "doubt_survey": True}, "deferral"),
    Case("in class without a record", HOME | OTHER | {"attending_document": True}, "to_verify", "", "problem_enrollment"),
    Case("in a class list without a record, remark dropout", HOME | SEAT | {"attending_remark": "已辍学"}, "never_enrolled", "", "", "general",
        ("listed_absent",)),
    Case("in a class list without a record, remark absent", HOME | SEAT | {"attending_remark": "无故未到校"}, "to_verify",
        contradictions=("listed_absent",)),
    Case("transferred out, nobody knows where to", HOME | MOVED, "to_verify", "to_verify"),
    Case("transferred out, in class in another school here", HOME | MOVED | OTHER, "inside", "transferring", "guest_study"),
    Case("transferred out, still in the own class list", HOME | MOVED | SEAT, "inside", "attending"),
    Case("transferred out, survey: outside the province", HOME | MOVED | SURVEY | {"survey_state": "outside_province_out", "survey_school": "厚街中学"},
        "outside_out_of_province", "transferring"),
    Case("transferred out, survey: outside, no school named", HOME | MOVED | SURVEY | {"survey_state": "outside"}, "to_verify", "transferring"),
    Case("transferred out, the record names a school in Qujing", HOME | MOVED | HERE | {"receiving_school": "会泽县金钟小学", "outside_place": "530326"},
        "outside_in_province", "transferring"),
    Case("transferred out, the record names a school nobody can place", HOME | MOVED | HERE | {"receiving_school": "金钟小学"}, "to_verify",
        "transferring"),
    Case("transferred out, survey: dropped out", HOME | MOVED | SURVEY | {"survey_state": "dropout"}, "to_verify", "suspected_dropout",
        third="general"),
    Case("transferred out, a person found the child outside", HOME | MOVED | told("1", "outside_in_province"), "outside_in_province", "to_verify"),
    Case("a transfer under way is still a record here", HOME | ROLL | {"enrollment_state": "transferring"}, "inside", "transferring"),
    Case("not of school age", HOME | {"is_school_age": False}),
    Case("not of school age, on the roll", HOME | ROLL | SEAT | {"is_school_age": False}, "", "attending"),
    Case("no household, survey alone", SURVEY | {"survey_state": "never_enrolled"}, "no_residence", contradictions=("survey_only",)),
    Case("no household, survey alone, too old", SURVEY | {"is_school_age": False}, "", contradictions=("survey_only",)),
    Case("no household, in class", ROLL | SEAT, "", "attending"),
    Case("a person decided: outside", HOME | told("1", "outside_in_province"), "outside_in_province"),
    Case("a person decided: never enrolled after all", HOME | ROLL | SEAT | told("1", "never_enrolled"), "never_enrolled", "attending",
        third="general"),
    Case("a person gave the unregistered child a household", SURVEY | told("1", "deferral"), "deferral", contradictions=("survey_only",)),
)  # fmt: skip
SECOND = (
    Case("in the list", ROLL | SEAT, "", "attending"),
    Case("in the list, a harmless remark", ROLL | SEAT | {"attending_remark": "走读"}, "", "attending"),
    Case("in the list, back again", ROLL | SEAT | {"attending_remark": "已复学"}, "", "attending"),
    Case("remark: leave", ROLL | SEAT | {"attending_remark": "请病假，有请假条"}, "", "on_leave"),
    Case("remark: suspension", ROLL | SEAT | {"attending_remark": "休学，已办手续"}, "", "suspension"),
    Case("remark: home teaching", ROLL | SEAT | {"attending_remark": "送教，每周2次"}, "", "home_teaching"),
    Case("remark: transferring", ROLL | SEAT | {"attending_remark": "转学办理中"}, "", "transferring"),
    Case("remark: absent", ROLL | SEAT | {"attending_remark": "连续5天无故未到"}, "", "suspected_dropout", third="general"),
    Case("remark: dropout", ROLL | SEAT | {"attending_remark": "辍学"}, "", "dropout", third="general"),
    Case("remark: unsure", ROLL | SEAT | {"attending_remark": "情况待核实"}, "", "to_verify"),
    Case("remark: transferred in, record here", ROLL | SEAT | {"attending_remark": "本学期转入"}, "", "attending"),
    Case("seat elsewhere", ROLL | OTHER, "", "elsewhere", "guest_study"),
    Case("seat elsewhere, record says moving", ROLL | OTHER | {"enrollment_state": "transferred_out"}, "", "transferring", "guest_study"),
    Case("seat elsewhere, remark says moved in", ROLL | OTHER | {"attending_remark": "转入"}, "", "transferring", "transfer_in"),
    Case("seat elsewhere, remark says guest", ROLL | OTHER | {"attending_remark": "借读生"}, "", "elsewhere", "guest_study"),
    Case("seat elsewhere, but absent there", ROLL | OTHER | {"attending_remark": "未到校"}, "", "suspected_dropout", "", "general"),
    Case("in no list, week one", ROLL | {"days_since_start": 5}, "", "not_returned"),
    Case("in no list, later", ROLL | LATE, "", "not_returned"),
    Case("in no list, first grade", ROLL | {"grade": 1}, "", "unregistered"),
    Case("in no list, seventh grade", ROLL | LATE | {"grade": 7}, "", "unregistered"),
    Case("in no list, on leave", ROLL | {"enrollment_state": "leave"}, "", "on_leave"),
    Case("in no list, transferred out to nowhere", MOVED, "", "to_verify"),
    Case("in no list, transferred out, a doubtful line is open", MOVED | {"doubt_attending": True}, "", "to_verify"),
    Case("in no list, drifted away", ROLL | {"enrollment_state": "drifted"}, "", "dropout", third="general"),
    Case("in no list, expelled", ROLL | {"enrollment_state": "expelled"}, "", "dropout", third="general"),
    Case("in no list, whereabouts unknown", ROLL | {"enrollment_state": "missing"}, "", "dropout", third="general"),
    Case("in no list, stopped", ROLL | {"enrollment_state": "stopped"}, "", "suspected_dropout", third="general"),
    Case("drifted away, yet in class", ROLL | SEAT | {"enrollment_state": "drifted"}, "", "attending", contradictions=("left_but_attending",)),
    Case("drifted away, no class list handed in", ROLL | {"enrollment_state": "drifted", "list_handed_in": False}, "", "suspected_dropout",
        third="general"),
    Case("expelled, no class list handed in", ROLL | {"enrollment_state": "expelled", "list_handed_in": False}, "", "suspected_dropout",
        third="general"),
    Case("drifted away, but its own line was refused", ROLL | {"enrollment_state": "drifted", "refused_line": "第17行"}, "", "to_verify"),
    Case("in no list, the record's remark says dropout", ROLL | {"enrollment_remark": "已辍学"}, "", "dropout", third="general"),
    Case("in no list, the record's remark says absent", ROLL | {"enrollment_remark": "联系不上"}, "", "suspected_dropout", third="general"),
    Case("in no list, the record's remark says suspension", ROLL | {"enrollment_remark": "因病休学"}, "", "suspension"),
    Case("in no list, the record's remark says nothing", ROLL | {"enrollment_remark": "走读"}, "", "not_returned"),
    Case("in the list, the record's old remark says dropout", ROLL | SEAT | {"enrollment_remark": "辍学"}, "", "attending"),
    Case("a doubtful class line is open", ROLL | LATE | {"doubt_attending": True}, "", "to_verify"),
    Case("the child's own line was refused", ROLL | LATE | {"refused_line": "第17行"}, "", "to_verify"),
    Case("the school handed nothing in", ROLL | LATE | {"list_handed_in": False}, "", "to_verify"),
    Case("the record's suspension goes before the missing list", ROLL | {"list_handed_in": False, "enrollment_state": "suspension"}, "", "suspension"),
    Case("survey: dropped out", ROLL | SURVEY | {"survey_state": "dropout"}, "", "suspected_dropout", third="general"),
    Case("survey: at school outside", ROLL | SURVEY | {"survey_state": "outside_province_out", "survey_school": "厚街中学"}, "", "elsewhere"),
    Case("survey says in class, the list does not", ROLL | SURVEY | {"survey_state": "enrolled_inside"}, "", "not_returned"),
    Case("off the roll and in no list", ROLL | {"enrollment_state": "graduated", "grade": 9}),
    Case("a person saw it", ROLL | told("2", "attending"), "", "attending"),
    Case("a person granted leave", ROLL | LATE | told("2", "on_leave"), "", "on_leave"),
    Case("a person confirmed the dropout", ROLL | LATE | told("2", "dropout"), "", "dropout", third="general"),
    Case("the list has it now, the old decision is over", ROLL | SEAT | told("2", "suspected_dropout"), "", "attending"),
)  # fmt: skip
REVERSE = (
    Case("remark: guest", OTHER | {"attending_remark": "借读"}, reverse="guest_study"),
    Case("remark: transferred in", OTHER | {"attending_remark": "转入，学籍未接续"}, reverse="transfer_in"),
    Case("remark: problem record", OTHER | {"attending_remark": "问题学籍"}, reverse="problem_enrollment"),
    Case("remark: no document", OTHER | {"attending_remark": "无户口"}, reverse="no_document"),
    Case("a student number from elsewhere", OTHER | {"attending_number": True}, reverse="transfer_in"),
    Case("no paper at all", OTHER, reverse="no_document"),
    Case("a paper but no record", OTHER | {"attending_document": True}, reverse="problem_enrollment"),
    Case("a doubtful record is open", OTHER | {"doubt_enrollment": True}, reverse="to_verify"),
    Case("its record has left the roll", OTHER | ROLL | {"enrollment_state": "graduated", "grade": 9}, reverse="problem_enrollment"),
    Case("a person decided", OTHER | told("2r", "guest_study"), reverse="guest_study"),
    Case("remark: dropout, no record", OTHER | {"attending_remark": "辍学"}, contradictions=("listed_absent",)),
    Case("remark: absent, no record", OTHER | {"attending_remark": "至今未到校", "attending_document": True}, contradictions=("listed_absent",)),
    Case("remark: suspension, no record", OTHER | {"attending_remark": "休学"}, contradictions=("listed_absent",)),
    Case(
        "remark: dropout, the record has left the roll",
        OTHER | ROLL | {"enrollment_state": "graduated", "grade": 9, "attending_remark": "辍学"},
        contradictions=("listed_absent",),
    ),
    Case(
        "remark: leave, no record: a pupil all the same",
        OTHER | {"attending_remark": "请病假", "attending_document": True},
        reverse="problem_enrollment",
    ),
    Case("not in any class", {}),
)
OUT: dict[str, Any] = ROLL | LATE | {"enrollment_state": "drifted"}
THIRD = (
    Case("in no list of households", OUT, "", "dropout", third="general"),
    Case("an ordinary household", OUT | {"monitored": True, "monitored_kind": ""}, "", "dropout", third="general"),
    Case("lifted out", OUT | {"monitored": True, "monitored_kind": "lifted_out"}, "", "dropout", third="lifted_out"),
    Case("unstable", OUT | {"monitored": True, "monitored_kind": "unstable"}, "", "dropout", third="unstable"),
    Case("marginal", OUT | {"monitored": True, "monitored_kind": "marginal"}, "", "dropout", third="marginal"),
    Case("sudden hardship", HOME | {"monitored": True, "monitored_kind": "sudden_hardship"}, "never_enrolled", third="sudden_hardship"),
    Case("a doubtful line is open", OUT | {"doubt_monitored": True}, "", "dropout", third="to_verify"),
    Case("not out of school", ROLL | SEAT | {"monitored": True, "monitored_kind": "marginal"}, "", "attending"),
    Case("not yet called a dropout", ROLL | LATE | {"monitored": True, "monitored_kind": "marginal"}, "", "not_returned"),
    Case("a person decided", OUT | told("3", "unstable"), "", "dropout", third="unstable"),
)
CONTRADICTIONS = (
    Case("two schools", ROLL | SEAT | {"other_schools": "丙校"}, "", "attending", contradictions=("duplicate_enrollment",)),
    Case("theirs says in", OUT | {"monitored": True, "monitored_says": "in"}, "", "dropout", "", "general", ("monitored_says_attending",)),
    Case("theirs says in, ours too", ROLL | SEAT | {"monitored": True, "monitored_says": "in"}, "", "attending"),
    Case("theirs says out, it sits in class", ROLL | SEAT | {"monitored": True, "monitored_says": "out"}, "", "attending", "", "",
        ("monitored_says_out",)),
    Case("both say out", OUT | {"monitored": True, "monitored_says": "out"}, "", "dropout", "", "general"),
    Case("dead by the police, alive in class", HOME | ROLL | SEAT | {"household_state": "dead"}, "inside", "attending", "", "",
        ("dead_but_attending",)),
    Case("claims a household here, none found", ROLL | SEAT | {"claims_local": True}, "", "attending", "", "", ("residence_missing",)),
    Case("claims a household here and has it", HOME | ROLL | SEAT | {"claims_local": True}, "inside", "attending"),
)  # fmt: skip
TABLE = [*((f"① {c.title}", c) for c in FIRST), *((f"② {c.title}", c) for c in SECOND), *((f"②r {c.title}", c) for c in REVERSE),
         *((f"③ {c.title}", c) for c in THIRD), *((f"x {c.title}", c) for c in CONTRADICTIONS)]  # fmt: skip


@pytest.mark.parametrize("case", [case for _, case in TABLE], ids=[title for title, _ in TABLE])
def test_table(case: Case) -> None:
    verdict = classify(Facts(**case.facts))
    found = (verdict.first.code, verdict.second.code, verdict.reverse.code, verdict.third.code, tuple(c.code for c in verdict.contradictions))
    assert found == (case.first, case.second, case.reverse, case.third, case.contradictions), verdict


def test_the_table_is_large_and_knows_every_class() -> None:
    cases = [case for _, case in TABLE]
    assert len(cases) >= 90
    assert len({title for title, _ in TABLE}) == len(TABLE)
    assert {c.first for c in cases} - {""} == set(rules.FIRST)
    assert {c.second for c in cases} - {""} == set(rules.SECOND)
    assert {c.reverse for c in cases} - {""} == set(rules.REVERSE)
    assert {c.third for c in cases} - {""} == set(rules.THIRD)
    assert {code for c in cases for code in c.contradictions} == set(rules.CONTRADICTION)


def test_every_class_names_who_settles_it() -> None:
    for comparison, classes in rules.CLASSES.items():
        for klass in classes.values():
            assert klass.tone in ("bad", "warn", "ok", "info", "off")
            assert klass.owner in ("", *rules.SETTLERS)
            assert set(klass.outcomes) <= set(classes) | set(rules.OUTCOME_LABELS), (comparison, klass.code)
            assert klass.owner or klass.tone in ("ok", "info", "off")


REMARKS = {
    Meaning.NOTHING: (
        "", "班长", "走读", "住校", "近视", "近视，坐前排", "花生过敏", "建档立卡", "留守", "低保", "已复学", "休学期满，已复学", "2025年秋转入，学籍已到", "转入，学籍已转入",
        "事假结束，已销假", "曾辍学，已返校", "已到校", "借读手续已办结", "转学已接续", "双胞胎", "语文课代表", "单亲", "父母外出务工", "留守，父亲在浙江打工",
        "母亲下落不明", "监护人常年在外打工", "曾辍学", "有辍学风险",
        "防辍学重点关注",
    ),
    Meaning.LEAVE: ("请假（病假）", "请假3天，家中有事", "请病假，有请假条", "事假，请假条已交", "请长假"),
    Meaning.SUSPENSION: ("休学", "因病休学", "休学，已办手续"),
    Meaning.HOME_TEACHING: ("送教上门", "送教", "送教上门，每周2次"),
    Meaning.TRANSFERRING: ("转学办理中", "正在办理转学", "拟转出"),
    Meaning.TRANSFER_IN: ("转入", "本学期转入", "转入，学籍未接续", "由会泽转学来", "转学生"),
    Meaning.GUEST: ("借读", "借读生", "在我校借读", "旁听"),
    Meaning.PROBLEM: ("问题学籍", "学籍有问题，未建", "无学籍"),
    Meaning.NO_DOCUMENT: ("无证件", "无户口", "未上户"),
    Meaning.ABSENT: ("开学后连续多日未到校", "无故未到校，电话联系不上", "连续5天无故未到", "外出务工", "随父母外出务工", "家长称外出务工", "疑似辍学", "旷课", "失联", "开学未报到"),
    Meaning.DROPOUT: ("辍学", "已辍学", "流失"),
    Meaning.UNSURE: ("情况待核实", "待核实", "去向不清楚"),
}  # fmt: skip


@pytest.mark.parametrize(("remark", "meaning"), [(remark, meaning) for meaning, remarks in REMARKS.items() for remark in remarks])
def test_remarks(remark: str, meaning: Meaning) -> None:
    assert meaning_of(remark) is meaning


@pytest.mark.parametrize(
    ("remark", "columns", "school"),
    [
        ("", {}, ""),
        ("转出", {}, ""),
        ("转往会泽县金钟小学", {}, "会泽县金钟小学"),
        ("2026年8月转学到：昆明三中，手续齐", {}, "昆明三中"),
        ("已转", {"转入学校": " 浙江省义乌市稠江小学 "}, "浙江省义乌市稠江小学"),
        ("转至甲小学", {"接收学校": "", "转往学校": "乙小学"}, "乙小学"),
    ],
)
def test_receiving_school(remark: str, columns: dict[str, str], school: str) -> None:
    assert rules.receiving_school(remark, columns) == school


def test_a_disability_on_paper_is_told_to_whoever_looks_for_the_child_and_is_no_class() -> None:
    paper = {"disability": "肢体"}
    missing, seated = classify(Facts(**(HOME | ROLL | LATE | paper))), classify(Facts(**(HOME | ROLL | SEAT | paper)))
    assert missing.second.code == "not_returned" and "登记有残疾（肢体）" in missing.second.reason
    assert seated == classify(Facts(**(HOME | ROLL | SEAT)))
    decided = told("2", "not_returned")["settled"]["2"]
    assert classify(Facts(**(ROLL | LATE | paper), settled={"2": decided})).second is decided


def test_remarks_are_many_and_every_meaning_occurs() -> None:
    assert sum(map(len, REMARKS.values())) >= 40
    assert set(REMARKS) == set(Meaning)


STATES = ["", "enrolled", "suspension", "home_teaching", "transferred_out", "transferring", "drifted", "stopped", "leave", "deferral", "graduated",
          "completed", "incomplete", "dead", "withdrawn", "expelled", "missing", "returned", "other", "unheard of"]  # fmt: skip
SURVEYS = ["", "outside", "outside_province_in", "outside_province_out", "never_enrolled", "dropout", "enrolled_inside", "graduated", "dead", "odd"]


def decisions() -> st.SearchStrategy[dict[str, Answer] | None]:
    """What persons may have decided, by the rules' own outcomes."""
    chosen = {
        comparison: st.sampled_from(
            [Answer(code, "人工核定") for k in rules.CLASSES[comparison].values() for code in rules.outcomes(comparison, k.code)]
        )
        for comparison in rules.FIELDS
    }
    return st.none() | st.fixed_dictionaries({}, optional=chosen)


@st.composite
def any_facts(draw: st.DrawFn) -> Facts:
    """Any child the reader of facts can make: what a register does not hold is empty."""
    flag, school = st.booleans(), st.sampled_from(["A", "B"])
    home, roll, seat, survey, monitored = (draw(flag) for _ in range(5))
    place, seat_place = draw(school), draw(school)
    return Facts(
        is_school_age=draw(flag), household=home, household_state=draw(st.sampled_from(["", "normal", "dead", "moved_out", "duplicate",
        "not_found"])) if home else "",
        enrollment=roll, enrollment_state=draw(st.sampled_from(STATES)) if roll else "", enrollment_school=place if roll else "",
        enrollment_name=f"{place}校" if roll else "", grade=draw(st.integers(0, 9)), claims_local=roll and draw(flag),
        taught_at_home=roll and draw(flag), enrollment_remark=draw(st.sampled_from([r for some in REMARKS.values() for r in some])) if roll else "",
        receiving_school=draw(st.sampled_from(["", "会泽县某校"])) if roll else "", outside_place=draw(st.sampled_from(["", "33", "530113", "5303"])),
        district="530113", disability=draw(st.sampled_from(["", "肢体"])),
        attending=seat, attending_school=seat_place if seat else "", attending_name=f"{seat_place}校" if seat else "",
        attending_remark=draw(st.sampled_from([r for some in REMARKS.values() for r in some])) if seat else "",
        attending_number=seat and draw(flag), attending_document=seat and draw(flag), list_handed_in=draw(flag),
        survey=survey, survey_state=draw(st.sampled_from(SURVEYS)) if survey else "", survey_school=draw(st.sampled_from(["", "昆明某校",
        "浙江某校"])) if survey else "",
        monitored=monitored, monitored_kind=draw(st.sampled_from(["", "lifted_out", "unstable", "odd"])) if monitored else "",
        monitored_says=draw(st.sampled_from(["", "in", "out"])) if monitored else "", other_schools=draw(st.sampled_from(["", "丙校"])) if roll else "",
        refused_line=draw(st.sampled_from(["", "第3行"])), doubt_enrollment=draw(flag), doubt_attending=draw(flag), doubt_monitored=draw(flag),
        doubt_survey=draw(flag),
        days_since_start=draw(st.integers(-10, 120)), settled=draw(decisions()),
    )  # fmt: skip


@given(any_facts())
@settings(max_examples=600, deadline=None)
def test_any_facts_give_exactly_one_explained_class_where_a_comparison_concerns_them(facts: Facts) -> None:
    verdict = classify(facts)
    for comparison, answer in zip(rules.FIELDS, (verdict.first, verdict.second, verdict.reverse, verdict.third), strict=True):
        assert bool(answer.code) == bool(answer.reason)
        assert not answer.code or answer.code in rules.CLASSES[comparison]
    if facts.household and facts.is_school_age:
        assert verdict.first.code
    elif facts.household:
        assert not verdict.first.code
    assert bool(verdict.second.code) == facts.on_roll
    sits_at_home = verdict.second.code == "attending"
    assert bool(verdict.reverse.code) == (facts.is_present and not sits_at_home)  # so the second identity holds child by child
    assert not sits_at_home or facts.is_present
    assert bool(verdict.third.code) == bool(
        {(rules.Comparison.FIRST, verdict.first.code), (rules.Comparison.SECOND, verdict.second.code)} & rules.OUT_OF_SCHOOL
    )
    codes = [c.code for c in verdict.contradictions]
    assert len(set(codes)) == len(codes) and set(codes) <= set(rules.CONTRADICTION) and all(c.reason for c in verdict.contradictions)
