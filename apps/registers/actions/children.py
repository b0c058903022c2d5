"""Which child a line is of, and what is known of each child now.

Only the safe exact rule joins lines here: an equal number *and* an equal name or birth date (DOMAIN.md §2). Everything less sure is
the comparison's work.
"""

from __future__ import annotations

from typing import Any

from django.db.backends.utils import CursorWrapper

# Registers in the order in which they are believed: who a child is and where it learns; where it lives.
PERSON = ("enrollment", "household", "attending", "monitored", "survey")
HOME = ("household", "monitored", "survey", "enrollment", "attending")
AGREE = "(e.name_key = i.name_key OR e.birth_date = i.birth_date)"


def find(cursor: CursorWrapper, values: dict[str, Any]) -> None:
    """Give the new rows of ``incoming`` a child already known by the safe exact rule, else leave them their new number (``is_fresh``).

    Before the documents of the rows are written: lines have no index by number and are read through only where one was seen before.
    """
    _known_by(cursor, "document", values)
    _known_by(cursor, "student_document", values)
    _same_child_in_file(cursor)


def _known_by(cursor: CursorWrapper, column: str, values: dict[str, Any]) -> None:
    """The child of any line, standing or past, with the same number; a merged child stands for what it was merged into."""
    cursor.execute(
        "UPDATE incoming i SET child = k.child, is_fresh = false FROM (SELECT DISTINCT ON (i.row) i.row, coalesce(c.merged_into_id, c.id) AS child"
        f" FROM (SELECT * FROM incoming i WHERE i.is_fresh AND EXISTS (SELECT FROM students_iddocument d WHERE d.id = i.{column})) i"
        f" JOIN registers_entry e ON e.{column}_id = i.{column} AND {AGREE} AND e.district_code = %(district)s"
        " JOIN students_child c ON c.id = e.child_id ORDER BY i.row, e.id DESC) k WHERE k.row = i.row",
        values,
    )


def _same_child_in_file(cursor: CursorWrapper) -> None:
    """Of several new rows of one child (enrolled in two schools) the first leads and the others follow."""
    pairs = " UNION ALL ".join(
        f"SELECT i.row, e.row AS leader FROM twice i JOIN twice e ON e.{column} = i.{column} AND e.row < i.row AND {AGREE}"
        for column in ("document", "student_document")
    )
    cursor.execute(
        "WITH RECURSIVE twice AS MATERIALIZED (SELECT row, name_key, birth_date, document, student_document FROM incoming"
        " WHERE is_fresh AND is_repeated),"
        f" led AS MATERIALIZED (SELECT row, min(leader) AS leader FROM ({pairs}) p GROUP BY row),"
        " first AS (SELECT row, leader FROM led UNION SELECT f.row, l.leader FROM first f JOIN led l ON l.row = f.leader)"
        " UPDATE incoming i SET child = l.child, is_fresh = false FROM (SELECT row, min(leader) AS leader FROM first GROUP BY row) f"
        " JOIN incoming l ON l.row = f.leader WHERE i.row = f.row"
    )


# Child column → (column of the line, order in which registers are believed).
FACTS = {
    "name": ("name", PERSON),
    "pinyin": ("pinyin", PERSON),
    "initials": ("initials", PERSON),
    "sex": ("sex", PERSON),
    "birth_date": ("birth_date", PERSON),
    "ethnicity": ("ethnicity", PERSON),
    "document_id": ("document_id", PERSON),
    "id_masked": ("id_masked", PERSON),
    "guardian_name": ("guardian_name", PERSON),
    "guardian_phone": ("guardian_phone", PERSON),
    "address": ("address", HOME),
    "township_code": ("township_code", HOME),
    "village_code": ("village_code", HOME),
    "school_code": ("school_code", PERSON),
    "school_class_id": ("school_class_id", PERSON),
    "grade": ("grade", PERSON),
}
NULLABLE = frozenset({"birth_date", "document_id", "school_code", "school_class_id", "grade"})


def refresh(cursor: CursorWrapper, touched: set[int]) -> None:
    """Say anew what is known of some children, from their lines alone: standing lines first, then by register, then the newest.

    A function of the lines and nothing else: that is what makes undo exact.
    """
    if not touched:
        return
    orders = {order: f"stands DESC, array_position(ARRAY{list(order)!r}, kind::text), id DESC" for order in (PERSON, HOME)}
    facts = []
    for name, (column, order) in FACTS.items():
        given = f"{column} IS NOT NULL" if name in NULLABLE else f"{column} <> ''"
        empty = "" if name in NULLABLE else ", ''"
        first = f"(array_agg({column} ORDER BY {orders[order]}) FILTER (WHERE {given}))[1]"
        facts.append(f"{'coalesce(' + first + empty + ')' if empty else first} AS {name}")
    names = ", ".join(FACTS)
    cursor.execute(
        f"UPDATE students_child c SET ({names}) = ROW({', '.join('f.' + n for n in FACTS)}) FROM (SELECT child_id, {', '.join(facts)}"
        " FROM (SELECT e.*, e.ended_by_id IS NULL AS stands FROM registers_entry e"
        " WHERE e.child_id = ANY(%(touched)s) AND e.superseded_by_id IS NULL) e GROUP BY child_id) f"
        f" WHERE c.id = f.child_id AND ({', '.join('c.' + n for n in FACTS)}) IS DISTINCT FROM ({', '.join('f.' + n for n in FACTS)})",
        {"touched": sorted(touched)},
    )


def touched_by(cursor: CursorWrapper) -> set[int]:
    """The children that existed before this commit and of whom it says something, or says that they are missing."""
    cursor.execute("SELECT child FROM incoming WHERE change <> 'unchanged' AND NOT is_fresh UNION SELECT child_id FROM missing")
    return {child for (child,) in cursor.fetchall()}
