"""Visits and the numbers of papers move to the cases: one mechanism for both. Each visit keeps its line of the ledger, or is given one."""

from django.db import migrations
from django.db.models import F, Max
from django.db.models.functions import Coalesce, Greatest

BATCH = 500
WAYS = {"home": "入户", "phone": "电话", "elsewhere": "在外地当面"}
RESULTS = {"back": "已返校", "promised": "答应返校", "refused": "不愿返校", "guardian": "只见到家长", "nobody": "没有见到人"}


def line_of(visit):
    """What the ledger was told of a visit when it was logged."""
    promised = f"（{visit.promised_on.month}月{visit.promised_on.day}日）" if visit.promised_on else ""
    return f"{WAYS[visit.way]}：{visit.visitors}，{RESULTS[visit.result]}{promised}。{visit.text}"[:1000]


def move_visits(apps, schema_editor):
    old, new = apps.get_model("reporting", "Visit"), apps.get_model("cases", "Visit")
    Entry, Case = apps.get_model("cases", "CaseEntry"), apps.get_model("cases", "Case")
    used = set(new.objects.values_list("entry_id", flat=True))
    rows = []
    for visit in old.objects.select_related("report").order_by("pk").iterator(BATCH):
        case = visit.report.case_id
        told = {"case_id": case, "written_at": visit.written_at, "by_name": visit.by_name, "by_title": visit.by_title, "text": line_of(visit)}
        entry = Entry.objects.filter(**told).exclude(pk__in=used).order_by("pk").first()
        if entry is None:
            entry = Entry.objects.create(kind="call" if visit.way == "phone" else "visit", happened_on=visit.day, is_progress=True, data={}, **told)
        used.add(entry.pk)
        rows.append(
            new(
                case_id=case, entry_id=entry.pk, day=visit.day, way=visit.way, visitors=visit.visitors, spoke_with=visit.spoke_with, text=visit.text,
                outcome=visit.result, whereabouts=visit.whereabouts, promised_on=visit.promised_on, is_local=visit.is_local,
                written_at=visit.written_at, by_name=visit.by_name, by_title=visit.by_title,
            )
        )  # fmt: skip
    new.objects.bulk_create(rows, batch_size=BATCH)
    for case, day in new.objects.filter(entry__in=[row.entry_id for row in rows]).values_list("case").annotate(last=Max("day")):
        Case.objects.filter(pk=case).update(progress_on=Greatest(Coalesce("progress_on", "opened_on"), day))


def move_numbers(apps, schema_editor):
    old, new = apps.get_model("reporting", "NumberSeries"), apps.get_model("cases", "NumberSeries")
    for series in old.objects.all():
        made, _ = new.objects.get_or_create(issuer=series.issuer, year=series.year)
        new.objects.filter(pk=made.pk).update(last=Greatest(F("last"), series.last))


class Migration(migrations.Migration):
    dependencies = [("reporting", "0004_guarantors"), ("cases", "0008_steps")]
    operations = [
        migrations.RunPython(move_visits, migrations.RunPython.noop),
        migrations.RunPython(move_numbers, migrations.RunPython.noop),
        migrations.RunSQL("SET CONSTRAINTS ALL IMMEDIATE", migrations.RunSQL.noop),
        migrations.DeleteModel("Visit"),
        migrations.DeleteModel("NumberSeries"),
    ]
