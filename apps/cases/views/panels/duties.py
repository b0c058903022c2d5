"""The section of a case: who answers, who was charged, what climbed."""

from __future__ import annotations

from typing import Any

from apps.cases.views.panels.frame import Frame


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/duties.html`` shows."""
    return {"case": frame.case}
