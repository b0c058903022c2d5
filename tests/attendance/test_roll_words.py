"""What a teacher writes beside 其他 at the roll call: stored, shown, corrected, and carried through a conflict."""

from __future__ import annotations

import re

from apps.attendance.models import Mark, RollCall
from apps.schools.models import SchoolClass
from tests.attendance.test_roll_pages import form, noted, seats, text
from tests.attendance.test_roll_pages import room as room
from tests.cast import Cast


def test_other_takes_words_and_shows_them(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    assert 'name="n' not in teacher.get("/roll/").content.decode()  # no field where nobody chose 其他
    teacher.post(f"/roll/{room.pk}/", form(room, p0="other", p1="sick") | noted(room, 0, " 外婆家 有事 ") | noted(room, 1, "发热"))
    assert list(Mark.objects.order_by("child__pinyin").values_list("reason", "note")) == [("other", "外婆家 有事"), ("sick", "")]
    assert f'name="n{seats(room)[0].child_id}" value="外婆家 有事"' in " ".join(teacher.get("/roll/").content.decode().split())
    assert "缺勤·其他：外婆家 有事" in text(cast.client("principal").get("/roll/"))
    assert "外婆家 有事" in text(cast.client("township").get(f"/roll/{room.pk}/"))


def test_words_beside_other_are_corrected_and_both_are_kept(cast: Cast, room: SchoolClass) -> None:
    teacher = cast.client("head_teacher")
    teacher.post(f"/roll/{room.pk}/", form(room, p0="other") | noted(room, 0, "外婆家有事"))
    teacher.post(f"/roll/{room.pk}/", form(room, seen=1, p0="other") | noted(room, 0, "跟父亲去昆明"))
    assert Mark.objects.get().note == "跟父亲去昆明"
    assert "缺勤·其他（外婆家有事） → 缺勤·其他（跟父亲去昆明）" in text(teacher.get("/roll/"))


def test_words_that_are_too_long_are_refused_and_none_is_lost(cast: Cast, room: SchoolClass) -> None:
    answer = cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, p0="other") | noted(room, 0, "远" * 101))
    assert answer.status_code == 422 and "说明最多 100 个字" in text(answer) and "远" * 101 in answer.content.decode()
    assert not RollCall.objects.exists()


def test_no_whole_number_stands_in_the_words(cast: Cast, room: SchoolClass) -> None:
    cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, p0="other") | noted(room, 0, "随530113199001011234外出"))
    assert Mark.objects.get().note == "随530113********1234外出"


def test_a_conflict_shows_and_carries_the_words(cast: Cast, room: SchoolClass) -> None:
    cast.client("subject_teacher").post(f"/roll/{room.pk}/", form(room, p0="other") | noted(room, 0, "走亲戚"))
    answer = cast.client("head_teacher").post(f"/roll/{room.pk}/", form(room, p0="other") | noted(room, 0, "住院"))
    assert answer.status_code == 409 and re.search(r"不同 缺勤·其他（走亲戚） 缺勤·其他（住院）", text(answer))
    hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', answer.content.decode().split('id="roll"')[1]))
    cast.client("head_teacher").post(f"/roll/{room.pk}/", hidden)
    assert Mark.objects.get().note == "住院"
