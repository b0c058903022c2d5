"""The lists of cases, the dashboard and the workbench at 100,000 cases: what one request takes, and how it grows from 10,000."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from django.db import connection
from django.test import Client
from django.urls import reverse

from benchmarks import ground
from benchmarks.case_rows import make, posts
from benchmarks.report import Report

FEW, MANY = 10_000, 100_000
REPEATS = 9  # of one request, after one that is not counted
GROWTH, SLOWEST = 3, 0.5
FILTERS = {
    "未结": "", "全部": "state=all", "劝返中": "state=persuading", "已结": "state=ended", "失学、辍学未返校": "state=out", "来源": "origin=comparison",
    "学段": "stage=junior", "原因": "cause=work", "脱贫户和监测户": "group=goal", "年龄": "age=12", "责任岗位": "owner=township", "责任人姓名": "person=班7",
    "超期一周以上": "due=late_long", "一周内到期": "due=week", "待审定": "decide=on", "超期": "overdue=on", "再次辍学": "repeat=on",
    "期间内认定辍学": "state=all&moved=lost&since=2026-09-01&until=2026-09-14", "期间内复学": "state=all&moved=back&since=2026-08-01",
    "第 2 页": "page=2", "第 50 页": "page=50", "全部，第 50 页": "state=all&page=50", "全部，末页": "state=all&page=9999",
    "查姓名": "state=all&text=李阿国", "查半个姓名": "state=all&text=春秀", "查首字母": "state=all&text=lag", "查证件后四位": "state=all&text=4444",
    "查家长电话": "state=all&text=13800012345", "查半个电话": "state=all&text=1380001",
}  # fmt: skip
OF_DISTRICT = {"乡镇": "township=530113102", "学校": "school=9000000012", "查证件号": "state=all&text={number}"}
EMPTY = "没有符合条件的个案"  # templates/cases/list.html
ROLES = {"bureau": "教体局", "township": "乡镇", "principal": "学校"}


@dataclass(frozen=True, slots=True)
class Took:
    """One request: seconds (median), statements, of these seconds in the database; whether a list was asked for and nothing found."""

    seconds: float
    statements: int
    database: float
    is_empty: bool


def measure(report: Report, databases: ground.Databases, folder: Path, *, quick: bool, repeats: int) -> None:
    """Figure of issue 4: every list, the dashboard and every workbench, at 10,000 and at 100,000 cases."""
    few, many = (timed(databases, cases) for cases in (FEW, MANY))
    worst = max(many, key=lambda name: many[name].seconds)
    steepest = max(many, key=lambda name: many[name].seconds / few[name].seconds)
    ratio = many[steepest].seconds / few[steepest].seconds
    report.add(
        f"{MANY:,} 件个案，{len(many)} 种请求（名单的各个筛选、查找、翻页，总览，工作台）中最慢的", f"p50 ≤ {SLOWEST * 1000:.0f} 毫秒",
        f"{many[worst].seconds * 1000:.0f} 毫秒（{worst}）", many[worst].seconds <= SLOWEST,
    )  # fmt: skip
    report.add(
        f"同上，{FEW:,} → {MANY:,} 件，增长最多的", f"≤ {GROWTH} 倍",
        f"{ratio:.1f} 倍（{steepest}，{few[steepest].seconds * 1000:.0f} → {many[steepest].seconds * 1000:.0f} 毫秒）", ratio <= GROWTH,
    )  # fmt: skip
    found = [name for name in many if not few[name].is_empty]  # an empty list asks for less
    differing = [name for name in found if many[name].statements > few[name].statements]
    report.add(f"同上，语句条数随个案增加（{len(found)} 种在 {FEW:,} 件时有结果的）", "不增加", "、".join(differing) or "不增加", not differing)
    report.note(table(few, many))


def table(few: dict[str, Took], many: dict[str, Took]) -> str:
    """Every request with its figures."""
    rows = [
        f"| {name} | {few[name].seconds * 1000:.0f} | {took.seconds * 1000:.0f} | {took.seconds / few[name].seconds:.1f} | "
        f"{took.database * 1000:.0f} | {took.statements} |"
        for name, took in many.items()
    ]
    head = [f"| 请求 | {FEW:,} 件，毫秒 | {MANY:,} 件，毫秒 | 倍 | 其中数据库，毫秒 | 语句 |", "|---|---|---|---|---|---|"]
    return "\n".join(["### 每种请求（p50）", "", *head, *rows])


def timed(databases: ground.Databases, cases: int) -> dict[str, Took]:
    """Every request of a district with so many cases."""
    databases.use("empty")
    make(cases)
    told = posts()
    databases.analyze()
    return {name: one(role_client, address) for name, role_client, address in requests(told)}


def requests(told: dict[str, Any]) -> Iterator[tuple[str, Client, str]]:
    """Name, browser and address of everything that is asked for."""
    with connection.cursor() as cursor:
        number = cursor.execute("SELECT max(number) FROM students_iddocument").fetchone()[0]
    clients = {role: browser(post) for role, post in told.items()}
    for role, label in ROLES.items():
        filters = FILTERS | (OF_DISTRICT if role == "bureau" else {})
        for words, query in filters.items():
            yield f"{label}名单：{words}", clients[role], f"{reverse('case_list')}?{query.format(number=number)}"
        yield f"{label}：超期未办", clients[role], reverse("overdue_list")
        yield f"{label}：总览", clients[role], reverse("dashboard")
    for role, post in told.items():
        yield f"工作台：{post.get_role_display()}", clients[role], reverse("workbench")


def browser(post: Any) -> Client:
    """A browser in which the person of a post has logged in."""
    client = Client(headers={"host": "localhost"})
    client.force_login(post.user)
    return client


def one(client: Client, address: str) -> Took:
    """One request, repeated; the first is not counted."""
    seconds, database, statements = [], [], 0
    for turn in range(REPEATS + 1):
        with watched() as spent:
            begun = time.perf_counter()
            answer = client.get(address)
            took = time.perf_counter() - begun
        if answer.status_code != 200:
            raise RuntimeError(f"{address}: {answer.status_code}")
        if turn:
            seconds.append(took)
            database.append(sum(spent))
            statements = len(spent)
    return Took(median(seconds), statements, median(database), EMPTY in answer.content.decode())


@contextmanager
def watched() -> Iterator[list[float]]:
    """The seconds of every statement that is sent in the block."""
    spent: list[float] = []

    def clock(execute: Any, *arguments: Any) -> Any:
        begun = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent.append(time.perf_counter() - begun)

    with connection.execute_wrapper(clock):
        yield spent
