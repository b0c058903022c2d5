"""A lesson written down wrongly is taken back by another line."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("cases", "0006_twelve")]
    operations = [
        migrations.AddField(
            model_name="lesson",
            name="voids",
            field=models.OneToOneField(
                null=True, on_delete=django.db.models.deletion.PROTECT, related_name="voided_by", to="cases.lesson", verbose_name="作废的记录"
            ),
        ),
    ]
