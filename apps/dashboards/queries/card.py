"""All that is known of one child, in a fixed number of reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Q

from apps.attendance.queries.of_child import OfChild, of_child
from apps.audit.models import Event
from apps.cases.models import Case, HomeTeaching
from apps.core.medical import reader
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reconciliation import rules
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Link, Run
from apps.registers.models import Entry
from apps.registers.queries import overview
from apps.schools import queries as places
from apps.schools.models import Region
from apps.students.models import Child

REVEALED = "reveal_number"
TELLS_MEDICAL = frozenset({"end_exemption"})  # whose sentence once went on, after a colon, with the reason


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the newest run says of the child in one comparison."""

    comparison: str
    label: str
    tone: str
    reason: str


@dataclass(slots=True)
class Card:
    """A child's card; lists are empty where the post may not see them."""

    child: Child
    family: list[int] = field(default_factory=list)  # the child's number and those of the children merged into it
    township: str = ""
    village: str = ""
    lines: list[Entry] = field(default_factory=list)  # in force, by register
    past: list[Entry] = field(default_factory=list)  # replaced or ended
    uploads: set[int] = field(default_factory=set)  # that the post may open
    run: Run | None = None
    verdicts: list[Verdict] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    pairs: list[DoubtfulPair] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    cases: list[Case] = field(default_factory=list)
    may_open: bool = False  # the post may open a case of the child, and none is open
    teaching: list[HomeTeaching] = field(default_factory=list)  # at home, by school year
    attendance: OfChild | None = None  # this term
    events: list[Event] = field(default_factory=list)

    @property
    def groups(self) -> list[Entry]:
        """The lines that put the child into a group (脱贫户、三类监测)."""
        return [line for line in self.lines if line.kind == "monitored" and line.group_kind]


def card(child: Child, *, actor: Actor, today: date) -> Card:
    """The card of a child the post may see. What was decided or done of a child merged into it stands on it too."""
    found = Card(child, family=list(Child.objects.family(child.pk).values_list("pk", flat=True)))
    _places(found)
    _lines(found, actor)
    if actor.may(Right.VIEW_FINDINGS):
        _run(found, actor)
    if actor.may(Right.VIEW_CASES):
        found.cases = list(Case.objects.within(actor.scope).filter(child__in=found.family).select_related("school"))
        found.teaching = list(HomeTeaching.objects.within(actor.scope).filter(child__in=found.family))
    if actor.may(Right.OPEN_CASE):
        known = found.cases if actor.may(Right.VIEW_CASES) else Case.objects.filter(child__in=found.family)
        found.may_open = not any(case.is_open for case in known)
    if actor.may(Right.VIEW_ATTENDANCE) and (term := places.current_term(district=child.district_code, day=today)):
        found.attendance = of_child(found.family, actor.scope, reader(actor.rights), since=term.first_day, today=today)
    events = Event.objects.filter(child_id__in=found.family, district_code=child.district_code)
    found.events = list((events if actor.may(Right.REVEAL_IDS) else events.exclude(verb=REVEALED))[:100])
    return found


def _places(found: Card) -> None:
    """Names of the household's township and village."""
    child = found.child
    names = dict(Region.objects.filter(pk__in=[child.township_code, child.village_code]).values_list("pk", "name"))
    found.township, found.village = names.get(child.township_code, ""), names.get(child.village_code, "")


def _lines(found: Card, actor: Actor) -> None:
    """Every line of every register, in force first, and which of the uploads the post may open."""
    order = {kind: place for place, kind in enumerate(("household", "enrollment", "attending", "monitored", "survey"))}
    rows = found.child.entries.select_related("upload__term", "school", "school_class", "superseded_by", "ended_by").order_by("-id")
    for row in rows:
        (found.past if row.superseded_by_id or row.ended_by_id else found.lines).append(row)
    found.lines.sort(key=lambda row: order[row.kind])
    if actor.may(Right.VIEW_REGISTERS):
        wanted = {row.upload_id for row in (*found.lines, *found.past)}
        found.uploads = set(overview.visible(actor).filter(pk__in=wanted).values_list("pk", flat=True))


def _run(found: Card, actor: Actor) -> None:
    """What the newest finished run says of the child: classes, links, doubts, findings."""
    runs = Run.objects.within(actor.scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED])
    found.run = runs.select_related("term").order_by("-pk").first()
    if found.run is None:
        return
    rows = ChildClass.objects.filter(run=found.run, child__in=found.family).order_by("pk")
    row = next((row for row in rows if row.child_id == found.child.pk), next(iter(rows), None))  # a run may still hold both of two now merged
    found.verdicts = verdicts(row, third=actor.may(Right.VIEW_MONITORED_COMPARISON)) if row else []
    keys = [line.pk for line in (*found.lines, *found.past)]  # by number: a join over all links of a run takes half a second
    of_child = Q(left__in=keys) | Q(right__in=keys)
    found.links = list(Link.objects.filter(of_child, run=found.run).select_related("left__upload", "right__upload"))
    if actor.may(Right.JUDGE_PAIRS):
        found.pairs = list(DoubtfulPair.objects.within(actor.scope).filter(of_child, run=found.run).select_related("left", "right"))
    found.findings = list(Finding.objects.within(actor.scope).filter(run=found.run, child__in=found.family))


def verdicts(row: ChildClass, *, third: bool) -> list[Verdict]:
    """The classes of a run's row in words; ③ only for those who may see it."""
    parts = [(rules.Comparison.FIRST, row.first, row.first_reason), (rules.Comparison.SECOND, row.second, row.second_reason)]
    parts.append((rules.Comparison.REVERSE, row.reverse, row.reverse_reason))
    if third:
        parts.append((rules.Comparison.THIRD, row.third, row.third_reason))
    return [
        Verdict(rules.COMPARISON_LABELS[comparison], rules.label(comparison, code), rules.CLASSES[comparison][code].tone, reason)
        for comparison, code, reason in parts
        if code
    ]
