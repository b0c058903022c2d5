"""What is printed of cases: the file of one child, the three ledgers, the files of many as one zip."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render

from apps.accounts.roles import BY_CODE
from apps.audit.actions import record
from apps.cases.forms.filtering import CaseFilter
from apps.cases.models import Case
from apps.cases.queries import lists
from apps.core import clock, papers, papers_docx
from apps.core.errors import Refused
from apps.core.medical import reader
from apps.core.pages import attachment, download, page
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.reporting.actions import batching
from apps.reporting.forms import BatchForm, LedgerFilter
from apps.reporting.letters import ledgers as workbooks
from apps.reporting.letters.child_file import child_file
from apps.reporting.models import FileBatch
from apps.reporting.queries import ledgers
from apps.reporting.queries.whole import whole
from apps.reporting.tasks import make_batches
from apps.schools.models import Region
from apps.schools.queries import place_names

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@page(Right.EXPORT_CASES)
def case_file_pdf(request: Any, case_id: int) -> HttpResponse:
    """The whole file of one child to print."""
    case, paper = printed(request, case_id)
    return download(papers.pdf(paper), name=f"{paper.title} 个案{case.pk}.pdf", content_type=papers.PDF_TYPE)


@page(Right.EXPORT_CASES)
def case_file_docx(request: Any, case_id: int) -> HttpResponse:
    """The whole file of one child for offices that keep it as .docx."""
    case, paper = printed(request, case_id)
    return download(papers_docx.docx_bytes(paper), name=f"{paper.title} 个案{case.pk}.docx", content_type=papers.DOCX_TYPE)


def printed(request: Any, case_id: int) -> tuple[Case, papers.Paper]:
    """A case of the scope and its file; 404 for a stranger. Who printed it is written down."""
    found = Case.objects.within(request.actor.scope).select_related("child", "school", "school_class")
    case: Case = get_object_or_404(found, pk=case_id)
    record("print_case", f"打印卷宗：{case.child.name}", by=request.actor, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return case, child_file(whole(case, today=clock.today(), reader=reader(request.actor.rights)), day=clock.today())


@page(Right.EXPORT_CASES)
def ledger_list(request: Any) -> HttpResponse:
    """The three ledgers to download, the zips asked for, and the form for another one."""
    return show(request, BatchForm(scope_townships=townships(request.actor)))


def show(request: Any, form: BatchForm, *, status: int = 200) -> HttpResponse:
    """The page of ledgers and zips."""
    actor = request.actor
    run = ledgers.newest_run(actor.scope)
    told = {
        "form": form, "townships": townships(actor), "run": run, "whole": run and ledgers.fits(run), "most": ledgers.WHOLE,
        "batches": FileBatch.objects.of(actor)[:20], "narrow": LedgerFilter.of(request.GET, actor).shown(),
    }  # fmt: skip
    return render(request, "reporting/ledger_list.html", told, status=status)


def townships(actor: Actor) -> list[Region]:
    """The townships of a district's post, to cut the large ledger by; none for narrower posts."""
    if actor.scope.level != Level.DISTRICT:
        return []
    return list(Region.objects.within(actor.scope).filter(level=Region.Level.TOWNSHIP))


@page(Right.EXPORT_CASES)
def ledger_file(request: Any, ledger: str) -> HttpResponse:
    """One ledger of the scope as a workbook, narrowed by the filter of the address; that of all children of a district is cut by township."""
    if ledger not in workbooks.TITLES:
        raise Http404
    if ledger != ledgers.CHILDREN:
        form = LedgerFilter.of(request.GET, request.actor)
        return case_workbook(request, form, ledger, ledgers.of_ledger(ledger, found_by(request, form)))
    return child_workbook(request)


@page(Right.EXPORT_CASES)
def case_list_file(request: Any) -> HttpResponse:
    """The list of cases as it is filtered, whole, as a workbook."""
    form = CaseFilter.of(request.GET, request.actor)
    return case_workbook(request, form, ledgers.LISTED, found_by(request, form))


def found_by(request: Any, form: CaseFilter) -> QuerySet[Case]:
    """The cases of the scope that a filter finds."""
    actor = request.actor
    return lists.listed(actor.scope, whole=actor.may(Right.REVEAL_IDS), today=clock.today(), **form.wanted())


