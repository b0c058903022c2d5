"""Leave slips: the list, a new one, its page with decision, return and papers."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone

from apps.attendance.actions import leaves as actions
from apps.attendance.forms.leaving import DecideForm, LeaveFilter, LeaveForm, ProofForm, ReturnForm
from apps.attendance.letters import leave_slip
from apps.attendance.models import Contact, Leave, LeaveProof, Seat
from apps.attendance.queries import contacting, leaving
from apps.attendance.rules import Reason
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page, row_key
from apps.core.papers import DOCX_TYPE, PDF_TYPE, pdf
from apps.core.papers_docx import docx_bytes
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.core.templatetags.zaixue import cn_date, cn_moment
from apps.schools.models import SchoolClass
from apps.schools.queries import policy
from apps.schools.rules import term_of

PER_PAGE = 50
State = Leave.State
KINDS = (Reason.SICK, Reason.PERSONAL)


def rooms_of(actor: Actor, day: date) -> Any:
    """The classes of a school's post this year, to narrow a list by; none for wider posts."""
    found = SchoolClass.objects.within(actor.scope).filter(school_year=term_of(day).year)
    return found if actor.scope.level == Level.SCHOOL else found.none()


@page(Right.VIEW_LEAVES)
def leave_list(request: Any) -> HttpResponse:
    """The leaves of the scope: what waits, who is away, who should be back; and whose sick leave asks for suspension papers."""
    actor, today = request.actor, clock.today()
    form = LeaveFilter(request.GET, rooms=rooms_of(actor, today))
    found = leaving.listed(actor.scope, today=today, whole=actor.may(Right.REVEAL_IDS), **form.wanted())
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    numbers = policy(district=actor.scope.district, day=today)
    told = {
        "form": form, "page": listed, "rows": [(leave, words(leave, today)) for leave in leaving.standing(listed, today=today)],
        "limit": numbers["suspension_sick_days"],
        "may_read": actor.may(Right.VIEW_LEAVE_PROOFS),
        "long_sick": leaving.long_sick(actor.scope, today=today, limit=numbers["suspension_sick_days"]),
    }  # fmt: skip
    return render(request, "attendance/leave_list.html", told)


def words(leave: Any, today: date) -> tuple[str, str]:
    """How a leave out of ``leaving.standing`` stands, and the tone of it."""
    if leave.state != State.APPROVED:
        return leave.get_state_display(), "warn" if leave.state == State.ASKED else "off"
    if leave.returned_on:
        return "已销假", "ok"
    if leave.last_day >= today:
        return ("请假中", "info") if leave.first_day <= today else ("已批准，未开始", "info")
    if leave.came_back:
        return "点名已到校", "ok"
    return ("到期未返校", "bad") if leave.missed else ("已到期", "warn")


@page(Right.ASK_LEAVE, methods=("GET", "POST"))
def leave_new(request: Any, child_id: int) -> HttpResponse:
    """A new slip for a pupil; from a contact (``?contact=``) with what was written there."""
    seat = contacting.seat_of(request.actor.scope, child_id, today=clock.today()).first()
    if seat is None:
        raise Http404
    form = LeaveForm(request.POST or None, request.FILES or None, seat=seat, initial=begun(request, seat))
    if request.method == "POST" and form.is_valid():
        try:
            slip, proofs = form.slip(), form.cleaned_data["proofs"]
            made = actions.ask_leave(seat=seat, slip=slip, by=request.actor, now=clock.now(), proofs=proofs)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, entered(made))
            return redirect("leave_show", leave_id=made.pk)
    return render(request, "attendance/leave_new.html", {"form": form, "seat": seat}, status=422 if form.is_bound else 200)


def begun(request: Any, seat: Seat) -> dict[str, Any]:
    """What a new slip starts with: the child's guardian, today; from a contact its reason, words and day."""
    today = clock.today()
    told = {
        "kind": "sick",
        "first_day": today,
        "last_day": today,
        "guardian_name": seat.child.guardian_name,
        "guardian_phone": seat.child.guardian_phone,
    }
    key = row_key(request.GET.get("contact", ""))
    contact = Contact.objects.within(request.actor.scope).filter(pk=key, child=seat.child_id).first() if key else None
    if contact is None:
        return told
    facts = "；".join(filter(None, (contact.text, contact.whereabouts and f"现在：{contact.whereabouts}")))
    kind = contact.reason if contact.reason in KINDS else "other"
    return told | {"kind": kind, "first_day": contact.day, "facts": facts, "guardian_name": contact.spoke_with or told["guardian_name"]}


