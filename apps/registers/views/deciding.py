"""What a person decides about an upload: the missing, the commit, giving it up, taking it back."""

from __future__ import annotations

from collections.abc import Callable, Container
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from apps.core import clock
from apps.core.errors import Refused
from apps.core.pages import ActingRequest, page, row_key
from apps.core.rights import Right
from apps.registers import actions
from apps.registers.forms import CommitForm, answers_for
from apps.registers.models import Upload
from apps.registers.views import REPORT, is_report, upload_of

State = Upload.State
GIVEN_UP = (State.WAITING, State.HEADINGS, State.STAGED, State.REFUSED)


def back(upload: Upload, tab: str = "") -> str:
    """The page of the upload, at one of its tabs."""
    return reverse("register_show", args=[upload.pk]) + (f"?tab={tab}" if tab else "")


@page(Right.UPLOAD_REGISTERS, methods=("POST",))
def register_missing(request: ActingRequest, upload_id: int) -> HttpResponse:
    """What became of those on the roll who are not in the file: each by itself, or all at once."""
    upload = upload_of(request.actor, upload_id, handle=True)
    default = request.POST.get("default", "")
    given = {name.removeprefix("answer-"): answer for name, answer in request.POST.items() if name.startswith("answer-") and answer}
    answers = {} if default else {pk: answer for name, answer in given.items() if (pk := row_key(name))}
    try:
        actions.answer_missing(upload=upload, default=default, answers=answers, by=request.actor)
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        said = f"没有逐人说明的，都按“{answers_for(upload.kind)[default]}”处理。" if default else f"已记下 {len(answers)} 人的去向。"
        messages.success(request, said)
    number = request.POST.get("page", "")
    return redirect(back(upload, "missing") + (f"&page={number}" if number.isdecimal() else ""))


@page(Right.UPLOAD_REGISTERS, methods=("POST",))
def register_commit(request: ActingRequest, upload_id: int) -> HttpResponse:
    """Write what the preview showed; a "no" comes back as its sentence above the new preview."""
    upload = upload_of(request.actor, upload_id, handle=True)
    form = CommitForm(request.POST)
    if not form.is_valid():
        messages.error(request, "页面不完整，请核对下面的差异后再提交一次。")
        return redirect(back(upload))
    if not upload.counts.get("accepted", 0) + upload.counts.get("cleaned", 0) and upload.state == State.STAGED:
        messages.error(request, "没有一行可以收下，请下载问题表改正后重新上传。")
        return redirect(back(upload))
    try:
        counts = actions.commit_upload(
            upload=upload, by=request.actor, now=clock.now(), confirm_shrink=form.cleaned_data["confirm_shrink"],
            confirm_kind=form.cleaned_data["confirm_kind"], expected_base=form.cleaned_data["expected_base"],
        )  # fmt: skip
    except Refused as refusal:
        messages.error(request, refusal.sentence)
    else:
        counted = f"已提交：新增 {counts['inserted']}，变更 {counts['updated']}，移出 {counts.get('ended', 0)}。"
        reported = f"已上报{upload.file_name.removeprefix(REPORT)}，由乡镇（街道）和学校核实；交办到村的，会出现在“劝返任务”里。"
        messages.success(request, reported if is_report(upload) else counted)
    return redirect(back(upload))


@page(Right.UPLOAD_REGISTERS, methods=("GET", "POST"))
def register_discard(request: ActingRequest, upload_id: int) -> HttpResponse:
    """Give an upload up before its commit."""
    upload = upload_of(request.actor, upload_id, handle=True)
    asks = {
        "title": "放弃这份上传？",
        "button": "放弃",
        "consequences": ["文件和读出的内容会删除", "现有名册不变", "以后可以重新上传"],
    }
    return decide(request, upload, asks, lambda: actions.discard_upload(upload=upload, by=request.actor), "已放弃，现有名册没有变化。", GIVEN_UP)


@page(Right.UPLOAD_REGISTERS, methods=("GET", "POST"))
def register_undo(request: ActingRequest, upload_id: int) -> HttpResponse:
    """Take a whole commit back, until something later stands on it."""
    upload = upload_of(request.actor, upload_id, handle=True)
    counts = upload.counts
    asks = {
        "title": "撤销这次提交？",
        "button": "撤销提交",
        "consequences": [
            f"本次新增的 {counts.get('inserted', 0)} 行从名册中去掉",
            f"本次变更的 {counts.get('updated', 0)} 行恢复原来的内容",
            f"本次移出的 {counts.get('ended', 0)} 行回到名册",
            "已有比对或个案用到这次提交的，不能撤销",
        ],
    }
    return decide(
        request, upload, asks, lambda: actions.undo_upload(upload=upload, by=request.actor), "已撤销，名册恢复到提交以前。", (State.COMMITTED,)
    )


def decide(request: ActingRequest, upload: Upload, asks: dict[str, Any], act: Callable[[], Any], done: str, states: Container[str]) -> HttpResponse:
    """A page that asks first, and then acts."""
    if request.method == "GET" and upload.state not in states:
        return redirect(back(upload))
    if request.method == "POST":
        try:
            act()
        except Refused as refusal:
            messages.error(request, refusal.sentence)
        else:
            messages.success(request, done)
        return redirect(back(upload))
    return render(request, "registers/confirm.html", {"upload": upload, "back_url": back(upload), **asks})
