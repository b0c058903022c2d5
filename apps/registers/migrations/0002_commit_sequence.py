"""Commits are numbered in the order they took effect; a comparison names its input by that number."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("registers", "0001_initial")]
    operations = [migrations.RunSQL("CREATE SEQUENCE registers_commit_seq;", "DROP SEQUENCE registers_commit_seq;")]
