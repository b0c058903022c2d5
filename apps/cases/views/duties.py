"""双线十二人: a page for each place, who holds its posts, what is missing; naming, hand-over."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse

from apps.cases.actions import duties as actions
from apps.cases.actions.duties import Named, Place
from apps.cases.forms.duties import HandoverForm, LetterForm, NameForm
from apps.cases.models import Duty, DutyLetter, Guarantor
from apps.cases.queries import places as queries
from apps.cases.rules.duties import NAMED_AT, may_name
from apps.core import clock
from apps.core.errors import Refused
from apps.core.excel.write import write_table
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_date
from apps.schools.models import Region, School

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
BY_CLASS = ("duty__order", "school_class__grade", "school_class__name", "pk")
PAST = 50  # former holders a page shows
HEADINGS = ("线", "岗位", "地方", "班级或村民小组", "姓名", "职务", "电话", "自")


@dataclass(slots=True)
class Spot:
    """A place as its page and its forms take it."""

    kind: str  # district, township, village, school
    code: str
    name: str
    place: Place
    duties: list[Duty] = field(default_factory=list)  # the posts named here by the acting post
    rooms: list[Any] = field(default_factory=list)

    @property
    def url(self) -> str:
        """The page of the place."""
        return reverse("duty_school" if self.kind == "school" else "duty_region", args=[self.code])

    @property
    def letter_url(self) -> str:
        """Where a letter for the place is made."""
        return reverse("duty_school_letter" if self.kind == "school" else "duty_region_letter", args=[self.code])

    @property
    def letter_place(self) -> Place:
        """The lower side of a letter: the district stands for its education authority."""
        return self.place if self.kind != "district" else Place(region=self.code)

    @property
    def here(self) -> Q:
        """The people named for exactly this place, its groups, its classes."""
        if self.kind == "school":
            return Q(case=None, school_id=self.code)
        return Q(case=None, school=None, region_code="" if self.kind == "district" else self.code)


@page(Right.MANAGE_DUTIES)
def duty_home(request: Any) -> HttpResponse:
    """The own place."""
    scope = request.actor.scope
    if scope.level == Level.SCHOOL:
        return show(request, school_spot(request, scope.school))
    return show(request, region_spot(request, scope.township or scope.district))


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_region(request: Any, region_code: str) -> HttpResponse:
    """The district, a township or a village; POST: a person is named."""
    return shown_or_named(request, region_spot(request, region_code))


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_school(request: Any, school_code: str) -> HttpResponse:
    """A school; POST: a person is named."""
    return shown_or_named(request, school_spot(request, school_code))


def region_spot(request: Any, code: str) -> Spot:
    """A region within the scope; 404 for a stranger and for a school's post."""
    if request.actor.scope.level == Level.SCHOOL:
        raise Http404
    regions = Region.objects.within(request.actor.scope).filter(level__in=["district", "township", "village"])
    region = get_object_or_404(regions, pk=code)
    spot = Spot(region.level, region.pk, region.name, Place(region="" if region.level == "district" else region.pk))
    return with_duties(request, spot)


def school_spot(request: Any, code: str) -> Spot:
    """A school within the scope; 404 for a stranger."""
    school = get_object_or_404(School.objects.within(request.actor.scope).select_related("township"), pk=code)
    return with_duties(request, Spot("school", school.pk, school.name, Place(school=school)))


def with_duties(request: Any, spot: Spot) -> Spot:
    """The posts this post may name at the place."""
    found = Duty.objects.within(request.actor.scope).filter(is_active=True, level__in=NAMED_AT[spot.kind])
    spot.duties = [duty for duty in found if may_name(duty.level, standing_at=request.actor.scope.level)]
    return spot


