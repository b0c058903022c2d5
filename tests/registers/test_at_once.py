"""A file read and committed in one go, as the command does: one transaction, the same result as with a preview between."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from apps.core.errors import Refused
from apps.registers import actions
from apps.registers.actions import lines, read
from apps.registers.models import Entry, StagedRow, Upload
from apps.schools.models import Term
from apps.students.models import Child, IdDocument
from tests.registers.rolls import NAMES, NOW, SCHOOLS, SYSTEM, Pupil, load, make_places, roster, snapshot, staged
from tests.registers.rolls import quick as quick
from tests.registers.rolls import term as term


@pytest.mark.django_db(transaction=True)
def test_killed_in_the_middle_is_nothing_and_is_read_again(quick: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a dead command leaves is an upload that waits for a reader."""
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    before, true = snapshot(), lines.insert

    def die(*args: Any) -> None:
        true(*args)
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(lines, "insert", die)
        with pytest.raises(SystemExit):
            load(term, roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)]))
    assert snapshot() == before and not StagedRow.objects.exists()
    later = NOW + 2 * read.LEASE
    (upload_id,) = actions.release_stuck_reads(now=later)
    upload = actions.read_upload(upload_id=upload_id, now=later, today=later.date())
    assert upload is not None and upload.state == Upload.State.STAGED
    actions.commit_upload(upload=upload, by=SYSTEM, now=later)
    assert Entry.objects.standing().count() == 2


def test_a_roll_that_shrinks_is_kept_for_the_page(term: Term, quick: None, tmp_path: Path) -> None:
    load(term, roster(tmp_path / "a.csv", [Pupil(n) for n in range(5)]))
    before = snapshot()
    with pytest.raises(Refused, match="5 人"):
        load(term, roster(tmp_path / "b.csv", [Pupil(0)]), confirm_shrink=False)
    assert snapshot() == before
    upload = Upload.objects.get(state=Upload.State.STAGED)
    assert upload.rows.count() == 1
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW, confirm_shrink=True)
    assert Entry.objects.standing().count() == 1


@pytest.mark.parametrize("at_once", [True, False])
def test_one_child_in_two_schools_of_one_file(term: Term, quick: None, tmp_path: Path, at_once: bool) -> None:
    path = roster(tmp_path / "a.csv", [Pupil(0), replace(Pupil(0), school=SCHOOLS[1]), Pupil(1), replace(Pupil(0), class_name="2")])
    if at_once:
        load(term, path, "enrollment")
    else:
        actions.commit_upload(upload=staged(term, path, "enrollment"), by=SYSTEM, now=NOW)
    assert Entry.objects.standing().filter(name=NAMES[0]).count() == 3, "a number twice in one school: both lines stand"
    assert Child.objects.count() == 2
    assert load(term, path, "enrollment")["unchanged"] == 4


def test_a_child_known_by_its_student_number_alone(term: Term, quick: None, tmp_path: Path) -> None:
    """Lines have no index by number: they are looked through where a number was seen before."""
    load(term, roster(tmp_path / "a.csv", [Pupil(0), Pupil(1)]), "enrollment")
    child = Child.objects.get(name=NAMES[0])
    load(term, roster(tmp_path / "b.csv", [replace(Pupil(0), has_id=False)]), "attending")
    assert Entry.objects.get(kind="attending").child == child and Child.objects.count() == 2


def test_two_numbers_with_one_hash_stop_the_commit(term: Term, quick: None, tmp_path: Path) -> None:
    upload = staged(term, roster(tmp_path / "a.csv", [Pupil(0)]))
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtextextended('resident:' || %s, 0)", [Pupil(0).id_number])
        (key,) = cursor.fetchone()
    IdDocument.objects.create(id=key, kind="resident", number=Pupil(1).id_number, masked="")
    with pytest.raises(Refused) as refusal, transaction.atomic():
        actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
    assert refusal.value.code == "hash" and not Entry.objects.exists()
