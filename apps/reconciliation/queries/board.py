"""The figures of a run at every level, its progress, and what is missing before one."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Case, Count, F, Value, When

from apps.core.scope import Level, Scope
from apps.reconciliation import rules
from apps.reconciliation.models import Finding, Run, Signature
from apps.reconciliation.queries import figures as f
from apps.reconciliation.queries import lists
from apps.registers.models import Entry, Kind
from apps.schools import queries as places
from apps.schools.models import Region, School, Term

LEVELS = {"district": "全区", "township": "乡镇（街道）", "village": "村（社区）", "school": "学校"}
OUTSIDE = "区外或未定"
STAGE = Case(When(stage__in=["primary", "junior"], then=F("stage")), default=Value("other"))


@dataclass(slots=True)
class Place:
    """The figures of one place: stage ('' = all) -> figure code -> children."""

    level: str
    code: str
    name: str
    township: str = ""
    counts: dict[str, Counter[str]] = field(default_factory=lambda: {stage: Counter() for stage in f.STAGES})

    def add(self, stage: str, code: str, number: int) -> None:
        """Count children under their stage and under all."""
        for key in ("", stage):
            self.counts[key][code] += number

    def gap_first(self, stage: str = "") -> int:
        """户籍适龄 minus the classes of ①; 0 when it balances."""
        return rules.first_balance(self.counts[stage])

    def gap_second(self, stage: str = "") -> int:
        """学籍数 − 在籍不在校 + 在校无籍 − 在校数; 0 when it balances."""
        return rules.second_balance(self.counts[stage])

    @property
    def is_balanced(self) -> bool:
        return not any(self.gap_first(stage) or self.gap_second(stage) for stage in self.counts)


@dataclass(slots=True)
class Board:
    """All places a post may see, with their figures."""

    total: Place
    townships: dict[str, Place]
    schools: dict[str, Place]
    villages: dict[tuple[str, str], Place]

    def level(self, name: str) -> list[Place]:
        """The places of one level in the order of their codes."""
        return {
            "district": [self.total], "township": list(self.townships.values()), "school": list(self.schools.values()),
            "village": list(self.villages.values()),
        }[name]  # fmt: skip

    def unbalanced(self) -> list[Place]:
        """The places whose identities do not hold, the widest first."""
        return [place for name in LEVELS for place in self.level(name) if not place.is_balanced]


def board(run: Run, scope: Scope) -> Board:
    """Count a run once for every level: five queries whatever the size (two of names, three of figures)."""
    found = empty_board(run, scope)
    if scope.level in (Level.DISTRICT, Level.TOWNSHIP):
        add_homes(found, run, scope)
    for at in (f.ENROLLED, f.ATTENDING):
        add_schools(found, run, scope, at)
    return found


def empty_board(run: Run, scope: Scope) -> Board:
    """The places in their official order, before anything is counted."""
    regions = places.townships(run.district_code)
    schools = School.objects.within(scope).order_by("pk")
    names = {Level.TOWNSHIP: next((r.name for r in regions if r.code == scope.township), ""), Level.SCHOOL: next((s.name for s in schools), "")}
    total = Place("district", run.district_code, names.get(scope.level, "全区") or "合计")
    shown = {Level.DISTRICT: regions, Level.TOWNSHIP: [r for r in regions if r.code == scope.township]}.get(scope.level, [])
    return Board(
        total,
        {r.code: Place("township", r.code, r.name, r.code) for r in shown},
        {s.pk: Place("school", s.pk, s.name, s.township_id) for s in schools},
        {},
    )


def sums(at: str) -> dict[str, Count]:
    """One filtered count for each figure whose children count there."""
    return {f"n_{code}": Count("pk", filter=figure.condition) for code, figure in f.FIGURES.items() if figure.at == at}


def add_homes(found: Board, run: Run, scope: Scope) -> None:
    """What counts at the household: village, township, all."""
    rows = f.counted_at(f.seen(run, scope), f.HOME, scope=scope)
    grouped = rows.annotate(part=STAGE).values("township_code", "village_code", "village_name", "part").annotate(**sums(f.HOME)).order_by()
    for row in sorted(grouped, key=lambda r: (r["township_code"], r["village_code"], r["village_name"])):
        village = row["village_code"] or row["village_name"]
        targets = [found.total]
        if row["township_code"] or scope.level == Level.DISTRICT:
            targets.append(found.townships.setdefault(row["township_code"], Place("township", row["township_code"], OUTSIDE)))
        if village:
            key = (row["township_code"], village)
            targets.append(found.villages.setdefault(key, Place("village", village, row["village_name"] or village, row["township_code"])))
        spread(row, targets)


def add_schools(found: Board, run: Run, scope: Scope, at: str) -> None:
    """What counts at a school: school, township, all."""
    rows = f.counted_at(f.seen(run, scope), at, scope=scope)
    grouped = rows.annotate(part=STAGE).values("counted_school", "part").annotate(**sums(at)).order_by("counted_school")
    for row in grouped:
        school = found.schools.get(row["counted_school"])
        targets = [found.total]
        if school:
            targets.append(school)
            targets += [place for place in [found.townships.get(school.township)] if place]
        elif scope.level == Level.DISTRICT:
            targets.append(found.townships.setdefault("", Place("township", "", OUTSIDE)))
        spread(row, targets)


def spread(row: Mapping[str, Any], targets: list[Place]) -> None:
    """Add one group of the database's answer to its places."""
    for key, number in row.items():
        if key.startswith("n_") and isinstance(number, int) and number:
            for place in targets:
                place.add(str(row["part"]), key[2:], number)


