"""``scan_absences``: the runs up to a day and the cases they open, told as DATA.md §3 says; safe to repeat."""

from __future__ import annotations

import json
from datetime import date
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.attendance.models import AbsenceRun, Mark, RollCall
from apps.cases.models import Case, CaseEntry
from apps.notices.models import Notice
from tests.cast import HOME, NOW, Cast
from tests.factories.registers import entry, term

DAYS = (date(2026, 11, 18), date(2026, 11, 19), date(2026, 11, 20))


@pytest.fixture
def absent(cast: Cast) -> Cast:
    """The home child, absent on three days, and nobody has computed anything yet."""
    term()
    child = cast.child
    entry(child)
    place = {"school": child.school, "school_class": child.school_class, "district_code": HOME}
    for day in DAYS:
        taken = RollCall.objects.create(**place, day=day, expected=1, taken_at=NOW, taken_title="班主任")
        Mark.objects.create(**place, roll_call=taken, child=child, day=day, code="absent")
    return cast


def scanned(**options: Any) -> dict[str, Any]:
    out = StringIO()
    call_command("scan_absences", json=True, stdout=out, **options)
    told: dict[str, Any] = json.loads(out.getvalue())
    return {key: value for key, value in told.items() if key not in ("date", "seconds")}


def test_the_third_day_opens_a_case_once(absent: Cast) -> None:
    """〔方案二（三）2〕."""
    assert scanned() == {"runs": 1, "suspected": 1, "still_absent": 1, "cases_opened": 1}
    assert scanned() == {"runs": 1, "suspected": 1, "still_absent": 1, "cases_opened": 0}
    assert Case.objects.get().origin == "absence"


def test_up_to_an_earlier_day(absent: Cast) -> None:
    assert scanned(date="2026-11-19") == {"runs": 1, "suspected": 0, "still_absent": 0, "cases_opened": 0}
    assert AbsenceRun.objects.get().school_days == 3, "what everybody sees is today's"


def test_an_earlier_day_says_nothing_of_later_cases(absent: Cast) -> None:
    scanned()
    ledger, told = CaseEntry.objects.count(), Notice.objects.count()
    assert scanned(date="2026-11-18") == {"runs": 1, "suspected": 0, "still_absent": 0, "cases_opened": 0}
    assert (CaseEntry.objects.count(), Notice.objects.count()) == (ledger, told)
    scanned()
    assert CaseEntry.objects.count() == ledger


def test_an_earlier_day_opens_what_it_asks_for(absent: Cast) -> None:
    assert scanned(date="2026-11-20")["cases_opened"] == 1
    assert Case.objects.get().opened_on == date(2026, 11, 20)


def test_words_and_wrong_dates(absent: Cast) -> None:
    out = StringIO()
    call_command("scan_absences", stdout=out)
    assert "新立案 1 件" in out.getvalue()
    with pytest.raises(CommandError, match="还没有到") as told:
        call_command("scan_absences", date="2026-11-30")
    assert told.value.returncode == 1
    with pytest.raises(CommandError, match="写法不对") as told:
        call_command("scan_absences", date="昨天")
    assert told.value.returncode == 2
