"""电话号码不对。"""

from __future__ import annotations

from collections.abc import Iterator

from apps.registers.layouts.block import Block
from apps.registers.layouts.phones import is_phone

CODE = "phone_malformed"
SEVERITY = "warning"
ARTICLE = "电信网编号计划：手机 11 位，固定电话 7–8 位"


def look(block: Block) -> Iterator[tuple[int, str, str]]:
    """Neither a mobile nor a landline number."""
    for column in ("guardian_phone", "phone"):
        for index, _, number in block.both(column):
            if not number or is_phone(number):
                continue
            if len(number) == MOBILE and number[0] == "1" and number.isdecimal():
                yield index, column, "手机号码第二位不对。请向家长核对，缺课时要打这个电话。"
            else:
                yield index, column, "电话号码不对（手机 11 位，座机请带区号）。请向家长核对，缺课时要打这个电话。"


MOBILE = 11
