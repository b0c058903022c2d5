"""The natural key of a row within its register: what makes two rows of two uploads the same row."""

from __future__ import annotations

from apps.registers.layouts.block import Block
from apps.registers.layouts.kinds import Kind

SEPARATOR = "|"


def natural_keys(block: Block) -> list[str]:
    """One key per row (never empty for a row with a name): student number, ID number, household and member, or the words of the row."""
    numbers = block.column("id_number")
    if block.kind in (Kind.ENROLLMENT, Kind.ATTENDING):
        known = [student or number for student, number in zip(block.column("student_number"), numbers, strict=True)]
        return known if all(known) else [one or words for one, words in zip(known, _school_words(block), strict=True)]
    if block.kind == Kind.MONITORED:
        members = block.column("member_number")
        return [
            f"{household}{SEPARATOR}{number or member or name}"
            for household, number, member, name in zip(block.column("household_number"), numbers, members, block.column("name_key"), strict=True)
        ]
    if all(numbers):
        return numbers
    words = _household_words(block) if block.kind == Kind.HOUSEHOLD else _survey_words(block)
    return [number or found for number, found in zip(numbers, words, strict=True)]


def _joined(block: Block, *columns: str) -> list[str]:
    return [SEPARATOR.join(parts) for parts in zip(*(block.column(column) for column in columns), strict=True)]


def _school_words(block: Block) -> list[str]:
    schools = [code or name for code, name in zip(block.column("school_code"), block.column("school_name"), strict=True)]
    rest = _joined(block, "grade", "class_name", "name_key", "birth_date")
    return [f"{school}{SEPARATOR}{words}" for school, words in zip(schools, rest, strict=True)]


def _household_words(block: Block) -> list[str]:
    return _joined(block, "household_number", "name_key", "birth_date")


def _survey_words(block: Block) -> list[str]:
    return _joined(block, "name_key", "birth_date", "guardian_key", "village_name")
