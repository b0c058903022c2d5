"""The same two files, enrollment and attending, linked by others: exact numbers, pandas merges, recordlinkage, Splink.

Who is on the current roll and has no partner in the class lists is called absent. Every peer gets cells cleaned as a careful analyst
would clean them (width, spaces, case); none gets the other registers, which none of them could use without writing our comparison.
"""

from __future__ import annotations

import logging
import time
import unicodedata
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd

from apps.dashboards.management.demo.district import District

# Columns of the frames, and the field of the register each is taken from.
COLUMNS = {
    "name": ("name", "name"), "birth": ("birth_date", "birth_date"), "sex": ("sex", "sex"), "number": ("id_number", "id_number"),
    "school": ("school_code", "school_code"), "grade": ("grade", "grade"), "guardian": ("guardian_name", "guardian_name"),
    "phone": ("phone", "guardian_phone"), "address": ("address", "address"),
}  # fmt: skip
Pairs = list[tuple[int, int]]  # (enrollment, attending) by row number
NOT_EXPECTED = ("02", "07", "10")  # suspended, graduated, moved to another district: nobody looks for them in class
THRESHOLDS = (0.1, 0.5, 0.9)
SAFE = (("number", "name"), ("number", "birth"))


@dataclass(frozen=True, slots=True)
class Alarms:
    """What a method would have done; shares are 0–1, ``seconds`` None where it was not timed alone."""

    right: float
    found: float
    wrong: int
    called: int
    seconds: float | None


def all_of_them(district: District) -> dict[str, Alarms]:
    """Every peer on one district."""
    left, right = frame(district, "enrollment", 0), frame(district, "attending", 1)
    found = {}
    for name, link in (
        ("只比身份证号", by_number),
        ("pandas merge：身份证号，再姓名 + 出生日期 + 性别", by_merge),
        ("recordlinkage（同分块，加权）", by_recordlinkage),
    ):
        begun = time.perf_counter()
        pairs = link(left, right)
        found[name] = judge(district, pairs, time.perf_counter() - begun)
    begun = time.perf_counter()
    exact, scored = by_splink(left, right)
    seconds = time.perf_counter() - begun
    for threshold in THRESHOLDS:
        pairs = exact + [(a, b) for a, b, chance in scored if chance >= threshold]
        found[f"Splink（先安全精确，一对一，概率 ≥ {threshold}）"] = judge(district, pairs, seconds)
    return found


def frame(district: District, register: str, side: int) -> pd.DataFrame:
    """The rows of a register as cleaned text; ``row`` is their place in the register."""
    rows = [{name: clean(row.values[fields[side]]) for name, fields in COLUMNS.items()} for row in district.registers[register]]
    data = pd.DataFrame(rows, dtype=object)
    data["number"] = data["number"].str.upper()
    data["birth"] = data["birth"].str.replace(r"\D", "", regex=True)
    data["phone"] = data["phone"].str.replace(r"\D", "", regex=True)
    data["row"] = range(len(data))
    return data.replace("", None)


def clean(text: str) -> str:
    """One width, no spaces, no separators in names."""
    return "".join(char for char in unicodedata.normalize("NFKC", text) if not char.isspace() and char not in "·•・.'‧\u200b\ufeff")


def judge(district: District, pairs: Pairs, seconds: float) -> Alarms:
    """The alarms that follow from the links, against the truth: current pupils without a partner."""
    enrollment, attending, truth = district.registers["enrollment"], district.registers["attending"], district.truth.persons
    linked = {left for left, _ in pairs}
    held = {enrollment[left].pid for left in linked}  # a second record of the same child is no second alarm
    called = {row.pid for row in enrollment if row.values["state"] not in NOT_EXPECTED and row.pid not in held}
    absent = {pid for pid, person in truth.items() if person.alarm}
    listed = {row.pid for row in attending}
    # A child that stands in the class list with the remark 无故未到 is found by reading the remark, whatever the link.
    read = {enrollment[a].pid for a, b in pairs if "未到" in attending[b].values["remark"]}
    called |= read & listed
    wrong = sum(enrollment[a].pid != attending[b].pid for a, b in pairs)
    right = sum(not truth[pid].in_class for pid in called) / max(len(called), 1)
    return Alarms(right, len(absent & called) / max(len(absent), 1), wrong, len(called), seconds)


def unique_join(left: pd.DataFrame, right: pd.DataFrame, keys: list[str]) -> Pairs:
    """Rows that agree in all keys where these occur once on either side."""
    one, other = (side.dropna(subset=keys).drop_duplicates(keys, keep=False) for side in (left, right))
    return list(map(tuple, one.merge(other, on=keys)[["row_x", "row_y"]].to_numpy().tolist()))


def free(data: pd.DataFrame, taken: set[int]) -> pd.DataFrame:
    return data[~data["row"].isin(taken)]


def in_passes(left: pd.DataFrame, right: pd.DataFrame, passes: tuple[tuple[str, ...], ...]) -> Pairs:
    """One unique join after the other over what is still free."""
    pairs: Pairs = []
    for keys in passes:
        pairs += unique_join(free(left, {a for a, _ in pairs}), free(right, {b for _, b in pairs}), list(keys))
    return pairs


def by_number(left: pd.DataFrame, right: pd.DataFrame) -> Pairs:
    return in_passes(left, right, (("number",),))


