"""Starting a run."""

from __future__ import annotations

from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Max

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.scope import Actor
from apps.reconciliation.models import Run
from apps.registers.models import Upload
from apps.schools.models import Term


def start_run(*, term: Term, by: Actor, today: date, user_id: int | None) -> Run:
    """Make a waiting run over the committed uploads of a term; Refused while another one of the district is at work."""
    committed = Upload.objects.filter(district_code=term.district_code, term=term, state=Upload.State.COMMITTED)
    cutoff = committed.aggregate(last=Max("committed_seq"))["last"]
    if cutoff is None:
        raise Refused("本学期还没有提交过名册，没有可比对的内容。请先上传并提交名册。")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                district_code=term.district_code, term=term, as_of=today, cutoff_seq=cutoff, uploads=list(committed.values_list("pk", flat=True)),
                started_by_id=user_id or None, started_title=by.title,
            )  # fmt: skip
    except IntegrityError as clash:
        raise Refused("本区已有一次比对正在进行，请等它结束。") from clash
    record("start_run", f"开始{run}（{term.label}）", by=by, object_kind="run", object_id=run.pk)
    return run
