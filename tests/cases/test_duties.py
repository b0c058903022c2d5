"""双线十二人: defaults, who names whom, hand-over, completeness, letters; every child resolves to named people on any date."""

from __future__ import annotations

import uuid
from datetime import date, timedelta
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl import load_workbook

from apps.attendance.models import Seat
from apps.cases.actions.duties import Named, Place, ensure_duties, hand_over, name_for_case, name_people
from apps.cases.models import Duty, DutyLetter, Guarantor
from apps.cases.queries.duties import answering, group_key, names_group
from apps.cases.queries.duties_then import answering_then
from apps.cases.queries.places import Covers
from apps.cases.rules.duties import DEFAULTS
from apps.core.errors import Refused
from apps.registers.models import Entry, Upload
from apps.schools.models import Catchment
from tests.cast import HOME, NEIGHBOUR, NOW, TODAY, Cast
from tests.factories import runs
from tests.factories.cases_duties import BEGUN, duty, fresh, moment, named, twelve
from tests.factories.registers import entry, term, upload

pytestmark = pytest.mark.django_db


def who(case: Any, *, day: date = TODAY) -> dict[str, str | None]:
    """Code of a post -> the name of who holds it for the child."""
    return {duty.code: holder.name if holder else None for duty, holder in answering([fresh(case)], day=day)[case.pk].items()}


def send(browser: Any, url: str, **form: Any) -> Any:
    return browser.post(url, {"_key": str(uuid.uuid4()), **form})


def test_a_district_begins_with_six_and_six(cast: Cast) -> None:
    assert ensure_duties(district=HOME) == 12 and ensure_duties(district=HOME) == 0
    assert list(Duty.objects.filter(district_code=HOME).values_list("code", flat=True)) == [post.code for post in DEFAULTS]
    lines = Duty.objects.filter(district_code=HOME).values_list("line", flat=True)
    assert (list(lines).count("government"), list(lines).count("education")) == (6, 6)


def test_the_nearest_place_wins_and_the_childs_own_first_of_all(cast: Cast) -> None:
    case, other = runs.case(cast.home.children[0]), runs.case(cast.home.children[1])
    assert set(who(case).values()) == set(), "no posts, no holders"
    twelve(cast)
    assert None not in who(case).values()
    named("edu_head_teacher", "本班", school=cast.home.schools[0], school_class=cast.home.classes[0])
    named("edu_principal", "专人", case=case)
    assert (who(case)["edu_head_teacher"], who(case)["edu_principal"]) == ("本班", "专人")
    assert who(other)["edu_head_teacher"] == "责测10" and who(other)["edu_principal"] == "责测9"
    stranger = runs.case(cast.home.children[4])
    assert [code for code, name in who(stranger).items() if name] == ["gov_leader", "edu_leader", "edu_officer"]


def test_the_head_of_the_childs_group(cast: Cast) -> None:
    case = runs.case(cast.child)
    village = cast.home.villages[0].code
    named("gov_group", "一组长", region_code=village, group="一组")
    assert who(case)["gov_group"] == "一组长", "the only one there is"
    named("gov_group", "三组长", region_code=village, group="第三村民小组")
    assert who(case)["gov_group"] is None, "nobody knows which group it lives in"
    type(cast.child).objects.filter(pk=cast.child.pk).update(address="汤丹镇1村3组12号")
    assert who(case)["gov_group"] == "三组长"


