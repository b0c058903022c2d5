"""The letter that went out with the three lines is the letter by which a case is handed over: one number, one day, one answer."""

from __future__ import annotations

import uuid
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse

from apps.cases.actions.handover import Answered, answer_handover, send_handover, take_up_letter
from apps.cases.models import Case, Handover
from apps.core.errors import Refused
from apps.reporting.actions.sending import reply_away, send_away
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import board
from tests.cast import NOW, TODAY, Cast
from tests.factories import lines
from tests.factories.cases_steps import charge
from tests.factories.registers import entry

pytestmark = pytest.mark.django_db
BUREAU = "寻甸回族彝族自治县教育体育局"
WORKING = Answered("working", TODAY, "正在查找")


def reported(cast: Cast) -> tuple[ThreeLineReport, Case]:
    """A child registered elsewhere whose three lines went out, and whose case is in the township's hands."""
    entry(cast.child, residence_code="530129")
    said = replace(lines.FOUND, is_registered_away=True, home="云南省昆明市寻甸回族彝族自治县羊街镇")
    report = lines.issued(cast.child, on=TODAY - timedelta(3), by=cast.actor("principal"), now=NOW - timedelta(3), said=said)
    Case.objects.filter(pk=report.case_id).update(state="persuading", state_since=TODAY - timedelta(3), progress_on=TODAY - timedelta(3))
    charge(report.case, since=TODAY - timedelta(3), now=NOW)
    return report, Case.objects.select_related("child", "school", "school_class").get(pk=report.case_id)


def press(cast: Cast, case: Case, **told: Any) -> Any:
    return cast.client("bureau").post(reverse("handover_send", args=[case.pk]), {"_key": str(uuid.uuid4()), **told})


def test_a_handover_begins_from_the_letter_that_is_out(cast: Cast) -> None:
    report, case = reported(cast)
    by, page = cast.actor("bureau"), reverse("case_show", args=[case.pk])
    assert "按此函移交" not in cast.client("bureau").get(page).content.decode()
    line = send_away(line=lines.line(report, "away"), addressee=BUREAU, by=by, now=NOW - timedelta(1))
    reply_away(line=lines.line(report, "away"), text="孩子已找到", by=by, now=NOW)
    shown = cast.client("bureau").get(page).content.decode()
    assert "按此函移交户籍地" in shown and line.number in shown and "孩子已找到" in shown
    assert 'name="handover-addressee"' not in shown, "not asked for twice"
    assert press(cast, case, begun=line.number).status_code == 302
    made = Handover.objects.get()
    assert (made.number, made.addressee, made.sent_on, made.reply_by) == (line.number, BUREAU, TODAY - timedelta(1), line.due_on)
    assert (made.reply, made.replied_on, made.letter) == ("孩子已找到", TODAY, line.letter)
    case.refresh_from_db()
    assert (case.state, case.is_non_local) == ("transferred", True)
    assert cast.client("bureau").get(reverse("handover_pdf", args=[made.pk])).content.startswith(b"%PDF")
    with pytest.raises(Refused):
        take_up_letter(case=case, by=by, now=NOW)


def test_the_answer_has_one_place(cast: Cast) -> None:
    report, case = reported(cast)
    by, late = cast.actor("bureau"), TODAY + timedelta(60)
    send_away(line=lines.line(report, "away"), addressee=BUREAU, by=by, now=NOW)
    assert board.away_overdue(by.scope, today=late) == 1
    made = take_up_letter(case=case, by=by, now=NOW)
    assert board.away_overdue(by.scope, today=late) == 0, "it is chased as the case's"
    with pytest.raises(Refused) as refusal:
        reply_away(line=lines.line(report, "away"), text="已找到", by=by, now=NOW)
    assert refusal.value.code == "handover"
    shown = cast.client("bureau").get(reverse("report_show", args=[report.pk])).content.decode()
    assert "已移交户籍地" in shown and "登记对方答复" not in shown.replace("“登记对方答复”", "")
    answer_handover(handover=made, told=WORKING, by=by, now=NOW)
    made.refresh_from_db()
    assert made.reply == "正在查找"


def test_a_line_sends_the_letter_of_a_handover_that_came_first(cast: Cast) -> None:
    report, case = reported(cast)
    by = cast.actor("bureau")
    made = send_handover(case=case, addressee=BUREAU, text="", home="羊街镇", by=by, now=NOW)
    line = send_away(line=lines.line(report, "away"), addressee="别处", by=by, now=NOW)
    assert (line.number, line.addressee, line.state) == (made.number, BUREAU, "sent")


def test_only_the_bureau_and_only_while_persuading(cast: Cast) -> None:
    report, case = reported(cast)
    with pytest.raises(Refused) as none:
        take_up_letter(case=case, by=cast.actor("bureau"), now=NOW)
    assert none.value.code == "letter"
    send_away(line=lines.line(report, "away"), addressee=BUREAU, by=cast.actor("bureau"), now=NOW)
    with pytest.raises(Refused) as right:
        take_up_letter(case=case, by=cast.actor("township"), now=NOW)
    assert right.value.code == "right"
    Case.objects.filter(pk=case.pk).update(state="suspected")
    assert press(cast, case, begun="x").status_code == 302 and not Handover.objects.exists()
