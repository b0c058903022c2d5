"""Weeks of attendance with planted runs of absence and their known answers: what ``load_roll_calls`` is given, in memory.

A plant is written as letters, one a school day of the pupil: A absent, H half a day, L leave, S sick, P there, ? roll call not taken, . today's
roll call not yet taken. Between two letters: ``|`` a weekend, ``=`` a holiday of four days or more, ``/`` the school's closure, ``>`` a move
to another class. Around the plants lies the honest noise of a district: ordinary exceptions, roll calls forgotten.
"""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta
from pathlib import Path
from random import Random

from apps.dashboards.management.demo.district import District
from apps.dashboards.management.demo.headings import grade_and_class
from apps.dashboards.management.demo.people import Child

HEADING = ("school_code", "class", "date", "student_number", "id_number", "code")
CODES = {"A": "absent", "H": "half", "L": "leave", "S": "sick", "T": "late", "E": "early"}
BETWEEN = "|=/>"
LIMIT = 3  # school days that make a suspected dropout
PLANTS = {  # kind -> (what is true, what the first file said)
    "weekend_inside": ("AA|AP", ""),
    "holiday_inside": ("AA=AP", ""),
    "half_days": ("AHAAP", ""),
    "missing_roll_calls": ("A??AAP", ""),
    "class_move": ("AA>AP", ""),
    "boarding_closure": ("A/AAP", ""),
    "corrected_into_run": ("AAAP", "APAP"),
    "corrected_out_of_run": ("APAP", "AAAP"),
    "two_days": ("AAP", ""),
    "sick_for_a_week": ("SSSSSP", ""),
}
PLANTS_TODAY = {"leave_not_returned": "LLAAAA", "still_absent": "AAAAAA", "brought_back": "AAAAAAAPPPPPPP"}  # the last letter is today
THIRD_DAY_TODAY = "AA."
PER_PLANT = 7_000  # pupils for one more plant of each kind
EXCEPTIONS, NOT_TAKEN, REST = 0.02, 0.03, 7  # exceptions begun a pupil and day; class-days forgotten; school days between two exceptions
NOISE = (("S", 3, 45), ("L", 2, 18), ("A", 1, 15), ("T", 1, 16), ("H", 1, 3), ("E", 1, 3))  # letter, days at most, weight
HABITS = (2, 3, 4)  # of headings.grade_and_class: 七年级(1)班, 初一1班, 7.1

Room = tuple[str, int, int]  # school code, grade, class number
Cell = tuple[Room, date]


@dataclass(frozen=True, slots=True)
class Plant:
    """A run of absence as it must be found; ``school_days`` below the limit: must not be flagged."""

    kind: str
    pid: str
    student_number: str
    school: str
    first_day: date
    last_day: date
    school_days: int
    suspected_on: date | None
    ended_on: date | None


@dataclass(frozen=True, slots=True)
class Move:
    """A pupil, alone of that name and birth date, who sat in another class of the school until the day before."""

    name: str
    born: date
    earlier: Room
    day: date


@dataclass(slots=True)
class Attendance:
    """The rows of the two files, what the district must know before them, and the answers."""

    rows: list[tuple[str, ...]] = field(default_factory=list)
    corrections: list[tuple[str, ...]] = field(default_factory=list)
    closed: tuple[str, date, date] | None = None  # school, first and last day
    made_up: date | None = None  # the Saturday on which that school has class instead
    moves: list[Move] = field(default_factory=list)
    plants: list[Plant] = field(default_factory=list)

    def as_json(self) -> list[dict[str, object]]:
        """The answers, for truth_attendance.json."""
        return [{key: value.isoformat() if isinstance(value, date) else value for key, value in asdict(plant).items()} for plant in self.plants]


