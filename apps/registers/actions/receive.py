"""From the file in a person's hand to an upload that waits to be read, and the answers given about it before the commit."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import transaction

from apps.audit.actions import record
from apps.core.errors import Refused, RefusedFile
from apps.core.ids import hide_numbers
from apps.core.scope import Actor, Level
from apps.registers.actions.twins import twin_gone
from apps.registers.layouts import KINDS
from apps.registers.layouts.kinds import COMMON
from apps.registers.models import Entry, HeadingAlias, Kind, Upload
from apps.schools.models import Region, School, Term

State = Upload.State
BLOCK = 1 << 20
COMMAND_TIMES = 10  # whoever loads by command stands at the server and may bring a whole prefecture
SCHOOL_KINDS = (Kind.ENROLLMENT, Kind.ATTENDING)
ANSWERS = ("left", "absent_from_file", "see_comparison")


def receive_upload(
    *,
    by: Actor,
    user_id: int | None,
    kind: str,
    term: Term,
    school: str = "",
    township: str = "",
    village: str = "",
    file: BinaryIO,
    file_name: str,
) -> Upload:
    """Keep a file under a generated name and remember it as waiting; what it really is, the reader decides by its content.

    Refused: a kind or a place that is not the post's own. RefusedFile: empty or above ``UPLOAD_MAX_BYTES``.
    """
    if kind not in Kind.values or (kind not in by.uploads and by.role != "system"):
        raise Refused("您的岗位不能上传这种名册。", code="kind")
    if term.district_code != by.scope.district:
        raise Refused("学期不属于本区。", code="term")
    school, township, village = _own_place(by=by, kind=kind, school=school, township=township, village=village)
    stored, size, digest = _keep(file, settings.UPLOAD_MAX_BYTES * (COMMAND_TIMES if by.role == "system" else 1))
    try:
        with transaction.atomic():
            upload = Upload.objects.create(
                kind=kind, term=term, district_code=by.scope.district, township_code=township, village_code=village, school_id=school or None,
                file_name=hide_numbers(Path(file_name.replace("\\", "/")).name)[-255:] or "未命名", stored_name=stored, size=size, sha256=digest,
                created_by_id=user_id or None, created_title=by.title,
            )  # fmt: skip
            record("upload", f"上传{upload.get_kind_display()}：{upload.file_name}", by=by, object_kind="upload", object_id=upload.pk, sha256=digest)
    except BaseException:
        (Path(settings.UPLOAD_DIR) / stored).unlink(missing_ok=True)
        raise
    return upload


ELSEWHERE = Refused("只能上传本单位的名册。", code="place")


def _own_place(*, by: Actor, kind: str, school: str, township: str, village: str) -> tuple[str, str, str]:
    """The place the file speaks for, narrowed to the post's own; Refused where it is somebody else's."""
    scope = by.scope
    _must_exist(scope.district, school, township, village)
    if scope.level == Level.SCHOOL:
        school, township, village = school or scope.school, "", ""
    elif scope.level in (Level.TOWNSHIP, Level.VILLAGE):
        township, village = township or scope.township, village or scope.village
    own = {
        Level.DISTRICT: True,
        Level.TOWNSHIP: township == scope.township and (not school or school in scope.schools),
        Level.VILLAGE: not school and (township, village) == (scope.township, scope.village),
        Level.SCHOOL: school == scope.school,
    }
    if not own.get(scope.level, False) or (village and township and not village.startswith(township)):
        raise ELSEWHERE
    if kind not in SCHOOL_KINDS:
        return "", township or village[:9], village
    if not school and scope.level != Level.DISTRICT:
        raise Refused("请指明是哪所学校的名册。", code="place")
    return school, "", ""


def _must_exist(district: str, school: str, *regions: str) -> None:
    """Refuse places that are not the district's."""
    if school and not School.objects.filter(pk=school, district_code=district).exists():
        raise ELSEWHERE
    for code in filter(None, regions):
        if not code.startswith(district) or not Region.objects.filter(pk=code).exists():
            raise ELSEWHERE


def _keep(file: BinaryIO, limit: int) -> tuple[str, int, str]:
    """Copy the bytes block by block: (stored name, size, SHA-256). Nothing stays behind where the file is refused."""
    folder = Path(settings.UPLOAD_DIR)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    stored, digest, size = secrets.token_hex(20), hashlib.sha256(), 0
    path = folder / stored
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as target:
        while block := file.read(BLOCK):
            size += len(block)
            if size > limit:
                break
            digest.update(block)
            target.write(block)
    if 0 < size <= limit:
        return stored, size, digest.hexdigest()
    path.unlink(missing_ok=True)
    if size:
        raise RefusedFile(f"文件超过 {limit >> 20} MB，请按学校或乡镇分开上传。", code="size")
    raise RefusedFile("文件是空的（0 字节），请重新导出后上传。", code="empty")


