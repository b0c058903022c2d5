"""``generate``: a whole invented district, its registers and the truth about it, in memory."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from apps.dashboards.management.demo.anomalies import extra_children, finish, plant
from apps.dashboards.management.demo.dirt import Dirtier
from apps.dashboards.management.demo.people import Child, Family, Population
from apps.dashboards.management.demo.places import Places, build_places
from apps.dashboards.management.demo.registers import REGISTERS, Row, Writer
from apps.dashboards.management.demo.truth import Truth, tell


@dataclass(frozen=True, slots=True)
class District:
    """An invented district; ``registers`` maps a register's name to its rows in the order of the sources."""

    seed: int
    school_year: int
    places: Places
    families: list[Family]
    children: list[Child]
    registers: dict[str, list[Row]]
    truth: Truth


def generate(pupils: int, seed: int, *, dirt: float = 1.0, student_numbers: bool = True, school_year: int = 2026) -> District:
    """A district of ``pupils`` children with a current enrollment record; the rest of its children comes on top.

    ``dirt`` 1.0 is ordinary, 3.0 three times as much; ``student_numbers`` says whether the attending lists carry 学籍号.
    The same arguments give the same district. Raises ValueError below 500 pupils (not every class could be planted).
    """
    if pupils < 500:
        raise ValueError("a demo district needs at least 500 pupils")
    streams = {name: Random(f"{seed}/{name}") for name in ("places", "people", "wording", "dirt", "order")}  # noqa: S311  invented data
    places = build_places(streams["places"], pupils)
    population = Population(streams["people"], places, school_year)
    population.build(pupils + extra_children(pupils))
    plant(population, pupils)
    population.place()
    finish(population)
    writer = Writer(streams["wording"], places.township_name, school_year, student_numbers=student_numbers)
    dirtier = Dirtier(streams["dirt"], dirt, [f"{places.township_name[v.township]}{v.name}" for v in places.villages])
    registers: dict[str, list[Row]] = {kind: [] for kind in REGISTERS}
    for child in population.children:
        for row in writer.rows(child):
            dirtier.soil(row, child)
            registers[row.register].append(row)
    for kind, rows in registers.items():
        _arrange(kind, rows, streams["order"])
    return District(seed, school_year, places, population.families, population.children, registers, tell(population.children, registers))


def _arrange(kind: str, rows: list[Row], rng: Random) -> None:
    """Files are not in the order of the truth: shuffled, then by school, grade and class, or by township."""
    rng.shuffle(rows)
    if kind in ("enrollment", "attending"):
        rows.sort(key=lambda row: (row.school, int(row.values["grade"]), int(row.values["class_name"])))
    else:
        rows.sort(key=lambda row: row.township)
