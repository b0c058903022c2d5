"""Which child plays which history: the nearest to the log-ins of the tour whose registers and roll calls fit it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from apps.accounts.models import Post
from apps.attendance.models import Mark
from apps.cases.models import Guarantor
from apps.core.scope import Actor
from apps.dashboards.management.demo.attendance import Roster
from apps.dashboards.management.demo.cases.stage import Stage, Story
from apps.dashboards.management.demo.district import District
from apps.dashboards.management.demo.tour import TOUR_TOWNSHIP
from apps.registers.models import Entry
from apps.students.models import Child

NEVER = ("dropout", "suspected_dropout", "not_returned", "unregistered")  # on the roll, in no class all term
PLANTED = ("brought_back", "still_absent")  # kinds of planted absence that a history is built on


@dataclass(frozen=True, slots=True)
class Part:
    """One history: which children it may be of (situations, or a kind of planted absence), and how it stands on the demonstration's day."""

    story: Story
    who: tuple[str, ...]
    state: str
    task: str
    owner: str
    climbed: int = 0
    repeats: int = 0


class Pool:
    """The children that may be cast: their lines in the registers are clean, and what the roll calls say of them fits the history. The tour's
    school and township come first, where the log-ins stand."""

    def __init__(self, district: District, code: str, tour: str, plants: list[dict[str, str]]) -> None:
        known = {child.pid: child for child in district.children}
        roster = Roster(district)
        present = {(one.name, one.born) for one in roster.present}
        self.by: dict[str, list[tuple[str, date]]] = defaultdict(list)
        planted = {plant["pid"] for plant in plants}
        for child in roster.lone:
            if child.pid not in planted or child.situation != "plain":
                self.by[child.situation].append((child.name, child.born))
        self.by["listed_absent"] = [(child.name, child.born) for child in district.children if child.situation == "listed_absent"]  # only one line
        self.by["plain"] = [one for one in self.by["plain"] if one in present]
        self.back_on: dict[tuple[str, date], str | None] = {}
        for plant in plants:
            if plant["kind"] in PLANTED:
                child = known[plant["pid"]]
                self.by[plant["kind"]].append((child.name, child.born))
                self.back_on[child.name, child.born] = plant["ended_on"]
        self.code, self.tour, self.used = code, tour, set[int]()
        self.village = Post.objects.filter(role="village", district_code=code).values_list("region_id", flat=True).first()
        self.other = Post.objects.filter(role="principal", district_code=code).exclude(school=tour).values_list("school_id", flat=True).first()
        self.posts: dict[tuple[str, ...], Actor] = {}
        self.marked = set(Mark.objects.values_list("child_id", flat=True))
        self.named = set(Guarantor.objects.filter(district_code=code, duty__code="gov_village").values_list("region_code", flat=True))

    def cast(self, part: Part, *, today: date, began: date) -> Stage | None:
        """The nearest child that fits, None where the district has none (left)."""
        found = [child for child in self.children(part.who) if self.fits(child, part.who)]
        child = min(found, key=self.distance, default=None)
        if child is None:
            return None
        self.used.add(child.pk)
        stage = Stage(child, today, began, day=date.min, posts=self.posts)
        if ended := self.back_on.get((child.name, child.birth_date)):
            stage.kept["back_on"] = date.fromisoformat(ended)
        return stage

    def children(self, who: tuple[str, ...]) -> Iterator[Child]:
        """The children of these kinds that nobody plays yet, as the registers brought them in."""
        wanted = {one for kind in who for one in self.by[kind]}
        rows = Entry.objects.standing().filter(district_code=self.code, name__in={name for name, _ in wanted}, child__isnull=False)
        ids = {child for name, born, child in rows.values_list("name", "birth_date", "child_id") if (name, born) in wanted}
        yield from Child.objects.filter(pk__in=ids - self.used, merged_into=None).select_related("school", "school_class").order_by("pk")

    def fits(self, child: Child, who: tuple[str, ...]) -> bool:
        """The two lines are named for it, a pupil has its class, and who came every day has no mark."""
        if child.village_code and child.village_code not in self.named:
            return False
        if not child.village_code and "listed_absent" not in who:
            return False
        if {"plain", "home_teaching", *PLANTED, *NEVER} & set(who) and child.school_class_id is None:
            return False
        if "plain" in who:
            return child.pk not in self.marked
        return child.school_class_id is None or not set(NEVER) & set(who) or child.pk in self.marked  # absent by the roll calls too

    def distance(self, child: Child) -> tuple[bool, bool, bool, bool, int]:
        """How far from the log-ins of the tour: its village, its school, its township, else another school with log-ins."""
        return (
            child.village_code != self.village, child.school_id != self.tour, child.township_code != TOUR_TOWNSHIP, child.school_id != self.other,
            child.pk,
        )  # fmt: skip
