"""Regions, terms, the calendar, closures, policy."""

from __future__ import annotations

import io
import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction

from apps.core.errors import Refused
from apps.schools import actions, queries
from apps.schools.models import CalendarDay, CalendarYear, Closure, PolicyValue, Region, School, Term
from tests.cast import Cast

REGIONS = Path(__file__).parents[2] / "fixtures" / "regions.json"
pytestmark = pytest.mark.django_db


def test_regions_load_once() -> None:
    assert actions.load_regions(path=REGIONS) == 275
    assert actions.load_regions(path=REGIONS) == 0
    assert [t.name for t in queries.townships("530113")] == [
        "铜都街道", "碧谷街道", "汤丹镇", "因民镇", "阿旺镇", "乌龙镇", "红土地镇", "拖布卡镇", "舍块乡"
    ]  # fmt: skip


def test_a_known_year_comes_from_the_national_arrangement() -> None:
    seeded = actions.seed_calendar(district="530113", year=2026)
    assert seeded.year.is_confirmed and seeded.year.origin == "seed" and seeded.days > 20
    days = queries.calendar(district="530113", first=date(2026, 10, 1), last=date(2026, 10, 10))
    assert days[date(2026, 10, 1)] is False and days[date(2026, 10, 10)] is True
    assert CalendarDay.objects.get(day=date(2026, 10, 10)).note == "国庆节调休上课"
    assert actions.seed_calendar(district="530113", year=2026).days == 0


def test_an_unknown_year_waits_to_be_confirmed() -> None:
    seeded = actions.seed_calendar(district="530113", year=2027)
    assert (seeded.year.is_confirmed, seeded.year.origin, seeded.days) == (False, "weekday", 0)
    term = actions.ensure_term(district="530113", code="2026-2027-1")
    assert queries.unconfirmed_years(district="530113", term=term) == [2026, 2027]
    actions.seed_calendar(district="530113", year=2026)
    assert queries.unconfirmed_years(district="530113", term=term) == [2027]


def test_own_edits_are_never_overwritten() -> None:
    CalendarDay.objects.create(district_code="530113", day=date(2026, 10, 1), is_school_day=True, note="校庆", origin="own")
    actions.seed_calendar(district="530113", year=2026)
    own = CalendarDay.objects.get(day=date(2026, 10, 1))
    assert (own.is_school_day, own.note, own.origin) == (True, "校庆", "own")
    CalendarDay.objects.filter(day=date(2026, 10, 2)).delete()
    actions.seed_calendar(district="530113", year=2026)
    assert not CalendarDay.objects.filter(day=date(2026, 10, 2)).exists()


def test_a_year_confirmed_by_people_stays_theirs() -> None:
    CalendarYear.objects.create(district_code="530113", year=2026, is_confirmed=True, origin="weekday")
    assert actions.seed_calendar(district="530113", year=2026).days == 0


def test_a_year_learnt_later_is_filled() -> None:
    CalendarYear.objects.create(district_code="530113", year=2026, is_confirmed=False, origin="weekday")
    seeded = actions.seed_calendar(district="530113", year=2026)
    assert seeded.days > 20 and seeded.year.is_confirmed


def test_a_term_is_made_once_and_unconfirmed() -> None:
    term = actions.ensure_term(district="530113", code="2026-2027-1")
    assert not term.is_confirmed and (term.first_day, term.last_day) == (date(2026, 9, 1), date(2027, 2, 6))
    assert [(s.grade_from, s.grade_to, s.last_day) for s in term.spans.all()] == [(1, 8, date(2027, 1, 23)), (9, 9, date(2027, 2, 6))]
    assert actions.ensure_term(district="530113", code="2026-2027-1") == term and Term.objects.count() == 1
    with pytest.raises(Refused, match="2026-2027-1"):
        actions.ensure_term(district="530113", code="2026秋")


def test_a_school_is_closed_once_a_day(cast: Cast) -> None:
    school, other = cast.home.schools[:2]

    def closure(at: School, first: int, last: int) -> Closure:
        return Closure(school=at, first_day=date(2026, 12, first), last_day=date(2026, 12, last), reason="大雪封路")

    stands = closure(school, 1, 3)
    stands.full_clean()
    stands.save()
    stands.full_clean()
    assert queries.closures(school=school.pk, first=date(2026, 12, 2), last=date(2026, 12, 9)) >= {date(2026, 12, 2), date(2026, 12, 3)}
    for first, last in ((3, 4), (2, 2), (1, 9)):
        with pytest.raises(ValidationError, match="已登记停课"):
            closure(school, first, last).full_clean()
    closure(school, 4, 5).full_clean()
    closure(other, 1, 3).full_clean()


def test_policy_takes_effect_from_its_day() -> None:
    for value, day in ((5, date(2026, 9, 1)), (4, date(2026, 10, 1))):
        PolicyValue.objects.create(district_code="530113", key="suspected_school_days", value=value, effective_from=day, basis="测试〔2026〕1号")
    in_force = [queries.policy(district="530113", day=date(2026, m, 15))["suspected_school_days"] for m in (8, 9, 10)]
    assert in_force == [3, 5, 4]
    assert queries.policy(district="530199", day=date(2026, 10, 15))["suspected_school_days"] == 3


def test_setup_district_can_be_repeated(settings: Any) -> None:
    settings.PINNED_TODAY = date(2026, 11, 23)

    def told() -> tuple[dict[str, Any], str]:
        out, err = io.StringIO(), io.StringIO()
        call_command("setup_district", json=True, stdout=out, stderr=err)
        return json.loads(out.getvalue()), err.getvalue()

    first, _ = told()
    assert (
        first["regions"] == 275 and first["days"] > 40 and first["unconfirmed_years"] == [2027] and first["terms"] == ["2026-2027-1", "2026-2027-2"]
    )
    second, _ = told()
    assert (second["regions"], second["days"]) == (0, 0)
    err = io.StringIO()
    call_command("setup_district", stdout=io.StringIO(), stderr=err)
    assert "2027 年" in err.getvalue()
    with pytest.raises(CommandError, match="530199"):
        call_command("setup_district", code="530199")


def test_central_school_is_one_a_township(cast: Cast) -> None:
    second = cast.home.schools[1]
    second.is_central = True
    with pytest.raises(IntegrityError), transaction.atomic():
        second.save()


def test_scopes_of_places(cast: Cast) -> None:
    assert set(Region.objects.within(cast.actor("village").scope)) == {cast.home.villages[0]}
    assert Region.objects.within(cast.actor("bureau").scope).count() == 7
    assert not set(Region.objects.within(cast.actor("bureau").scope)) & set(cast.neighbour.townships)


def test_all_that_is_wrong_with_a_village_is_told_at_once(cast: Cast) -> None:
    made = Region(code="53011399", name="测", level=Region.Level.VILLAGE, parent=cast.home.villages[0])
    with pytest.raises(ValidationError) as told:
        made.clean()
    assert {name: len(sentences) for name, sentences in told.value.message_dict.items()} == {"code": 2, "parent": 1}