def entered(leave: Leave) -> str:
    """What the teacher is told about a slip just entered."""
    if leave.state == State.APPROVED:
        return f"请假条 {leave.number} 已登记并批准。可以打印，学生离校时带走家长联。"
    return f"请假条 {leave.number} 已登记，共 {leave.school_days} 个上课日，等待{actions.LABELS[leave.approver]}批准；批准以前仍按未请假计。"


def leave_of(request: Any, leave_id: int) -> Leave:
    """A leave within the scope, with how it stands."""
    leaves = Leave.objects.within(request.actor.scope).select_related("child", "school", "school_class")
    found: Leave
    (found,) = leaving.standing([get_object_or_404(leaves, pk=leave_id)], today=clock.today())
    return found


@page(Right.VIEW_LEAVES)
def leave_show(request: Any, leave_id: int) -> HttpResponse:
    """One slip: what it says, how it stands, and what this post may do about it. What the pupil is ill of is for the school and the bureau alone
    〔个人信息保护法 第二十八条〕."""
    return show(request, leave_of(request, leave_id))


def show(
    request: Any, leave: Leave, *, decide: DecideForm | None = None, back: ReturnForm | None = None, proof: ProofForm | None = None
) -> HttpResponse:
    """The page of a slip; a form that was refused is shown again with its reason."""
    actor, today = request.actor, clock.today()
    is_asked, is_away = leave.state == State.ASKED, leave.state == State.APPROVED and leave.returned_on is None
    stands, asks = leave.state in (State.ASKED, State.APPROVED), actor.may(Right.ASK_LEAVE)
    may_decide = is_asked and actor.may(Right.APPROVE_LEAVE) and actions.RANK.get(actor.role, 0) >= actions.RANK[leave.approver]
    told = {
        "leave": leave, "standing": words(leave, today), "approver": actions.LABELS[leave.approver], "is_asked": is_asked,
        "decide": (decide or DecideForm()) if may_decide else None,
        "returning": (back or returning(today)) if is_away and leave.first_day <= today and asks else None,
        "may_withdraw": is_asked and asks, "proof": (proof or ProofForm()) if stands and asks else None,
        "long_sick": is_long_sick(leave, actor, today), "may_read": actor.may(Right.VIEW_LEAVE_PROOFS),
        **proofs_of(leave, actor), "steps": steps(leave),
    }  # fmt: skip
    return render(request, "attendance/leave_show.html", told, status=422 if decide or back or proof else 200)


def returning(today: date) -> ReturnForm:
    """The form of a return, begun with now."""
    return ReturnForm(initial={"on": today, "at": timezone.localtime(clock.now()).time()})


def proofs_of(leave: Leave, actor: Actor) -> dict[str, Any]:
    """The files of proof for whoever may take them; for everybody else how many there are."""
    proofs = list(leave.proofs.all())
    if not actor.may(Right.VIEW_LEAVE_PROOFS):
        return {"files": [], "no_files": f"附有证明 {len(proofs)} 份，只供学校和区教体局查看。" if proofs else "没有附证明。"}
    told = [{"name": one.file_name, "url": reverse("leave_proof", args=[one.pk]), "size": one.size, "by": one.created_title} for one in proofs]
    return {"files": told, "no_files": "没有附证明。"}


def is_long_sick(leave: Leave, actor: Actor, today: date) -> int:
    """The limit in days, where the sick leave of this pupil has reached it and 休学 papers are due; else 0."""
    limit = policy(district=actor.scope.district, day=today)["suspension_sick_days"]
    due = leave.kind == Reason.SICK and any(one.child_id == leave.child_id for one in leaving.long_sick(actor.scope, today=today, limit=limit))
    return limit if due else 0


def steps(leave: Leave) -> list[dict[str, str]]:
    """What happened to a slip, as a timeline."""
    told = [{"when": cn_moment(leave.asked_at), "who": f"{leave.asked_name}（{leave.asked_title}）", "what": "登记请假", "tone": "info"}]
    if leave.decided_at:
        tone = "ok" if leave.state == State.APPROVED else "warn"
        told.append({"when": cn_moment(leave.decided_at), "who": f"{leave.decided_name}（{leave.decided_title}）",
                     "what": leave.get_state_display(), "text": leave.decision, "tone": tone})  # fmt: skip
    if leave.returned_on:
        told.append({"when": cn_moment(leave.returned_at) or cn_date(leave.returned_on), "who": "", "what": "返校，已销假", "tone": "ok"})
    return told


