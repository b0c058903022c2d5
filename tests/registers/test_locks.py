"""What a commit or an undo holds while it works: its own upload, never a row that another school's upload needs."""

from __future__ import annotations

import io
import threading
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from django.db import OperationalError, connection, transaction

from apps.registers import actions
from apps.registers.actions import commit, undo
from apps.registers.models import Upload
from apps.schools.models import Term
from tests.registers.rolls import NOW, SCHOOLS, SYSTEM, Pupil, make_places, roster, staged
from tests.registers.rolls import quick as quick


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("module", "step"), [(commit, "write"), (undo, "_take_back")])
def test_another_school_hands_in_meanwhile(
    module: ModuleType, step: str, quick: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    term = make_places()
    upload = staged(term, roster(tmp_path / "a.csv", [Pupil(0)]), school=SCHOOLS[0])
    true, told = getattr(module, step), []

    def meanwhile(*args: Any, **kwargs: Any) -> None:
        thread = threading.Thread(target=lambda: told.append(_hand_in(term)))
        thread.start()
        thread.join(10)
        true(*args, **kwargs)

    monkeypatch.setattr(module, step, meanwhile)
    actions.commit_upload(upload=upload, by=SYSTEM, now=NOW)
    if module is undo:
        actions.undo_upload(upload=upload, by=SYSTEM)
    assert told == [Upload.State.WAITING]


def _hand_in(term: Term) -> str:
    """The state of the other school's upload, or what stood in its way."""
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL lock_timeout = '2s'")
            file = io.BytesIO("姓名\n".encode())
            return actions.receive_upload(by=SYSTEM, user_id=None, kind="attending", term=term, school=SCHOOLS[1], file=file, file_name="b.csv").state
    except OperationalError as fault:
        return str(fault)
    finally:
        connection.close()
