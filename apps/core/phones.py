"""What a telephone number looks like."""

from __future__ import annotations

import re

PHONE = re.compile(r"1\d{10}|0\d{2,3}-?\d{7,8}", re.ASCII)
WORDS = "请填写 11 位手机号，或带区号的座机号，如 0871-6212345。"


def is_phone(text: str) -> bool:
    """A mobile number of 11 digits, or a landline with its area code; spaces do not count."""
    return bool(PHONE.fullmatch("".join(text.split())))
