"""Handing a register in: the file, the questions about its headings, and one child told by hand."""

from __future__ import annotations

import logging
from typing import Any

from celery.exceptions import OperationalError
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import ActingRequest, page, row_key
from apps.core.rights import Right
from apps.registers import actions
from apps.registers.forms import HeadingsForm, ReportForm, UploadForm
from apps.registers.models import Kind, Upload
from apps.registers.queries import overview
from apps.registers.queries.incoming import SCHOOL_KINDS
from apps.registers.tasks import read_upload_task
from apps.registers.views import REPORT, is_report, upload_of
from apps.registers.views.listing import card, chosen_term
from apps.schools.models import Region, Term

log = logging.getLogger(__name__)


@page(Right.UPLOAD_REGISTERS, methods=("GET", "POST"))
def register_upload(request: ActingRequest, kind: str) -> HttpResponse:
    """The upload page of one register; a file that cannot even be kept comes back with its sentence beside the form."""
    if kind not in request.actor.uploads:
        raise Http404
    terms, places = overview.terms_of(request.actor), overview.places_of(request.actor)
    term = chosen_term(terms, request.GET.get("term", ""))
    if term is None:
        return render(request, "registers/upload.html", {"label": Kind(kind).label})
    form = UploadForm(request.POST or None, request.FILES or None, kind=kind, terms=terms, term=term, places=places)
    if request.method == "POST" and form.is_valid():
        try:
            upload = receive(request, kind, terms, form)
        except Refused as refusal:
            form.add_error("place" if refusal.code == "place" and "place" in form.fields else "file", refusal.sentence)
        else:
            return redirect("register_show", upload.pk)
    upload = overview.latest_of(request.actor, term).get(kind)
    return render(request, "registers/upload.html", {"label": Kind(kind).label, "card": card(request, Kind(kind), upload, form), "term": term})


def receive(request: ActingRequest, kind: str, terms: list[Term], form: UploadForm) -> Upload:
    """Keep the file and send for a reader."""
    given: dict[str, Any] = form.cleaned_data
    file: UploadedFile = given["file"]
    place = {"school" if kind in SCHOOL_KINDS else "township": given.get("place") or ""}
    term = next(one for one in terms if one.code == given["term"])
    upload = actions.receive_upload(
        by=request.actor, user_id=request.actor.user_id, kind=kind, term=term, file=file.file, file_name=file.name or "", **place
    )
    send_for_reader(request, upload.pk)
    return upload


def send_for_reader(request: ActingRequest, upload_id: int) -> None:
    """Let a worker read, once the upload is stored; where no broker answers, say so: the sweeper brings it to a reader later."""

    def send() -> None:
        try:
            read_upload_task.delay(upload_id=upload_id)
        except (OperationalError, OSError, RuntimeError) as fault:
            log.warning("no broker for upload %s: %s", upload_id, fault)
            messages.warning(request, "文件已收下。后台读取服务暂时没有应答，恢复后会自动读取，不用重新上传。")

    transaction.on_commit(send)


@page(Right.UPLOAD_REGISTERS, methods=("GET", "POST"))
def register_headings(request: ActingRequest, upload_id: int) -> HttpResponse:
    """Say once which field an unknown heading is; it is remembered for the school or township, and the file is read again."""
    upload = upload_of(request.actor, upload_id, handle=True)
    if upload.state not in (Upload.State.HEADINGS, Upload.State.STAGED, Upload.State.REFUSED) or not upload.headings.get("unknown"):
        return redirect("register_show", upload.pk)
    form = HeadingsForm(request.POST or None, upload=upload)
    if request.method == "POST" and form.is_valid():
        try:
            actions.learn_headings(upload=upload, answers=form.answers(), by=request.actor)
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            send_for_reader(request, upload.pk)
            messages.success(request, "已记住这些表头，正在重新读取。下次上传不再询问。")
            return redirect("register_show", upload.pk)
    return render(request, "registers/headings.html", {"upload": upload, "form": form})


@page(Right.UPLOAD_REGISTERS, methods=("GET", "POST"))
def register_report(request: ActingRequest) -> HttpResponse:
    """报告一名儿童: one row of the survey typed by hand, then read, checked and previewed like any file."""
    if Kind.SURVEY not in request.actor.uploads:
        raise Http404
    term = chosen_term(overview.terms_of(request.actor), "")
    names = dict(Region.objects.within(request.actor.scope).filter(level=Region.Level.TOWNSHIP).values_list("pk", "name"))
    scope = request.actor.scope
    if scope.village:
        names = dict(Region.objects.filter(pk__in=[scope.township, scope.village]).values_list("pk", "name"))
    village = names.pop(scope.village, "")
    before, initial = to_be_mended(request)
    form = ReportForm(request.POST or None, actor=request.actor, townships=list(names.items()), village=village, initial=initial)
    if request.method == "POST" and term and form.is_valid():
        file = form.as_file(surveyor=request.actor.name, today=clock.today())
        try:
            upload = actions.receive_upload(
                by=request.actor, user_id=request.actor.user_id, kind=Kind.SURVEY, term=term, township=form.cleaned_data.get("township", ""),
                file=file, file_name=f"{REPORT}{form.cleaned_data['name']}",
            )  # fmt: skip
        except Refused as refusal:
            form.add_error(None, refusal.sentence)
        else:
            if before:
                actions.discard_upload(upload=before, by=request.actor)
            send_for_reader(request, upload.pk)
            return redirect("register_show", upload.pk)
    return render(request, "registers/report.html", {"form": form, "term": term, "village": village, "mends": before is not None})


def to_be_mended(request: ActingRequest) -> tuple[Upload | None, dict[str, str]]:
    """The report that the address says is mended, with what was typed: not yet handed in, and given up once the mended one is there."""
    if not request.GET.get("mend"):
        return None, {}
    upload = upload_of(request.actor, row_key(request.GET["mend"]) or 0, handle=True)
    if not is_report(upload) or upload.state != Upload.State.STAGED:
        raise Http404
    return upload, ReportForm.typed(upload.path)
