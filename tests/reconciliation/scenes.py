"""Runs over the cast's children: one made of invented rows that keep both identities, and real ones over a few lines."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import ChildClass, Finding, PairDecision, Run
from apps.registers.models import Entry, Upload
from apps.schools.models import Term
from apps.students.models import Child
from tests.cast import NOW, Cast
from tests.factories import runs
from tests.factories.children import child as make_child
from tests.factories.children import document, id_number
from tests.factories.registers import entry, term, upload

PDF = b"%PDF-1.7 invented proof"


def row(child: Child, *, of: Run, **fields: Any) -> ChildClass:
    """A row whose facts agree with its classes unless ``fields`` say otherwise."""
    values: dict[str, Any] = {"first": "inside", "second": "attending", **fields}
    reverse = values.get("reverse", "")
    present = values["second"] == "attending" or bool(reverse)
    facts = {
        "is_local": values["first"] not in ("", "no_residence"), "is_school_age": values["first"] != "", "on_roll": values["second"] != "",
        "is_present": present, "attending_school": child.school if present else None,
    }  # fmt: skip
    return runs.child_class(child, of=of, **(facts | values))


def problem(child: Child, *, of: Run, comparison: str = "2", klass: str = "not_returned", owner: str = "registrar", **fields: Any) -> Finding:
    """A child with a class that has to be explained, and its finding."""
    classes = {"1": "first", "2": "second", "2r": "reverse", "3": "third"}
    told = {classes[comparison]: klass} if comparison in classes else {}
    if comparison == "2r":
        told["second"] = ""
    row(child, of=of, **(told | fields))
    return runs.finding(child, of=of, comparison=comparison, klass=klass, owner=owner)


def finished(cast: Cast) -> Run:
    """A run in which the first child has not returned, the others are in class."""
    run = runs.run()
    problem(cast.child, of=run)
    for child in cast.home.children[1:]:
        row(child, of=run)
    return run


def attending(children: list[Child], *, of: Term | None = None, **fields: Any) -> None:
    """The class list of one school, in one upload."""
    school = children[0].school
    assert school
    by = upload("attending", of=of, school=school, township_code=school.township_id)
    for child in children:
        entry(child, "attending", by=by, **fields)


def begin(*, of: Term | None = None, days: int = 21) -> Run:
    """Start a run of a term on its third week, or so many ``days`` after its first day."""
    of = of or term()
    return running.start_run(term=of, by=SYSTEM, today=of.first_day + timedelta(days=days))


def finish(run: Run) -> Run:
    """Work a run to its end; it balances."""
    while chunk := running.claim(run_id=run.pk, now=clock.machine()):
        running.work(chunk=chunk, now=clock.now())
    run.refresh_from_db()
    assert run.state == Run.State.DONE and run.counts["balanced"] and run.counts["unexplained"] == 0
    return run


def compare(*, of: Term | None = None, days: int = 21) -> Run:
    """A whole run."""
    return finish(begin(of=of, days=days))


def second(run: Run) -> dict[int, str]:
    """Child -> its class in comparison ②."""
    return dict(ChildClass.objects.filter(run=run).values_list("child_id", "second"))


class Twice:
    """A child on the roll (``real``) and the same one in the class list under another name and number (``double``)."""

    def __init__(self, real: Child, others: list[Child]) -> None:
        self.real = real
        assert real.school
        self.list: Upload = upload("attending", school=real.school, township_code=real.school.township_id)
        for other in others:
            entry(other, "attending", by=self.list)
        self.double = make_child(school_class=real.school_class, name="木阿各", document=document(id_number(77)), birth_date=real.birth_date)
        self.seat = entry(self.double, "attending", by=self.list)
        self.roll = Entry.objects.get(child=real, kind="enrollment")

    def answer(self, word: str) -> None:
        """Let a person say whether the two lines are one child."""
        keys = {
            f"{side}_{name}": getattr(line, name) for side, line in (("left", self.roll), ("right", self.seat)) for name in ("kind", "unit", "key")
        }
        told = {"answer": word, "decided_title": "测试岗位", "decided_at": NOW}
        PairDecision.objects.update_or_create(district_code="530113", **keys, defaults=told)
