"""Who was named and who went to the door is never rewritten: the database itself refuses UPDATE and DELETE."""

from django.db import migrations

TABLES = ("reporting_responsible", "reporting_visit")


class Migration(migrations.Migration):
    dependencies = [("reporting", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();",
            f"DROP TRIGGER append_only ON {table};",
        )
        for table in TABLES
    ]
