"""Children: the search, the card, and the full number for those who may see it."""

from __future__ import annotations

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from apps.audit.models import Event
from apps.core import clock
from apps.core.errors import Refused
from apps.core.medical import reader
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Level
from apps.core.templatetags.zaixue import cn_moment
from apps.dashboards.forms import ChildSearch, RevealForm
from apps.dashboards.queries import card as cards
from apps.registers.layouts.words import said
from apps.registers.models import Entry, Kind
from apps.schools.models import School
from apps.students.actions import reveal_number
from apps.students.models import Child
from apps.students.querysets import WHOLE

PER_PAGE = 50
# Columns of a line worth a place on the card beside school and class; the upload's own page shows them all.
TOLD = (
    ("student_masked", "学籍号"), ("id_masked", "证件号"), ("state", "状态"), ("household_number", "户号"), ("head_name", "户主"), ("village_name", "村（社区）"),
    ("group_kind", "户类型"), ("school_text", "就读学校"), ("situation_text", "就读情况"), ("reported_on", "报到或摸排"), ("address", "住址"), ("remark", "备注"),
)  # fmt: skip


@page(Right.VIEW_CHILDREN)
def child_list(request: Any) -> HttpResponse:
    """The children of the scope, by name, pinyin initials or the end of the ID number (the whole number for holders of that right)."""
    actor = request.actor
    schools = School.objects.within(actor.scope) if actor.scope.level in (Level.DISTRICT, Level.TOWNSHIP) else []
    form = ChildSearch(request.GET, schools=schools)
    wanted = form.wanted()
    text = wanted.get("text", "").strip()
    whole = actor.may(Right.REVEAL_IDS)
    found = Child.objects.within(actor.scope).search(text, whole=whole).filter(merged_into=None)
    for name, field in (("school", "school_id"), ("grade", "grade")):
        if wanted.get(name):
            found = found.filter(**{field: wanted[name]})
    listed = Paginator(found.select_related("school", "school_class").order_by("pinyin", "pk"), PER_PAGE).get_page(request.GET.get("page"))
    told = {"form": form, "page": listed, "narrowed": len(text) >= WHOLE and not whole}
    told["for_leave"] = wanted.get("purpose") == "leave" and actor.may(Right.ASK_LEAVE)
    return render(request, "dashboards/child_list.html", told)


@page(Right.VIEW_CHILDREN)
def child_show(request: Any, child_id: int) -> HttpResponse:
    """One child's card; a child that was merged leads to the one it went into."""
    child = child_of(request, child_id)
    if child.pk != child_id:
        return redirect("child_show", child.pk)
    return show(request, child, form=RevealForm())


@page(Right.REVEAL_IDS, methods=("POST",))
def child_reveal(request: Any, child_id: int) -> HttpResponse:
    """The card with the full number on it, this once; the reason goes into the log first."""
    child = child_of(request, child_id)
    form = RevealForm(request.POST)
    number = ""
    if form.is_valid():
        try:
            number = reveal_number(child=child, by=request.actor, reason=form.cleaned_data["reason"], now=clock.now())
        except Refused as refused:
            form.add_error(None, refused.sentence)
    return show(request, child, form=form, number=number)


def child_of(request: Any, child_id: int) -> Child:
    """The child within the scope, or the one it was merged into; 404 for a stranger."""
    return get_object_or_404(Child.objects.within(request.actor.scope).standing_for(child_id).select_related("school", "school_class"))


def show(request: Any, child: Child, *, form: RevealForm, number: str = "") -> HttpResponse:
    """The card as a page; ``number`` is the full one just revealed."""
    found = cards.card(child, actor=request.actor, today=clock.today())
    told = {
        "child": child,
        "card": found,
        "age": age(child, clock.today()),
        "lines": [(line, facts(line), line.upload_id in found.uploads) for line in found.lines],
        "past": [(line, ending(line)) for line in found.past],
        "links": [link_words(link) for link in found.links],
        "groups": [said("group_kind", line.group_kind) for line in found.groups],
        "history": history(found, medical=reader(request.actor.rights).papers),
        "form": form if request.actor.may(Right.REVEAL_IDS) and child.document_id else None,
        "number": number,
    }
    return render(request, "dashboards/child_show.html", told)


def age(child: Child, today: Any) -> int | None:
    """Whole years."""
    born = child.birth_date
    return None if born is None else today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def facts(line: Entry) -> list[tuple[str, str]]:
    """What a line says, in words, beside name, school and class."""
    skipped = () if line.kind == Kind.SURVEY else ("situation_text",)  # elsewhere the state says it already
    return [(label, words) for column, label in TOLD if column not in skipped and (words := said(column, getattr(line, column)))]


def ending(line: Entry) -> str:
    """How a line came to its end."""
    if line.superseded_by_id:
        return f"被《{line.superseded_by.file_name}》中的新一行替换"
    reason = {"left": "已离开", "absent_from_file": "文件中没有", "see_comparison": "见比对"}.get(line.end_reason, line.end_reason)
    return f"随《{line.ended_by.file_name}》移出名册：{reason}"


def link_words(link: Any) -> dict[str, str]:
    """Two lines taken for one child, and why."""
    sides = [f"{line.get_kind_display()} 第 {line.sheet_row} 行" for line in (link.left, link.right)]
    return {"sides": " ↔ ".join(sides), "basis": link.basis, "by": "" if link.decided_by == "rule" else link.decided_by}


def history(found: cards.Card, *, medical: bool) -> list[dict[str, str]]:
    """What was done about the child, the latest first; what older versions wrote of an illness is for those who may read it."""
    return [
        {
            "when": cn_moment(event.at), "who": f"{event.user_name} · {event.post_title}", "what": words(event, medical=medical),
            "tone": "warn" if event.verb == cards.REVEALED else "info",
        }
        for event in found.events
    ]  # fmt: skip


def words(event: Event, *, medical: bool) -> str:
    """What an event says to a reader."""
    return event.sentence if medical or event.verb not in cards.TELLS_MEDICAL else event.sentence.split("：")[0]
