"""The product's answers beside the planted truth of an invented district."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from django.db import connection

from apps.core import clock
from apps.dashboards.management.demo.district import District
from apps.dashboards.management.demo.workbooks import write_register
from apps.reconciliation.actions import running
from apps.reconciliation.models import Run
from apps.registers.actions.load import load_register, system_actor
from apps.schools.models import Region, School, Term

REGISTERS = ("enrollment", "household", "attending", "monitored", "survey")
ALARMS = {"unregistered", "not_returned", "suspected_dropout", "dropout"}
PLANTED = {  # class -> the column of the truth where it is planted
    "never_enrolled": "c1", "suspected_dropout": "c2", "dropout": "c2", "not_returned": "c2", "unregistered": "c2", "guest_study": "reverse",
    "transfer_in": "reverse", "no_document": "reverse", "problem_enrollment": "reverse", "duplicate_enrollment": "contradiction",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Score:
    """One district measured. Shares are 0–1; ``wrong_links`` counts pairs of lines of two different children that were held to be one,
    over all registers; ``wrong_pair_links`` those between enrollment and attending."""

    f1: float
    right_alarms: float
    found_absent: float
    wrong_links: int
    links: int
    wrong_pair_links: int
    alarms: int
    classes_found: dict[str, tuple[int, int, int]]  # class -> planted, found, invented
    classes_doubtful: dict[str, int]


def load_district(district: District, folder: Path, term: Term) -> dict[int, list[str]]:
    """Write the five registers as one file each, load them, and return upload id -> person of each data row (1-based, [0] unused)."""
    folder.mkdir(parents=True, exist_ok=True)
    make_places(district)
    persons: dict[int, list[str]] = {}
    for register in REGISTERS:
        rows = district.registers[register]
        path = folder / f"{register}.csv"
        write_register(path, register, rows)
        loaded = load_register(kind=register, path=path, term=term, by=system_actor("530113"), now=clock.now())
        persons[loaded["upload"]] = ["", *(row.pid for row in rows)]
    return persons


def make_places(district: District) -> None:
    """The invented villages and schools as rows."""
    Region.objects.bulk_create(
        [Region(code=v.code, name=v.name, level="village", parent_id=v.township) for v in district.places.villages], ignore_conflicts=True
    )
    kinds = {"小学": "primary", "教学点": "teaching_point", "初级中学": "junior", "九年一贯制": "nine_year", "特殊教育": "special"}
    School.objects.bulk_create(
        [
            School(code=s.code, name=s.name, kind=kinds[s.kind], district_code="530113", township_id=s.township, is_central=False)
            for s in district.places.schools
        ],
        ignore_conflicts=True,
    )


def compare(term: Term) -> Run:
    """A whole run in this process."""
    run = running.start_run(term=term, by=system_actor("530113"), today=clock.today())
    while chunk := running.claim(run_id=run.pk, now=clock.machine()):
        running.work(chunk=chunk, now=clock.now())
    run.refresh_from_db()
    return run


def score(run: Run, district: District, persons: dict[int, list[str]]) -> Score:
    """Links, alarms and classes of a run against the truth."""
    lines = _lines(run)
    whose = {line: persons[upload][row] for line, upload, row, _, _ in lines}
    f1, wrong, links, wrong_pair = _links(lines, whose)
    truth = district.truth.persons
    given = _given(run, whose)
    called = {pid for pid, found in given["c2"].items() if found & ALARMS}
    absent = {pid for pid, person in truth.items() if person.alarm}
    right = len([p for p in called if not truth[p].in_class]) / max(len(called), 1)
    classes, doubtful = {}, {}
    for code, column in PLANTED.items():
        planted = {pid for pid, person in truth.items() if code == getattr(person, column)}
        got = {pid for pid, found in given[column].items() if code in found}
        classes[code] = (len(planted), len(planted & got), len(got - planted))
        doubtful[code] = len([p for p in planted - got if _in_doubt(p, column, given)])
    return Score(f1, right, len(absent & called) / max(len(absent), 1), wrong, links, wrong_pair, len(called), classes, doubtful)


def _given(run: Run, whose: dict[int, str]) -> dict[str, dict[str, set[str]]]:
    """Column of the truth -> person -> classes the run gave; every line speaks for the person it truly is of."""
    given: dict[str, dict[str, set[str]]] = {column: defaultdict(set) for column in ("c1", "c2", "reverse", "contradiction")}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT household_id, first, enrollment_id, second, attending_id, reverse FROM reconciliation_childclass WHERE run_id = %s", [run.pk]
        )
        for row in cursor.fetchall():
            for column, line, code in zip(("c1", "c2", "reverse"), row[::2], row[1::2], strict=True):
                if line and code:
                    given[column][whose[line]].add(code)
        cursor.execute("SELECT klass, unnest(entries) FROM reconciliation_finding WHERE run_id = %s AND klass = 'duplicate_enrollment'", [run.pk])
        for code, line in cursor.fetchall():
            given["contradiction"][whose[line]].add(code)
    return given


def _in_doubt(person: str, column: str, given: dict[str, dict[str, set[str]]]) -> bool:
    """A person was asked instead: the class is 待核实, there or in comparison ② (whose other side the class list is)."""
    columns = (column,) if column in ("c1", "c2") else ("c1", "c2", "reverse")
    return any("to_verify" in given[one].get(person, ()) for one in columns)


def _lines(run: Run) -> list[tuple[int, int, int, str, int]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.id, e.upload_id, e.row, e.kind, e.child_id FROM registers_entry e WHERE e.upload_id = ANY(%s)"
            " AND e.superseded_by_id IS NULL AND e.ended_by_id IS NULL",
            [run.uploads],
        )
        return cursor.fetchall()


def _links(lines: list[tuple[int, int, int, str, int]], whose: dict[int, str]) -> tuple[float, int, int, int]:
    """F1 over all pairs of lines in different registers; links between different persons; links in all; wrong ones of comparison ②."""
    truly: dict[str, list[tuple[int, str]]] = defaultdict(list)
    held: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for line, _, _, kind, child in lines:
        truly[whose[line]].append((line, kind))
        held[child].append((line, kind))

    def pairs(groups: dict[object, list[tuple[int, str]]]) -> set[tuple[int, int]]:
        return {(min(a, b), max(a, b)) for group in groups.values() for (a, x), (b, y) in combinations(group, 2) if x != y}

    want, got = pairs(truly), pairs(held)  # type: ignore[arg-type]
    good = len(want & got)
    precision, recall = good / max(len(got), 1), good / max(len(want), 1)
    kinds = {line: kind for line, _, _, kind, _ in lines}
    second = [pair for pair in got - want if {kinds[line] for line in pair} == {"enrollment", "attending"}]
    return 2 * precision * recall / max(precision + recall, 1e-9), len(got - want), len(got), len(second)


def confusion(run: Run, district: District, persons: dict[int, list[str]]) -> Counter[tuple[str, str, str]]:
    """(comparison, class of the truth, class given) counted, for reading."""
    whose = {line: persons[upload][row] for line, upload, row, _, _ in _lines(run)}
    truth = district.truth.persons
    found: Counter[tuple[str, str, str]] = Counter()
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT household_id, enrollment_id, attending_id, survey_id, first, second, reverse, third"
            " FROM reconciliation_childclass WHERE run_id = %s",
            [run.pk],
        )
        for household, enrollment, attending, survey, first, second, reverse, third in cursor.fetchall():
            person = truth[whose[household or enrollment or attending or survey]] if household or enrollment or attending or survey else None
            if person is None:
                continue
            for comparison, want, got in (
                ("1", person.c1, first),
                ("2", person.c2, second),
                ("2r", person.reverse, reverse),
                ("3", person.c3, third),
            ):
                if want != got:
                    found[comparison, want, got] += 1
    return found
