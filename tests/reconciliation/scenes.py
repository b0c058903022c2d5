"""A finished run over the cast's children: invented rows that keep both identities."""

from __future__ import annotations

from typing import Any

from apps.reconciliation.models import ChildClass, Finding, Run
from apps.students.models import Child
from tests.cast import Cast
from tests.factories import runs

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
