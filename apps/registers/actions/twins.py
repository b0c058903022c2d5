"""The same file handed in as two registers: what is asked of the second, as long as the first one stands."""

from __future__ import annotations

from apps.registers.models import Upload

State = Upload.State


def twin_doubt(upload: Upload) -> tuple[str, int]:
    """(question, the other upload) where the same file stands as another register, ('', 0) where none does."""
    twins = Upload.objects.filter(district_code=upload.district_code, sha256=upload.sha256, state__in=[State.STAGED, State.COMMITTED])
    found = twins.exclude(kind=upload.kind).order_by("pk").last()
    if found is None:
        return "", 0
    label, own = found.get_kind_display(), upload.get_kind_display()
    return (
        f"一模一样的文件已作为“{label}”上传过（{found.get_state_display()}），现在又作为“{own}”上传。请核对是哪一种：传错了，请放弃这份上传；"
        f"上一次传错了，请放弃或撤销那一次；都没有错，请再次确认提交。"
    ), found.pk


def twin_gone(upload: Upload) -> None:
    """An upload was given up or taken back: whoever was asked because of it is asked no more, unless yet another one stands."""
    for other in Upload.objects.filter(district_code=upload.district_code, state=State.STAGED, counts__twin=upload.pk):
        other.counts["kind_doubt"], other.counts["twin"] = twin_doubt(other)
        other.save(update_fields=["counts"])
