"""What was done for a child is never rewritten: the database itself refuses UPDATE and DELETE."""

from django.db import migrations

TABLES = ("cases_climb", "cases_visit", "cases_service", "cases_placementreview", "cases_lesson", "cases_monitoringnote", "cases_attachment")


class Migration(migrations.Migration):
    dependencies = [("cases", "0003_one_child_one_case"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();",
            f"DROP TRIGGER append_only ON {table};",
        )
        for table in TABLES
    ]
