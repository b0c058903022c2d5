"""The pages of the three lines and of the inbox, as people of every role go through them."""

from __future__ import annotations

import io
import uuid
import zipfile
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from apps.attendance.actions.leaves import place
from apps.attendance.models import AbsenceRun, Contact, Mark, RollCall
from apps.audit.models import Event
from apps.cases.actions.duties import ensure_duties
from apps.cases.models import Visit
from apps.core import clock
from apps.core.scope import SYSTEM
from apps.reporting.actions.drafting import draft_lines
from apps.reporting.actions.sending import enter_platform
from apps.reporting.layouts import PLATFORM
from apps.reporting.models import ThreeLineReport
from apps.reporting.queries import prefill
from apps.students.models import Child
from tests.cast import HOME, NOW, TODAY, Cast
from tests.factories import lines, people, registers, school_day

pytestmark = pytest.mark.django_db
GIVEN = {
    "whereabouts": "随表哥在昆明打工", "cause": "work", "contacts": "电话联系父亲", "home": "东川区汤丹镇汤丹1村", "address": "1组",
    "guardian_name": "杨父", "guardian_phone": "19900000000", "groups": ["left_behind"],
}  # fmt: skip


@pytest.fixture(autouse=True)
def afternoon(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is the afternoon of the cast's Monday."""
    monkeypatch.setattr(clock, "now", lambda: NOW)


def post(client: Client, path: str, **data: Any) -> Any:
    return client.post(path, {"_key": str(uuid.uuid4()), **data})


def draft(cast: Cast, n: int = 0, on: date = TODAY) -> ThreeLineReport:
    return lines.draft(cast.home.children[n], on=on, now=NOW)


def issued(cast: Cast, n: int = 0) -> ThreeLineReport:
    return lines.issued(cast.home.children[n], on=TODAY, by=cast.actor("principal"), now=NOW)


def test_the_whole_way_through_the_pages(cast: Cast) -> None:
    report = draft(cast)
    ensure_duties(district=HOME)
    principal, registrar, township, bureau = (cast.client(role) for role in ("principal", "registrar", "township", "bureau"))
    assert "核实并签发三线" in principal.get(f"/lines/{report.pk}/").content.decode()
    answer = post(principal, f"/lines/{report.pk}/verify/", **GIVEN)
    assert answer.status_code == 302 and answer.url == f"/lines/{report.pk}/platform/"
    panel = registrar.get(answer.url)
    assert [field[0] for field in panel.context["fields"]] == [column.key for column in PLATFORM]
    assert post(registrar, answer.url, number="YN1").status_code == 302
    letters = {line.kind: line for line in report.lines.all()}
    assert post(township, f"/lines/letters/{letters['township'].pk}/sign/").url == f"/assignments/{report.pk}/"
    people_named = {"gov_township_cadre_name": "李测", "gov_village_name": "王测"}
    assert post(township, f"/assignments/{report.pk}/people/", **people_named).status_code == 302
    visit = {"day": "2026-11-23", "way": "home", "visitors": "李测", "outcome": "promised", "promised_on": "2026-11-24", "text": "答应返校"}
    visit |= {"spoke_with": "父亲", "back": f"/assignments/{report.pk}/"}
    assert post(township, f"/cases/{report.case_id}/visit/", **visit).url == f"/assignments/{report.pk}/"
    assert post(township, f"/lines/letters/{letters['township'].pk}/reply/", text="已入户").status_code == 302
    assert post(bureau, f"/lines/letters/{letters['bureau'].pk}/sign/").url == f"/lines/{report.pk}/"
    page = principal.get(f"/lines/{report.pk}/")
    (row,) = [page.context["row"]]
    assert (row.reached, row.sending.was_late, row.visit.was_late) == (3, False, False)
    case = principal.get(f"/cases/{report.case_id}/").content.decode()
    assert "三线报告 3/3" in case and "按时完成" in case
    report.refresh_from_db()
    assert report.groups == ["left_behind"] and Visit.objects.get().promised_on == date(2026, 11, 24)


def test_a_case_shows_its_newest_report_and_leads_to_the_older_ones(cast: Cast) -> None:
    older = draft(cast)
    AbsenceRun.objects.update(ended_on=TODAY + timedelta(1), end="returned")
    lines.absence(cast.child, suspected_on=TODAY + timedelta(9))
    draft_lines(by=SYSTEM, now=NOW + timedelta(9))
    newer = ThreeLineReport.objects.exclude(pk=older.pk).get()
    page = cast.client("principal").get(f"/cases/{older.case_id}/").content.decode()
    assert page.index(f'href="/lines/{newer.pk}/">打开') < page.index(f'href="/lines/{older.pk}/">2026年11月21日起未到校')
    listed = cast.client("principal").get("/lines/").context["rows"]
    assert [one["row"].report.pk for one in listed] == [newer.pk, older.pk]


def test_each_line_has_its_own_clock(cast: Cast, settings: Any) -> None:
    """Two letters in time and a platform that was entered too late are not three overdue lines."""
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW)
    settings.PINNED_TODAY = TODAY + timedelta(2)
    client = cast.client("principal")
    page = client.get(f"/lines/{report.pk}/")
    assert [(its.due, its.left, its.was_late) for _, _, its in page.context["lines"]] == [
        (TODAY + timedelta(1), -1, False), (TODAY + timedelta(1), None, False), (TODAY + timedelta(1), None, False),
    ]  # fmt: skip
    words = page.content.decode()
    assert "云南省政府救助平台还没有报送" in words and words.count('<span class="badge ok">按时</span>') == 2 and words.count(">超期</span>") == 1
    enter_platform(line=lines.line(report, "platform"), number="YN1", by=cast.actor("registrar"), now=NOW + timedelta(2))
    words = client.get(f"/lines/{report.pk}/").content.decode()
    assert "1 线逾期完成" in words and words.count('<span class="badge ok">按时</span>') == 2
    assert client.get("/lines/").content.decode().count('<span class="badge warn">逾期</span>') == 1


