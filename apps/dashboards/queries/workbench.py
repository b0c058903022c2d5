"""What waits for a post: a fixed number of small reads, whatever the size of the district."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

from django.db.models import Count

from apps.accounts.models import Post, User
from apps.cases.models import Case
from apps.cases.queries import lists as cases
from apps.cases.queries.overdue import Overdue, overdue
from apps.core.rights import Right
from apps.core.scope import Actor, Level
from apps.reconciliation import rules
from apps.reconciliation.models import Finding, Run, Signature
from apps.reconciliation.queries import figures, pairs
from apps.registers.models import Kind, Upload
from apps.registers.queries import overview
from apps.reporting.queries import board as reports
from apps.schools import queries as places
from apps.schools.models import CalendarYear, Term
from apps.schools.policy import Policy

UNREAD = (Upload.State.STAGED, Upload.State.HEADINGS, Upload.State.REFUSED)
# What a leader is asked for: the plan's totals, then who is out of school.
HEADLINE = (
    "household_school_age", "attending", "first_never_enrolled",
    "second_dropout", "second_suspected_dropout", "second_not_returned", "second_unregistered",
)  # fmt: skip
SIGNERS = {"principal": Signature.Level.SCHOOL, "township": Signature.Level.TOWNSHIP, "bureau": Signature.Level.BUREAU}


@dataclass(slots=True)
class Waiting:
    """All figures of one workbench; None where they are none of this post's business."""

    term: Term | None = None
    unconfirmed: list[int] = field(default_factory=list)  # calendar years of the term nobody confirmed
    uploads: dict[str, int] = field(default_factory=dict)  # state → number
    owed: list[overview.Coverage] = field(default_factory=list)  # registers that places of the scope have not handed in
    not_handed_in: list[str] = field(default_factory=list)  # own registers of a school, of 乡村振兴
    newest: Run | None = None  # finished
    is_lapsed: bool = False  # the term is over and no later one is set up
    running: Run | None = None
    failed: Run | None = None
    findings: int | None = None
    pairs: int | None = None
    cases: dict[str, int] | None = None
    signed: bool | None = None  # None: this post does not sign
    closed: bool = False  # the post's place has signed: what is still open waits for the next comparison
    signatures: dict[str, int] = field(default_factory=dict)  # level → how many have signed
    goal: int | None = None
    goal_suspected: int = 0
    overdue: Overdue = field(default_factory=Overdue)  # with this post, and what climbed to it
    to_assign: int = 0  # cases that no township is charged with
    to_decide: int = 0  # cases that wait for this post's signature
    charged: int = 0  # cases handed to this township or village that wait for its receipt
    lines: reports.Waiting = field(default_factory=reports.Waiting)  # what the three lines leave to this post
    policy: Policy = field(default_factory=lambda: Policy({}))  # the numbers behind the deadlines
    headline: dict[str, int] = field(default_factory=dict)  # figure → number, for those who see the whole district
    townships: list[tuple[str, str, int]] = field(default_factory=list)  # code, name, cases that are not over


@dataclass(frozen=True, slots=True)
class Office:
    """What an administrator keeps: people, posts, calendar."""

    people: int
    locked: int
    posts: int
    ending: int
    years: list[CalendarYear]
    lapsed: Term | None  # the last term, where it is over


def waiting(actor: Actor, *, today: date) -> Waiting:
    """The workbench of a post that works with registers or children."""
    found = Waiting(term=places.current_term(district=actor.scope.district, day=today))
    found.policy = places.policy(district=actor.scope.district, day=today)
    if found.term:
        found.unconfirmed = places.unconfirmed_years(district=actor.scope.district, term=found.term)
        found.is_lapsed = places.is_lapsed(found.term, day=today)
    if actor.may(Right.VIEW_REGISTERS):
        _registers(found, actor)
    if actor.may(Right.VIEW_FINDINGS) or actor.may(Right.VIEW_MONITORED_COMPARISON):
        _runs(found, actor)
    _cases(found, actor, today=today)
    found.lines = reports.waiting(actor, today=today)
    return found


def _cases(found: Waiting, actor: Actor, *, today: date) -> None:
    """What is overdue with this post, what is to be signed, handed over or accepted, and how many cases there are."""
    if actor.may(Right.VIEW_CASES):
        found.cases = cases.by_state(actor.scope)
        if actor.scope.level == Level.DISTRICT:
            counted = cases.by_township(actor.scope)
            found.townships = [(town.code, town.name, counted[town.code]) for town in places.townships(actor.scope.district)]
    if actor.may(Right.VIEW_CASES) or actor.may(Right.TAKE_ASSIGNMENTS):
        found.overdue = overdue(actor, today=today)
    if actor.may(Right.ASSIGN_CASES):
        found.to_assign = Case.objects.within(actor.scope).to_assign().count()
    if actor.may(Right.DECIDE_CASE):
        found.to_decide = cases.listed(actor.scope, owner=actor.role, decide=True).count()
    if actor.may(Right.TAKE_ASSIGNMENTS):
        found.charged = Case.objects.to_accept(actor.scope).count()


