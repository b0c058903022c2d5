"""A filled-in sheet of 双线十二人 taken in as a whole, or not at all."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone

from apps.audit.actions import record
from apps.cases.actions.duties import Named, Place, begin_waiting, row_of
from apps.cases.models import Duty, Guarantor
from apps.cases.queries.duty_sheet import HEADINGS, Key, Spot, held, spots
from apps.cases.rules.duties import fault_of_day
from apps.core.district_resources import Day
from apps.core.errors import Refused
from apps.core.phones import WORDS, is_phone
from apps.core.rights import Right
from apps.core.scope import Actor

LONGEST = {"姓名": 60, "职务": 60, "电话": 30, "村民小组": 30}
Row = Mapping[str, str]


@dataclass(slots=True)
class Taken:
    """What came of a sheet; with a problem nothing was written. ``problems``: sentences that name their row."""

    named: int = 0
    same: int = 0
    problems: list[str] = field(default_factory=list)


@transaction.atomic
def take_sheet(*, rows: Sequence[Row], by: Actor, now: datetime) -> Taken:
    """Name everybody of a sheet (queries.duty_sheet.HEADINGS, text cells; a row without a name is left free). Who stands there already is passed
    over; somebody else there is a problem, for that is a hand-over. All rows or none. 〔方案二（一）〕责任落实到人"""
    if not by.may(Right.MANAGE_DUTIES):
        raise Refused("责任人由教体局、乡镇（街道）、学校落实。", code="right")
    today = timezone.localtime(now).date()
    known = {(spot.duty.label, spot.code, str(spot.room or "")): spot for spot in spots(by.scope, day=today)}
    standing, told, made = held(by.scope, day=today), Taken(), dict[Key, Guarantor]()
    for number, row in enumerate(rows, 2):
        if not row["姓名"]:
            continue
        spot = known.get((row["岗位"], row["地方代码"], row["班级"]))
        fault = check(row, spot, number, standing=standing, made=made, today=today)
        if fault:
            told.problems.append(f"第{number}行 {fault}")
        elif spot and (key := (*spot.key[:3], row["村民小组"])) not in standing:
            made[key] = guarantor(row, spot, by=by, now=now, today=today)
        else:
            told.same += 1
    if not told.problems and made:
        store(list(made.values()), by=by, now=now)
        told.named = len(made)
    return told


def check(row: Row, spot: Spot | None, number: int, *, standing: Mapping[Key, Guarantor], made: Mapping[Key, Guarantor], today: date) -> str:
    """What is wrong with a row, '' where nothing is."""
    if spot is None:
        words = " ".join(filter(None, (row["地方"] or row["地方代码"], row["班级"])))
        return f"岗位：{words or '（没有写地方）'}没有由您落实的“{row['岗位']}”；岗位、地方代码、班级请照模板，不要改动。"
    group = row["村民小组"]
    key = (*spot.key[:3], group)
    if holder := standing.get(key):
        where = f"{spot.name}{spot.room or ''}{group}的“{spot.duty.label}”"
        return "" if holder.name == row["姓名"] else f"姓名：{where}已有责任人{holder.name}，请用“交接”更换。"
    if (spot.duty.level == Duty.Level.GROUP) != bool(group):
        return f"村民小组：“{spot.duty.label}”{'须写明哪个小组，如“三组”' if not group else '不分小组，请清空这一格'}。"
    if long := next((heading for heading, most in LONGEST.items() if len(row[heading]) > most), ""):
        return f"{long}：超过 {LONGEST[long]} 字。"
    if key in made:
        return f"姓名：{spot.name}{spot.room or ''}{group}的“{spot.duty.label}”在这份表里写了两次。"
    if row["电话"] and not is_phone(row["电话"]):
        return f"电话：“{row['电话']}”不是电话号码。{WORDS}"
    return fault_of_from(row["自"], today=today)


def fault_of_from(text: str, *, today: date) -> str:
    """'' for a day not too far off, or none."""
    try:
        day = Day("自", needed=False).clean(text)
    except ValidationError as wrong:
        return str(wrong.messages[0])
    fault = fault_of_day(day, today=today) if day else ""
    return fault and f"自：{fault}"


def guarantor(row: Row, spot: Spot, *, by: Actor, now: datetime, today: date) -> Guarantor:
    """The row of a person, not stored yet; from today where the sheet names no day."""
    region = "" if spot.school or spot.duty.level == Duty.Level.DISTRICT else spot.code
    first: date = Day("自", needed=False).clean(row["自"]) or today
    one = Named(spot.duty, row["姓名"], row["职务"], row["电话"])
    return row_of(one, Place(region, spot.school, spot.room, row["村民小组"]), first_day=first, by=by, now=now)


def store(made: Sequence[Guarantor], *, by: Actor, now: datetime) -> None:
    """Write all of them, and begin what waited for them alone. Refused where somebody was quicker."""
    try:
        with transaction.atomic():
            Guarantor.objects.bulk_create(made)
    except IntegrityError as twice:
        raise Refused("有的岗位刚刚已由别人落实，没有写入；请重新下载模板核对。", code="held") from twice
    record("name_people", f"按表格落实责任人 {len(made)} 名", by=by, object_kind="duty")
    begin_waiting(Q(), by=by, now=now)


def rows_of(headers: Sequence[str], cells: Sequence[Sequence[str]]) -> list[Row]:
    """The rows by their headings. Refused where a heading is missing."""
    if missing := [heading for heading in HEADINGS if heading not in headers]:
        raise Refused(f"缺少列：{'、'.join(missing)}。请点“下载表格”，在下载的表格里填好，再点“上传并落实”。", code="headings")
    return [dict.fromkeys(HEADINGS, "") | {name: cell.strip() for name, cell in zip(headers, row, strict=False)} for row in cells]
