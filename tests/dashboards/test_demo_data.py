"""The demonstration is loaded by the same actions as real files, complete and only once."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.accounts.models import Post, User
from apps.accounts.roles import BY_CODE
from apps.registers.models import Entry
from apps.schools.models import Catchment, Region, SchoolClass, Term
from apps.students.models import Child

pytestmark = pytest.mark.django_db


def test_a_small_district(settings: Any, tmp_path: Path) -> None:
    settings.VAR_DIR, settings.UPLOAD_DIR = tmp_path, tmp_path / "uploads"
    out = StringIO()
    call_command("demo_data", pupils=500, json=True, stdout=out, stderr=StringIO())
    told = json.loads(out.getvalue())
    assert told["registers"]["enrollment"]["rows"] >= 500
    assert all(counts["rows"] and not counts["rejected"] for counts in told["registers"].values())
    assert set(Entry.objects.values_list("kind", flat=True)) == {"enrollment", "household", "attending", "monitored", "survey"}
    assert not Entry.objects.filter(kind="attending", school_id=told["tour_school"]).exists()
    assert Path(told["tour_file"]).is_file()
    assert Region.objects.filter(level="village").count() == 170
    assert Catchment.objects.count() == 340
    assert Term.objects.get().is_confirmed
    assert Child.objects.exclude(village_code="").exists()
    logins = json.loads((tmp_path / "demo_logins.json").read_text(encoding="utf-8"))
    others, row = set(Post.objects.filter(user__username__regex=r"^teacher\d\d$").values_list("user__username", flat=True)), logins.pop()
    assert {one["username"] for one in logins} == set(Post.objects.values_list("user__username", flat=True)) - others
    assert row["username"] == f"{min(others)} … {max(others)}" and len(logins) <= 16
    taught = Post.objects.filter(role="head_teacher", school_id=told["tour_school"]).values("school_class")
    assert not SchoolClass.objects.filter(school_id=told["tour_school"], school_year=2026).exclude(pk__in=taught).exists()
    assert set(BY_CODE) == set(Post.objects.values_list("role", flat=True))
    assert all(User.objects.get(username=row["username"]).check_password(row["password"]) for row in logins[:2])
    with pytest.raises(CommandError, match="已有数据"):
        call_command("demo_data", pupils=500, stderr=StringIO())
