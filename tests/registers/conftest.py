"""A small district with its people, and real files to hand in."""

from __future__ import annotations

import io
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from openpyxl import Workbook

from apps.accounts.models import Post, User
from apps.core.ids import check_digit
from apps.registers.models import Upload
from apps.schools.models import Region, School, Term

DISTRICT, TOWN, OTHER_TOWN, VILLAGE, OTHER_VILLAGE = "530113", "530113102", "530113103", "530113102201", "530113103201"
SCHOOL, OTHER_SCHOOL = "2153011301", "2153011302"
ATTENDING = ["学校标识码", "年级", "班级", "姓名", "性别", "身份证号", "出生日期", "监护人姓名", "监护人电话"]
SURNAMES = "赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕施"


@dataclass
class People:
    """Logged-in clients by role; ``stranger_*`` are of the other school, township, village, district."""

    clients: dict[str, Client]
    term: Term

    def __getattr__(self, role: str) -> Client:
        return self.clients[role]


def client_of(role: str, **place: Any) -> Client:
    district = place.pop("district", DISTRICT)
    name = f"u{uuid.uuid4().hex[:12]}"
    user = User.objects.create(username=name, name=f"{role}甲", district_code=district, password="!")
    Post.objects.create(user=user, role=role, district_code=district, starts_on=date(2026, 1, 1), **place)
    client = Client()
    client.force_login(user, backend="apps.accounts.queries.Known")
    return client


@pytest.fixture
def people(db: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch) -> People:
    settings.UPLOAD_DIR = tmp_path / "uploads"
    settings.PINNED_TODAY = date(2026, 10, 12)
    settings.STATIC_ROOT = tmp_path  # whitenoise looks for the folder
    make = Region.objects.get_or_create
    make(code="53", defaults={"name": "云南省", "level": "province"})
    make(code="5301", defaults={"name": "昆明市", "level": "prefecture", "parent_id": "53"})
    for code, name in ((DISTRICT, "东川区"), ("530114", "呈贡区")):
        make(code=code, defaults={"name": name, "level": "district", "parent_id": "5301"})
    for code, name in ((TOWN, "汤丹镇"), (OTHER_TOWN, "因民镇")):
        make(code=code, defaults={"name": name, "level": "township", "parent_id": DISTRICT})
    for code, name, town in ((VILLAGE, "达德村", TOWN), (OTHER_VILLAGE, "红山村", OTHER_TOWN)):
        make(code=code, defaults={"name": name, "level": "village", "parent_id": town})
    for code, name, town in ((SCHOOL, "汤丹中心小学", TOWN), (OTHER_SCHOOL, "因民中心小学", OTHER_TOWN)):
        School.objects.create(code=code, name=name, kind="primary", district_code=DISTRICT, township_id=town, is_central=True)
    term = Term.objects.create(district_code=DISTRICT, code="2026-2027-1", first_day=date(2026, 9, 1), last_day=date(2027, 1, 23))
    Term.objects.create(district_code="530114", code="2026-2027-1", first_day=date(2026, 9, 1), last_day=date(2027, 1, 23))
    clients = {
        "registrar": client_of("registrar", school_id=SCHOOL),
        "stranger_registrar": client_of("registrar", school_id=OTHER_SCHOOL),
        "principal": client_of("principal", school_id=SCHOOL),
        "central_school": client_of("central_school", region_id=TOWN),
        "stranger_township": client_of("township", region_id=OTHER_TOWN),
        "village": client_of("village", region_id=VILLAGE),
        "stranger_village": client_of("village", region_id=OTHER_VILLAGE),
        "bureau": client_of("bureau"),
        "stranger_bureau": client_of("bureau", district="530114"),
        "liaison": client_of("liaison"),
        "inspector": client_of("inspector"),
        "administrator": client_of("administrator"),
    }
    return People(clients, term)


def number(serial: int, day: str = "20150316") -> str:
    """A valid invented ID number."""
    first = f"530113{day}{serial:03}"
    return first + check_digit(first)


def pupils(count: int, *, first: int = 0) -> list[list[Any]]:
    """Rows of an attending list."""
    return [
        [SCHOOL, "五年级", "1", f"{SURNAMES[n % 20]}小{'一二三四五六七八九十'[n // 20]}", "男", number(2 * n + 1), "2015-03-16",
         f"{SURNAMES[n % 20]}大山",
         f"1380000{n:04}"]
        for n in range(first, first + count)
    ]  # fmt: skip


def workbook(rows: list[list[Any]], headings: list[str] = ATTENDING, name: str = "在校名单.xlsx") -> SimpleUploadedFile:
    book = Workbook()
    for row in [headings, *rows]:
        book.active.append(row)
    target = io.BytesIO()
    book.save(target)
    return SimpleUploadedFile(name, target.getvalue())


Send = Callable[..., Any]


@pytest.fixture
def send(people: People, django_capture_on_commit_callbacks: Any) -> Iterator[Send]:
    """POST a form with a fresh key and let what waits for the commit run: the reading happens at once."""

    def post(client: Client, url: str, data: dict[str, Any] | None = None) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(url, {"_key": str(uuid.uuid4()), **(data or {})})

    return post


@pytest.fixture
def hand_in(send: Send, people: People) -> Callable[..., Upload]:
    """Upload a file through its page; the upload as it is after reading."""

    def upload(client: Client, kind: str, file: SimpleUploadedFile, **more: str) -> Upload:
        answer = send(client, f"/registers/upload/{kind}/", {"term": people.term.code, "file": file, **more})
        assert answer.status_code == 302, answer.content.decode()
        return Upload.objects.get(pk=int(answer["Location"].strip("/").split("/")[-1]))

    return upload
