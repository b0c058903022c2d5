"""What the registers look like: headings → fields, cells → values. Plain Python, no Django, nothing stored (DATA.md §1)."""

from apps.registers.layouts.headings import Heading, locate
from apps.registers.layouts.kinds import KINDS, Kind, Layout
from apps.registers.layouts.staged import STAGED_COLUMNS

__all__ = ["KINDS", "STAGED_COLUMNS", "Heading", "Kind", "Layout", "locate"]
