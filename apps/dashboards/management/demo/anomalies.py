"""The situations planted into the district, with the one right answer of each comparison (DOMAIN.md §2).

A situation says in which registers a child stands and what every comparison must answer. 'H' household, 'E' enrollment,
'A' attending, 'S' survey. ``c1`` '' means: the child is not in the household register of this district, so comparison ① does
not count it; ``c2`` '' means: not on the current roll of a school here; ``reverse`` is the class of a row that attends
without a record at that school.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from random import Random

from apps.dashboards.management.demo.people import DISABILITIES, OTHER_AREAS, Child, Population
from apps.dashboards.management.demo.places import School

KINDS = ("general", "lifted_out", "unstable", "marginal", "sudden_hardship")
ALARMS = ("unregistered", "not_returned", "suspected_dropout", "dropout")
OUT_OF_SCHOOL = ("never_enrolled", "suspected_dropout", "dropout")  # what comparison ③ takes


@dataclass(frozen=True, slots=True)
class Situation:
    """One planted class: share per 1,000 enrolled children, least number, registers, answers."""

    code: str
    per_mille: float
    least: int
    registers: str
    c1: str = "inside"
    c2: str = ""
    reverse: str = ""
    variants: int = 1
    fits: Callable[[Child], bool] = lambda child: True


def _entrant(child: Child) -> bool:
    return child.grade in (1, 7)


def _later(child: Child) -> bool:
    return child.grade not in (1, 7)


def _grown(child: Child) -> bool:
    return child.grade >= 3


def _oldest(child: Child) -> bool:
    return child.grade == 9  # entered at five, so still of compulsory age with school behind it


PLAIN = Situation("plain", 0, 0, "HEA", c2="attending")
SITUATIONS = (
    Situation("outside_in_province", 14, 6, "HS", c1="outside_in_province"),
    Situation("outside_out_of_province", 7, 4, "HS", c1="outside_out_of_province"),
    Situation("deferral", 1.5, 3, "HS", c1="deferral", fits=lambda child: child.grade == 1),
    Situation("suspension", 2, 4, "HEA", c1="suspension", c2="suspension", variants=2),  # 1: not in the attending list
    Situation("home_teaching", 2, 4, "HEA", c1="home_teaching", c2="home_teaching", variants=2),  # 1: not in the attending list
    Situation("medically_unable", 1, 3, "HS", c1="medically_unable"),
    Situation("graduated", 3, 4, "HE", c1="graduated", fits=_oldest),
    Situation("removed_dead", 0.5, 2, "H", c1="removed_dead"),
    Situation("removed_moved", 3, 4, "H", c1="removed_moved"),
    Situation("removed_duplicate", 1, 3, "H", c1="removed_duplicate"),
    Situation("removed_not_found", 1, 3, "H", c1="removed_not_found"),
    Situation("no_residence", 1, 3, "S", c1="no_residence"),
    Situation("never_enrolled", 2, 8, "HS", c1="never_enrolled", variants=2),  # 1: only the household register knows it
    Situation("residence_to_verify", 1.5, 3, "HS", c1="to_verify"),
    Situation("on_leave", 4, 5, "HEA", c2="on_leave"),
    Situation("elsewhere", 3, 6, "HEA", c2="elsewhere", reverse="guest_study", variants=2, fits=_later),  # 1: remark 借读
    Situation("transferring", 2, 6, "HEA", c2="transferring", variants=3),  # 1: state 转出 only; 2: also sits elsewhere, 转入
    Situation("unregistered", 1.5, 5, "HE", c2="unregistered", fits=_entrant),
    Situation("not_returned", 3, 8, "HE", c2="not_returned", fits=_later),
    Situation("suspected_dropout", 1.2, 6, "HEA", c2="suspected_dropout", fits=_grown),
    Situation("dropout", 1.2, 6, "HE", c2="dropout", fits=_grown),
    Situation("attendance_to_verify", 0.5, 2, "HEA", c2="to_verify"),
    Situation("transfer_in", 3, 4, "A", c1="", reverse="transfer_in", fits=_later),
    Situation("no_document", 0.8, 3, "A", c1="", reverse="no_document"),
    Situation("problem_enrollment", 0.8, 4, "HA", c1="to_verify", reverse="problem_enrollment", variants=2),  # 1: no household here
    Situation("guest_study", 1.5, 4, "A", c1="", reverse="guest_study"),
    Situation("duplicate", 1, 4, "HEA", c2="attending"),
    Situation("dead_but_attending", 0.2, 2, "HEA", c2="attending"),  # struck off the police register by mistake
    Situation("left_but_attending", 0.3, 2, "HEA", c2="attending"),  # the record still says 流失
    Situation("listed_absent", 0.4, 2, "A", c1="", fits=_grown),  # on the class list as 辍学, and no record anywhere
    Situation("residence_missing", 1, 3, "EA", c1="", c2="attending"),  # the record claims a local household that is in no register
    Situation("migrant", 30, 10, "EA", c1="", c2="attending"),
)
BY_CODE = {situation.code: situation for situation in (PLAIN, *SITUATIONS)}
NOT_ENROLLED = tuple(s for s in SITUATIONS if "E" not in s.registers)
CONTRADICTIONS = {  # by situation; the codes are those of reconciliation/rules.py
    "duplicate": "duplicate_enrollment",
    "no_residence": "survey_only",
    "dead_but_attending": "dead_but_attending",
    "left_but_attending": "left_but_attending",
    "listed_absent": "listed_absent",
    "residence_missing": "residence_missing",
}
AWAY = {"transfer_in", "no_document", "guest_study", "migrant", "no_residence", "listed_absent"}  # no household in the district


def quota(situation: Situation, pupils: int) -> int:
    """How many children of a district of ``pupils`` get this situation."""
    return max(situation.least, round(situation.per_mille * pupils / 1000))


def extra_children(pupils: int) -> int:
    """Children beyond the enrolled ones: those in a situation without a current record here."""
    return sum(quota(s, pupils) for s in NOT_ENROLLED) + quota(BY_CODE["graduated"], pupils)


def plant(population: Population, pupils: int) -> None:
    """Give every situation its quota, then the traps that cross them: equal names, special groups, contradictions."""
    rng = population.rng
    order = population.children[:]
    rng.shuffle(order)
    doubles = _doubles(population, order, max(4, round(pupils * 0.0008)))
    for child in doubles[::5]:  # some children with a double are truly absent: their rows must not borrow the double's
        child.situation = "unregistered" if child.grade in (1, 7) else "not_returned"
    free = [child for child in order if child.situation == "plain"]
    for situation in sorted(SITUATIONS, key=lambda s: s.code not in ("deferral", "graduated", "unregistered")):
        done = sum(child.situation == situation.code for child in doubles)
        free = _assign(situation, quota(situation, pupils) - done, free)
    for child in population.children:
        _details(child, population, rng)


def _assign(situation: Situation, count: int, free: list[Child]) -> list[Child]:
    rest, given = [], 0
    for child in free:
        if given < count and situation.fits(child):
            child.situation, child.variant = situation.code, given % situation.variants
            given += 1
        else:
            rest.append(child)
    return rest


def _doubles(population: Population, order: list[Child], pairs: int) -> list[Child]:
    """Pairs of different children with the same name, birth date and sex."""
    lone = [child for child in order if len(child.family.children) == 1]
    chosen = lone[: 2 * pairs]
    for first, second in zip(chosen[::2], chosen[1::2], strict=False):
        population.rename_as(second, first)
    return chosen


def _details(child: Child, population: Population, rng: Random) -> None:
    """What follows from the situation: numbers of migrants, the other school, the disability, a re-issued number."""
    if child.situation in AWAY or (child.situation == "problem_enrollment" and child.variant == 1):
        child.local = False
        child.number = population.numbers.issue(rng.choice(OTHER_AREAS), child.born, child.sex, rng.randrange(9))
    if child.situation in ("home_teaching", "medically_unable"):
        child.disability = rng.choice(DISABILITIES)
    elif rng.random() < 0.002:
        child.disability = rng.choice(DISABILITIES)
        if child.situation == "plain":
            child.school = population.places.special


def finish(population: Population) -> None:
    """After schools are known: second schools, re-issued numbers, household kinds, contradictions."""
    rng = population.rng
    for child in population.children:
        if child.situation in ("elsewhere", "duplicate") or (child.situation == "transferring" and child.variant == 2):
            child.other_school = _other(child, population.places.schools, rng)
        if child.situation == "plain" and rng.random() < 0.002:  # moved and got a new number; older registers keep the old one
            area = rng.choice(OTHER_AREAS)
            child.new_number = population.numbers.issue(area, child.born, child.sex, rng.randrange(9))
        child.contradiction = CONTRADICTIONS.get(child.situation, "")
        if rng.random() < 0.02:
            child.former_name = population.namer.full(child.family.surname, child.sex)
    _household_kinds(population)


def _other(child: Child, schools: Iterable[School], rng: Random) -> School:
    found = [s for s in schools if child.stage in s.stages and s.code != child.school.code and s.kind != "特殊教育"]
    return rng.choice(found)


def _household_kinds(population: Population) -> None:
    """Every comparison-③ class occurs among the children out of school; some monitored rows contradict the truth."""
    out = [child for child in population.children if answers(child)["out"]]
    for number, child in enumerate(out[: 2 * len(KINDS)]):
        child.family.kind = KINDS[number % len(KINDS)]
    for number, child in enumerate(child for child in out if child.family.kind != "general"):
        if number % 2 == 0:
            child.contradiction = "monitored_says_attending"
    present = [c for c in population.children if c.situation == "plain" and c.family.kind != "general"]
    for child in present[:: max(1, len(present) // max(3, len(present) // 300))]:
        child.contradiction = "monitored_says_out"


def answers(child: Child) -> dict[str, str]:
    """The right class of the child in ①, ②, the reverse of ② and ③; 'out' is non-empty for the children ③ takes."""
    situation = BY_CODE[child.situation]
    c1 = situation.c1 if child.local or situation.code == "no_residence" else ""
    reverse = situation.reverse
    if situation.code == "transferring" and child.variant == 2:
        reverse = "transfer_in"
    if situation.code == "transferring" and child.variant == 1:  # 转出, and no register names the school that took the child
        return {"c1": "to_verify" if child.local else "", "c2": "to_verify", "reverse": "", "out": "", "c3": ""}
    out = next((code for code in (situation.c2, c1) if code in OUT_OF_SCHOOL), "")
    return {"c1": c1, "c2": situation.c2, "reverse": reverse, "out": out, "c3": child.family.kind if out else ""}
