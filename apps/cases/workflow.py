"""The life of a case (DOMAIN.md §4) on one screen: states, which move may follow which, what it needs, by whom; in each state what is to be
done, by whom, by when."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, timedelta

from apps.cases.rules import climbing, ending, placing, proposing, stepping, watching
from apps.cases.rules.facts import Agreed, Facts
from apps.cases.rules.states import State as State
from apps.cases.rules.visiting import found_out
from apps.schools.policy import Policy
from apps.schools.rules import due_day

ENDED = frozenset({State.CLEARED, State.CLOSED, State.MERGED})
OUT = frozenset({State.CONFIRMED, State.PERSUADING, State.REOPENED})  # 失学、辍学 and not back yet
LOST = OUT | {State.SUSPECTED}  # of which a day of return may be promised
# The child learns again or lawfully does not, or another district is asked: nothing is idle before the deadline has passed.
WAITING = frozenset({State.RETURNED, State.PLACED, State.EXEMPT, State.TRANSFERRED, State.MONITORING})
STAY = "stay"  # persuaded, registered and in class: waiting as well, for the days that make it a return
# Where nothing is left to be ordered of the guardian: the four steps of the round stop.
STOPS_STEPS = frozenset({State.RETURNED, State.PLACED, State.EXEMPT, State.TRANSFERRED, State.CLOSED, State.MERGED})


@dataclass(frozen=True, slots=True)
class Need:
    """One thing that must be true for a move: in words for the checklist (``Policy.fill`` puts the numbers in), and as a question to the facts;
    ``form``: by which form of the page of a case (views/panels/doors.py) it is brought about."""

    label: str
    holds: Callable[[Facts, Policy], bool]
    form: str = ""


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step: from, to, what it needs in words (``Policy.fill`` puts the numbers in) and as needs, and the roles that may. ``system``
    moves by itself when they hold."""

    source: State | None
    target: State
    guard: str
    roles: tuple[str, ...]
    needs: tuple[Need, ...] = ()


def agreed(kind: proposing.Kind, *bases: str) -> Need:
    """Somebody asked, and a second person agreed, on one of these grounds (any where none is named)."""
    words = f"“{kind.label}”已由两人签认" + (f"（{'、'.join(proposing.name_of(kind, b) for b in bases)}）" if bases else "")
    return Need(words, lambda f, n: kind in f.agreed and (not bases or f.agreed[kind].basis in bases))


S, K = State, proposing.Kind
IN_CLASS_ONE = Need(
    "返校满 {cleared_school_days} 个上课日，或转学、休学、他处就读有证明",
    lambda f, n: K.CLEAR in f.agreed and (f.agreed[K.CLEAR].basis != "back" or f.days_present >= n["cleared_school_days"]),
)


