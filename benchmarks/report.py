"""The figures as a table: what was to be reached, what was measured, whether it was met."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

PACKAGES = ("django", "psycopg", "celery", "python-calamine", "django-import-export", "splink", "duckdb", "pandas", "recordlinkage")
NOT_MEASURED = "未测"
MARK = re.compile(r"<!-- (\w+) -->\n(.*?)<!-- /\1 -->", re.DOTALL)
HEAD = """# 测速与测准

本页由 `make bench` 写成，不要手改；每一部分各记其日期、机器和代码（`make bench BENCH="--only loads"` 只重测一部分）。

比值都是同一次运行中交替重复测得的中位数之比。数据都是虚构的县区（`benchmarks/truth.py` 有标准答案）。
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table; ``met`` None where it was not measured or carries no target."""

    work: str
    target: str
    measured: str
    met: bool | None


@dataclass(slots=True)
class Report:
    """One part of the bench, collected while it runs; ``notes`` are tables and sentences below its figures."""

    figures: list[Figure] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def add(self, work: str, target: str, measured: str, met: bool | None) -> None:
        """One figure; said on the screen at once."""
        self.figures.append(Figure(work, target, measured, met))
        said = {True: "达到", False: "未达到", None: "—"}[met]
        print(f"{said}  {work}: {measured}（目标 {target}）", flush=True)  # noqa: T201

    def note(self, text: str) -> None:
        self.notes.append(text)
        print(text, flush=True)  # noqa: T201

    def section(self, title: str, *, postgres: str, command: str, day: date) -> str:
        """The part as Markdown, with the day, the machine and the code it was measured on."""
        words = {True: "是", False: "**否**", None: "—"}
        missed = sum(figure.met is False for figure in self.figures)
        lines = [
            f"## {title}",
            "",
            f"`{command}`，{day.isoformat()}，{machine()}，{processors()} 核，内存 {memory()}，{platform.system()} {platform.release()}；代码 {revision()}；"
            f"Python {platform.python_version()}，PostgreSQL {postgres}，"
            + "，".join(f"{name} {known(name)}" for name in PACKAGES)
            + "。"
            + (f"有 {missed} 项未达到目标，如实列出。" if missed else ""),
            "",
            "| 项目 | 目标 | 实测 | 达到 |",
            "|---|---|---|---|",
            *(f"| {f.work} | {f.target} | {f.measured} | {words[f.met]} |" for f in self.figures),
            "",
            *(line for note in self.notes for line in (note, "")),
        ]
        return "\n".join(lines).rstrip() + "\n"


def write_page(path: Path, sections: dict[str, str], order: Iterable[str]) -> None:
    """The page with these parts made anew; a part that was not measured now stays as it was, with its own day."""
    kept = dict(MARK.findall(path.read_text(encoding="utf-8"))) if path.exists() else {}
    parts = {name: text.strip() for name, text in (kept | sections).items()}
    body = "\n\n".join(f"<!-- {name} -->\n{parts[name]}\n<!-- /{name} -->" for name in order if name in parts)
    path.write_text(f"{HEAD}\n{body}\n", encoding="utf-8")


def known(package: str) -> str:
    """Its installed version, or that it is not there."""
    try:
        return version(package)
    except PackageNotFoundError:
        return "未装"


def machine() -> str:
    """The processor's name."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.split(":", 1)[1].strip()
    return platform.processor() or platform.machine()


def processors() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def memory() -> str:
    return f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') / (1 << 30):.0f} GB"


def revision() -> str:
    """The commit the figures belong to."""
    done = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=Path(__file__).parent, capture_output=True, text=True)
    return done.stdout.strip() or "未知"
