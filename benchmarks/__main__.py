"""``make bench``: measure everything that is claimed with a number and write docs/benchmarks.md.

``--quick`` leaves out the sizes of 400,000; ``--only loads compare links`` measures a part and writes nothing unless ``--out`` is given.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import django

from benchmarks import ground
from benchmarks.report import Report

PARTS = {"loads": "benchmarks.loads", "compare": "benchmarks.comparing", "links": "benchmarks.links"}
PAGE = ground.ROOT / "docs" / "benchmarks.md"


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks")
    parser.add_argument("--quick", action="store_true", help="without the sizes of 400,000")
    parser.add_argument("--repeats", type=int, default=3, help="how often each timed work is repeated (3); medians are told")
    parser.add_argument("--only", nargs="+", choices=PARTS, help="measure these parts and do not write the page")
    parser.add_argument("--out", type=Path, help=f"where to write instead of {PAGE.relative_to(ground.ROOT)}")
    given = parser.parse_args()
    with ground.own_ground() as folder:
        django.setup()
        databases = ground.Databases(folder)
        databases.make_empty()
        report = Report()
        files = folder / "files"
        files.mkdir()
        for name in given.only or PARTS:
            import_module(PARTS[name]).measure(report, databases, files, quick=given.quick, repeats=given.repeats)
        out = given.out or (None if given.only else PAGE)
        if out:
            command = "make bench" + (" （--quick：不测 400,000）" if given.quick else "")
            report.write(out, postgres=databases.version(), command=command, day=datetime.now(UTC).date())
        ground.close_connections()
        databases.server.leave()


if __name__ == "__main__":
    main()
