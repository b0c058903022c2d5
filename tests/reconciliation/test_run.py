"""Whole runs over an invented district: the classes against the planted truth, repeated, decided on, exported."""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection, transaction
from openpyxl import load_workbook

from apps.core import clock
from apps.dashboards.management.demo.district import District, generate
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, Link, PairDecision, Run, Settlement
from apps.reconciliation.queries import counts, linking, lists
from apps.reconciliation.queries.exports import LINK_COLUMNS
from apps.registers.models import Entry
from apps.schools.actions import ensure_term
from apps.schools.models import Term
from apps.students.matching import resolve
from apps.students.models import Child
from benchmarks import truth
from tests.clearing import clear

TERM = "2026-2027-1"
PLANTED = ("never_enrolled", "suspected_dropout", "dropout", "not_returned", "unregistered")
CLASSES = ("child_id", "first", "second", "reverse", "third", "household_id", "enrollment_id", "attending_id", "monitored_id", "survey_id")
pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper() -> None:
    """Instead of pytest-django's: nothing is rolled back after a test, for a run commits many times and ``loaded`` outlives each."""


@dataclass(frozen=True, slots=True)
class Loaded:
    """An invented district in the database, its truth, and one run over it."""

    district: District
    persons: dict[int, list[str]]
    term: Term
    run: Run

    def whose(self) -> dict[int, str]:
        """Line id -> person."""
        return {pk: self.persons[upload][row] for pk, upload, row in Entry.objects.values_list("pk", "upload_id", "row") if upload in self.persons}


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Loaded]:
    """700 pupils, committed (a run commits many times); the tables are emptied afterwards."""
    folder = tmp_path_factory.mktemp("district")
    patch = pytest.MonkeyPatch()
    with django_db_blocker.unblock():
        patch.setattr("django.conf.settings.UPLOAD_DIR", folder / "uploads")
        assert str(connection.settings_dict["NAME"]).startswith("test_")
        try:
            call_command("setup_district", stdout=StringIO())
            term = ensure_term(district="530113", code=TERM)
            patch.setattr("django.conf.settings.PINNED_TODAY", term.first_day + timedelta(days=21))
            district = generate(700, 8)
            persons = truth.load_district(district, folder / "files", term)
            yield Loaded(district, persons, term, truth.compare(term))
        finally:
            patch.undo()
            clear()


def snapshot(run: Run) -> tuple[object, ...]:
    """All that a run answers, but for its own ids."""
    return (
        sorted(map(str, ChildClass.objects.filter(run=run).values_list(*CLASSES))),
        sorted(map(str, Link.objects.filter(run=run).values_list("left_id", "right_id", "basis", "score", "decided_by"))),
        sorted(map(str, Finding.objects.filter(run=run).values_list("child_id", "comparison", "klass", "reason", "owner", "entries"))),
        sorted(DoubtfulPair.objects.filter(run=run).values_list("left_id", "right_id", "score")),
    )


def row_of(run: Run, line: int) -> ChildClass:
    """The run's row of the child a line was given to."""
    return ChildClass.objects.get(run=run, child=Entry.objects.get(pk=line).child_id)


def test_every_planted_alarm_is_found_and_none_invented(loaded: Loaded) -> None:
    score = truth.score(loaded.run, loaded.district, loaded.persons)
    for code in PLANTED:
        planted, found, invented = score.classes_found[code]
        assert planted and found + score.classes_doubtful[code] == planted, (code, score)
        assert invented == 0, (code, truth.confusion(loaded.run, loaded.district, loaded.persons))
    assert score.f1 >= 0.995
    assert score.found_absent >= 0.985


def test_attending_without_a_record_and_duplicates_are_found(loaded: Loaded) -> None:
    whose = loaded.whose()
    persons = loaded.district.truth.persons
    reverse: dict[str, set[str]] = defaultdict(set)
    for line, code in ChildClass.objects.filter(run=loaded.run).exclude(attending=None).values_list("attending_id", "reverse"):
        reverse[whose[line]].add(code)
    planted = {pid: person.reverse for pid, person in persons.items() if person.reverse}
    assert planted
    missed = {pid: (code, reverse[pid]) for pid, code in planted.items() if not reverse[pid] & {code, "to_verify"}}
    assert not missed
    invented = {pid for pid, codes in reverse.items() if codes - {"", "to_verify"} and not persons[pid].reverse}
    assert not invented
    told = {
        whose[line]
        for (line,) in ChildClass.objects.filter(
            run=loaded.run, child__findings__klass="duplicate_enrollment", child__findings__run=loaded.run
        ).values_list("enrollment_id")
    }
    assert told == {pid for pid, person in persons.items() if person.contradiction == "duplicate_enrollment"}


