"""One load in a process of its own, timed from the call to the commit: ``python -m benchmarks.one_load load|copy|peer KIND PATH TERM``.

Each way imports what it needs and then gives the call to be timed: a process that serves has its modules long before a file comes.

Prints one line of JSON: seconds, cpu (this process and its child), peak memory of this process and of the reading child in MB, rows.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import django

MEGABYTE = 1 << 20
Way = Callable[[str, Path, str], Callable[[], int]]
WAYS: dict[str, Way] = {}


def way(action: Way) -> Way:
    WAYS[action.__name__] = action
    return action


@way
def load(kind: str, path: Path, term: str) -> Callable[[], int]:
    """The product's own load, everything included."""
    from apps.core import clock  # noqa: PLC0415
    from apps.registers.actions.load import load_register, system_actor  # noqa: PLC0415
    from apps.schools.models import Term  # noqa: PLC0415

    name = Term.objects.get(district_code="530113", code=term)

    def work() -> int:
        done = load_register(kind=kind, path=path, term=name, by=system_actor("530113"), now=clock.now())
        print(json.dumps({key: value for key, value in done.items() if isinstance(value, int)}), file=sys.stderr)  # noqa: T201
        return int(done["rows"])

    return work


@way
def copy(kind: str, path: Path, term: str) -> Callable[[], int]:
    """The least that can be done: calamine reads all cells, COPY writes them as text, nothing is checked."""
    import python_calamine  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    def work() -> int:
        rows = python_calamine.CalamineWorkbook.from_path(str(path)).get_sheet_by_index(0).to_python()
        with transaction.atomic(), connection.cursor() as cursor, cursor.copy("COPY bench_plain FROM STDIN") as out:
            for row in rows[1:]:
                out.write_row(row)
        return len(rows) - 1

    return work


@way
def peer(kind: str, path: Path, term: str) -> Callable[[], int]:
    """django-import-export in its row mode: read by tablib, one look-up and one save a row, its own defaults."""
    from django.db import models  # noqa: PLC0415
    from import_export.resources import modelresource_factory  # noqa: PLC0415
    from tablib import Dataset  # noqa: PLC0415

    def work() -> int:
        data = Dataset().load(path.read_bytes(), format="xlsx")
        fields: dict[str, Any] = {title: models.CharField(max_length=300, blank=True, default="") for title in data.headers}
        meta = type("Meta", (), {"app_label": "registers", "managed": False, "db_table": "bench_rows"})
        row_model = type("BenchRow", (models.Model,), {**fields, "__module__": "apps.registers.models", "Meta": meta})
        made = modelresource_factory(row_model)
        made._meta.import_id_fields = ["学校标识码", "姓名", "出生日期"]
        made._meta.exclude = ["id"]
        result = made().import_data(data, use_transactions=True, raise_errors=False)
        written = int(result.totals["new"])
        if written < 0.95 * len(data):
            raise RuntimeError(f"the peer wrote {written} of {len(data)} rows: {[e.error for e in result.base_errors][:3]}")
        return len(data)

    return work


def peak() -> float:
    """The most memory this process ever held, in MB (the kernel's own mark, not inherited from who started it)."""
    status = Path("/proc/self/status")
    if status.exists():
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)


def main(name: str, kind: str, path: str, term: str) -> None:
    django.setup()
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
    work = WAYS[name](kind, Path(path), term)
    before = os.times()
    begun = time.perf_counter()
    rows = work()
    seconds = time.perf_counter() - begun
    after = os.times()
    connection.close()
    child = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / (MEGABYTE if sys.platform == "darwin" else 1024)
    answer = {"seconds": seconds, "cpu": sum(after[:4]) - sum(before[:4]), "memory": peak(), "child_memory": child, "rows": rows}
    print(json.dumps(answer))  # noqa: T201


if __name__ == "__main__":
    main(*sys.argv[1:])
