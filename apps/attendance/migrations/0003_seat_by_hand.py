"""A child that came back sits in its class before the registers say so."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("attendance", "0002_append_only")]
    operations = [
        migrations.AddField(model_name="seat", name="entered_at", field=models.DateTimeField(null=True, verbose_name="人工登记时间")),
    ]
