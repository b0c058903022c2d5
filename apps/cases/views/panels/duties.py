"""The section of a case: who answers, who was charged, what climbed."""

from __future__ import annotations

from datetime import date
from typing import Any

from apps.cases.forms.duties import AssignForm, PersonForm, ReasonForm
from apps.cases.models import Assignment, Duty, Guarantor
from apps.cases.queries.assigned import choices_of
from apps.cases.queries.duties import answering
from apps.cases.queries.duties_then import answering_then
from apps.cases.rules.climbing import LADDER
from apps.cases.rules.duties import is_asked, may_name
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import OUT
from apps.core.rights import Right
from apps.schools.queries import place_names


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/duties.html`` shows."""
    case, actor = frame.case, frame.actor
    held = answering([case], day=frame.today)[case.pk]
    then = answering_then([case], day=frame.duties_on)[case.pk] if frame.duties_on else None
    rows = list(Assignment.objects.filter(case=case))
    climbs = [(one, LADDER[one.level][1]) for one in case.climbs.all()]
    names = place_names({one.region_code for one in rows})
    standing = [one for one in rows if one.ended_at is None]
    return {
        "case": case, "lines": by_line(then.held if then else held), "on": frame.duties_on, "presumed": then.presumed if then else "",
        "on_form": frame.bound["duties_on"], "named": sum(holder is not None for holder in held.values()), "posts": len(held),
        "away": not is_asked(Duty.Level.VILLAGE, home=case.village_code or case.township_code, district=case.district_code),
        "missing": [duty.label for duty, holder in held.items() if holder is None],
        "standing": [shown(one, names, frame.today) for one in standing], "ended": [shown(one, names, frame.today) for one in rows if one.ended_at],
        "climbs": climbs, **forms(frame, held, standing),
        "inbox": actor.may(Right.TAKE_ASSIGNMENTS) and any(one.region_code == (actor.scope.village or actor.scope.township) for one in rows),
    }  # fmt: skip


def by_line(held: dict[Duty, Guarantor | None]) -> list[dict[str, Any]]:
    """The posts of each line with their holders."""
    lines: dict[str, list[tuple[Duty, Guarantor | None]]] = {}
    for duty, holder in held.items():
        lines.setdefault(duty.get_line_display(), []).append((duty, holder))
    return [{"label": label, "rows": rows, "held": sum(holder is not None for _, holder in rows), "of": len(rows)} for label, rows in lines.items()]


def shown(one: Assignment, names: dict[str, str], today: date) -> dict[str, Any]:
    """One assignment with the name of its place and the days left for its receipt."""
    return {"one": one, "place": names.get(one.region_code, one.region_code), "days": (one.accept_by - today).days}


def forms(frame: Frame, held: dict[Duty, Guarantor | None], standing: list[Assignment]) -> dict[str, Any]:
    """The forms this post may send now."""
    case, actor, told = frame.case, frame.actor, {}
    if not case.is_open:
        return {}
    to_township = [one for one in standing if one.level == Assignment.Level.TOWNSHIP]
    if actor.may(Right.ASSIGN_CASES) and case.standing in OUT and not to_township:
        places = choices_of(case)
        told["assign"] = frame.bound.get("assign") or AssignForm(townships=places, initial={"township": places[0][0] if places else ""})
    if actor.may(Right.ASSIGN_CASES) and to_township:
        told["unassign"] = frame.bound.get("unassign") or ReasonForm()
    if actor.may(Right.MANAGE_DUTIES) and (mine := [duty for duty in held if may_name(duty.level, standing_at=actor.scope.level)]):
        lacking = next((str(duty.pk) for duty in mine if held[duty] is None), "")
        told["to_name"] = bool(lacking)
        told["people"] = frame.bound.get("people") or PersonForm(duties=mine, initial={"duty": lacking})
    return told