NO_SCHOOL = Need("没有学校的儿童，由乡镇（街道）提出", lambda f, n: not f.has_school)
LATE_OR_PROVEN = Need(
    "疑似满 {dropout_days} 日（自连续未到校满 {suspected_school_days} 个上课日、比对之日起，没有的自立案起），或走访查实书面拒绝、务工、早婚、下落不明",
    lambda f, n: (f.today - f.doubted_on).days >= n["dropout_days"] or found_out(f),
)
# 逾期只代替等待，不代替核实
AT_DOOR = Need("首次入户或当面走访", lambda f, n: f.first_visit_on is not None, "visit")
WHERE = Need("查明现在去向（走访、电话记录，或已签发的三线报告）", lambda f, n: f.knows_where, "visit")
WHY = Need("查明不上学的原因（走访、电话记录，或已签发的三线报告）", lambda f, n: f.knows_why, "visit")
CHAIN = Need("双线责任人已落实到人", lambda f, n: not f.missing_duties, "people")
ASSIGNED = Need("已交办乡镇（街道）", lambda f, n: bool(f.assigned_to), "assign")
ON_ROLL = Need("已在学校注册", lambda f, n: f.registered_on is not None, "register")
PRESENT = Need("到校满 {returned_school_days} 个上课日（以点名为准）", lambda f, n: f.days_present >= n["returned_school_days"])
PLAN = Need("有安置方案，与辍学原因相符", lambda f, n: bool(f.placing) and f.has_plan and placing.fits(f.cause, f.placing), "place")
PANEL = Need(
    "残疾学生有残疾人教育专家委员会的建议", lambda f, n: f.has_panel_advice or not (f.is_disabled or placing.needs_panel(f.cause, f.placing))
)
OFF_ROLL_CALL = Need("安置方式为送教上门、单独教育或特殊教育学校，不以点名计", lambda f, n: bool(f.placing) and not placing.is_called(f.placing))
AS_BEFORE = Need("原班就读，无须另行安置", lambda f, n: f.placing == placing.Placing.AS_BEFORE)
BEGUN = Need("安置方案已经开始", lambda f, n: f.placed_on is not None and f.placed_on <= f.today)
LEARNS = Need("已有第一次授课的记录，或到校满一个上课日", lambda f, n: not f.is_unseen)
GONE = Need("已登记再次离校", lambda f, n: f.registered_on is None)
LETTER = Need("已向户籍地教育行政部门发函", lambda f, n: f.letter_on is not None, "handover")
NOT_TAKEN = Need("已登记对方不予接收或逾期未答复", lambda f, n: f.letter_on is None and f.handed_back_on is not None)
ACCEPTED = Need("对方已书面接收", lambda f, n: f.accepted_on is not None)
EXPIRED = Need(
    "批准的期限已满，或已提前结束", lambda f, n: (held := f.agreed.get(K.EXEMPT)) is not None and held.until is not None and held.until < f.today
)
IN_FORCE = Need("批准的期限未满", lambda f, n: not EXPIRED.holds(f, n))
ENOUGH_DAYS = Need("跟踪满 {monitoring_school_days} 个上课日", lambda f, n: watching.watched_long_enough(f, numbers=n))
ENOUGH_SEEN = Need("出勤率不低于 {monitoring_attendance}%", lambda f, n: watching.came_often_enough(f, numbers=n))
NO_OPEN_STEP = Need("没有未完结的四步法文书", lambda f, n: f.step is None or f.step.skipped or f.step.served_on is not None)
NOTHING_LEFT = agreed(K.CLOSE, *proposing.ENDED_BASES)
TRULY_ENDED = Need(
    "超龄的，按出生日期已满 {leaving_age} 周岁；毕业的，九年级学年已经结束，或有毕业证书并写明毕业学校",
    lambda f, n: K.CLOSE in f.agreed and ending.is_over(f.agreed[K.CLOSE].basis, f, numbers=n),
)