def shown_or_named(request: Any, spot: Spot) -> HttpResponse:
    """GET: the page; POST: a person is named, a refused form comes back with what was typed."""
    if request.method == "GET":
        return show(request, spot)
    covers = queries.Covers(request.actor.scope, day=clock.today())
    form = NameForm(request.POST, kind=spot.kind, duties=spot.duties, rooms=covers.rooms[spot.code], today=clock.today())
    if form.is_valid():
        told = form.cleaned_data
        place = Place(spot.place.region, spot.place.school, form.chosen_room, told.get("group", ""))
        try:
            (made,) = actions.name_people(place=place, people=[form.named()], first_day=told["first_day"], by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error({"name": "name", "day": "first_day"}.get(refusal.code), refusal.sentence)
        else:
            messages.success(request, f"已落实{made.duty.label}：{made.name}。")
            return redirect(spot.url)
    return show(request, spot, form=form, status=422)


def show(request: Any, spot: Spot, *, form: NameForm | None = None, letter: LetterForm | None = None, status: int = 200) -> HttpResponse:
    """The page of a place."""
    today = clock.today()
    covers = queries.Covers(request.actor.scope, day=today)
    cover = covers.of_school(spot.place.school) if spot.place.school else covers.of_region(covers.regions[spot.code])
    holders = Guarantor.objects.managed_by(request.actor.scope).filter(spot.here).select_related("duty", "school_class").order_by(*BY_CLASS)
    form = form or NameForm(kind=spot.kind, duties=spot.duties, rooms=covers.rooms[spot.code], today=today)
    told = {
        "spot": spot, "cover": cover, "form": form if spot.duties else None, "parent": parent_of(request, spot),
        "holders": list(holders.filter(Q(last_day=None) | Q(last_day__gte=today))),
        "unended": set(holders.unended(today).values_list("pk", flat=True)),
        "past": list(holders.filter(last_day__lt=today).order_by("-last_day")[:PAST]),
        "below": covers.below(spot.code) if spot.kind in ("district", "township") else [],
        "bare": [(duty.label, covers.bare(duty, spot.place.school)) for duty in class_duties(covers)] if spot.place.school else [],
        "letters": list(letters_of(request, spot)), "letter_form": letter or LetterForm(initial=sides(request, spot, covers, today)),
        "may_posts": request.actor.scope.level == Level.DISTRICT, "no_posts": not covers.duties,
        "free": len(queries.free_posts(request.actor.scope, day=today)),
    }  # fmt: skip
    return render(request, "cases/duty_place.html", told, status=status)


def class_duties(covers: queries.Covers) -> list[Duty]:
    """The posts of a class."""
    return [duty for duty in covers.duties if duty.level == Duty.Level.CLASS]


def parent_of(request: Any, spot: Spot) -> tuple[str, str] | None:
    """Name and address of the place it lies in, where this post sees that."""
    scope = request.actor.scope
    code = spot.place.school.township_id if spot.place.school else spot.code[: {"village": 9, "township": 6}.get(spot.kind, 0)]
    if not code or scope.level == Level.SCHOOL or len(code) < len(scope.township or scope.district):
        return None
    region = Region.objects.within(scope).filter(pk=code).first()
    return (region.name, reverse("duty_region", args=[code])) if region else None


def letters_of(request: Any, spot: Spot) -> Any:
    """The letters whose lower side is the place."""
    here = Q(school_id=spot.code) if spot.kind == "school" else Q(school=None, region_code=spot.code)
    return DutyLetter.objects.within(request.actor.scope).filter(here)


def sides(request: Any, spot: Spot, covers: queries.Covers, today: date) -> dict[str, Any]:
    """What a new letter says unless it is changed: the units and the people who stand there now."""
    names = dict(Region.objects.filter(pk__in=[spot.code[:6], spot.code[:9], request.actor.scope.district]).values_list("code", "name"))
    district = names.get(request.actor.scope.district, "")
    units = {
        "township": (f"{district}人民政府", "gov_leader", "", office(spot.name), "gov_township_head"),
        "village": (office(names.get(spot.code[:9], "")), "gov_township_head", spot.code[:9], f"{spot.name}委员会", "gov_village"),
        "school": (f"{district}教育体育局", "edu_leader", "", spot.name, "edu_principal"),
        "district": (f"{district}人民政府", "gov_leader", "", f"{district}教育体育局", "edu_leader"),
    }[spot.kind]
    held = Guarantor.objects.in_force(today).filter(district_code=request.actor.scope.district, case=None, group="", school_class=None)
    above = held.filter(duty__code=units[1], region_code=units[2], school=None).first()
    below = held.filter(spot.here, duty__code=units[4]).first()
    people = {"upper_name": above.name if above else "", "lower_name": below.name if below else ""}
    return {"year": today.year, "upper": units[0], "lower": units[3], **people}


def office(township: str) -> str:
    """Who governs a township: 汤丹镇人民政府, 铜都街道办事处."""
    return f"{township}办事处" if township.endswith("街道") else f"{township}人民政府"


@page(Right.MANAGE_DUTIES, methods=("POST",))
def duty_take(request: Any) -> HttpResponse:
    """Name the people who hold a log-in of the same kind."""
    rows = queries.free_posts(request.actor.scope, day=clock.today())
    number = actions.take_from_posts(rows=rows, by=request.actor, now=clock.now())
    messages.success(request, f"已按登录岗位落实 {number} 人。" if number else "没有可以填入的：登录岗位上的人都已落实。")
    return redirect("duty_home")


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_handover(request: Any, guarantor_id: int) -> HttpResponse:
    """Everything one person answers for, handed over at once."""
    mine = Guarantor.objects.managed_by(request.actor.scope).unended(clock.today())
    found = mine.select_related("duty", "school", "school_class", "case__child")
    one = get_object_or_404(found, pk=guarantor_id)
    rows = [row for row in found.filter(name=one.name, phone=one.phone) if may_name(row.duty.level, standing_at=request.actor.scope.level)]
    if one not in rows:
        raise Http404
    form = HandoverForm(request.POST or None, initial={"last_day": clock.today()})
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        chosen = {int(key) for key in request.POST.getlist("row") if key.isdecimal() and len(key) < LONGEST}
        successor = Named(one.duty, told["name"], told["job"], told["phone"]) if told["name"] else None
        try:
            picked = [row for row in rows if row.pk in chosen]
            made = actions.hand_over(rows=picked, last_day=told["last_day"], successor=successor, by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("last_day" if refusal.code == "day" else None, refusal.sentence)
        else:
            messages.success(request, f"{one.name}的 {len(picked)} 项责任" + (f"已交接给{told['name']}。" if made else "已结束，岗位暂缺。"))
            return redirect("duty_home")
    regions = Region.objects.filter(pk__in={row.region_code for row in rows}).values_list("code", "name")
    told = {"one": one, "rows": [(row, where(row, dict(regions))) for row in rows], "form": form, "ticked": request.POST.getlist("row")}
    return render(request, "cases/duty_handover.html", told, status=422 if form.is_bound else 200)


LONGEST = 19


def where(row: Guarantor, names: dict[str, str]) -> str:
    """For what a person is named, in words."""
    if row.case:
        return f"{row.case.child.name}（个案）"
    return " ".join(filter(None, (str(row.school or names.get(row.region_code, "全区")), str(row.school_class or ""), row.group)))


@page(Right.MANAGE_DUTIES)
def duty_file(request: Any) -> HttpResponse:
    """Everybody who answers in the own place, as a workbook."""
    scope, today = request.actor.scope, clock.today()
    rows = list(Guarantor.objects.managed_by(scope).in_force(today).filter(case=None).select_related("duty", "school", "school_class"))
    names = dict(Region.objects.filter(pk__in={row.region_code for row in rows}).values_list("code", "name"))
    rows.sort(key=lambda row: (row.duty.line != Duty.Line.GOVERNMENT, row.duty.order, row.region_code, row.school_id or "", row.pk))
    lines = [
        (row.duty.get_line_display(), row.duty.label, str(row.school or names.get(row.region_code, "全区")), str(row.school_class or row.group),
         row.name, row.job, row.phone, f"{row.first_day:%Y-%m-%d}")
        for row in rows
    ]  # fmt: skip
    kept = BytesIO()
    write_table(
        kept, title="双线十二人责任人名单", headings=HEADINGS, rows=lines, widths=(10, 22, 26, 16, 12, 16, 16, 12), text_columns={6, 7},
        sheet="责任人", notes=[f"{request.actor.title}　导出日期：{cn_date(today)}　共 {len(lines)} 人次"],
    )  # fmt: skip
    return download(kept.getvalue(), name="双线十二人责任人名单.xlsx", content_type=XLSX)
