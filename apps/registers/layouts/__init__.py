"""What the registers look like: headings → fields, cells → values. Plain Python, no Django, nothing stored (DATA.md §1)."""

from apps.registers.layouts.headings import Heading, locate
from apps.registers.layouts.kinds import KINDS, Kind, Layout
from apps.registers.layouts.staged import JSON_COLUMNS, NULL_COLUMNS, NUMBER_COLUMNS, STAGED_COLUMNS

__all__ = ["JSON_COLUMNS", "KINDS", "NULL_COLUMNS", "NUMBER_COLUMNS", "STAGED_COLUMNS", "Heading", "Kind", "Layout", "locate"]