PATH = (S.SUSPECTED, S.CONFIRMED, S.PERSUADING, S.RETURNED, S.MONITORING, S.CLOSED)  # the straight way through
BESIDE = {S.PLACED: S.RETURNED, S.EXEMPT: S.PERSUADING, S.TRANSFERRED: S.PERSUADING, S.REOPENED: S.CONFIRMED}
MAY_FALL_ILL = (S.PERSUADING, S.RETURNED, S.PLACED, S.MONITORING)
REOPENERS = ("principal", "township", "bureau")
MOVES = (
    Move(None, S.SUSPECTED, "第 {suspected_school_days} 个上课日无正当理由未到校，或首周未注册、未返校，或比对问题，或村级报告",
         ("system", "principal")),
    Move(None, S.CONFIRMED, "比对①或摸排认定失学", ("system", "bureau")),
    Move(S.SUSPECTED, S.CLEARED, "回班满 {cleared_school_days} 个上课日，或转学、休学、他处就读有证明；第二人同意",
         ("registrar", "principal"), (agreed(K.CLEAR), IN_CLASS_ONE)),
    Move(S.SUSPECTED, S.CLEARED, "没有学校的：乡镇提出，区教体局同意", ("bureau",), (NO_SCHOOL, agreed(K.CLEAR), IN_CLASS_ONE)),
    Move(S.SUSPECTED, S.CONFIRMED, "入户或当面走访过，查明去向和原因；满 {dropout_days} 日，或书面拒绝，或查实务工、早婚、下落不明",
         ("bureau",), (agreed(K.CONFIRM), LATE_OR_PROVEN, AT_DOOR, WHERE, WHY)),
    Move(S.CONFIRMED, S.PERSUADING, "责任链已落实到人，已交办乡镇", ("bureau", "township", "system"), (CHAIN, ASSIGNED)),
    Move(S.REOPENED, S.PERSUADING, "按再次辍学交办", ("bureau", "township", "system"), (CHAIN, ASSIGNED)),
    Move(S.PERSUADING, S.RETURNED, "已注册且到校满 {returned_school_days} 个上课日", ("registrar", "principal"), (ON_ROLL, PRESENT)),
    Move(S.PERSUADING, S.PLACED, "送教上门、单独教育或特殊教育学校：已注册，有方案，残疾的有专家委员会建议",
         ("principal",), (ON_ROLL, OFF_ROLL_CALL, PLAN, PANEL)),
    *(
        Move(source, S.EXEMPT, "医学或专家证明及审批，不超过 {exemption_longest_days} 日", ("bureau",), (agreed(K.EXEMPT), IN_FORCE))
        for source in MAY_FALL_ILL
    ),
    Move(S.PERSUADING, S.TRANSFERRED, "已发函，对方书面接收前不销号", ("bureau",), (LETTER,)),
    Move(S.TRANSFERRED, S.PERSUADING, "对方不予接收或逾期未答复，收回本区继续劝返", ("bureau", "system"), (NOT_TAKEN,)),
    Move(S.EXEMPT, S.PERSUADING, "到期或提前结束，自动恢复", ("system",), (EXPIRED,)),
    Move(S.RETURNED, S.PLACED, "安置与原因相符，有方案", ("principal",), (PLAN, PANEL)),
    Move(S.RETURNED, S.MONITORING, "原班就读，无须另行安置；自动", ("system",), (AS_BEFORE, BEGUN)),
    Move(S.PLACED, S.MONITORING, "安置方案已开始，有第一次授课或已到校；自动", ("system",), (BEGUN, LEARNS)),
    Move(S.PLACED, S.PERSUADING, "一天没来、一课没上又离校，继续劝返", ("registrar", "principal"), (GONE,)),
    Move(S.MONITORING, S.CLOSED, "满 {monitoring_school_days} 个上课日、出勤率不低于 {monitoring_attendance}%、没有未完结的文书、两人签字、有证明",
         ("bureau",), (ENOUGH_DAYS, ENOUGH_SEEN, NO_OPEN_STEP, agreed(K.CLOSE, "watched"))),
    Move(S.TRANSFERRED, S.CLOSED, "对方书面接收，两人签字", ("bureau",), (ACCEPTED, agreed(K.CLOSE, "accepted"))),
    *(
        Move(source, S.CLOSED, "超龄、毕业或死亡，有证明，两人签字", ("bureau",), (NOTHING_LEFT, TRULY_ENDED))
        for source in (S.SUSPECTED, S.CONFIRMED, S.PERSUADING, S.RETURNED, S.PLACED, S.EXEMPT, S.TRANSFERRED, S.MONITORING, S.REOPENED)
    ),
    *(
        Move(source, S.REOPENED, "再次无正当理由连续 {reopen_school_days} 个上课日未到校", ("system",))  # the return did not hold
        for source in (S.RETURNED, S.PLACED, S.MONITORING)
    ),
    Move(S.MONITORING, S.REOPENED, "查实又不上学（不以点名计的，或点名还没有发现），写明哪天起、怎样得知", REOPENERS),
    Move(S.CLOSED, S.REOPENED, "{repeat_months} 个月内再次无正当理由连续 {reopen_school_days} 个上课日未到校，或比对再次列为失学、辍学", ("system",)),
    *(Move(source, S.MERGED, "经核对与另一个案是同一名儿童", ("bureau",)) for source in State if source not in ENDED),
)  # fmt: skip


