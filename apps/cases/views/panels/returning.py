"""The section of a case: return, placement, home teaching, care, monitoring."""

from __future__ import annotations

from typing import Any

from apps.cases.views.panels.frame import Frame


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/returning.html`` shows."""
    return {"case": frame.case}