def test_a_past_day_is_answered_by_what_was_so_then(cast: Cast) -> None:
    """The class it sat in, the village it was registered in; where no register knows, the present ones, and a word says so."""
    home, child, case = cast.home, cast.child, runs.case(cast.child)
    twelve(cast)
    other_school, other_village = home.schools[1], home.villages[1]
    named("edu_principal", "前校长", school=other_school)
    named("edu_head_teacher", "前班主任", school=other_school, school_class=home.classes[2])
    named("gov_village", "前村干部", region_code=other_village.code)
    early, late = TODAY - timedelta(60), TODAY - timedelta(20)
    where = {name: getattr(child, name) for name in ("district_code", "township_code", "village_code")}
    Seat.objects.create(child=child, **where, school=other_school, school_class=home.classes[2], first_day=early, last_day=late - timedelta(1))
    Seat.objects.create(child=child, **where, school=child.school, school_class=child.school_class, first_day=late)
    before = entry(child, "household", village_code=other_village.code, by=at(early))
    now_there = entry(child, "household", by=at(late))
    Entry.objects.filter(pk=before.pk).update(superseded_by=now_there.upload)

    def then(day: date) -> tuple[set[str | None], str]:
        told = answering_then([fresh(case)], day=day)[case.pk]
        return {held.name if held else None for duty, held in told.held.items() if duty.code in CODES}, told.presumed

    assert then(late - timedelta(1)) == ({"前校长", "前班主任", "前村干部"}, "")
    assert then(late) == ({"责测9", "责测10", "责测4"}, "")
    assert then(early - timedelta(1)) == ({"责测9", "责测10", "责测4"}, "名册没有这一天的学校和班级、村（社区），按现在的计。")
    cases = [fresh(case), *(fresh(runs.case(one)) for one in home.children[1:])]
    with CaptureQueriesContext(connection) as few:
        answering_then(cases[:1], day=late)
    with CaptureQueriesContext(connection) as many:
        answering_then(cases, day=late)
    assert len(many) == len(few) <= 5
    browser, url = cast.client("bureau"), f"/cases/{case.pk}/"
    page = browser.get(url, {"duties_on": str(late - timedelta(1))}).content.decode()
    assert "11月2日的责任人" in page and "前校长" in page and "前校长" not in browser.get(url).content.decode()
    assert "按现在的计" in browser.get(url, {"duties_on": str(early - timedelta(1))}).content.decode()
    assert "请填写正确的日期" in browser.get(url, {"duties_on": "昨天"}).content.decode()


CODES = ("edu_principal", "edu_head_teacher", "gov_village")


def at(day: date) -> Upload:
    """An upload of the household register that was committed on a day."""
    made = upload("household", of=term())
    Upload.objects.filter(pk=made.pk).update(committed_at=moment(day))
    return made


@pytest.mark.parametrize(
    ("address", "group", "is_named"),
    [
        ("汤丹1村三组", "3组", True),
        ("1村第三村民小组", "三社", True),
        ("1村13组", "3组", False),
        ("1村十二组", "二组", False),
        ("1村", "3组", False),
        ("老街组", "老街组", True),
    ],
)
def test_how_an_address_names_a_group(address: str, group: str, is_named: bool) -> None:
    assert names_group(address, group_key(group)) is is_named


def test_a_child_without_a_school_belongs_to_that_of_its_village(cast: Cast) -> None:
    twelve(cast)
    child = cast.child
    type(child).objects.filter(pk=child.pk).update(school=None, school_class=None)
    child.refresh_from_db()
    case = runs.case(child, state="confirmed")
    assert who(case)["edu_principal"] is None
    Catchment.objects.create(school=cast.home.schools[0], region=cast.home.villages[0], stage="primary")
    assert who(case)["edu_principal"] == "责测9" and None not in who(case).values()
    Guarantor.objects.filter(duty__code="edu_head_teacher").delete()
    assert who(case)["edu_head_teacher"] == "责测9", "a child without a class is the principal's"


def test_few_reads_however_many_cases(cast: Cast) -> None:
    twelve(cast)
    cases = [fresh(runs.case(child)) for child in cast.home.children]
    with CaptureQueriesContext(connection) as one:
        answering(cases[:1], day=TODAY)
    with CaptureQueriesContext(connection) as many:
        answering(cases, day=TODAY)
    assert len(one) == len(many) == 2


@pytest.mark.parametrize(
    ("role", "code", "may"),
    [
        ("bureau", "gov_leader", True), ("township", "gov_leader", False), ("township", "gov_village", True), ("central_school", "edu_central", True),
        ("principal", "edu_principal", True), ("principal", "gov_village", False), ("head_teacher", "edu_teacher", False), ("inspector", "gov_leader", False),
    ],
)  # fmt: skip
def test_who_names_whom(cast: Cast, role: str, code: str, may: bool) -> None:
    home = cast.home
    places = {
        "gov_leader": Place(), "gov_village": Place(region=home.villages[0].code), "edu_central": Place(region=home.townships[0].code),
        "edu_principal": Place(school=home.schools[0]), "edu_teacher": Place(school=home.schools[0]),
    }  # fmt: skip
    naming = {"people": [Named(duty(code), "甲")], "first_day": TODAY, "by": cast.actor(role), "now": NOW}
    if may:
        assert name_people(place=places[code], **naming)[0].name == "甲"
        with pytest.raises(Refused, match="已有责任人甲"):
            name_people(place=places[code], **naming)
    else:
        with pytest.raises(Refused):
            name_people(place=places[code], **naming)