def allowed(source: State | None, target: State) -> Move | None:
    """The first row of the table for a step, None where the step is not permitted.

    〔方案二（三）1〕“一生一案”：每一步依表而行。"""
    return next((m for m in MOVES if m.source == source and m.target == target), None)


def ways(source: State | None, target: State) -> list[Move]:
    """All rows of the table for a step: any of them that holds will do. 〔方案二（三）1〕“一生一案”：每一步依表而行。"""
    return [m for m in MOVES if m.source == source and m.target == target]


def missing(move: Move, facts: Facts, numbers: Policy) -> list[str]:
    """What a move still lacks, in words. 〔方案二（三）1〕“一生一案”：缺什么，写明白。"""
    return [numbers.fill(need.label) for need in move.needs if not need.holds(facts, numbers)]


def lacking(source: State, target: State, *, kind: str, signature: Agreed, facts: Facts, numbers: Policy) -> list[str]:
    """What a step would still lack once two people had signed: by the row of the table that this signature is for.

    〔方案三（三）〕闭环管理：两人签字以前，先看条件够不够。"""
    without = {key: value for key, value in facts.agreed.items() if key != kind}
    unsigned, signed = replace(facts, agreed=without), replace(facts, agreed=without | {kind: signature})
    told = [(missing(row, unsigned, numbers), missing(row, signed, numbers)) for row in ways(source, target)]
    return next((after for before, after in told if set(before) - set(after)), ["两人签认的依据"])


def step_of(state: State) -> int:
    """Where a state stands on the straight way, from 1; one past the last for a closed case, 0 for one that was none (已排除、已并案).

    〔方案二（三）1〕“一生一案”：疑似、认定、劝返、复学、跟踪、销号。"""
    if state in ENDED:
        return len(PATH) + 1 if state == S.CLOSED else 0
    return PATH.index(BESIDE.get(state, state)) + 1


# What takes two signatures: where it may be asked for, and the move that follows once it is agreed.
OPEN = frozenset(State) - ENDED
ASKED_IN: Mapping[str, frozenset[State]] = {
    K.CLEAR: frozenset({S.SUSPECTED}),
    K.CONFIRM: frozenset({S.SUSPECTED}),
    K.EXEMPT: frozenset(MAY_FALL_ILL),
    K.SKIP: frozenset({S.PERSUADING}),
    K.PAUSE: OPEN,
    K.CLOSE: OPEN,
}
BASIS_IN = {"watched": S.MONITORING, "accepted": S.TRANSFERRED}  # grounds of one state alone
FOLLOWS: Mapping[str, State] = {K.CLEAR: S.CLEARED, K.CONFIRM: S.CONFIRMED, K.EXEMPT: S.EXEMPT, K.CLOSE: S.CLOSED}


def grounds(state: State, kind: str) -> tuple[proposing.Basis, ...]:
    """The grounds on which something may be asked for in a state; none where it may not be asked for at all.

    〔方案二（三）1〕“一生一案”：每一步依表而行。"""
    if state not in ASKED_IN[kind]:
        return ()
    return tuple(basis for basis in proposing.BY_KIND[kind].bases if BASIS_IN.get(basis.code, state) == state)


# What is to be done. Every open case has exactly one first task, so exactly one post charged with it and one next deadline.
SCHOOL_DAYS, WORKING_DAYS, DAYS, FIXED, IN_SCHOOL = "上课日", "工作日", "日", "", "上课日以前"


