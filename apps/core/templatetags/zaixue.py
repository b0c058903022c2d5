"""Template tags and filters of every page (built in: no ``{% load %}`` needed). What they draw stands in templates/components/."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from itertools import zip_longest
from typing import Any

from django import template
from django.forms import BoundField, DateInput, Field, FileInput
from django.forms.widgets import ChoiceWidget
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from apps.core import charts, clock, differences, ids

register = template.Library()

WEEKDAYS = "一二三四五六日"
# (label, url name, right): shown to a post that carries the right, once the page exists.
NAVIGATION = (
    ("工作台", "workbench", "workbench"),
    ("点名", "roll_today", "view_attendance"),
    ("今天要联系", "contact_list", "log_contact"),
    ("请假", "leave_list", "view_leaves"),
    ("通知", "notice_list", "workbench"),
    ("名册", "register_list", "view_registers"),
    ("四查三比对", "run_list", "view_runs"),
    ("比对③", "third_list", "view_monitored_comparison"),
    ("比对问题", "finding_list", "view_findings"),
    ("疑似同一人", "doubtful_list", "judge_pairs"),
    ("点名提示", "honesty_list", "inspect_roll_calls"),
    ("总览", "dashboard", "view_dashboard"),
    ("一生一案", "case_list", "view_cases"),
    ("送教上门", "home_list", "view_cases"),
    ("四步法", "step_register", "issue_steps"),
    ("三线报告", "report_list", "view_reports"),
    ("劝返任务", "assignment_list", "view_assignments"),
    ("责任人", "duty_home", "manage_duties"),
    ("学生", "child_list", "view_children"),
    ("管理", "admin:index", "manage_people"),
)
# A page whose number of new things stands beside its name: asked for after the page has opened, so that no page waits for it.
COUNTED = {"notice_list": "notice_count"}


# Pages whose address stands elsewhere than the page they belong to.
UNDER = {"/ledgers/": "case_list"}


def address(name: str) -> str:
    """The path of a named page without arguments, '' where there is none yet."""
    try:
        return reverse(name)
    except NoReverseMatch:
        return ""


@register.simple_tag
def fault(error: str, field: BoundField, label: str = "") -> str:
    """What is wrong with a field; where it is only empty, what to choose or to write, by its label."""
    if str(error) != str(Field.default_error_messages["required"]):
        return str(error)
    chosen = isinstance(field.field.widget, (ChoiceWidget, FileInput, DateInput))
    return f"请{'选择' if chosen else '填写'}{label or field.label}。"


@register.inclusion_tag("components/navigation.html", takes_context=True)
def navigation(context: template.Context) -> dict[str, Any]:
    """The pages the acting post may open; the one we are on is marked."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    if request is None or actor is None:
        return {"items": []}
    links = [(label, address(name), address(COUNTED.get(name, ""))) for label, name, right in NAVIGATION if actor.may(right)]
    path = next((address(name) for start, name in UNDER.items() if request.path.startswith(start)), request.path)
    here = max((url for _, url, _ in links if url and under(path, url)), key=len, default="")
    return {"items": [{"label": label, "url": url, "here": url == here, "counted": counted} for label, url, counted in links if url]}


def place_of(path: str) -> str:
    """The name of the page a path stands under; '' for none."""
    found = [(len(url), label) for label, name, _right in NAVIGATION if (url := address(name)) != "/" and url and under(path, url)]
    return max(found, default=(0, ""))[1]


def under(path: str, url: str) -> bool:
    """Whether a path is this page or one below it; the root is only itself."""
    return path == url or (url != "/" and path.startswith(url))


@register.inclusion_tag("components/acting_post.html", takes_context=True)
def acting_post(context: template.Context) -> dict[str, Any]:
    """Who is acting, the other posts of the person, password and log-out."""
    request = context.get("request")
    actor = getattr(request, "actor", None)
    held = getattr(request, "posts", ())
    user = getattr(request, "user", None)
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "person": actor.name if actor else user.get_username() if user else "",
        "actor": actor,
        "others": [post for post in held if actor is None or post.pk != actor.post_id],
        "switch_url": address("switch_post"),
        "password_url": address("password_change"),
        "logout_url": address("logout"),
    }


@register.simple_tag
def now_said() -> str:
    """The present moment: 2026年11月23日 15:05."""
    return f"{timezone.localtime(clock.now()):%Y年%-m月%-d日 %H:%M}"


@register.simple_tag
def form_key() -> SafeString:
    """The key that makes a form take effect once; every POST form carries it."""
    return format_html('<input type="hidden" name="_key" value="{}">', uuid.uuid4())


@register.filter
def masked(number: str | None) -> str:
    """The form of an identity number that pages may show: 530113********1234."""
    return ids.mask(number or "")


@register.filter
def cn_date(value: date | datetime | None) -> str:
    """2026年11月23日; '' for nothing. Columns copied from a register stay as they are written there: 2026-11-23."""
    if value is None or value == "":
        return ""
    if isinstance(value, datetime) and timezone.is_aware(value):
        value = timezone.localtime(value)
    return f"{value.year}年{value.month}月{value.day}日"


@register.filter
def cn_moment(value: datetime | None) -> str:
    """2026年11月23日 15:05, in the district's time; '' for nothing."""
    if value is None or value == "":
        return ""
    here = timezone.localtime(value) if timezone.is_aware(value) else value
    return f"{cn_date(here)} {here:%H:%M}"


