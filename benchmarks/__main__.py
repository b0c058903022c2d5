"""``make bench``: measure everything that is claimed with a number and write docs/benchmarks.md.

``--quick`` leaves out the sizes of 400,000; ``--only loads compare lists`` measures these parts anew and leaves the others on the page as they are.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django

from benchmarks import ground
from benchmarks.report import Report, write_page

PARTS = {
    "loads": ("benchmarks.loads", "名册装入"),
    "compare": ("benchmarks.comparing", "比对用时"),
    "absences": ("benchmarks.absences", "连续未到校"),
    "submissions": ("benchmarks.submissions", "提交点名"),
    "lists": ("benchmarks.lists", "十万件个案的名单"),
    "links": ("benchmarks.links", "关联与归类的准确"),
}
PAGE = ground.ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--quick", action="store_true", help="without the sizes of 400,000")
    parser.add_argument("--repeats", type=int, default=3, help="how often each timed work is repeated (3); medians are told")
    parser.add_argument("--only", nargs="+", choices=PARTS, default=list(PARTS), help="measure these parts; the others stay on the page")
    parser.add_argument("--out", type=Path, default=PAGE, help=f"where to write instead of {PAGE.relative_to(ground.ROOT)}")
    given = parser.parse_args()
    with ground.own_ground() as folder:
        django.setup()
        databases = ground.Databases(folder)
        databases.make_empty()
        files = folder / "files"
        files.mkdir()
        for name in given.only:
            module, title = PARTS[name]
            report = Report()
            import_module(module).measure(report, databases, files, quick=given.quick, repeats=given.repeats)
            command = "make bench" + (" BENCH=--quick（不测 400,000）" if given.quick else "")
            section = report.section(title, postgres=databases.version(), command=command, day=datetime.now(UTC).date())
            write_page(given.out, {name: section}, PARTS)
        ground.close_connections()
        databases.server.leave()


if __name__ == "__main__":
    main()
