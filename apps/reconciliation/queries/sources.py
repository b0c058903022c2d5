"""The uploads a run used, as a post may know of them."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import NamedTuple

from apps.audit.models import Event
from apps.core.scope import Scope
from apps.reconciliation.models import Run
from apps.registers.models import Kind, Upload
from apps.schools import queries as places


class Source(NamedTuple):
    """One upload: which register, whose, the file, when it was committed and by whom ('' where the system did, by command)."""

    kind: str
    place: str
    file_name: str
    committed_at: datetime | None
    by: str


class Sources(NamedTuple):
    """The uploads within a scope, and how many others there are of each register (label -> number)."""

    own: list[Source]
    others: dict[str, int]


def sources(run: Run, scope: Scope) -> Sources:
    """Four questions, however many uploads."""
    used = Upload.objects.filter(pk__in=run.uploads)
    own = list(used.within(scope).select_related("school").order_by("kind", "township_code", "school", "committed_seq"))
    own.sort(key=lambda upload: ORDER[upload.kind])
    commits = Event.objects.filter(object_kind="upload", object_id__in=[upload.pk for upload in own], verb="commit_upload").order_by("pk")
    who = {event.object_id: " · ".join(filter(None, (event.user_name, event.post_title))) for event in commits}
    names = places.place_names(code for upload in own for code in (upload.township_code, upload.village_code) if code)
    told = [Source(upload.get_kind_display(), place(upload, names), upload.file_name, upload.committed_at, who.get(upload.pk, "")) for upload in own]
    all_kinds = Counter(used.values_list("kind", flat=True)) - Counter(upload.kind for upload in own)
    return Sources(told, {label: all_kinds[kind] for kind, label in Kind.choices if all_kinds[kind]})


ORDER = {kind: number for number, kind in enumerate(Kind.values)}


def place(upload: Upload, names: dict[str, str]) -> str:
    """Whose register it is: a school, a village, a township, or the whole district."""
    return upload.school.name if upload.school else names.get(upload.village_code) or names.get(upload.township_code) or "全区"
