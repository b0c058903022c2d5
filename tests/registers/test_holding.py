"""What is held: an upload by its reader while it lives, a commit by the comparison that looked at it."""

from __future__ import annotations

import contextlib
import subprocess
import threading
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from apps.core.errors import Refused
from apps.core.excel import child
from apps.registers import actions
from apps.registers.actions import read
from apps.registers.models import Upload
from apps.schools.models import Term
from tests.registers.rolls import DISTRICT, NOW, SYSTEM, Pupil, load, make_places, roster, staged
from tests.registers.rolls import quick as quick
from tests.registers.rolls import term as term


@pytest.mark.django_db(transaction=True)
def test_a_dead_reader_is_replaced_and_a_living_one_left_alone(quick: None, tmp_path: Path, settings: Any) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    path = roster(tmp_path / "a.csv", [Pupil(0)])
    with path.open("rb") as file:
        upload = actions.receive_upload(by=SYSTEM, user_id=None, kind="attending", term=term, file=file, file_name="../../x.csv")
    assert upload.file_name == "x.csv"
    Upload.objects.filter(pk=upload.pk).update(state="reading", lease_until=NOW + read.LEASE)
    assert actions.read_upload(upload_id=upload.pk, now=NOW, today=NOW.date()) is None
    later = NOW + 2 * read.LEASE
    assert actions.release_stuck_reads(now=later) == [upload.pk]
    found = actions.read_upload(upload_id=upload.pk, now=later, today=later.date())
    assert found is not None and found.state == Upload.State.STAGED
    assert actions.read_upload(upload_id=upload.pk, now=later, today=later.date()) is None


@pytest.mark.django_db(transaction=True)
def test_a_reader_is_known_by_its_lock_however_long_it_reads(quick: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Long after its lease another one comes: while the first one's connection lives it goes away again, as soon as that is dead it reads."""
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    path = roster(tmp_path / "a.csv", [Pupil(0)])
    with path.open("rb") as file:
        upload = actions.receive_upload(by=SYSTEM, user_id=None, kind="attending", term=term, file=file, file_name="x.csv")
    late = NOW + 10 * read.LEASE
    reading, killed = threading.Event(), threading.Event()

    def never_ends(*_: Any, **__: Any) -> Any:
        reading.set()
        killed.wait(20)
        raise SystemExit  # as far as the database can tell, a kill: the connection goes without a word

    def first() -> None:
        with monkeypatch.context() as patch, contextlib.suppress(SystemExit):
            patch.setattr(read, "run_child", never_ends)
            actions.read_upload(upload_id=upload.pk, now=NOW, today=NOW.date())
        connection.close()

    thread = threading.Thread(target=first)
    thread.start()
    assert reading.wait(10)
    assert actions.release_stuck_reads(now=late) == [upload.pk]
    assert actions.read_upload(upload_id=upload.pk, now=late, today=late.date()) is None
    killed.set()
    thread.join(10)
    found = actions.read_upload(upload_id=upload.pk, now=late, today=late.date())
    assert found is not None and (found.state, found.counts["rows"]) == (Upload.State.STAGED, 1)


@pytest.mark.parametrize("kills", [1, 2])
def test_a_killed_child_is_asked_once_more_before_the_file_is_blamed(term: Term, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kills: int) -> None:
    """Real children, killed by -9 at their first word."""
    started: list[subprocess.Popen[bytes]] = []

    class Child(subprocess.Popen[bytes]):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            started.append(self)
            if len(started) <= kills:
                self.kill()

    monkeypatch.setattr(child.subprocess, "Popen", Child)
    upload = staged(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    assert len(started) == 2
    if kills == 1:
        assert (upload.state, upload.counts["rows"]) == (Upload.State.STAGED, 1)
    else:
        assert (upload.state, upload.progress["code"]) == (Upload.State.REFUSED, "killed")


def test_a_child_that_takes_too_long_is_not_asked_again(term: Term, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[int] = []

    def short(*args: Any, **kwargs: Any) -> Any:
        calls.append(1)
        return child.run_child(*args, **kwargs, seconds=0.0)

    monkeypatch.setattr(read, "run_child", short)
    upload = staged(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    assert (upload.state, upload.progress["code"], len(calls)) == (Upload.State.REFUSED, "slow", 1)


def test_a_held_commit_cannot_be_undone(term: Term, quick: None, tmp_path: Path) -> None:
    first = load(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    cutoff = Upload.objects.get(pk=first["upload"]).committed_seq
    assert cutoff and actions.hold_uploads(district=DISTRICT, cutoff=cutoff, by_what="第3次比对") == 1
    later = load(term, roster(tmp_path / "b.csv", [Pupil(0), Pupil(1)]))
    assert actions.hold_uploads(district=DISTRICT, cutoff=cutoff, by_what="第4次比对") == 0
    actions.undo_upload(upload=Upload.objects.get(pk=later["upload"]), by=SYSTEM)
    with pytest.raises(Refused, match="^第3次比对用到了这份名册") as refusal:
        actions.undo_upload(upload=Upload.objects.get(pk=first["upload"]), by=SYSTEM)
    assert refusal.value.code == "held"
