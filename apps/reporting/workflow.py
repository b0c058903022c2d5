"""The life of one line: which step may follow, and by what right. Plain Python."""

from __future__ import annotations

from dataclasses import dataclass

from apps.core.labels import Labelled
from apps.core.rights import Right


class Kind(Labelled):
    """Whom a line tells. The first three are the three lines; the fourth is the bureau's letter for a child registered elsewhere."""

    PLATFORM = "platform", "云南省政府救助平台"
    TOWNSHIP = "township", "书面报告乡镇（街道）"
    BUREAU = "bureau", "书面报告区教体局"
    AWAY = "away", "函告户籍地"


class State(Labelled):
    """How far a line is."""

    DRAFT = "draft", "待核实签发"
    READY = "ready", "待录入平台"
    SENT = "sent", "已发出"
    RECEIVED = "received", "已签收"
    REPLIED = "replied", "已答复"


K, S = Kind, State
THREE = (K.PLATFORM, K.TOWNSHIP, K.BUREAU)
OPEN = frozenset({S.DRAFT, S.READY})  # not told yet


@dataclass(frozen=True, slots=True)
class Move:
    """One permitted step of a line, and the right it takes."""

    kind: Kind
    source: State
    target: State
    right: Right


MOVES = (
    Move(K.PLATFORM, S.DRAFT, S.READY, Right.VERIFY_ABSENCE),
    Move(K.PLATFORM, S.READY, S.SENT, Right.ENTER_PLATFORM),
    Move(K.TOWNSHIP, S.DRAFT, S.SENT, Right.VERIFY_ABSENCE),
    Move(K.TOWNSHIP, S.SENT, S.RECEIVED, Right.SIGN_RECEIPT),
    Move(K.TOWNSHIP, S.RECEIVED, S.REPLIED, Right.SIGN_RECEIPT),
    Move(K.BUREAU, S.DRAFT, S.SENT, Right.VERIFY_ABSENCE),
    Move(K.BUREAU, S.SENT, S.RECEIVED, Right.SIGN_RECEIPT),
    Move(K.BUREAU, S.RECEIVED, S.REPLIED, Right.SIGN_RECEIPT),
    Move(K.AWAY, S.DRAFT, S.SENT, Right.SEND_LETTERS),
    Move(K.AWAY, S.SENT, S.REPLIED, Right.SEND_LETTERS),
)


def step_to(kind: str, target: State) -> Move | None:
    """The step that brings a line of a kind into a state; None where there is none.

    〔方案二（三）2〕三线：平台上报、书面报送乡镇（街道）、书面报送区教育体育局；〔方案二（三）3〕非本地户籍的由区教育体育局发函。"""
    return next((move for move in MOVES if move.kind == kind and move.target == target), None)
