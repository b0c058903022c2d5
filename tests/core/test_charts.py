"""The geometry of the charts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core import charts
from apps.core.charts import Series


@pytest.mark.parametrize(
    ("top", "marks"),
    [
        (0, [0, 1]),
        (1, [0, 1]),
        (3, [0, 1, 2, 3]),
        (4, [0, 1, 2, 3, 4]),
        (5, [0, 2, 4, 6]),
        (25, [0, 10, 20, 30]),
        (94.6, [0, 50, 100]),
        (4120, [0, 2000, 4000, 6000]),
    ],
)
def test_axis_marks_are_round_and_cover_the_highest_figure(top: float, marks: list[int]) -> None:
    assert charts.scale(top) == marks


@given(st.floats(min_value=0, max_value=1e9))
def test_axis_has_at_most_four_steps_and_never_cuts_a_line_off(top: float) -> None:
    marks = charts.scale(top)
    assert 2 <= len(marks) <= 5
    assert marks[0] == 0
    assert marks[-1] >= top


def test_points_run_from_left_to_right_and_zero_lies_on_the_base() -> None:
    assert charts.points([0, 5, 10], left=10, right=110, base=100, roof=0, top=10) == [(10, 100), (60, 50), (110, 0)]


def test_a_missing_figure_breaks_the_line_and_is_not_nought() -> None:
    dots = charts.points([1, None, 1, 2], left=0, right=30, base=10, roof=0, top=2)
    assert dots[1] is None
    assert charts.path(dots) == "M0.0 5.0L0.0 5.0M20.0 5.0L30.0 0.0"


def test_an_empty_series_draws_nothing() -> None:
    assert charts.path([]) == ""
    assert charts.sparkline([]) == ("", None)
    assert charts.sparkline([None, None]) == ("", None)


def test_line_chart_keeps_every_point_inside_the_frame() -> None:
    chart = charts.line_chart(["1", "2", "3"], [Series("甲", [3, 8, None]), Series("乙", [0, 0, 1])], width=320, height=200, words=3)
    first, second = chart.lines
    assert first.end == (165.0, 12)  # the last known figure, 8, is the top of the axis
    assert second.end is not None
    assert second.end[0] == chart.right
    assert (first.dash, second.dash) == ("", "7 5")
    assert [rule.text for rule in chart.rules] == ["0", "2", "4", "6", "8"]
    assert chart.baseline == chart.rules[0].at


def test_only_some_labels_are_written_and_the_outer_ones_stay_inside() -> None:
    ticks = charts.written([str(n) for n in range(13)], left=0, right=120, words=4)
    assert [(tick.text, tick.at, tick.anchor) for tick in ticks] == [("0", 0, "start"), ("4", 40, "middle"), ("8", 80, "middle"), ("12", 120, "end")]


@pytest.mark.parametrize(("value", "shade"), [(None, 0), (0, 0), (-2, 0), (1, 1), (2, 1), (3, 2), (9, 5), (10, 5), (11, 5)])
def test_heat_shade_of_a_figure_out_of_ten(value: int | None, shade: int) -> None:
    assert charts.heat(value, 10) == shade


@pytest.mark.parametrize(("value", "top", "shade"), [(1, 1, 1), (2, 2, 1), (5, 5, 3), (1, 100, 1), (60, 100, 3), (100, 100, 5)])
def test_a_lone_child_of_a_small_place_is_not_the_darkest(value: int, top: int, shade: int) -> None:
    assert charts.heat(value, top) == shade


def test_heat_of_an_empty_table_is_none() -> None:
    assert charts.heat(0, 0) == 0


@pytest.mark.parametrize(("part", "whole", "percent"), [(35, 37, 94.6), (0, 5, 0), (7, 5, 100), (3, 0, 0), (-1, 4, 0)])
def test_share_stays_between_nought_and_hundred(part: int, whole: int, percent: float) -> None:
    assert charts.share(part, whole) == percent


def test_sentence_tells_the_latest_and_the_highest() -> None:
    told = charts.sentence("未返校", ["第2周", "第3周", "第4周"], [Series("疑似", [4, 9, None]), Series("复学", [None, None, None])], "人")
    assert told == "未返校，第2周至第4周。疑似最近 9人（第3周），最高 9人（第3周）；复学暂无数据。"
    assert charts.sentence("未返校", [], []) == "未返校：暂无数据。"
