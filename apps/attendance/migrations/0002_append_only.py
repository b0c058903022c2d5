"""Corrections of roll calls and words with guardians are never rewritten: the database itself refuses UPDATE and DELETE."""

from django.db import migrations

TABLES = ("attendance_rollcallchange", "attendance_contact")


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();",
            f"DROP TRIGGER append_only ON {table};",
        )
        for table in TABLES
    ]