def test_it_balances_at_every_level_and_leaves_nobody_unexplained(loaded: Loaded) -> None:
    assert loaded.run.state == Run.State.DONE
    assert loaded.run.counts["balanced"] is True
    assert loaded.run.counts["unexplained"] == counts.unexplained(loaded.run) == 0
    assert counts.imbalances(loaded.run) == []
    levels = {level: counts.totals(loaded.run, level) for level in ("district", "township", "village", "school")}
    assert {level: sum(c.get("enrolled", 0) for c in total.values()) for level, total in levels.items()} == dict.fromkeys(
        levels, loaded.run.counts["enrolled"]
    )
    lines = Entry.objects.standing().count()
    assert lines == sum(len(rows) - 1 for rows in loaded.persons.values()) - rejected(loaded)


def rejected(loaded: Loaded) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(sum((counts ->> 'rejected')::int), 0) FROM registers_upload WHERE id = ANY(%s)", [list(loaded.persons)])
        return int(cursor.fetchone()[0])


def test_every_line_belongs_to_the_child_whose_row_names_it(loaded: Loaded) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT count(*) FROM registers_entry e LEFT JOIN reconciliation_childclass c ON c.run_id = %s AND c.child_id = e.child_id
            WHERE c.id IS NULL""",
            [loaded.run.pk],
        )
        assert cursor.fetchone() == (0,)
        cursor.execute("SELECT count(*) FROM reconciliation_runline")
        assert cursor.fetchone() == (0,)


def test_the_command_repeats_the_run_exactly_and_opens_the_cases_once(loaded: Loaded) -> None:
    before = snapshot(loaded.run)
    out, err = StringIO(), StringIO()
    call_command("compare", "--term", TERM, "--json", stdout=out, stderr=err)
    told = json.loads(out.getvalue())
    assert {"run", "children", "classes", "balanced", "unexplained", "cases_opened", "seconds"} <= set(told)
    assert set(told["classes"]) >= {"①", "②", "③"}
    assert (told["balanced"], told["unexplained"]) == (True, 0)
    again = Run.objects.get(pk=told["run"])
    assert again.pk != loaded.run.pk and snapshot(again) == before
    assert again.uploads == loaded.run.uploads
    out_of_school = sum(told["classes"]["①"].get(c, 0) for c in ("never_enrolled",)) + sum(
        told["classes"]["②"].get(c, 0) for c in ("suspected_dropout", "dropout", "not_returned", "unregistered")
    )
    assert 0 < told["cases_opened"] <= out_of_school + told["classes"]["①"].get("no_residence", 0)
    assert "100%" in err.getvalue() or "本进程内" in err.getvalue()


@pytest.mark.parametrize(("term", "code"), [("2031-2032-1", 1), ("次", 2)])
def test_the_command_says_why_not(loaded: Loaded, term: str, code: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("compare", "--term", term, "--json", stdout=StringIO())
    assert refused.value.returncode == code


def test_what_persons_said_is_honoured_in_the_next_run(loaded: Loaded) -> None:
    """A pair called different splits, a doubtful pair called the same joins, decisions hold until they run out."""
    run = Run.objects.filter(state="done").latest("pk")
    link = Link.objects.filter(run=run, left_kind="enrollment", right_kind="attending", decided_by="rule").order_by("pk")[0]
    doubt = DoubtfulPair.objects.filter(run=run).order_by("-score", "pk").first()
    assert doubt is not None
    answer(link.left, link.right, "different")
    answer(doubt.left, doubt.right, "same")
    seats = ChildClass.objects.filter(run=run, second="not_returned", reverse="").order_by("pk")
    valid, expired = seats[0], seats[1]
    last = Run.objects.get(pk=run.pk).as_of
    settle(valid, "on_leave", valid_until=last + timedelta(days=9))
    settle(expired, "on_leave", valid_until=last - timedelta(days=1))
    merged = settle(row_of(run, doubt.right_id), "guest_study", comparison="9")
    again = truth.compare(loaded.term)
    assert row_of(again, link.left_id).child_id != row_of(again, link.right_id).child_id
    assert row_of(again, link.left_id).second != "attending"
    same = row_of(again, doubt.left_id)
    assert same.child_id == row_of(again, doubt.right_id).child_id
    assert Link.objects.get(run=again, left=doubt.left_id, right=doubt.right_id).decided_by == "person"
    merged.refresh_from_db()
    assert Child.objects.family(same.child_id).filter(pk=merged.child_id).exists()
    kept = ChildClass.objects.get(run=again, child=valid.child_id)
    assert (kept.second, kept.second_reason) == ("on_leave", "人工核定（测试岗位）：测试")
    assert not Finding.objects.filter(run=again, child=valid.child_id, comparison="2").exists()
    assert ChildClass.objects.get(run=again, child=expired.child_id).second == "not_returned"
    assert again.counts["balanced"] and again.counts["unexplained"] == 0
    assert not DoubtfulPair.objects.filter(run=again, left=doubt.left_id, right=doubt.right_id).exists()
    PairDecision.objects.all().delete()
    Settlement.objects.all().delete()
    truth.compare(loaded.term)  # whose each line is, is again as the rules say


def answer(left: Entry, right: Entry, word: str) -> None:
    """A person's answer as the page keeps it."""
    keys = {f"{side}_{name}": getattr(e, name) for side, e in (("left", left), ("right", right)) for name in ("kind", "unit", "key")}
    PairDecision.objects.create(district_code="530113", answer=word, decided_title="测试岗位", decided_at=clock.now(), **keys)


