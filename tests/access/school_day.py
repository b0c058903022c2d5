"""The school day of the access matrix: a seat for every child, and on Friday an absence with all that is written about one."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from apps.attendance.models import AbsenceRun, Contact, Leave, LeaveProof, Mark, RollCall, RollCallChange, Seat
from apps.students.models import Child
from tests.cast import TODAY

if TYPE_CHECKING:
    from tests.access.world import World

FRIDAY = date(2026, 11, 20)
AT = datetime(2026, 11, 20, 6, tzinfo=UTC)


def about_child(world: World, target: str, make: Callable[..., Any], child: Child) -> None:
    """Rows whose every free text carries the child's word (``make``); the leave waits for its approval."""
    where = {name: getattr(child, name) for name in ("district_code", "township_code", "village_code", "school", "school_class")}
    make(Seat, child=child, first_day=date(2026, 9, 1), away="", **where)
    taken = RollCall.objects.filter(school_class=child.school_class, day=FRIDAY).first() or make(
        RollCall, school_class=child.school_class, school=child.school, district_code=child.district_code, day=FRIDAY, expected=1, missing=1,
        taken_at=AT, revision=2,
    )  # fmt: skip
    make(Mark, child=child, roll_call=taken, day=FRIDAY, code="absent", reason="unexcused", **where)
    make(RollCallChange, roll_call=taken, before=[], after=[[child.pk, "absent", "unexcused", ""]], at=AT)
    make(AbsenceRun, child=child, first_day=FRIDAY, last_day=FRIDAY, school_days=1, end="", **where)
    contact = make(Contact, child=child, day=FRIDAY, at=AT, way="phone", result="reached", reason="other", written_at=AT, **where)
    leave = make(
        Leave, child=child, kind="sick", first_day=FRIDAY, last_day=FRIDAY, school_days=1, state="asked", approver="head_teacher", asked_at=AT,
        decided_name="", decided_title="", number=f"假〔2026〕{child.pk}号", **where,
    )  # fmt: skip
    proof = make(LeaveProof, leave=leave, stored_name=uuid.uuid4().hex, content_type="application/pdf", size=20, created_at=AT)
    for what, value in (("leave", leave.pk), ("leave proof", proof.pk), ("leave proof name", proof.stored_name), ("contact", contact.pk)):
        world.put(what, target, value)


def roll_form(class_id: int) -> dict[str, Any]:
    """What a page of today's roll call sends: everybody is there."""
    pupils = Seat.objects.on(TODAY).filter(school_class=class_id, away="").values_list("child_id", flat=True)
    return {"day": str(TODAY), "seen": "0", **{f"m{child}": "" for child in pupils}}
