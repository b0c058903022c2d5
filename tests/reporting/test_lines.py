"""The three lines from the draft to the receipt: what goes out, under which number, who may not, and that nothing happens twice."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from apps.attendance.models import AbsenceRun
from apps.audit.models import Event
from apps.cases.actions.duties import Named
from apps.cases.models import Case, CaseEntry, NumberSeries
from apps.cases.tasks import flag_absences
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.receiving import name_people, reply, sign_receipt
from apps.reporting.actions.sending import enter_platform, reply_away, send_away
from apps.reporting.actions.verifying import verify
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries.drafts import absence_of
from apps.reporting.tasks import draft_lines as draft_task
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories import children, lines, people, runs
from tests.factories.cases_duties import duty
from tests.factories.children import id_number
from tests.factories.registers import term

pytestmark = pytest.mark.django_db


def drafted(cast: Cast, n: int = 0) -> ThreeLineReport:
    return lines.draft(cast.home.children[n], on=TODAY, now=NOW)


def issued(cast: Cast, n: int = 0) -> ThreeLineReport:
    return lines.issued(cast.home.children[n], on=TODAY, by=cast.actor("principal"), now=NOW)


def ledger(report: ThreeLineReport) -> list[str]:
    return [entry.text for entry in CaseEntry.objects.filter(case=report.case_id)]


def test_a_case_of_absence_gets_three_drafts_once(cast: Cast) -> None:
    case = lines.away(cast.child, on=TODAY)
    assert draft_lines(by=SYSTEM, now=NOW) == 1
    report = ThreeLineReport.objects.get()
    assert (report.case, report.child, report.begun_on, report.send_days) == (case, cast.child, TODAY, 1)
    assert {(line.kind, line.state) for line in report.lines.all()} == {(kind, "draft") for kind in ("platform", "township", "bureau")}
    assert draft_lines(by=SYSTEM, now=NOW + timedelta(1)) == 0
    assert ThreeLineReport.objects.count() == 1 and len(ledger(report)) == 2


@pytest.mark.parametrize("state", ["cleared", "closed"])
def test_a_case_that_is_over_gets_none(cast: Cast, state: str) -> None:
    case = lines.away(cast.child, on=TODAY)
    Case.objects.filter(pk=case.pk).update(state=state)
    assert draft_lines(by=SYSTEM, now=NOW) == 0


def test_a_case_of_the_comparison_gets_them_when_its_child_stays_away(cast: Cast) -> None:
    case = runs.case(cast.child, opened_on=TODAY - timedelta(60))
    assert draft_lines(by=SYSTEM, now=NOW) == 0
    lines.absence(cast.child, suspected_on=TODAY - timedelta(3))
    assert draft_lines(by=SYSTEM, now=NOW) == 1
    assert ThreeLineReport.objects.get(case=case).begun_on == TODAY, (
        "the clock starts with the report, not with the old case or a roll call that came late"
    )


def test_a_case_with_a_finished_absence_gets_none(cast: Cast) -> None:
    runs.case(cast.child, opened_on=TODAY)
    lines.absence(cast.child, suspected_on=TODAY - timedelta(3), ended_on=TODAY, end="returned")
    assert draft_lines(by=SYSTEM, now=NOW) == 0


def away_twice(cast: Cast, *, ended_on: Any = TODAY + timedelta(1)) -> AbsenceRun:
    """The child came back after its first absence and stays away again since a week later."""
    AbsenceRun.objects.update(ended_on=ended_on, end="returned")
    return lines.absence(cast.child, suspected_on=TODAY + timedelta(9))


def test_a_second_absence_gets_lines_of_its_own(cast: Cast) -> None:
    """〔方案二（三）2〕 whoever stays away again while the case is open is reported again."""
    first = issued(cast)
    away_twice(cast)
    later = NOW + timedelta(9)
    assert (draft_lines(by=SYSTEM, now=later), draft_lines(by=SYSTEM, now=later)) == (1, 0)
    second = ThreeLineReport.objects.exclude(pk=first.pk).get()
    assert (second.case, second.begun_on, second.first_day) == (first.case, TODAY + timedelta(9), TODAY + timedelta(7))
    assert ThreeLineReport.objects.to_verify().get() == second
    done = verify(report_id=second.pk, said=lines.FOUND, by=cast.actor("principal"), now=later)
    first.refresh_from_db()
    assert (done.first_day, first.first_day) == (TODAY + timedelta(7), TODAY - timedelta(2))
    assert lines.line(done, "bureau").serial == 4


def test_a_draft_nobody_verified_is_not_taken_for_the_second_absence(cast: Cast) -> None:
    first = drafted(cast)
    second_run = away_twice(cast)
    assert draft_lines(by=SYSTEM, now=NOW + timedelta(9)) == 1
    second = ThreeLineReport.objects.exclude(pk=first.pk).get()
    assert second.begun_on == second_run.suspected_on
    assert absence_of(first) != second_run and absence_of(second) == second_run
    assert ThreeLineReport.objects.to_verify().count() == 2


def test_two_absences_that_a_correction_makes_one_are_reported_once(cast: Cast) -> None:
    first = drafted(cast)
    second_run = away_twice(cast)
    draft_lines(by=SYSTEM, now=NOW + timedelta(9))
    second = ThreeLineReport.objects.exclude(pk=first.pk).get()
    second_run.delete()
    AbsenceRun.objects.update(last_day=TODAY + timedelta(9), ended_on=None, end="")
    assert draft_lines(by=SYSTEM, now=NOW + timedelta(9)) == 0
    assert ThreeLineReport.objects.to_verify().get() == first
    with pytest.raises(Refused) as refusal:
        verify(report_id=second.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW + timedelta(9))
    assert refusal.value.code == "no_absence"


def test_days_moved_by_a_correction_bring_no_second_report(cast: Cast) -> None:
    report = drafted(cast)
    AbsenceRun.objects.update(first_day=TODAY - timedelta(1), last_day=TODAY + timedelta(1), suspected_on=TODAY + timedelta(1))
    assert draft_lines(by=SYSTEM, now=NOW + timedelta(1)) == 0
    done = verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW + timedelta(1))
    assert done.first_day == TODAY - timedelta(1)


def test_an_absence_that_was_over_before_anybody_looked_is_reported(cast: Cast) -> None:
    term()
    lines.absence(cast.child, suspected_on=TODAY - timedelta(3), ended_on=TODAY, end="returned")
    flag_absences()
    draft_task()
    report = ThreeLineReport.objects.to_verify().get()
    assert (report.case.origin, report.begun_on) == ("absence", TODAY)
    verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW)


def test_a_merged_child_is_reported_as_the_one_it_went_into(cast: Cast) -> None:
    child, into = cast.home.children[:2]
    runs.case(child, origin="absence", opened_on=TODAY)
    Child.objects.filter(pk=child.pk).update(merged_into=into)
    lines.absence(into, suspected_on=TODAY)
    assert draft_lines(by=SYSTEM, now=NOW) == 1
    assert ThreeLineReport.objects.get().child == into


def test_a_child_merged_after_the_draft_is_not_forgotten(cast: Cast) -> None:
    report, into = drafted(cast), cast.home.children[1]
    Child.objects.filter(pk=cast.child.pk).update(merged_into=into)
    AbsenceRun.objects.update(child=into)  # the runs follow the survivor
    assert ThreeLineReport.objects.to_verify().get() == report
    done = verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW)
    assert done.child == into and into.name in lines.line(done, "township").letter["title"]


def test_one_verification_sends_all_three(cast: Cast) -> None:
    report = issued(cast)
    platform, township, bureau = (lines.line(report, kind) for kind in ("platform", "township", "bureau"))
    assert (platform.state, township.state, bureau.state) == ("ready", "sent", "sent")
    school = cast.child.school.name
    assert (township.number, bureau.number) == (f"{school}控辍〔2026〕1号", f"{school}控辍〔2026〕2号")
    assert (township.addressee, township.office) == ("汤丹镇人民政府", "530113102")
    assert (bureau.addressee, bureau.office) == ("东川区教育体育局", "530113")
    assert (report.first_day, report.last_day, report.school_days) == (TODAY - timedelta(2), TODAY, 3)
    assert not report.lines.filter(kind="away").exists()
    assert any(township.number in text for text in ledger(report)) and any(bureau.number in text for text in ledger(report))
    assert Event.objects.filter(verb="verify_absence", object_id=report.pk, child_id=cast.child.pk).count() == 1


def test_what_was_issued_stays_as_it_was(cast: Cast) -> None:
    report = issued(cast)
    before = lines.line(report, "township").letter
    assert cast.child.name in before["title"]
    Child.objects.filter(pk=cast.child.pk).update(name="改名", guardian_name="改")
    assert lines.line(report, "township").letter == before


def test_a_second_principal_sends_nothing(cast: Cast) -> None:
    report = issued(cast)
    other = people.actor(people.post("principal", school=cast.home.schools[0]))
    with pytest.raises(Refused, match="没有重复发出") as refusal:
        verify(report_id=report.pk, said=replace(lines.FOUND, whereabouts="别处"), by=other, now=NOW)
    assert refusal.value.code == "state"
    report.refresh_from_db()
    assert report.whereabouts == lines.FOUND.whereabouts and NumberSeries.objects.get().last == 2


@pytest.mark.parametrize("role", ["registrar", "head_teacher", "township", "central_school", "bureau"])
def test_only_the_principal_verifies(cast: Cast, role: str) -> None:
    report = drafted(cast)
    with pytest.raises(Refused):
        verify(report_id=report.pk, said=lines.FOUND, by=cast.actor(role), now=NOW)
    report.refresh_from_db()
    assert report.verified_at is None


def test_another_schools_principal_finds_no_report(cast: Cast) -> None:
    report = drafted(cast)
    other = people.actor(people.post("principal", school=cast.home.schools[1]))
    with pytest.raises(Refused) as refusal:
        verify(report_id=report.pk, said=lines.FOUND, by=other, now=NOW)
    assert refusal.value.code == "scope"


def test_an_absence_corrected_away_is_not_reported(cast: Cast) -> None:
    report = drafted(cast)
    AbsenceRun.objects.all().delete()
    with pytest.raises(Refused) as refusal:
        verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW)
    assert refusal.value.code == "no_absence"
    assert not ThreeLineReport.objects.to_verify().exists() and not ThreeLineReport.objects.incomplete().exists()


def test_a_child_that_came_back_is_reported_with_its_return(cast: Cast) -> None:
    report = drafted(cast)
    AbsenceRun.objects.update(ended_on=TODAY + timedelta(1), end="returned")
    done = verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW + timedelta(1))
    assert "已于2026年11月24日到校" in "".join(lines.line(done, "bureau").letter["paragraphs"])


def test_a_case_closed_meanwhile_is_not_reported(cast: Cast) -> None:
    report = drafted(cast)
    Case.objects.update(state="cleared")
    with pytest.raises(Refused) as refusal:
        verify(report_id=report.pk, said=lines.FOUND, by=cast.actor("principal"), now=NOW)
    assert refusal.value.code == "closed"


def test_numbers_run_on_through_a_school_and_begin_anew_with_the_year(cast: Cast) -> None:
    first, second = issued(cast), issued(cast, 1)
    other = lines.issued(cast.home.children[2], on=TODAY, by=people.actor(people.post("principal", school=cast.home.schools[1])), now=NOW)
    mate = children.child(school_class=cast.home.classes[0], village=cast.home.villages[0].code)
    turn = datetime(2026, 12, 31, 16, 30, tzinfo=UTC)  # half past midnight in Dongchuan: a new year
    third = lines.issued(mate, on=TODAY, by=cast.actor("principal"), now=turn)
    told = [[(line.year, line.serial) for line in report.lines.filter(serial__isnull=False)] for report in (first, second, other, third)]
    assert told == [[(2026, 1), (2026, 2)], [(2026, 3), (2026, 4)], [(2026, 1), (2026, 2)], [(2027, 1), (2027, 2)]]


def test_a_number_typed_in_a_text_is_masked(cast: Cast) -> None:
    number = id_number(77)
    said = replace(lines.FOUND, whereabouts=f"在昆明，证件{number}", contacts=f"父亲说{number}")
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW, said=said)
    assert number not in report.whereabouts + report.contacts
    assert not Line.objects.filter(letter__icontains=number).exists()


def test_the_platform_is_ticked_with_its_number_and_corrected(cast: Cast) -> None:
    report = issued(cast)
    line = enter_platform(line=lines.line(report, "platform"), number=" YN20261123001 ", by=cast.actor("registrar"), now=NOW)
    assert (line.state, line.number, line.sent_name) == ("sent", "YN20261123001", cast.actor("registrar").name)
    with pytest.raises(Refused, match="没有重复登记"):
        enter_platform(line=lines.line(report, "platform"), number="YN20261123001", by=cast.actor("principal"), now=NOW)
    enter_platform(line=lines.line(report, "platform"), number="YN2", by=cast.actor("principal"), now=NOW + timedelta(1))
    line.refresh_from_db()
    assert (line.number, line.sent_at) == ("YN2", NOW), "when it was entered does not move with a correction"
    assert "YN20261123001 更正为 YN2" in ledger(report)[-1]


@pytest.mark.parametrize(("number", "code"), [("", "number"), ("  ", "number"), (id_number(5), "number")])
def test_what_is_no_number_of_the_platform(cast: Cast, number: str, code: str) -> None:
    with pytest.raises(Refused) as refusal:
        enter_platform(line=lines.line(issued(cast), "platform"), number=number, by=cast.actor("registrar"), now=NOW)
    assert refusal.value.code == code


def test_the_platform_waits_for_the_verification(cast: Cast) -> None:
    with pytest.raises(Refused) as refusal:
        enter_platform(line=lines.line(drafted(cast), "platform"), number="YN1", by=cast.actor("registrar"), now=NOW)
    assert refusal.value.code == "state"


def test_the_township_and_the_bureau_sign_and_answer(cast: Cast) -> None:
    report = issued(cast)
    for role, kind in (("township", "township"), ("bureau", "bureau")):
        line, by = lines.line(report, kind), cast.actor(role)
        with pytest.raises(Refused):
            reply(line=line, text="已安排", by=by, now=NOW)  # not before the receipt
        sign_receipt(line=line, by=by, now=NOW)
        assert (line.state, line.received_name, line.received_title) == ("received", by.name, by.title)
        with pytest.raises(Refused, match="已签收"):
            sign_receipt(line=lines.line(report, kind), by=by, now=NOW)
        reply(line=lines.line(report, kind), text="已安排村干部入户", by=by, now=NOW)
        assert lines.line(report, kind).state == "replied"


def test_nobody_signs_for_another_office(cast: Cast) -> None:
    report = issued(cast)
    for role, kind in (("bureau", "township"), ("township", "bureau"), ("central_school", "township"), ("principal", "township")):
        with pytest.raises(Refused):
            sign_receipt(line=lines.line(report, kind), by=cast.actor(role), now=NOW)
    other = people.actor(people.post("township", region=cast.home.townships[1]))
    with pytest.raises(Refused, match="汤丹镇人民政府"):
        sign_receipt(line=lines.line(report, "township"), by=other, now=NOW)
    assert lines.line(report, "township").state == "sent"


def test_people_are_named_after_the_receipt_and_anew_when_they_change(cast: Cast) -> None:
    report, by = issued(cast), cast.actor("township")
    both = [Named(duty("gov_township_cadre"), "李测", phone="19900000001"), Named(duty("gov_village"), "王测")]
    with pytest.raises(Refused) as refusal:
        name_people(report=report, people=both, by=by, now=NOW)
    assert refusal.value.code == "receipt"
    sign_receipt(line=lines.line(report, "township"), by=by, now=NOW)
    assert len(name_people(report=report, people=both, by=by, now=NOW)) == 2
    assert name_people(report=report, people=both, by=by, now=NOW) == []
    (new,) = name_people(report=report, people=[both[0], Named(both[1].duty, "赵测")], by=by, now=NOW)
    assert new.name == "赵测" and report.case.guarantors.count() == 3, "who was named before is not forgotten"


def test_a_child_registered_elsewhere(cast: Cast) -> None:
    said = replace(lines.FOUND, is_registered_away=True, home="云南省昆明市寻甸回族彝族自治县羊街镇")
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW, said=said)
    assert lines.line(report, "township").addressee == "汤丹镇人民政府", "the school's township persuades the child that lives there"
    line, by = lines.line(report, "away"), cast.actor("bureau")
    assert line.due_on == TODAY + timedelta(3), "to be sent by then"
    for role in ("principal", "township"):
        with pytest.raises(Refused):
            send_away(line=line, addressee="寻甸县教育体育局", by=cast.actor(role), now=NOW)
    with pytest.raises(Refused) as refusal:
        send_away(line=line, addressee=" ", by=by, now=NOW)
    assert refusal.value.code == "addressee"
    send_away(line=line, addressee="寻甸回族彝族自治县教育体育局", by=by, now=NOW)
    assert line.number == "东川区教育体育局控辍函〔2026〕1号"
    assert line.due_on == TODAY + timedelta(15)
    with pytest.raises(Refused):
        send_away(line=lines.line(report, "away"), addressee="别处", by=by, now=NOW)
    reply_away(line=lines.line(report, "away"), text="已找到孩子，下周返校", by=by, now=NOW)
    assert lines.line(report, "away").state == "replied"


def standing(topic: str) -> set[str]:
    """The roles to whom a notice of a topic still stands."""
    return set(Notice.objects.standing().filter(topic=topic).values_list("role", flat=True))


def test_each_desk_is_told_and_left_alone_when_it_is_done(cast: Cast) -> None:
    report = drafted(cast)
    assert standing("line") == {"principal"}
    said = replace(lines.FOUND, is_registered_away=True)
    verify(report_id=report.pk, said=said, by=cast.actor("principal"), now=NOW)
    assert (standing("line"), standing("assignment"), standing("letter")) == ({"registrar", "bureau"}, {"township", "village"}, {"bureau"})
    enter_platform(line=lines.line(report, "platform"), number="YN1", by=cast.actor("registrar"), now=NOW)
    sign_receipt(line=lines.line(report, "bureau"), by=cast.actor("bureau"), now=NOW)
    sign_receipt(line=lines.line(report, "township"), by=cast.actor("township"), now=NOW)
    send_away(line=lines.line(report, "away"), addressee="测县教育体育局", by=cast.actor("bureau"), now=NOW)
    assert (standing("line"), standing("assignment"), standing("letter")) == (set(), {"village"}, set())
    reply_away(line=lines.line(report, "away"), text="已找到", by=cast.actor("bureau"), now=NOW)
    assert (standing("letter"), standing("answer")) == (set(), {"principal"}), "an answer leaves nothing to do"


@pytest.mark.parametrize("how", ["corrected", "cleared"])
def test_a_draft_that_became_needless_waits_for_nobody(cast: Cast, how: str) -> None:
    drafted(cast)
    draft_task()
    assert standing("line") == {"principal"}
    if how == "corrected":
        AbsenceRun.objects.all().delete()
    else:
        Case.objects.update(state="cleared")
    draft_task()
    assert standing("line") == set()


def test_a_draft_that_is_needed_again_waits_again(cast: Cast) -> None:
    drafted(cast)
    absence = AbsenceRun.objects.get()
    AbsenceRun.objects.all().delete()
    draft_task()
    assert standing("line") == set()
    absence.save(force_insert=True)
    draft_task()
    draft_task()
    assert standing("line") == {"principal"}
    assert ThreeLineReport.objects.count() == 1


def test_the_roll_calls_lead_to_a_draft(cast: Cast) -> None:
    """From the run of absence to the draft by the two tasks, as beat calls them."""
    term()
    lines.absence(cast.child, suspected_on=TODAY)
    flag_absences()
    draft_task()
    report = ThreeLineReport.objects.get()
    assert (report.case.origin, report.child) == ("absence", cast.child)
    flag_absences()
    draft_task()
    assert ThreeLineReport.objects.count() == 1
