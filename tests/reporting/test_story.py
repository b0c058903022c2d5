"""Four days, a holiday among them: a pupil is missed three times, the flag rises, the three lines go out, both offices sign, 3/3 in time."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from apps.attendance.models import AbsenceRun
from apps.cases.models import Case, CaseEntry
from apps.cases.tasks import flag_absences
from apps.core import clock
from apps.notices.models import Notice
from apps.reporting.models import ThreeLineReport
from apps.reporting.tasks import draft_lines
from apps.schools.models import CalendarDay, SchoolClass
from tests.attendance.test_rolls import BEFORE_CUTOFF, absent, someone, take
from tests.attendance.test_rolls import room as room
from tests.cast import HOME, NOW, TODAY, Cast

pytestmark = pytest.mark.django_db
WED, THU, FRI = (TODAY - timedelta(days) for days in (5, 4, 3))  # 18–20 November 2026; TODAY is the Monday after
FOUND = {
    "whereabouts": "随表哥在昆明打工", "cause": "work", "contacts": "电话联系父亲", "home": "东川区汤丹镇汤丹1村", "guardian_name": "杨父", "guardian_phone": "1",
}  # fmt: skip


def send(client: Client, path: str, **data: Any) -> str:
    """Send a form from the page at that address; where it led."""
    answer = client.post(path, {"_key": str(uuid.uuid4()), **data})
    assert answer.status_code == 302, answer.content.decode()
    return str(answer.url)


def beat() -> None:
    """What beat runs after a roll call, in its order, and again by mistake."""
    for task in (flag_absences, draft_lines, flag_absences, draft_lines):
        task()


def test_four_days(cast: Cast, room: SchoolClass, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    CalendarDay.objects.create(district_code=HOME, day=THU, is_school_day=False, note="民族节日")
    for day in (WED, FRI):
        take(cast, room, absent(room), day=day, now=BEFORE_CUTOFF - (TODAY - day))
        beat()
        assert not Case.objects.exists(), "two school days are not three"
    take(cast, room, absent(room))
    beat()
    report = ThreeLineReport.objects.get()
    run = AbsenceRun.objects.get()
    assert (run.first_day, run.school_days, run.suspected_on) == (WED, 3, TODAY)
    assert (report.child, report.case, report.begun_on) == (someone(room), Case.objects.get(), TODAY)
    assert Notice.objects.standing().filter(role="principal", topic="line").count() == 1
    principal, registrar, township, bureau = (cast.client(role) for role in ("principal", "registrar", "township", "bureau"))
    panel = send(principal, f"/lines/{report.pk}/verify/", **FOUND)
    letters = {line.kind: line for line in report.lines.all()}
    send(township, f"/lines/letters/{letters['township'].pk}/sign/")
    visit = {
        "day": str(TODAY),
        "way": "home",
        "visitors": "李测",
        "outcome": "promised",
        "spoke_with": "父亲",
        "promised_on": "2026-11-24",
        "text": "明天送回",
    }
    send(township, f"/cases/{report.case_id}/visit/", **visit)
    send(bureau, f"/lines/letters/{letters['bureau'].pk}/sign/")
    send(registrar, panel, number="YN20261123001")
    case = principal.get(f"/cases/{report.case_id}/").content.decode()
    assert "三线报告 3/3" in case and "按时完成" in case
    told = " ".join(CaseEntry.objects.values_list("text", flat=True))
    for words in ("已起草三线报告", "控辍〔2026〕1号", "控辍〔2026〕2号", "签收", "答应返校（11月24日）", "受理号 YN20261123001"):
        assert words in told, words
    assert date(2026, 11, 24) in report.case.visits.values_list("promised_on", flat=True)
