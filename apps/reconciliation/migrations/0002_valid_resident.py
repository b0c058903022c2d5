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
        SELECT sum(weight * substr(number, place::int, 1)::int)::int % 11
        FROM unnest(ARRAY[7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2]) WITH ORDINALITY AS w(weight, place)
    ), 1) = right(number, 1)
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0001_initial"), ("audit", "0002_append_only")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION zaixue_valid_resident(text);")]
