"""What the web's database role may do: read and write rows, own nothing, create nothing but temporary tables.

Default privileges are kept per database and copied from a template, so the embedded server sets them in ``template1``
(every test database then has them); on a server of one's own ``manage.py grant_web`` sets them in the database itself.
"""

from __future__ import annotations

from psycopg import sql

RIGHTS = (
    ("SELECT, INSERT, UPDATE, DELETE", "TABLES"),
    ("USAGE, SELECT", "SEQUENCES"),
    ("EXECUTE", "FUNCTIONS"),
)


def for_what_comes(owner: str, web: str) -> list[sql.Composed]:
    """Statements: whatever ``owner`` will create in this database, ``web`` may use."""
    return [
        sql.SQL("ALTER DEFAULT PRIVILEGES FOR ROLE {} GRANT {} ON {} TO {}").format(
            sql.Identifier(owner), sql.SQL(rights), sql.SQL(kind), sql.Identifier(web)
        )
        for rights, kind in RIGHTS
    ]


def for_what_is(database: str, web: str) -> list[sql.Composed]:
    """Statements: whatever stands in schema public of this database now, ``web`` may use."""
    role = sql.Identifier(web)
    return [
        sql.SQL("GRANT CONNECT, TEMPORARY ON DATABASE {} TO {}").format(sql.Identifier(database), role),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role),
        *(sql.SQL("GRANT {} ON ALL {} IN SCHEMA public TO {}").format(sql.SQL(rights), sql.SQL(kind), role) for rights, kind in RIGHTS),
    ]
