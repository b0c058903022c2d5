"""The test database is made by its owner; then every test runs as the web's role, which owns nothing."""

from __future__ import annotations

import gc
import hashlib
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.hashers import Argon2PasswordHasher
from django.db import connection
from django.template import Context, RequestContext, Template
from django.test import TransactionTestCase
from django.test.signals import template_rendered
from psycopg import sql
from xdist.scheduler import LoadFileScheduling

from apps.core import grants
from config import env
from config.celery import app
from config.settings import database
from tests.cast import cast as cast  # the fixture of that name, for every test
from tests.clearing import clear

ROOT = Path(__file__).resolve().parent.parent
MODEL = "model_zaixue"
WEB = database(env.DATABASE_URL, user=settings.WEB_ROLE)
OWNER = database(env.DATABASE_OWNER_URL or env.DATABASE_URL, user=settings.OWNER_ROLE)

settings.WHITENOISE_AUTOREFRESH = True  # no list of all static files is made for every client

Argon2PasswordHasher.time_cost, Argon2PasswordHasher.memory_cost, Argon2PasswordHasher.parallelism = 1, 8, 1  # slow on purpose, elsewhere

app.conf.update(task_always_eager=True, task_eager_propagates=True)  # no test needs a broker but those that start one


# Begun first and in this order, that no process is left alone with them at the end. The demonstration's days are many rows in one
# transaction: a database in which others have come and gone has statistics that lead astray.
LONG = ("tests/browser/", "tests/dashboards/test_demo", "tests/test_access_matrix.py")


class Files(LoadFileScheduling):
    """A file at a time to each process; those of the browser together, for they share one demonstration, and the access matrix role by role."""

    def _split_scope(self, nodeid: str) -> str:
        if nodeid.startswith(LONG[0]):
            return LONG[0]
        file, _, test = nodeid.partition("::")
        return f"{file}[{test.partition('[')[2]}" if file == LONG[-1] else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Files:
    return Files(config, log)


def rank(item: pytest.Item) -> tuple[int, bool]:
    """The browser, which waits for a demonstration of its own while another process makes the model below; the matrix; the rest."""
    return next((n for n, long in enumerate(LONG) if item.nodeid.startswith(long)), len(LONG)), "site" not in getattr(item, "fixturenames", ())


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=rank)


def pytest_collection_finish() -> None:
    """What is loaded by now stays: it need not be looked through for garbage again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


TransactionTestCase._fixture_teardown = lambda self: clear()


def rendered(self: Template, context: Context) -> str:
    """Tell the test's browser of a page, with a copy of what it was given; not of every piece and every field in it as Django's own does."""
    if context.template is self and isinstance(context, RequestContext):
        template_rendered.send(sender=self, template=self, context=context)
    return str(self.nodelist.render(context))


@pytest.fixture(scope="session", autouse=True)
def told_of_pages_alone(django_test_environment: None) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Template, "_render", rendered)
        yield


def become(role: dict[str, Any]) -> None:
    """Let the connections made from now on be of this role."""
    connection.close()
    connection.close_pool()
    connection.settings_dict.update(USER=role["USER"], PASSWORD=role.get("PASSWORD", ""))


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: Any) -> None:
    connection.settings_dict["OPTIONS"] = {"options": "-c synchronous_commit=off"}  # and no pool
    become(OWNER)
    with django_db_blocker.unblock():
        connection.settings_dict["TEST"]["TEMPLATE"] = model()


def model() -> str:
    """The database that every test database is a copy of: migrated once, and again when a migration has changed.

    The copy is migrated as well; it finds nothing left to do.
    """
    sources = [*sorted(ROOT.glob("apps/*/migrations/*.py")), ROOT / "requirements.txt"]
    name = f"{MODEL}_{hashlib.sha256(b''.join(source.read_bytes() for source in sources)).hexdigest()[:16]}"
    with alone() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [MODEL])
        found = {made for (made,) in cursor.fetchall()}
        if name not in found:
            for old in found:
                cursor.execute(sql.SQL("DROP DATABASE {}").format(sql.Identifier(old)))
            migrate(MODEL)
            cursor.execute(sql.SQL("ALTER DATABASE {} RENAME TO {}").format(sql.Identifier(MODEL), sql.Identifier(name)))
    return name


@contextmanager
def alone() -> Iterator[Any]:
    """A connection beside all test databases, held by one process at a time."""
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT pg_advisory_lock(%s)", [zlib.crc32(MODEL.encode())])
        yield cursor


def migrate(name: str) -> None:
    """Make a database of this name with all tables."""
    own, test = connection.settings_dict["NAME"], connection.settings_dict["TEST"]
    given, test["NAME"] = test["NAME"], name
    connection.creation.create_test_db(verbosity=0, serialize=False)
    connection.close()
    test["NAME"] = given
    connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = own


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
