"""Fresh statistics for the planner: workers own no table, so the owner lends them one function that does only this."""

from django.db import migrations

CREATE = """
CREATE FUNCTION zaixue_analyze(phase text) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    CASE phase
    WHEN 'duplicates' THEN
        ANALYZE registers_entry (id, kind, district_code, upload_id, school_code, superseded_by_id, ended_by_id, document_id, child_id);
        ANALYZE registers_upload;
        ANALYZE students_iddocument (id);
    WHEN 'link1' THEN
        ANALYZE reconciliation_runline (run_id, kind, entry_id, document, student);
    WHEN 'group' THEN
        ANALYZE reconciliation_link (run_id, left_id, right_id, left_kind, right_kind);
    WHEN 'classify' THEN
        ANALYZE registers_entry (child_id);
        ANALYZE reconciliation_childclass (run_id, child_id, township_code, school_code, household_id, enrollment_id, attending_id);
        ANALYZE students_child (id);
    ELSE
        NULL;
    END CASE;
END $$;
"""


class Migration(migrations.Migration):
    dependencies = [("reconciliation", "0002_valid_resident"), ("registers", "0002_commit_sequence")]
    operations = [migrations.RunSQL(CREATE, "DROP FUNCTION zaixue_analyze(text);")]
