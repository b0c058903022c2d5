"""The figures balance whatever the classes are and whatever people settle; a number and its list are the same children."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apps.core.scope import Scope
from apps.reconciliation import rules
from apps.reconciliation.actions.settling import ProofFile, settle_finding
from apps.reconciliation.models import ChildClass, Finding, Run
from apps.reconciliation.queries import board as boards
from apps.reconciliation.queries import counts, figures, lists
from tests.cast import NOW, Cast
from tests.factories import runs
from tests.reconciliation.scenes import PDF, finished, row

pytestmark = pytest.mark.django_db
LINES = st.tuples(
    st.sampled_from(["", *rules.FIRST]), st.sampled_from(["", *rules.SECOND]), st.sampled_from(["", *rules.REVERSE]),
    st.sampled_from(["primary", "junior", ""]),
    st.integers(0, 10**6), st.booleans(),
)  # fmt: skip


def lay(cast: Cast, run: Run, drawn: list[Any]) -> None:
    """Rows of any class with the facts an engine would write beside them, and a finding for each class that has an owner."""
    for child, (first, second, reverse, stage, _, guest) in zip(cast.home.children, drawn, strict=False):
        reverse = "" if second == "attending" else reverse
        present = second == "attending" or bool(reverse)
        seat = cast.home.schools[1] if guest and reverse else child.school
        row(child, of=run, first=first, second=second, reverse=reverse, stage=stage, is_present=present, attending_school=seat if present else None)
        for comparison, klass in (("1", first), ("2", second), ("2r", reverse)):
            if klass and rules.CLASSES[comparison][klass].owner:
                runs.finding(child, of=run, comparison=comparison, klass=klass, owner=rules.CLASSES[comparison][klass].owner)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(drawn=st.lists(LINES, min_size=8, max_size=8))
def test_settling_keeps_every_identity(cast: Cast, drawn: list[Any], tmp_path_factory: pytest.TempPathFactory) -> None:
    run = runs.run()
    lay(cast, run, drawn)
    scope, by = cast.actor("bureau").scope, cast.actor("bureau")
    assert boards.board(run, scope).unbalanced() == []
    for finding, line in zip(list(Finding.objects.filter(run=run)), drawn, strict=False):
        if Finding.objects.get(pk=finding.pk).state == "settled":
            continue
        outcomes = rules.outcomes(finding.comparison, finding.klass)
        settle_finding(
            finding_id=finding.pk, outcome=outcomes[line[4] % len(outcomes)], explanation="核实", proofs=[ProofFile("a.pdf", PDF)], by=by, now=NOW
        )
        assert boards.board(run, scope).unbalanced() == []
    assert counts.imbalances(run) == [] and counts.unexplained(run) == 0
    agree(run, scope)


def agree(run: Run, scope: Scope) -> None:
    """Every number of every place has a list of just that length."""
    found = boards.board(run, scope)
    for place in [found.total, *found.schools.values()]:
        for code in figures.FIGURES:
            for stage in ("", "primary", "junior"):
                if place.level == "school" and figures.FIGURES[code].at == figures.HOME:
                    continue
                where = {"school": place.code} if place.level == "school" else {}
                assert lists.children(run, scope, figure=code, stage=stage, **where).count() == place.counts[stage][code], (place.name, code, stage)


@pytest.mark.parametrize("role", ["bureau", "township", "principal", "registrar", "central_school", "inspector"])
def test_numbers_and_lists_agree_for_every_post(cast: Cast, role: str) -> None:
    run = finished(cast)
    scope = cast.actor(role).scope
    found = boards.board(run, scope)
    assert found.unbalanced() == []
    for level in boards.LEVELS:
        for place in found.level(level):
            where = {
                "district": {},
                "township": {"township": place.code},
                "school": {"school": place.code},
                "village": {"township": place.township, "village": place.code},
            }
            for code, figure in figures.FIGURES.items():
                if level in ("village", "school") and (figure.at == figures.HOME) != (level == "village"):
                    continue
                if scope.school and figure.at == figures.HOME:
                    continue
                assert lists.children(run, scope, figure=code, **where[level]).count() == place.counts[""][code], (role, place.name, code)


def test_a_gap_is_told(cast: Cast) -> None:
    run = finished(cast)
    ChildClass.objects.filter(run=run, child=cast.home.children[1]).update(first="")
    ChildClass.objects.filter(run=run, child=cast.home.children[4]).update(is_present=False)
    wrong = boards.board(run, cast.actor("bureau").scope)
    assert wrong.total.gap_first() == 1 and wrong.total.gap_second() == 1
    assert {place.name for place in wrong.unbalanced()} >= {"全区", cast.home.schools[2].name, "汤丹镇"}


def test_the_board_takes_the_same_queries_whatever_the_size(cast: Cast, django_assert_num_queries: Any) -> None:
    run = finished(cast)
    with django_assert_num_queries(5):
        boards.board(run, cast.actor("bureau").scope)


def test_another_district_sees_nothing(cast: Cast) -> None:
    run = finished(cast)
    from_outside = Scope(level=cast.actor("bureau").scope.level, district="530199")
    assert not any(boards.board(run, from_outside).total.counts[""].values())
    assert not lists.children(run, from_outside).exists()


def test_the_export_has_a_row_a_child(cast: Cast) -> None:
    run = finished(cast)
    told = list(lists.findings_export(run))
    assert len(told) == 8
    first = told[0]
    assert (first["first"], first["second"], first["second_code"], first["state"]) == ("区内在籍", "未返校", "not_returned", "open")
    assert first["id_number"] == cast.child.id_masked and "*" in str(first["id_number"])
