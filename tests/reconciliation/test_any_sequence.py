"""Whatever is uploaded, ended, merged, parted and settled, in whatever order: both identities hold at every level, and every number opens its list."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db.models import F

from apps.reconciliation import rules
from apps.reconciliation.actions.settling import ProofFile, answer_pair, settle_finding
from apps.reconciliation.models import ChildClass, DoubtfulPair, Finding, PairDecision, Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import counts, lists
from apps.reconciliation.queries import figures as f
from apps.registers.models import Entry, Upload
from apps.students.models import Child
from tests.cast import NOW, Cast
from tests.factories.children import child as make_child
from tests.factories.registers import entry, upload
from tests.reconciliation.scenes import PDF, compare

pytestmark = pytest.mark.django_db(transaction=True)
KINDS = ("enrollment", "household", "attending", "monitored", "survey")
REMARKS = ("", "", "请假", "休学", "借读", "转入", "疑似辍学", "辍学", "无学籍", "待核实")
STATES = {
    "enrollment": ("", "", "", "suspension", "drifted", "graduated", "transferred_out"), "household": ("", "", "dead", "moved_out"),
    "survey": ("never_enrolled", "dropout", "outside_in_province", "enrolled_inside"), "monitored": ("", "dropout"), "attending": ("",),
}  # fmt: skip


class Story:
    """A random sequence of what people do; one seed tells one story."""

    def __init__(self, cast: Cast, seed: int) -> None:
        self.cast, self.random = cast, random.Random(seed)  # noqa: S311
        self.by: dict[tuple[str, str], Upload] = {}
        self.children = list(cast.home.children)

    def source(self, kind: str, child: Child) -> Upload:
        """A new upload of the register for the child's place, or the last one."""
        place = str(child.school_id) if kind == "attending" else ""
        if (kind, place) not in self.by or self.random.random() < 0.2:
            of = {"school": child.school, "township_code": child.school.township_id} if kind == "attending" and child.school else {}
            self.by[kind, place] = upload(kind, **of)
        return self.by[kind, place]

    def line(self) -> None:
        """A line of a child in a register: its own, a twin's, or one with another name or without a number, at its school or elsewhere."""
        child, kind = self.random.choice(self.children), self.random.choice(KINDS)
        if self.random.random() < 0.3:
            child = self.stranger(child)
        if kind == "attending" and not child.school_id:
            return
        told: dict[str, Any] = {"remark": self.random.choice(REMARKS)} if kind == "attending" else {}
        room = self.random.choice(self.cast.home.classes)
        if kind in ("attending", "enrollment") and self.random.random() < 0.2:
            told |= {"school": room.school, "unit": room.school_id, "school_class": room}
        if kind == "household" and self.random.random() < 0.2:
            told |= {"township_code": "", "village_code": ""}
        if kind == "monitored":
            told["group_kind"] = self.random.choice(("lifted_out", "unstable", ""))
        entry(child, kind, by=self.source(kind, child), state=self.random.choice(STATES[kind]), **told)

    def stranger(self, like: Child) -> Child:
        """A row that made a child of its own although it may be the same one."""
        facts = self.random.choice(({"name": like.name, "document": like.document}, {"name": like.name}, {"birth_date": like.birth_date}))
        room = self.random.choice((like.school_class, None))
        made = make_child(school_class=room, village=self.random.choice(("", like.village_code)), **facts)
        self.children.append(made)
        return made

    def end(self) -> None:
        """A newer file without some line."""
        lines = Entry.objects.standing().filter(district_code="530113").select_related("child")
        if line := self.pick(lines):
            Entry.objects.filter(pk=line.pk).update(ended_by=self.source(line.kind, line.child), end_reason="left")

    def pick(self, rows: Any) -> Any:
        """Any of some rows."""
        keys = list(rows.order_by("pk").values_list("pk", flat=True))
        return rows.get(pk=self.random.choice(keys)) if keys else None

    def judge(self) -> None:
        """An answer to a pair in doubt, or a word on any two lines of two registers."""
        if pair := self.pick(DoubtfulPair.objects.filter(run=Run.objects.latest("pk"))):
            answer_pair(pair_id=pair.pk, answer=self.random.choice(("same", "different", "ask")), note="", by=self.cast.actor("bureau"), now=NOW)
        left, right = self.pick(Entry.objects.standing().filter(kind="enrollment")), self.pick(Entry.objects.standing().filter(kind="attending"))
        if left and right:
            keys = {f"{side}_{name}": getattr(e, name) for side, e in (("left", left), ("right", right)) for name in ("kind", "unit", "key")}
            told = {"answer": self.random.choice(("same", "different")), "decided_title": "测试岗位", "decided_at": NOW}
            PairDecision.objects.update_or_create(district_code="530113", **keys, defaults=told)

    def settle(self) -> None:
        """A finding of the last run, as any of its outcomes."""
        finding = self.pick(Finding.objects.filter(run=Run.objects.latest("pk"), state="open"))
        if finding:
            outcome = self.random.choice(rules.outcomes(finding.comparison, finding.klass))
            proof = [ProofFile("证明.pdf", PDF)]
            settle_finding(finding_id=finding.pk, outcome=outcome, explanation="已核实", proofs=proof, by=self.cast.actor("bureau"), now=NOW)


@pytest.fixture(autouse=True)
def uploads(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def wrong(run: Run, cast: Cast) -> Iterator[str]:
    """What does not add up in a run."""
    scope = cast.actor("bureau").scope
    board = boards.board(run, scope)
    yield from counts.imbalances(run)
    yield from (f"board: {place.level} {place.name}" for place in board.unbalanced())
    yield from (f"list of {code}" for code in f.FIGURES if lists.children(run, scope, figure=code).count() != board.total.counts[""][code])
    yield from parts(board, run)
    doubts = {
        "unexplained": counts.unexplained(run),
        "class of another school": ChildClass.objects.filter(run=run).exclude(school_class=None).exclude(school_class__school=F("school")).exists(),
        "a line of a merged child": Entry.objects.exclude(child__merged_into=None).exists(),
        "a merge in two steps": Child.objects.exclude(merged_into__merged_into=None).exists(),
    }
    yield from (words for words, found in doubts.items() if found)


def parts(board: boards.Board, run: Run) -> Iterator[str]:
    """Where townships or schools together are not the district."""
    for code, figure in f.FIGURES.items():
        for level in ("township",) if figure.at == f.HOME else ("township", "school"):
            told = sum(place.counts[""][code] for place in board.level(level))
            if told != board.total.counts[""][code] and not missing_place(run, code):
                yield f"{code}: {level} {told} ≠ {board.total.counts[''][code]}"


def missing_place(run: Run, code: str) -> bool:
    """Whether a figure counts a child without any school, whom only the district counts."""
    return f.FIGURES[code].at != f.HOME and ChildClass.objects.filter(run=run, school=None, attending_school=None).exists()


@pytest.mark.parametrize("seed", range(4))
def test_it_always_adds_up(cast: Cast, seed: int) -> None:
    story = Story(cast, seed)
    for child in cast.home.children:
        entry(child, "enrollment", by=story.source("enrollment", child))
        entry(child, "household", by=story.source("household", child))
    for _ in range(10):
        story.line()
    before: Run | None = None
    for _ in range(4):
        run = compare()
        assert list(wrong(run, cast)) == []
        for act in story.random.choices((story.settle, story.judge), k=6):
            act()
            assert list(wrong(run, cast)) == [], act.__name__
        if before:
            assert list(wrong(before, cast)) == []
        before = run
        for act in story.random.choices((story.line, story.line, story.end), k=8):
            act()
