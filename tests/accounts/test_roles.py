"""Which role carries which right, written by hand from DOMAIN.md §1; and how far each post sees."""

from __future__ import annotations

from datetime import date

import pytest
from django.core.exceptions import ValidationError

from apps.accounts.models import Post
from apps.accounts.roles import BY_CODE, ROLES
from apps.core.rights import Right
from apps.schools.models import School
from apps.students.models import Child
from tests.cast import Cast
from tests.factories import people

# Columns: reg 学籍管理员, ht 班主任, sub 科任教师, pri 校长, cen 中心学校, tow 乡镇, vil 村, bur 区教体局, lia 乡村振兴, ins 督查, lea 区领导, adm 系统管理员
COLUMNS = (
    "registrar",
    "head_teacher",
    "subject_teacher",
    "principal",
    "central_school",
    "township",
    "village",
    "bureau",
    "liaison",
    "inspector",
    "leader",
    "administrator",
)
TABLE = """
workbench                 1 1 1 1 1 1 1 1 1 1 1 1
view_registers            1 0 0 1 1 1 1 1 1 1 0 0
upload_registers          1 0 0 0 1 1 1 1 1 0 0 0
view_runs                 1 0 0 1 1 1 0 1 0 1 0 0
start_run                 0 0 0 0 0 0 0 1 0 0 0 0
sign_run                  0 0 0 1 0 1 0 1 0 0 0 0
view_findings             1 1 0 1 1 1 0 1 0 1 0 0
settle_findings           1 0 0 1 1 1 0 1 0 0 0 0
judge_pairs               1 0 0 0 1 0 0 1 0 0 0 0
view_children             1 1 0 1 1 1 1 1 0 1 0 0
reveal_ids                1 0 0 1 1 1 0 1 0 0 0 0
view_cases                1 1 0 1 1 1 0 1 0 1 1 0
view_medical              1 1 0 1 0 1 0 1 0 0 0 0
view_monitored_comparison 0 0 0 0 0 0 0 1 1 1 0 0
take_roll                 1 1 1 1 0 0 0 0 0 0 0 0
correct_roll_calls        1 0 0 1 0 0 0 0 0 0 0 0
view_attendance           1 1 1 1 1 1 0 1 0 1 0 0
log_contact               1 1 0 1 0 0 0 0 0 0 0 0
view_leaves               1 1 0 1 1 1 0 1 0 1 0 0
view_leave_proofs         1 1 0 1 0 0 0 1 0 0 0 0
ask_leave                 1 1 0 1 0 0 0 0 0 0 0 0
approve_leave             1 1 0 1 0 0 0 0 0 0 0 0
inspect_roll_calls        0 0 0 0 0 0 0 1 0 1 0 0
view_reports              1 1 0 1 1 1 0 1 0 1 0 0
verify_absence            0 0 0 1 0 0 0 0 0 0 0 0
enter_platform            1 0 0 1 0 0 0 0 0 0 0 0
sign_receipt              0 0 0 0 0 1 0 1 0 0 0 0
send_letters              0 0 0 0 0 0 0 1 0 0 0 0
view_assignments          0 0 0 0 0 1 1 0 0 0 0 0
log_visit                 1 1 0 1 0 1 1 0 0 0 0 0
view_dashboard            1 0 0 1 1 1 0 1 0 1 1 0
open_case                 0 0 0 1 1 1 1 1 0 0 0 0
log_case                  1 1 0 1 1 1 0 1 0 0 0 0
propose_case              1 1 0 1 1 1 0 0 0 0 0 0
decide_case               1 0 0 1 0 0 0 1 0 0 0 0
assign_cases              0 0 0 0 0 0 0 1 0 0 0 0
take_assignments          0 0 0 0 0 1 1 0 0 0 0 0
issue_steps               0 0 0 0 0 1 0 0 0 0 0 0
name_school               0 0 0 0 1 1 0 1 0 0 0 0
register_return           1 0 0 1 0 0 0 0 0 0 0 0
place_child               0 0 0 1 0 0 0 0 0 0 0 0
teach_at_home             1 1 0 1 0 0 0 0 0 0 0 0
watch_child               1 1 0 1 0 0 0 0 0 0 0 0
manage_duties             0 0 0 1 1 1 0 1 0 0 0 0
export_cases              1 0 0 1 1 1 0 1 0 1 0 0
reopen_case               0 0 0 1 0 1 0 1 0 0 0 0
merge_cases               0 0 0 0 0 0 0 1 0 0 0 0
manage_people             0 0 0 0 0 0 0 0 0 0 0 1
"""
EXPECTED = {line.split()[0]: dict(zip(COLUMNS, line.split()[1:], strict=True)) for line in TABLE.strip().splitlines()}
UPLOADS = {
    "registrar": {"enrollment", "attending"}, "central_school": {"household", "survey"}, "township": {"household", "survey"}, "village": {"survey"},
    "bureau": {"enrollment", "household", "attending", "monitored", "survey"}, "liaison": {"monitored"},
}  # fmt: skip


