"""The check of GB 11643-1999 in SQL, so that the linking passes need not fetch every number (core.ids.is_valid_resident says it in Python)."""

from django.db import migrations

CREATE = r"""
CREATE FUNCTION zaixue_valid_resident(number text) RETURNS boolean LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
SELECT CASE
    WHEN number !~ '^[1-9]\d{16}[\dX]$' THEN false
    WHEN substr(number, 7, 4) < '1900' OR substr(number, 11, 2) NOT BETWEEN '01' AND '12' THEN false
    WHEN substr(number, 13, 2)::int NOT BETWEEN 1 AND
        extract(day FROM make_date(substr(number, 7, 4)::int, substr(number, 11, 2)::int, 1) + interval '1 month - 1 day') THEN false
    ELSE substr('10X98765432', 1 + (
        7 * (ascii(substr(number, 1, 1)) - 48) + 9 * (ascii(substr(number, 2, 1)) - 48) + 10 * (ascii(substr(number, 3, 1)) - 48)
        + 5 * (ascii(substr(number, 4, 1)) - 48)
        + 8 * (ascii(substr(number, 5, 1)) - 48)
        + 4 * (ascii(substr(number, 6, 1)) - 48) + 2 * (ascii(substr(number, 7, 1)) - 48) + 1 * (ascii(substr(number, 8, 1)) - 48)
        + 6 * (ascii(substr(number, 9, 1)) - 48) + 3 * (ascii(substr(number, 10, 1)) - 48)
        + 7 * (ascii(substr(number, 11, 1)) - 48) + 9 * (ascii(substr(number, 12, 1)) - 48) + 10 * (ascii(substr(number, 13, 1)) - 48)
        + 5 * (ascii(substr(number, 14, 1)) - 48)
        + 8 * (ascii(substr(number, 15, 1)) - 48)
        + 4 * (ascii(substr(number, 16, 1)) - 48) + 2 * (ascii(substr(number, 17, 1)) - 48)
    ) % 11, 1) = right(number, 1)
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION zaixue_valid_resident(text);")]
