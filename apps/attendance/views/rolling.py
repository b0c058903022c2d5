"""Taking the roll of a class: the page of a day, sending it, and two that were sent at once."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from celery import current_app
from celery.exceptions import OperationalError
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.safestring import SafeString

from apps.attendance.actions.rolls import Conflict, stored_marks, take_roll
from apps.attendance.forms.rolling import NOTED, RollForm, opened_at, options, value_of, words_of
from apps.attendance.models import RollCall
from apps.attendance.queries import rolls
from apps.attendance.queries.rolls import Pupil
from apps.attendance.queries.taking import sheet_of
from apps.attendance.rules import Reason
from apps.attendance.views.board import asked_day, board
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_moment
from apps.schools.models import SchoolClass
from apps.schools.queries import policy

log = logging.getLogger(__name__)
FLAG = "apps.cases.tasks.flag_absences"  # of an app above this one: by its name, as in the timetable
TONES = {"": "", "half": "info", "late": "info", "early": "info", "leave": "warn", "sick": "warn", "personal": "warn"}  # every other: bad

GONE = "（已不在本班）"


@dataclass(frozen=True, slots=True)
class Row:
    """One pupil as the page shows it."""

    child_id: int
    name: str
    initials: str
    value: str
    note: str  # what the teacher should know
    said: str  # what the teacher wrote

    @property
    def tone(self) -> str:
        return TONES.get(self.value, "bad")

    @property
    def is_noted(self) -> bool:
        """Whether the choice asks for words."""
        return self.value == NOTED

    @property
    def words(self) -> str:
        return words_of(self.value)

    @property
    def options(self) -> SafeString:
        return options(self.value)


@page(Right.VIEW_ATTENDANCE)
def roll_today(request: Any) -> HttpResponse:
    """What a post has to do with the day's roll calls: a teacher's own class, for everybody else the board."""
    scope = request.actor.scope
    if scope.level != Level.CLASS:
        return board(request)
    return show(request, room_of(request, scope.school_class, asked_day(request)), asked_day(request))


@page(Right.VIEW_ATTENDANCE, methods=("GET", "POST"))
def roll_class(request: Any, class_id: int) -> HttpResponse:
    """A class on a day; whoever takes rolls sends it from here."""
    if request.method != "POST":
        return show(request, room_of(request, class_id, asked_day(request)), asked_day(request))
    if not request.actor.may(Right.TAKE_ROLL):
        raise Http404
    form = RollForm(request.POST)
    day = form.cleaned_data["day"] if form.is_valid() and "day" in form.cleaned_data else clock.today()
    return send(request, class_id, day, form) if form.is_valid() else show(request, room_of(request, class_id, day), day, form)


def room_of(request: Any, class_id: int, day: date) -> SchoolClass:
    """A class that the post may see, with what decides whether it has school on the day."""
    room = rolls.on_day(rolls.classes_of(request.actor.scope).filter(pk=class_id), day).first()
    if room is None:
        raise Http404
    return room


def send(request: Any, class_id: int, day: date, form: RollForm) -> HttpResponse:
    """Take the roll as it was sent."""
    sheet = sheet_of(class_id, day=day, scope=request.actor.scope)
    if sheet is None:
        raise Http404
    room = sheet.room
    seen, now = form.cleaned_data["seen"], clock.now()
    before = rolls.taken_on(room=room, day=day) if seen else None
    stored = {one.child_id: one for one in stored_marks(before)} if before else {}
    try:
        taken = take_roll(
            room=room, day=day, marks=form.marks(stored), seen=seen, by=request.actor, now=now, seconds=form.seconds(clock.now()),
            reason=form.cleaned_data["reason"], listed=form.values, sheet=sheet,
        )  # fmt: skip
    except Conflict as clash:
        return show_conflict(request, room, form, clash)
    except Refused as refusal:
        form.add_error(None, refusal.sentence)
        return show(request, room, day, form)
    if taken.suspected:
        transaction.on_commit(flag_at_once)
    return redirect(address(request, room, day))


def flag_at_once() -> None:
    """Have the case opened when the roll call that made the day is stored; opening twice opens once. Without a broker the timetable does it."""
    try:
        current_app.signature(FLAG).apply_async(retry=False)
    except (OperationalError, OSError, RuntimeError) as fault:
        log.warning("no broker for a third day: %s", fault)


def address(request: Any, room: SchoolClass, day: date) -> str:
    """Where a class-day is looked at: a teacher's today is the first page."""
    if request.actor.scope.level == Level.CLASS and day == clock.today():
        return reverse("roll_today")
    return f"{reverse('roll_class', args=[room.pk])}?day={day}"