@pytest.mark.parametrize("right", list(Right))
def test_rights_of_each_role(right: Right) -> None:
    assert {role.code: role.rights >= {right} for role in ROLES} == {code: mark == "1" for code, mark in EXPECTED[right].items()}


def test_kinds_each_role_may_upload() -> None:
    assert {r.code: set(r.uploads) for r in ROLES if r.uploads} == UPLOADS
    for role in ROLES:
        assert bool(role.uploads) == (Right.UPLOAD_REGISTERS in role.rights), role.code


def test_rights_are_called_by_sentences() -> None:
    assert len(BY_CODE) == 12  # the ten of DOMAIN.md §1, the subject teacher who takes the roll for an absent head teacher, the district's leader
    assert all(right.label and not right.label.isascii() for right in Right)


@pytest.mark.parametrize(
    ("role", "own", "far"),
    [
        ("head_teacher", [0], {"class", "school", "township", "district"}),
        ("registrar", [0, 1], {"school", "township", "district"}),
        ("principal", [0, 1], {"school", "township", "district"}),
        ("central_school", [0, 1, 2, 3], {"township", "district"}),
        ("township", [0, 1, 2, 3], {"township", "district"}),
        ("village", [0, 1, 2, 3], {"township", "district"}),  # by household: the first four live there
        ("bureau", list(range(8)), {"district"}),
    ],
)
def test_which_children_a_post_sees(cast: Cast, role: str, own: list[int], far: set[str]) -> None:
    seen = set(Child.objects.within(cast.actor(role).scope))
    assert seen == {cast.home.children[n] for n in own}
    assert not seen & {cast.strangers[name] for name in far}


def test_a_township_sees_by_household_or_by_school(cast: Cast) -> None:
    lives_here, learns_here = cast.home.children[4], cast.home.children[0]
    Child.objects.filter(pk=lives_here.pk).update(township_code=cast.home.townships[0].pk)
    Child.objects.filter(pk=learns_here.pk).update(township_code=cast.home.townships[1].pk)
    seen = set(Child.objects.within(cast.actor("township").scope))
    assert {lives_here, learns_here} <= seen
    assert lives_here not in set(Child.objects.within(cast.actor("village").scope))


def test_the_sql_scope_says_the_same(cast: Cast) -> None:
    for role in ("head_teacher", "registrar", "township", "village", "bureau"):
        scope = cast.actor(role).scope
        text, values = scope.sql("c")
        rows = Child.objects.raw(f"SELECT c.* FROM students_child c WHERE {text}", values)
        assert {c.pk for c in rows} == set(Child.objects.within(scope).values_list("pk", flat=True)), role


def test_schools_of_a_post(cast: Cast) -> None:
    assert set(School.objects.within(cast.actor("registrar").scope)) == {cast.home.schools[0]}
    assert set(School.objects.within(cast.actor("central_school").scope)) == set(cast.home.schools[:2])
    assert set(School.objects.within(cast.actor("bureau").scope)) == set(cast.home.schools)


@pytest.mark.parametrize(
    ("role", "place", "sentence"),
    [
        ("registrar", {}, "须填写学校"),
        ("head_teacher", {"school": "home"}, "须填写班级"),
        ("township", {"region": "village"}, "请选择乡镇"),
        ("village", {"region": "township"}, "请选择村"),
        ("bureau", {"school": "home"}, "请留空"),
        ("registrar", {"school": "neighbour"}, "所选学校不在本区县"),
        ("township", {"region": "neighbour_township"}, "不在本区县"),
        ("head_teacher", {"school": "home", "school_class": "other_school"}, "班级不属于所选学校"),
    ],
)
def test_a_role_stands_at_its_own_kind_of_place(cast: Cast, role: str, place: dict[str, str], sentence: str) -> None:
    rows = {
        "home": cast.home.schools[0], "neighbour": cast.neighbour.schools[0], "village": cast.home.villages[0], "township": cast.home.townships[0],
        "neighbour_township": cast.neighbour.townships[0], "other_school": cast.home.classes[2],
    }  # fmt: skip
    post = Post(user=people.user(), role=role, district_code="530113", starts_on=date(2026, 9, 1), **{k: rows[v] for k, v in place.items()})
    with pytest.raises(ValidationError, match=sentence):
        post.full_clean()


def test_all_that_is_wrong_with_the_place_of_a_post_is_told_at_once(cast: Cast) -> None:
    post = Post(user=people.user(), role="head_teacher", district_code="530113", starts_on=date(2026, 9, 1), region=cast.home.villages[0])
    with pytest.raises(ValidationError) as told:
        post.full_clean()
    assert set(told.value.message_dict) == {"region", "school", "school_class"}
