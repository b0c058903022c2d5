"""``compare`` with no worker, a late one, a slow one, one that dies, and Ctrl-C: the run ends, and each chunk is done by one process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection

from apps.cases.management.commands import compare
from apps.core import clock
from apps.reconciliation.actions import running
from apps.reconciliation.models import Chunk, Run
from apps.reconciliation.tasks import work_run
from apps.students.models import Child
from tests.factories.registers import term
from tests.reconciliation.scenes import attending, begin

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def alone(enrolled: list[Child], monkeypatch: pytest.MonkeyPatch, settings: Any) -> None:
    """Registers, a broker that takes every message, nobody who reads them, and little patience."""
    attending(enrolled[:2])
    settings.PINNED_TODAY = term().first_day + timedelta(days=21)
    monkeypatch.setattr(work_run, "delay", lambda **_: None)
    monkeypatch.setattr(compare, "PATIENCE", 0.3)


def run_it() -> tuple[Run, str]:
    told = StringIO()
    call_command("compare", "--term", "2026-2027-1", "--json", stdout=StringIO(), stderr=told)
    return Run.objects.latest("pk"), told.getvalue()


def attempts(run: Run) -> set[int]:
    assert run.state == Run.State.DONE and run.counts["balanced"]
    return set(run.chunks.values_list("attempts", flat=True))


def beside(work: Callable[[], None]) -> threading.Thread:
    """Another process, as far as the database can tell."""

    def whole() -> None:
        try:
            work()
        finally:
            connection.close()

    thread = threading.Thread(target=whole)
    thread.start()
    return thread


def under_way() -> Run:
    while not (run := running.running_run("530113")):
        time.sleep(0.01)
    return run


def test_without_a_worker_it_does_the_work_itself_and_says_so() -> None:
    run, told = run_it()
    assert attempts(run) == {1} and told.count("本进程内比对") == 1 and "100%" in told


def test_a_broker_that_does_not_answer_costs_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: object) -> None:
        raise work_run.OperationalError("nobody there")

    monkeypatch.setattr(work_run, "delay", refuse)
    monkeypatch.setattr(compare, "PATIENCE", 600)
    assert attempts(run_it()[0]) == {1}


def test_a_late_worker_shares_the_work(monkeypatch: pytest.MonkeyPatch) -> None:
    """It comes when the command is at work already, and is as slow as the command: none does what the other does."""
    done: list[tuple[str, int]] = []
    real = running._do

    def slow(chunk: Chunk) -> int:
        time.sleep(0.3)
        done.append((threading.current_thread().name, chunk.pk))
        return real(chunk)

    monkeypatch.setattr(running, "_do", slow)

    def late() -> None:
        run = under_way()
        while not run.chunks.filter(state=Chunk.State.DONE).exists():
            time.sleep(0.02)
        while Run.objects.get(pk=run.pk).state == Run.State.RUNNING:
            if chunk := running.claim(run_id=run.pk, now=clock.machine()):
                running.work(chunk=chunk, now=clock.now())
            time.sleep(0.02)

    thread = beside(late)
    run, _ = run_it()
    thread.join(30)
    assert attempts(run) == {1} and len({pk for _, pk in done}) == len(done) and len({name for name, _ in done}) == 2


def test_a_worker_that_dies_with_a_chunk_is_replaced_after_the_lease(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(running, "LEASE", timedelta(seconds=1))
    thread = beside(lambda: None if running.claim(run_id=under_way().pk, now=clock.machine()) else pytest.fail("nothing to claim"))
    run, _ = run_it()
    thread.join(30)
    assert attempts(run) == {1, 2} and run.chunks.filter(attempts=2).count() == 1


def test_a_slow_worker_keeps_its_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after the lease and the patience are over its row is still locked."""
    monkeypatch.setattr(running, "LEASE", timedelta(seconds=0.2))
    real = running._do

    def slow(chunk: Chunk) -> int:
        if threading.current_thread() is not threading.main_thread():
            time.sleep(2)
        return real(chunk)

    monkeypatch.setattr(running, "_do", slow)

    def one() -> None:
        chunk = running.claim(run_id=under_way().pk, now=clock.machine())
        assert chunk and running.work(chunk=chunk, now=clock.now()) >= 0

    thread = beside(one)
    run, _ = run_it()
    thread.join(30)
    assert attempts(run) == {1}


def test_ctrl_c_leaves_a_run_that_the_next_compare_goes_on_with(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(chunk: Chunk) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running, "_do", interrupted)
        with pytest.raises(CommandError, match="接着做") as left:
            run_it()
    run = Run.objects.get()
    assert (left.value.returncode, run.state) == (130, Run.State.RUNNING)
    assert set(run.chunks.values_list("state", flat=True)) == {Chunk.State.WAITING}
    again, told = run_it()
    assert again.pk == run.pk and attempts(again) == {1, 2} and "接着做" in told


def test_a_cancelled_run_ends_the_wait_with_its_sentence(cast: Any) -> None:
    def cancel() -> None:
        running.cancel_run(run_id=under_way().pk, by=cast.actor("bureau"), now=clock.now())

    thread = beside(cancel)
    with pytest.raises(CommandError, match="取消"):
        run_it()
    thread.join(30)
    assert Run.objects.get().state == Run.State.CANCELLED and begin()
