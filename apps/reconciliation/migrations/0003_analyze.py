"""Fresh statistics for the planner: workers own no table, so the owner lends them one function that does only this."""

from django.db import migrations

CREATE = """
CREATE FUNCTION zaixue_analyze() RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    ANALYZE registers_entry;
    ANALYZE registers_upload;
    ANALYZE students_child;
    ANALYZE students_iddocument;
    ANALYZE reconciliation_link;
    ANALYZE reconciliation_childclass;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0002_valid_resident"), ("registers", "0002_commit_sequence")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION zaixue_analyze();")]
