"""How completely the posts of the two lines are held at each place: fixed reads for a whole district."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date

from apps.accounts.models import Post
from apps.cases.models import Duty, Guarantor
from apps.cases.rules.duties import NAMED_AT
from apps.core.scope import Level, Scope
from apps.schools import queries as places
from apps.schools.models import Region, School, SchoolClass

# role of a log-in -> the post of the two lines its holder has at the same place
SAME_AS = {"head_teacher": "edu_head_teacher", "principal": "edu_principal", "central_school": "edu_central", "village": "gov_village"}


@dataclass(slots=True)
class Cover:
    """One place: how many of the posts named there are held, and what is missing; ``inside`` counts the places in it that are whole."""

    kind: str  # district, township, village, school
    code: str
    name: str
    held: int = 0
    missing: list[str] = field(default_factory=list)
    whole: dict[str, int] = field(default_factory=lambda: defaultdict(int))
    inside: dict[str, int] = field(default_factory=lambda: defaultdict(int))

    @property
    def due(self) -> int:
        """How many posts are named there."""
        return self.held + len(self.missing)

    @property
    def is_whole(self) -> bool:
        """All of them are held."""
        return not self.missing


class Covers:
    """The places of a scope with the posts that are held there on a day."""

    def __init__(self, scope: Scope, *, day: date) -> None:
        district = scope.district
        self.duties = list(Duty.objects.filter(district_code=district, is_active=True))
        self.at: dict[int, set[str]] = defaultdict(set)
        rows = Guarantor.objects.in_force(day).filter(district_code=district, case=None)
        for duty, region, school, room in rows.values_list("duty_id", "region_code", "school_id", "school_class_id"):
            self.at[duty].add(f"class:{room}" if room else f"school:{school}" if school else f"region:{region}")
        regions = Region.objects.within(scope).filter(level__in=["district", "township", "village"]) if scope.level != Level.SCHOOL else []
        self.regions = {region.pk: region for region in regions}
        self.schools = list(School.objects.within(scope).filter(is_open=True).select_related("township"))
        term = places.current_term(district=district, day=day)
        rooms = SchoolClass.objects.filter(school__in=self.schools, school_year=term.school_year) if term else []
        self.rooms: dict[str, list[SchoolClass]] = defaultdict(list)
        for room in rooms:
            self.rooms[room.school_id].append(room)

    def of_region(self, region: Region) -> Cover:
        """The posts of a district, a township or a village itself."""
        cover = Cover(region.level, region.pk, region.name)
        here = "" if region.level == "district" else region.pk
        for duty in self._named_at(region.level):
            self._count(cover, duty.label, f"region:{here}" in self.at[duty.pk])
        return cover

    def of_school(self, school: School) -> Cover:
        """The posts of a school and of its classes; who helps one child is named with the child."""
        cover = Cover("school", school.pk, school.name)
        for duty in self._named_at("school"):
            if duty.level == Duty.Level.SCHOOL:
                self._count(cover, duty.label, f"school:{school.pk}" in self.at[duty.pk])
            elif duty.level == Duty.Level.CLASS:
                bare = [] if f"school:{school.pk}" in self.at[duty.pk] else self.bare(duty, school)
                self._count(cover, f"{duty.label}（{len(bare)} 个班）", not bare)
        return cover

    def bare(self, duty: Duty, school: School) -> list[SchoolClass]:
        """The classes of a school without a holder of their own."""
        return [room for room in self.rooms[school.pk] if f"class:{room.pk}" not in self.at[duty.pk]]

    def below(self, code: str) -> list[Cover]:
        """The townships of a district, each with what lies in it; the villages and schools of a township."""
        inside = [self.of_region(region) for region in self.regions.values() if region.parent_id == code]
        if len(code) == TOWNSHIP:
            return inside + [self.of_school(school) for school in self.schools if school.township_id == code]
        for cover in inside:
            for one in self.below(cover.code):
                cover.inside[one.kind] += 1
                cover.whole[one.kind] += one.is_whole
        return inside

    def _named_at(self, kind: str) -> Iterable[Duty]:
        return (duty for duty in self.duties if duty.level in NAMED_AT[kind])

    def _count(self, cover: Cover, label: str, held: bool) -> None:
        if held:
            cover.held += 1
        else:
            cover.missing.append(label)


TOWNSHIP = 9  # digits of a township's code


def free_posts(scope: Scope, *, day: date) -> list[Guarantor]:
    """Rows, not stored, for the people who hold a log-in of the same kind at a place where nobody holds the post yet."""
    duties = {duty.code: duty for duty in Duty.objects.filter(district_code=scope.district, is_active=True, code__in=SAME_AS.values())}
    taken = Guarantor.objects.filter(duty__in=duties.values(), case=None, last_day=None)
    held = set(taken.values_list("duty__code", "region_code", "school_id", "school_class_id"))
    posts = Post.objects.held_on(day).filter(district_code=scope.district, role__in=SAME_AS).select_related("user").order_by("starts_on", "pk")
    made: dict[tuple[str, str, str | None, int | None], Guarantor] = {}
    for post in posts:
        spot = (SAME_AS[post.role], post.region_id or "", post.school_id, post.school_class_id)
        if spot[0] in duties and spot not in held and is_inside(post, scope):
            made[spot] = Guarantor(
                duty=duties[spot[0]], district_code=scope.district, region_code=spot[1], school_id=spot[2], school_class_id=spot[3], user=post.user,
                name=post.user.name, job=post.get_role_display(), phone=post.user.phone, first_day=day,
            )  # fmt: skip
    return list(made.values())


def is_inside(post: Post, scope: Scope) -> bool:
    """Whether a post stands at a place of a scope."""
    if scope.level == Level.DISTRICT:
        return True
    if scope.level == Level.SCHOOL:
        return post.school_id == scope.school
    return (post.region_id or "").startswith(scope.township) if post.school_id is None else post.school_id in scope.schools