def test_nobody_names_for_a_foreign_place(cast: Cast) -> None:
    home, far = cast.home, cast.neighbour
    for role, code, place in (
        ("township", "gov_village", Place(region=home.villages[2].code)), ("principal", "edu_principal", Place(school=home.schools[1])),
        ("bureau", "gov_village", Place(region=far.villages[0].code)), ("bureau", "edu_principal", Place(school=far.schools[0])),
    ):  # fmt: skip
        with pytest.raises(Refused):
            name_people(place=place, people=[Named(duty(code), "甲")], first_day=TODAY, by=cast.actor(role), now=NOW)
    with pytest.raises(Refused):
        name_people(place=Place(), people=[Named(duty("gov_leader", district=NEIGHBOUR), "甲")], first_day=TODAY, by=cast.actor("bureau"), now=NOW)
    assert not Guarantor.objects.exists()


def test_a_person_leaves_all_posts_at_once(cast: Cast) -> None:
    by, home = cast.actor("township"), cast.home
    case = runs.case(cast.child)
    rows = [named("gov_village", "毕测", region_code=village.code) for village in home.villages[:2]]
    rows += [named("gov_township_cadre", "毕测", case=case)]
    made = hand_over(rows=rows, last_day=TODAY, successor=Named(rows[0].duty, "王测", "主任", "1"), by=by, now=NOW)
    assert {(row.duty.code, row.region_code, row.case_id, row.name, row.first_day) for row in made} == {
        ("gov_village", home.villages[0].code, None, "王测", TODAY + timedelta(1)),
        ("gov_village", home.villages[1].code, None, "王测", TODAY + timedelta(1)),
        ("gov_township_cadre", "", case.pk, "王测", TODAY + timedelta(1)),
    }
    assert (who(case)["gov_village"], who(case, day=TODAY + timedelta(1))["gov_village"]) == ("毕测", "王测")
    assert "毕测任至2026年11月23日，由王测接任" in case.ledger.last().text
    with pytest.raises(Refused, match="已经交接过"):
        hand_over(rows=rows, last_day=TODAY, successor=None, by=by, now=NOW)
    with pytest.raises(Refused, match="不能早于"):
        hand_over(rows=made[:1], last_day=TODAY, successor=None, by=by, now=NOW)
    foreign = named("gov_village", "远测", region_code=home.villages[2].code)
    with pytest.raises(Refused):
        hand_over(rows=[foreign], last_day=TODAY, successor=None, by=by, now=NOW)


def test_a_day_far_off_is_refused(cast: Cast) -> None:
    by, one = cast.actor("bureau"), Named(duty("gov_leader"), "远测")
    for day in (date(1, 1, 1), TODAY - timedelta(1200), TODAY + timedelta(370), date(9999, 12, 31)):
        with pytest.raises(Refused, match="日期须在") as told:
            name_people(place=Place(), people=[one], first_day=day, by=by, now=NOW)
        assert told.value.code == "day"
    (row,) = name_people(place=Place(), people=[one], first_day=TODAY, by=by, now=NOW)
    for successor in (Named(one.duty, "今测"), None):
        with pytest.raises(Refused, match="日期须在"):
            hand_over(rows=[row], last_day=date(9999, 12, 31), successor=successor, by=by, now=NOW)
    browser, form = cast.client("township"), {"duty": duty("gov_township_head").pk, "name": "远测", "first_day": "9999-12-31"}
    answer = send(browser, f"/duties/region/{cast.home.townships[0].pk}/", **form)
    assert answer.status_code == 422 and "日期须在" in answer.content.decode() and 'value="9999-12-31"' in answer.content.decode()


