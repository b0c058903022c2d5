"""双线十二人 by a sheet: the template with every post of the own place, and the filled-in sheet taken in."""

from __future__ import annotations

from typing import Any

import tablib
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render

from apps.cases.actions.duty_sheet import rows_of, take_sheet
from apps.cases.forms.duties import SheetForm
from apps.cases.queries import duty_sheet as queries
from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import download, page
from apps.core.rights import Right
from apps.core.small_sheets import SmallSheet

AGAIN = "请点“下载表格”，在下载的表格里填好，再点“上传并落实”。"
SHOWN = 50  # problems a page tells


@page(Right.MANAGE_DUTIES, methods=("GET", "POST"))
def duty_sheet(request: Any) -> HttpResponse:
    """The form; a sheet with a problem is refused as a whole, each row with its sentence."""
    form, problems = SheetForm(request.POST or None, request.FILES or None), list[str]()
    if request.method == "POST" and form.is_valid():
        try:
            data = SmallSheet(again=AGAIN).create_dataset(form.cleaned_data["file"].read())
            taken = take_sheet(rows=rows_of(data.headers or [], list(data)), by=request.actor, now=clock.now())
        except Refused as refusal:
            form.add_error("file", refusal.sentence)
        else:
            if not taken.problems:
                messages.success(request, f"已落实 {taken.named} 人" + (f"，{taken.same} 行与现有的相同。" if taken.same else "。"))
                return redirect("duty_home")
            problems = taken.problems
    told = {"form": form, "problems": problems[:SHOWN], "more": max(len(problems) - SHOWN, 0), "number": len(problems)}
    return render(request, "cases/duty_sheet.html", told, status=422 if request.method == "POST" else 200)


@page(Right.MANAGE_DUTIES)
def duty_sheet_file(request: Any) -> HttpResponse:
    """The template: every post of the own place; who is named stands there."""
    data = tablib.Dataset(*queries.lines(request.actor.scope, day=clock.today()), headers=queries.HEADINGS)
    return download(SmallSheet().export_data(data), name="双线十二人责任人（填写）.xlsx", content_type=SmallSheet.CONTENT_TYPE)
