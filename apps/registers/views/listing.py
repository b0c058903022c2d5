"""The registers of a term: what may be handed in, what was, and who has not."""

from __future__ import annotations

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import render

from apps.accounts.roles import ROLES
from apps.core import clock
from apps.core.excel.write import template
from apps.core.pages import ActingRequest, download, page
from apps.core.rights import Right
from apps.registers.forms import HistoryForm, UploadForm
from apps.registers.layouts.templates import template_of
from apps.registers.models import Kind, Upload
from apps.registers.queries import overview
from apps.registers.views import TONES
from apps.schools.models import Term
from apps.schools.queries import is_lapsed

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
WHAT = {
    Kind.ENROLLMENT: "从全国学籍系统导出的学生名单。一校一份，或全区一份。",
    Kind.HOUSEHOLD: "公安户籍里的适龄儿童。一个乡镇一份。",
    Kind.ATTENDING: "开学后真正坐在教室里的学生，由班主任点名汇总。一校一份。",
    Kind.MONITORED: "防返贫系统里的脱贫户和三类监测户的适龄儿童。全区一份。",
    Kind.SURVEY: "挨家挨户走访得到的名单，找出不在任何名册里的孩子。",
}
PAGE_ROWS = 20


@page(Right.VIEW_REGISTERS)
def register_list(request: ActingRequest) -> HttpResponse:
    """One card a register the post hands in, coverage for those above, and the uploads so far."""
    terms = overview.terms_of(request.actor)
    term = chosen_term(terms, request.GET.get("term", ""))
    form = HistoryForm(request.GET or None)
    uploads = overview.visible(request.actor).select_related("term", "school", "created_by")
    if form.is_valid():
        uploads = uploads.filter(**{name: value for name, value in form.cleaned_data.items() if value})
    listed = Paginator(uploads, PAGE_ROWS).get_page(request.GET.get("page"))
    context = {
        "term": term,
        "terms": terms,
        "is_lapsed": bool(terms) and is_lapsed(terms[0], day=clock.today()),
        "cards": cards(request, terms, term) if term else [],
        "coverage": overview.coverage(request.actor, term) if term else [],
        "filter": form,
        "uploads": [(one, TONES[Upload.State(one.state)]) for one in listed],
        "page": listed,
        "reports": Kind.SURVEY in request.actor.uploads,
    }
    return render(request, "registers/list.html", context)


def chosen_term(terms: list[Term], code: str) -> Term | None:
    """The term asked for, else the latest that has begun, else the first there is."""
    today = clock.today()
    begun = [one for one in terms if one.first_day <= today]
    return next((one for one in terms if one.code == code), None) or next(iter(begun), None) or (terms[-1] if terms else None)


def cards(request: ActingRequest, terms: list[Term], term: Term) -> list[dict[str, Any]]:
    """What each card shows: the register, who else hands it in, how it stands, and the form."""
    kinds = [kind for kind in Kind if kind in request.actor.uploads]
    if not kinds:
        return []
    latest, places = overview.latest_of(request.actor, term), overview.places_of(request.actor)
    standing, above = overview.standing_of(request.actor, term), overview.handed_in_above(request.actor, term)
    forms = {kind: UploadForm(kind=kind, terms=terms, term=term, places=places, asks_term=False) for kind in kinds}
    return [card(request, kind, latest.get(kind), form) | {"standing": standing.get(kind), "above": kind in above} for kind, form in forms.items()]


def card(request: ActingRequest, kind: Kind, upload: Upload | None, form: UploadForm) -> dict[str, Any]:
    """One card; ``form`` may be bound and carry errors."""
    others = [role.label for role in ROLES if kind in role.uploads and role.code != request.actor.role]
    return {
        "kind": kind.value,
        "label": kind.label,
        "what": WHAT[kind],
        "others": others,
        "upload": upload,
        "tone": TONES[Upload.State(upload.state)] if upload else "",
        "form": form,
    }


@page(Right.UPLOAD_REGISTERS)
def register_template(request: ActingRequest, kind: str) -> HttpResponse:
    """The workbook to fill in: headings, notes, drop-downs, numbers as text."""
    if kind not in request.actor.uploads:
        raise Http404
    target = io.BytesIO()
    template(target, **template_of(kind))
    return download(target.getvalue(), name=f"{Kind(kind).label}模板.xlsx", content_type=XLSX)