class Calendar:
    """The school days of each school up to today."""

    def __init__(self, days: Sequence[date], today: date) -> None:
        self.days, self.today = [day for day in days if day < today], today
        self.closed: frozenset[date] = frozenset()
        self.school, self.made_up = "", date.min

    def close(self, school: str) -> tuple[date, date] | None:
        """Close a school for two days in mid-term and give it the Saturday after; None where the term is too young."""
        for place in range(len(self.days) // 2, len(self.days) - 8):
            first, last = self.days[place : place + 2]
            saturday = last + timedelta(5 - last.weekday()) if last.weekday() < 4 else None
            if saturday and (last - first).days == 1 and saturday not in self.days:
                self.closed, self.school, self.made_up = frozenset((first, last)), school, saturday
                return first, last
        return None

    def of(self, school: str) -> list[date]:
        """The days on which this school had class before today."""
        if school != self.school:
            return self.days
        return sorted(set(self.days) - self.closed | {self.made_up})

    def fits(self, marker: str, before: date, after: date) -> bool:
        """Whether what the marker says lies between two days."""
        gap = (after - before).days
        shut = any(before < day < after for day in self.closed)
        return {"|": gap == 3 and not shut, "=": gap >= 4 and not shut, "/": shut, ">": gap < 4}[marker]


class Roster:
    """Who surely sits where: children whose lines in the registers are clean and say one thing."""

    def __init__(self, district: District) -> None:
        clean: dict[str, int] = defaultdict(int)
        borrowed: set[str] = set()  # numbers that stand in a line of somebody else
        for row in (row for kind in ("enrollment", "attending") for row in district.registers[kind]):
            clean[row.pid] += 1 if not row.dirt else -9
            if row.dirt:
                borrowed.add(row.values["id_number"])
        names = Counter((child.name, child.born) for child in district.children)
        lone = self.lone = [child for child in district.children if names[child.name, child.born] == 1 and child.number not in borrowed]
        self.present = [child for child in lone if child.situation == "plain" and clean[child.pid] == 2 and not child.new_number]
        truth = district.truth.persons
        self.never = [child for child in lone if truth[child.pid].alarm and not child.other_school and clean[child.pid] > 0]
        self.rooms = sorted({room_of(child) for child in district.children if child.situation == "plain"})


def room_of(child: Child) -> Room:
    return child.school.code, child.grade, child.class_no


class Writer:
    """Plants first, then the noise around them, then the rows."""

    def __init__(self, district: District, calendar: Calendar, rng: Random, *, untaken: Sequence[Room]) -> None:
        self.calendar, self.rng, self.untaken = calendar, rng, untaken
        self.roster = Roster(district)
        self.free = self.roster.present[:]
        rng.shuffle(self.free)
        self.used = {room for room in self.roster.rooms if room in untaken}  # rooms that may bear no (more) plant
        self.said: dict[Cell, dict[str, str]] = defaultdict(dict)  # class-day -> pid -> letter, as the first file says
        self.mended: dict[Cell, dict[str, str]] = {}  # the same as the second file says
        self.skipped: set[Cell] = set()
        self.busy: set[str] = set()
        self.child = {child.pid: child for child in district.children}
        self.out = Attendance()

    def pick(self, fits: Callable[[Child], bool]) -> Child | None:
        """A pupil of a class that bears no plant yet."""
        child = next((one for one in self.free if room_of(one) not in self.used and fits(one)), None)
        if child:
            self.free.remove(child)
            self.used.add(room_of(child))
            self.busy.add(child.pid)
        return child

    def plant(self, kind: str, pattern: str, first_said: str = "") -> None:
        """One plant somewhere in the weeks behind."""
        where = {"boarding_closure": lambda one: one.school.code == self.calendar.school, "class_move": lambda one: bool(self.sister(one))}
        child = self.pick(where.get(kind, lambda one: one.school.code != self.calendar.school))
        days = self.window(pattern, self.calendar.of(child.school.code)) if child else []
        if not child or not days:
            return
        rooms = [room_of(child)] * len(days)
        if ">" in pattern and (earlier := self.sister(child)):
            self.used.add(earlier)
            rooms[: pattern.index(">")] = [earlier] * pattern.index(">")
            self.out.moves.append(Move(child.name, child.born, earlier, days[pattern.index(">")]))
        self.write(child, letters(first_said or pattern), days, rooms)
        if first_said:
            for room, day, true in zip(rooms, days, letters(pattern), strict=True):
                if self.said.get((room, day), {}).get(child.pid, "P") != true:
                    self.mended[room, day] = {child.pid: true}
        self.answer(kind, child, letters(pattern), days)

    def sister(self, child: Child) -> Room | None:
        """Another class of the pupil's grade that bears no plant, None where there is none."""
        own = room_of(child)
        return next((room for room in self.roster.rooms if room[:2] == own[:2] and room != own and room not in self.used), None)

    def window(self, pattern: str, days: list[date]) -> list[date]:
        """Days in a row that the pattern fits, [] where there are none."""
        size = len(letters(pattern))
        found = [days[start : start + size] for start in range(1, len(days) - size + 1) if self.matches(pattern, days[start : start + size])]
        return self.rng.choice(found) if found else []

    def matches(self, pattern: str, days: list[date]) -> bool:
        place = 0
        for sign in pattern:
            if sign not in BETWEEN:
                place += 1
            elif not self.calendar.fits(sign, days[place - 1], days[place]):
                return False
        return True

    def plant_today(self, kind: str, pattern: str, child: Child | None) -> None:
        """One plant that goes on until today."""
        days = [*self.calendar.of(child.school.code), self.calendar.today][-len(pattern) :] if child else []
        if child and len(days) == len(pattern):
            self.busy.add(child.pid)
            self.write(child, pattern, days, [room_of(child)] * len(days))
            self.answer(kind, child, pattern, days)

    def write(self, child: Child, pattern: str, days: Iterable[date], rooms: Iterable[Room]) -> None:
        for letter, day, room in zip(pattern, days, rooms, strict=True):
            if letter in CODES:
                self.said[room, day][child.pid] = letter
            elif letter == "?":
                self.skipped.add((room, day))

    def answer(self, kind: str, child: Child, pattern: str, days: Sequence[date]) -> None:
        """The runs that a pattern makes."""
        absent: list[date] = []
        for letter, day in [*zip(pattern, days, strict=True), ("", date.max)]:
            if letter == "A":
                absent.append(day)
            elif absent and letter in ("P", ""):
                flagged = absent[LIMIT - 1] if len(absent) >= LIMIT else None
                ended = day if letter else None
                self.out.plants.append(
                    Plant(kind, child.pid, child.student_number, child.school.code, absent[0], absent[-1], len(absent), flagged, ended)
                )
                absent = []

    def forget_some(self) -> None:
        """Class-days that nobody took, in classes without a plant."""
        for room in self.roster.rooms:
            if room not in self.used:
                self.skipped.update((room, day) for day in self.calendar.of(room[0]) if self.rng.random() < NOT_TAKEN)

    def plant_never(self) -> None:
        """Children of the registers who are not in class: absent on every day that their class was taken."""
        rooms = set(self.roster.rooms) - set(self.untaken)
        for child in self.roster.never:
            room = room_of(child)
            days = [day for day in [*self.calendar.of(room[0]), self.calendar.today] if (room, day) not in self.skipped]
            if room in rooms and len(days) >= LIMIT:
                self.write(child, "A" * len(days), days, [room] * len(days))
                self.answer("never_in_class", child, "A" * len(days), days)

    def noise(self) -> None:
        """Ordinary exceptions: far enough apart that they never make a run of three."""
        signs, weights = [(letter, most) for letter, most, _ in NOISE], [weight for *_, weight in NOISE]
        for child in self.roster.present:
            if child.pid in self.busy:
                continue
            room, days = room_of(child), [*self.calendar.of(child.school.code), self.calendar.today]
            place = int(self.rng.expovariate(EXCEPTIONS))
            while place < len(days):
                letter, most = self.rng.choices(signs, weights)[0]
                length = self.rng.randint(1, most)
                for day in days[place : place + length]:
                    self.said[room, day][child.pid] = letter
                place += length + REST + int(self.rng.expovariate(EXCEPTIONS))

    def rows(self) -> Iterator[tuple[str, ...]]:
        """Every class-day that was taken: its exceptions, or one line that there are none."""
        for room in self.roster.rooms:
            for day in [*self.calendar.of(room[0]), self.calendar.today]:
                if (room, day) not in self.skipped and not (day == self.calendar.today and room in self.untaken):
                    yield from self.class_day(room, day, self.said.get((room, day), {}))

    def class_day(self, room: Room, day: date, said: dict[str, str]) -> Iterator[tuple[str, ...]]:
        habit = HABITS[sum(map(ord, room[0])) % len(HABITS)]
        head = (room[0], grade_and_class(str(room[1]), str(room[2]), habit)[1], day.isoformat())
        if not said:
            yield (*head, "", "", "all_present")
        for pid, letter in said.items():
            child = self.child[pid]
            number = ("", child.number) if habit == HABITS[-1] and child.situation == "plain" else (child.student_number, "")
            yield (*head, *number, CODES[letter])


def letters(pattern: str) -> str:
    return "".join(sign for sign in pattern if sign not in BETWEEN)


def attend(district: District, days: Sequence[date], today: date, *, seed: int, untaken: Sequence[Room] = ()) -> Attendance:
    """The attendance of a district on its school days up to ``today``; ``untaken``: classes that have not taken today's roll call yet, of which
    the first bears the pupil whose third day today is. ``days``: the district's school days of the term."""
    calendar = Calendar(days, today)
    rural = [school for school in district.places.schools if "junior" in school.stages and school.code not in {room[0] for room in untaken}]
    closed = calendar.close(rural[-1].code if rural[-1].kind != "特殊教育" else rural[-2].code)
    writer = Writer(district, calendar, Random(f"{seed}/attendance"), untaken=untaken)  # noqa: S311  invented data
    times = max(1, round(len(writer.roster.present) / PER_PLANT))
    if untaken:
        third = next((child for child in writer.free if room_of(child) == untaken[0]), None)
        writer.plant_today("third_day_today", THIRD_DAY_TODAY, third)
    for kind, (true, first_said) in PLANTS.items():
        for _ in range(times):
            writer.plant(kind, true, first_said)
    for kind, pattern in PLANTS_TODAY.items():
        for _ in range(times):
            writer.plant_today(kind, pattern, writer.pick(lambda one: one.school.code != calendar.school))
    writer.forget_some()
    writer.plant_never()
    writer.noise()
    out = writer.out
    out.closed, out.made_up = ((calendar.school, *closed), calendar.made_up) if closed else (None, None)
    out.rows = list(writer.rows())
    for (room, day), change in writer.mended.items():
        said = {**writer.said.get((room, day), {}), **change}
        out.corrections += writer.class_day(room, day, {pid: letter for pid, letter in said.items() if letter != "P"})
    return out


def write_csv(path: Path, rows: Iterable[tuple[str, ...]]) -> None:
    """One file as a school's system exports it: UTF-8 with its mark."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADING)
        writer.writerows(rows)
