"""The commands of DATA.md §3: keys, exit codes, and that the same file again changes nothing."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

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
        with pytest.raises(CommandError) as ended:
            call_command(*map(str, arguments), "--json", stdout=out, stderr=err)
        assert ended.value.returncode == code
        assert json.loads(out.getvalue())["refused"] == str(ended.value)
    else:
        call_command(*map(str, arguments), "--json", stdout=out, stderr=err)
    assert out.getvalue().count("\n") == 1
    return json.loads(out.getvalue()), err.getvalue()


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
    assert keys <= set(loaded)
    steps = progress.splitlines()
    assert steps[:2] == ["正在检查文件是否安全完整", "正在读取"]
    assert (steps[2], steps[-1]) == ("正在读取并逐行检查 已读 2 行，已检查 0 行", "正在与现有名册比对 已读 2 行，已检查 2 行")
    assert (loaded["rows"], loaded["rejected"], loaded["inserted"]) == (2, 1, 1)
    assert {"row", "column", "code", "message"} <= set(loaded["problems"][0])
    assert (loaded["problems"][0]["row"], loaded["problems"][0]["sheet_row"]) == (2, 3)
    same, _ = run("load_register", "attending", roll, "--term", "2026-2027-1")
    assert (same["inserted"], same["updated"], same["unchanged"], same["missing"]) == (0, 0, 1, 0)
    assert Term.objects.get().is_confirmed is False


def test_refusals(tmp_path: Path) -> None:
    run("load_schools", written(tmp_path / "schools.csv", SCHOOLS))
    broken = tmp_path / "roll.xlsx"
    broken.write_bytes(b"PK\x03\x04 no workbook")
    said, _ = run("load_register", "attending", broken, "--term", "2026-2027-1", code=1)
    assert said["code"] not in ("", "refused")
    assert Upload.objects.get().state == Upload.State.REFUSED
    said, _ = run("load_register", "attending", tmp_path / "absent.csv", "--term", "2026-2027-1", code=2)
    assert said == {"refused": f"没有这个文件：{tmp_path / 'absent.csv'}", "code": "no_file"}
    run("load_register", "attending", broken, "--term", "2026-27", code=2)
    run("load_schools", tmp_path / "absent.csv", code=2)
    run("load_schools", broken, code=1)
    run("compare", "--term", "2026-27", code=2)
    assert run("compare", "--term", "2030-2031-1", code=1)[0]["code"] == "no_term"
    for command in ("export_links", "export_findings"):
        assert run(command, tmp_path / "out.csv", "--run", 99, code=1)[0]["code"]
    assert run("export_findings", tmp_path / "out.txt", "--run", 99, code=2)[0]["code"] == "suffix"
    assert run("demo_data", "--out", tmp_path, code=1)[0]["code"] == "not_empty"
    assert run("setup_district", "--code", "530199", code=1)[0]["code"] == "district"
    with pytest.raises(CommandError):
        call_command("load_register", "nonsense", str(broken), "--term", "2026-2027-1")


@pytest.mark.parametrize(
    ("text", "code"),
    [(ROLL.split("\n")[0] + "\n", "no_rows"), (ROLL.replace("姓名", "备注"), "columns_missing"), ("甲,乙\n1,2\n", "no_heading")],
)
def test_a_refusal_of_the_reader_keeps_its_code(tmp_path: Path, text: str, code: str) -> None:
    run("load_schools", written(tmp_path / "schools.csv", SCHOOLS))
    said, _ = run("load_register", "attending", written(tmp_path / "roll.csv", text), "--term", "2026-2027-1", code=1)
    assert said["code"] == code


def test_people_are_told_rows_as_the_sheet_counts_them(tmp_path: Path) -> None:
    run("load_schools", written(tmp_path / "schools.csv", SCHOOLS))
    head, one, *_ = ROLL.split("\n")
    roll = written(tmp_path / "roll.csv", "\n".join(["某校在校名单,,,,,", head, one, "", one, ""]))
    out = StringIO()
    call_command("load_register", "attending", str(roll), "--term", "2026-2027-1", "--check-only", stdout=out, stderr=StringIO())
    (line,) = (line for line in out.getvalue().splitlines() if "完全相同" in line)
    assert "第 5 行" in line and "第 3 行" in line


@pytest.mark.parametrize("command", [["demo_data"], ["load_schools", "schools.csv"], ["compare", "--term", "2026-2027-1"]])
def test_before_migrate_the_command_says_what_to_run(command: list[str]) -> None:
    MigrationRecorder(connection).flush()
    said, _ = run(*command, code=1)
    assert said["code"] == "unmigrated" and "manage.py migrate" in said["refused"]
