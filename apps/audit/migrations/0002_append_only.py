"""Events are only ever added: the database itself refuses UPDATE and DELETE."""

from django.db import migrations

FORBID = """
CREATE FUNCTION zaixue_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON audit_event FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();
"""
ALLOW = "DROP TRIGGER append_only ON audit_event; DROP FUNCTION zaixue_append_only();"


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]
    operations = [migrations.RunSQL(FORBID, ALLOW)]