def test_what_is_known_is_not_typed_again(cast: Cast) -> None:
    report = draft(cast)
    registers.entry(cast.child, "monitored", group_kind="unstable")
    registers.entry(cast.child, "enrollment", details={"left_behind": "2", "orphan": "N"})
    told = cast.client("principal").get(f"/lines/{report.pk}/verify/").context["form"].initial
    assert (told["guardian_name"], told["guardian_phone"]) == (cast.child.guardian_name, cast.child.guardian_phone)
    assert told["home"] == "东川区汤丹镇汤丹1村" and told["is_registered_away"] is False
    assert told["groups"] == ["left_behind", "monitored"]


def test_what_was_said_under_an_old_number_is_not_typed_again_either(cast: Cast) -> None:
    report, old = draft(cast), cast.home.children[1]
    Contact.objects.create(**place(school_day.seat(old)), day=TODAY, at=NOW, way="phone", result="reached", text="父亲说在外打工", written_at=NOW)
    Child.objects.filter(pk=old.pk).update(merged_into=cast.child)
    assert "父亲说在外打工" in prefill.known_of(report).initial["contacts"]


def test_what_the_teacher_wrote_at_the_roll_call_is_shown_and_not_typed_again(cast: Cast) -> None:
    report, child = draft(cast), cast.child
    where = {"district_code": child.district_code, "school": child.school, "school_class": child.school_class, "day": TODAY}
    roll = RollCall.objects.create(**where, expected=1, missing=1, taken_at=NOW, taken_title="班主任")
    Mark.objects.create(**where, child=child, roll_call=roll, code="absent", reason="other", note="跟舅舅去昆明了")
    page = cast.client("principal").get(f"/lines/{report.pk}/verify/")
    assert "缺勤·其他：跟舅舅去昆明了" in page.content.decode()
    assert page.context["form"].initial["cause_text"] == "跟舅舅去昆明了"


def test_the_enrolment_tells_of_a_household_elsewhere(cast: Cast) -> None:
    type(cast.child).objects.filter(pk=cast.child.pk).update(township_code="", village_code="")
    report = draft(cast)
    registers.entry(cast.child, "enrollment", residence_code="530129")
    assert cast.client("principal").get(f"/lines/{report.pk}/verify/").context["form"].initial["is_registered_away"] is True


@pytest.mark.parametrize(
    ("changed", "field"), [({"whereabouts": ""}, "whereabouts"), ({"cause": ""}, "cause"), ({"cause": "other"}, "cause_text"), ({"home": ""}, "home")]
)
def test_what_is_missing_is_asked_for(cast: Cast, changed: dict[str, str], field: str) -> None:
    report = draft(cast)
    answer = post(cast.client("principal"), f"/lines/{report.pk}/verify/", **(GIVEN | changed))
    assert answer.status_code == 422 and list(answer.context["form"].errors) == [field]
    assert ThreeLineReport.objects.to_verify().exists()


