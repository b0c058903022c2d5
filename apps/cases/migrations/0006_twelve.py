"""The posts of the two lines for districts that work here already: the twelve of the default, to be edited by the bureau."""

from django.db import migrations

from apps.cases.rules.duties import DEFAULTS


def twelve(apps, schema_editor):
    Duty, Term = apps.get_model("cases", "Duty"), apps.get_model("schools", "Term")
    held = set(Duty.objects.values_list("district_code", flat=True))
    Duty.objects.bulk_create(
        Duty(district_code=district, code=post.code, line=post.line, level=post.level, label=post.label, order=order)
        for district in sorted(set(Term.objects.values_list("district_code", flat=True)) - held)
        for order, post in enumerate(DEFAULTS, 1)
    )


class Migration(migrations.Migration):
    dependencies = [("cases", "0005_origin_by_hand"), ("schools", "0003_one_child_one_case")]
    operations = [migrations.RunPython(twelve, migrations.RunPython.noop)]
