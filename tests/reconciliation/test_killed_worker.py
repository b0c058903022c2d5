"""A worker killed in the middle of a run, and a broker that forgot everything, change nothing in the result: real workers, a real broker."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from kombu import Connection

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import Chunk, Run
from apps.schools.models import SchoolClass
from config import embedded
from config.celery import app
from tests.cast import Cast
from tests.factories.children import child as make_child
from tests.factories.registers import entry, term, upload
from tests.reconciliation.test_run import snapshot

pytestmark = pytest.mark.django_db(transaction=True)
WORKER = [sys.executable, "-m", "celery", "--quiet", "-A", "config", "--skip-checks", "worker", "--concurrency", "1", "--loglevel", "ERROR"]


@pytest.fixture
def children(cast: Cast) -> int:
    """Twelve children a class of two schools: on the roll, at home here, all but two of each class in the class list."""
    registers = {kind: upload(kind) for kind in ("enrollment", "household")}
    rooms = cast.home.classes[:4]
    lists = {school: upload("attending", school=school, township_code=school.township_id) for school in {room.school for room in rooms}}
    for room in rooms:
        enroll(room, registers, lists[room.school])
    return 48


def enroll(room: SchoolClass, registers: dict[str, Any], class_list: Any) -> None:
    for n in range(12):
        child = make_child(school_class=room, village="530113102201")
        for kind, by in registers.items():
            entry(child, kind, by=by)
        if n > 1:
            entry(child, "attending", by=class_list, **({"document": None, "name_key": child.name} if n == 5 else {}))


def begin() -> Run:
    of = term()
    return running.start_run(term=of, by=SYSTEM, today=of.first_day + timedelta(days=21))


@pytest.fixture
def broker() -> Iterator[str]:
    """An embedded Valkey of this test alone; its address."""
    folder = Path(tempfile.mkdtemp(prefix="zaixue-broker-", dir="/tmp"))
    server = embedded.valkey(folder)
    server.join()
    yield server.url
    server.leave()
    shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def start_worker(broker: str) -> Iterator[Callable[[], subprocess.Popen[bytes]]]:
    """Start a worker of the test's database in a process group of its own; all that are left are killed."""
    params = connection.get_connection_params()
    environment = os.environ | {
        "DATABASE_URL": f"postgres://{params['user']}@/{params['dbname']}", "PGHOST": str(params.get("host", "")), "PGPORT": str(params.get("port", "")),
        "PGPASSWORD": params.get("password", ""), "REDIS_URL": broker, "VAR_DIR": str(settings.VAR_DIR),
    }  # fmt: skip
    started: list[subprocess.Popen[bytes]] = []

    def start() -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(WORKER, cwd=settings.ROOT, env=environment, start_new_session=True))
        return started[-1]

    yield start
    for worker in started:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """kill -9 to the worker and all its children."""
    if worker.poll() is None:
        os.killpg(worker.pid, signal.SIGKILL)
        worker.wait(10)


def until(true: Callable[[], bool], seconds: float = 60) -> None:
    limit = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < limit, "waited too long"
        time.sleep(0.05)


def send(task: str, over: Connection, **arguments: Any) -> None:
    """As beat and the pages send: by name, over a connection that lives long."""
    app.send_task(f"apps.reconciliation.tasks.{task}", kwargs=arguments, connection=over)


@pytest.fixture
def over(broker: str) -> Iterator[Connection]:
    """A connection to the broker; while it is open, tasks are really sent."""
    app.conf.update(task_always_eager=False)
    with Connection(broker) as opened:
        yield opened
    app.conf.update(task_always_eager=True)


def test_a_killed_worker_and_an_emptied_broker_change_nothing(
    children: int, broker: str, start_worker: Callable[[], subprocess.Popen[bytes]], over: Connection
) -> None:
    first = start_worker()
    before = begin()
    while chunk := running.claim(run_id=before.pk, now=clock.machine()):
        running.work(chunk=chunk, now=clock.now())
    wanted = snapshot(before)
    assert before.children.count() == children and before.findings.exists()
    link = before.links.get(pk=before.links.filter(left_kind="enrollment", right_kind="attending").order_by("pk")[0].pk)

    run = begin()
    held = Chunk.objects.filter(run=run, phase="link1", place="enrollment-attending", state=Chunk.State.RUNNING)
    with psycopg.connect(
        **{k: v for k, v in connection.get_connection_params().items() if k in ("dbname", "user", "password", "host", "port")}
    ) as mine:
        # The same link, written here and not committed: the worker stops in the middle of its chunk, waiting for us.
        mine.execute(
            "INSERT INTO reconciliation_link (run_id, left_kind, right_kind, left_id, right_id, basis, decided_by) VALUES (%s, %s, %s, %s, %s, '', '')",
            [run.pk, link.left_kind, link.right_kind, link.left_id, link.right_id],
        )
        send("work_run", over, run_id=run.pk)
        until(held.exists)
        second = start_worker()
        until(lambda: waits_for(mine))
        kill(first)
        mine.rollback()
    empty(broker)
    held.update(lease_until=clock.machine())  # ninety seconds later
    send("sweep_runs", over)
    until(lambda: Run.objects.get(pk=run.pk).state == Run.State.DONE)
    assert second.poll() is None
    run.refresh_from_db()
    assert run.chunks.get(phase="link1", place="enrollment-attending").attempts == 2
    assert snapshot(run) == wanted
    assert run.counts["balanced"] and run.counts["unexplained"] == 0


def waits_for(mine: psycopg.Connection[Any]) -> bool:
    """Whether another session waits for what this one holds."""
    found = mine.execute("SELECT count(*) FROM pg_locks WHERE locktype = 'transactionid' AND NOT granted").fetchone()
    return bool(found and found[0])


def empty(broker: str) -> None:
    """What a restart without its file, or a FLUSHALL, leaves of the broker: nothing."""
    with Connection(broker) as emptying:
        emptying.default_channel.client.flushall()
