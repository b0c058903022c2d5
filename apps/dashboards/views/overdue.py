"""What is overdue, first of all on a workbench; then what is due next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.urls import reverse

from apps.accounts.roles import BY_CODE
from apps.cases.models import Case
from apps.cases.queries.overdue import HEARS, OWNERS
from apps.cases.queries.tasks import part_of
from apps.cases.rules.climbing import LADDER
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.dashboards.queries.workbench import Waiting


def overdue_card(found: Waiting, actor: Actor, *, today: date, tasks: Sequence[Mapping[str, Any]] = ()) -> dict[str, Any] | None:
    """Counts with their lists; what is overdue, the post's own ``tasks`` before children; what only climbed to it. None where there is neither."""
    own = [{"name": one["label"], "url": one["url"], "days": one["days"], "unit": one.get("unit"), "note": one.get("note")}
           for one in tasks if (one.get("days") or 0) < 0 and not one.get("of_others")]  # fmt: skip
    if not found.overdue.urgent and not own:
        return None
    listed = reverse("overdue_list") if actor.may(Right.VIEW_CASES) else reverse("assignment_list")
    mine = "由我办理的" if actor.role in OWNERS or actor.scope.level == Level.VILLAGE else "本辖区的"
    counts = [(f"{mine}超期", found.overdue.own, listed), ("逐级上报到我的", found.overdue.climbed, f"{listed}?which=climbed")]
    children = [child(case, actor, today=today) for case in found.overdue.urgent]
    return {
        "counts": [{"label": label, "value": number, "url": url} for label, number, url in counts if number],
        "late": own + [one for one in children if one["is_late"]], "raised": [one for one in children if not one["is_late"]],
    }  # fmt: skip


def next_card(found: Waiting, actor: Actor, *, today: date) -> dict[str, Any] | None:
    """What is due next, the nearest deadline first, with the way to all of it; None where nothing is."""
    if not found.overdue.following:
        return None
    listed = f"{reverse('overdue_list')}?which=next" if actor.may(Right.VIEW_CASES) else reverse("assignment_list")
    hears = actor.role in HEARS and actor.role not in OWNERS
    return {
        "title": "再没有进展就上报到我的" if hears else "接下来到期的", "number": found.overdue.ahead, "url": listed,
        "children": [child(case, actor, today=today) for case in found.overdue.following],
    }  # fmt: skip


def child(case: Case, actor: Actor, *, today: date) -> dict[str, Any]:
    """One child: who, what is to be done by whom, its clock."""
    name = "case_show" if actor.may(Right.VIEW_CASES) else "inbox_case"
    what, due = part_of(case, actor.scope)
    owner = BY_CODE[case.owner_role].label if case.owner_role in BY_CODE and actor.scope.level != Level.VILLAGE else ""
    climbed = "逐级上报" if case.climbed >= HEARS.get(actor.role, len(LADDER)) else ""
    note = " · ".join(filter(None, (climbed, what, owner, str(case.school or ""))))
    days = (due - today).days if due else None
    return {"name": case.child.name, "note": note, "url": reverse(name, args=[case.pk]), "days": days, "is_late": days is not None and days < 0}
