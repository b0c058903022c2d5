"""What takes two signatures: who may ask, on which grounds, who agrees, and the move that follows."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.attendance.models import RollCall, Seat
from apps.cases.actions.proposing import Asked, ask, decide, withdraw
from apps.cases.models import Attachment, Case, CaseEntry, Proposal, Visit
from apps.cases.rules.proposing import askers
from apps.core.errors import Refused
from apps.core.proofs import ProofFile
from apps.notices.models import Notice
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import people, runs

pytestmark = pytest.mark.django_db
PDF = (ProofFile("证明.pdf", b"%PDF-1.7 proof"),)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def suspected(cast: Cast, **fields: Any) -> Case:
    return runs.case(cast.child, opened_on=TODAY - timedelta(40), **fields)


def came(cast: Cast) -> None:
    """The child sat in class today."""
    child = cast.child
    Seat.objects.create(child=child, district_code=HOME, school=child.school, school_class=child.school_class, first_day=TODAY - timedelta(60))
    RollCall.objects.create(
        school_class=child.school_class,
        school=child.school,
        district_code=HOME,
        day=TODAY,
        expected=1,
        taken_at=NOW,
    )


def test_back_in_class_clears_with_two_signatures(cast: Cast) -> None:
    case = suspected(cast)
    asked = Asked("clear", "back", "今天已到校上课")
    with pytest.raises(Refused, match="返校满 1 个上课日"):
        ask(case=case, asked=asked, by=cast.actor("head_teacher"), now=NOW)
    came(cast)
    made = ask(case=case, asked=asked, by=cast.actor("head_teacher"), now=NOW)
    assert (case.task, case.owner_role) == ("decide_clear", "principal")
    said = decide(proposal=made, agree=True, text="", by=cast.actor("principal"), now=NOW)
    case.refresh_from_db()
    assert "已排除" in said
    assert (case.state, case.task, case.due_on) == ("cleared", "", None)
    assert [entry.kind for entry in case.ledger.order_by("pk")][-3:] == ["decision", "decision", "moved"]
    assert case.ledger.order_by("-pk")[0].target == "cleared"


def test_what_the_principal_asks_to_clear_is_the_registrars_to_sign(cast: Cast) -> None:
    """One post is charged: who may sign, on the case, on its workbench and in its list, and not who asked."""
    case = suspected(cast)
    came(cast)
    made = ask(case=case, asked=Asked("clear", "back", "今天已到校上课"), by=cast.actor("principal"), now=NOW)
    assert (case.task, case.owner_role) == ("decide_clear", "registrar")
    assert "等您审定" in cast.client("registrar").get("/").content.decode()
    assert "等您审定" not in cast.client("principal").get("/").content.decode()
    assert cast.child.name in cast.client("registrar").get("/cases/?decide=on&owner=registrar").content.decode()
    assert "已排除" in decide(proposal=made, agree=True, text="", by=cast.actor("registrar"), now=NOW)
    again = runs.case(cast.strangers["class"], opened_on=TODAY - timedelta(40))
    ask(case=again, asked=Asked("clear", "transfer", "已转学", files=PDF), by=cast.actor("registrar"), now=NOW)
    assert (again.task, again.owner_role) == ("decide_clear", "principal")


def test_thirty_days_or_what_a_visit_found_confirms(cast: Cast) -> None:
    case = runs.case(cast.child, opened_on=TODAY - timedelta(5))
    by = cast.actor("principal")
    with pytest.raises(Refused, match="疑似满 30 日"):
        ask(case=case, asked=Asked("confirm", "days", "未返校"), by=by, now=NOW)
    entry = CaseEntry.objects.create(case=case, kind="visit", text="家访", happened_on=TODAY, written_at=NOW, by_name="甲", by_title="班主任")
    Visit.objects.create(
        case=case,
        entry=entry,
        day=TODAY,
        way="home",
        visitors="甲",
        text="已外出",
        outcome="working",
        whereabouts="广东",
        is_local=False,
        written_at=NOW,
    )
    with pytest.raises(Refused, match="须附证明材料"):
        ask(case=case, asked=Asked("confirm", "working", "在广东务工"), by=by, now=NOW)
    made = ask(case=case, asked=Asked("confirm", "working", "在广东务工", files=PDF), by=by, now=NOW)
    decide(proposal=made, agree=True, text="属实", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    assert (case.state, case.task, case.owner_role) == ("confirmed", "assign", "bureau")
    assert Attachment.objects.get().entry == made.entry


def test_what_is_refused_says_why(cast: Cast) -> None:
    case = suspected(cast)
    principal, bureau = cast.actor("principal"), cast.actor("bureau")
    for asked, by, words in [
        (Asked("confirm", "days", "x"), bureau, "不由您的岗位提出"),
        (Asked("confirm", "days", "  "), principal, "请写明理由"),
        (Asked("close", "watched", "x", files=PDF), principal, "不能以此提出"),
        (Asked("exempt", "deferral", "x", files=PDF), principal, "不能以此提出"),
        (Asked("pause", "illness", "x", files=PDF), principal, "从哪一天到哪一天"),
        (Asked("pause", "illness", "x", TODAY, TODAY + timedelta(31), PDF), principal, "最长 30 日"),
        (Asked("pause", "illness", "x", TODAY, TODAY - timedelta(1), PDF), principal, "截止日不能早于"),
        (Asked("nothing", "x", "x"), principal, "不由您的岗位提出"),
    ]:
        with pytest.raises(Refused, match=words):
            ask(case=case, asked=asked, by=by, now=NOW)
    assert not Proposal.objects.exists()
    make.seen(case, way="home")
    made = ask(case=case, asked=Asked("confirm", "days", "满三十日"), by=principal, now=NOW)
    with pytest.raises(Refused, match="正在等候审定"):
        ask(case=case, asked=Asked("confirm", "days", "再提"), by=principal, now=NOW)
    with pytest.raises(Refused, match="不由您的岗位审定"):
        decide(proposal=made, agree=True, text="", by=principal, now=NOW)
    with pytest.raises(Refused, match="请写明理由"):
        decide(proposal=made, agree=False, text="", by=bureau, now=NOW)
    decide(proposal=made, agree=False, text="先家访", by=bureau, now=NOW)
    with pytest.raises(Refused, match="刚刚已有结论"):
        decide(proposal=made, agree=True, text="", by=bureau, now=NOW)
    case.refresh_from_db()
    assert (case.state, case.task) == ("suspected", "settle")


@pytest.mark.parametrize("role", ["township", "central_school"])
def test_the_principal_of_the_school_asks_to_close(cast: Cast, role: str) -> None:
    """DOMAIN §4：两人签字，校长和区教体局；没有学校的由乡镇提出。"""
    case, over = runs.case(cast.child, state="confirmed"), Asked("close", "died", "死亡证明附后。", files=PDF)
    with pytest.raises(Refused, match="不由您的岗位提出"):
        ask(case=case, asked=over, by=cast.actor(role), now=NOW)
    assert ask(case=case, asked=over, by=cast.actor("principal"), now=NOW).asked_role == "principal"
    assert askers("close", has_school=False) == ("township",)


def test_nobody_signs_for_the_own_word(cast: Cast) -> None:
    case = suspected(cast)
    came(cast)
    principal = cast.post("principal")
    registrar_too = people.actor(people.post("registrar", holder=principal.user, school=cast.home.schools[0]))
    made = ask(case=case, asked=Asked("clear", "back", "已到校"), by=people.actor(principal), now=NOW)
    with pytest.raises(Refused, match="不能是同一个人"):
        decide(proposal=made, agree=True, text="", by=registrar_too, now=NOW)
    with pytest.raises(Refused, match="只有提出人可以撤回"):
        withdraw(proposal=made, by=cast.actor("registrar"), now=NOW)
    withdraw(proposal=made, by=people.actor(principal), now=NOW)
    assert Proposal.objects.get().verdict == "withdrawn"


def test_a_pause_moves_the_deadline_and_ends_by_itself(cast: Cast) -> None:
    case = runs.case(cast.child, state="confirmed", opened_on=TODAY)
    by = cast.actor("principal")
    made = ask(case=case, asked=Asked("pause", "disaster", "道路中断", TODAY, TODAY + timedelta(9), PDF), by=by, now=NOW)
    before = case.due_on
    decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    case.refresh_from_db()
    assert before is not None
    assert case.due_on == before + timedelta(9)  # the clock starts the day after, nine of the ten days stand in its way
    assert case.progress_on is None  # a pause is no progress
    (told,) = Notice.objects.filter(key=f"decided:{made.pk}")
    assert (told.role, told.school_id) == ("principal", case.school_id) and told.sentence.endswith("审定结果：同意")


def send(client: Client, path: str, told: dict[str, Any]) -> Any:
    return client.post(path, {"_key": str(uuid.uuid4())} | told)


def page_form(kind: str, **told: Any) -> dict[str, Any]:
    return {"kind": kind, "text": "测试理由", "files": SimpleUploadedFile("证明.pdf", b"%PDF-1.7 x", "application/pdf")} | told


def test_on_the_page(cast: Cast) -> None:
    case = suspected(cast)
    make.seen(case)
    asker, decider = cast.client("principal"), cast.client("bureau")
    refused = send(asker, f"/cases/{case.pk}/ask/", page_form("confirm", basis="refused_written", files="", text="已拒绝"))
    assert refused.status_code == 422
    assert "须附证明材料" in refused.content.decode()
    assert "已拒绝" in refused.content.decode()  # nothing typed is lost
    assert send(asker, f"/cases/{case.pk}/ask/", page_form("confirm", basis="days")).status_code == 302
    made = Proposal.objects.get()
    assert "等第二人签认" in decider.get(f"/cases/{case.pk}/").content.decode()
    assert send(decider, f"/cases/proposals/{made.pk}/decide/", {"answer": "yes", "text": "同意"}).status_code == 302
    case.refresh_from_db()
    assert case.state == "confirmed"
    note = {"on": str(TODAY), "text": "补充说明", "corrects": made.entry_id}
    assert send(asker, f"/cases/{case.pk}/note/", note).status_code == 302
    fixed = case.ledger.get(kind="correction")
    assert (fixed.corrects_id, fixed.is_progress) == (made.entry_id, False)
    late = send(asker, f"/cases/{case.pk}/note/", {"on": str(TODAY + timedelta(1)), "text": "明天的事"})
    assert late.status_code == 422
    assert "明天的事" in late.content.decode()
    file = Attachment.objects.get()
    assert decider.get(f"/cases/attachments/{file.pk}/").content == b"%PDF-1.7 x"
    assert cast.client("leader").get(f"/cases/{case.pk}/").status_code == 200


def test_a_case_opened_by_hand(cast: Cast) -> None:
    child = cast.child
    village, bureau = cast.client("village"), cast.client("bureau")
    assert village.get(f"/cases/open/{child.pk}/").status_code == 200
    assert send(village, f"/cases/open/{child.pk}/", {"reason": "九月起没有上学"}).status_code == 302
    case = Case.objects.get()
    assert (case.state, case.origin, case.owner_role, case.task) == ("suspected", "village", "head_teacher", "first_visit")
    again = send(bureau, f"/cases/open/{child.pk}/", {"reason": "又一次", "never_enrolled": "on"})
    assert again.status_code == 422
    assert "已有未结的个案" in again.content.decode()
    other = cast.home.children[2]
    assert send(bureau, f"/cases/open/{other.pk}/", {"reason": "从未入学", "never_enrolled": "on"}).status_code == 302
    assert Case.objects.get(child=other).state == "confirmed"
    assert village.get(f"/cases/open/{cast.strangers['township'].pk}/").status_code == 404
