"""Reading uploads in the background. The state stands in the upload's row; a lost message costs a minute, nothing else."""

from __future__ import annotations

from celery import shared_task

from apps.core import clock
from apps.registers import actions


@shared_task(ignore_result=True)
def read_upload_task(*, upload_id: int) -> None:
    """Read one upload; nothing happens where another worker has it."""
    actions.read_upload(upload_id=upload_id, now=clock.machine(), today=clock.today())


@shared_task(ignore_result=True)
def sweep_stuck_reads() -> None:
    """Queue again what waits without a reader: the message was lost, or the worker died."""
    for upload_id in actions.release_stuck_reads(now=clock.machine()):
        read_upload_task.delay(upload_id=upload_id)
