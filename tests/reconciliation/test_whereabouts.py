"""Where a school lies, by the regions of the fixture alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from apps.reconciliation.comparisons.whereabouts import Tree

REGIONS = json.loads((Path(__file__).parents[2] / "fixtures" / "regions.json").read_text(encoding="utf-8"))
TREE = Tree.of((place["code"], place["name"]) for place in REGIONS if place["level"] in ("province", "prefecture", "district"))
PLACES = {
    "云南省昆明市官渡区福保小学": "53", "昆明市盘龙区联盟中学": "5301", "昆明市北京路小学": "5301", "会泽县金钟小学": "530326", "会泽金钟小学": "530326", "大理三中": "5329",
    "西双版纳景洪市第一小学": "5328", "红河州蒙自市某小学": "5325", "寻甸回族彝族自治县仁德小学": "530129", "云县一中": "530922", "东川区汤丹小学": "530113",
    "浙江省义乌市稠江小学": "33", "义乌 稠江小学": "330782", "东莞市厚街中学": "4419", "四川省凉山州会理市城关小学": "51", "凉山州会理市城关小学": "5134", "内蒙古包头某校": "15",
    "广西南宁某校": "45", "上海浦东某校": "31", "香港某校": "81",
    "厚街中学": "", "北京路小学": "", "中山小学": "", "汤丹小学": "", "外地": "", "": "",
    "2133000123": "33", "3153000012": "53", "5301130004": "530113", "4401130004": "440113",
}  # fmt: skip


@pytest.mark.parametrize(("school", "code"), PLACES.items())
def test_place_of_a_school(school: str, code: str) -> None:
    assert TREE.place(school) == code


def test_without_a_tree_only_a_code_tells() -> None:
    bare = Tree.of([])
    assert bare.place("浙江省义乌市稠江小学") == "" and bare.place("5301130004") == "530113"
