"""Who was named to bring a child back becomes a holder of a post of the two lines, for that child alone (cases.Guarantor): one mechanism.

The last named of a duty answers on; who was named before answers up to the day before (named on one day: that day). Cases whose three lines
are all out learn the day.
"""

from datetime import timedelta
from itertools import pairwise

from django.db import migrations
from django.utils import timezone

from apps.cases.rules.duties import DEFAULTS

CODES = {"township": "gov_township_cadre", "village": "gov_village"}


def ensure(Duty, district):
    """The twelve of the default for a district that has no posts."""
    if not Duty.objects.filter(district_code=district).exists():
        Duty.objects.bulk_create(
            Duty(district_code=district, code=post.code, line=post.line, level=post.level, label=post.label, order=order)
            for order, post in enumerate(DEFAULTS, 1)
        )
    return {duty.code: duty.pk for duty in Duty.objects.filter(district_code=district)}


def copy(apps, schema_editor):
    Responsible, Guarantor, Duty = (apps.get_model(*name.split(".")) for name in ("reporting.Responsible", "cases.Guarantor", "cases.Duty"))
    posts, chains = {}, {}
    for one in Responsible.objects.select_related("report").order_by("named_at", "id"):
        chains.setdefault((one.report.case_id, one.duty), []).append(one)
    rows = []
    for (case, duty), named in chains.items():
        district = named[0].report.district_code
        if district not in posts:
            posts[district] = ensure(Duty, district)
        codes = posts[district]
        days = [timezone.localtime(one.named_at).date() for one in named]
        ends = [max(day, after - timedelta(1)) for day, after in pairwise(days)] + [None]
        rows += [
            Guarantor(
                duty_id=codes[CODES[duty]], district_code=district, case_id=case, name=one.name, phone=one.phone, first_day=day, last_day=end,
                named_at=one.named_at, by_name=one.by_name, by_title=one.by_title,
            )
            for one, day, end in zip(named, days, ends, strict=True)
        ]  # fmt: skip
    Guarantor.objects.bulk_create(rows, batch_size=1000)


COMPLETE = """
UPDATE cases_case k SET lines_on = told.day FROM (
    SELECT r.case_id, min(d.day) AS day FROM reporting_threelinereport r JOIN LATERAL (
        SELECT max((l.sent_at AT TIME ZONE 'Asia/Shanghai')::date) AS day, count(*) FILTER (WHERE l.sent_at IS NOT NULL) AS sent
        FROM reporting_line l WHERE l.report_id = r.id AND l.kind IN ('platform', 'township', 'bureau')) d ON d.sent = 3
    GROUP BY r.case_id) told
WHERE told.case_id = k.id AND k.lines_on IS NULL
"""


class Migration(migrations.Migration):
    dependencies = [("reporting", "0003_file_batch"), ("cases", "0006_twelve")]
    operations = [
        migrations.RunPython(copy, migrations.RunPython.noop),
        migrations.RunSQL(COMPLETE, migrations.RunSQL.noop),
        migrations.RunSQL("DROP TRIGGER append_only ON reporting_responsible;", migrations.RunSQL.noop),
        migrations.DeleteModel("Responsible"),
    ]
