"""The demonstration: complete and loaded only once; the runs of absence that were planted are found, every one and no other; then its cases stand as its truth file says."""

from __future__ import annotations

import json
from datetime import date, timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction
from django.test import override_settings

from apps.accounts.models import Post, User
from apps.accounts.roles import BY_CODE
from apps.attendance.models import AbsenceRun, RollCall, RollCallChange
from apps.cases.models import Case, CaseEntry, Climb, HomeTeaching, LegalStep
from apps.cases.tasks import flag_absences
from apps.cases.workflow import State
from apps.core import clock
from apps.dashboards.management.demo.attendance import LIMIT, PLANTS, PLANTS_TODAY, attend
from apps.dashboards.management.demo.cases.playing import PARTS
from apps.dashboards.management.demo.district import generate
from apps.dashboards.management.demo.moment import AFTERNOON, school_day, set_clock
from apps.registers.models import Entry
from apps.schools.models import Catchment, Region, SchoolClass, Term
from apps.students.models import Child

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 25)
# (start of the term, days) are kinds of plants: each needs its own weeks
KINDS = {*PLANTS, *PLANTS_TODAY, "third_day_today", "never_in_class"} - {"sick_for_a_week"}


@pytest.fixture(scope="module")
def demo(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One small district with its attendance and its cases, for all tests of this file; rolled back at the end."""
    folder = tmp_path_factory.mktemp("demo")
    with (
        django_db_blocker.unblock(),
        transaction.atomic(),  # first: the folder leads to the embedded server
        override_settings(PINNED_TODAY=TODAY, VAR_DIR=folder, UPLOAD_DIR=folder / "uploads"),
    ):
        out = StringIO()
        call_command("demo_data", pupils=900, json=True, stdout=out, stderr=StringIO())
        told = json.loads(out.getvalue())
        told["answers"] = json.loads((folder / "demo" / "truth_attendance.json").read_text(encoding="utf-8"))
        told["cases"] = json.loads((folder / "demo" / "truth_cases.json").read_text(encoding="utf-8"))
        told["folder"] = folder
        yield told
        transaction.set_rollback(True)


@pytest.fixture(scope="module")
def histories(demo: dict[str, Any], django_db_blocker: Any) -> list[dict[str, Any]]:
    """Its cases once the roll calls have been looked through; asked for by the last tests of this file alone."""
    with django_db_blocker.unblock():
        flag_absences()
    return list(demo["cases"])


def found() -> set[tuple[Any, ...]]:
    """Every run the product flags, by the pupil's student number."""
    numbers = dict(Entry.objects.filter(kind="enrollment").values_list("child_id", "student_document__number"))
    runs = AbsenceRun.objects.suspected().values_list("child_id", "first_day", "last_day", "school_days", "suspected_on", "ended_on")
    return {
        (numbers[child], *(day and str(day) for day in (first, last)), days, *(day and str(day) for day in (flagged, ended)))
        for child, first, last, days, flagged, ended in runs
    }


def planted(answers: list[dict[str, Any]]) -> set[tuple[Any, ...]]:
    names = ("student_number", "first_day", "last_day", "school_days", "suspected_on", "ended_on")
    return {tuple(answer[name] for name in names) for answer in answers if answer["suspected_on"]}


def test_the_district_is_loaded_by_the_same_actions_as_real_files_and_only_once(demo: dict[str, Any]) -> None:
    told, folder = demo, demo["folder"]
    assert told["registers"]["enrollment"]["rows"] >= 900
    assert all(counts["rows"] and not counts["rejected"] for counts in told["registers"].values())
    assert set(Entry.objects.values_list("kind", flat=True)) == {"enrollment", "household", "attending", "monitored", "survey"}
    assert not Entry.objects.filter(kind="attending", school_id=told["tour_school"]).exists()
    assert Path(told["tour_file"]).is_file()
    assert Region.objects.filter(level="village").count() == 170
    assert Catchment.objects.count() == 340
    assert Term.objects.get().is_confirmed
    assert Child.objects.exclude(village_code="").exists()
    logins = json.loads((folder / "demo_logins.json").read_text(encoding="utf-8"))
    others, row = set(Post.objects.filter(user__username__regex=r"^teacher\d\d$").values_list("user__username", flat=True)), logins.pop()
    assert {one["username"] for one in logins} == set(Post.objects.values_list("user__username", flat=True)) - others
    assert row["username"] == f"{min(others)} … {max(others)}" and len(logins) <= 16
    taught = Post.objects.filter(role="head_teacher", school_id=told["tour_school"]).values("school_class")
    assert not SchoolClass.objects.filter(school_id=told["tour_school"], school_year=2026).exclude(pk__in=taught).exists()
    assert set(BY_CODE) == set(Post.objects.values_list("role", flat=True))
    assert all(User.objects.get(username=row["username"]).check_password(row["password"]) for row in logins[:2])
    with pytest.raises(CommandError, match="已有数据"):
        call_command("demo_data", pupils=500, stderr=StringIO())


def test_every_planted_run_is_found_and_none_is_invented(demo: dict[str, Any]) -> None:
    """〔方案二（三）2〕3 天及以上：一个不漏，一个不冤."""
    assert found() == planted(demo["answers"])


def test_every_kind_of_run_is_planted(demo: dict[str, Any]) -> None:
    assert {answer["kind"] for answer in demo["answers"]} == KINDS
    short = {answer["kind"] for answer in demo["answers"] if not answer["suspected_on"]}
    assert short == {"two_days", "third_day_today", "corrected_out_of_run"}


def test_the_file_is_taken_in_whole_and_corrected(demo: dict[str, Any]) -> None:
    told = demo["attendance"]
    assert (told["rejected"], told["problems"]) == (0, [])
    assert told["corrected"] == RollCallChange.objects.count() == 2
    assert told["new"] == RollCall.objects.count()


def test_something_happens_today(demo: dict[str, Any]) -> None:
    """今天下午：多数班级已点名，两个班还没有，一名学生到了第三天."""
    open_today = SchoolClass.objects.exclude(roll_calls__day=TODAY).filter(roll_calls__isnull=False).distinct()
    assert [room.school_id for room in open_today] == [demo["tour_school"]] * 2
    third = next(answer for answer in demo["answers"] if answer["kind"] == "third_day_today")
    assert third["school_days"] == LIMIT - 1
    run = AbsenceRun.objects.get(
        last_day=third["last_day"], child__entries__student_document__number=third["student_number"], child__entries__kind="enrollment"
    )
    assert run.ended_on is None
    assert run.school_class in open_today
    assert not RollCall.objects.filter(is_late=False, taken_at__hour__gte=8, taken_at__day__gt=31).exists()
    assert RollCall.objects.filter(is_late=True).exists()
    assert not RollCall.objects.filter(day=TODAY, is_late=True).exists()


@pytest.mark.parametrize(
    "day", [date(2026, 11, 25), date(2026, 11, 28), date(2026, 10, 4), date(2026, 9, 10), date(2027, 7, 20), date(2027, 3, 10), date(2026, 2, 17)]
)
def test_the_day_of_the_demonstration_is_a_school_day_weeks_into_a_term(day: date) -> None:
    chosen = school_day(day)
    assert chosen <= day
    assert chosen.weekday() < 5 or chosen in (date(2026, 10, 10),)
    assert not date(2026, 10, 1) <= chosen <= date(2026, 10, 7)
    assert (day - chosen).days < 100


def test_the_clock_of_the_demonstration_stays_on_its_day(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """停了再启动，还是那一天的下午."""
    monkeypatch.setenv("ZAIXUE_CLOCK_SHIFT", "0")
    settings.PINNED_TODAY = TODAY
    first = set_clock(tmp_path / "demo_moment")
    settings.PINNED_TODAY = None
    again = set_clock(tmp_path / "demo_moment")
    assert first == again
    assert (again.date(), again.time()) == (TODAY, AFTERNOON)
    assert clock.today() == TODAY
    assert abs(clock.now() - again) < timedelta(seconds=30)


def test_a_young_term_bears_what_it_can() -> None:
    """The second week of a term: fewer plants, no fault."""
    district = generate(500, 3)
    days = [date(2026, 9, 1) + timedelta(n) for n in range(9) if n not in (4, 5)]
    made = attend(district, days, days[-1], seed=3)
    assert {plant.kind for plant in made.plants} >= {"still_absent", "never_in_class"}
    assert made.closed is None


def test_every_history_is_played_and_stands_as_told(histories: list[dict[str, Any]]) -> None:
    assert [told["story"] for told in histories] == [part.story.__name__ for part in PARTS]
    columns = ("state", "task", "owner_role", "climbed", "repeats")
    rows = {row["pk"]: row for row in Case.objects.values("pk", *columns)}
    stand = {told["story"]: [rows[told["case"]][name] for name in columns] for told in histories}
    assert stand == {told["story"]: [told[name] for name in columns] for told in histories}


def test_there_is_a_case_in_every_state(histories: list[dict[str, Any]]) -> None:
    assert set(Case.objects.values_list("state", flat=True)) == {state.value for state in State}


def test_the_histories_have_past_days(histories: list[dict[str, Any]]) -> None:
    """In the order in which things happened, none to come; what was written is written on that day."""
    for told in histories:
        days = list(CaseEntry.objects.filter(case=told["case"]).order_by("pk").values_list("written_at__date", flat=True))
        assert days == sorted(days)
        assert days[0] < TODAY
        assert days[-1] <= TODAY
    assert Climb.objects.filter(level=4).exists()
    assert LegalStep.objects.filter(services__isnull=False).count() == 2
    assert [plan.given.count() > 5 for plan in HomeTeaching.objects.order_by("pk")] == [True, False]
