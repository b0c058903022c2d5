"""Visits: who logs them, what they do to the case, and that what was written stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from django.db import DatabaseError, transaction

from apps.cases.actions.visiting import Seen, correct_visit, log_visit
from apps.cases.models import Case, CaseEntry, Visit
from apps.cases.queries.facts import facts_of
from apps.core.errors import Refused
from apps.core.proofs import ProofFile
from apps.notices.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines, runs
from tests.factories.cases_steps import persuading
from tests.factories.children import id_number

pytestmark = pytest.mark.django_db
SEEN = Seen(
    day=TODAY, way="home", visitors="李测、王测", spoke_with="父亲", outcome="promised", text="家长答应明天送回", promised_on=TODAY + timedelta(1)
)


@pytest.fixture
def case(cast: Cast) -> Case:
    """A suspected case of a child that stays away since Saturday."""
    return Case.objects.select_related("child", "school", "school_class", "run").get(pk=lines.away(cast.child, on=TODAY).pk)


@pytest.mark.parametrize("role", ["head_teacher", "registrar", "principal", "township", "village"])
def test_school_township_and_village_log_visits(cast: Cast, case: Case, role: str) -> None:
    made = log_visit(case=case, seen=SEEN, by=cast.actor(role), now=NOW)
    assert (made.outcome, made.promised_on, made.by_name) == ("promised", TODAY + timedelta(1), cast.actor(role).name)
    assert made.is_local == (role in ("township", "village"))
    assert made.entry.kind == "visit" and made.entry.is_progress
    assert made.entry.text == "入户：李测、王测，见到父亲，答应返校（11月24日）。家长答应明天送回。"


@pytest.mark.parametrize("role", ["bureau", "inspector", "central_school", "leader"])
def test_others_do_not(cast: Cast, case: Case, role: str) -> None:
    with pytest.raises(Refused):
        log_visit(case=case, seen=SEEN, by=cast.actor(role), now=NOW)
    assert not Visit.objects.exists()


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"day": TODAY + timedelta(1), "promised_on": TODAY + timedelta(2)}, "day"),
        ({"day": TODAY - timedelta(10)}, "day"),
        ({"promised_on": None}, "promised_on"),
        ({"outcome": "working"}, "whereabouts"),
        ({"way": "elsewhere"}, "place"),
        ({"spoke_with": " "}, "spoke_with"),
    ],
)
def test_what_a_visit_cannot_say(cast: Cast, case: Case, changed: dict[str, object], code: str) -> None:
    with pytest.raises(Refused) as refusal:
        log_visit(case=case, seen=replace(SEEN, **changed), by=cast.actor("township"), now=NOW)
    assert refusal.value.code == code and not CaseEntry.objects.filter(kind="visit").exists()


def test_the_same_visit_is_written_down_once(cast: Cast, case: Case) -> None:
    by = cast.actor("township")
    log_visit(case=case, seen=SEEN, by=by, now=NOW)
    with pytest.raises(Refused, match="已经登记过") as refusal:
        log_visit(case=case, seen=replace(SEEN, text=f" {SEEN.text} "), by=by, now=NOW)
    assert refusal.value.code == "text"
    log_visit(case=case, seen=replace(SEEN, text="下午又去，家长不在"), by=by, now=NOW)
    log_visit(case=case, seen=SEEN, by=cast.actor("village"), now=NOW)
    assert Visit.objects.count() == 3


def test_no_visit_to_a_case_that_is_over(cast: Cast, case: Case) -> None:
    Case.objects.update(state="closed")
    case.refresh_from_db()
    with pytest.raises(Refused, match="已经办结"):
        log_visit(case=case, seen=SEEN, by=cast.actor("township"), now=NOW)


def test_a_visit_found_by_a_comparison_may_be_as_old_as_the_term(cast: Cast) -> None:
    made = runs.run()
    case = runs.case(cast.child, run=made, opened_on=date(2026, 9, 20))
    log_visit(case=case, seen=replace(SEEN, day=made.term.first_day, outcome="refused"), by=cast.actor("township"), now=NOW)
    with pytest.raises(Refused):
        log_visit(case=case, seen=replace(SEEN, day=made.term.first_day - timedelta(1)), by=cast.actor("township"), now=NOW)


def test_the_case_moves_on_to_its_next_task(cast: Cast, case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(lines_on=TODAY)
    case.refresh_from_db()
    log_visit(case=case, seen=replace(SEEN, way="phone"), by=cast.actor("head_teacher"), now=NOW)
    assert (case.task, case.progress_on) == ("first_visit", TODAY), "a call is no visit, but it is something done"
    log_visit(case=case, seen=SEEN, by=cast.actor("head_teacher"), now=NOW)
    assert case.task == "settle"
    assert facts_of(case, today=TODAY)[0].first_visit_on == TODAY


def test_a_visit_written_down_later_counts_on_its_own_day(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY - timedelta(20), now=NOW)
    log_visit(case=case, seen=replace(SEEN, day=TODAY - timedelta(6), outcome="refused"), by=cast.actor("village"), now=NOW)
    entry = CaseEntry.objects.get(case=case, kind="visit")
    assert (case.progress_on, entry.happened_on, entry.written_at) == (TODAY - timedelta(6), TODAY - timedelta(6), NOW)
    log_visit(case=case, seen=replace(SEEN, day=TODAY - timedelta(9), outcome="refused"), by=cast.actor("village"), now=NOW)
    assert case.progress_on == TODAY - timedelta(6), "an older one brings nothing back"


def test_what_was_found_out_is_the_cause_of_the_case(cast: Cast, case: Case) -> None:
    by = cast.actor("township")
    log_visit(case=case, seen=replace(SEEN, outcome="working", whereabouts="昆明某餐馆"), by=by, now=NOW)
    assert Case.objects.get().cause == "work"
    log_visit(case=case, seen=replace(SEEN, outcome="nobody"), by=by, now=NOW)
    assert Case.objects.get().cause == "work", "a visit that tells nothing takes nothing back"
    log_visit(case=case, seen=replace(SEEN, outcome="refused", cause="weary"), by=by, now=NOW)
    assert Case.objects.get().cause == "weary"


def test_the_principal_hears_what_confirms(cast: Cast, case: Case) -> None:
    for text in ("上午", "下午"):
        log_visit(case=case, seen=replace(SEEN, outcome="unknown", text=text), by=cast.actor("village"), now=NOW)
    (told,) = Notice.objects.filter(key=f"case:{case.pk}:found")
    assert told.role == "principal" and "下落不明" in told.sentence


def test_photographs_and_recordings_hang_on_the_line(cast: Cast, case: Case, settings: object, tmp_path: object) -> None:
    settings.UPLOAD_DIR = tmp_path
    files = [ProofFile("谈话.m4a", b"\x00\x00\x00\x20ftypM4A sound"), ProofFile("承诺书.pdf", b"%PDF-1.7")]
    made = log_visit(case=case, seen=replace(SEEN, files=files), by=cast.actor("township"), now=NOW)
    kept = list(made.entry.attachments.all())
    assert [(one.file_name, one.content_type, one.label) for one in kept] == [
        ("谈话.m4a", "audio/mp4", "走访"),
        ("承诺书.pdf", "application/pdf", "走访"),
    ]
    assert (tmp_path / "proofs" / kept[0].stored_name).read_bytes() == files[0].content


def test_a_broken_file_writes_nothing(cast: Cast, case: Case, settings: object, tmp_path: object) -> None:
    settings.UPLOAD_DIR = tmp_path
    with pytest.raises(Refused):
        log_visit(case=case, seen=replace(SEEN, files=[ProofFile("x.gif", b"GIF89a")]), by=cast.actor("township"), now=NOW)
    assert not Visit.objects.exists() and not CaseEntry.objects.filter(kind="visit").exists()


def test_a_day_that_goes_with_no_promise_is_left_out_and_numbers_are_masked(cast: Cast, case: Case) -> None:
    number = id_number(9)
    made = log_visit(case=case, seen=replace(SEEN, outcome="refused", text=f"母亲证件{number}"), by=cast.actor("township"), now=NOW)
    assert made.promised_on is None and number not in made.text + made.entry.text


def test_what_was_told_cannot_be_rewritten(cast: Cast, case: Case) -> None:
    made = log_visit(case=case, seen=SEEN, by=cast.actor("township"), now=NOW)
    with pytest.raises(DatabaseError), transaction.atomic():
        Visit.objects.filter(pk=made.pk).update(outcome="back")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_a_correction_is_a_new_record_and_no_progress(cast: Cast, case: Case) -> None:
    by = cast.actor("township")
    first = log_visit(case=case, seen=replace(SEEN, outcome="working", whereabouts="昆明"), by=by, now=NOW)
    later = NOW + timedelta(3)
    second = correct_visit(visit=first, seen=replace(SEEN, outcome="refused"), reason="记错了人", by=by, now=later)
    entry = second.entry
    assert (entry.kind, entry.corrects, entry.is_progress, entry.happened_on) == ("correction", first.entry, False, TODAY)
    assert "更正走访记录（记错了人）" in entry.text
    assert list(Visit.objects.standing()) == [second] and Visit.objects.count() == 2
    case.refresh_from_db()
    facts, _ = facts_of(case, today=TODAY)
    assert facts.outcomes == {"refused"} and facts.progress_on == TODAY
    with pytest.raises(Refused, match="已经更正"):
        correct_visit(visit=first, seen=SEEN, reason="再改", by=by, now=later)
    correct_visit(visit=second, seen=SEEN, reason="再改", by=by, now=later)


def test_a_correction_takes_its_own_side_and_a_reason(cast: Cast, case: Case) -> None:
    made = log_visit(case=case, seen=SEEN, by=cast.actor("township"), now=NOW)
    for role, reason in (("head_teacher", "记错"), ("township", " ")):
        with pytest.raises(Refused):
            correct_visit(visit=made, seen=SEEN, reason=reason, by=cast.actor(role), now=NOW)
    assert Visit.objects.count() == 1
