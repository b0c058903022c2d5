"""Pages of the registers: the list, the upload, the preview and what is decided about it."""

from __future__ import annotations

from pathlib import Path

from django.http import Http404

from apps.core.scope import Actor
from apps.registers.models import Kind, Upload
from apps.registers.queries.overview import may_handle, visible

TONES = {
    Upload.State.WAITING: "info", Upload.State.READING: "info", Upload.State.HEADINGS: "warn", Upload.State.STAGED: "warn",
    Upload.State.COMMITTED: "ok", Upload.State.REFUSED: "bad", Upload.State.UNDONE: "off", Upload.State.DISCARDED: "off",
}  # fmt: skip

REPORT = "走访报告："  # begins the name of a report's file, which its page shows as its title


def is_report(upload: Upload) -> bool:
    """Whether this is one child told by the page of reports, and not a table somebody uploaded."""
    name = upload.file_name
    return upload.kind == Kind.SURVEY and upload.counts.get("rows") == 1 and name.startswith(REPORT) and not Path(name).suffix


def upload_of(actor: Actor, upload_id: int, *, handle: bool = False) -> Upload:
    """The upload within the scope, 404 for everybody else's; ``handle``: also 404 where the post may only look."""
    upload = visible(actor).select_related("term", "school", "created_by").filter(pk=upload_id).first()
    if upload is None or (handle and not may_handle(actor, upload)):
        raise Http404
    return upload
