"""How long the whole comparison takes with two real Celery workers."""

from __future__ import annotations

import json
from pathlib import Path
from statistics import median
from typing import Any

from apps.dashboards.management.demo.district import generate
from apps.schools.models import Term
from benchmarks import ground
from benchmarks.report import NOT_MEASURED, Report
from benchmarks.truth import load_district


def measure(report: Report, databases: ground.Databases, folder: Path, *, quick: bool, repeats: int) -> None:
    """Figure e of the issue: 28,000 cold, and the growth from 40,000 to 400,000."""
    runs = timed(databases, folder, 28_000, repeats)
    seconds = median(run["seconds"] for run in runs)
    children, links = runs[0]["children"], runs[0]["links"]
    report.add(
        f"compare，28,000 名学生五份名册（{children:,} 名儿童，{links:,} 条关联），冷库，2 个工作进程",
        "≤ 15 秒",
        f"{seconds:.1f} 秒（{', '.join(str(run['seconds']) for run in runs)}）",
        seconds <= 15,
    )
    if quick:
        report.add("compare 40,000 → 400,000", "≤ 12 倍", NOT_MEASURED, None)
        return
    few = median(run["seconds"] for run in timed(databases, folder, 40_000, repeats))
    (many,) = timed(databases, folder, 400_000, 1)
    report.add(
        "compare 40,000 → 400,000",
        "≤ 12 倍",
        f"{many['seconds'] / few:.1f} 倍（{few:.1f} → {many['seconds']:.0f} 秒，{many['children']:,} 名儿童）",
        many["seconds"] <= 12 * few,
    )


def timed(databases: ground.Databases, folder: Path, pupils: int, repeats: int) -> list[dict[str, Any]]:
    """Load a district of this size once, compare it ``repeats`` times, each in a fresh copy with fresh workers; the command's answers."""
    databases.use("empty")
    term = Term.objects.get(district_code="530113", code=ground.TERM)
    load_district(generate(pupils, 31, school_year=ground.SCHOOL_YEAR), folder / f"compare{pupils}", term)
    databases.keep("loaded")
    runs = []
    for _ in range(repeats):
        databases.use("loaded")
        with ground.workers():
            runs.append(json.loads(ground.manage("compare", "--term", ground.TERM, "--json")))
    databases.drop("loaded")
    return runs
