"""A finished run keeps its word: new uploads, merges and corrected names change none of its pages and files; an unfinished one has none."""

from __future__ import annotations

import re
import uuid
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from openpyxl import load_workbook

from apps.reconciliation.actions import running
from apps.reconciliation.models import DoubtfulPair, Finding, Run
from apps.registers.models import Entry
from apps.students.models import Child
from tests.cast import Cast
from tests.factories import runs
from tests.factories.children import child as make_child
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import Twice, begin, compare

pytestmark = pytest.mark.django_db(transaction=True)
PAGES = (
    "", "children/", "children/?figure=second_not_returned", "statistics/?level=township", "statistics/?level=school", "statistics/?level=village",
    "rosters/", "signed/",
)  # fmt: skip
MAIN = re.compile("<main.*</main>", re.DOTALL)
MOVING = re.compile(r'name="(_key|csrfmiddlewaretoken)" value="[^"]+"')


def files(run: Run, folder: Path) -> list[bytes]:
    told = []
    for name, command in (("links.csv", "export_links"), ("findings.csv", "export_findings")):
        call_command(command, folder / name, "--run", run.pk, stdout=StringIO())
        told.append((folder / name).read_bytes())
    return told


def pages(run: Run, cast: Cast) -> list[str]:
    client = cast.client("bureau")
    urls = [f"/runs/{run.pk}/{page}" for page in PAGES] + [f"/findings/?run={run.pk}&state="]
    urls += [f"/findings/{pk}/" for pk in Finding.objects.filter(run=run).order_by("pk").values_list("pk", flat=True)]
    answers = [client.get(url) for url in urls]
    assert {answer.status_code for answer in answers} == {200}
    return [MOVING.sub("", found[0]) for answer in answers if (found := MAIN.search(answer.content.decode()))]


def roster(run: Run, school: str, cast: Cast) -> list[list[Any]]:
    answer = cast.client("bureau").get(f"/runs/{run.pk}/rosters/{school}/not_returned.xlsx")
    return [list(row) for row in load_workbook(BytesIO(answer.content)).active.iter_rows(values_only=True)]


def test_later_uploads_and_merges_change_nothing_of_an_old_run(twice: Twice, cast: Cast, tmp_path: Path) -> None:
    first = compare()
    school = str(twice.real.school_id)
    before = (files(first, tmp_path), pages(first, cast), roster(first, school, cast))
    assert "not_returned" in before[0][1].decode() and twice.real.name in str(before[2])
    corrected(twice)
    entry(make_child(school_class=twice.real.school_class), "enrollment")
    twice.answer("same")
    second = compare()
    twice.double.refresh_from_db()
    assert twice.double.merged_into_id == twice.real.pk and Child.objects.get(pk=twice.real.pk).name == "改正名"
    after = (files(first, tmp_path), pages(first, cast), roster(first, school, cast))
    assert after[0] == before[0]
    assert [(old, new) for old, new in zip(before[1], after[1], strict=True) if old != new] == []
    assert after[2] == before[2]
    assert files(second, tmp_path) != before[0]


def keyed(**fields: str) -> dict[str, str]:
    """A form with a fresh key."""
    return {"_key": str(uuid.uuid4()), **fields}


def corrected(twice: Twice) -> None:
    """A new file with another name, guardian and address for the child on the roll."""
    by = upload("enrollment")
    facts = {
        "name": "改正名",
        "name_key": twice.roll.name_key,
        "name_sound": twice.roll.name_sound,
        "guardian_name": "另一人",
        "guardian_phone": "19911112222",
    }
    line = entry(twice.real, "enrollment", by=by, key=twice.roll.key, grade=4, superseded_by=by, student_document=None, **facts)
    Entry.objects.filter(pk=twice.roll.pk).update(superseded_by=by)
    Entry.objects.filter(pk=line.pk).update(superseded_by=None)
    twice.roll = Entry.objects.get(pk=line.pk)


def test_lines_entered_twice_stay_in_the_export(enrolled: list[Child], tmp_path: Path) -> None:
    """A line that another of the same register stands for is linked with the child's other lines too."""
    real = enrolled[0]
    by = upload("attending", school=real.school)
    one, two = entry(real, "attending", by=by), entry(real, "attending", by=by)
    run = compare()
    text = files(run, tmp_path)[0].decode()
    rows = [line.split(",")[:4] for line in text.splitlines()]
    roll = Entry.objects.get(child=real, kind="enrollment")
    assert ["attending", str(one.row), "attending", str(two.row)] in rows
    assert {("enrollment", str(roll.row), "attending", str(line.row)) for line in (one, two)} <= {tuple(row) for row in rows}


@pytest.mark.parametrize("state", ["running", "failed", "cancelled"])
@pytest.mark.parametrize("command", ["export_links", "export_findings"])
def test_a_run_without_a_result_is_not_written_out(cast: Cast, tmp_path: Path, state: str, command: str) -> None:
    run = runs.run(state=state, counts={"children": 1})
    with pytest.raises(CommandError, match=run.get_state_display()):
        call_command(command, tmp_path / "out.csv", "--run", run.pk)
    assert not (tmp_path / "out.csv").exists()


@pytest.mark.parametrize("page", [*PAGES[1:], "statistics.xlsx", "compare/", "sign/"])
def test_the_pages_of_a_run_without_a_result_say_so(cast: Cast, page: str) -> None:
    run = runs.run(state="running", phase="group")
    runs.child_class(cast.child, of=run)
    answer = cast.client("bureau").get(f"/runs/{run.pk}/{page}", follow=True)
    assert answer.redirect_chain == [(f"/runs/{run.pk}/", 302)] and "还没有完成" in answer.content.decode()
    assert cast.child.name not in answer.content.decode()


def test_findings_of_a_run_without_a_result_say_so(cast: Cast) -> None:
    run = runs.run(state="cancelled", phase="group")
    runs.finding(cast.child, of=run)
    runs.run()
    for role, words in (("bureau", "没有完成"), ("head_teacher", "没有完成")):
        answer = cast.client(role).get(f"/findings/?run={run.pk}", follow=True)
        assert words in answer.content.decode() and cast.child.name not in answer.content.decode()


def test_cancelling(enrolled: list[Child], cast: Cast) -> None:
    run = begin()
    for role, status in (("registrar", 404), ("inspector", 404), ("bureau", 302)):
        assert cast.client(role).post(f"/runs/{run.pk}/cancel/", keyed()).status_code == status
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED and "取消" in run.sentence
    assert running.claim(run_id=run.pk, now=run.created_at) is None and running.stuck(now=run.created_at) == []
    told = cast.client("bureau").post(f"/runs/{run.pk}/cancel/", keyed(), follow=True).content.decode()
    assert "不能取消" in told and "取消这次比对" not in told
    assert not DoubtfulPair.objects.exists() and compare().pk > run.pk


def test_the_start_page_says_what_is_under_way(enrolled: list[Child], cast: Cast) -> None:
    run = begin()
    client = cast.client("bureau")
    assert str(run) in client.get("/runs/").content.decode()
    told = client.post("/runs/start/", keyed(term=run.term.code), follow=True).content.decode()
    assert f"{run}（{run.term.label}）正在进行" in told
    assert "取消这次比对" in client.get(f"/runs/{run.pk}/").content.decode()
    assert "取消这次比对" not in cast.client("inspector").get(f"/runs/{run.pk}/").content.decode()
