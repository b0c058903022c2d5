"""What the commands of DATA.md §3 have in common: one line of JSON for programs, a sentence for people, and the exit codes."""

from __future__ import annotations

import json
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from apps.core.errors import Refused

USAGE = frozenset({"term", "no_file", "suffix"})  # codes of a refusal that the caller's arguments are to blame for


class TellingCommand(BaseCommand):
    """Exit 0 done, 1 refused, 2 wrong usage. With ``--json`` a refusal too is one line on standard output: {refused, code}."""

    requires_migrations_checks = True

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", help="输出一行 JSON")

    def execute(self, *args: Any, **options: Any) -> Any:
        """``handle``, with every Refused made a CommandError of the right exit code."""
        try:
            return super().execute(*args, **options)
        except (Refused, CommandError) as no:
            code = getattr(no.__cause__ or no, "code", "stopped")
            if options["json"]:
                self.stdout.write(json.dumps({"refused": str(no), "code": code}, ensure_ascii=False))
            if isinstance(no, CommandError):
                raise
            raise CommandError(no.sentence, returncode=2 if no.code in USAGE else 1) from no

    def check_migrations(self) -> None:
        """Refused where the tables are not those of this version."""
        if unmigrated():
            raise Refused("数据表还没有建立，或不是这个版本的。请先运行：.venv/bin/python manage.py migrate", code="unmigrated")

    def tell(self, answer: Mapping[str, Any], human: Callable[[Any], str], *, as_json: bool) -> None:
        """The result on standard output, for programs or for people."""
        self.stdout.write(json.dumps(answer, ensure_ascii=False) if as_json else human(answer))


def unmigrated() -> bool:
    """Whether a migration is still to be run."""
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def existing(file: Path) -> Path:
    """The file, Refused where there is none."""
    if not file.is_file():
        raise Refused(f"没有这个文件：{file}", code="no_file")
    return file
