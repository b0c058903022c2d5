"""双线岗位 of a district, and 包保责任书."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.cases.actions import duties, duty_letters
from apps.cases.forms.duties import DutyForm, LetterForm, ScanForm
from apps.cases.letters.duties import paper
from apps.cases.models import Duty, DutyLetter
from apps.cases.views.duties import Spot, region_spot, school_spot, show
from apps.core import clock, papers, papers_docx
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.schools.queries import policy


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_posts(request: Any) -> HttpResponse:
    """The posts of the two lines; POST: a new one, or the twelve of the default where there are none."""
    only_bureau(request)
    district = request.actor.scope.district
    form = DutyForm(request.POST or None, initial={"is_active": True})
    if request.POST.get("default"):
        made = duties.ensure_duties(district=district)
        messages.success(request, f"已设立缺省的 {made} 个岗位，可以逐个改名。" if made else "本区已有岗位，没有改动。")
        return redirect("duty_posts")
    if request.method == "POST" and form.is_valid() and saved(request, form, Duty(district_code=district)):
        return redirect("duty_posts")
    posts = list(Duty.objects.within(request.actor.scope))
    told = {"posts": posts, "form": form, "uneven": uneven(request, posts)}
    return render(request, "cases/duty_posts.html", told, status=422 if form.is_bound else 200)


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_post(request: Any, duty_id: int) -> HttpResponse:
    """One post: its name, order, whether it is in use."""
    only_bureau(request)
    duty = get_object_or_404(Duty.objects.within(request.actor.scope), pk=duty_id)
    form = DutyForm(request.POST or None, instance=duty)
    if request.method == "POST" and form.is_valid() and saved(request, form, duty):
        return redirect("duty_posts")
    return render(request, "cases/duty_post.html", {"duty": duty, "form": form}, status=422 if form.is_bound else 200)


def only_bureau(request: Any) -> None:
    """The posts are the district's: for anybody else the page does not exist."""
    if request.actor.scope.level != Level.DISTRICT:
        raise Http404


def saved(request: Any, form: DutyForm, duty: Duty) -> bool:
    """Store what was filled in; whether it could be."""
    for name, value in form.cleaned_data.items():
        setattr(duty, name, value)
    try:
        duties.save_duty(duty=duty, by=request.actor)
    except Refused as refusal:
        form.add_error("label" if refusal.code == "label" else None, refusal.sentence)
        return False
    messages.success(request, f"岗位“{duty.label}”已保存。")
    return True


def uneven(request: Any, posts: list[Duty]) -> str:
    """What is not as the plan has it: the number of posts on a line."""
    wanted = policy(district=request.actor.scope.district, day=clock.today())["double_line_posts"]
    counts = {label: sum(post.line == line and post.is_active for post in posts) for line, label in Duty.Line.choices}
    return "，".join(f"{label} {number} 个" for label, number in counts.items() if number != wanted) if posts else ""


@page(Right.MANAGE_DUTIES, methods=("POST",))
def duty_region_letter(request: Any, region_code: str) -> HttpResponse:
    """包保责任书 for a township or a village."""
    return made(request, region_spot(request, region_code))


@page(Right.MANAGE_DUTIES, methods=("POST",))
def duty_school_letter(request: Any, school_code: str) -> HttpResponse:
    """包保责任书 for a school."""
    return made(request, school_spot(request, school_code))


def made(request: Any, spot: Spot) -> HttpResponse:
    """Number and keep a letter; a refused form comes back with what was typed."""
    form = LetterForm(request.POST)
    if form.is_valid():
        try:
            letter = duty_letters.make_letter(place=spot.letter_place, written=form.written(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已制作 {letter.number}，请打印签字后上传扫描件。")
            return redirect("duty_letter", duty_letter_id=letter.pk)
    return show(request, spot, letter=form, status=422)


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_letter(request: Any, duty_letter_id: int) -> HttpResponse:
    """One letter: its paper, its scan; POST: the signed scan is kept."""
    letter = letter_of(request, duty_letter_id)
    form = ScanForm(request.POST or None, request.FILES or None, initial={"signed_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            duty_letters.keep_scan(letter=letter, signed_on=told["signed_on"], files=told["scan"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(refusal.code if refusal.code in form.fields else None, refusal.sentence)
        else:
            messages.success(request, f"{letter.number} 已登记签订。")
            return redirect("duty_letter", duty_letter_id=letter.pk)
    return render(request, "cases/duty_letter.html", {"letter": letter, "form": form}, status=422 if form.is_bound else 200)


def letter_of(request: Any, duty_letter_id: int) -> DutyLetter:
    """A letter within the scope; 404 for a stranger."""
    found: DutyLetter = get_object_or_404(DutyLetter.objects.within(request.actor.scope).select_related("school"), pk=duty_letter_id)
    return found


@page(Right.MANAGE_DUTIES)
def duty_letter_pdf(request: Any, duty_letter_id: int) -> HttpResponse:
    """The paper to be signed."""
    letter = letter_of(request, duty_letter_id)
    return download(papers.pdf(paper(letter)), name=f"{letter.number}.pdf", content_type=papers.PDF_TYPE)


@page(Right.MANAGE_DUTIES)
def duty_letter_docx(request: Any, duty_letter_id: int) -> HttpResponse:
    """The same as .docx."""
    letter = letter_of(request, duty_letter_id)
    return download(papers_docx.docx_bytes(paper(letter)), name=f"{letter.number}.docx", content_type=papers.DOCX_TYPE)


@page(Right.MANAGE_DUTIES)
def duty_letter_scan(request: Any, duty_letter_id: int) -> HttpResponse:
    """The signed scan; who took it is written down."""
    letter = letter_of(request, duty_letter_id)
    content = duty_letters.open_scan(letter=letter, by=request.actor)
    if content is None:
        raise Http404
    return download(content, name=letter.file_name, content_type=letter.content_type)
