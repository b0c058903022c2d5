"""One upload: how far it is, what it would change, what it changed, and its problems as a workbook."""

from __future__ import annotations

import io
from typing import Any

from django.core.paginator import Page, Paginator
from django.db import connection
from django.http import Http404, HttpResponse
from django.shortcuts import render

from apps.audit.actions import record
from apps.core import clock
from apps.core.errors import Refused
from apps.core.excel.marking import mark_problems
from apps.core.pages import ActingRequest, download, page
from apps.core.rights import Right
from apps.registers.actions import difference
from apps.registers.forms import CommitForm, HeadingsForm, answers_for
from apps.registers.layouts.words import PHASES, counted
from apps.registers.models import Entry, Kind, StagedRow, Upload
from apps.registers.queries import preview
from apps.registers.queries.overview import may_handle
from apps.registers.views import TONES, is_report, upload_of
from apps.registers.views.listing import XLSX
from apps.schools.queries import policy

State = Upload.State
PAGE_ROWS = 50
REMARKS = {"rejected": "未收下的行", "kept": "收下但有提示的行", "cleaned": "自动整理过的行"}
PIECES = {
    State.WAITING: "registers/_reading.html", State.READING: "registers/_reading.html", State.HEADINGS: "registers/_asking.html",
    State.REFUSED: "registers/_refused.html", State.STAGED: "registers/_staged.html", State.COMMITTED: "registers/_committed.html",
    State.UNDONE: "registers/_gone.html", State.DISCARDED: "registers/_gone.html",
}  # fmt: skip


@page(Right.VIEW_REGISTERS)
def register_show(request: ActingRequest, upload_id: int) -> HttpResponse:
    """The page of an upload, whatever its state."""
    upload = upload_of(request.actor, upload_id)
    state = State(upload.state)
    context = {"upload": upload, "tone": TONES[state], "handles": may_handle(request.actor, upload), "piece": PIECES[state]}
    if state in (State.WAITING, State.READING):
        context["progress"] = {"label": PHASES.get(upload.progress.get("phase", ""), "排队等待读取"), "note": counted(upload.progress)}
        if request.headers.get("HX-Target") == "progress":
            return render(request, "registers/_progress.html", context)
    elif request.headers.get("HX-Target") == "progress":
        return HttpResponse(headers={"HX-Refresh": "true"})  # done: the whole page is another one now
    if state == State.HEADINGS:
        context["form"] = HeadingsForm(upload=upload)
    if state in (State.STAGED, State.COMMITTED):
        context |= standing(request, upload) if state == State.STAGED else committed(request, upload)
    return render(request, "registers/show.html", context)


def standing(request: ActingRequest, upload: Upload) -> dict[str, Any]:
    """The preview of a staged upload: its tabs with live counts, and the rows of the open one."""
    found, told = preview.preview(upload), preview.remark_counts(upload)
    tab = request.GET.get("tab", "")
    counts = {"new": len(found.new), "changed": len(found.changed), "unchanged": len(found.unchanged), "missing": len(found.missing)}
    single = is_report(upload)
    context: dict[str, Any] = {
        "tabs": tabs(tab, counts, told),
        "told": told,
        "tab": tab,
        "found": counts,
        "single": single,
        "leaving": leaving(upload, found.missing),
        "good": counts["new"] + counts["changed"] + counts["unchanged"],
        "commit_form": CommitForm(initial={"expected_base": upload.base}),
        "shrinks": difference.shrinks(upload, policy(district=upload.district_code, day=clock.today())["shrink_percent"]),
        "stale": is_stale(upload),
        "default_answer": answers_for(upload.kind).get(upload.missing_answer.get("default", ""), ""),
    }
    if single and not tab:
        moved = [*found.new, *found.changed, *found.unchanged]
        return context | {"lines": preview.staged_lines(upload, moved), "remarks": remarks_of(request, upload, "")}
    if tab in ("new", "changed", "unchanged"):
        listed = paged(request, getattr(found, tab))
        return context | {"page": listed, "lines": preview.staged_lines(upload, listed.object_list)}
    if tab == "missing":
        listed = paged(request, found.missing)
        return context | {"page": listed, "lines": missing_lines(upload, listed), "answers": answers_for(upload.kind)}
    if tab == "problems":
        return context | problems_tab(request, upload, told)
    return context


def leaving(upload: Upload, missing: list[int]) -> int:
    """How many lines a commit would take off the roll, as answered so far."""
    default = upload.missing_answer.get("default", "absent_from_file" if upload.kind == Kind.SURVEY else "see_comparison")
    return sum(1 for pk in missing if upload.missing_answer.get(str(pk), default) != "absent_from_file")


def is_stale(upload: Upload) -> bool:
    """Whether somebody committed for the same place since the difference was counted."""
    with connection.cursor() as cursor:
        return difference.last_commit(cursor, upload) != upload.base


def tabs(tab: str, counts: dict[str, int], told: dict[str, int]) -> list[dict[str, Any]]:
    """The tabs of a preview with their counts."""
    named = [("", "总览", None), ("new", "新增", counts["new"]), ("changed", "变更", counts["changed"]), ("unchanged", "未变", counts["unchanged"])]
    named += [("missing", "缺失", counts["missing"]), ("problems", "问题", told["rejected"] + told["kept"])]
    return [{"key": key, "label": label, "count": count, "here": key == tab} for key, label, count in named]