@page(Right.APPROVE_LEAVE, methods=("POST",))
def leave_decide(request: Any, leave_id: int) -> HttpResponse:
    """Approve or refuse; what is refused comes back with the reason."""
    leave = leave_of(request, leave_id)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            done = actions.decide_leave(
                leave=leave, is_approved=form.cleaned_data["answer"] == "yes", words=form.cleaned_data["words"], by=request.actor, now=clock.now(),
                read_until=form.cleaned_data["read_until"],
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"请假条 {done.number}：{done.get_state_display()}。")
            return redirect("leave_show", leave_id=leave.pk)
    return again(request, leave_id, form)


def again(request: Any, leave_id: int, form: DecideForm) -> HttpResponse:
    """The page with the refused decision; where the post cannot decide any more, the sentence alone."""
    leave = leave_of(request, leave_id)
    messages.error(request, " ".join(form.non_field_errors()) or "请点“批准”或“不批准”。")
    return show(request, leave, decide=form)


@page(Right.ASK_LEAVE, methods=("POST",))
def leave_return(request: Any, leave_id: int) -> HttpResponse:
    """销假: the pupil is back."""
    leave = leave_of(request, leave_id)
    form = ReturnForm(request.POST)
    if form.is_valid():
        try:
            done = actions.return_from_leave(leave=leave, **form.cleaned_data, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("on", refusal.sentence)
        else:
            messages.success(request, f"请假条 {done.number} 已销假。")
            return redirect("leave_show", leave_id=leave.pk)
    return show(request, leave_of(request, leave_id), back=form)


@page(Right.ASK_LEAVE, methods=("POST",))
def leave_withdraw(request: Any, leave_id: int) -> HttpResponse:
    """Take back a slip nobody decided."""
    leave = leave_of(request, leave_id)
    try:
        done = actions.withdraw_leave(leave=leave, by=request.actor, now=clock.now())
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        messages.success(request, f"请假条 {done.number} 已撤回。")
    return redirect("leave_show", leave_id=leave.pk)


@page(Right.ASK_LEAVE, methods=("POST",))
def leave_proof_add(request: Any, leave_id: int) -> HttpResponse:
    """Proof that comes later."""
    leave = leave_of(request, leave_id)
    form = ProofForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            actions.add_proofs(leave=leave, proofs=form.cleaned_data["proofs"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("proofs", refusal.sentence)
        else:
            messages.success(request, f"请假条 {leave.number} 的证明已补交。")
            return redirect("leave_show", leave_id=leave.pk)
    return show(request, leave, proof=form)


@page(Right.VIEW_LEAVE_PROOFS)
def leave_slip_pdf(request: Any, leave_id: int) -> HttpResponse:
    """The slip to print, three copies on one page."""
    leave = leave_of(request, leave_id)
    return download(pdf(leave_slip(leave)), name=f"{file_name(leave)}.pdf", content_type=PDF_TYPE)


@page(Right.VIEW_LEAVE_PROOFS)
def leave_slip_docx(request: Any, leave_id: int) -> HttpResponse:
    """The same slip for offices that go on editing it."""
    leave = leave_of(request, leave_id)
    return download(docx_bytes(leave_slip(leave)), name=f"{file_name(leave)}.docx", content_type=DOCX_TYPE)


def file_name(leave: Leave) -> str:
    """What the file of a slip is called."""
    return f"请假条 {leave.number} {leave.child.name}"


@page(Right.VIEW_LEAVE_PROOFS)
def leave_proof(request: Any, leave_proof_id: int) -> HttpResponse:
    """A file of proof of a leave, to keep; who took it is written down."""
    mine = LeaveProof.objects.filter(leave__in=Leave.objects.within(request.actor.scope))
    proof = get_object_or_404(mine.select_related("leave"), pk=leave_proof_id)
    content = actions.open_proof(proof=proof, by=request.actor)
    if content is None:
        raise Http404
    return download(content, name=proof.file_name, content_type=proof.content_type)