def test_the_full_number_is_shown_once_and_logged(cast: Cast) -> None:
    report = issued(cast)
    client, number = cast.client("registrar"), cast.child.document.number
    masked = client.get(f"/lines/{report.pk}/platform/").content.decode()
    assert number not in masked
    assert 'data-copy="field-id_number"' not in masked and 'data-copy="field-name"' in masked, "nobody pastes a masked number into the platform"
    shown = post(client, f"/lines/{report.pk}/platform/number/").content.decode()
    assert number in shown and 'data-copy="field-id_number"' in shown
    assert Event.objects.filter(verb="reveal_number", child_id=cast.child.pk).count() == 1


def test_the_workbook_has_the_platforms_columns_and_masked_numbers(cast: Cast) -> None:
    report = issued(cast)
    draft(cast, 1)
    content = cast.client("registrar").get("/lines/platform.xlsx").content
    rows = list(load_workbook(io.BytesIO(content)).active.values)
    assert list(rows[2]) == [column.label for column in PLATFORM]
    assert len(rows) == 4 and cast.child.name in rows[3] and cast.child.document.number not in str(rows)
    assert report.child.id_masked in rows[3]


def test_letters_are_papers_in_both_forms(cast: Cast) -> None:
    report = issued(cast)
    letter = lines.line(report, "township")
    client = cast.client("township")
    assert client.get(f"/lines/letters/{letter.pk}.pdf").content.startswith(b"%PDF-")
    with zipfile.ZipFile(io.BytesIO(client.get(f"/lines/letters/{letter.pk}.docx").content)) as parts:
        text = parts.read("word/document.xml").decode()
    for words in (
        letter.number,
        "汤丹镇人民政府",
        cast.child.name,
        "2026年11月21日",
        "请你镇履行主体劝返责任",
        "2026年11月26日前",
        cast.child.id_masked,
    ):
        assert words in text
    assert client.get(f"/lines/letters/{lines.line(report, 'platform').pk}.pdf").status_code == 404, "the platform is no letter"


def test_another_townships_child_is_a_stranger(cast: Cast) -> None:
    mine, other = issued(cast), lines.issued(
        cast.home.children[4], on=TODAY, by=people.actor(people.post("principal", school=cast.home.schools[2])), now=NOW
    )  # fmt: skip
    client, letter = cast.client("township"), lines.line(other, "township")
    for path in (f"/lines/{other.pk}/", f"/assignments/{other.pk}/", f"/lines/letters/{letter.pk}.pdf", f"/cases/{other.case_id}/visit/"):
        assert client.get(path).status_code == 404, path
    for path in (f"/lines/letters/{letter.pk}/sign/", f"/lines/letters/{letter.pk}/reply/", f"/assignments/{other.pk}/people/"):
        assert post(client, path, text="已办", gov_township_cadre_name="李测", gov_village_name="王测").status_code == 404, path
    assert [one["one"].report.pk for one in client.get("/assignments/").context["rows"]] == [mine.pk]
    assert lines.line(other, "township").state == "sent"


def test_a_child_that_lives_elsewhere_is_the_other_townships(cast: Cast) -> None:
    """It learns here: the township sees the report, but the letter went to where it lives."""
    child = cast.home.children[0]
    village = cast.home.villages[2]
    type(child).objects.filter(pk=child.pk).update(township_code=village.code[:9], village_code=village.code)
    report = issued(cast)
    letter = lines.line(report, "township")
    assert letter.addressee == "因民镇人民政府"
    here, there = cast.client("township"), people.client(people.post("township", region=cast.home.townships[1]))
    assert here.get(f"/lines/{report.pk}/").status_code == 200
    assert here.get(f"/assignments/{report.pk}/").status_code == 404
    assert post(here, f"/lines/letters/{letter.pk}/sign/").status_code == 404
    assert there.get(f"/assignments/{report.pk}/").status_code == 200
    assert post(there, f"/lines/letters/{letter.pk}/sign/").status_code == 302


def test_the_village_sees_its_own_children_alone(cast: Cast) -> None:
    mine = issued(cast)
    child = cast.home.children[1]
    type(child).objects.filter(pk=child.pk).update(village_code=cast.home.villages[1].code)
    issued(cast, 1)
    client = cast.client("village")
    assert [one["one"].report.pk for one in client.get("/assignments/").context["rows"]] == [mine.pk]
    assert client.get("/lines/").status_code == 404


