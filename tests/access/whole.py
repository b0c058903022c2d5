"""The whole access matrix: the table, and beside it one file for each kind of work on a case."""

from __future__ import annotations

from tests.access import case_back, case_duties, case_files, case_life, case_steps, table
from tests.access.forms import LINES

PARTS = (case_life, case_duties, case_steps, case_back, case_files)
TABLE = table.TABLE | {name: row for part in PARTS for name, row in part.ROWS.items()}
ARGUMENTS = table.ARGUMENTS | {name: what for part in PARTS for name, what in part.ARGUMENTS.items()}
FORMS = LINES | {name: form for part in PARTS for name, form in part.FORMS.items()}
