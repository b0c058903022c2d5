"""Reads over uploads, staged rows and lines."""

from apps.registers.queries.difference import DifferenceRow, FieldChange, difference_counts, difference_rows
from apps.registers.queries.overview import Place, Workload, coverage, current_uploads, kinds_of, workload

__all__ = [
    "DifferenceRow",
    "FieldChange",
    "Place",
    "Workload",
    "coverage",
    "current_uploads",
    "difference_counts",
    "difference_rows",
    "kinds_of",
    "workload",
]
