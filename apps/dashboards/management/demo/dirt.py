"""Ordinary dirt in the registers: the slips of people, never a change of the truth.

Rates are our choice (D): they follow the shape of DATA.md §2. At level 1.0 about 7 % of the attending rows carry an error of
identity (number, name, birth, sex), 3.5 % of the household and monitored rows, 6 % of the survey and 1.5 % of the enrollment
rows; errors come together (about one dirty row in six carries two or more,
at level 3.0 nearly half); errors of contact (address, guardian, phone) and of form (width, spaces) come on top. Level 3.0 is three times that.
"""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from apps.core.ids import check_digit
from apps.dashboards.management.demo import spelling
from apps.dashboards.management.demo.names import Namer
from apps.dashboards.management.demo.people import Child
from apps.dashboards.management.demo.registers import Row

IDENTITY = {"enrollment": 0.015, "household": 0.035, "attending": 0.07, "monitored": 0.035, "survey": 0.06}
CONTACT = {"enrollment": 0.03, "household": 0.05, "attending": 0.08, "monitored": 0.06, "survey": 0.06}
FORM = {"enrollment": 0.005, "household": 0.02, "attending": 0.03, "monitored": 0.02, "survey": 0.03}
HIGHEST = 0.85
TOGETHER = 0.15  # chance, times the level, of one more error of identity in a row that has one
Slip = Callable[["Dirtier", dict[str, str], Child], bool]


def _change(field: str, slip: Callable[[str, Random], str]) -> Slip:
    """A slip on one field; False where the field is empty or stays as it was."""

    def soil(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
        before = values.get(field, "")
        if not before or (field == "id_number" and len(before) != 18):
            return False
        values[field] = slip(before, dirtier.rng)
        return values[field] != before

    return soil


def _blank(*fields: str) -> Slip:
    def soil(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
        present = [field for field in fields if values.get(field)]
        for field in present:
            values[field] = ""
        return bool(present)

    return soil


def _relative(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    """The guardian's or a sibling's number typed instead of the child's."""
    others = [sibling.number for sibling in child.family.children if sibling is not child]
    values["id_number"] = dirtier.rng.choice(others) if others and dirtier.rng.random() < 0.6 else child.family.guardian_number
    return True


def _reissued(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    """The number from before (or after) a move of the household: another area and sequence, same birth."""
    number = values.get("id_number", "")
    if len(number) != 18 or not number[:17].isdecimal():
        return False
    area = dirtier.rng.choice(("530111", "530129", "530326", "530113"))
    first = f"{area}{number[6:14]}{(int(number[14:17]) + 2 * dirtier.rng.randrange(1, 400)) % 1000:03d}"
    values["id_number"] = first + check_digit(first)
    return values["id_number"] != number


def _wrong_sex(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    values["sex"] = "女" if values.get("sex") == "男" else "男"
    return True


def _home_name(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    """The name used at home or before a change: nothing of the given name remains."""
    values["name"] = child.former_name or child.family.surname + dirtier.namer.given(child.sex)
    return values["name"] != child.name


def _moved(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    """The family lives elsewhere by now: other village, often another township, another telephone."""
    if "address" not in values:
        return False
    values["address"] = f"{dirtier.rng.choice(dirtier.addresses)}{dirtier.rng.randrange(1, 16)}组"
    if dirtier.rng.random() < 0.5:
        values[_phone(values)] = dirtier.namer.phone()
    return True


def _phone(values: dict[str, str]) -> str:
    return "guardian_phone" if "guardian_phone" in values else "phone"


def _other_phone(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    values[_phone(values)] = dirtier.namer.phone()
    return True


def _other_parent(dirtier: Dirtier, values: dict[str, str], child: Child) -> bool:
    if not values.get("guardian_name"):
        return False
    family = child.family
    values["guardian_name"] = family.mother if values["guardian_name"] != family.mother else family.father
    return True


IDENTITY_SLIPS: dict[str, tuple[int, Slip]] = {
    "id_missing": (14, _blank("id_number")),
    "id_and_birth_missing": (3, _blank("id_number", "birth_date")),
    "id_digit": (12, _change("id_number", spelling.one_digit)),
    "id_transposed": (6, _change("id_number", spelling.two_digits)),
    "id_of_relative": (4, _relative),
    "id_reissued": (4, _reissued),
    "name_homophone": (12, _change("name", spelling.homophone)),
    "name_look_alike": (7, _change("name", spelling.look_alike)),
    "name_old_form": (5, _change("name", spelling.old_form)),
    "name_dropped": (4, _change("name", spelling.dropped)),
    "name_swapped": (3, _change("name", spelling.swapped)),
    "name_at_home": (3, _home_name),
    "birth_wrong": (7, _change("birth_date", spelling.other_birth)),
    "sex_wrong": (3, _wrong_sex),
}
CONTACT_SLIPS: dict[str, tuple[int, Slip]] = {
    "moved": (8, _moved),
    "phone_changed": (8, _other_phone),
    "phone_missing": (5, _blank("guardian_phone", "phone")),
    "guardian_other_parent": (6, _other_parent),
    "guardian_missing": (4, _blank("guardian_name")),
    "guardian_homophone": (3, _change("guardian_name", spelling.homophone)),
}
FORM_SLIPS: dict[str, tuple[int, Slip]] = {
    "id_full_width": (3, _change("id_number", spelling.wide)),
    "id_spaces": (4, _change("id_number", spelling.gaps)),
    "id_lower_x": (3, _change("id_number", lambda number, rng: number.lower())),
    "name_spaces": (4, _change("name", spelling.spaced)),
}
DOT_SHARE = 0.4  # a middle dot is lost or replaced far more often than another character is mistyped


class Dirtier:
    """Soils rows in place; the same seed and level give the same dirt."""

    def __init__(self, rng: Random, level: float, addresses: list[str]) -> None:
        self.rng, self.level, self.addresses, self.namer = rng, level, addresses, Namer(rng)

    def soil(self, row: Row, child: Child) -> None:
        """Write errors into ``row.values`` and their kinds into ``row.dirt``."""
        rng, values, kinds = self.rng, row.values, list[str]()
        dirty = rng.random() < self._rate(IDENTITY[row.register])
        while dirty and len(kinds) < 4:
            self._one(IDENTITY_SLIPS, values, child, kinds)
            dirty = rng.random() < self._rate(TOGETHER)
        if "·" in values["name"] and rng.random() < self._rate(DOT_SHARE):
            values["name"] = spelling.other_dot(values["name"], rng)
            kinds.append("name_dot")
        doubled = 2.0 if kinds else 1.0  # careless rows are careless everywhere
        if rng.random() < self._rate(CONTACT[row.register] * doubled):
            self._one(CONTACT_SLIPS, values, child, kinds)
        if rng.random() < self._rate(FORM[row.register] * doubled):
            self._one(FORM_SLIPS, values, child, kinds)
        row.dirt = tuple(kinds)

    def _rate(self, rate: float) -> float:
        return min(HIGHEST, rate * self.level)

    def _one(self, slips: dict[str, tuple[int, Slip]], values: dict[str, str], child: Child, kinds: list[str]) -> None:
        for _ in range(4):  # a slip that finds nothing to spoil is drawn again
            kind = self.rng.choices(list(slips), weights=[weight for weight, _ in slips.values()])[0]
            if kind not in kinds and slips[kind][1](self, values, child):
                kinds.append(kind)
                return
