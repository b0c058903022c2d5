"""The histories are cast with children of the district and played day by day, the nights between them; the answers stand beside the registers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from pathlib import Path

from django.db import transaction
from django.utils import timezone

from apps.accounts.models import Post
from apps.accounts.scope import actor_of
from apps.cases.actions import climbing, clocks
from apps.cases.actions.advancing import advance
from apps.cases.actions.duties import Place
from apps.cases.actions.duty_letters import Written, keep_scan, make_letter
from apps.cases.models import Case, Guarantor
from apps.dashboards.management.demo.cases import returns, stories
from apps.dashboards.management.demo.cases.casting import NEVER, Part, Pool
from apps.dashboards.management.demo.cases.stage import Stage, scan
from apps.dashboards.management.demo.district import District
from apps.dashboards.management.demo.tour import TOUR_TOWNSHIP
from apps.registers.actions.load import system_actor
from apps.schools.models import Term

NIGHT, NIGHTS = time(1, 30), timedelta(28)  # of the last four weeks each one, before them those of a scene


OUT = (*NEVER, "never_enrolled", "deferral", "medically_unable")  # in no school
YOUNG = ("never_enrolled", "deferral", "medically_unable")
PARTS = (
    Part(stories.with_village, OUT, "persuading", "first_paper", "township"),
    Part(stories.new_in_village, OUT, "persuading", "visit", "township"),
    Part(stories.persuaded, OUT, "persuading", "visit", "township"),
    Part(stories.not_visited, NEVER, "suspected", "first_visit", "head_teacher", climbed=2),
    Part(stories.waits_for_bureau, NEVER, "suspected", "decide_confirm", "bureau"),
    Part(stories.climbed, OUT, "persuading", "visit", "township", climbed=4),
    Part(stories.first_days, NEVER, "suspected", "first_visit", "head_teacher"),
    Part(stories.confirmed, NEVER, "confirmed", "assign", "bureau"),
    Part(returns.placed, NEVER, "placed", "first_lesson", "principal"),
    Part(stories.cleared, ("plain",), "cleared", "", ""),
    Part(returns.watched, ("plain",), "monitoring", "note", "head_teacher"),
    Part(returns.returned, ("brought_back",), "returned", "place", "principal"),
    Part(returns.lost_again, ("still_absent",), "reopened", "lines", "principal", repeats=1),
    Part(returns.taught_at_home, ("home_teaching",), "monitoring", "note", "principal"),
    Part(stories.not_accepted, YOUNG, "persuading", "accept", "township", climbed=2),
    Part(stories.given_back, YOUNG, "persuading", "assign", "bureau", climbed=2),
    Part(stories.paused, YOUNG, "persuading", "visit", "township", climbed=2),
    Part(stories.exempt, YOUNG, "exempt", "expire", "bureau"),
    Part(stories.exempt_asked, YOUNG, "persuading", "decide_exempt", "bureau"),
    Part(returns.merged, YOUNG, "confirmed", "assign", "bureau", climbed=2),
    Part(stories.handed_over, ("listed_absent",), "transferred", "acceptance", "bureau"),
    Part(stories.closed, ("listed_absent",), "closed", "", ""),
    Part(stories.close_asked, ("graduated",), "confirmed", "decide_close", "bureau"),
)
BEHIND = Part(returns.falls_behind, ("home_teaching",), "", "", "")  # has no case


def bring_in(district: District, term: Term, out: Path, *, tour: str, today: date) -> dict[str, int]:
    """Play all histories up to ``today`` and write ``truth_cases.json``; how many cases there are now. Nothing where cases are there already."""
    code = term.district_code
    if Case.objects.filter(district_code=code).exists():
        return {}
    pool = Pool(district, code, tour, json.loads((out / "truth_attendance.json").read_text(encoding="utf-8")))
    began = min(term.spans.values_list("first_day", flat=True))
    played = [(part, stage) for part in (*PARTS, BEHIND) if (stage := pool.cast(part, today=today, began=began))]
    with transaction.atomic():
        letters(code, today=today)
        play([part.story(stage) for part, stage in played], [stage for _, stage in played], district=code, today=today)
    answers = [answer(part, stage) for part, stage in played if stage.key]
    (out / "truth_cases.json").write_text(json.dumps(answers, ensure_ascii=False, indent=1), encoding="utf-8")
    return {"played": len(answers), "cases": Case.objects.filter(district_code=code).count()}


def play(running: Sequence[Iterator[int]], stages: Sequence[Stage], *, district: str, today: date) -> None:
    """Every scene on its day, and the nights between as the timetable has them (config/celery.py)."""
    waiting: dict[date, list[tuple[Iterator[int], Stage]]] = defaultdict(list)
    for story, stage in zip(running, stages, strict=True):
        waiting[today - timedelta(next(story))].append((story, stage))
    first = min(waiting)
    for day in (first + timedelta(n) for n in range((today - first).days + 1)):
        if day in waiting or day > today - NIGHTS:
            night(district, day)
        for story, stage in waiting.pop(day, []):
            stage.day = day
            if after := scene(story, day, today):
                waiting[after].append((story, stage))
    clocks.refresh_all(today=today)


def scene(story: Iterator[int], day: date, today: date) -> date | None:
    """Play on until a later day, which is returned; None at the end of the story."""
    for ago in story:
        if (after := today - timedelta(ago)) > day:
            return after
    return None


def night(district: str, day: date) -> None:
    """Watching begins, and the next level is told of cases without progress."""
    now = timezone.make_aware(datetime.combine(day, NIGHT))
    advance(today=day, now=now)
    climbing.climb(district=district, by=system_actor(district), today=day, now=now)


def letters(district: str, *, today: date) -> None:
    """One 包保责任书 signed and scanned, one still to be signed: both of the tour's township."""
    by = actor_of(Post.objects.select_related("user", "region").get(role="bureau", district_code=district))
    heads = Guarantor.objects.filter(district_code=district, region_code=TOUR_TOWNSHIP)
    for number, one in enumerate(heads.filter(duty__code__in=["gov_township_head", "gov_township_deputy"]).order_by("pk")):
        made_at = timezone.make_aware(datetime.combine(today - timedelta(20 - number), time(15)))
        told = Written(today.year, "东川区教育体育局", by.name, "舍块乡人民政府", one.name)
        letter = make_letter(place=Place(region=TOUR_TOWNSHIP), written=told, by=by, now=made_at)
        if number == 0:
            keep_scan(letter=letter, signed_on=today - timedelta(18), files=scan("责任书签字页"), by=by, now=made_at + timedelta(2))


def answer(part: Part, stage: Stage) -> dict[str, object]:
    """What must be true of a history once the roll calls have been looked through."""
    told = {"story": part.story.__name__, "said": (part.story.__doc__ or "").strip(), "child": stage.child.pk, "case": stage.key}
    told |= {"state": part.state, "task": part.task, "owner_role": part.owner, "climbed": part.climbed, "repeats": part.repeats}
    return told | {"merged": stage.kept.get("merged")}
