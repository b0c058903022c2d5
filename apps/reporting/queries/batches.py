"""Locks of the zips: one slice at a time over all workers, one question at a time of a post."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def alone() -> Iterator[bool]:
    """Whether nobody else makes zips now. The lock is the connection's: that of a killed worker is free at once."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtextextended('batches', 0))")
        mine = bool(cursor.fetchone()[0])
    try:
        yield mine
    finally:
        if mine:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtextextended('batches', 0))")


def wait_for_post(post_id: int) -> None:
    """Until the transaction ends nobody else asks for a zip as this post."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('batch:' || %s::text, 0))", [post_id])