@dataclass(frozen=True, slots=True)
class Task:
    """One thing to be done in a state. ``is_due``: whether it is what comes next; ``since``: where its clock starts, or with the unit FIXED
    (IN_SCHOOL: kept on a school day) the deadline itself; ``number``: the policy's number of days; ``tries``: the
    family is visited on meanwhile, and the next visit comes first."""

    code: str
    label: str
    role: str
    number: str
    unit: str
    is_due: Callable[[Facts, Policy], bool]
    since: Callable[[Facts, Policy], date]
    tries: bool = False

    @property
    def is_signature(self) -> bool:
        """Whether it is a second signature that somebody waits for."""
        return self.code.startswith("decide_")


def _state(f: Facts, n: Policy) -> date:
    return f.state_since


def _doubted(f: Facts, n: Policy) -> date:
    """The days of a suspicion run from its first one; one found late is due no earlier than the visit that found out."""
    return max(f.doubted_on, (f.first_visit_on or f.opened_on) - timedelta(n["dropout_days"]))


def _registered(f: Facts, n: Policy) -> date:
    """To register anew a child that never came brings no new time."""
    return f.registered_from or f.state_since


def _always(f: Facts, n: Policy) -> bool:
    return True


def _asked(kind: proposing.Kind) -> Callable[[Facts, Policy], date]:
    """Since when a second signature is waited for."""
    return lambda f, n: f.asked_on.get(kind) or f.progress_on


def _decide(kind: proposing.Kind, label: str, role: str) -> Task:
    """The second signature that somebody waits for."""
    return Task(f"decide_{kind.value}", label, role, "decide_working_days", WORKING_DAYS, lambda f, n: kind in f.asked, _asked(kind))


def _unnamed(role: str, code: str, label: str) -> Task:
    """What a case that stands assigned still waits for: the names that are this role's to write."""
    since: Callable[[Facts, Policy], date] = lambda f, n: f.assigned_on or f.state_since  # noqa: E731 as the table has them
    return Task(code, label, role, "assign_working_days", WORKING_DAYS, lambda f, n: bool(f.assigned_to) and role in f.unnamed, since)


# Whose names are missing is first asked of the district, whose few posts answer for every child; then of the township; the school's come last.
NAMES = (
    _unnamed("bureau", "name_district", "已交办：补齐区级责任人姓名"),
    _unnamed("township", "name_township", "已交办：补齐乡镇、村级责任人姓名"),
    _unnamed("principal", "name_school", "已交办：补齐学校责任人姓名"),
)


def _line(code: str, label: str, role: str, is_due: Callable[[Facts, Policy], bool]) -> Task:
    """A part of the three lines; their term never begins before there was a report to sign."""
    since: Callable[[Facts, Policy], date] = lambda f, n: max(f.state_since, f.lines_from or f.state_since)  # noqa: E731 as the table has them
    return Task(code, label, role, "three_lines_school_days", SCHOOL_DAYS, is_due, since)


def _paper_due(f: Facts, n: Policy) -> date:
    return climbing.shifted(stepping.due(f, numbers=n), pauses=f.pauses, since=f.state_since, most=n["pause_total_days"])


def _visit_due(f: Facts, n: Policy) -> date:
    return climbing.next_try(f.progress_on, pauses=f.pauses, numbers=n)


def _paper(code: str, label: str, is_due: Callable[[Facts, Policy], bool]) -> Task:
    """A part of 四步法, the township's alone to do; meanwhile the family is visited on."""
    return Task(code, label, "township", "", FIXED, is_due, lambda f, n: stepping.due(f, numbers=n), tries=True)


