"""The test database is made by its owner; then every test runs as the web's role, which owns nothing."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings
from django.db import connection
from psycopg import sql

from apps.core import grants
from config import env
from config.celery import app
from config.settings import database
from tests.cast import cast as cast  # the fixture of that name, for every test

WEB = database(env.DATABASE_URL, user=settings.WEB_ROLE)
OWNER = database(env.DATABASE_OWNER_URL or env.DATABASE_URL, user=settings.OWNER_ROLE)

settings.WHITENOISE_AUTOREFRESH = True  # no list of all static files is made for every client

app.conf.update(task_always_eager=True, task_eager_propagates=True)  # no test needs a broker but those that start one


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
