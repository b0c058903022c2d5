"""The section of a case: 四早、六到位."""

from __future__ import annotations

from typing import Any

from apps.cases.queries.in_place import seen
from apps.cases.rules import in_place
from apps.cases.views.panels.frame import Frame


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/in_place.html`` shows."""
    told = seen(frame.case, frame.book)
    return {"lists": [("四早", in_place.early(told)), ("六到位", in_place.in_place(told))]}