def show(request: Any, room: SchoolClass, day: date, form: RollForm | None = None) -> HttpResponse:
    """A class on a day: to be taken, to be corrected or to be read; as it was sent, where that was refused."""
    told: dict[str, Any] = {"room": room, "day": day, "before": day - timedelta(1), "after": day + timedelta(1), "owner": owner(request)}
    if why := rolls.why_closed(room, day):
        told |= {"why": why, "next": rolls.next_school_day(room=room, after=day)}
        return render(request, "attendance/no_school.html", told, status=422 if form else 200)
    pupils = rolls.pupils_of(room=room, day=day, scope=request.actor.scope)
    taken = rolls.taken_on(room=room, day=day)
    rows = [row_of(pupil, is_taken=taken is not None, form=form) for pupil in pupils if not pupil.seat.away]
    may = request.actor.may(Right.TAKE_ROLL) and (day == clock.today() or request.actor.may(Right.CORRECT_ROLL_CALLS))
    told |= {
        "rows": rows, "away": [pupil.seat for pupil in pupils if pupil.seat.away], "taken": taken, "form": form or RollForm(initial={}),
        "may_write": may, "is_past": day < clock.today(), "missing": sum(row.tone in ("bad", "warn") for row in rows),
        "opened": opened_at.sign(str(int(clock.now().timestamp()))), "changes": changes(taken, pupils),
        "seen": form.cleaned_data.get("seen", 0) if form else taken.revision if taken else 0,
    }  # fmt: skip
    if may and day == clock.today():
        told |= cutoff(room, day)
    response = render(request, "attendance/roll.html", told, status=422 if form else 200)
    return kept_on_phone(request, response) if may and day == clock.today() and not form else response


def row_of(pupil: Pupil, *, is_taken: bool, form: RollForm | None) -> Row:
    """A pupil's row: as sent, else as stored, else on leave where a leave covers the day."""
    before = "leave" if pupil.leave_until and not is_taken else ""
    values, notes = (form.values, form.notes) if form else ({}, {})
    value = values.get(pupil.child_id, value_of(pupil.code, pupil.reason) or before)
    child = pupil.seat.child
    return Row(pupil.child_id, child.name, child.initials, value, note_of(pupil), notes.get(pupil.child_id, pupil.note))


def note_of(pupil: Pupil) -> str:
    """What the teacher should know beside a name."""
    if pupil.leave_until:
        return f"{Reason[pupil.leave_kind.upper()].label}至{pupil.leave_until:%-m月%-d日}，已批准"
    if pupil.leave_ended:
        return f"请假{pupil.leave_ended:%-m月%-d日}到期，未销假"
    return f"无故未到 {pupil.absent_days} 个上课日" if pupil.absent_days else ""


