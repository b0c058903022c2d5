"""What a history needs: the child, the day it is, and whoever acts – a log-in of the tour where it stands there, else the person named for the
place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from io import BytesIO
from typing import Any

from django.utils import timezone
from PIL import Image, ImageDraw

from apps.accounts.models import Post, User
from apps.accounts.scope import actor_of
from apps.cases.actions import assigning, noting, proposing, visiting
from apps.cases.actions.duties import Named, name_for_case
from apps.cases.models import Assignment, Case, Guarantor
from apps.cases.queries.duties import answering
from apps.cases.queries.idle import township_of
from apps.core.proofs import ProofFile
from apps.core.scope import Actor
from apps.schools.models import Region
from apps.students.models import Child

Story = Callable[["Stage"], Iterator[int]]
SPARE = ("龙正贵", "段才华", "杨兴林", "吕明德", "施永福", "马丽琼", "李绍云", "何光明", "王学英", "普文亮", "张开富", "鲁秀珍")  # invented
AREAS = {  # the districts people.OTHER_AREAS names
    "530111": "昆明市官渡区", "530112": "昆明市西山区", "530124": "富民县", "530129": "寻甸县", "530326": "会泽县", "530381": "宣威市",
    "513425": "会理市", "520527": "赫章县", "532130": "水富市", "530627": "镇雄县",
}  # fmt: skip
MORNING = time(10, 10)
HOLDERS = {"principal": "edu_principal", "head_teacher": "edu_head_teacher", "village": "gov_village", "central_school": "edu_central"}


def sheet(stamp: str = "red") -> bytes:
    """A picture of a sheet of paper with lines and a seal: what stands in for every scan."""
    picture = Image.new("RGB", (420, 594), "#d9d4ca")
    draw = ImageDraw.Draw(picture)
    draw.rectangle((24, 24, 396, 570), fill="white", outline="#b8b2a6")
    draw.rectangle((130, 60, 290, 72), fill="#333333")
    for row in range(16):
        draw.rectangle((60, 110 + 24 * row, 360 - 37 * (row % 3), 113 + 24 * row), fill="#8a8a8a")
    draw.ellipse((260, 470, 350, 560), outline=stamp, width=4)
    kept = BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()


SHEET = sheet()


def scan(name: str) -> tuple[ProofFile, ...]:
    """One scan of a paper."""
    return (ProofFile(f"{name}.jpg", SHEET),)


@dataclass(slots=True)
class Stage:
    """One history. ``key`` is its only case once it was opened."""

    child: Child
    today: date  # of the demonstration
    term_began: date
    day: date = date.min
    key: int = 0
    kept: dict[str, Any] = field(default_factory=dict)  # what a later scene comes back to
    posts: dict[tuple[str, ...], Actor] = field(default_factory=dict)  # who acts where, read once for all histories

    @property
    def now(self) -> datetime:
        return timezone.make_aware(datetime.combine(self.day, MORNING))

    @property
    def case(self) -> Case:
        return Case.objects.select_related("child", "school", "school_class").get(pk=self.key)

    @property
    def home(self) -> str:
        """Where the household is, by the number."""
        return AREAS.get(self.child.id_masked[:6], "会泽县")

    def ago(self, day: date) -> int:
        """How many days before the demonstration's day: what a story yields."""
        return (self.today - day).days

    def on(self, ago: int) -> date:
        return self.today - timedelta(ago)

    def by(self, role: str) -> Actor:
        """The acting post of a role for this child."""
        case = self.case if self.key else None
        school, room = (case.school, case.school_class or self.child.school_class) if case else (self.child.school, self.child.school_class)
        township = township_of(case) if case else self.child.township_code or (school.township_id if school else "")
        places: dict[str, dict[str, Any]] = {
            "bureau": {},
            "township": {"region_id": township},
            "central_school": {"region_id": township},
            "village": {"region_id": self.child.village_code},
            "principal": {"school": school},
            "head_teacher": {"school": school, "school_class": room},
        }
        where = places[role]
        spot = (role, *(str(getattr(place, "pk", place)) for place in where.values()))
        if spot not in self.posts:
            self.posts[spot] = self._acting(role, where)
        return self.posts[spot]

    def _acting(self, role: str, where: dict[str, Any]) -> Actor:
        """Who holds the post there, else who was named for the place."""
        held = Post.objects.filter(role=role, district_code=self.child.district_code, **where).select_related(
            "user", "school", "region", "school_class"
        )
        post = held.first()
        return actor_of(post) if post else replace(actor_of(self._named(role, where)), user_id=0, post_id=0)

    def _named(self, role: str, where: dict[str, Any]) -> Post:
        """A post without a log-in, of whoever was named for the place."""
        spot = {"region_code": where["region_id"]} if "region_id" in where else where
        one = Guarantor.objects.filter(duty__code=HOLDERS[role], **spot).first()
        region = Region.objects.filter(pk=where.get("region_id")).first()
        places = {name: value for name, value in where.items() if name != "region_id"}
        return Post(user=User(name=one.name if one else "施建国"), role=role, district_code=self.child.district_code, region=region, **places)

    def opens(self, role: str, reason: str, *, confirmed: bool = False) -> None:
        made = noting.open_case(child=self.child, reason=reason, never_enrolled=confirmed, by=self.by(role), now=self.now)
        self.key = made.pk

    def visits(self, role: str, way: str, outcome: str, text: str, **told: Any) -> None:
        by = self.by(role)
        seen = visiting.Seen(day=self.day, way=way, visitors=by.name, outcome=outcome, text=text, **told)
        visiting.log_visit(case=self.case, seen=seen, by=by, now=self.now)

    def asks(self, role: str, kind: str, basis: str, text: str, **told: Any) -> None:
        made = proposing.ask(case=self.case, asked=proposing.Asked(kind, basis, text, **told), by=self.by(role), now=self.now)
        self.kept[kind] = made

    def decides(self, kind: str, role: str = "bureau", text: str = "同意。") -> None:
        proposal = self.kept[kind]
        proposal.case = self.case
        proposing.decide(proposal=proposal, agree=True, text=text, by=self.by(role), now=self.now)

    def names_people(self) -> None:
        """Where a place of this child has nobody, people for it alone."""
        case = self.case
        held = answering([case], day=self.day)[case.pk]
        lacking = [Named(duty, name, "包保干部") for (duty, one), name in zip(held.items(), SPARE, strict=False) if one is None]
        name_for_case(case=case, people=lacking, by=self.by("bureau"), now=self.now)

    def assigns(self, text: str = "请入户核实，限期劝返。") -> None:
        assigning.assign(case=self.case, township=township_of(self.case), text=text, by=self.by("bureau"), now=self.now)

    def accepts(self, role: str = "township") -> None:
        held = Assignment.objects.select_related("case__child").get(case=self.key, ended_at=None, level=role)
        assigning.accept(assignment=held, by=self.by(role), now=self.now)

    def hands_on(self) -> None:
        """To the village."""
        case = self.case
        assigning.delegate(case=case, village=case.village_code, text="请上门核实孩子现在何处。", by=self.by("township"), now=self.now)
