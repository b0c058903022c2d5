"""The page /styleguide/: every component with invented sample data. Routed in development only (config/urls.py)."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from apps.core.charts import Series
from apps.core.pages import public_page
from apps.core.scope import SYSTEM

WEEKS = [f"第{n}周" for n in range(2, 14)]
STEPS = ["上传", "核对标题", "查看差异", "提交"]
TONES = [("bad", "疑似辍学"), ("warn", "待核实"), ("ok", "已复学"), ("info", "劝返中 ②责令改正"), ("off", "已销号")]
CLASSES = ["区内在籍", "区外就读", "休学", "送教上门", "失学", "待核实"]
TILES = [
    ("铜都街道", 9), ("碧谷街道", 6), ("汤丹镇", 5), ("因民镇", 2), ("阿旺镇", 6), ("乌龙镇", 1), ("红土地镇", 2), ("拖布卡镇", 7), ("舍块乡", 0),
]  # fmt: skip
HEAT = [(4120, 96, 8, 5, 1, 12), (2890, 71, 6, 4, 0, 7), (1955, 140, 3, 6, 2, 9), (1240, 88, 2, 3, 0, 4)]


class SampleForm(forms.Form):
    """Every kind of field once."""

    name = forms.CharField(label="姓名", initial="杨·阿牛")
    number = forms.CharField(label="身份证号", help_text="18 位，末位可为 X；请把单元格设为“文本”。")
    outcome = forms.ChoiceField(label="处理结果", choices=[("", "请选择"), ("outside", "区外就读"), ("suspended", "休学"), ("dropout", "辍学")])
    reason = forms.CharField(label="说明", widget=forms.Textarea(attrs={"rows": 3}))
    way = forms.ChoiceField(label="核实方式", choices=[("phone", "电话"), ("visit", "家访")], widget=forms.RadioSelect, initial="visit")
    proof = forms.FileField(label="证明材料", required=False, help_text="照片或扫描件，不超过 10 MB。")
    informed = forms.BooleanField(label="已当面告知监护人", required=False)


class SampleFilter(forms.Form):
    """A filter as lists have it."""

    q = forms.CharField(label="姓名、拼音首字母或证件号", required=False, widget=forms.TextInput(attrs={"type": "search", "placeholder": "如 yan"}))
    township = forms.ChoiceField(label="乡镇（街道）", required=False, choices=[("", "全部"), *((name, name) for name, _ in TILES)])
    state = forms.ChoiceField(label="状态", required=False, choices=[("", "全部"), ("open", "待处理"), ("settled", "已处理")])


class SampleUpload(forms.Form):
    """The one field of the drop zone."""

    file = forms.FileField(label="名册文件")


@public_page(methods=("GET", "POST"))
def styleguide(request: Any) -> HttpResponse:
    """All components on one page."""
    request.actor = SYSTEM
    messages.success(request, "已提交：新增 12 人，更新 3 人，未变 486 人。")
    messages.error(request, "第17行 身份证件号：以数字格式保存，末三位已丢失。请将该列设为“文本”后重新填写。")
    return render(request, "styleguide.html", sample(request))


def sample(request: HttpRequest) -> dict[str, Any]:
    """Invented figures and rows for every component."""
    wrong = SampleForm({"name": "杨·阿牛", "number": "530113201", "way": "visit"})
    wrong.add_error("number", "只有 9 位。身份证号为 18 位，请核对户口簿后补全。")
    return {
        "steps": STEPS, "tones": TONES, "form": wrong, "filter": SampleFilter(request.GET or None), "upload": SampleUpload(),
        "page": Paginator(range(1204), 50).get_page(request.GET.get("page")), "day": date(2026, 11, 23), "weeks": WEEKS,
        "series": [
            Series("疑似辍学", [1, 8, 13, 21, 25, 22, 19, 16, 18, 15, 21, 23], "bad"),
            Series("复学", [0, 1, 5, 8, 13, 16, 20, 19, 21, None, 20, 21], "ok"),
        ],
        "trend": [1, 4, 3, 7, 6, 9, 7],
        "tiles": [{"label": name, "value": n, "url": "#tiles", "alarm": name == "拖布卡镇"} for name, n in TILES],
        "columns": CLASSES,
        "heat": [
            {"label": name, "url": "#heat", "cells": [{"value": n, "url": "#heat", "plain": i == 0} for i, n in enumerate(row)]}
            for (name, _), row in zip(TILES, HEAT, strict=False)
        ],
        "heat_total": [sum(column) for column in zip(*HEAT, strict=True)],
        **sample_rows(),
    }  # fmt: skip


def sample_rows() -> dict[str, Any]:
    """Invented people; the numbers carry no one's birth date."""
    return {
        "children": [
            ("杨·阿牛", "530113202013321234", "拖布卡中学 八(3)", "拖布卡镇", "bad", "疑似辍学", "首次家访并填写去向", "镇控辍办", -5),
            ("李春燕", "530113202013325678", "阿旺中学 九(1)", "阿旺镇", "info", "劝返中 ②责令改正", "送达责令限期改正通知书", "阿旺镇政府", -2),
            ("马晓东", "530113202013329012", "第二中学 七(5)", "碧谷街道", "bad", "疑似辍学", "三线报告 2/3", "第二中学校长", 0),
            ("普文秀", "530113202013323456", "汤丹中学 八(2)", "汤丹镇", "ok", "已复学 · 跟踪", "第 3 周跟踪记录", "班主任", 3),
        ],
        "pair": [
            {"label": "姓名", "left": "吉克·拉铁", "right": "吉克拉铁"},
            {"label": "性别", "left": "男", "right": "男"},
            {"label": "出生日期", "left": "2013-06-15", "right": "2013-06-16"},
            {"label": "身份证号", "left": "530113********1234", "right": "530113********1243", "note": "末两位对调，校验码不符"},
            {"label": "监护人", "left": "吉克·尔布", "right": ""},
        ],
        "entries": [
            {"when": "11月23日 09:12", "who": "班主任 · 八(3)班", "what": "家访", "text": "监护人称孩子随亲戚在昆明，下周返校。", "tone": "info"},
            {"when": "11月20日 15:05", "who": "系统", "what": "连续 3 个上课日无正当理由未到校，列为疑似辍学", "tone": "bad"},
            {"when": "11月17日 14:40", "who": "班主任 · 八(3)班", "what": "电话联系监护人，未接通", "tone": "warn"},
        ],
        "items": [
            {"label": "三线报告 3/3", "done": True},
            {"label": "首次家访", "note": "3 个上课日内，还剩 1 日", "url": "#checklist", "action": "记录家访"},
            {"label": "第二人复核", "url": "#checklist", "action": "请校长复核"},
        ],
        "files": [
            {"name": "家访记录-1120.jpg", "url": "#files", "size": 482_113, "by": "班主任", "when": "11月20日"},
            {"name": "监护人承诺书.pdf", "url": "#files", "size": 120_400, "by": "拖布卡镇控辍办", "when": "11月21日"},
        ],
        "totals": [
            {"label": "到校", "value": 48, "tone": "ok"},
            {"label": "缺勤", "value": 1, "tone": "bad"},
            {"label": "请假", "value": 1},
            {"label": "待处理", "value": 34, "url": "#stats"},
        ],
        "consequences": ["本次名册的 12 名新增、3 处更新将全部撤回", "已据此处理的问题会重新打开", "撤销会记入操作日志"],
    }
