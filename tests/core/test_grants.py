"""Tests run as the role that owns nothing, so that a statement which needs the owner fails here first."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.db import ProgrammingError, connection, transaction

from config import env


def who() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user::text")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db
def test_tests_run_as_the_web():
    assert who() == connection.settings_dict["USER"]
    if settings.EMBEDDED_DATABASE:
        assert who() == settings.WEB_ROLE


@pytest.mark.django_db
@pytest.mark.skipif(not (settings.EMBEDDED_DATABASE or env.DATABASE_OWNER_URL), reason="a server of one's own may have one role only")
@pytest.mark.parametrize("statement", ["CREATE TABLE mine (id int)", "ALTER TABLE django_session ADD COLUMN mine int"])
def test_the_web_changes_no_table(statement):
    with pytest.raises(ProgrammingError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_transactional_tests_are_cleared_by_the_web():
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE staging (name text)")
        cursor.execute("INSERT INTO django_session VALUES ('key', 'data', now())")
        cursor.execute("SELECT count(*) FROM django_session")
        assert cursor.fetchone() == (1,)
