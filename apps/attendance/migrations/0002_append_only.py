"""Corrections of roll calls and words with guardians are never rewritten: the database itself refuses UPDATE and DELETE.

A contact may only follow its pupil: where two children turned out to be one, to the one who stays (queries/seats.py FOLLOW).
"""

from django.db import migrations

FOLLOWS = """
CREATE FUNCTION zaixue_only_follows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'UPDATE' AND to_jsonb(NEW) - 'child_id' = to_jsonb(OLD) - 'child_id'
        AND EXISTS (SELECT 1 FROM students_child c WHERE c.id = OLD.child_id AND c.merged_into_id = NEW.child_id) THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'integrity_constraint_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attendance_contact FOR EACH ROW EXECUTE FUNCTION zaixue_only_follows();
"""


class Migration(migrations.Migration):
    dependencies = [("attendance", "0001_initial"), ("audit", "0002_append_only")]
    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON attendance_rollcallchange FOR EACH ROW EXECUTE FUNCTION zaixue_append_only();",
            "DROP TRIGGER append_only ON attendance_rollcallchange;",
        ),
        migrations.RunSQL(FOLLOWS, "DROP TRIGGER append_only ON attendance_contact; DROP FUNCTION zaixue_only_follows();"),
    ]