def test_nothing_is_handed_over_before_it_is_issued(cast: Cast) -> None:
    report = draft(cast)
    client = cast.client("township")
    assert client.get("/assignments/").context["rows"] == []
    assert client.get(f"/assignments/{report.pk}/").status_code == 404


def test_the_map_is_told_the_village_and_nothing_of_the_child(cast: Cast) -> None:
    issued(cast)
    (one,) = cast.client("township").get("/assignments/").context["rows"]
    assert one["one"].map == "geo:0,0?q=%E4%B8%9C%E5%B7%9D%E5%8C%BA%E6%B1%A4%E4%B8%B9%E9%95%87%E6%B1%A4%E4%B8%B91%E6%9D%91"


def test_the_sheet_has_a_part_for_each_village(cast: Cast) -> None:
    issued(cast)
    child = cast.home.children[1]
    type(child).objects.filter(pk=child.pk).update(village_code=cast.home.villages[1].code)
    issued(cast, 1)
    villages = cast.client("township").get("/assignments/sheet/").context["villages"]
    assert [(name, len(rows)) for name, rows in villages] == [("汤丹1村", 1), ("汤丹2村", 1)]


def test_the_list_says_what_is_overdue(cast: Cast) -> None:
    day = timedelta(5)
    late, fresh = lines.draft(cast.child, on=TODAY - day, now=NOW - day), draft(cast, 1, on=TODAY)
    client = cast.client("bureau")

    def listed(**wanted: str) -> set[int]:
        return {one["row"].report.pk for one in client.get("/lines/", wanted).context["rows"]}

    page = client.get("/lines/")
    assert page.context["overdue"] == 1 and "1 名学生的三线报告没有按时完成" in page.content.decode()
    assert listed() == {late.pk, fresh.pk} and listed(state="overdue") == {late.pk}
    assert listed(state="to_verify") == {late.pk, fresh.pk} and listed(state="to_enter") == set()
    assert listed(text=late.child.name[-3:]) == {late.pk}
    assert listed(state="nonsense") == {late.pk, fresh.pk}
    assert "三线报告超期" in cast.client("principal").get("/").content.decode()


@pytest.mark.parametrize(
    ("role", "words"),
    [("principal", "三线报告待核实签发 1 人"), ("registrar", "待录入政府救助平台 1 人"), ("township", "学校报告待签收 1 人"), ("bureau", "学校报告待签收 1 人"),
     ("village", "首次走访 1 人")],
)  # fmt: skip
def test_the_workbench_says_what_waits(cast: Cast, role: str, words: str) -> None:
    issued(cast)
    draft(cast, 1)
    assert words in cast.client(role).get("/").content.decode()


def test_the_bureau_is_told_of_letters_past_their_day(cast: Cast, settings: Any) -> None:
    said = replace(lines.FOUND, is_registered_away=True)
    report = lines.issued(cast.child, on=TODAY, by=cast.actor("principal"), now=NOW, said=said)
    bureau = cast.client("bureau")
    assert "待发函户籍地 1 人" in bureau.get("/").content.decode()
    assert post(bureau, f"/lines/{report.pk}/away/", addressee="寻甸回族彝族自治县教育体育局").status_code == 302
    assert "户籍地" not in bureau.get("/").content.decode()
    settings.PINNED_TODAY = TODAY + timedelta(16)
    assert "户籍地超期未答复 1 人" in bureau.get("/").content.decode()
    assert "没有按期答复" in bureau.get("/lines/").content.decode()
    away = lines.line(report, "away")
    assert post(bureau, f"/lines/away/{away.pk}/answer/", text="已返校").status_code == 302
    assert bureau.get("/lines/", {"state": "away"}).context["rows"] == []


@pytest.mark.parametrize("path", ["/lines/", "/assignments/", "/assignments/sheet/", "/"])
def test_few_questions_whatever_the_number(cast: Cast, path: str) -> None:
    issued(cast)
    client = cast.client("township")
    client.get(path)
    with CaptureQueriesContext(connection) as few:
        client.get(path)
    issued(cast, 1)
    with CaptureQueriesContext(connection) as many:
        client.get(path)
    assert len(few) == len(many) <= 36
