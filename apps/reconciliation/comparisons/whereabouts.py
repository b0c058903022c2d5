"""Where a school lies, by its code or by the names of places in what a register says of it. Pure: the tree of places is given."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from apps.registers.layouts.codes import NATIONS

PROVINCE, PREFECTURE = 2, 4  # digits of their codes (GB/T 2260)
PEOPLES = "|".join(NATIONS)
SUFFIX = re.compile(f"(?:特别行政区|(?:(?:{PEOPLES})族|维吾尔)*自治[区州县]|[省市州县区])$")
STREET = "(?!.{0,2}[路街巷]|大道)"  # 北京路小学 stands in Kunming
NO_PLACE = {"中山"}  # schools all over the country bear this name
SCHOOL_CODE = re.compile("[0-9]{10}")
BY_KIND = "123"  # a national school code begins with the kind of school, then the province; older local ones with the place


@dataclass(frozen=True, slots=True)
class Tree:
    """Names of places as people write them, long before short, and the code each stands for."""

    pattern: re.Pattern[str]
    codes: dict[str, str]

    @classmethod
    def of(cls, places: Iterable[tuple[str, str]]) -> Self:
        """From (code, official name) of provinces, prefectures and counties; 曲靖市 is also called 曲靖, 会泽县 only at the very beginning 会泽."""
        codes: dict[str, str] = {}
        short: dict[str, str] = {}
        for code, name in sorted(places):
            codes.setdefault(name, code)
            stem = SUFFIX.sub("", name)
            if len(stem) > 1 and stem != name and stem not in NO_PLACE:
                words = re.escape(stem) + STREET
                short.setdefault(stem, words if len(code) <= PREFECTURE else f"^{words}")
                codes.setdefault(stem, code)
        words = [re.escape(name) for name in sorted(codes.keys() - short.keys(), key=len, reverse=True)] + list(short.values())
        return cls(re.compile("|".join(words) or "(?!)"), codes)

    def place(self, school: str) -> str:
        """Code of the place a school lies in, as exact as its name or code tells; '' where neither does.

        Addresses go from the large to the small, so the first name met decides."""
        text = "".join(school.split())
        if SCHOOL_CODE.fullmatch(text):
            inner = text[PROVINCE : 2 * PROVINCE]
            return inner if text[0] in BY_KIND and inner in self.codes.values() else text[:6]
        found = self.pattern.search(text)
        return self.codes[found[0]] if found else ""