def _own_upload(upload_id: int, by: Actor, states: Iterable[str], sentence: str) -> Upload:
    """The upload, locked, where the post may see it and it is in one of the states."""
    upload: Upload | None = Upload.objects.within(by.scope).select_for_update().filter(pk=upload_id).first()
    if upload is None:
        raise Refused("没有这份上传。", code="absent")
    if upload.state not in states:
        raise Refused(sentence, code="state")
    return upload


@transaction.atomic
def learn_headings(*, upload: Upload, answers: Mapping[str, str], by: Actor) -> Upload:
    """Remember for this place which field each unknown heading is ('' keeps the column as it came) and let the file be read again.

    ``answers``: heading as it stands in the file → field name of layouts.
    """
    upload = _own_upload(upload.pk, by, [State.HEADINGS, State.STAGED, State.REFUSED], "这份上传已经处理过表头。")
    fields = set(KINDS[upload.kind].aliases.values()) | known_fields()
    unknown = sorted(set(answers.values()) - fields - {""})
    if unknown:
        raise Refused(f"没有这样的字段：{'、'.join(unknown)}。", code="field")
    place = upload.school_id or upload.village_code or upload.township_code
    for heading, field in answers.items():
        HeadingAlias.objects.update_or_create(
            district_code=upload.district_code, place_code=place, kind=upload.kind, heading=heading[:100],
            defaults={"field": field, "created_by_id": by.user_id or None},
        )  # fmt: skip
    upload.state, upload.sentence, upload.progress, upload.lease_until = State.WAITING, "", {}, None
    upload.save(update_fields=["state", "sentence", "progress", "lease_until"])
    record("learn_headings", f"说明了表头：{'、'.join(answers)}", by=by, object_kind="upload", object_id=upload.pk, answers=dict(answers))
    return upload


def known_fields() -> set[str]:
    """All fields a heading can mean."""
    return (
        set(COMMON.values())
        | {field for layout in KINDS.values() for field in layout.aliases.values()}
        | {field for layout in KINDS.values() for group in layout.required for field in group}
    )


@transaction.atomic
def answer_missing(*, upload: Upload, default: str = "", answers: Mapping[int, str] | None = None, by: Actor) -> Upload:
    """What became of the children on the roll who are not in the file: in bulk (``default``) or per entry id.

    'left' takes the line off the roll, 'absent_from_file' keeps it, 'see_comparison' takes it off and leaves the question to the run.
    """
    upload = _own_upload(upload.pk, by, [State.STAGED], "只有待核对的名册可以处理缺失名单。")
    answers = answers or {}
    if any(one not in ANSWERS for one in [*answers.values(), *([default] if default else [])]):
        raise Refused("请在“已离开”“本次文件未列”“看比对结果”中选择。", code="answer")
    own = set(
        Entry.objects.standing().filter(pk__in=list(answers), kind=upload.kind, district_code=upload.district_code).values_list("pk", flat=True)
    )
    kept = dict(upload.missing_answer) | {str(pk): answer for pk, answer in answers.items() if pk in own}
    if default:
        kept["default"] = default
    upload.missing_answer = kept
    upload.save(update_fields=["missing_answer"])
    record("answer_missing", f"处理缺失名单：{len(own)} 人", by=by, object_kind="upload", object_id=upload.pk, default=default)
    return upload


@transaction.atomic
def discard_upload(*, upload: Upload, by: Actor) -> None:
    """Give an upload up before its commit: its rows and its file go."""
    states = [State.WAITING, State.HEADINGS, State.STAGED, State.REFUSED]
    upload = _own_upload(upload.pk, by, states, "正在读取、已提交或已撤销的上传不能放弃。")
    upload.rows.all().delete()
    upload.state, upload.sentence = State.DISCARDED, ""
    upload.save(update_fields=["state", "sentence"])
    twin_gone(upload)
    record("discard_upload", f"放弃了上传：{upload.file_name}", by=by, object_kind="upload", object_id=upload.pk)
    transaction.on_commit(lambda: upload.path.unlink(missing_ok=True))
