"""Words with guardians: whom to call today, one pupil with its calls, and the early hints of the school."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from apps.attendance.actions.contacts import log_contact
from apps.attendance.forms.contacting import ContactForm, RoomFilter
from apps.attendance.models import AbsenceRun, Contact, Seat
from apps.attendance.queries import contacting, hints
from apps.attendance.rules import Reason
from apps.attendance.views.leaving import rooms_of
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import page
from apps.core.phones import PHONE
from apps.core.rights import Right
from apps.core.templatetags.zaixue import cn_moment
from apps.schools.queries import policy

PER_PAGE = 50
RECENT = 7  # days: for how long a pupil stays in sight after its guardian was reached
LEAVE_REASONS = (Reason.SICK, Reason.PERSONAL)


@page(Right.LOG_CONTACT)
def contact_list(request: Any) -> HttpResponse:
    """今天要联系: pupils absent without leave whose guardian nobody has reached yet; below, those reached, and the early hints."""
    actor, today = request.actor, clock.today()
    form = RoomFilter(request.GET, rooms=rooms_of(actor, today))
    room = form.wanted()
    listed = Paginator(contacting.to_call(actor.scope, room=room), PER_PAGE).get_page(request.GET.get("page"))
    numbers = policy(district=actor.scope.district, day=today)
    told = {
        "form": form, "page": listed, "rows": [called(run) for run in listed],
        "reached": [called(run) for run in contacting.reached(actor.scope, since=today - timedelta(RECENT))[:PER_PAGE]],
        "second_day": hints.second_day(actor.scope, limit=numbers["suspected_school_days"])[:PER_PAGE],
        "habits": hints.habits(actor.scope, today=today, numbers=numbers), "weeks": numbers["hint_weeks"],
        "limit": numbers["suspected_school_days"],
    }  # fmt: skip
    return render(request, "attendance/contact_list.html", told)


def called(run: Any) -> dict[str, Any]:
    """A run with the numbers to call, and what came of the last try."""
    tried = f"{cn_moment(run.tried_at)} {Contact.Result(run.tried_result).label}" if run.tried_at else ""
    reason = Reason(run.said_reason).label if run.said_reason else ""
    return {"run": run, "phones": PHONE.findall(run.child.guardian_phone), "tried": tried, "said": "，".join(filter(None, (reason, run.said_where)))}


@page(Right.LOG_CONTACT, methods=("GET", "POST"))
def contact_new(request: Any, child_id: int) -> HttpResponse:
    """One absent pupil: the number to call, what was said before, and a short form."""
    seat = contacting.seat_of(request.actor.scope, child_id, today=clock.today()).first()
    if seat is None:
        raise Http404
    run = AbsenceRun.objects.within(request.actor.scope).open().filter(child=child_id).order_by("-first_day").first()
    day = run.last_day if run else clock.today()
    now = clock.now()
    form = ContactForm(request.POST or None, day=day, now=now, initial={"at": timezone.localtime(now), "spoke_with": seat.child.guardian_name})
    if request.method == "POST" and form.is_valid():
        try:
            made = log_contact(seat=seat, day=day, word=form.word(), by=request.actor, now=now)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            return after(request, seat, made)
    told = {
        "form": form, "seat": seat, "run": run, "day": day, "phones": PHONE.findall(seat.child.guardian_phone),
        "past": [line(one) for one in Contact.objects.within(request.actor.scope).filter(child=child_id)[:20]],
    }  # fmt: skip
    return render(request, "attendance/contact_new.html", told, status=422 if form.is_bound else 200)


def after(request: Any, seat: Seat, made: Contact) -> HttpResponse:
    """Where a logged contact leads: to a leave with what was typed, where that was asked for; else back to the list."""
    if request.POST.get("then") == "leave" and made.result == Contact.Result.REACHED:
        messages.success(request, "联系已登记。请核对请假条，补上证明后提交。")
        return redirect(reverse("leave_new", args=[seat.child_id]) + f"?contact={made.pk}")
    if made.result == Contact.Result.UNREACHED:
        messages.success(request, "已登记：没有联系上。在联系上或学生返校以前，名字每天都会回到“今天要联系”。")
    elif made.reason in LEAVE_REASONS:
        leave = reverse("leave_new", args=[seat.child_id]) + f"?contact={made.pk}"
        messages.warning(request, format_html('已登记。病假、事假还须有请假条，没有请假条仍按未请假计。<a href="{}">开请假条</a>', leave))
    else:
        messages.success(request, "已登记。")
    return redirect("contact_list")


def line(contact: Contact) -> dict[str, str]:
    """A contact as the timeline shows it."""
    said = "，".join(
        filter(None, (contact.get_reason_display() if contact.reason else "", contact.whereabouts and f"现在：{contact.whereabouts}", contact.text))
    )
    who = f"{contact.by_name}（{contact.by_title}）"
    what = f"{contact.get_way_display()}：{contact.get_result_display()}" + (f" {contact.spoke_with}" if contact.spoke_with else "")
    return {
        "when": cn_moment(contact.at),
        "who": who,
        "what": what,
        "text": said,
        "tone": "ok" if contact.result == Contact.Result.REACHED else "warn",
    }