def case_workbook(request: Any, form: CaseFilter, kind: str, found: QuerySet[Case]) -> HttpResponse:
    """Some cases as a workbook that says by what they were chosen."""
    rows, words = ledgers.case_rows(found), f"　筛选：{form.words()}"
    return saved(request, kind, place=place_of(request.actor), head=ledgers.CASE_HEAD, rows=rows, source=words)


def child_workbook(request: Any) -> HttpResponse:
    """The ledger of all children of compulsory age; of a large district cut by township."""
    actor = request.actor
    run, mine = ledgers.newest_run(actor.scope), {one.pk: one.name for one in townships(actor)}
    township = request.GET.get("township", "")
    if run is None or (mine and township not in mine and (township or not ledgers.fits(run))):
        messages.error(request, "还没有完成过比对，没有适龄儿童台账。" if run is None else "请先选乡镇（街道）。")
        return redirect("ledger_list")
    rows = ledgers.child_rows(run, actor.scope, township=township)
    place = mine.get(township, place_of(actor))
    return saved(request, ledgers.CHILDREN, place=place, head=ledgers.CHILD_HEAD, rows=rows, source=f"　依据：{run.term.label}{run}")


def saved(request: Any, kind: str, *, place: str, head: Sequence[str], rows: Iterable[Sequence[object]], source: str) -> HttpResponse:
    """A workbook to keep; who took it is written down."""
    name, today = workbooks.NAMES[kind], clock.today()
    record("export_ledger", f"导出{name}", by=request.actor)
    content = workbooks.workbook(kind, place=place, head=head, rows=rows, day=today, source=source)
    return download(content, name=f"{place}{name} {today:%Y%m%d}.xlsx", content_type=XLSX)


def place_of(actor: Actor) -> str:
    """The place of a post as a title names it."""
    scope = actor.scope
    if scope.level in (Level.SCHOOL, Level.CLASS):
        return actor.title.removeprefix(BY_CODE[actor.role].label + " · ")
    code = scope.township or scope.district
    return place_names([code]).get(code, "")


@page(Right.EXPORT_CASES, methods=("POST",))
def batch_new(request: Any) -> HttpResponse:
    """Ask for a zip."""
    form = BatchForm(request.POST, scope_townships=townships(request.actor))
    if form.is_valid():
        cases = form.cases(request.actor.scope)
        try:
            made = batching.ask_batch(cases=cases, name=form.name(), by=request.actor, now=clock.now())
        except Refused as refusal:
            if first := batching.waiting_of(request.actor):
                messages.warning(request, refusal.sentence)
                return redirect("batch_show", batch_id=first.pk)
            form.add_error(None, refusal.sentence)
        else:
            with suppress(make_batches.OperationalError):  # the sweeper queues it
                make_batches.delay()
            return redirect("batch_show", batch_id=made.pk)
    return show(request, form, status=422)


@page(Right.EXPORT_CASES)
def batch_show(request: Any, batch_id: int) -> HttpResponse:
    """How far a zip is; of one that is done also the cases whose file could not be made."""
    batch = get_object_or_404(FileBatch.objects.of(request.actor), pk=batch_id)
    skipped = list(Case.objects.within(request.actor.scope).filter(pk__in=batch.skipped).select_related("child"))
    told = {"batch": batch, "skipped": skipped, "made": len(batch.cases) - len(batch.skipped)}
    return render(request, "reporting/batch_show.html", told)


@page(Right.EXPORT_CASES)
def batch_zip(request: Any, batch_id: int) -> HttpResponseBase:
    """The finished zip, to keep; who took it is written down."""
    batch = get_object_or_404(FileBatch.objects.of(request.actor).filter(state=FileBatch.State.DONE), pk=batch_id)
    path = batching.zip_path(batch)
    if not path.is_file():
        raise Http404
    record("open_batch", f"下载卷宗 {len(batch.cases) - len(batch.skipped)} 件", by=request.actor, object_kind="batch", object_id=batch.pk)
    answer = FileResponse(path.open("rb"), content_type="application/zip")
    answer.headers["Content-Disposition"] = attachment(f"{batch.name}.zip")
    answer.headers["X-Content-Type-Options"] = "nosniff"
    return answer