def latest_run(scope: Scope) -> Run | None:
    """The last finished run of the district: what lists show unless another is named."""
    return Run.objects.within(scope).filter(state__in=[Run.State.DONE, Run.State.SIGNED]).select_related("term").order_by("-pk").first()


def open_by_owner(run: Run, scope: Scope, *, township: str = "") -> dict[str, int]:
    """Open findings by the role whose they are; of one township where it is named, as the list behind the numbers narrows it."""
    found = Finding.objects.within(scope).filter(run=run, state=Finding.State.OPEN)
    if township:
        found = found.filter(lists.in_township(township))
    return dict(found.values_list("owner").annotate(n=Count("pk")).order_by())


@dataclass(frozen=True, slots=True)
class Registers:
    """What of a term has been handed in: kind -> lines, and which places lack which register."""

    lines: dict[str, int]
    lacking: dict[str, list[str]]


def registers_of(term: Term) -> Registers:
    """The standing lines of a term by register, and the places without any: two queries of names and one of lines."""
    rows = (
        Entry.objects.standing().filter(district_code=term.district_code, upload__term=term)
        .values_list("kind", "school_id", "township_code").annotate(n=Count("pk")).order_by()
    )  # fmt: skip
    lines: Counter[str] = Counter()
    schools: dict[str, set[str]] = {kind: set() for kind in Kind.values}
    townships: dict[str, set[str]] = {kind: set() for kind in Kind.values}
    for kind, school, township, number in rows:
        lines[kind] += number
        schools[kind].add(school or "")
        townships[kind].add(township)
    by_school = list(School.objects.filter(district_code=term.district_code, is_open=True).values_list("pk", "name"))
    by_township: list[Region] = places.townships(term.district_code)
    lacking = {kind: [name for code, name in by_school if code not in schools[kind]] for kind in (Kind.ENROLLMENT.value, Kind.ATTENDING.value)}
    lacking |= {kind: [r.name for r in by_township if r.code not in townships[kind]] for kind in (Kind.HOUSEHOLD.value, Kind.SURVEY.value)}
    lacking[Kind.MONITORED.value] = [] if lines[Kind.MONITORED.value] else ["全区"]
    return Registers(dict(lines), lacking)


def signatures(run: Run) -> dict[tuple[str, str], Signature]:
    """Who has signed: (level, place) -> signature."""
    return {(s.level, s.place_code): s for s in Signature.objects.filter(run=run)}


def signatures_seen(run: Run, scope: Scope) -> list[Signature]:
    """The signatures under a run that a post sees: of the district all, else its schools', its township's and the bureau's."""
    schools = [scope.school] if scope.school else sorted(scope.schools)
    seen = {*(("school", code) for code in schools), ("township", scope.township), ("bureau", scope.district)}
    return [one for key, one in signatures(run).items() if not (scope.school or scope.township) or key in seen]
