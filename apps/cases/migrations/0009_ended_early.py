"""An exemption may end before its last day: the child is well again."""

from django.db import migrations, models
from django.db.models import F, Q


class Migration(migrations.Migration):
    dependencies = [("cases", "0008_steps")]
    operations = [
        migrations.AddField(model_name="proposal", name="ended_on", field=models.DateField(null=True, verbose_name="提前结束")),
        migrations.AddConstraint(
            model_name="proposal",
            constraint=models.CheckConstraint(
                condition=Q(ended_on=None) | Q(kind="exempt", verdict="agreed", until__gte=F("ended_on")),
                name="ended_early_was_agreed",
                violation_error_message="提前结束的须是已批准、尚未到期的缓学、休学或不具备学习条件。",
            ),
        ),
    ]