@register.filter
def stamped(value: datetime) -> str:
    """``cn_moment`` of a time that Django or the database stamped, by the product's clock."""
    return cn_moment(clock.inside(value))


@register.filter
def weekday(value: date) -> str:
    """星期一."""
    return f"星期{WEEKDAYS[value.weekday()]}"


@register.filter
def count(number: Any) -> str:
    """A figure with thousands apart: 27,998; '—' for what is not known."""
    return f"{number:,}" if isinstance(number, (int, float, Decimal)) else "—"


@register.filter
def absolute(number: int) -> int:
    """The figure without its sign."""
    return abs(number)


@register.filter
def at(row: Any, name: Any) -> Any:
    """``row[name]`` for a name held in a variable; None where it is missing."""
    return row.get(name)


@register.filter
def chosen(form: Any) -> str:
    """The words picked in the selects of a filter form: 「待处理、铜都街道」; '' where nothing is narrowed."""
    told = []
    for field in form:
        value = field.value()
        if value and not field.is_hidden and hasattr(field.field, "choices"):
            told += [words for code, words in flat(field.field.choices) if str(code) == str(value)]
    return "、".join(told)


def flat(choices: Iterable[Any]) -> list[tuple[Any, str]]:
    """Choices without their groups."""
    told: list[tuple[Any, str]] = []
    for code, words in choices:
        told += flat(words) if isinstance(words, list | tuple) else [(code, str(words))]
    return told


@register.simple_tag
def marked(value: Any, other: Any) -> SafeString:
    """The value with the characters marked that differ from the other one."""
    runs = differences.segments(str(value or ""), str(other or ""))
    return format_html_join("", "{}", ((format_html("<mark>{}</mark>", run.text) if run.differs else run.text,) for run in runs))


@register.inclusion_tag("components/line_chart.html")
def line_chart(title: str, labels: Sequence[str], series: Sequence[charts.Series], unit: str = "") -> dict[str, Any]:
    """A line chart in two sizes (desk, phone), its sentence, and the table behind it."""
    return {
        "title": title,
        "unit": unit,
        "series": series,
        "sentence": charts.sentence(title, labels, series, unit),
        "sizes": [
            ("wide", charts.line_chart(labels, series, width=760, height=230, words=5)),
            ("narrow", charts.line_chart(labels, series, width=320, height=200, words=3)),
        ],
        "rows": [(label, cells) for label, *cells in zip(labels, *map(linked, series), strict=False)],
    }


def linked(series: charts.Series) -> list[tuple[str, str]]:
    """The figures of a line as text, each with its address ('' where there is none)."""
    return list(zip_longest(map(charts.plain, series.values), series.urls, fillvalue=""))


@register.inclusion_tag("components/sparkline.html")
def sparkline(values: Sequence[charts.Number | None], label: str) -> dict[str, Any]:
    """A line as small as a word; ``label`` is the sentence that says what it shows."""
    path, end = charts.sparkline(values)
    return {"path": path, "end": end, "label": label}


@register.inclusion_tag("components/bar.html")
def bar(label: str, part: charts.Number, whole: charts.Number, tone: str = "", words: str = "") -> dict[str, Any]:
    """One bar with its figure; ``words`` replaces the standard 「35 / 37」."""
    return {"label": label, "share": charts.share(part, whole), "tone": tone, "words": words or f"{charts.plain(part)} / {charts.plain(whole)}"}


@register.inclusion_tag("components/tile_grid.html")
def tile_grid(tiles: Sequence[dict[str, Any]], label: str, unit: str = "") -> dict[str, Any]:
    """Places as tiles, three a row, darker where there is more. A tile: label, value, and if wanted url, alarm, note."""
    top = max((tile["value"] or 0 for tile in tiles), default=0)
    shades = [{**tile, "shade": "alarm" if tile.get("alarm") else charts.heat(tile["value"], top)} for tile in tiles]
    return {"tiles": shades, "label": label, "unit": unit}


@register.inclusion_tag("components/heat_table.html")
def heat_table(caption: str, columns: Sequence[str], rows: Sequence[dict[str, Any]], corner: str = "", total: Sequence[int] = ()) -> dict[str, Any]:
    """A table whose cells are shaded by their figure, each column on its own scale (classes differ a thousandfold).

    A row: label, cells, and if wanted url; a cell: a figure, or value with url and, for a column that is no cause for worry, plain.
    """
    cells = [[cell if isinstance(cell, dict) else {"value": cell} for cell in row["cells"]] for row in rows]
    tops = [max((cell["value"] or 0 for cell in column), default=0) for column in zip(*cells, strict=True)]
    shaded = [{**row, "cells": [shaded_cell(*pair) for pair in zip(line, tops, strict=True)]} for row, line in zip(rows, cells, strict=True)]
    return {"caption": caption, "columns": columns, "rows": shaded, "corner": corner, "total": total}


def shaded_cell(cell: dict[str, Any], top: charts.Number) -> dict[str, Any]:
    """A cell with the shade its figure has in a column that reaches ``top``."""
    return {**cell, "shade": "none" if cell.get("plain") else charts.heat(cell["value"], top)}
