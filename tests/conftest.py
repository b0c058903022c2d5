"""The test database is made by its owner; then every test runs as the web's role, which owns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection, transaction
from django.test import TransactionTestCase
from psycopg import sql
from xdist.scheduler import LoadFileScheduling

from apps.core import grants
from config import env
from config.celery import app
from config.settings import database
from tests.cast import cast as cast  # the fixture of that name, for every test

WEB = database(env.DATABASE_URL, user=settings.WEB_ROLE)
OWNER = database(env.DATABASE_OWNER_URL or env.DATABASE_URL, user=settings.OWNER_ROLE)

settings.WHITENOISE_AUTOREFRESH = True  # no list of all static files is made for every client

Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1  # slow on purpose, elsewhere

app.conf.update(task_always_eager=True, task_eager_propagates=True)  # no test needs a broker but those that start one


LONG = ("tests/browser/", "tests/test_access_matrix.py")  # begun first, that no process is left alone with them at the end
STAY = ["django_migrations", "django_content_type", "auth_permission"]  # written by migrate, and never by a test
TABLES = """
SELECT relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only') FROM pg_class c
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)
"""


class Files(LoadFileScheduling):
    """A file at a time to each process; those of the browser together, for they share one demonstration."""

    def _split_scope(self, nodeid: str) -> str:
        return LONG[0] if nodeid.startswith(LONG[0]) else super()._split_scope(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files:
    return Files(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


def clear(self: TransactionTestCase) -> None:
    """Empty the tables that hold rows. Django's own way makes the files of all tables anew, and the kinds and permissions as well."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(TABLES, [STAY])
        tables = dict(cursor.fetchall())
        cursor.execute(" UNION ALL ".join(f"SELECT '{table}' WHERE EXISTS (SELECT FROM {table})" for table in tables))
        held = [table for (table,) in cursor.fetchall()]
        if kept := [table for table in held if tables[table]]:  # what must not be deleted from, and what leans on it, before any check waits on it
            cursor.execute(f"TRUNCATE {', '.join(kept)} CASCADE")
        for table in held:
            if not tables[table]:
                cursor.execute(f"DELETE FROM {table}")


TransactionTestCase._fixture_teardown = clear


def become(role: dict[str, Any]) -> None:
    """Let the connections made from now on be of this role."""
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(USER=role["USER"], PASSWORD=role.get("PASSWORD", ""))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    connection.settings_dict["OPTIONS"] = {"options": "-c synchronous_commit=off"}  # and no pool
    become(OWNER)


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Grant the web its rights, and here alone TRUNCATE, with which transactional tests are cleared."""
    web = sql.Identifier(str(WEB["USER"]))
    with django_db_blocker.unblock():
        if WEB["USER"] != OWNER["USER"]:
            with connection.cursor() as cursor:
                for statement in grants.for_what_is(str(connection.settings_dict["NAME"]), str(WEB["USER"])):
                    cursor.execute(statement)
                cursor.execute(sql.SQL("GRANT TRUNCATE ON ALL TABLES IN SCHEMA public TO {}").format(web))
        become(WEB)
    yield
    with django_db_blocker.unblock():
        become(OWNER)