def cutoff(room: SchoolClass, day: date) -> dict[str, Any]:
    """The hour the roll is due, and how far away it is."""
    number = policy(district=room.school.district_code, day=day)["roll_call_cutoff"]
    now = timezone.localtime(clock.now())
    due = datetime.combine(day, time(number // 100, number % 100), now.tzinfo)
    return {
        "due": due,
        "left": int((due - now).total_seconds()),
        "left_words": left_words(due, now),
        "at": int(clock.outside(now).timestamp()),
    }


def left_words(due: datetime, now: datetime) -> str:
    """距 15:00 还有 12 分钟."""
    minutes = int((due - now).total_seconds() // 60)
    if minutes < 0:
        return f"已过 {due:%H:%M}，提交记为逾时"
    return f"距 {due:%H:%M} 还有 {minutes // 60} 小时 {minutes % 60} 分钟" if minutes >= 60 else f"距 {due:%H:%M} 还有 {minutes} 分钟"


def owner(request: Any) -> str:
    """A sign of the person, by which a phone tells whose unsent roll calls it holds."""
    return salted_hmac("roll call owner", str(request.user.pk)).hexdigest()[:16]


def kept_on_phone(request: Any, response: HttpResponse) -> HttpResponse:
    """Let the service worker keep a teacher's page for when the network is gone, until the day is over (docs/decisions/0014)."""
    if request.actor.scope.level == Level.CLASS:
        midnight = datetime.combine(timezone.localtime(clock.now()).date() + timedelta(1), time.min, timezone.get_current_timezone())
        response.headers["X-Keep-Until"], response.headers["X-Keep-For"] = str(int(clock.outside(midnight).timestamp())), owner(request)
    return response


def changes(taken: RollCall | None, pupils: list[Pupil]) -> list[dict[str, Any]]:
    """The corrections of a roll call, the newest first, each with whose mark it changed; last, that and why it was filled in later."""
    names = {pupil.child_id: pupil.seat.child.name for pupil in pupils}
    return [
        {
            "when": cn_moment(datetime.fromisoformat(change["at"])),
            "who": f"{change['by_name']}（{change['by_title']}）",
            "what": f"补填：{change['reason']}" if change["fills_in"] else change["reason"] or "当天更正",
            "text": "；".join(filled_in(change["after"], names) if change["fills_in"] else difference(change["before"], change["after"], names)),
            "tone": "info",
        }
        for change in (vars(taken)["kept"] if taken else [])
    ]


def filled_in(after: list[list[Any]], names: dict[int, str]) -> list[str]:
    """张三：缺勤·病假, for everybody who was not simply there."""
    return [f"{names.get(row[0], GONE)}：{words_of(value_of(row[1], row[2]), row[3])}" for row in after] or ["全员到校"]


def difference(before: list[list[Any]], after: list[list[Any]], names: dict[int, str]) -> list[str]:
    """张三：到校 → 缺勤·病假, for everybody whose mark changed."""
    old, new = ({row[0]: words_of(value_of(row[1], row[2]), row[3]) for row in rows} for rows in (before, after))
    changed = [child for child in {**old, **new} if old.get(child) != new.get(child)]
    return [f"{names.get(child, GONE)}：{old.get(child, '到校')} → {new.get(child, '到校')}" for child in changed]


def show_conflict(request: Any, room: SchoolClass, form: RollForm, clash: Conflict) -> HttpResponse:
    """What stands and what was sent, side by side; nothing was overwritten."""
    day = clash.stored.day
    stored = {one.child_id: (value_of(one.code, one.reason), one.note) for one in clash.marks}
    names = {pupil.child_id: pupil.seat.child.name for pupil in rolls.pupils_of(room=room, day=day, scope=request.actor.scope)}
    mine = {child: (value, form.notes.get(child, "")) for child, value in form.values.items()}
    pairs = [(name, stored.get(child, ("", "")), mine.get(child, ("", ""))) for child, name in names.items()]
    rows = [
        {"name": name, "stored": words_of(*left), "mine": words_of(*right), "differs": left != right}
        for name, left, right in pairs
        if left[0] or right[0]
    ]
    told = {
        "room": room, "day": day, "clash": clash, "rows": rows, "same": len(pairs) - len(rows), "form": form, "values": sorted(form.values.items()),
        "notes": sorted(form.notes.items()),
        "seen": clash.stored.revision, "opened": form.cleaned_data["opened"], "here": address(request, room, day), "owner": owner(request),
        "may_write": day == clock.today() or request.actor.may(Right.CORRECT_ROLL_CALLS),
    }  # fmt: skip
    return render(request, "attendance/conflict.html", told, status=409)
