"""Figures as rows with links: every number leads to its list of children."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from apps.reconciliation import rules
from apps.reconciliation.models import Run
from apps.reconciliation.queries import figures as f
from apps.reconciliation.queries.board import Board, Place

FIRST_HEAT = tuple(code for code in f.FIRST_CODES if code != "first_inside")  # the ordinary case would outshine all others
SECOND_HEAT = (*(code for code in f.SECOND_CODES if code != "second_attending"), *f.REVERSE_CODES)


def children_url(run: Run, figure: str, place: Place | None = None, stage: str = "") -> str:
    """The list of children behind one number."""
    query = {"figure": figure, "stage": stage}
    if place is not None and place.level != "district":
        query |= {"township": place.township, "village": place.code} if place.level == "village" else {place.level: place.code}
    return f"{reverse('run_children', args=[run.pk])}?{urlencode({key: value for key, value in query.items() if value})}"


def cell(run: Run, place: Place, figure: str, stage: str) -> dict[str, Any]:
    """One number and its address; what lies outside every township has no list of its own."""
    outside = place.level != "district" and not place.code
    return {"value": place.counts[stage][figure], "url": "" if outside else children_url(run, figure, place, stage)}


def heat(run: Run, places: Sequence[Place], codes: Sequence[str], stage: str) -> dict[str, Any]:
    """A heat table: places down, classes across; a township leads to its villages and schools."""
    here = reverse("run_show", args=[run.pk])
    rows = [
        {
            "label": place.name,
            "url": f"{here}?{urlencode({'township': place.code, 'stage': stage})}" if place.level == "township" and place.code else "",
            "cells": [cell(run, place, code, stage) for code in codes],
        }
        for place in places
    ]
    total = [sum(row["cells"][n]["value"] for row in rows) for n in range(len(codes))]
    return {"columns": [LABELS[code] for code in codes], "rows": rows, "total": total}


# A class of ② read the other way says so where the bare word would mislead.
LABELS = {code: f"无籍·{figure.label}" if code.startswith("reverse_") else figure.label for code, figure in f.FIGURES.items()}


def identities(place: Place, stage: str = "") -> list[dict[str, Any]]:
    """Both identities of a place in words, each with whether it holds."""
    counts = place.counts[stage]
    classes = [(code, label) for code, label in FIRST_SUM if sum(counts[c] for c in code)]
    first = " + ".join(f"{label} {sum(counts[c] for c in code):,}" for code, label in classes) or "0"
    absent = sum(counts[code] for code in f.SECOND_CODES if code != "second_attending")
    without = sum(counts[code] for code in f.REVERSE_CODES)
    second = f"国网学籍数 {counts['enrolled']:,} − 在籍不在校 {absent:,} + 在校无籍 {without:,}"
    second += f" = {counts['enrolled'] - absent + without:,}，在校生数 {counts['attending']:,}"
    told = [{"text": second, "gap": place.gap_second(stage)}]
    if place.level in ("district", "township", "village"):
        told.insert(0, {"text": f"户籍适龄 {counts['household_school_age']:,} = {first}", "gap": place.gap_first(stage)})
    return told[:1] if place.level == "village" else told


FIRST_SUM = (
    (("first_inside",), "区内"), (("first_outside_in_province", "first_outside_out_of_province"), "区外"), (("first_deferral",), "缓学"),
    (("first_suspension",), "休学"), (("first_home_teaching",), "送教"), (("first_medically_unable",), "不具备条件"), (("first_graduated",), "毕业"),
    (tuple(code for code in f.FIRST_CODES if code.startswith("first_removed")), "核减"),
    (("first_never_enrolled",), "失学"), (("first_to_verify",), "待核实"),
)  # fmt: skip


def balance_sentence(board: Board) -> tuple[str, str]:
    """(tone, sentence): balanced everywhere, or which place does not and why."""
    wrong = board.unbalanced()
    if not wrong:
        return "ok", "各级、各学段两个等式全部平衡，无法解释的 0 人。"
    told = []
    for place in wrong[:6]:
        gaps = [f"①差 {gap:+d}" for gap in [place.gap_first()] if gap] + [f"②差 {gap:+d}" for gap in [place.gap_second()] if gap]
        told.append(f"{place.name}（{'、'.join(gaps) or '分学段不平'}）")
    more = f"等 {len(wrong)} 处" if len(wrong) > 6 else ""
    return "bad", f"不平衡：{'；'.join(told)}{more}。①差：有户籍适龄行未归类；②差：在校名册行与在籍在校、在校无籍的分类不一致，请打开名单核对。"


def class_words(row: Any) -> list[dict[str, str]]:
    """The classes of one child in every comparison with their reasons, for lists."""
    told = []
    for comparison, field in rules.FIELDS.items():
        if code := getattr(row, field):
            klass = rules.CLASSES[comparison].get(code)
            told.append(
                {
                    "mark": MARKS[comparison],
                    "label": rules.label(comparison, code),
                    "tone": klass.tone if klass else "off",
                    "reason": getattr(row, f"{field}_reason"),
                }
            )
    return told


MARKS: dict[str, str] = {"1": "①", "2": "②", "2r": "②无籍", "3": "③", "x": "矛盾"}
