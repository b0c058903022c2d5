"""The page of a case: one deadline for one signature, what a case lacks on each way, which lines of its ledger a person may correct."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from apps.cases.actions.proposing import Asked, ask, decide
from apps.cases.models import Case, CaseEntry
from apps.core.proofs import ProofFile
from apps.students.models import Child
from tests.cast import NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_back import seen
from tests.factories.cases_steps import persuading

pytestmark = pytest.mark.django_db
PDF = (ProofFile("证明.pdf", b"%PDF-1.7 proof"),)


@pytest.fixture(autouse=True)
def _folder(settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path


def page(cast: Cast, role: str, case: Case) -> Any:
    return cast.client(role).get(f"/cases/{case.pk}/")


def test_one_signature_has_one_deadline(cast: Cast) -> None:
    """What waits for the signature may be due before the signature itself: the page names the earlier day alone, as the lists do."""
    case = runs.case(cast.child, opened_on=TODAY - timedelta(40))
    seen(case)
    ask(case=case, asked=Asked("confirm", "days", "满三十日"), by=cast.actor("principal"), now=NOW)
    Case.objects.filter(pk=case.pk).update(task="decide_confirm", owner_role="bureau", due_on=TODAY - timedelta(1))
    told = page(cast, "bureau", case).context["panels"]["life"]
    assert [wait["due"] for wait in told["waiting"]] == [told["task"]["due"]] == [TODAY - timedelta(1)]
    Case.objects.filter(pk=case.pk).update(task="first_visit")
    told = page(cast, "bureau", case).context["panels"]["life"]
    assert [wait["due"] > TODAY for wait in told["waiting"]] == [True]


def test_each_way_says_how_much_it_lacks_and_another_posts_ways_are_folded(cast: Cast) -> None:
    case = runs.case(cast.child, state="persuading", opened_on=TODAY)
    for role, opened in (("bureau", True), ("principal", False)):
        body = page(cast, role, case).content.decode().split("可以转到：")[1].split("</section>")[0]
        fold = body.split("转为“已销号”还缺")[0].rsplit("<details", 1)[1]
        assert (" open" in fold) is opened, role
        assert "转为“已复学”还缺" in body


def test_what_the_product_wrote_cannot_be_corrected_by_hand(cast: Cast) -> None:
    case = runs.case(cast.child, opened_on=TODAY)
    lines = [("climbed", "系统"), ("moved", "李测"), ("note", "系统"), ("note", "李测"), ("visit", "李测")]
    for kind, name in lines:
        CaseEntry.objects.create(case=case, kind=kind, text="一条", happened_on=TODAY, written_at=NOW, by_name=name, by_title="校长")
    entries = page(cast, "principal", case).context["panels"]["life"]["entries"]
    told = [(one["what"], one["by_hand"]) for one in reversed(entries)]
    assert told == [("立案", False), ("逐级上报", False), ("状态变更", False), ("记录", False), ("记录", True), ("家访", True)]
    body = page(cast, "principal", case).content.decode()
    assert body.count('aria-label="更正这条记录"') == 2
    assert body.index('id="child"') < body.index('id="ledger"')


def test_no_next_visit_is_asked_for_while_a_pause_runs(cast: Cast) -> None:
    case = persuading(cast.child, since=TODAY - timedelta(1), now=NOW)
    Case.objects.filter(pk=case.pk).update(task="visit", owner_role="township")
    asked = "下次家访或其他实际进展不晚于"
    assert asked in page(cast, "bureau", case).content.decode()
    made = ask(case=case, asked=Asked("pause", "disaster", "道路中断", TODAY, TODAY + timedelta(9), PDF), by=cast.actor("township"), now=NOW)
    decide(proposal=made, agree=True, text="", by=cast.actor("bureau"), now=NOW)
    body = page(cast, "bureau", case).content.decode()
    assert "已批准暂停计时" in body and asked not in body


def test_a_case_under_a_record_found_to_be_of_another_child(cast: Cast) -> None:
    """Its page says who the child is now and under which record it was opened; the list finds it by both names."""
    old, child = cast.home.children[:2]
    case = runs.case(old)
    Child.objects.filter(pk=old.pk).update(merged_into=child)
    Child.objects.filter(pk=child.pk).update(guardian_phone="13800138000")
    body = page(cast, "bureau", case).content.decode()
    assert f"立案时记作 {old.name}" in body and "13800138000" in body and child.name in body.partition("<h1")[2].partition("</h1>")[0]
    for text in (old.name, child.name, "13800138000"):
        assert [one.pk for one in cast.client("bureau").get("/cases/", {"text": text}).context["page"]] == [case.pk], text
