"""Cases are told how far their three lines are: since when drafted, since when issued."""

from django.db import migrations

TOLD = """
UPDATE cases_case k SET lines_from = told.drafted, lines_signed_on = told.issued FROM (
    SELECT r.case_id, min((r.drafted_at AT TIME ZONE 'Asia/Shanghai')::date) AS drafted, min((r.verified_at AT TIME ZONE 'Asia/Shanghai')::date) AS issued
    FROM reporting_threelinereport r JOIN cases_case c ON c.id = r.case_id
    WHERE c.state <> 'reopened' OR (r.drafted_at AT TIME ZONE 'Asia/Shanghai')::date >= c.state_since
    GROUP BY r.case_id) told
WHERE told.case_id = k.id
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0006_batch_slices"), ("cases", "0011_lines_and_visits")]
    operations = [migrations.RunSQL(TOLD, migrations.RunSQL.noop)]