def test_people_named_for_one_child(cast: Cast) -> None:
    case, by = runs.case(cast.child), cast.actor("township")
    twelve(cast)
    same = who(case)["gov_village"]
    assert name_for_case(case=fresh(case), people=[Named(duty("gov_village"), str(same))], by=by, now=NOW) == [], "already named for its village"
    name_for_case(case=fresh(case), people=[Named(duty("gov_village"), "甲测")], by=by, now=NOW)
    name_for_case(case=fresh(case), people=[Named(duty("gov_village"), "乙测")], by=by, now=NOW)
    assert who(case)["gov_village"] == "乙测" and Guarantor.objects.filter(case=case).count() == 2, "the later one of a day counts; none is forgotten"
    with pytest.raises(Refused):
        name_for_case(case=fresh(case), people=[Named(duty("gov_leader"), "丙测")], by=by, now=NOW)


steps = st.lists(st.tuples(st.integers(0, 60), st.sampled_from(["place", "child", "end"])), max_size=6)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(moves=steps, probe=st.integers(0, 400))
def test_every_child_has_named_people_on_any_date(cast: Cast, moves: list[tuple[int, str]], probe: int) -> None:
    """Whatever hand-overs follow each other: from the day the chain is whole, each of the twelve is one named person on every day."""
    with transaction.atomic():
        twelve(cast)
        case = runs.case(cast.child)
        day, by = BEGUN, cast.actor("bureau")
        for number, (ahead, what) in enumerate(moves):
            day += timedelta(ahead)
            rows = list(Guarantor.objects.filter(last_day=None, duty__code="gov_village", first_day__lte=day).order_by("pk"))
            if what == "child":
                name_for_case(case=fresh(case), people=[Named(duty("gov_village"), f"童{number}")], by=by, now=NOW)
            elif rows:
                successor = Named(rows[0].duty, f"接{number}") if what == "place" or rows[0].case_id is None else None
                hand_over(rows=rows[:1], last_day=day, successor=successor, by=by, now=NOW)
        for at in (BEGUN, BEGUN + timedelta(probe), day, day + timedelta(1)):
            told = who(case, day=at)
            assert len(told) == 12 and all(told.values()), at
        transaction.set_rollback(True)


def test_how_completely_places_are_covered(cast: Cast) -> None:
    term()
    home = cast.home
    duty("gov_leader")
    covers = Covers(cast.actor("bureau").scope, day=TODAY)
    school = covers.of_school(home.schools[0])
    assert (school.held, school.due, school.missing) == (0, 2, ["学校校长", "班主任（2 个班）"])
    twelve(cast)
    covers = Covers(cast.actor("bureau").scope, day=TODAY)
    assert covers.of_school(home.schools[0]).is_whole and covers.of_region(covers.regions[home.villages[0].code]).is_whole
    town = next(one for one in covers.below(HOME) if one.code == home.townships[0].code)
    assert (town.held, town.due) == (3, 3) and (town.whole["village"], town.inside["village"]) == (1, 2)
    assert (town.whole["school"], town.inside["school"]) == (1, 2)


def test_the_page_of_a_place(cast: Cast) -> None:
    term()
    twelve(cast)
    home, town = cast.home, cast.client("township")
    page = town.get(f"/duties/region/{home.villages[1].code}/").content.decode()
    assert "还缺：乡镇（街道）包村干部、村（社区）干部、村民小组长" in page
    form = {"duty": duty("gov_village").pk, "name": "毕测", "job": "主任", "phone": "1990000", "first_day": str(TODAY)}
    url = f"/duties/region/{home.villages[1].code}/"
    assert send(town, url, **form).status_code == 302
    refused = send(town, url, **form | {"name": "重测"})
    assert refused.status_code == 422 and "已有责任人毕测" in refused.content.decode() and "重测" in refused.content.decode()
    one = Guarantor.objects.get(name="毕测")
    assert "毕测" in town.get(f"/duties/{one.pk}/handover/").content.decode()
    assert send(town, f"/duties/{one.pk}/handover/", row=one.pk, last_day=str(TODAY), name="王测").status_code == 302
    assert Guarantor.objects.get(name="王测").first_day == TODAY + timedelta(1)
    assert town.get(f"/duties/region/{home.villages[2].code}/").status_code == 404
    assert cast.client("principal").get(url).status_code == 404
    school = cast.client("principal").get("/duties/").content.decode()
    assert "责测9" in school and "责测4" not in school
    book = load_workbook(BytesIO(town.get("/duties/people.xlsx").content)).active
    names = {row[4] for row in book.iter_rows(min_row=4, values_only=True)}
    assert {"毕测", "责测9"} <= names and "责测0" not in names, "own place and what lies in it"


