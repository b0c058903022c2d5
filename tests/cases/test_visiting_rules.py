"""What a record of a visit must say, and what it tells of the cause: by truth table."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from apps.cases.letters.visits import LINE, ticked
from apps.cases.rules.visiting import Outcome, cause_of, confirms, fault

DAY = date(2026, 11, 23)
WHOLE = {"day": DAY, "today": DAY, "earliest": DAY - timedelta(3), "way": "home", "outcome": "refused", "spoke_with": "父亲"}


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({}, ""),
        ({"day": DAY + timedelta(1)}, "day"),
        ({"day": DAY - timedelta(3)}, ""),
        ({"day": DAY - timedelta(4)}, "day"),
        ({"way": "elsewhere"}, "place"),
        ({"way": "elsewhere", "place": "昆明"}, ""),
        ({"spoke_with": ""}, "spoke_with"),
        ({"outcome": "guardian", "spoke_with": ""}, "spoke_with"),
        ({"outcome": "nobody", "spoke_with": ""}, ""),
        ({"outcome": "unknown", "spoke_with": ""}, ""),
        ({"outcome": "refused_written", "spoke_with": ""}, ""),
        ({"outcome": "working"}, "whereabouts"),
        ({"outcome": "other_school"}, "whereabouts"),
        ({"outcome": "abroad"}, "whereabouts"),
        ({"outcome": "working", "whereabouts": "昆明某餐馆"}, ""),
        ({"outcome": "married"}, ""),
        ({"outcome": "pregnant"}, ""),
        ({"outcome": "died"}, ""),
        ({"outcome": "promised"}, "promised_on"),
        ({"outcome": "promised", "promised_on": DAY - timedelta(1)}, "promised_on"),
        ({"outcome": "promised", "promised_on": DAY}, ""),
        ({"next_on": DAY - timedelta(1)}, "next_on"),
        ({"next_on": DAY}, ""),
    ],
)
def test_what_a_visit_must_say(changed: dict[str, object], field: str) -> None:
    told = fault(**(WHOLE | changed))
    assert (told[0] if told else "") == field
    assert told is None or told[1].endswith("。")


@pytest.mark.parametrize(
    ("outcome", "said", "cause"),
    [
        ("working", "", "work"), ("working", "hardship", "hardship"), ("working", "unknown", "work"), ("married", "", "married"),
        ("pregnant", "", "married"), ("refused", "", ""), ("refused", "weary", "weary"), ("nobody", "unknown", "unknown"),
    ],
)  # fmt: skip
def test_what_it_tells_of_the_cause(outcome: str, said: str, cause: str) -> None:
    assert cause_of(outcome, said) == cause


def test_what_confirms_before_the_thirty_days() -> None:
    assert {o.value for o in Outcome if confirms(o)} == {"refused_written", "working", "married", "pregnant", "unknown"}


def test_no_choice_of_the_sheet_is_broken_over_two_lines() -> None:
    choices = [(outcome.value, outcome.label) for outcome in Outcome]
    lines = ticked(choices, "working").split("\n")
    assert len(lines) > 1 and all(len(line) <= LINE for line in lines)
    assert [one for line in lines for one in line.split("　")] == [("☑" if code == "working" else "□") + label for code, label in choices]
