"""Visits and persuasion: what can come of one, and what that proves."""

from __future__ import annotations

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
WHERE_NEEDED = frozenset({Outcome.WORKING, Outcome.OTHER_SCHOOL, Outcome.ABROAD})


def confirms(outcome: str) -> bool:
    """Whether an outcome alone is ground enough to confirm a dropout before the thirty days are over.

    〔方案二（三）2〕查清去向；书面拒绝、查实务工、早婚、下落不明的，不必等满期限（缺省值，待本区确认）。"""
    return outcome in CONFIRMING


def needs_whereabouts(outcome: str) -> bool:
    """Whether the record must say where the child is. 〔方案二（三）3〕查清去向"""
    return outcome in WHERE_NEEDED