def settle(row: ChildClass, outcome: str, *, comparison: str = "2", **fields: Any) -> Settlement:
    made: Settlement = Settlement.objects.create(
        child_id=row.child_id, district_code="530113", comparison=comparison, from_class=row.second, outcome=outcome, explanation="测试",
        decided_title="测试岗位", decided_at=clock.now(), **fields,
    )  # fmt: skip
    return made


def test_links_go_out_with_the_rows_of_the_files(loaded: Loaded, tmp_path: Path) -> None:
    out = StringIO()
    call_command("export_links", tmp_path / "links.csv", "--run", loaded.run.pk, "--json", stdout=out)
    with (tmp_path / "links.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert json.loads(out.getvalue())["links"] == len(rows) > 1000
    assert tuple(rows[0]) == LINK_COLUMNS
    uploads = {e.upload_id: e.kind for e in Entry.objects.distinct("upload_id")}
    pairs = set()
    wrong = 0
    for row in rows:
        left, right = (int(row["left_upload"]), int(row["left_row"])), (int(row["right_upload"]), int(row["right_row"]))
        assert (uploads[left[0]], uploads[right[0]]) == (row["left_register"], row["right_register"])
        assert row["basis"] and row["decided_by"]
        wrong += loaded.persons[left[0]][left[1]] != loaded.persons[right[0]][right[1]]
        pairs.add((left, right))
    assert len(pairs) == len(rows)
    assert wrong <= len(rows) // 1000


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_classes_go_out_one_row_a_child(loaded: Loaded, tmp_path: Path, suffix: str) -> None:
    out, path = StringIO(), tmp_path / f"findings.{suffix}"
    call_command("export_findings", path, "--run", loaded.run.pk, "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert set(told) == {"findings", "seconds"} and told["findings"] == loaded.run.counts["children"]
    expected = list(lists.findings_export(loaded.run))
    if suffix == "csv":
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
        assert len(rows) == told["findings"]
        for row, want in zip(rows, expected, strict=True):
            assert row["name"] == str(want["name"]) and row["rows"] == want["rows"] and row["first_code"] == want["first_code"]
            assert not any(len(part) >= 15 and part.isdigit() for part in row.values())
        assert {"township", "school", "reason", "state", "second", "third"} <= set(rows[0])
    else:
        sheet = load_workbook(path).active
        cells = list(sheet.iter_rows(values_only=True))
        assert len(cells) == 3 + told["findings"]
        assert f"第{loaded.run.number}次四查三比对" in cells[0][0] and "姓名" in cells[2] and cells[3][1] == expected[0]["name"]


@pytest.mark.parametrize("command", ["export_links", "export_findings"])
def test_a_csv_comes_in_the_encoding_asked_for(loaded: Loaded, tmp_path: Path, command: str) -> None:
    Entry.objects.filter(pk=Entry.objects.filter(kind="enrollment").earliest("pk").pk).update(name="=1+1")
    for asked in ("utf-8", "gb18030"):
        call_command(command, tmp_path / f"{asked}.csv", "--run", loaded.run.pk, "--encoding", asked, stdout=StringIO())
    content = (tmp_path / "utf-8.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    assert (tmp_path / "gb18030.csv").read_bytes().decode("gb18030") == content.decode("utf-8-sig")
    assert "\n=1+1" not in content.decode() and ",=1+1" not in content.decode()


@pytest.mark.parametrize(("name", "number", "code"), [("x.csv", 0, 1), ("x.docx", 1, 2)])
def test_an_export_that_cannot_be_says_why(loaded: Loaded, tmp_path: Path, name: str, number: int, code: int) -> None:
    with pytest.raises(CommandError) as refused:
        call_command("export_findings", tmp_path / name, "--run", loaded.run.pk * number, stdout=StringIO())
    assert refused.value.returncode == code
    assert not (tmp_path / name).exists()


def test_the_engine_links_as_the_rule_in_memory_does(loaded: Loaded) -> None:
    """Enrollment × attending: the passes in SQL with their residue give what ``resolve`` gives over all rows at once."""
    run = loaded.run
    with transaction.atomic():
        for side, kind in (("l", "enrollment"), ("r", "attending")):
            linking.prepare_lines(run, kind)
            linking.open_side(run, side, kind)
            with connection.cursor() as cursor:
                cursor.execute("DROP TABLE known_place")
        left, right = linking.free_rows("l"), linking.free_rows("r")
        links, doubts = resolve(left, right, frequency=linking.frequency("l", "r"))
        linking.forget_lines(run)
    assert len(left) >= 700
    held = Link.objects.filter(run=run, left_kind="enrollment", right_kind="attending").order_by("left_id")
    assert [(x.left, x.right) for x in links] == list(held.values_list("left_id", "right_id"))
    open_pairs = DoubtfulPair.objects.filter(run=run, left__kind="enrollment", right__kind="attending").order_by("left_id", "right_id")
    assert [(x.left, x.right) for x in doubts] == list(open_pairs.values_list("left_id", "right_id"))
