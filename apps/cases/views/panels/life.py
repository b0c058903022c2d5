"""The section of a case: where it stands, what is next and what that lacks; what waits for a second signature; the ledger."""

from __future__ import annotations

from typing import Any

from apps.cases.views.panels.frame import Frame


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/life.html`` shows."""
    return {"case": frame.case}
