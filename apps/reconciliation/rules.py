"""The classes of 四查三比对, who settles what, and the identities that must balance (DOMAIN.md §2). Plain Python."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum


class Comparison(StrEnum):
    """The comparisons of 〔方案二（二）〕; REVERSE is ② read the other way, CONTRADICTION what two registers say against each other."""

    FIRST = "1"
    SECOND = "2"
    REVERSE = "2r"
    THIRD = "3"
    CONTRADICTION = "x"


COMPARISON_LABELS = {
    Comparison.FIRST: "① 户籍×学籍",
    Comparison.SECOND: "② 学籍×在校",
    Comparison.REVERSE: "② 在校无籍",
    Comparison.THIRD: "③ 辍失学×脱贫户、三类监测",
    Comparison.CONTRADICTION: "名册之间的矛盾",
}


@dataclass(frozen=True, slots=True)
class Klass:
    """One class of a comparison. ``owner`` is the role whose finding it is ('' = nothing to settle)."""

    code: str
    label: str
    tone: str  # badge: bad, warn, ok, info, off
    owner: str = ""
    needs_proof: bool = False
    outcomes: tuple[str, ...] = ()  # classes a person may settle it as


FIRST_OUTCOMES = (
    "inside", "outside_in_province", "outside_out_of_province", "deferral", "suspension", "home_teaching", "medically_unable",
    "graduated", "removed_dead", "removed_moved", "removed_duplicate", "removed_not_found", "never_enrolled",
)  # fmt: skip
SECOND_OUTCOMES = (
    "attending",
    "on_leave",
    "suspension",
    "home_teaching",
    "elsewhere",
    "transferring",
    "not_returned",
    "suspected_dropout",
    "dropout",
)
REVERSE_OUTCOMES = ("transfer_in", "no_document", "problem_enrollment", "guest_study")

FIRST = {
    k.code: k
    for k in (
        Klass("inside", "区内在籍", "ok"),
        Klass("outside_in_province", "区外就读（省内）", "info", "central_school", True, FIRST_OUTCOMES),
        Klass("outside_out_of_province", "区外就读（省外）", "info", "central_school", True, FIRST_OUTCOMES),
        Klass("deferral", "缓学", "info", "central_school", True, FIRST_OUTCOMES),
        Klass("suspension", "休学", "info"),
        Klass("home_teaching", "送教上门", "info"),
        Klass("medically_unable", "不具备学习条件", "info", "central_school", True, FIRST_OUTCOMES),
        Klass("graduated", "已毕业", "off"),
        Klass("removed_dead", "核减（死亡）", "off"),
        Klass("removed_moved", "核减（迁出）", "off"),
        Klass("removed_duplicate", "核减（重户）", "off"),
        Klass("removed_not_found", "核减（查无此人）", "off", "central_school", True, FIRST_OUTCOMES),
        Klass("no_residence", "无户籍", "warn", "central_school", False, (*FIRST_OUTCOMES, "no_residence")),
        Klass("never_enrolled", "失学", "bad", "central_school", False, FIRST_OUTCOMES),
        Klass("to_verify", "待核实", "warn", "central_school", False, FIRST_OUTCOMES),
    )
}
SECOND = {
    k.code: k
    for k in (
        Klass("attending", "在籍在校", "ok"),
        Klass("on_leave", "请假", "info"),
        Klass("suspension", "休学", "info"),
        Klass("home_teaching", "送教", "info"),
        Klass("elsewhere", "人籍分离（他校就读）", "warn", "registrar", False, SECOND_OUTCOMES),
        Klass("transferring", "转学办理中", "info", "registrar", True, SECOND_OUTCOMES),
        Klass("unregistered", "未注册", "bad", "registrar", False, (*SECOND_OUTCOMES, "unregistered")),
        Klass("not_returned", "未返校", "bad", "registrar", False, SECOND_OUTCOMES),
        Klass("suspected_dropout", "疑似辍学", "bad", "principal", False, SECOND_OUTCOMES),
        Klass("dropout", "辍学", "bad", "principal", False, SECOND_OUTCOMES),
        Klass("to_verify", "待核实", "warn", "registrar", False, SECOND_OUTCOMES),
    )
}
REVERSE = {
    k.code: k
    for k in (
        Klass("transfer_in", "转入待接续", "warn", "registrar", False, REVERSE_OUTCOMES),
        Klass("no_document", "无证件", "warn", "registrar", False, REVERSE_OUTCOMES),
        Klass("problem_enrollment", "问题学籍", "warn", "registrar", False, REVERSE_OUTCOMES),
        Klass("guest_study", "借读", "info", "registrar", False, REVERSE_OUTCOMES),
        Klass("to_verify", "待核实", "warn", "registrar", False, REVERSE_OUTCOMES),
    )
}
THIRD = {
    k.code: k
    for k in (
        Klass("general", "一般户", "off"),
        Klass("lifted_out", "脱贫户", "warn", "bureau"),
        Klass("unstable", "脱贫不稳定户", "bad", "bureau"),
        Klass("marginal", "边缘易致贫户", "bad", "bureau"),
        Klass("sudden_hardship", "突发严重困难户", "bad", "bureau"),
        Klass("to_verify", "待核实", "warn", "bureau"),
    )
}
CONTRADICTION = {
    k.code: k
    for k in (
        Klass("duplicate_enrollment", "重复学籍", "warn", "bureau", False, ("resolved", "both_kept")),
        Klass("monitored_says_attending", "监测名单称在读，我方为辍失学", "bad", "bureau", False, ("ours_right", "theirs_right")),
        Klass("monitored_says_out", "监测名单称未上学，我方在校", "warn", "bureau", False, ("ours_right", "theirs_right")),
        Klass("survey_only", "仅见于摸排", "warn", "central_school", False, ("resolved", "both_kept")),
        Klass("listed_absent", "在校名册备注不在校而无学籍", "bad", "registrar", False, ("resolved", "both_kept")),
        Klass("left_but_attending", "学籍已离校而在校", "warn", "registrar", False, ("resolved", "both_kept")),
        Klass("dead_but_attending", "户籍注销而在校", "warn", "central_school", False, ("resolved", "both_kept")),
        Klass("residence_missing", "学籍称本区户籍而户籍名册未见", "warn", "central_school", False, ("resolved", "both_kept")),
    )
}
CLASSES: dict[str, dict[str, Klass]] = {
    Comparison.FIRST: FIRST,
    Comparison.SECOND: SECOND,
    Comparison.REVERSE: REVERSE,
    Comparison.THIRD: THIRD,
    Comparison.CONTRADICTION: CONTRADICTION,
}
OUTCOME_LABELS = {"resolved": "已处理", "both_kept": "情况属实，保留", "ours_right": "以我方为准", "theirs_right": "以对方为准"}
# Who is out of school: these go into comparison ③ and open a case.
OUT_OF_SCHOOL = frozenset({(Comparison.FIRST, "never_enrolled"), (Comparison.SECOND, "suspected_dropout"), (Comparison.SECOND, "dropout")})
"""〔方案二（二）3〕做好辍失学学生与脱贫户及“三类”重点监测人员信息比对。"""


class Meaning(StrEnum):
    """What a remark in a class list says about the child's being in class."""

    NOTHING = ""
    LEAVE = "leave"
    SUSPENSION = "suspension"
    HOME_TEACHING = "home_teaching"
    TRANSFERRING = "transferring"
    TRANSFER_IN = "transfer_in"
    GUEST = "guest"
    PROBLEM = "problem"
    NO_DOCUMENT = "no_document"
    ABSENT = "absent"
    DROPOUT = "dropout"
    UNSURE = "unsure"


