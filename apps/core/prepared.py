"""Statements that are sent so often that planning them anew each time would cost more than running them.

The server plans them once for each connection and whatever the values (settings.PREPARING); what else is sent is planned for its own values.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

import psycopg
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.db.models import Model

M = TypeVar("M", bound=Model)


@contextmanager
def prepared() -> Iterator[CursorWrapper]:
    """A cursor whose statements stay planned. Their values travel apart from the text, so a value alone may want a cast (``%(ids)s::bigint[]``)."""
    connection.ensure_connection()
    planned = connection.make_cursor(psycopg.Cursor(connection.connection))  # type: ignore[arg-type]
    with connection.cursor() if connection.queries_logged else planned as cursor:  # only the usual one can tell a log what was sent
        yield cursor


def columns(model: type[Model], alias: str) -> str:
    """The columns of a model's table under an alias, as ``made`` reads them."""
    return ", ".join(f'{alias}."{field.column}"' for field in model._meta.concrete_fields)


def made(model: type[M], values: Iterator[Any]) -> M:
    """The next object out of a row that holds ``columns``."""
    fields = [field.attname for field in model._meta.concrete_fields]
    return model.from_db(connection.alias, fields, list(islice(values, len(fields))))


def made_if_there(model: type[M], values: Iterator[Any]) -> M | None:
    """The same; None where an outer join found nothing."""
    found = made(model, values)
    return None if found.pk is None else found
