"""The access matrix of 一生一案: who answers, who was charged, what climbed. Written by hand, as tests/access/table.py."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from apps.cases.actions.duties import ensure_duties
from apps.cases.models import Assignment, Case, Climb, Duty, DutyLetter, Guarantor, NumberSeries
from tests.access.table import CHILDREN, HANDED, SEE_CASES, Row

if TYPE_CHECKING:
    from tests.access.world import World

NOW = datetime(2026, 11, 20, 2, tzinfo=UTC)
MANAGERS = "principal central_school township bureau"
# Places by their regions and schools: a school's post sees no region, a township what lies in it.
REGIONS = {"central_school": "town village", "township": "town village", "bureau": "home town village far_town far_village"}
SCHOOLS = {"principal": "own", "central_school": "own school", "township": "own school", "bureau": "own school township"}
LETTERS = {"principal": "own", "central_school": "own school town", "township": "own school town", "bureau": "own school town far_town"}
ROWS: dict[str, Row] = {
    "duty_home": Row(MANAGERS),
    "duty_file": Row(MANAGERS),
    "duty_sheet": Row(MANAGERS, post=302, refused=MANAGERS),  # no file
    "duty_sheet_file": Row(MANAGERS),
    "duty_take": Row(MANAGERS, get=405, post=302),
    "duty_posts": Row(MANAGERS, post=302, closed="principal central_school township"),
    "duty_post": Row(MANAGERS, {"bureau": "own"}, post=302),
    "duty_region": Row(MANAGERS, REGIONS, post=302, refused=MANAGERS),  # the form names no post
    "duty_region_letter": Row(MANAGERS, REGIONS, get=405, post=302),
    "duty_school": Row(MANAGERS, SCHOOLS, post=302, refused=MANAGERS),
    "duty_school_letter": Row(MANAGERS, SCHOOLS, get=405, post=302),
    "duty_handover": Row(MANAGERS, CHILDREN, post=302, refused=MANAGERS),  # nothing is ticked
    "duty_letter": Row(MANAGERS, LETTERS, post=302, refused=MANAGERS),  # no scan
    "duty_letter_pdf": Row(MANAGERS, LETTERS),
    "duty_letter_docx": Row(MANAGERS, LETTERS),
    "duty_letter_scan": Row(MANAGERS, LETTERS, get=404),  # nothing is signed yet
    "overdue_list": Row(SEE_CASES, also=("which=climbed", "which=next", "page=99")),
    "assign_list": Row("bureau", post=302, also=("page=99",)),
    "case_assign": Row("bureau", CHILDREN, get=405, post=302, refused="bureau"),  # a suspected child is not handed over
    "case_unassign": Row("bureau", CHILDREN, get=405, post=302),
    "case_people": Row(MANAGERS, CHILDREN, get=405, post=302, refused=MANAGERS),
    "inbox_case": Row("township village", HANDED),
    "assignment_accept": Row("township village", HANDED, get=405, post=302),
    "assignment_return": Row("township village", HANDED, get=405, post=302),
    "assignment_delegate": Row("township village", HANDED, get=405, post=302, refused="township village"),  # not accepted yet
    "assignment_recall": Row("township village", HANDED, get=405, post=302, refused="village"),
}
FORMS: dict[str, dict[str, Any]] = {
    "duty_posts": {"label": "测", "line": "education", "level": "district", "order": "9", "is_active": "on"},
    "duty_post": {"label": "测", "line": "education", "level": "district", "order": "9", "is_active": "on"},
    "duty_region": {"name": "李测", "first_day": "2026-11-23"},
    "duty_school": {"name": "李测", "first_day": "2026-11-23"},
    **dict.fromkeys(
        ("duty_region_letter", "duty_school_letter"), {"year": "2026", "upper": "甲", "upper_name": "乙", "lower": "丙", "lower_name": "丁"}
    ),
    "duty_handover": {"last_day": "2026-11-23", "name": "王测"},
    "duty_letter": {"signed_on": "2026-11-20"},
    "case_assign": {"township": "530113102"},
    "case_unassign": {"text": "测"},
    "case_people": {"name": "李测"},
    "assignment_return": {"return-text": "测"},
    "assignment_delegate": {"delegate-village": "530113102201"},
    "assignment_recall": {"recall-text": "测"},
}
ARGUMENTS: dict[str, str] = {"region_code": "region", "guarantor_id": "guarantor", "duty_id": "duty", "duty_letter_id": "duty letter"}


def about_case(world: World, target: str, make: Callable[..., Any], case: Case) -> None:
    """Rows of this case whose every free text carries the child's word (``make``)."""
    if target == "own":
        places(world)
    helper = Duty.objects.get(district_code=case.district_code, code="edu_teacher")
    person = make(Guarantor, duty=helper, district_code=case.district_code, region_code="", group="", case=case, first_day="2026-11-01", named_at=NOW)
    free = {"given_at": NOW, "accept_by": date(2026, 11, 25), "accepted_name": "", "accepted_title": "", "returned_text": "", "returned_name": ""}
    make(Assignment, case=case, level="township", region_code=case.township_code, returned_title="", **free)
    make(Assignment, case=case, level="village", region_code=case.village_code, returned_title="", **free)
    make(Climb, case=case, level=1, since=date(2026, 11, 1), days=3, told_on=date(2026, 11, 4))
    world.put("guarantor", target, person.pk)


def places(world: World) -> None:
    """The posts of both districts, the places, and a letter for some of them; nothing of it is about a child."""
    home, far = world.cast.home, world.cast.neighbour
    NumberSeries.objects.get_or_create(issuer=f"{home.district}-duty", year=2026)
    for what, place in (("own", home), ("district", far)):
        ensure_duties(district=place.district)
        world.put("duty", what, Duty.objects.get(district_code=place.district, code="edu_officer").pk)
    regions = {
        "home": home.district, "town": home.townships[0].code, "village": home.villages[0].code, "far_town": home.townships[1].code,
        "far_village": home.villages[2].code, "district": far.townships[0].code,
    }  # fmt: skip
    for what, code in regions.items():
        world.put("region", what, code)
    schools = {"own": home.schools[0], "school": home.schools[1]}
    sides = {"town": (home, regions["town"], None), "far_town": (home, regions["far_town"], None), "district": (far, regions["district"], None)}
    for number, (what, (place, region, school)) in enumerate({**{key: (home, "", one) for key, one in schools.items()}, **sides}.items()):
        names = {"upper": "甲", "upper_name": "乙", "lower": "丙", "lower_name": "丁"}
        letter = {**names, "title": "责任书", "basis": "", "term": "", "of_lower": [], "of_upper": []}
        told = {**names, "letter": letter, "made_at": NOW, "by_name": "戊", "by_title": "己"}
        made = DutyLetter.objects.create(
            district_code=place.district, region_code=region, school=school, year=2026, number=f"测控辍责〔2026〕{number}号", **told
        )
        world.put("duty letter", what, made.pk)
