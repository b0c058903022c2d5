"""How fast, how large and how exactly a register is loaded, beside the least possible and beside django-import-export."""

from __future__ import annotations

from pathlib import Path
from statistics import median
from typing import Any

import psycopg

from apps.dashboards.management.demo.district import District, generate
from apps.dashboards.management.demo.workbooks import write_register
from benchmarks import ground
from benchmarks.report import NOT_MEASURED, Report
from benchmarks.truth import make_places

KIND = "attending"  # fourteen columns
ROWS, MANY, PEER_ROWS = 40_000, 400_000, 2_000
TABLES = ("registers_entry", "students_child", "students_iddocument", "schools_schoolclass")


def measure(report: Report, databases: ground.Databases, folder: Path, *, quick: bool, repeats: int) -> None:
    """Figures a–d of the issue."""
    district = generate(ROWS + 1_000, 21, school_year=ground.SCHOOL_YEAR)
    book = _file(district, folder / "attending.xlsx", ROWS)
    few = _file(district, folder / "few.xlsx", PEER_ROWS)
    databases.use("empty")
    make_places(district)
    _plain_tables(databases, district)
    databases.keep("places")
    found: dict[str, list[dict[str, Any]]] = {"load": [], "copy": [], "peer": [], "again": []}
    for _ in range(repeats):
        for way, path in (("copy", book), ("load", book), ("peer", few)):
            databases.use("places")
            found[way].append(ground.module("benchmarks.one_load", way, KIND, str(path), ground.TERM))
            if way == "load":
                before = written(databases)
                found["again"].append(ground.module("benchmarks.one_load", way, KIND, str(path), ground.TERM))
                found["again"][-1]["written"] = sum(b != a for a, b in zip(before, written(databases), strict=True))
    _tell(report, found)
    _growth(report, databases, district, folder, quick=quick, repeats=repeats)


def _file(district: District, path: Path, rows: int) -> Path:
    write_register(path, KIND, district.registers[KIND][:rows])
    return path


def _plain_tables(databases: ground.Databases, district: District) -> None:
    """Where the two others write: fourteen text columns; the peer's with a number and an index on what it looks rows up by."""
    from apps.dashboards.management.demo.headings import HEADINGS  # noqa: PLC0415

    titles = [names[0] for names in HEADINGS[KIND].values()]
    columns = ", ".join(f'"{title}" text' for title in titles)
    with psycopg.connect(databases.server.dsn(user="zaixue_owner", database="zaixue"), autocommit=True) as connection:
        connection.execute(f"CREATE TABLE bench_plain ({columns})")
        connection.execute(f"CREATE TABLE bench_rows (id bigserial PRIMARY KEY, {columns})")
        connection.execute('CREATE INDEX ON bench_rows ("学校标识码", "姓名", "出生日期")')
        connection.execute("GRANT ALL ON bench_plain, bench_rows, bench_rows_id_seq TO zaixue_web")


def written(databases: ground.Databases) -> list[tuple[Any, ...]]:
    """Per table its number of row versions and which transactions wrote them: any row written or rewritten changes it."""
    with psycopg.connect(databases.server.dsn(user="postgres", database="zaixue")) as connection:
        return [connection.execute(f"SELECT count(*), sum(xmin::text::bigint), sum(xmax::text::bigint) FROM {t}").fetchone() or () for t in TABLES]  # noqa: S608


def _tell(report: Report, found: dict[str, list[dict[str, Any]]]) -> None:
    seconds = {way: median(one["seconds"] for one in runs) for way, runs in found.items()}
    ratio = seconds["load"] / seconds["copy"]
    report.add(
        "load_register，40,000 行 14 列 .xlsx，从调用到提交，对 calamine 读取 + COPY（不检查）",
        "≤ 3 倍",
        f"{ratio:.2f} 倍（{seconds['load']:.2f} 秒 / {seconds['copy']:.2f} 秒）",
        ratio <= 3,
    )
    pace = {way: found[way][0]["rows"] / seconds[way] for way in ("load", "peer")}
    faster = pace["load"] / pace["peer"]
    report.add(
        f"同上，对 django-import-export 逐行方式（{PEER_ROWS} 行，行/秒）",
        "≥ 30 倍快",
        f"{faster:.0f} 倍（{pace['load']:,.0f} / {pace['peer']:,.0f} 行/秒）",
        faster >= 30,
    )
    memory = max(one["memory"] for one in found["load"])
    child = max(one["child_memory"] for one in found["load"])
    report.add("装入进程的内存峰值，40,000 行 .xlsx（读表子进程另计）", "≤ 250 MB", f"{memory:.0f} MB（子进程 {child:.0f} MB）", memory <= 250)
    changed = max(one["written"] for one in found["again"])
    report.add(
        "重复装入同一文件，写入的行（名册行、儿童、证件、班级四张表的行版本）",
        "0 行",
        f"{'0 行' if not changed else f'{changed} 张表有变'}（{seconds['again']:.2f} 秒）",
        not changed,
    )


def _growth(report: Report, databases: ground.Databases, small: District, folder: Path, *, quick: bool, repeats: int) -> None:
    if quick:
        report.add("装入 40,000 → 400,000 行（CSV）：时间", "≤ 12 倍", NOT_MEASURED, None)
        report.add("装入 40,000 → 400,000 行（CSV）：内存", "≤ 2 倍", NOT_MEASURED, None)
        return
    path = _file(small, folder / "small.csv", ROWS)
    few = []
    for _ in range(repeats):
        databases.use("places")
        few.append(ground.module("benchmarks.one_load", "load", KIND, str(path), ground.TERM))
    large = generate(MANY + 10_000, 22, school_year=ground.SCHOOL_YEAR)
    path = _file(large, folder / "large.csv", MANY)
    databases.use("empty")
    make_places(large)
    many = ground.module("benchmarks.one_load", "load", KIND, str(path), ground.TERM)
    databases.drop("places")
    once = median(one["seconds"] for one in few)
    report.add(
        "装入 40,000 → 400,000 行（CSV）：时间",
        "≤ 12 倍",
        f"{many['seconds'] / once:.1f} 倍（{once:.2f} → {many['seconds']:.1f} 秒）",
        many["seconds"] <= 12 * once,
    )
    grown = {which: many[which] / max(one[which] for one in few) for which in ("memory", "child_memory")}
    report.add(
        "装入 40,000 → 400,000 行（CSV）：内存（装入进程；子进程）",
        "≤ 2 倍",
        f"{grown['memory']:.2f} 倍（{many['memory']:.0f} MB）；{grown['child_memory']:.2f} 倍（{many['child_memory']:.0f} MB）",
        max(grown.values()) <= 2,
    )
