"""The ledger of a case only grows: the database itself refuses UPDATE and DELETE."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("cases", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON cases_caseentry FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();",
            "DROP TRIGGER append_only ON cases_caseentry;",
        )
    ]
