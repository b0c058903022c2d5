"""The tags and filters of the templates, and the components they draw."""

from __future__ import annotations

import re
import uuid
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from django import forms
from django.template import engines
from django.template.loader import render_to_string
from django.test import RequestFactory, override_settings
from django.urls import path

from apps.core.charts import Series
from apps.core.templatetags import zaixue


def page(request: Any) -> None:
    """Never called: the addresses only have to exist."""


urlpatterns = [
    path("", page, name="workbench"),
    path("registers/", page, name="register_list"),
    path("runs/", page, name="run_list"),
    path("runs/findings/", page, name="finding_list"),
    path("out/", page, name="logout"),
    path("switch/", page, name="switch_post"),
]
routed = override_settings(ROOT_URLCONF=__name__)


def rendered(source: str, **context: Any) -> str:
    return engines["django"].from_string(source).render(context)


def asking(address: str, *rights: str) -> Any:
    request: Any = RequestFactory().get(address)
    request.actor = SimpleNamespace(may=lambda right: right in rights, post_id=1, title="学籍管理员 · 汤丹中心学校", name="李老师")
    request.posts = [SimpleNamespace(pk=1), SimpleNamespace(pk=2)]
    return request


def test_form_key_is_fresh_every_time() -> None:
    keys = re.findall(r'name="_key" value="([^"]+)"', rendered("{% form_key %}{% form_key %}"))
    assert len({uuid.UUID(key) for key in keys}) == 2


def test_masked_shows_only_the_ends() -> None:
    assert rendered("{{ a|masked }}/{{ b|masked }}", a="530113201306151234", b=None) == "530113********1234/"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (date(2026, 11, 23), "2026年11月23日"),
        (datetime(2026, 11, 22, 17, 0, tzinfo=UTC), "2026年11月23日"),
        (date(2026, 3, 1), "2026年3月1日"),
        (None, ""),
        ("", ""),
    ],
)
def test_cn_date(value: Any, words: str) -> None:
    assert zaixue.cn_date(value) == words


def test_a_moment_is_told_in_the_district_s_time_and_a_day_by_its_weekday() -> None:
    assert zaixue.cn_moment(datetime(2026, 11, 22, 17, 5, tzinfo=UTC)) == "2026年11月23日 01:05"
    assert zaixue.cn_moment(None) == ""
    assert zaixue.weekday(date(2026, 3, 1)) == "星期日"


def test_a_folded_filter_says_what_it_narrows_to() -> None:
    class Narrow(forms.Form):
        text = forms.CharField(required=False)
        state = forms.ChoiceField(required=False, choices=[("", "全部"), ("open", "待处理")])
        klass = forms.ChoiceField(required=False, choices=[("① 户籍×学籍", [("1:a", "失学")])])
        owner = forms.ChoiceField(required=False, choices=[("me", "我")], widget=forms.HiddenInput)

    assert zaixue.chosen(Narrow({"text": "杨", "state": "open", "klass": "1:a", "owner": "me"})) == "待处理、失学"
    assert zaixue.chosen(Narrow({})) == ""


def test_count_and_absolute() -> None:
    assert rendered("{{ a|count }} {{ b|count }} {{ c|absolute }}", a=27998, b=None, c=-5) == "27,998 — 5"


@pytest.mark.parametrize(
    ("value", "other", "html"),
    [
        ("2013-06-15", "2013-06-16", "2013-06-1<mark>5</mark>"),
        ("吉克·拉铁", "吉克拉铁", "吉克<mark>·</mark>拉铁"),
        ("李明", "李明", "李明"),
        ("<b>", "<i>", "&lt;<mark>b</mark>&gt;"),
        (None, "李明", ""),
    ],
)
def test_marked_marks_what_differs_and_escapes(value: Any, other: Any, html: str) -> None:
    assert zaixue.marked(value, other) == html