# What is missing of the three lines, and whose that is: first the principal's signature, then the number of the platform.
LINES = (
    _line("lines", "核实签发三线报告", "principal", lambda f, n: f.needs_lines and f.lines_on is None and f.lines_signed_on is None),
    _line("enter_lines", "三线已报 2/3：录入政府救助平台", "registrar", lambda f, n: f.needs_lines and f.lines_on is None),
)
PAPERS = (
    _paper("first_paper", "发出劝学通知书", lambda f, n: f.step is None),
    _paper("serve", "送达四步法文书，登记回证", lambda f, n: f.step is not None and not f.step.skipped and f.step.served_on is None),
    _paper("step", "发出四步法下一步文书", _always),
)
PAPER_CODES = tuple(task.code for task in PAPERS)  # no village can do any of them
VISIT = Task("visit", "下次家访劝返", "township", "", FIXED, lambda f, n: _visit_due(f, n) <= _paper_due(f, n), _visit_due, tries=True)
CLEAR = _decide(K.CLEAR, "同意或退回“排除疑似”", "principal")
EXEMPT = _decide(K.EXEMPT, "审批缓学、休学、不具备学习条件", "bureau")
SKIP = _decide(K.SKIP, "审定“跳过四步法的一步”", "bureau")
SIGNED = (_decide(K.CLOSE, "审批销号", "bureau"), _decide(K.PAUSE, "审定“暂停计时”", "bureau"))  # wherever a case stands
TASKS: Mapping[State, tuple[Task, ...]] = {
    S.SUSPECTED: (
        replace(CLEAR, role="bureau", is_due=lambda f, n: K.CLEAR in f.asked and not f.has_school),
        replace(CLEAR, role="registrar", is_due=lambda f, n: f.asked_by.get(K.CLEAR) == "principal"),  # who does not sign what is asked by himself
        CLEAR,
        _decide(K.CONFIRM, "审定“认定辍学”", "bureau"),
        *SIGNED,
        *LINES,
        Task("first_visit", "首次家访，查清去向", "head_teacher", "first_visit_school_days", SCHOOL_DAYS, lambda f, n: f.first_visit_on is None, _state),
        Task("settle", "继续家访；提出排除，或认定辍学", "principal", "dropout_days", DAYS, _always, _doubted, tries=True),
    ),
    S.CONFIRMED: (*SIGNED, *NAMES, Task("assign", "落实责任人，交办乡镇", "bureau", "assign_working_days", WORKING_DAYS, _always, _state)),
    S.REOPENED: (*SIGNED, *LINES, *NAMES, Task("assign", "按再次辍学交办乡镇", "bureau", "assign_working_days", WORKING_DAYS, _always, _state)),
    S.PERSUADING: (
        *SIGNED,
        EXEMPT,
        SKIP,
        Task("assign", "重新交办乡镇", "bureau", "assign_working_days", WORKING_DAYS,
             lambda f, n: not f.assigned_to, lambda f, n: max(f.given_back_on or f.progress_on, f.state_since)),
        Task("accept", "签收交办", "township", "", FIXED, lambda f, n: not f.is_accepted, lambda f, n: f.accept_by or f.state_since),
        Task(STAY, "在校稳定满规定的上课日，登记复学", "principal", "placement_school_days", SCHOOL_DAYS,
             lambda f, n: f.registered_on is not None, _registered),
        VISIT,
        *PAPERS,
    ),
    S.RETURNED: (*SIGNED, EXEMPT, Task("place", "分类安置", "principal", "placement_school_days", SCHOOL_DAYS, _always, _state)),
    S.PLACED: (
        *SIGNED,
        EXEMPT,
        Task("first_lesson", "按方案开始：第一次授课，或到校", "principal", "placement_school_days", SCHOOL_DAYS, lambda f, n: f.is_unseen, _registered),
        Task("begin", "按方案开始安置", "principal", "", FIXED, _always, lambda f, n: f.placed_on or f.state_since),
    ),
    S.EXEMPT: (
        *SIGNED,
        Task("expire", "到期前复查", "bureau", "", FIXED, _always,
             lambda f, n: (f.agreed[K.EXEMPT].until if K.EXEMPT in f.agreed else None) or f.state_since),
    ),
    S.TRANSFERRED: (
        *SIGNED,
        Task("close", "对方已书面接收：提出销号", "principal", "decide_working_days", WORKING_DAYS,
             lambda f, n: f.accepted_on is not None, lambda f, n: f.accepted_on or f.state_since),
        Task("acceptance", "跟踪对方答复，取得书面接收", "bureau", "", FIXED, _always, lambda f, n: f.reply_by or f.state_since),
    ),
    S.MONITORING: (
        *SIGNED,
        EXEMPT,
        Task("close", "提出销号", "principal", "", FIXED,
             lambda f, n: ENOUGH_DAYS.holds(f, n) and ENOUGH_SEEN.holds(f, n), lambda f, n: f.term_ends_on or f.progress_on),
        Task("note", "跟踪记录", "head_teacher", "", IN_SCHOOL, _always, lambda f, n: watching.next_note(f.state_since, notes=f.notes, numbers=n)),
    ),
}  # fmt: skip


