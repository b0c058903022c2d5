"""Geometry of the small charts: numbers in, points and words out. No Django, no markup, no colour (static/app.css holds those).

Lengths are in units of the chart's own viewBox. A missing figure is ``None``: the line breaks there, it is never drawn as nought.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

Number = int | float
DASHES = ("", "7 5", "2 4")  # the second and third line differ by more than colour
HEAT_STEPS = 5
HEAT_FLOOR = 10  # children: in a small place a lone child is one child, not the darkest of all


@dataclass(frozen=True, slots=True)
class Series:
    """One line: its name, its status tone (bad, warn, ok, info, off, brand), one figure or None for each label, and where each leads to a list."""

    name: str
    values: Sequence[Number | None]
    tone: str = "brand"
    urls: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Tick:
    """A word beside an axis; ``at`` runs along that axis."""

    at: float
    text: str
    anchor: str = "middle"


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn series: SVG path data, the last known point, and how the stroke is told apart."""

    name: str
    tone: str
    path: str
    dash: str
    end: tuple[float, float] | None


@dataclass(frozen=True, slots=True)
class LineChart:
    """Everything a template needs to draw one size of a line chart."""

    width: int
    height: int
    left: int
    right: int
    baseline: int
    rules: tuple[Tick, ...]
    labels: tuple[Tick, ...]
    lines: tuple[Line, ...]


def nice_step(top: Number, ticks: int = 4) -> int:
    """The least of 1, 2, 5 × 10ⁿ that covers ``top`` in at most ``ticks`` steps; counts of people have no fractions."""
    wanted = max(top / ticks, 1)
    power = 1
    while power * 10 <= wanted:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= wanted)


def scale(top: Number, ticks: int = 4) -> list[int]:
    """The figures on an axis from 0 to just above ``top``: [0, 10, 20, 30]."""
    step = nice_step(top, ticks)
    steps = max(1, -(-int(-(-top // 1)) // step))
    return [step * n for n in range(steps + 1)]


def points(values: Sequence[Number | None], *, left: float, right: float, base: float, roof: float, top: Number) -> list[tuple[float, float] | None]:
    """One point (or None) a value, spread evenly from left to right; 0 lies on ``base`` and ``top`` on ``roof``."""
    gap = (right - left) / max(len(values) - 1, 1)
    return [
        None if value is None else (round(left + gap * i, 1), round(base - (base - roof) * value / (top or 1), 1)) for i, value in enumerate(values)
    ]


def path(dots: Sequence[tuple[float, float] | None]) -> str:
    """SVG path data; a missing point lifts the pen, a lone point becomes a dot (a line of no length with round ends)."""
    parts: list[str] = []
    down = False
    for i, dot in enumerate(dots):
        if dot is None:
            down = False
            continue
        parts.append(f"{'L' if down else 'M'}{dot[0]} {dot[1]}")
        alone = not down and (i + 1 == len(dots) or dots[i + 1] is None)
        if alone:
            parts.append(f"L{dot[0]} {dot[1]}")
        down = True
    return "".join(parts)


def line_chart(labels: Sequence[str], series: Sequence[Series], *, width: int, height: int, words: int) -> LineChart:
    """Lay out a line chart of the given size; about ``words`` of the labels are written under the axis."""
    known = [v for s in series for v in s.values if v is not None]
    marks = scale(max(known, default=0))
    left, right, roof, base = 12 + 8 * len(str(marks[-1])), width - 10, 12, height - 28
    top = marks[-1]
    rules = tuple(Tick(round(base - (base - roof) * mark / top, 1), str(mark), "end") for mark in marks)
    drawn = []
    for i, one in enumerate(series):
        dots = points(one.values, left=left, right=right, base=base, roof=roof, top=top)
        end = next((dot for dot in reversed(dots) if dot), None)
        drawn.append(Line(one.name, one.tone, path(dots), DASHES[i % len(DASHES)], end))
    return LineChart(width, height, left, right, base, rules, written(labels, left=left, right=right, words=words), tuple(drawn))


def written(labels: Sequence[str], *, left: float, right: float, words: int) -> tuple[Tick, ...]:
    """Every n-th label so that about ``words`` fit, the first flush left and the very last flush right."""
    every = max(1, -(-len(labels) // max(words, 1)))
    gap = (right - left) / max(len(labels) - 1, 1)
    last = len(labels) - 1
    return tuple(
        Tick(round(left + gap * i, 1), text, "start" if i == 0 else "end" if i == last else "middle")
        for i, text in enumerate(labels)
        if i % every == 0
    )


def sparkline(values: Sequence[Number | None], *, width: int = 96, height: int = 24) -> tuple[str, tuple[float, float] | None]:
    """Path data of a line without axes, and its last known point."""
    top = max((v for v in values if v is not None), default=0)
    dots = points(values, left=3, right=width - 4, base=height - 3, roof=3, top=top)
    return path(dots), next((dot for dot in reversed(dots) if dot), None)


def share(part: Number, whole: Number) -> float:
    """Percent of the whole, one decimal, held between 0 and 100; an empty whole gives 0."""
    return round(min(max(100 * part / whole, 0), 100), 1) if whole else 0.0


def heat(value: Number | None, top: Number) -> int:
    """Which of the six shades a figure gets: 0 for nothing, then 1 to 5 in equal steps up to ``top``, which counts as ten at least."""
    if not value or value < 0:
        return 0
    return min(HEAT_STEPS, max(1, -int(-(HEAT_STEPS * value / max(top, HEAT_FLOOR)) // 1)))


def plain(value: Number | None) -> str:
    """A figure in words and tables: 23, 94.6, and 无 for what is not known."""
    return "无" if value is None else f"{value:g}"


def sentence(title: str, labels: Sequence[str], series: Sequence[Series], unit: str = "") -> str:
    """What the chart says, for those who cannot see it: span, and per line the latest and the highest figure."""
    if not labels:
        return f"{title}：暂无数据。"
    span = f"{labels[0]}至{labels[-1]}" if len(labels) > 1 else labels[0]
    told = "；".join(said(labels, one, unit) for one in series)
    return f"{title}，{span}。{told}。"


def said(labels: Sequence[str], one: Series, unit: str) -> str:
    """One line in words."""
    known = [(value, label) for value, label in zip(one.values, labels, strict=False) if value is not None]
    if not known:
        return f"{one.name}暂无数据"
    highest = max(known, key=lambda pair: pair[0])
    return f"{one.name}最近 {plain(known[-1][0])}{unit}（{known[-1][1]}），最高 {plain(highest[0])}{unit}（{highest[1]}）"
