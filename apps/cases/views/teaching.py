"""送教上门: the register of a place, one plan with its lessons, the sheets."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from apps.cases.actions import teaching as actions
from apps.cases.forms.teaching import EndForm, LessonForm, PlanForm, TeachingFilter, VoidForm
from apps.cases.letters import teaching as letters
from apps.cases.models import Case, HomeTeaching, Lesson
from apps.cases.queries import teaching as queries
from apps.cases.views.panels.returning import rooms_of
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.papers import DOCX_TYPE, PDF_TYPE, Paper, pdf
from apps.core.papers_docx import docx_bytes
from apps.core.rights import Right
from apps.core.scope import Level, Scope
from apps.schools.models import School
from apps.schools.queries import place_names, policy
from apps.schools.rules import term_of

PER_PAGE = 50
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.VIEW_CASES)
def home_list(request: Any) -> HttpResponse:
    """The plans of a school year in the scope, those in arrears marked."""
    today = clock.today()
    form = TeachingFilter(request.GET, year=term_of(today).year)
    found = queries.listed(request.actor.scope, whole=request.actor.may(Right.REVEAL_IDS), **form.wanted())
    listed = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    standing = queries.standings(list(listed), today=today)
    rows = [(plan, standing[plan.pk]) for plan in listed]
    return render(request, "cases/home_list.html", {"form": form, "page": listed, "rows": rows, "query": request.GET.urlencode()})


@page(Right.VIEW_CASES)
def home_file(request: Any) -> HttpResponse:
    """The register as a workbook."""
    today = clock.today()
    wanted = TeachingFilter(request.GET, year=term_of(today).year).wanted()
    plans = list(queries.listed(request.actor.scope, whole=request.actor.may(Right.REVEAL_IDS), **wanted))
    place = place_of(request.actor.scope)
    content = letters.register(plans, queries.standings(plans, today=today), place=place, year=wanted["year"], day=today)
    return download(content, name=f"{place}{wanted['year']}学年送教上门台账.xlsx", content_type=XLSX)


def place_of(scope: Scope) -> str:
    """What a register is headed with: the school's, township's or district's name."""
    if scope.level in (Level.SCHOOL, Level.CLASS):
        return str(School.objects.within(scope).get())
    code = scope.township or scope.district
    return place_names([code]).get(code, "")


