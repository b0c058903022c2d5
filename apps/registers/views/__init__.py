"""Pages of the registers: the list, the upload, the preview and what is decided about it."""

from __future__ import annotations

from django.http import Http404

from apps.core.scope import Actor
from apps.registers.models import Upload
from apps.registers.queries.overview import may_handle, visible

TONES = {
    Upload.State.WAITING: "info", Upload.State.READING: "info", Upload.State.HEADINGS: "warn", Upload.State.STAGED: "warn",
    Upload.State.COMMITTED: "ok", Upload.State.REFUSED: "bad", Upload.State.UNDONE: "off", Upload.State.DISCARDED: "off",
}  # fmt: skip


def upload_of(actor: Actor, upload_id: int, *, handle: bool = False) -> Upload:
    """The upload within the scope, 404 for everybody else's; ``handle``: also 404 where the post may only look."""
    upload = visible(actor).select_related("term", "school", "created_by").filter(pk=upload_id).first()
    if upload is None or (handle and not may_handle(actor, upload)):
        raise Http404
    return upload