@routed
def test_navigation_shows_what_the_post_may_open_and_what_exists() -> None:
    html = rendered("{% navigation %}", request=asking("/runs/findings/7/", "workbench", "view_runs", "view_findings", "view_cases"))
    assert re.findall(r">(\S+)</a>", html) == ["工作台", "四查三比对", "比对问题"]
    assert re.findall(r'aria-current="page">(\S+)</a>', html) == ["比对问题"]


@routed
def test_workbench_is_marked_only_on_itself() -> None:
    assert 'aria-current="page">工作台' in rendered("{% navigation %}", request=asking("/", "workbench"))
    assert "aria-current" not in rendered("{% navigation %}", request=asking("/elsewhere/", "workbench"))


def test_navigation_is_empty_for_strangers() -> None:
    assert "<a" not in rendered("{% navigation %}", request=RequestFactory().get("/"))
    assert "<a" not in rendered("{% navigation %}")


@routed
def test_acting_post_offers_the_other_posts_and_the_way_out() -> None:
    html = rendered("{% acting_post %}", request=asking("/"))
    assert "学籍管理员 · 汤丹中心学校" in html
    assert re.findall(r'name="post" value="(\d+)"', html) == ["2"]
    assert html.count('name="_key"') == 2
    assert 'action="/out/"' in html


@pytest.mark.parametrize(("days", "words"), [(-5, "超 5 上课日"), (0, "今日 18:00"), (3, "还剩 3 上课日"), (None, "不限时")])
def test_clock_says_it_in_words(days: int | None, words: str) -> None:
    assert f">{words}<" in render_to_string("components/clock.html", {"days": days, "unit": "上课日", "time": "18:00"})


def test_line_chart_has_a_sentence_two_sizes_and_the_table_behind() -> None:
    html = rendered("{% line_chart '疑似' labels series '人' %}", labels=["第1周", "第2周"], series=[Series("甲", [1, None], "bad")])
    assert html.count('role="img" aria-label="疑似，第1周至第2周。甲最近 1人（第1周），最高 1人（第1周）。"') == 2
    assert [re.sub(r"\s", "", cell) for cell in re.findall(r'<td class="num">([^<]*)<', html)] == ["1", "无"]


def test_heat_table_shades_each_column_on_its_own_scale() -> None:
    rows = [{"label": "甲", "cells": [4000, 1, {"value": 9, "plain": True}]}, {"label": "乙", "cells": [{"value": 400, "url": "/x"}, 0, 3]}]
    html = rendered("{% heat_table '人数' columns rows '乡镇' %}", columns=["在籍", "失学", "合计"], rows=rows)
    assert re.findall(r'<td class="heat-(\w+)"', html) == ["5", "1", "none", "1", "0", "2"]
    assert '<a href="/x">400</a>' in html


def test_tiles_darken_with_the_figure_and_an_alarm_wins() -> None:
    tiles = [{"label": "汤丹镇", "value": 5}, {"label": "拖布卡镇", "value": 7, "alarm": True, "url": "/t"}, {"label": "舍块乡", "value": 0}]
    html = rendered("{% tile_grid tiles '未结' '件' %}", tiles=tiles)
    assert re.findall(r"heat-(\w+)", html) == ["3", "alarm", "0"]
    assert "超期" in html


def test_field_ties_help_and_error_to_the_control() -> None:
    class Form(forms.Form):
        number = forms.CharField(label="身份证号", help_text="18 位")

    form = Form({"number": ""})
    html = render_to_string("components/field.html", {"field": form["number"]})
    described = re.search(r'aria-describedby="([^"]+)"', html)
    assert described is not None
    assert all(f'id="{name}"' in html for name in described.group(1).split())
    assert 'aria-invalid="true"' in html


def test_progress_stops_asking_when_finished() -> None:
    request = RequestFactory().get("/runs/3/")
    running = render_to_string("components/progress.html", {"label": "正在比对", "done": 5, "total": 10}, request)
    done = render_to_string("components/progress.html", {"label": "比对完成", "total": 10, "finished": True}, request)
    assert 'hx-get="/runs/3/"' in running
    assert "hx-get" not in done
    assert 'max="1" value="1"' in done
