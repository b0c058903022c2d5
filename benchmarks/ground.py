"""The ground of the figures: embedded servers of their own in a temporary folder, and databases copied from one that was made once.

Nothing here is imported by the product. The measured work runs as the web's role; only making and dropping databases takes the
superuser of the embedded server, which nobody else has.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
TODAY = "2026-09-14"  # the second week of the term, when the plan wants the comparison
TERM = "2026-2027-1"
SCHOOL_YEAR = 2026
WORKERS = 2


@contextmanager
def own_ground() -> Iterator[Path]:
    """A temporary folder with servers of its own, set into the environment before Django reads it; empty database ``empty``."""
    with tempfile.TemporaryDirectory(prefix="zaixue-bench-") as folder:
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "AS_OWNER", "UPLOAD_DIR", "STATIC_DIR", "EMBEDDED_FSYNC"):
            os.environ.pop(name, None)
        os.environ |= {"VAR_DIR": folder, "ZAIXUE_TODAY": TODAY, "DISTRICT_CODE": "530113", "DJANGO_SETTINGS_MODULE": "config.settings"}
        os.environ |= {"DATABASE_URL": "", "REDIS_URL": "", "PYTHONPATH": str(ROOT)}  # also against a .env file
        os.environ.setdefault("C_FORCE_ROOT", "1")
        yield Path(folder)


def manage(*arguments: str) -> str:
    """Run a management command in a process of its own; its standard output. Raises RuntimeError with what it said."""
    done = subprocess.run([sys.executable, "manage.py", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}\n{done.stdout}{done.stderr[-4000:]}")
    return done.stdout


def module(*arguments: str) -> dict[str, Any]:
    """Run ``python -m`` in a process of its own; the JSON it printed last."""
    done = subprocess.run([sys.executable, "-m", *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(arguments)}\n{done.stdout}{done.stderr[-4000:]}")
    answer: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    sys.stderr.write(f"{' '.join(arguments[:2])}: {answer}\n")
    return answer


class Databases:
    """Copies of the database ``zaixue`` under other names, and back. Call after ``django.setup()``."""

    def __init__(self, folder: Path) -> None:
        from config import embedded  # noqa: PLC0415  the environment must be set before

        self.server = embedded.postgres(folder)
        self.server.join()

    def make_empty(self) -> None:
        """Migrations, regions, calendar and the term, once; kept as ``empty``."""
        manage("migrate", "--verbosity", "0")
        manage("setup_district", "--json")
        self.keep("empty")

    def keep(self, name: str) -> None:
        """Copy the working database under this name."""
        self._copy("zaixue", name)

    def use(self, name: str) -> None:
        """Make the working database anew as a copy of this one."""
        self._copy(name, "zaixue")

    def drop(self, name: str) -> None:
        """Forget a kept database."""
        self._run(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')

    def size(self) -> int:
        """Bytes of the working database."""
        return int(self._run("SELECT pg_database_size('zaixue')"))

    def version(self) -> str:
        """PostgreSQL's own version."""
        return str(self._run("SHOW server_version"))

    def analyze(self, also: str = "") -> None:
        """Vacuum the working database and tell its planner what is in it, as a server does by itself within minutes; and one more statement."""
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.server.dsn(user="postgres", database="zaixue"), autocommit=True) as connection:
            for statement in filter(None, ("VACUUM (ANALYZE)", also)):
                connection.execute(statement)

    def _copy(self, source: str, target: str) -> None:
        close_connections()
        self.drop(target)
        self._run("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = current_setting('bench.source')", source)
        self._run(f'CREATE DATABASE "{target}" TEMPLATE "{source}" OWNER zaixue_owner STRATEGY FILE_COPY')
        self._run("CHECKPOINT")

    def _run(self, statement: str, source: str = "") -> Any:
        import psycopg  # noqa: PLC0415

        with psycopg.connect(self.server.dsn(user="postgres", database="postgres"), autocommit=True) as connection:
            connection.execute("SELECT set_config('bench.source', %s, false)", [source])
            cursor = connection.execute(statement)
            row = cursor.fetchone() if cursor.description else None
            return row[0] if row else None


def close_connections() -> None:
    """This process lets go of the working database."""
    from django.db import connection  # noqa: PLC0415

    connection.close()
    if connection.pool:
        connection.close_pool()


@contextmanager
def workers() -> Iterator[None]:
    """Two real Celery workers, awake before the block begins."""
    command = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "--skip-checks", "worker", "--concurrency", str(WORKERS)]
    command += ["--loglevel", "WARNING", "--without-gossip", "--without-mingle", "--hostname", f"bench{os.getpid()}@%h"]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL) as process:
        try:
            _wait_for_workers()
            yield
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _wait_for_workers() -> None:
    from config.celery import app  # noqa: PLC0415

    limit = time.monotonic() + 60
    while not app.control.ping(timeout=0.5):
        if time.monotonic() > limit:
            raise RuntimeError("the Celery workers did not answer within 60 seconds")
