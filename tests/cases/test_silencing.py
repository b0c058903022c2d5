"""What an attacker found: asking, pausing, promising and planning that kept a case quiet; proposals nobody saw; words that were not for everybody."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.cases.actions import exempting, joining, noting, placing, proposing, visiting
from apps.cases.actions.handover import Answered, answer_handover, chase_handovers, send_handover
from apps.cases.actions.proposing import Asked
from apps.cases.models import Attachment, Case, CaseEntry, Climb, Placement, Proposal
from apps.core.errors import Refused
from apps.core.medical import HIDDEN
from apps.core.scope import SYSTEM
from apps.notices.models import Notice
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories.cases_duties import fresh, moment, night
from tests.factories.cases_steps import persuading
from tests.factories.registers import entry, term

pytestmark = pytest.mark.django_db
DISASTER = Asked("pause", "disaster", "路断", TODAY, TODAY + timedelta(3), make.PDF)
DIED = Asked("close", "died", "死亡", files=make.PDF)
SICK = "确诊精神分裂症住院"


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def every_other_day(case: Case, days: int, act: Callable[[Case, datetime], None]) -> Case:
    """Somebody does the same thing again and again while the nights pass."""
    for n in range(2, days + 1, 2):
        night(TODAY + timedelta(n))
        act(fresh(case), moment(TODAY + timedelta(n)))
    night(TODAY + timedelta(days))
    return fresh(case)


@pytest.mark.parametrize(("state", "asked"), [("returned", DIED), ("suspected", Asked("clear", "transfer", "已转", files=make.PDF))])
def test_to_ask_and_to_take_back_brings_no_time(cast: Cast, state: str, asked: Asked) -> None:
    """The deadline is the one of the task that waits behind the signature; the signer's own stands beside it."""
    term()
    make.seated(cast.child)
    case, by = make.case(cast.child, state, days=0), cast.actor("principal" if state == "returned" else "registrar")
    night(TODAY)
    due = fresh(case).due_on

    def act(found: Case, now: datetime) -> None:
        for one in Proposal.objects.filter(case=found, decided_at=None):
            proposing.withdraw(proposal=one, by=by, now=now)
        proposing.ask(case=fresh(found), asked=asked, by=by, now=now)

    late = every_other_day(case, 40, act)
    assert late.task == f"decide_{asked.kind}" and due is not None and late.due_on is not None and late.due_on <= due
    assert set(Climb.objects.filter(case=case).values_list("level", flat=True)) == {1, 2, 3, 4}
    assert "前审定。" in cast.client("bureau").get(reverse("case_show", args=[case.pk])).content.decode()


@pytest.mark.parametrize(("kind", "basis"), [("pause", "disaster"), ("skip", "urgent")])
def test_pauses_and_skips_are_on_the_bureaus_list(cast: Cast, kind: str, basis: str) -> None:
    term()
    case = persuading(cast.child, since=TODAY, now=NOW)
    night(TODAY)
    due, bureau = fresh(case).due_on, cast.client("bureau")
    proposing.ask(case=case, asked=replace(DISASTER, kind=kind, basis=basis), by=cast.actor("township"), now=NOW)
    found = fresh(case)
    assert (found.task, found.owner_role, found.due_on) == (f"decide_{kind}", "bureau", due)
    assert cast.child.name in bureau.get("/cases/?owner=bureau&decide=on").content.decode()
    assert "等您审定的个案 1 件" in bureau.get("/").content.decode()


def test_still_at_work_is_believed_once(cast: Cast) -> None:
    entry(cast.child, residence_code="530129")
    case, by = persuading(cast.child, since=TODAY, now=NOW), cast.actor("bureau")
    letter = send_handover(case=case, addressee="寻甸县教育体育局", text="", home="羊街镇", by=by, now=NOW)
    told = Answered("working", TODAY, "在办")
    answer_handover(handover=letter, told=told, by=by, now=NOW)
    with pytest.raises(Refused, match="须附对方来函") as refused:
        answer_handover(handover=letter, told=replace(told, on=TODAY + timedelta(5)), by=by, now=moment(TODAY + timedelta(5)))
    assert refused.value.code == "files"
    due = letter.reply_by
    paper = replace(told, on=TODAY + timedelta(5), files=make.PDF)
    assert answer_handover(handover=letter, told=paper, by=by, now=moment(TODAY + timedelta(5))).reply_by == due + timedelta(5)
    late = letter.reply_by + timedelta(1)
    chase_handovers(by=SYSTEM, today=late, now=moment(late))
    assert Notice.objects.filter(key__startswith="handover:", role="bureau").exists()


def test_to_plan_and_to_undo_is_no_progress(cast: Cast) -> None:
    term()
    make.seated(cast.child)
    case, by = persuading(cast.child, since=TODAY, now=NOW, cause="weary"), cast.actor("principal")

    def act(found: Case, now: datetime) -> None:
        day = now.date()
        if standing := Placement.objects.filter(case=found, ended_on=None).last():
            placing.review(placement=standing, reviewed=placing.Reviewed(day, "change", "不合适"), by=by, now=now)
        plan = placing.Plan("work", "individual", None, "李", "评", "计划", date(2026, 11, 1), "建议", day, day + timedelta(30))
        placing.place(case=fresh(found), plan=plan, by=by, now=now)

    late = every_other_day(case, 20, act)
    assert late.state == "persuading" and late.progress_on == TODAY + timedelta(2) and late.climbed == 4


