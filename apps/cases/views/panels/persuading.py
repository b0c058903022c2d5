"""The section of a case: visits, the four legal steps, the letter to another district."""

from __future__ import annotations

from typing import Any

from apps.cases.views.panels.frame import Frame


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/persuading.html`` shows."""
    return {"case": frame.case}
