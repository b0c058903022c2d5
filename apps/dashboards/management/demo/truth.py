"""The answers beside the registers: per child, per row, and counted."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass

from apps.dashboards.management.demo.anomalies import ALARMS, answers
from apps.dashboards.management.demo.people import Child
from apps.dashboards.management.demo.registers import REGISTERS, Row

NOT_IN_CLASS = frozenset({*ALARMS, "suspension", "home_teaching"})


@dataclass(frozen=True, slots=True)
class PersonTruth:
    """What is true of one child.

    ``c1``, ``c2``, ``reverse``, ``c3``: the right class in each comparison, '' where that comparison does not count the child.
    ``in_class``: sits in a class of this district (on leave counts). ``alarm``: ② must call it unregistered, not returned,
    suspected or dropout. ``contradiction``: what the registers say against each other (codes of
    reconciliation/rules.py). ``schools``: schools holding a record of it, first the true one.
    """

    pid: str
    name: str
    id_number: str
    situation: str
    grade: int
    c1: str
    c2: str
    reverse: str
    c3: str
    household_kind: str
    in_class: bool
    alarm: bool
    schools: tuple[str, ...]
    contradiction: str


@dataclass(frozen=True, slots=True)
class Truth:
    """All answers of a district."""

    persons: dict[str, PersonTruth]
    counts: dict[str, dict[str, int]]

    def as_json(self, registers: dict[str, list[Row]], meta: dict[str, object]) -> dict[str, object]:
        """The content of truth.json; each row as [person, file, number in the file, expected class, dirt]."""
        rows = {kind: [[row.pid, row.file, row.number, row.expected, list(row.dirt)] for row in registers[kind]] for kind in REGISTERS}
        return {"meta": meta, "counts": self.counts, "persons": {pid: asdict(person) for pid, person in self.persons.items()}, "rows": rows}


def tell(children: list[Child], registers: dict[str, list[Row]]) -> Truth:
    """The truth of a district from its children and the rows written for them."""
    where: dict[str, set[str]] = {}
    for kind in REGISTERS:
        for row in registers[kind]:
            where.setdefault(row.pid, set()).add(kind)
    schools: dict[str, list[str]] = {}
    for row in registers["enrollment"]:
        schools.setdefault(row.pid, []).append(row.school)
    persons = {child.pid: _person(child, where.get(child.pid, set()), schools.get(child.pid, [])) for child in children}
    counts = {column: dict(Counter(value for p in persons.values() if (value := getattr(p, column)))) for column in ("c1", "c2", "reverse", "c3")}
    counts["rows"] = {kind: len(registers[kind]) for kind in REGISTERS}
    counts["dirty_rows"] = {kind: sum(bool(row.dirt) for row in registers[kind]) for kind in REGISTERS}
    counts["dirt"] = dict(Counter(kind for rows in registers.values() for row in rows for kind in row.dirt))
    return Truth(persons, counts)


def _person(child: Child, where: set[str], schools: list[str]) -> PersonTruth:
    answer = answers(child)
    contradiction = child.contradiction if "monitored" in where or not child.contradiction.startswith("monitored") else ""
    return PersonTruth(
        pid=child.pid, name=child.name, id_number=child.number, situation=child.situation, grade=child.grade,
        c1=answer["c1"], c2=answer["c2"], reverse=answer["reverse"], c3=answer["c3"], household_kind=child.family.kind,
        in_class="attending" in where and answer["c2"] not in NOT_IN_CLASS and child.situation != "listed_absent", alarm=answer["c2"] in ALARMS,
        schools=tuple(schools), contradiction=contradiction,
    )  # fmt: skip
