"""What the processes write into their logs: never a whole number of a child."""

from __future__ import annotations

import logging

from apps.core.ids import hide_numbers


class HidingFormatter(logging.Formatter):
    """A line and its traceback with whole numbers masked: the database names the row in its errors (Key (number)=…, COPY … line 5)."""

    def format(self, record: logging.LogRecord) -> str:
        return hide_numbers(super().format(record))