def paged(request: ActingRequest, rows: Any) -> Page[Any]:
    """One page of a list or queryset."""
    return Paginator(rows, PAGE_ROWS).get_page(request.GET.get("page"))


def missing_lines(upload: Upload, listed: Page[Any]) -> list[dict[str, Any]]:
    """Lines on the roll that the file does not have, with what was said about each."""
    entries = Entry.objects.filter(pk__in=list(listed.object_list)).order_by("pk")
    return [preview.child_of(one) | {"entry": one, "id": one.id_masked, "answer": upload.missing_answer.get(str(one.pk), "")} for one in entries]


def remarks_of(request: ActingRequest, upload: Upload, show: str) -> dict[str, Any]:
    """The rows with problems or repairs, one page."""
    rows = StagedRow.objects.filter(upload=upload)
    match show:
        case "kept":
            rows = rows.exclude(problems=[]).exclude(status="rejected")
        case "cleaned":
            rows = rows.exclude(cleaned=[])
        case _:
            rows = rows.filter(status="rejected")
    listed = paged(request, rows.order_by("row"))
    return {"page": listed, "rows": [preview.remarks(row) for row in listed.object_list], "show": show if show in REMARKS else "rejected"}


def problems_tab(request: ActingRequest, upload: Upload, told: dict[str, int]) -> dict[str, Any]:
    """One page of remarks and the links to the three kinds; unasked, what must be mended, or else what must be looked at."""
    show = request.GET.get("show", "")
    if show not in REMARKS:
        show = "kept" if told["kept"] and not told["rejected"] else "rejected"
    links = [{"key": key, "label": label, "count": told[key], "here": key == show} for key, label in REMARKS.items()]
    return {"remarks": remarks_of(request, upload, show), "shows": links}


def committed(request: ActingRequest, upload: Upload) -> dict[str, Any]:
    """What a commit changed: lines that came, changed and left, and the remarks that stay."""
    tab = request.GET.get("tab", "")
    counts = upload.counts
    named = [("", "总览", None), ("new", "新增", counts.get("inserted", 0)), ("changed", "变更", counts.get("updated", 0))]
    told = preview.remark_counts(upload)
    named += [("ended", "移出", counts.get("ended", 0)), ("problems", "问题", told["rejected"] + told["kept"])]
    links = [{"key": k, "label": label, "count": n, "here": k == tab} for k, label, n in named]
    context: dict[str, Any] = {"tab": tab, "tabs": links, "single": is_report(upload)}
    if tab == "problems":
        return context | problems_tab(request, upload, told)
    if tab in ("new", "changed", "ended"):
        return context | written(request, upload, tab)
    return context


def written(request: ActingRequest, upload: Upload, tab: str) -> dict[str, Any]:
    """One page of the lines a commit wrote, replaced or ended."""
    if tab == "ended":
        words = answers_for(upload.kind)
        listed = paged(request, Entry.objects.filter(ended_by=upload).order_by("pk"))
        lines = [preview.child_of(one) | {"id": one.id_masked, "reason": words.get(one.end_reason, one.end_reason)} for one in listed.object_list]
        return {"page": listed, "lines": lines}
    olds = Entry.objects.filter(superseded_by=upload)
    if tab == "new":
        fresh = Entry.objects.filter(upload=upload).exclude(key__in=olds.values("key"))
        listed = paged(request, fresh.order_by("row"))
        return {"page": listed, "lines": [preview.child_of(one) | {"row": one, "id": one.id_masked} for one in listed.object_list]}
    listed = paged(request, olds.order_by("pk"))
    news = {(one.unit, one.key): one for one in Entry.objects.filter(upload=upload, key__in=[one.key for one in listed.object_list])}
    pairs = [(old, news[old.unit, old.key]) for old in listed.object_list if (old.unit, old.key) in news]
    lines = [preview.child_of(new) | {"row": new, "id": new.id_masked, "differences": preview.entry_differences(old, new)} for old, new in pairs]
    return {"page": listed, "lines": lines}


@page(Right.UPLOAD_REGISTERS)
def register_problems(request: ActingRequest, upload_id: int) -> HttpResponse:
    """The uploaded file back, bad cells marked, a column saying why; it holds full numbers, so only for those who hand it in, and logged."""
    upload = upload_of(request.actor, upload_id, handle=True)
    source, sheets = upload.path, upload.headings.get("sheets", {})
    if not sheets or not source.exists() or upload.state == State.DISCARDED:
        raise Http404
    rows = StagedRow.objects.filter(upload=upload).exclude(problems=[]).order_by("row").values_list("sheet", "sheet_row", "problems")
    problems = [{"sheet": sheet, "sheet_row": row} | problem for sheet, row, found in rows for problem in found]
    target = io.BytesIO()
    columns = {name: sheet["columns"] for name, sheet in sheets.items()}
    try:
        mark_problems(source, problems, target, columns=columns, heading_rows={name: sheet["last_row"] for name, sheet in sheets.items()})
    except Refused as refusal:
        return HttpResponse(refusal.sentence, status=409, content_type="text/plain; charset=utf-8")
    record(
        "download_problems", f"下载问题表：{upload.file_name}", by=request.actor, object_kind="upload", object_id=upload.pk, problems=len(problems)
    )
    return download(target.getvalue(), name=f"问题表_{upload.file_name.rsplit('.', 1)[0]}.xlsx", content_type=XLSX)
