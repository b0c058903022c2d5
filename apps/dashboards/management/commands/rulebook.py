"""``manage.py rulebook``: docs/rulebook.md, which article each rule stands on, out of the docstrings of the rules themselves."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.cases.workflow import MOVES
from apps.registers import checks
from apps.schools.policy import NUMBERS, ORIGINS

TARGET = Path(settings.ROOT) / "docs" / "rulebook.md"
ROOMS = ("rules", "comparisons", "matching", "workflow", "policy")
HEAD = """# 规则手册

本文由 `manage.py rulebook` 从代码的说明生成，请勿手改。〔方案…〕指《东川区教育体育局 2025 年控辍保学工作方案》的条目。
"""


class Command(BaseCommand):
    """Writes the rulebook, or says that it is stale."""

    help = "由规则代码生成 docs/rulebook.md"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查是否最新")

    def handle(self, *args: Any, **options: Any) -> None:
        text = rulebook()
        if not options["check"]:
            TARGET.parent.mkdir(exist_ok=True)
            TARGET.write_text(text, encoding="utf-8")
            self.stdout.write(f"已写入 {TARGET.relative_to(settings.ROOT)}。")
        elif not TARGET.exists() or TARGET.read_text(encoding="utf-8") != text:
            raise CommandError("docs/rulebook.md 已过期，请运行 manage.py rulebook。")


def rulebook() -> str:
    """The whole book."""
    return "\n".join([HEAD, *rules(), *numbers(), *row_checks(), *moves()])


def files() -> Iterator[Path]:
    """The modules that hold rules, in the order of their paths."""
    apps = Path(settings.ROOT) / "apps"
    for room in ROOMS:
        yield from sorted([*apps.glob(f"*/{room}.py"), *apps.glob(f"*/{room}/*.py")])


def rules() -> Iterator[str]:
    """Every public function of the rules with its docstring."""
    for path in files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        found = [f for f in tree.body if isinstance(f, ast.FunctionDef) and not f.name.startswith("_") and ast.get_docstring(f)]
        if found:
            yield f"## `{path.relative_to(settings.ROOT)}`\n\n{plain(ast.get_docstring(tree))}\n"
            yield from (f"- **{f.name}**：{plain(ast.get_docstring(f))}" for f in found)
            yield ""


def plain(text: str | None) -> str:
    """A docstring in one line."""
    return " ".join((text or "").split())


def numbers() -> Iterator[str]:
    """The table of all numbers a district may change."""
    yield "## 可由区县调整的数值（`apps/schools/policy.py`）\n\n| 项目 | 缺省 | 性质 | 出处 |\n|---|---|---|---|"
    yield from (f"| {n.label} | {n.said(n.default)} | {ORIGINS[n.origin]} | {n.source} |" for n in NUMBERS)
    yield ""


def row_checks() -> Iterator[str]:
    """What is checked in every row of a register, and after which standard."""
    yield "## 名册检查（`apps/registers/checks/`）\n\n| 代码 | 后果 | 依据 |\n|---|---|---|"
    modules = [getattr(checks, name) for name in sorted(vars(checks))]
    for module in modules:
        if hasattr(module, "CODE") and hasattr(module, "ARTICLE"):
            yield f"| {module.CODE} | {'退回该行' if module.SEVERITY == 'error' else '提示'} | {module.ARTICLE} |"
    yield ""


def moves() -> Iterator[str]:
    """Which step of a case may follow which."""
    yield "## 一生一案的步骤（`apps/cases/workflow.py`）\n\n| 自 | 至 | 条件 | 谁可办理 |\n|---|---|---|---|"
    yield from (f"| {m.source.label if m.source else '—'} | {m.target.label} | {m.guard} | {'、'.join(m.roles)} |" for m in MOVES)
    yield ""
