"""The places of the invented district: Dongchuan's nine townships, 170 villages, its schools and their catchments."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from random import Random

FULL_SIZE = 28_000
SMALL_SIZE = 2_500  # up to here one school a township, most of them nine-year schools
DISTRICT = "530113"
# code, name, share of the children, villages, primary schools, junior schools (DOMAIN.md §7: 27 + 10 + 1 special)
TOWNSHIPS = (
    ("530113001", "铜都街道", 0.34, 30, 8, 2),
    ("530113002", "碧谷街道", 0.12, 14, 3, 1),
    ("530113102", "汤丹镇", 0.12, 26, 4, 1),
    ("530113103", "因民镇", 0.05, 14, 1, 1),
    ("530113104", "阿旺镇", 0.11, 23, 3, 1),
    ("530113105", "乌龙镇", 0.09, 18, 3, 1),
    ("530113106", "红土地镇", 0.08, 15, 2, 1),
    ("530113107", "拖布卡镇", 0.06, 18, 2, 1),
    ("530113201", "舍块乡", 0.03, 12, 1, 1),
)
FRONT = "大小上下新老中外里半长高白黑红青龙马羊石沙松竹茂双三尖平木银"
BACK = "营箐坪厂坡海树沟寨田地湾坎水桥塘岩麓卡块"
SHARED_NAME = "新村村"  # stands in two townships, as one real name does


@dataclass(frozen=True, slots=True)
class Village:
    """A village or community: 12-digit statistical code, name, township code."""

    code: str
    name: str
    township: str


@dataclass(slots=True)
class School:
    """A school as in schools.xlsx; ``catchment`` lists village codes, ``stages`` is a subset of primary, junior."""

    code: str
    name: str
    township: str
    kind: str  # 小学 初级中学 九年一贯制 特殊教育
    central: bool
    stages: tuple[str, ...]
    catchment: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Township:
    """A township or street office with its share of the district's children."""

    code: str
    name: str
    weight: float


@dataclass(slots=True)
class Places:
    """All places, with the look-ups that people need."""

    townships: list[Township]
    villages: list[Village]
    schools: list[School]
    township_name: dict[str, str]
    village_by_code: dict[str, Village]
    school_by_code: dict[str, School]
    by_catchment: dict[tuple[str, str], list[School]]  # (village code, stage) -> schools
    special: School

    def villages_of(self, township: str) -> list[Village]:
        return [village for village in self.villages if village.township == township]


def build_places(rng: Random, pupils: int) -> Places:
    """Places for a district of ``pupils`` enrolled children: 38 schools at 28,000, about 12 up to 2,500, more above."""
    villages = _villages(rng)
    schools = _schools(pupils)
    by_township: dict[str, list[Village]] = {}
    for village in villages:
        by_township.setdefault(village.township, []).append(village)
    by_catchment: dict[tuple[str, str], list[School]] = {}
    for stage in ("primary", "junior"):
        for code, inside in by_township.items():
            here = [school for school in schools if school.township == code and stage in school.stages and school.kind != "特殊教育"]
            for number, village in enumerate(inside):
                school = here[number % len(here)]
                school.catchment.append(village.code)
                by_catchment[village.code, stage] = [school]
    return Places(
        townships=[Township(code, name, weight) for code, name, weight, *_ in TOWNSHIPS],
        villages=villages,
        schools=schools,
        township_name={code: name for code, name, *_ in TOWNSHIPS},
        village_by_code={village.code: village for village in villages},
        school_by_code={school.code: school for school in schools},
        by_catchment=by_catchment,
        special=next(school for school in schools if school.kind == "特殊教育"),
    )


def _villages(rng: Random) -> list[Village]:
    names = [f"{a}{b}" for a in FRONT for b in BACK]
    rng.shuffle(names)
    villages = []
    for code, _, _, count, *_ in TOWNSHIPS:
        for number in range(1, count + 1):
            town = code in ("530113001", "530113002") and number <= count // 2
            name = names.pop() + ("社区" if town else "村")
            if number == 5 and code in ("530113104", "530113105"):
                name = SHARED_NAME
            villages.append(Village(f"{code}{number if town else 200 + number:03d}", name, code))
    return villages


def _schools(pupils: int) -> list[School]:
    schools: list[School] = []
    for code, name, _, _, primaries, juniors in TOWNSHIPS:
        schools += _small_township(code, name) if pupils <= SMALL_SIZE else _township(code, name, primaries, juniors, pupils / FULL_SIZE)
    schools.append(School("3653000001", "东川区特殊教育学校", "530113001", "特殊教育", False, ("primary", "junior")))
    heads = {"小学": "2153", "初级中学": "3153", "九年一贯制": "3123"}
    for number, school in enumerate(schools[:-1], start=1):
        school.code = f"{heads[school.kind]}{number:06d}"
    return schools


def _small_township(code: str, name: str) -> list[School]:
    if code not in ("530113001", "530113102"):
        return [School("", f"{name}中心学校", code, "九年一贯制", True, ("primary", "junior"))]
    return [
        School("", f"{name}中心学校", code, "小学", True, ("primary",)),
        School("", f"{name}初级中学", code, "初级中学", False, ("junior",)),
    ]


def _township(code: str, name: str, primaries: int, juniors: int, factor: float) -> list[School]:
    scaled = primaries * factor
    count = max(1, math.ceil(scaled) if factor < 1 else round(scaled))
    schools = [School("", f"{name}中心学校", code, "小学", True, ("primary",))]
    schools += [School("", f"{name}第{number}小学", code, "小学", False, ("primary",)) for number in range(2, count + 1)]
    count = max(1, math.ceil(juniors * factor) if factor < 1 else round(juniors * factor))
    title = "东川区第{}中学" if juniors > 1 else name + "初级中学"
    for number in range(1, count + 1):
        label = title.format(number) if juniors > 1 else title + ("" if number == 1 else f"第{number}校区")
        schools.append(School("", label, code, "初级中学", False, ("junior",)))
    return schools
