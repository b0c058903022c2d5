"""Visits and persuasion: what can come of one, and what that proves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.cases.rules.facts import Facts
from apps.cases.rules.placing import Cause
from apps.cases.rules.proposing import Kind
from apps.core.labels import Labelled


class Outcome(Labelled):
    """What came of a visit, a call or a letter."""

    BACK = "back", "已返校"
    PROMISED = "promised", "答应返校"
    REFUSED = "refused", "不愿返校"
    REFUSED_WRITTEN = "refused_written", "书面拒绝返校"
    GUARDIAN = "guardian", "只见到家长"
    NOBODY = "nobody", "没有见到人"
    UNKNOWN = "unknown", "下落不明"
    WORKING = "working", "外出务工"
    MARRIED = "married", "早婚"
    PREGNANT = "pregnant", "怀孕或已育"
    OTHER_SCHOOL = "other_school", "在他校就读"
    ABROAD = "abroad", "出境"
    DIED = "died", "死亡"


class Way(Labelled):
    """How the family was reached."""

    HOME = "home", "入户"
    PHONE = "phone", "电话"
    LETTER = "letter", "书信、短信、微信"
    ELSEWHERE = "elsewhere", "在外地当面"


FACE_TO_FACE = frozenset({Way.HOME, Way.ELSEWHERE})
CONFIRMING = frozenset({Outcome.REFUSED_WRITTEN, Outcome.WORKING, Outcome.MARRIED, Outcome.PREGNANT, Outcome.UNKNOWN})
# ground of confirming a dropout (proposing.Kind.CONFIRM) -> the outcomes that show it
GROUNDS: dict[str, frozenset[str]] = {
    "refused_written": frozenset({Outcome.REFUSED_WRITTEN}), "working": frozenset({Outcome.WORKING}),
    "married": frozenset({Outcome.MARRIED, Outcome.PREGNANT}), "unknown": frozenset({Outcome.UNKNOWN}),
}  # fmt: skip
WHERE_NEEDED = frozenset({Outcome.WORKING, Outcome.OTHER_SCHOOL, Outcome.ABROAD})
OUTCOMES: dict[str, Outcome] = {outcome.value: outcome for outcome in Outcome}
WAYS: dict[str, Way] = {way.value: way for way in Way}
SPOKEN = frozenset({Outcome.PROMISED, Outcome.REFUSED, Outcome.GUARDIAN})  # somebody said so: whom
CAUSES: dict[str, Cause] = {Outcome.WORKING: Cause.WORK, Outcome.MARRIED: Cause.MARRIED, Outcome.PREGNANT: Cause.MARRIED}


def confirms(outcome: str) -> bool:
    """Whether an outcome alone is ground enough to confirm a dropout before the thirty days are over.

    〔方案二（三）2〕查清去向；书面拒绝、查实务工、早婚、下落不明的，不必等满期限（缺省值，待本区确认）。"""
    return outcome in CONFIRMING


def tells_where(outcome: str, *, whereabouts: str) -> bool:
    """Whether a visit or a call found out where the child is: by its words; a search that found nobody who knows is all there is to find.

    〔方案二（三）2〕查清去向；满期限的也须核实，逾期不代替核实（缺省值，待本区确认）。"""
    return outcome == Outcome.UNKNOWN or bool(whereabouts.strip())


def tells_why(outcome: str, *, cause: str) -> bool:
    """Whether a visit or a call found out why the child stays away: by what was said, or by what came of it; as ``tells_where`` of a lost one.

    〔方案二（三）2〕查清原因；满期限的也须核实，逾期不代替核实（缺省值，待本区确认）。"""
    return outcome == Outcome.UNKNOWN or is_known(cause_of(outcome, cause))


def is_known(cause: str) -> bool:
    """Whether a cause says why. 〔方案二（三）2〕查清原因"""
    return cause not in ("", Cause.UNKNOWN)


def shows(basis: str) -> frozenset[str]:
    """The outcomes of visits that show a ground of confirming; none for the days that have passed: where and why it must be known with any ground.

    〔方案二（三）2〕查清去向：以什么认定，就要查实什么（缺省值，待本区确认）。"""
    return GROUNDS.get(basis, frozenset())


def found_out(facts: Facts) -> bool:
    """Whether the visits found what the signed ground says (before anything was signed: any ground that may be confirmed at once).

    〔方案二（三）2〕查清去向：以什么认定，就要查实什么（缺省值，待本区确认）。"""
    signed = facts.agreed.get(Kind.CONFIRM)
    return any(confirms(outcome) for outcome in facts.outcomes) if signed is None else not facts.outcomes.isdisjoint(shows(signed.basis))


def needs_whereabouts(outcome: str) -> bool:
    """Whether the record must say where the child is. 〔方案二（三）3〕查清去向"""
    return outcome in WHERE_NEEDED


def cause_of(outcome: str, said: str) -> str:
    """Why the child stays away, as far as this record knows: what the family said, else what the outcome shows; '' where neither tells.

    〔方案二（三）2〕查清去向、原因；〔方案二（五）〕按原因分类安置"""
    if is_known(said):
        return said
    return CAUSES[outcome].value if outcome in CAUSES else said


@dataclass(frozen=True, slots=True)
class Passed:
    """A day that a visit named and that has passed: the code of its matter, the day, what is said of it."""

    code: str
    day: date
    sentence: str


def passed(facts: Facts, *, is_lost: bool) -> tuple[Passed, ...]:
    """The days the last visit named that have passed without a registration, or without another visit. ``is_lost``: the child is not back yet.

    〔方案二（三）4〕持续家访，直至劝返：答应了的要见人，说好再去的要去。"""
    seen_on = facts.last_contact_on
    if seen_on is None or (facts.registered_on is not None and facts.registered_on >= seen_on):
        return ()
    promised, coming, told = facts.promised_on, facts.next_visit_on, []
    if is_lost and promised is not None and promised < facts.today:
        told.append(Passed("promise", promised, f"家长答应{promised:%-m月%-d日}返校，日期已过，没有登记复学注册，请再次上门核实。"))
    if coming is not None and coming < facts.today:
        told.append(Passed("next_visit", coming, f"约定{coming:%-m月%-d日}再次走访，日期已过，没有走访记录。"))
    return tuple(told)


def fault(
    *, day: date, today: date, earliest: date, way: str, outcome: str, place: str = "", spoke_with: str = "", whereabouts: str = "",
    promised_on: date | None = None, next_on: date | None = None,
) -> tuple[str, str] | None:  # fmt: skip
    """(field, sentence) of what a record of a visit lacks or cannot say; None where it is whole.

    〔方案二（三）3〕〔方案二（三）4〕查清去向，每次劝返记录时间、地点、人员、对象、内容、结果。"""
    checks = (
        ("day", day > today, "走访日期还没有到，请在走访后登记。"),
        ("day", day < earliest, f"走访日期早于未到校的第一天（{earliest:%Y年%-m月%-d日}），请改正。"),
        ("place", way == Way.ELSEWHERE and not place, "在外地当面的，请写明在哪里。"),
        ("spoke_with", outcome in SPOKEN and not spoke_with, "请写明见到了谁，或和谁通话。"),
        (
            "whereabouts",
            needs_whereabouts(outcome) and not whereabouts,
            f"结果为“{OUTCOMES[outcome].label}”的，请写明孩子现在何处（地点、单位或学校）。",
        ),
        ("promised_on", outcome == Outcome.PROMISED and promised_on is None, "答应返校的请写明哪一天返校。"),
        ("promised_on", outcome == Outcome.PROMISED and promised_on is not None and promised_on < day, "答应返校的日期不能早于走访当天。"),
        ("next_on", next_on is not None and next_on < day, "下次走访不能早于这一次。"),
    )
    return next(((name, sentence) for name, wrong, sentence in checks if wrong), None)