def test_what_waits_is_over_with_its_case(cast: Cast) -> None:
    """Closed or merged: withdrawn with a line, the notice settled, nothing left to sign."""
    first, second, third = cast.home.children[:3]
    bureau, township = cast.actor("bureau"), cast.actor("township")
    kept, ended, closed = (persuading(child, since=TODAY, now=NOW) for child in (first, second, third))
    waiting = [proposing.ask(case=case, asked=DISASTER, by=township, now=NOW) for case in (ended, closed)]
    second.merged_into = first
    second.save()
    joining.merge_case(case=ended, into=kept, by=bureau, now=NOW)
    proposing.decide(proposal=proposing.ask(case=closed, asked=DIED, by=cast.actor("principal"), now=NOW), agree=True, text="", by=bureau, now=NOW)
    for case, one in zip((ended, closed), waiting, strict=True):
        one.refresh_from_db()
        assert (one.verdict, one.decided_name) == ("withdrawn", bureau.name)
        assert CaseEntry.objects.filter(case=case, text__contains="等候审定的一并撤回：暂停计时 灾害、道路中断").count() == 1
        assert not Notice.objects.filter(key=f"proposal:{one.pk}", settled_at=None).exists()


def test_nothing_is_written_into_a_case_that_ended_meanwhile(cast: Cast) -> None:
    """Whoever read the case before it ended finds it as it stands."""
    bureau, township = cast.actor("bureau"), cast.actor("township")
    case = persuading(cast.child, since=TODAY, now=NOW)
    read_before = fresh(case)
    pause = proposing.ask(case=case, asked=DISASTER, by=township, now=NOW)
    proposing.decide(proposal=proposing.ask(case=case, asked=DIED, by=cast.actor("principal"), now=NOW), agree=True, text="", by=bureau, now=NOW)
    pause.case = read_before
    for act in (
        lambda: proposing.ask(case=read_before, asked=DISASTER, by=township, now=NOW),
        lambda: visiting.log_visit(case=read_before, seen=visiting.Seen(TODAY, "phone", "王", "nobody", "无人接听"), by=township, now=NOW),
        lambda: proposing.decide(proposal=pause, agree=True, text="", by=bureau, now=NOW),
    ):
        read_before.state = "persuading"
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.code == "closed"


def test_a_note_lies_after_the_absence(cast: Cast) -> None:
    case, by = make.case(cast.child), cast.actor("principal")
    for day in (date(1, 1, 1), case.opened_on - timedelta(1)):
        with pytest.raises(Refused, match="发生日不能早于") as refused:
            noting.note(case=case, text="旧事", on=day, by=by, now=NOW)
        assert refused.value.code == "day"
    old = make.entry(case, happened_on=case.opened_on - timedelta(9))
    assert noting.note(case=case, text="改", on=old.happened_on, by=by, now=NOW, corrects=old).happened_on == old.happened_on
    assert noting.note(case=case, text="当天", on=case.opened_on, by=by, now=NOW)


@pytest.mark.parametrize(
    ("role", "reads"), [("inspector", False), ("central_school", False), ("leader", False), ("bureau", True), ("principal", True)]
)
def test_words_of_an_illness_are_for_those_who_decide_by_them(cast: Cast, role: str, reads: bool) -> None:
    """On the page, in the file and on the form of application; while it waits, once it is granted, and when it ends early."""
    case = persuading(cast.child, since=TODAY, now=NOW)
    bureau, client = cast.actor("bureau"), cast.client(role)
    form = exempting.Application("2026", "杨", "1", "a", "医院", SICK)
    asked = Asked("exempt", "suspension", SICK, TODAY, TODAY + timedelta(300), make.PDF)
    made = exempting.apply(case=case, asked=asked, application=form, by=cast.actor("township"), now=NOW)

    def read(name: str, pk: int) -> str:
        """The words of a page or of a paper."""
        answer = client.get(reverse(name, args=[pk]))
        assert answer.status_code == 200
        if not name.endswith("docx"):
            return str(answer.content.decode())
        return zipfile.ZipFile(io.BytesIO(answer.content)).read("word/document.xml").decode()

    waiting = read("case_show", case.pk)
    proposing.decide(proposal=made, agree=True, text=f"{SICK}属实", by=bureau, now=NOW)
    exempting.end_early(case=fresh(case), text=f"{SICK}已愈", files=make.PDF, by=bureau, now=NOW)
    pages = [waiting, read("case_show", case.pk), read("exempt_docx", made.pk)]
    if role not in ("principal", "leader"):  # who print no files
        pages.append(read("case_file_docx", case.pk))
    for said in pages:
        assert (SICK in said, HIDDEN in said) == (reads, not reads)
    assert all(Attachment.objects.filter(case=case).values_list("is_medical", flat=True))
