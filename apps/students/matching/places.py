"""The village inside an address, in a form two registers can be compared by."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Final

# 云南省昆明市东川区汤丹镇下营村委会3组 -> 下营 : everything up to the township goes, and the group and house number behind the village.
_ABOVE: Final = re.compile(r"^.*?(?:街道办事处|街道|镇(?!.{0,3}镇)|乡)(?=.)")
_UPPER: Final = re.compile(r"^(?:云南省?)?(?:昆明市?)?(?:东川区?)?")
_VILLAGE: Final = re.compile(r"^(.{1,8}?)(?:村民委员会|居民委员会|村委会|居委会|行政村|社区|村)")
_TAIL: Final = re.compile(r"(?:第?[0-9一二三四五六七八九十]+(?:村民小组|小组|组|社|号|栋|单元|室|幢).*)$")


@lru_cache(maxsize=100_000)
def village_key(address: str) -> str:
    """'汤丹镇下营村3组', '下营村委会3组' and '下营社区' all give '下营'; '' where the address names no place below the township."""
    text = _ABOVE.sub("", address.replace(" ", ""), count=1) or address
    text = _UPPER.sub("", text, count=1) or text
    village = _VILLAGE.match(text)
    return village.group(1) if village else _TAIL.sub("", text)
