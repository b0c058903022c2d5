"""特殊群体: whom a care plan is for."""

from __future__ import annotations

from apps.core.labels import Labelled


class Group(Labelled):
    """The special groups of the plan. 〔方案二（三）1〕"""

    LIFTED_OUT = "lifted_out", "脱贫户"
    MONITORED = "monitored", "三类监测户"
    LEFT_BEHIND = "left_behind", "留守"
    MIGRANT = "migrant", "流动、随迁"
    UPHEAVAL = "upheaval", "家庭变故"
    DISABLED = "disabled", "残疾"
    ORPHAN = "orphan", "孤儿或事实无人抚养"
    DISTRESS = "distress", "困境"


GROUPS: dict[str, str] = {group.value: group.label for group in Group}


def said(groups: list[str]) -> str:
    """Groups in words. 〔方案二（三）1〕特殊群体台账"""
    return "、".join(GROUPS[code] for code in groups)
