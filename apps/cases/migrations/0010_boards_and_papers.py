from django.db import migrations, models
from django.db.models import Q

ENDED = ["cleared", "closed", "merged"]
# Once, for what lies there already: the proofs of an exemption, a suspension, an illness, a death, and the advice of the panel.
MEDICAL = """
ALTER TABLE cases_attachment DISABLE TRIGGER append_only;
UPDATE cases_attachment a SET is_medical = true
WHERE a.label = '残疾人教育专家委员会建议' OR EXISTS (
    SELECT FROM cases_proposal p WHERE p.entry_id = a.entry_id AND (
        p.kind = 'exempt' OR (p.kind, p.basis) IN (('clear', 'suspension'), ('pause', 'illness'), ('close', 'died'))));
ALTER TABLE cases_attachment ENABLE TRIGGER append_only;
"""


class Migration(migrations.Migration):
    dependencies = [("cases", "0009_ended_early")]
    operations = [
        migrations.RemoveIndex(model_name="case", name="case_by_deadline"),
        migrations.AddIndex(
            model_name="case",
            index=models.Index(
                condition=~Q(state__in=ENDED),
                fields=["district_code", "due_on"],
                include=("state", "task", "owner_role", "owner_region", "climbed", "township_code", "school", "child", "id"),
                name="case_by_deadline",
            ),
        ),
        migrations.AddField(model_name="attachment", name="is_medical", field=models.BooleanField(db_default=False, verbose_name="医学材料")),
        migrations.RunSQL(MEDICAL, migrations.RunSQL.noop),
    ]
