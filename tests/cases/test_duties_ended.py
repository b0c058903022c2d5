"""Days of a duty that nobody can have meant, heads of a group, and whose people answer after a merger."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.models import Event
from apps.cases.actions.duties import Named, Place, hand_over, name_people
from apps.cases.actions.joining import merge_case
from apps.cases.models import Guarantor
from apps.cases.queries.duties import answering
from apps.cases.rules.duties import Span, uncovered
from apps.core.errors import Refused
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_duties import BEGUN, duty, fresh, named, twelve

FAR, DAY = date(9999, 12, 31), timedelta(1)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("first", "last", "kept"),
    [(FAR, None, None), (BEGUN, FAR, (BEGUN, TODAY)), (date(1, 1, 1), None, (date(1, 1, 1), TODAY)), (FAR, FAR, None), (BEGUN, None, (BEGUN, TODAY))],
)
@pytest.mark.parametrize("next_one", ["", "王测"])
def test_a_stored_day_that_nobody_meant_can_be_ended_on_the_page(
    cast: Cast, first: date, last: date | None, kept: tuple[date, date] | None, next_one: str
) -> None:
    town = cast.home.townships[0]
    row = named("gov_township_head", "远测", region_code=town.code, first_day=first, last_day=last)
    browser, page = cast.client("township"), reverse("duty_region", args=[town.code])
    link = reverse("duty_handover", args=[row.pk])
    assert link in browser.get(page).content.decode()
    assert browser.get(link).status_code == 200
    told = {"_key": str(uuid.uuid4()), "row": str(row.pk), "last_day": TODAY.isoformat(), "name": next_one}
    assert browser.post(link, told).status_code == 302
    standing = list(Guarantor.objects.order_by("first_day").values_list("name", "first_day", "last_day"))
    assert standing == [*([("远测", *kept)] if kept else []), *([(next_one, TODAY + DAY, None)] if next_one else [])]
    event = Event.objects.get(verb="hand_over_duty")
    assert event.data["never"] == ([] if kept else ["乡镇（街道）主要领导 远测 9999-12-31"])
    assert browser.get(link).status_code == 404
    if not next_one:
        name_people(
            place=Place(region=town.code),
            people=[Named(duty("gov_township_head"), "新测")],
            first_day=TODAY + DAY,
            by=cast.actor("township"),
            now=NOW,
        )


@pytest.mark.django_db
def test_who_begins_next_week_is_not_ended_before(cast: Cast) -> None:
    row = named("gov_leader", "新测", first_day=TODAY + timedelta(7))
    with pytest.raises(Refused, match="不能早于"):
        hand_over(rows=[row], last_day=TODAY, successor=None, by=cast.actor("bureau"), now=NOW)


@pytest.mark.django_db
def test_the_head_of_a_group_says_which(cast: Cast) -> None:
    village = cast.home.villages[0].code
    browser, url = cast.client("township"), reverse("duty_region", args=[village])
    form = {"duty": duty("gov_group").pk, "name": "组测", "first_day": TODAY.isoformat()}
    answer = browser.post(url, {"_key": str(uuid.uuid4()), **form, "group": ""})
    page = answer.content.decode()
    assert answer.status_code == 422 and "“村民小组长”须写明哪个小组，如“三组”。" in page and 'value="组测"' in page
    assert not Guarantor.objects.exists()
    assert browser.post(url, {"_key": str(uuid.uuid4()), **form, "group": "三组"}).status_code == 302
    assert Guarantor.objects.get().group == "三组"


@pytest.mark.django_db
def test_people_named_for_a_merged_case_answer_in_the_one_that_goes_on(cast: Cast) -> None:
    first, second = cast.home.children[:2]
    kept, ended = runs.case(first, state="persuading"), runs.case(second)
    second.merged_into = first
    second.save()
    twelve(cast)
    named("gov_village", "并测", case=ended, first_day=BEGUN)
    named("gov_township_cadre", "前测", case=ended, first_day=BEGUN, last_day=BEGUN + 9 * DAY)
    named("gov_township_cadre", "并干", case=ended, first_day=BEGUN + 10 * DAY)
    named("gov_township_cadre", "本干", case=kept, first_day=BEGUN + 20 * DAY, last_day=BEGUN + 29 * DAY)
    named("edu_teacher", "本师", case=kept, first_day=BEGUN)
    named("edu_teacher", "并师", case=ended, first_day=BEGUN + 5 * DAY)
    merge_case(case=fresh(ended), into=fresh(kept), by=cast.actor("bureau"), now=NOW)

    def on(day: date) -> dict[str, str]:
        held = answering([fresh(kept)], day=day)[kept.pk]
        assert None not in held.values(), "named people on both lines on any date"
        return {post.code: one.name for post, one in held.items() if one}

    told = [on(BEGUN + n * DAY)["gov_township_cadre"] for n in (0, 9, 10, 19, 20, 29, 30, 83)]
    assert told == ["前测", "前测", "并干", "并干", "本干", "本干", "并干", "并干"]
    for day in (BEGUN, BEGUN + 6 * DAY, TODAY, TODAY + 200 * DAY):
        assert (on(day)["gov_village"], on(day)["edu_teacher"]) == ("并测", "本师")
    assert not Guarantor.objects.filter(case=ended, last_day=None).exists()
    assert list(Guarantor.objects.filter(case=ended).values_list("name", "last_day")) == [("并师", TODAY)]


spans = st.tuples(st.integers(0, 30), st.none() | st.integers(0, 30)).map(
    lambda s: (BEGUN + s[0] * DAY, None if s[1] is None else BEGUN + (s[0] + s[1]) * DAY)
)


@given(span=spans, taken=st.lists(spans, max_size=4))
def test_what_is_free_of_a_span(span: Span, taken: list[Span]) -> None:
    """Day by day: free is what lies in the span and in none of the others; an open end stays open."""

    def has(one: Span, day: date) -> bool:
        return one[0] <= day and (one[1] is None or day <= one[1])

    free = uncovered(span, taken)
    for n in range(70):
        day = BEGUN + n * DAY
        assert sum(has(one, day) for one in free) == (has(span, day) and not any(has(one, day) for one in taken)), day
    assert all(last is None or first <= last for first, last in free)


def test_nothing_is_free_beside_a_last_day_that_nobody_meant() -> None:
    assert uncovered((BEGUN, None), [(TODAY, FAR)]) == [(BEGUN, TODAY - DAY)]