# Read in this order; the first that fits counts. What is over (已复学, 学籍已到) says nothing any more.
REMARKS = (
    (Meaning.NOTHING, re.compile("已复学|已返校|已到校|已销假|学籍已到|学籍已转入|已接续|已办结")),
    (Meaning.DROPOUT, re.compile("(?<!疑似)(?<![曾防])辍学(?!风险|倾向|史)|流失")),
    (Meaning.ABSENT, re.compile("疑似辍学|未到校|未返校|未报到|无故|旷课|联系不上|失联|下落不明|务工|打工|不来|没来")),
    (Meaning.SUSPENSION, re.compile("休学")),
    (Meaning.HOME_TEACHING, re.compile("送教")),
    (Meaning.LEAVE, re.compile("请.{0,3}假|病假|事假")),
    (Meaning.TRANSFER_IN, re.compile("转入|转学[来生]|转来")),
    (Meaning.TRANSFERRING, re.compile("转学|转出")),
    (Meaning.GUEST, re.compile("借读|旁听")),
    (Meaning.PROBLEM, re.compile("问题学籍|学籍.{0,2}问题|重复学籍|学籍.{0,2}异常|未建籍|无学籍")),
    (Meaning.NO_DOCUMENT, re.compile("无证件|无户口|未上户|没有户口")),
    (Meaning.UNSURE, re.compile("核实|待查|不清楚|情况不明")),
)
# Parents away say nothing of the child: "父母外出务工" is a reason for care, "随父母外出务工" and "家长称外出务工" are absence.
OF_PARENTS = re.compile("(?<![随跟和与])(?<![随跟和与]父)(?:父|母|爸|妈|双亲|家长|监护人)[^，,；;。称说讲]{0,8}(?:务工|打工|失联|下落不明)")


def meaning_of(remark: str) -> Meaning:
    """What a school's free remark beside a name means; NOTHING for remarks that do not speak of being in class.

    〔方案二（三）2〕未按时返校的学生须查明原因、核实去向、跟踪记录。"""
    if not remark:
        return Meaning.NOTHING
    of_child = OF_PARENTS.sub("", remark)
    return next((meaning for meaning, pattern in REMARKS if pattern.search(of_child)), Meaning.NOTHING)