@page(Right.TEACH_AT_HOME, methods=("GET", "POST"))
def home_new(request: Any, child_id: int) -> HttpResponse:
    """Plan a school year for a child."""
    child = get_object_or_404(queries.children(request.actor.scope).select_related("school_class"), pk=child_id)
    today = clock.today()
    numbers = policy(district=child.district_code, day=today)
    low, high = numbers["home_teaching_lessons_low"], numbers["home_teaching_lessons_high"]
    begun = {"first_day": today, "last_day": date(term_of(today).year + 1, 7, 10), "room": child.school_class_id}
    form = PlanForm(request.POST or None, initial=begun, rooms=rooms_of(request.actor, today), low=low)
    if request.method == "POST" and form.is_valid():
        try:
            made = actions.plan(child=child, planned=form.planned(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "送教计划已订。每次送教后在这里登记，附照片和家长签字。")
            return redirect("home_show", plan_id=made.pk)
    case = Case.objects.within(request.actor.scope).open().filter(child=child).first()
    told = {"child": child, "case": case, "form": form, "low": low, "high": high}
    return render(request, "cases/home_new.html", told, status=422 if form.is_bound else 200)


def plan_of(request: Any, plan_id: int) -> HomeTeaching:
    """A plan within the scope; 404 for a stranger."""
    plans = HomeTeaching.objects.within(request.actor.scope).select_related(*queries.READ_WITH)
    found: HomeTeaching = get_object_or_404(plans, pk=plan_id)
    return found


@page(Right.VIEW_CASES)
def home_show(request: Any, plan_id: int) -> HttpResponse:
    """One plan: how it stands, its lessons with photographs, what this post may do."""
    return show(request, plan_of(request, plan_id))


def show(request: Any, plan: HomeTeaching, *, status: int = 200, **bound: Any) -> HttpResponse:
    """The page of a plan; a form that was refused is shown again with its reason."""
    today = clock.today()
    runs = plan.ended_on is None and plan.first_day <= today
    teaches = request.actor.may(Right.TEACH_AT_HOME)
    lessons = plan.given.filter(voids=None).select_related("voided_by").prefetch_related("attachments")
    told = {
        "plan": plan, "standing": queries.standings([plan], today=today)[plan.pk], "title": letters.year_said(plan),
        "lessons": [lesson_row(one) for one in lessons.order_by("-day", "-pk")], "lesson": None, "end": None,
        "void": bound.get("void") or VoidForm(), "void_of": bound.get("void_of"), "may_void": teaches,
        "high": policy(district=plan.district_code, day=today)["home_teaching_lessons_high"],
    }  # fmt: skip
    if runs and teaches:
        told["lesson"] = bound.get("lesson") or LessonForm(today=today, teachers=plan.teachers, guardian=plan.child.guardian_name)
        told["end"] = bound.get("end") or EndForm(today=today)
    return render(request, "cases/home_show.html", told, status=status)


def lesson_row(lesson: Lesson) -> dict[str, Any]:
    """A lesson with its files; one that was taken back says why."""
    files = [
        {"name": one.label or one.file_name, "url": reverse("case_attachment", args=[one.pk]), "size": one.size} for one in lesson.attachments.all()
    ]
    void = getattr(lesson, "voided_by", None)
    return {"one": lesson, "files": files, "void": void.content if void else ""}


@page(Right.TEACH_AT_HOME, methods=("POST",))
def home_lesson(request: Any, plan_id: int) -> HttpResponse:
    """Write down a visit."""
    plan = plan_of(request, plan_id)
    form = LessonForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            made = actions.give(plan=plan, given=form.given(), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, f"已登记送教 {made.lessons} 课时。")
            return redirect("home_show", plan_id=plan.pk)
    return show(request, plan, status=422, lesson=form)


@page(Right.TEACH_AT_HOME, methods=("POST",))
def home_void(request: Any, lesson_id: int) -> HttpResponse:
    """Take a lesson back."""
    lessons = Lesson.objects.within(request.actor.scope).select_related("plan__case", "plan__child")
    lesson: Lesson = get_object_or_404(lessons, pk=lesson_id)
    form = VoidForm(request.POST)
    if form.is_valid():
        try:
            actions.take_back(lesson=lesson, **form.cleaned_data, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "已作废这一次送教，原记录保留。")
            return redirect("home_show", plan_id=lesson.plan_id)
    return show(request, plan_of(request, lesson.plan_id), status=422, void=form, void_of=lesson.pk)


@page(Right.TEACH_AT_HOME, methods=("POST",))
def home_end(request: Any, plan_id: int) -> HttpResponse:
    """End a plan before its day."""
    plan = plan_of(request, plan_id)
    form = EndForm(request.POST, today=clock.today())
    if form.is_valid():
        try:
            actions.end(plan=plan, **form.cleaned_data, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            messages.success(request, "送教计划已终止。")
            return redirect("home_show", plan_id=plan.pk)
    return show(request, plan, status=422, end=form)


@page(Right.VIEW_CASES)
def home_sheet_pdf(request: Any, plan_id: int) -> HttpResponse:
    """The yearly sheet to print."""
    paper = sheet(request, plan_id)
    return download(pdf(paper), name=f"{paper.title}.pdf", content_type=PDF_TYPE)


@page(Right.VIEW_CASES)
def home_sheet_docx(request: Any, plan_id: int) -> HttpResponse:
    """The same for offices that go on editing it."""
    paper = sheet(request, plan_id)
    return download(docx_bytes(paper), name=f"{paper.title}.docx", content_type=DOCX_TYPE)


@page(Right.VIEW_CASES)
def home_sheet_xlsx(request: Any, plan_id: int) -> HttpResponse:
    """The same as a workbook."""
    plan, today = plan_of(request, plan_id), clock.today()
    content = letters.sheet_workbook(plan, counted(plan), queries.standings([plan], today=today)[plan.pk], day=today)
    return download(content, name=f"{letters.title(plan)} {plan.child.name}.xlsx", content_type=XLSX)


def sheet(request: Any, plan_id: int) -> Paper:
    """The yearly sheet of a plan within the scope."""
    plan = plan_of(request, plan_id)
    return letters.sheet(plan, counted(plan), queries.standings([plan], today=clock.today())[plan.pk])


def counted(plan: HomeTeaching) -> list[Lesson]:
    """The lessons that count."""
    return list(plan.given.filter(voids=None, voided_by=None))
