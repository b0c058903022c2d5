"""双线十二人 of the demonstration: the posts, and an invented person for each of them at every place; one township is left to be completed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from random import Random

from apps.accounts.models import Post
from apps.cases.actions.duties import ensure_duties
from apps.cases.models import Duty, Guarantor
from apps.dashboards.management.demo.names import Namer
from apps.schools.models import Region, School, SchoolClass, Term

LEFT_OUT = 5  # every fifth village of the walk's township still lacks its people: the walk names them
JOBS = {
    "gov_leader": "副区长", "gov_township_head": "镇长", "gov_township_deputy": "副镇长", "gov_township_cadre": "包村干部", "gov_village": "村委会主任",
    "gov_group": "组长", "edu_leader": "局长", "edu_officer": "基教科", "edu_central": "校长", "edu_principal": "校长", "edu_head_teacher": "班主任",
    "edu_teacher": "帮扶教师",
}  # fmt: skip


def name_people(*, district: str, term: Term, tour_township: str, seed: int, now: datetime) -> int:
    """Posts and holders; returns how many people were named. Who holds a log-in of the tour keeps the name of the log-in."""
    ensure_duties(district=district)
    namer = Namer(Random(f"duties {seed}"))  # noqa: S311 invented people
    logins = {
        (post.role, post.region_id or post.school_id or "", post.school_class_id): post.user.name
        for post in Post.objects.filter(district_code=district).select_related("user")
    }
    duties = {duty.code: duty for duty in Duty.objects.filter(district_code=district)}
    rows = [
        Guarantor(
            duty=duties[code], district_code=district, region_code=region, school_id=school, school_class_id=room, first_day=date(term.school_year, 9, 1),
            name=logins.get(login) or namer.full(namer.surname(), "MF"[number % 2]), job=JOBS[code], phone=namer.phone(), named_at=now,
            by_name="段正明", by_title="区教体局",
        )
        for number, (code, region, school, room, login) in enumerate(posts(district, term, tour_township))
    ]  # fmt: skip
    return len(Guarantor.objects.bulk_create(rows, batch_size=1000))


Spot = tuple[str, str, str | None, int | None, tuple[str, str, int | None]]  # code, region, school, class, the log-in of the same kind
NONE = ("", "", None)


def posts(district: str, term: Term, tour_township: str) -> Iterator[Spot]:
    """Every post at every place."""
    for code in ("gov_leader", "edu_leader", "edu_officer"):
        yield code, "", None, None, NONE
    for town in Region.objects.filter(parent_id=district, level=Region.Level.TOWNSHIP):
        for code in ("gov_township_head", "gov_township_deputy"):
            yield code, town.pk, None, None, NONE
        yield "edu_central", town.pk, None, None, ("central_school", town.pk, None)
    villages = Region.objects.filter(code__startswith=district, level=Region.Level.VILLAGE).order_by("code")
    for number, village in enumerate(villages):
        if village.pk.startswith(tour_township) and number % LEFT_OUT == 0:
            continue
        yield "gov_township_cadre", village.pk, None, None, NONE
        yield "gov_village", village.pk, None, None, ("village", village.pk, None)
        yield "gov_group", village.pk, None, None, NONE
    schools = School.objects.filter(district_code=district, is_open=True).order_by("code")
    for school in schools:
        yield "edu_principal", "", school.pk, None, ("principal", school.pk, None)
        yield "edu_teacher", "", school.pk, None, NONE
    for room in SchoolClass.objects.filter(school__in=schools, school_year=term.school_year).order_by("pk"):
        yield "edu_head_teacher", "", room.school_id, room.pk, ("head_teacher", room.school_id, room.pk)