def by_merge(left: pd.DataFrame, right: pd.DataFrame) -> Pairs:
    return in_passes(left, right, (("number",), ("name", "birth", "sex")))


BLOCKS = (("birth",), ("number",), ("name", "school"), ("school", "grade", "sex", "guardian"), ("phone",))


def by_recordlinkage(left: pd.DataFrame, right: pd.DataFrame) -> Pairs:
    """Safe exact, then blocks, string distances and a weighted sum, one-to-one."""
    import recordlinkage  # noqa: PLC0415  slow to import, used here alone

    exact = in_passes(left, right, SAFE)
    one, other = free(left, {a for a, _ in exact}).set_index("row"), free(right, {b for _, b in exact}).set_index("row")
    index = recordlinkage.Index()
    for keys in BLOCKS:
        index.block(list(keys))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pairs = index.index(one.fillna(""), other.fillna(""))
        compare = recordlinkage.Compare()
        weights = {"name": 3.0, "birth": 3.0, "number": 3.0, "guardian": 1.5, "phone": 1.5, "address": 1.0, "school": 1.0, "sex": 0.5}
        for column in weights:
            if column in ("name", "number", "guardian", "address"):
                compare.string(column, column, method="damerau_levenshtein", label=column)
            else:
                compare.exact(column, column, label=column)
        scores = compare.compute(pairs, one, other)
    total = sum(scores[column] * weight for column, weight in weights.items()) / sum(weights.values())
    return exact + [(a, b) for a, b, _ in one_to_one([(a, b, chance) for (a, b), chance in total.items() if chance >= 0.6])]


def one_to_one(scored: list[tuple[int, int, float]]) -> list[tuple[int, int, float]]:
    """The best pairs first, each row once."""
    lefts, rights, kept = set(), set(), []
    for a, b, chance in sorted(scored, key=lambda pair: (-pair[2], pair[0], pair[1])):
        if a not in lefts and b not in rights:
            lefts.add(a)
            rights.add(b)
            kept.append((a, b, chance))
    return kept


def by_splink(left: pd.DataFrame, right: pd.DataFrame) -> tuple[Pairs, list[tuple[int, int, float]]]:
    """Safe exact pairs, and what Splink 5 thinks of the rest after training on the whole: (enrollment, attending, probability), one-to-one."""
    exact = in_passes(left, right, SAFE)
    scored = trained(left, right, free(left, {a for a, _ in exact}), free(right, {b for _, b in exact}))
    return exact, one_to_one(scored)


def trained(left: pd.DataFrame, right: pd.DataFrame, one: pd.DataFrame, other: pd.DataFrame) -> list[tuple[int, int, float]]:
    """Train m and u on the whole registers (EM over three blockings), predict on the residue."""
    import splink.comparison_library as cl  # noqa: PLC0415
    from splink import DuckDBAPI, Linker, SettingsCreator, block_on  # noqa: PLC0415

    logging.getLogger("splink").setLevel(logging.ERROR)
    levels: list[Callable[[], Any]] = [
        lambda: cl.DamerauLevenshteinAtThresholds("name", [1]).configure(term_frequency_adjustments=True),
        lambda: cl.DamerauLevenshteinAtThresholds("birth", [1]),
        lambda: cl.DamerauLevenshteinAtThresholds("number", [1, 2]),
        lambda: cl.ExactMatch("sex"),
        lambda: cl.DamerauLevenshteinAtThresholds("guardian", [1]).configure(term_frequency_adjustments=True),
        lambda: cl.ExactMatch("phone"),
        lambda: cl.ExactMatch("address").configure(term_frequency_adjustments=True),
        lambda: cl.ExactMatch("school"),
        lambda: cl.ExactMatch("grade"),
    ]
    settings = SettingsCreator(
        link_type="link_only",
        unique_id_column_name="row",
        comparisons=[level() for level in levels],
        blocking_rules_to_generate_predictions=[
            block_on("birth"), block_on("number"), block_on("name", "school"), block_on("name", "sex", "grade"), block_on("phone"),
            block_on("school", "grade", "guardian"), block_on("school", "grade", "substr(name, 1, 1)"), block_on("address", "sex"),
        ],
        retain_intermediate_calculation_columns=False,
    )  # fmt: skip
    whole = linker(Linker, DuckDBAPI, left, right, settings)
    whole.training.estimate_probability_two_random_records_match([block_on("number", "name")], recall=0.9)
    whole.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for keys in (("number",), ("name", "birth"), ("phone", "school")):
        whole.training.estimate_parameters_using_expectation_maximisation(block_on(*keys))
    model = whole.misc.save_model_to_json()
    rest = linker(Linker, DuckDBAPI, one, other, model)
    found = rest.inference.predict(threshold_match_probability=0.01).as_pandas_dataframe()
    return list(zip(found["row_l"].tolist(), found["row_r"].tolist(), found["match_probability"].tolist(), strict=True))


def linker(kind: Any, api: Any, left: pd.DataFrame, right: pd.DataFrame, settings: Any) -> Any:
    """A linker over two frames, whose names sort as they stand."""
    engine = api()
    return kind([engine.register(left, dataset_display_name="a"), engine.register(right, dataset_display_name="b")], settings, log_level="ERROR")
