"""Small rosters of invented children, and the district that takes them."""

from __future__ import annotations

import csv
import io
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection

from apps.core.ids import check_digit
from apps.core.scope import Actor
from apps.registers import actions
from apps.registers.actions import read
from apps.registers.actions.load import load_register, system_actor
from apps.registers.checks.__main__ import options_of, run
from apps.registers.models import Entry, Upload
from apps.schools.models import Region, School, Term

DISTRICT, TOWN, OTHER = "530113", "530113102", "530113103"
SCHOOLS = ("2153011301", "2153011302")
NOW = datetime(2026, 9, 10, 8, tzinfo=UTC)
SYSTEM = system_actor(DISTRICT)
HEADINGS = [
    "学籍号",
    "姓名",
    "性别",
    "出生日期",
    "身份证件号",
    "学校标识码",
    "年级",
    "班级",
    "户编号",
    "乡镇代码",
    "家庭住址",
    "监护人姓名",
    "监护人电话",
]
NAMES = ("赵一诺", "钱二宝", "孙三多", "李四维", "周五常", "吴六合", "郑七彩", "王八方")
TABLES = ("registers_entry", "students_child", "students_iddocument", "schools_schoolclass")


@dataclass(frozen=True)
class Pupil:
    """One invented child as a row of a file."""

    number: int = 0
    school: str = SCHOOLS[0]
    grade: int = 3
    class_name: str = "1"
    has_id: bool = True
    address: str = "汤丹镇小龙潭"
    town: str = TOWN

    @property
    def birth(self) -> date:
        return date(2017, 3, 1 + self.number)

    @property
    def id_number(self) -> str:
        first = f"530113{self.birth:%Y%m%d}{123 + self.number}"
        return first + check_digit(first)

    def cells(self) -> list[str]:
        sex = "男" if int(self.id_number[16]) % 2 else "女"
        number = self.id_number if self.has_id else ""
        return [
            "G" + self.id_number, NAMES[self.number], sex, self.birth.isoformat(), number, self.school, str(self.grade), self.class_name,
            f"H{self.number}", self.town, self.address, "赵大山", "13900000001",
        ]  # fmt: skip


def roster(path: Path, pupils: list[Pupil], headings: list[str] = HEADINGS) -> Path:
    """A CSV of the pupils."""
    text = io.StringIO()
    csv.writer(text).writerows([headings, *(pupil.cells() for pupil in pupils)])
    path.write_text(text.getvalue(), encoding="utf-8-sig")
    return path


def child_here(args: list[str], *, on_progress: Callable[[dict[str, Any]], None], copy_write: Callable[[bytes], Any]) -> dict[str, Any]:
    """The reading child inside this process: the same work, without the half second a process takes to start."""
    done: dict[str, Any] = {}
    out, true = io.BytesIO(), sys.stdout
    sys.stdout = SimpleNamespace(buffer=out)  # type: ignore[assignment]
    try:
        run(args[0], Path(args[1]), options_of(json.loads(args[3])), lambda event: done.update(event.get("done", {})) or on_progress(event))
    finally:
        sys.stdout = true
    copy_write(out.getvalue())
    return done


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(read, "run_child", child_here)


def make_places() -> Term:
    """The district, two townships, two schools, one term."""
    make = Region.objects.get_or_create
    make(code="53", defaults={"name": "云南省", "level": "province"})
    make(code="5301", defaults={"name": "昆明市", "level": "prefecture", "parent_id": "53"})
    make(code=DISTRICT, defaults={"name": "东川区", "level": "district", "parent_id": "5301"})
    for code, name in ((TOWN, "汤丹镇"), (OTHER, "因民镇")):
        make(code=code, defaults={"name": name, "level": "township", "parent_id": DISTRICT})
    for code, town in zip(SCHOOLS, (TOWN, OTHER), strict=True):
        School.objects.create(code=code, name=f"测试小学{code[-1]}", kind="primary", district_code=DISTRICT, township_id=town)
    return Term.objects.create(district_code=DISTRICT, code="2026-2027-1", first_day=date(2026, 9, 1), last_day=date(2027, 1, 23))


@pytest.fixture
def term(db: None, tmp_path: Path, settings: Any) -> Term:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    return make_places()


def load(term: Term, path: Path, kind: str = "attending", *, by: Actor = SYSTEM, **options: Any) -> dict[str, Any]:
    """Load and commit; a shrinking roll and a doubtful kind are confirmed."""
    return load_register(kind=kind, path=path, term=term, by=by, now=NOW, **{"confirm_shrink": True, "confirm_kind": True} | options)


def staged(term: Term, path: Path, kind: str = "attending", *, by: Actor = SYSTEM, **place: str) -> Upload:
    """An upload as the preview shows it."""
    with path.open("rb") as file:
        upload = actions.receive_upload(by=by, user_id=None, kind=kind, term=term, file=file, file_name=path.name, **place)
    found = actions.read_upload(upload_id=upload.pk, now=NOW, today=NOW.date())
    assert found is not None
    return found


def snapshot() -> dict[str, list[tuple[Any, ...]]]:
    """Everything a commit writes."""
    tables = {}
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table} ORDER BY id")
            tables[table] = cursor.fetchall()
    return tables


def facts() -> list[tuple[Any, ...]]:
    """What stands, without the numbers of rows and uploads."""
    return sorted(Entry.objects.standing().values_list("kind", "unit", "name", "id_masked", "grade", "class_name", "address", "child__id_masked"))
