"""More than a form may hold is refused by its length, before anything is read or written to a disk."""

from __future__ import annotations

import io
import zipfile
from typing import Any

import pytest
import tablib
from django.conf import settings
from django.test import Client

from apps.core.errors import Refused, RefusedFile
from apps.core.small_sheets import LIMITS, SmallSheet
from tests.cast import Cast

HUGE = 900 << 20


class Unread:
    """A body that nobody may touch."""

    def read(self, *_: Any) -> bytes:
        raise AssertionError("the body was read")

    readline = read


def post(client: Client, path: str, length: int) -> Any:
    """A form of so many bytes, of which none must be looked at."""
    return client.generic("POST", path, b"", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH=str(length), **{"wsgi.input": Unread()})


@pytest.mark.parametrize("path", ["/login/", "/registers/upload/attending/", "/roll/1/", "/admin/"])
@pytest.mark.parametrize("length", [settings.STRANGER_MAX_BYTES + 1, HUGE])
def test_a_stranger_sends_no_file(client: Client, cast: Cast, path: str, length: int) -> None:
    client.handler.enforce_csrf_checks = True
    answer = post(client, path, length)
    assert answer.status_code == 413
    assert "提交的内容太大" in answer.content.decode()


def test_the_largest_form_is_the_most_anybody_sends(cast: Cast) -> None:
    registrar = cast.client("registrar")
    assert post(registrar, "/registers/upload/attending/", settings.SENT_MAX_BYTES + 1).status_code == 413
    assert post(registrar, "/registers/upload/attending/", settings.SENT_MAX_BYTES).status_code == 400, "it was read, and broke off"


def test_whoever_logs_in_sends_little(client: Client, cast: Cast) -> None:
    assert client.post("/login/", {"username": "甲" * 100, "password": "x" * 4096}).status_code == 200


def test_a_small_sheet_is_weighed_before_it_is_looked_through() -> None:
    with pytest.raises(Refused, match="内容太多"):
        SmallSheet().create_dataset(b"x" * (LIMITS.file_bytes + 1))


def test_a_sheet_that_swells_is_given_up_early() -> None:
    """No more is unpacked than a small sheet may hold, and the big registers may hold eighty times as much."""
    sheet = SmallSheet()
    kept = io.BytesIO(sheet.export_data(tablib.Dataset(["一"], headers=["姓名"])))
    cells = b"".join(b"<v>%d</v>" % (n * 7919 % 1_000) for n in range(LIMITS.unpacked_bytes // 9))
    with zipfile.ZipFile(kept, "a", zipfile.ZIP_DEFLATED) as book:
        book.writestr("xl/more.xml", b"<a>" + cells + b"</a>")
    assert len(kept.getvalue()) < LIMITS.file_bytes and len(cells) > LIMITS.unpacked_bytes
    with pytest.raises(RefusedFile, match="解开后超过 4 MB"):
        sheet.create_dataset(kept.getvalue())