def task_of(state: State, facts: Facts, numbers: Policy) -> Task:
    """What is to be done first in an open case. 〔方案二（一）〕责任落实到人：每个未结的个案任何时候都有一件事、一个岗位、一个期限。"""
    return next(task for task in TASKS[state] if task.is_due(facts, numbers))


def due_on(task: Task, facts: Facts, numbers: Policy, *, is_school_day: Callable[[date], bool], is_working_day: Callable[[date], bool]) -> date:
    """The last day on which a task is in time; agreed pauses move it on, and end by themselves. Where the family is visited on meanwhile, the
    next visit's last day, if that is earlier: the day after it the case climbs.

    〔方案二（三）〕各环节的期限；上课日按校历，工作日按国家节假日。〔方案二（三）4〕持续家访，直至劝返。"""
    begun = task.since(facts, numbers)
    if task.unit in (FIXED, IN_SCHOOL):
        due = climbing.shifted(begun, pauses=facts.pauses, since=facts.state_since, most=numbers["pause_total_days"])
    else:
        days = numbers[task.number]
        is_open = is_school_day if task.unit == SCHOOL_DAYS else is_working_day
        plain = begun + timedelta(days) if task.unit == DAYS else due_day(begun, days=days, is_school_day=is_open)
        due = climbing.shifted(plain, pauses=facts.pauses, since=begun, most=numbers["pause_total_days"])
    if task.unit == IN_SCHOOL:
        due = watching.on_school_day(due, after=max(facts.notes, default=facts.state_since), is_school_day=is_school_day)
    return min(due, climbing.next_try(facts.progress_on, pauses=facts.pauses, numbers=numbers)) if task.tries else due


def deadline(
    state: State, task: Task, facts: Facts, numbers: Policy, *, is_school_day: Callable[[date], bool], is_working_day: Callable[[date], bool]
) -> date:
    """The deadline of a case: of what comes first, and no later than of what waits behind a second signature: to ask, to take back and to ask again
    brings no new time. 〔方案三（三）〕闭环管理；〔方案二（三）4〕持续家访，直至劝返。"""
    behind = next(one for one in TASKS[state] if one.is_due(facts, numbers) and not one.is_signature)
    return min(due_on(one, facts, numbers, is_school_day=is_school_day, is_working_day=is_working_day) for one in (task, behind))


def idle_since(state: State, *, task: str, progress_on: date, due_on: date | None) -> date:
    """From which day on nothing was done: the last progress; in the states of waiting, and while a child that is registered again stays in
    class, the deadline, where that is later.

    〔方案二（三）4〕持续家访，直至劝返；已注册、已在校、已批准免缓、已发函的，自期限过后起算（缺省值，待本区确认）。"""
    return max(progress_on, due_on) if due_on and (state in WAITING or task == STAY) else progress_on
