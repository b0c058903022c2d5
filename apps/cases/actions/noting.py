"""Notes, files and corrections in the ledger; a case opened by a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions import clocks
from apps.cases.actions.writing import hold_open, write
from apps.cases.models import Attachment, Case, CaseEntry
from apps.cases.queries.persuading import earliest_day
from apps.cases.rules.repeating import is_repeat
from apps.cases.workflow import State
from apps.core.errors import Refused
from apps.core.ids import hide_numbers
from apps.core.proofs import ProofFile, proof_path
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date
from apps.schools.queries import policy
from apps.schools.rules import stage_of_grade
from apps.students.models import Child


@transaction.atomic
def note(
    *, case: Case, text: str, on: date, by: Actor, now: datetime, files: Sequence[ProofFile] = (), corrects: CaseEntry | None = None
) -> CaseEntry:
    """A note, with files or without, or the correction of an earlier line: never progress, so that no clock can be silenced by writing.

    Refused: nothing is said, a day to come or before the absence (of a correction: before the line it corrects), a line of another case; in a case
    that has ended anything but a correction. 〔DOMAIN §4〕更正是新的记录"""
    if corrects is None:
        hold_open(case, sentence="个案已经办结，只能更正原有的记录；又不上学的，另行立案。")
    if not text.strip():
        raise Refused("请写明内容。", code="text")
    if on > timezone.localtime(now).date():
        raise Refused("发生日不能在今天之后。", code="day")
    if corrects is not None and corrects.case_id != case.pk:
        raise Refused("要更正的记录不在这件个案里。", code="entry")
    first = min([earliest_day(case), *([corrects.happened_on] if corrects else [])])
    if on < first:
        raise Refused(f"发生日不能早于{cn_date(first)}。", code="day")
    kinds = CaseEntry.Kind
    kind = kinds.CORRECTION if corrects else kinds.ATTACHMENT if files else kinds.NOTE
    head = f"更正{corrects.happened_on:%-m月%-d日}“{corrects.get_kind_display()}”的记录：" if corrects else ""
    sick = corrects is not None and "plain" in corrects.data
    entry = write(
        case=case, kind=kind, text=head + text, by=by, now=now, on=on, files=files, corrects=corrects, medical=sick, plain=head if sick else ""
    )
    record("note_case", f"登记{entry.get_kind_display()}", by=by, object_kind="case", object_id=case.pk, child_id=case.child_id)
    return entry


@transaction.atomic
def open_case(*, child: Child, reason: str, never_enrolled: bool, by: Actor, now: datetime, files: Sequence[ProofFile] = ()) -> Case:
    """Open a case by hand: suspected, or confirmed as 失学 by the bureau; it follows the child's last one, and counts as a repeat within the
    policy's months. Refused: without a reason, or where the child has an open case.

    〔DOMAIN §4〕校长、村级报告立为疑似；失学由区教体局认定"""
    today = timezone.localtime(now).date()
    if not reason.strip():
        raise Refused("请写明怎样得知、现在什么情况。", code="text")
    if never_enrolled and by.role != "bureau":
        raise Refused("失学由区教体局认定；请报告为疑似辍学。", code="right")
    state = State.CONFIRMED if never_enrolled else State.SUSPECTED
    family = Child.objects.family(child.pk)
    earlier = Case.objects.filter(child__in=family, merged_into=None).order_by("-opened_on", "-pk").first()
    if earlier is not None and earlier.is_open:
        raise Refused(f"该儿童已有未结的个案（{earlier.standing.label}）。", code="open")
    origin = Case.Origin.VILLAGE if by.role in ("village", "township") else Case.Origin.HAND
    try:
        with transaction.atomic():
            case = Case.objects.create(
                child=child, district_code=child.district_code, township_code=child.township_code, village_code=child.village_code,
                school=child.school, school_class=child.school_class, stage=stage_of_grade(child.grade),
                state=state.value, origin=origin, reason=hide_numbers(reason)[:300],
                is_never_enrolled=never_enrolled, opened_on=today, follows=earlier, repeats=repeats(earlier, today=today),
            )  # fmt: skip
    except IntegrityError as twice:
        raise Refused("该儿童刚刚已经立案，请刷新后查看。", code="open") from twice
    write(case=case, kind=CaseEntry.Kind.OPENED, text=f"{state.label}：{reason}", by=by, now=now, files=files, target=state.value)
    clocks.refresh(cases=[case.pk], today=today)
    record("open_case", f"立案：{child.name}", by=by, object_kind="case", object_id=case.pk, child_id=child.pk)
    return case


def repeats(earlier: Case | None, *, today: date) -> int:
    """How often a child is lost again whose case is opened by hand: one more where the last one was closed within the policy's months."""
    if earlier is None or earlier.standing != State.CLOSED:
        return 0
    months = policy(district=earlier.district_code, day=today)["repeat_months"]
    return earlier.repeats + is_repeat(earlier.state_since or earlier.opened_on, again_on=today, months=months)


def open_attachment(*, attachment: Attachment, by: Actor) -> bytes | None:
    """The content of a file, and a line in the log that this post took it; None where the file is gone.

    〔个人信息保护法 第二十八条〕未成年人的信息属敏感个人信息。"""
    path = proof_path(attachment.stored_name)
    if not path.is_file():
        return None
    child = attachment.case.child_id if attachment.case else attachment.lesson.plan.child_id if attachment.lesson else None
    record("open_attachment", f"下载附件 {attachment.title(medical=False)}", by=by, object_kind="case", object_id=attachment.case_id, child_id=child)
    return path.read_bytes()