def _registers(found: Waiting, actor: Actor) -> None:
    """Uploads that wait for a person, and what has not come yet this term."""
    mine = overview.visible(actor).filter(state__in=UNREAD, kind__in=sorted(actor.uploads))  # others' files wait for others
    if found.term:
        mine = mine.filter(term=found.term)
    found.uploads = dict(mine.values_list("state").annotate(n=Count("pk")).order_by())
    if found.term is None:
        return
    found.owed = [one for one in overview.coverage(actor, found.term) if one.open]
    own, unit = {
        Level.SCHOOL: ((Kind.ENROLLMENT, Kind.ATTENDING), actor.scope.school),
        Level.DISTRICT: ((Kind.MONITORED,) if not actor.may(Right.VIEW_CHILDREN) else (), ""),
    }.get(actor.scope.level, ((), ""))
    if own:
        handed = Upload.objects.filter(district_code=actor.scope.district, term=found.term, state=Upload.State.COMMITTED)
        have = {kind for kind, units in handed.values_list("kind", "counts__units") if unit in (units or [""])}
        found.not_handed_in = [str(kind.label) for kind in own if kind not in have]


def _runs(found: Waiting, actor: Actor) -> None:
    """The newest comparison and what it leaves to this post."""
    latest = list(Run.objects.within(actor.scope).select_related("term").order_by("-pk")[:10])
    found.running = next((run for run in latest if run.state in (Run.State.WAITING, Run.State.RUNNING)), None)
    found.failed = latest[0] if latest and latest[0].state == Run.State.FAILED else None
    run = found.newest = next((run for run in latest if run.state in (Run.State.DONE, Run.State.SIGNED)), None)
    if run is None:
        return
    if actor.may(Right.VIEW_FINDINGS):
        found.findings = _findings(run, actor)
    if actor.may(Right.JUDGE_PAIRS):
        found.pairs = pairs.waiting(run, actor.scope)
    if actor.may(Right.VIEW_RUNS):
        _signatures(found, run, actor)
        if actor.scope.level == Level.DISTRICT:
            conditions = {code: Count("pk", filter=figures.FIGURES[code].condition) for code in HEADLINE}
            found.headline = figures.seen(run, actor.scope).aggregate(**conditions)
    if actor.may(Right.VIEW_MONITORED_COMPARISON):
        found.goal, found.goal_suspected = cases.goal(actor.scope)


def _findings(run: Run, actor: Actor) -> int:
    """Open findings: those this post settles (the bureau: its own), or all of its scope where it only looks on."""
    rows = Finding.objects.within(actor.scope).filter(run=run, state=Finding.State.OPEN)
    if actor.role == "bureau":
        rows = rows.filter(owner="bureau")
    elif actor.may(Right.SETTLE_FINDINGS):
        rows = rows.filter(owner__in=[owner for owner, settlers in rules.SETTLERS.items() if actor.role in settlers])
    return rows.count()


def _signatures(found: Waiting, run: Run, actor: Actor) -> None:
    """How far the run is signed, and whether this post has."""
    marks = set(Signature.objects.filter(run=run).values_list("level", "place_code"))
    found.signatures = {level: sum(1 for one, _ in marks if one == level) for level in Signature.Level.values}
    here = {Level.SCHOOL: ("school", actor.scope.school), Level.TOWNSHIP: ("township", actor.scope.township)}.get(actor.scope.level)
    found.closed = run.is_frozen or here in marks
    level = SIGNERS.get(actor.role)
    if level:
        place = {"school": actor.scope.school, "township": actor.scope.township, "bureau": actor.scope.district}[level]
        found.signed = run.is_frozen or (level, place) in marks


def office(actor: Actor, *, today: date) -> Office:
    """What an administrator looks after."""
    people = User.objects.filter(district_code=actor.scope.district)
    posts = Post.objects.filter(district_code=actor.scope.district).held_on(today)
    counted = dict(people.values_list("is_active").annotate(n=Count("pk")).order_by())
    years = list(CalendarYear.objects.filter(district_code=actor.scope.district).order_by("year"))
    term = places.current_term(district=actor.scope.district, day=today)
    lapsed = term if places.is_lapsed(term, day=today) else None
    return Office(counted.get(True, 0), counted.get(False, 0), posts.count(), posts.filter(ends_on__isnull=False).count(), years, lapsed)
