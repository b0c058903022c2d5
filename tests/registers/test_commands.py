"""The commands of DATA.md §3: keys, exit codes, and that the same file again changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from apps.registers.models import Entry, Upload
from apps.schools.models import Region, School, Term

HEADER = "学校标识码,学校名称,乡镇代码,办学类型,是否中心学校"
SCHOOLS = f"{HEADER}\n2153011301,汤丹中心小学,530113102,小学,是\n2153011302,因民中学,530113103,初级中学,否\n12,坏学校,530113102,小学,否\n2153011303,远乡小学,999999999,小学,否\n"
ROLL = "学校标识码,年级,班级,姓名,性别,出生日期\n2153011301,三年级,1班,赵一诺,男,2017-03-01\n2153011301,三年级,1班,,女,2017-04-01\n"


@pytest.fixture(autouse=True)
def _place(db: None, settings: Any, tmp_path: Path) -> None:
    settings.UPLOAD_DIR = tmp_path / "uploads"


def run(*arguments: Any, code: int = 0) -> tuple[dict[str, Any], str]:
    """Standard output read as one line of JSON, and standard error."""
    out, err = StringIO(), StringIO()
    if code:
        with pytest.raises(SystemExit) as ended:
            call_command(*map(str, arguments), "--json", stdout=out, stderr=err)
        assert ended.value.code == code
    else:
        call_command(*map(str, arguments), "--json", stdout=out, stderr=err)
    assert out.getvalue().count("\n") <= 1
    return json.loads(out.getvalue() or "{}"), err.getvalue()


def written(path: Path, text: str, encoding: str = "utf-8") -> Path:
    path.write_text(text, encoding=encoding)
    return path


def test_schools_then_a_roll(tmp_path: Path) -> None:
    file = written(tmp_path / "schools.csv", SCHOOLS, "gb18030")
    first, _ = run("load_schools", file)
    assert {k: first[k] for k in ("rows", "inserted", "updated", "unchanged")} == {"rows": 4, "inserted": 2, "updated": 0, "unchanged": 0}
    assert [(p["row"], p["code"]) for p in first["problems"]] == [(3, "school_code_malformed"), (4, "township_unknown")]
    assert Region.objects.filter(parent_id="530113").count() == 9
    again, _ = run("load_schools", file)
    assert (again["inserted"], again["updated"], again["unchanged"]) == (0, 0, 2)
    moved, _ = run("load_schools", written(file, SCHOOLS.replace("因民中学", "因民初级中学"), "gb18030"))
    assert (moved["updated"], School.objects.get(pk="2153011302").name) == (1, "因民初级中学")

    roll = written(tmp_path / "roll.csv", ROLL)
    checked, _ = run("load_register", "attending", roll, "--term", "2026-2027-1", "--check-only")
    assert (checked["inserted"], Entry.objects.count()) == (1, 0)
    loaded, progress = run("load_register", "attending", roll, "--term", "2026-2027-1", "--school", "2153011301")
    keys = {"upload", "rows", "accepted", "cleaned", "rejected", "inserted", "updated", "unchanged", "missing", "problems", "seconds"}
    assert keys <= set(loaded) and progress
    assert (loaded["rows"], loaded["rejected"], loaded["inserted"]) == (2, 1, 1)
    assert {"row", "column", "code", "message"} <= set(loaded["problems"][0])
    same, _ = run("load_register", "attending", roll, "--term", "2026-2027-1")
    assert (same["inserted"], same["updated"], same["unchanged"], same["missing"]) == (0, 0, 1, 0)
    assert Term.objects.get().is_confirmed is False


def test_refusals(tmp_path: Path) -> None:
    run("load_schools", written(tmp_path / "schools.csv", SCHOOLS))
    broken = tmp_path / "roll.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    said, err = run("load_register", "attending", broken, "--term", "2026-2027-1", code=1)
    assert said["refused"] in err
    assert Upload.objects.get().state == Upload.State.REFUSED
    run("load_register", "attending", tmp_path / "absent.csv", "--term", "2026-2027-1", code=2)
    run("load_register", "attending", broken, "--term", "2026-27", code=2)
    run("load_schools", tmp_path / "absent.csv", code=2)
    run("load_schools", broken, code=1)
    with pytest.raises(CommandError):
        call_command("load_register", "nonsense", str(broken), "--term", "2026-2027-1")