RECEIVING = re.compile("转(?:学|出)?(?:往|至|到|入|去)[：:]?([^，,；;。（(]*?(?:小学|中学|学校|校区|[一二三四五六七八九十]中))")
RECEIVING_COLUMNS = ("转入学校", "转入学校名称", "接收学校", "转往学校", "转出去向")


def receiving_school(remark: str, columns: dict[str, str]) -> str:
    """The school a record in state 转出 says the child went to: in a column of its own, else in the remark; '' where neither names one.

    学籍管理办法（教基一〔2013〕7号）第十五条：学生转学须由转入学校接收。〔方案二（三）3〕"""
    found = RECEIVING.search(remark)
    return next((columns[title].strip() for title in RECEIVING_COLUMNS if columns.get(title, "").strip()), found[1] if found else "")


def label(comparison: str, code: str) -> str:
    """The words for a class or for the outcome of a contradiction.

    〔方案二（二）〕三项比对的分类名称。"""
    klass = CLASSES[comparison].get(code)
    return klass.label if klass else OUTCOME_LABELS.get(code, code)


def first_balance(counts: dict[str, int]) -> int:
    """户籍适龄 minus the sum of all classes of comparison ① but 无户籍; 0 when it balances.

    〔方案二（二）1〕户籍适龄 = 区内 + 区外 + 缓 + 休 + 送教 + 不具备条件 + 毕业 + 核减 + 失学 + 待核实。"""
    return counts.get("household_school_age", 0) - sum(counts.get(f"first_{code}", 0) for code in FIRST if code != "no_residence")


def second_balance(counts: dict[str, int]) -> int:
    """学籍数 − 在籍不在校 + 在校无籍 − 在校数; 0 when it balances.

    〔方案二（二）2〕做好学籍与实际在校情况的比对。"""
    absent = sum(counts.get(f"second_{code}", 0) for code in SECOND if code != "attending")
    without = sum(counts.get(f"reverse_{code}", 0) for code in REVERSE)
    return counts.get("enrolled", 0) - absent + without - counts.get("attending", 0)


AT_SCHOOL = (Comparison.SECOND, Comparison.REVERSE)  # done by each school; ① by the household's township, ③ and the contradictions by the bureau
# Whose finding it is -> the roles that may settle it. The bureau may settle every one.
SETTLERS: dict[str, frozenset[str]] = {
    "registrar": frozenset({"registrar", "principal", "bureau"}),
    "principal": frozenset({"principal", "bureau"}),
    "central_school": frozenset({"central_school", "township", "bureau"}),
    "bureau": frozenset({"bureau"}),
}
# Decisions that hold for good, and those that hold across terms for as long as Policy says; every other one is asked anew each term.
LASTING = frozenset({"graduated", "removed_dead", "removed_moved", "removed_duplicate", "resolved", "both_kept"})
EXEMPT = frozenset({"deferral", "suspension", "medically_unable"})
OWNER_LABELS = {"registrar": "学籍管理员", "principal": "校长", "central_school": "中心学校", "bureau": "区教体局"}
FIELDS: dict[str, str] = {Comparison.FIRST: "first", Comparison.SECOND: "second", Comparison.REVERSE: "reverse", Comparison.THIRD: "third"}
BY_HAND = "人工核定："


def holds_until(outcome: str, *, decided_on: date, term_ends: date, longest_days: int) -> date | None:
    """The last day on which a decision is remembered; None for good. ``longest_days`` is Policy ``exemption_longest_days``.

    《义务教育法》第十一条：缓学、休学须经批准；DOMAIN.md §2：区外就读随学期到期。"""
    if outcome in LASTING:
        return None
    return decided_on + timedelta(days=longest_days) if outcome in EXEMPT else term_ends


def owner_label(owner: str) -> str:
    """The words for the role whose a finding is.

    〔方案二（二）〕各校、各中心学校、区教体局分别负责本级比对结果的核实。"""
    return OWNER_LABELS.get(owner, "区教体局")


def may_settle(role: str, owner: str) -> bool:
    """Whether a role may settle a finding that belongs to another role.

    〔方案二（二）〕各校、各中心学校、区教体局分别负责本级比对结果的核实。"""
    return role in SETTLERS.get(owner, frozenset({"bureau"}))


def outcomes(comparison: str, code: str) -> tuple[str, ...]:
    """The classes a finding may be settled as; a class without a choice can only be confirmed.

    〔方案二（二）〕三项比对的分类名称。"""
    return CLASSES[comparison][code].outcomes or (code,)


def outcome_needs_proof(comparison: str, outcome: str) -> bool:
    """Whether settling as this outcome asks for a file that proves it.

    〔方案二（二）1〕区外就读、缓学、不具备学习条件等须有佐证材料。"""
    klass = CLASSES[comparison].get(outcome)
    return klass.needs_proof if klass else False
