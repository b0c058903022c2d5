"""The access matrix of 一生一案: who answers, who was charged, what climbed. Written by hand, as tests/access/table.py."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from apps.cases.models import Case
from tests.access.table import Row

if TYPE_CHECKING:
    from tests.access.world import World

ROWS: dict[str, Row] = {}  # address -> who may
FORMS: dict[str, dict[str, Any]] = {}  # address -> what its page sends
ARGUMENTS: dict[str, str] = {}  # path argument -> what it names


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """Rows of this case whose every free text carries the child's word (``make``)."""
