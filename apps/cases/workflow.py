"""The life of a case (DOMAIN.md §4): states, and which move may follow which. The later issues add guards and deadlines to this table."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """Where a case stands; the value is stored, the label shown."""

    label: str
    tone: str

    def __new__(cls, value: str, label: str, tone: str) -> State:
        member = str.__new__(cls, value)
        member._value_ = value
        member.label, member.tone = label, tone
        return member

    SUSPECTED = "suspected", "疑似辍学", "bad"
    CLEARED = "cleared", "已排除", "off"
    CONFIRMED = "confirmed", "已认定", "bad"
    PERSUADING = "persuading", "劝返中", "info"
    RETURNED = "returned", "已复学", "ok"
    PLACED = "placed", "已安置", "ok"
    EXEMPT = "exempt", "缓学、休学或不具备学习条件", "info"
    TRANSFERRED = "transferred", "移交户籍地", "info"
    MONITORING = "monitoring", "跟踪巩固", "ok"
    CLOSED = "closed", "已销号", "off"
    REOPENED = "reopened", "再次辍学", "bad"


ENDED = frozenset({State.CLEARED, State.CLOSED})


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step: from, to, what must be true in words, and the roles that may."""

    source: State | None
    target: State
    guard: str
    roles: tuple[str, ...]


S = State
PATH = (S.SUSPECTED, S.CONFIRMED, S.PERSUADING, S.RETURNED, S.MONITORING, S.CLOSED)  # the straight way through
BESIDE = {S.PLACED: S.RETURNED, S.EXEMPT: S.PERSUADING, S.TRANSFERRED: S.PERSUADING, S.REOPENED: S.CONFIRMED}
MOVES = (
    Move(None, S.SUSPECTED, "第 3 个上课日无正当理由未到校，或首周未注册、未返校，或比对问题，或村级报告", ("system", "principal")),
    Move(None, S.CONFIRMED, "比对①或摸排认定失学", ("system", "bureau")),
    Move(S.SUSPECTED, S.CLEARED, "回班满一个上课日，或转学、休学、他处就读有证明；第二人同意", ("registrar", "principal")),
    Move(S.SUSPECTED, S.CONFIRMED, "满 30 日，或书面拒绝，或查实务工、早婚、下落不明", ("bureau",)),
    Move(S.CONFIRMED, S.PERSUADING, "责任链已落实到人，已交办乡镇", ("bureau", "township")),
    Move(S.PERSUADING, S.RETURNED, "已注册且到校满 5 个上课日", ("registrar", "principal")),
    Move(S.PERSUADING, S.EXEMPT, "医学或专家证明及审批，不超过一年", ("township", "bureau")),
    Move(S.PERSUADING, S.TRANSFERRED, "已发函，对方书面接收前不销号", ("bureau",)),
    Move(S.EXEMPT, S.PERSUADING, "到期自动恢复", ("system",)),
    Move(S.TRANSFERRED, S.CLOSED, "对方书面接收", ("bureau",)),
    Move(S.RETURNED, S.PLACED, "安置与原因相符，有方案", ("principal",)),
    Move(S.RETURNED, S.MONITORING, "自动", ("system",)),
    Move(S.PLACED, S.MONITORING, "自动", ("system",)),
    Move(S.MONITORING, S.CLOSED, "满 60 个上课日、出勤率不低于 95%、两人签字、有证明", ("bureau",)),
    Move(S.MONITORING, S.REOPENED, "12 个月内再次无正当理由连续 3 日未到校", ("system",)),
    Move(S.CLOSED, S.REOPENED, "12 个月内再次无正当理由连续 3 日未到校", ("system",)),
    Move(S.REOPENED, S.PERSUADING, "按再次辍学交办", ("bureau", "township")),
)


def allowed(source: State | None, target: State) -> Move | None:
    """The row of the table for a step, None where the step is not permitted.

    〔方案二（三）1〕“一生一案”：每一步依表而行。"""
    return next((m for m in MOVES if m.source == source and m.target == target), None)


def step_of(state: State) -> int:
    """Where a state stands on the straight way, from 1; one past the last for a closed case, 0 for one that was none (已排除).

    〔方案二（三）1〕“一生一案”：疑似、认定、劝返、复学、跟踪、销号。"""
    if state in ENDED:
        return len(PATH) + 1 if state == S.CLOSED else 0
    return PATH.index(BESIDE.get(state, state)) + 1