def test_people_with_a_log_in_are_taken_over(cast: Cast) -> None:
    term()
    duty("gov_leader")
    assert send(cast.client("principal"), "/duties/take/").status_code == 302
    told = set(Guarantor.objects.values_list("duty__code", "school_id", "school_class_id"))
    school, room = cast.home.schools[0].pk, cast.home.classes[0].pk
    assert told == {("edu_principal", school, None), ("edu_head_teacher", school, room)}
    send(cast.client("bureau"), "/duties/take/")
    assert Guarantor.objects.count() == 4 and not Guarantor.objects.filter(district_code=NEIGHBOUR).exists()


def test_the_order_of_a_post_is_a_small_number(cast: Cast) -> None:
    form = {"label": "新岗位", "line": "government", "level": "district", "is_active": "on"}
    answer = send(cast.client("bureau"), "/duties/posts/", order=2147483648, **form)
    assert answer.status_code == 422 and "999" in answer.content.decode()
    assert send(cast.client("bureau"), "/duties/posts/", order=13, **form).status_code == 302


def test_the_posts_are_the_bureaus_to_edit(cast: Cast) -> None:
    bureau = cast.client("bureau")
    assert cast.client("township").get("/duties/posts/").status_code == 404
    assert "gov_leader" not in cast.client("bureau").get("/duties/posts/").content.decode()
    assert send(bureau, "/duties/posts/", default="yes").status_code == 302 and Duty.objects.count() == 12
    new = {"label": "驻村工作队员", "line": "government", "level": "village", "order": "7", "is_active": "on"}
    assert send(bureau, "/duties/posts/", **new).status_code == 302
    assert "政府线 7 个" in bureau.get("/duties/posts/").content.decode()
    made = Duty.objects.get(label="驻村工作队员")
    assert send(bureau, f"/duties/posts/{made.pk}/", **new | {"is_active": ""}).status_code == 302
    made.refresh_from_db()
    assert (made.is_active, made.code) == (False, "own_13")
    held = named("gov_village", "甲", region_code=cast.home.villages[0].code).duty
    refused = send(bureau, f"/duties/posts/{held.pk}/", label="村干部", line="education", level="village", order="1")
    assert refused.status_code == 422 and "线和层级不能再改" in refused.content.decode()


def test_a_letter_is_numbered_printed_and_kept_signed(cast: Cast, settings: Any, tmp_path: Any) -> None:
    settings.UPLOAD_DIR = tmp_path
    term()
    twelve(cast)
    town, village = cast.client("township"), cast.home.villages[0]
    form = {"year": "2026", "upper": "汤丹镇人民政府", "upper_name": "责测1", "lower": "汤丹1村委员会", "lower_name": "责测4"}
    assert "汤丹镇人民政府" in town.get(f"/duties/region/{village.code}/").content.decode()
    assert send(town, f"/duties/region/{village.code}/letter/", **form | {"lower_name": ""}).status_code == 422
    send(town, f"/duties/region/{village.code}/letter/", **form)
    send(cast.client("bureau"), f"/duties/school/{cast.home.schools[0].pk}/letter/", **form | {"lower": "汤丹镇中心学校"})
    first, second = DutyLetter.objects.order_by("pk")
    assert (first.number, second.number) == ("东川区控辍责〔2026〕1号", "东川区控辍责〔2026〕2号")
    url = f"/duties/letters/{first.pk}/"
    assert town.get(f"/duties/letters/{first.pk}.pdf").content.startswith(b"%PDF") and town.get(f"/duties/letters/{first.pk}.docx").status_code == 200
    assert town.get(f"{url}scan/").status_code == 404, "nothing is kept yet"
    wrong = send(town, url, signed_on="2026-12-01", scan=SimpleUploadedFile("a.pdf", b"%PDF-1.7 scan"))
    assert wrong.status_code == 422 and "还没有到" in wrong.content.decode()
    assert send(town, url, signed_on=str(TODAY), scan=SimpleUploadedFile("a.pdf", b"%PDF-1.7 scan")).status_code == 302
    assert town.get(f"{url}scan/").content == b"%PDF-1.7 scan"
    for stranger in ("principal", "head_teacher", "village"):
        assert cast.client(stranger).get(url).status_code == 404
    assert cast.client("principal").get(f"/duties/letters/{second.pk}/").status_code == 200
