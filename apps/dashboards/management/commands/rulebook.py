"""``manage.py rulebook``: docs/rulebook.md, which article each rule stands on, out of the docstrings of the rules themselves; and
docs/case-life.md, the life of a case, out of its table."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts.roles import BY_CODE as ROLES
from apps.cases.workflow import FIXED, IN_SCHOOL, MOVES, TASKS, State
from apps.registers import checks
from apps.schools.policy import BY_KEY, NUMBERS, ORIGINS, Policy

DOCS = Path(settings.ROOT) / "docs"
ROOMS = ("rules", "comparisons", "matching", "workflow", "policy")
PLAIN = Policy({})  # the defaults
HEAD = """# 规则手册

本文由 `manage.py rulebook` 从代码的说明生成，请勿手改。〔方案…〕指《东川区教育体育局 2025 年控辍保学工作方案》的条目。
"""


class Command(BaseCommand):
    """Writes the rulebook, or says that it is stale."""

    help = "由规则代码生成 docs/rulebook.md 和 docs/case-life.md"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="只检查是否最新")

    def handle(self, *args: Any, **options: Any) -> None:
        for name, text in (("rulebook.md", rulebook()), ("case-life.md", case_life())):
            target = DOCS / name
            if not options["check"]:
                DOCS.mkdir(exist_ok=True)
                target.write_text(text, encoding="utf-8")
                self.stdout.write(f"已写入 {target.relative_to(settings.ROOT)}。")
            elif not target.exists() or target.read_text(encoding="utf-8") != text:
                raise CommandError(f"docs/{name} 已过期，请运行 manage.py rulebook。")


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
    yield from (f"| {m.source.label if m.source else '—'} | {m.target.label} | {PLAIN.fill(m.guard)} | {'、'.join(m.roles)} |" for m in MOVES)
    yield ""


LIFE = """# 一个个案的一生

本文由 `manage.py rulebook` 从 `apps/cases/workflow.py` 生成，请勿手改。每个未结的个案任何时候都有一件事、一个岗位、一个期限。
"""


def case_life() -> str:
    """The states, the moves between them and what each needs; what is to be done in each state."""
    return "\n".join([LIFE, *diagram(), *needs(), *tasks()])


def diagram() -> Iterator[str]:
    """The table as a Mermaid drawing; merging is possible from everywhere and left out."""
    yield "```mermaid\nstateDiagram-v2"
    yield from (f"    {state.value}: {state.label}" for state in State if state != State.MERGED)
    drawn = {(m.source, m.target): m for m in reversed(MOVES) if m.target != State.MERGED}
    yield from sorted(f"    {m.source.value if m.source else '[*]'} --> {m.target.value}" for m in drawn.values())
    yield from ("    cleared --> [*]", "    closed --> [*]", "```\n")


def needs() -> Iterator[str]:
    """Every move with its needs."""
    yield "## 每一步须具备什么\n\n| 自 | 至 | 条件 | 逐项核对 | 办理 |\n|---|---|---|---|---|"
    for m in MOVES:
        if m.target != State.MERGED:
            checked = "；".join(PLAIN.fill(need.label) for need in m.needs)
            yield f"| {m.source.label if m.source else '—'} | {m.target.label} | {PLAIN.fill(m.guard)} | {checked} | {names(m.roles)} |"
    yield "\n未结的个案经核对与另一个案是同一名儿童的，由区教体局并案。\n"


def tasks() -> Iterator[str]:
    """What is to be done in each state: the first that applies counts."""
    yield "## 每种状态要办的事（自上而下，先到先办）\n\n| 状态 | 要办的事 | 岗位 | 期限 |\n|---|---|---|---|"
    for state, listed in TASKS.items():
        for task in listed:
            fixed = {FIXED: "按文书、方案或批准的日期", IN_SCHOOL: "按跟踪的间隔，遇放假提前到最后一个上课日，整段放假的到开学"}.get(task.unit)
            limit = fixed or f"{BY_KEY[task.number].default} {task.unit}（{BY_KEY[task.number].label}）"
            yield f"| {state.label} | {task.label} | {names((task.role,))} | {limit} |"
    yield ""


def names(roles: tuple[str, ...]) -> str:
    """Roles in words."""
    return "、".join(ROLES[role].label if role in ROLES else "系统" for role in roles)
