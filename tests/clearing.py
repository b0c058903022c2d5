"""How the tables are emptied after tests that commit."""

from __future__ import annotations

from django.db import connection, transaction

STAY = ["django_migrations", "django_content_type", "auth_permission"]  # written by migrate, and never by a test
TABLES = """
SELECT relname, EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'append_only') FROM pg_class c
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)
"""


def clear() -> None:
    """Empty the tables that hold rows. Django's own way (flush) makes the files of all tables anew, and empties the kinds and permissions as
    well: a kind that the next test then makes goes with that test, and is still remembered by the one after it."""
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
