"""The histories of children that came back: their days present are those of the demonstration's roll calls."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from apps.cases.actions import joining, moving, noting, placing, returning, teaching, watching
from apps.cases.models import Case, Placement
from apps.cases.workflow import State
from apps.dashboards.management.demo.cases.stage import Stage, scan
from apps.students.models import Child

PANEL = "建议送教上门，每周不少于一次，以生活自理和语言训练为主。"


def _back(s: Stage, first: date, *, cause: str, said: str, where: str) -> Iterator[int]:
    """Lost and found again, until the child is registered on ``first``."""
    yield s.ago(first) + 5
    s.opens("village", said)
    yield s.ago(first) + 4
    s.visits(
        "village",
        "home",
        "refused_written",
        "家长书面说明不再上学，已当面讲明法律规定。",
        spoke_with="父亲",
        place="家中",
        cause=cause,
        whereabouts=where,
    )
    yield s.ago(first) + 3
    s.asks("principal", "confirm", "refused_written", "村级走访查实。", files=scan("村委会证明"))
    yield s.ago(first) + 2
    s.decides("confirm")
    yield s.ago(first)
    s.assigns()
    s.accepts()
    s.visits("township", "home", "back", "乡镇和学校一起上门，当天接回学校。", spoke_with="父亲", place="家中", cause=cause, files=scan("接回照片"))
    room = s.case.school_class
    told = returning.Registered(on=s.day, room=room, text="学籍已恢复。", files=scan("返校注册表"))
    returning.register_return(case=s.case, registered=told, by=s.by("principal"), now=s.now)


def _placed(s: Stage, kind: str, cause: str, text: str, **told: object) -> Placement:
    by = s.by("principal")
    given = {
        "room": s.case.school_class,
        "assessment": "",
        "panel_on": None,
        "panel_advice": "",
        "first_day": s.day,
        "review_on": s.day + timedelta(120),
    }
    plan = placing.Plan(cause=cause, kind=kind, teacher=s.by("head_teacher").name, plan=text, **(given | told))  # type: ignore[arg-type]
    return placing.place(case=s.case, plan=plan, by=by, now=s.now)


def returned(s: Stage) -> Iterator[int]:
    """已复学：劝回后到校满五天，等分类安置。"""
    yield from _back(s, s.kept["back_on"], cause="weary", said="同伴反映不想读书，跟人去了工地。", where="邻镇工地")
    yield 1
    moving.move(case=s.case, target=State.RETURNED, by=s.by("principal"), now=s.now)


def watched(s: Stage) -> Iterator[int]:
    """跟踪巩固：开学接回，原班就读，每周有记录，有关爱方案。"""
    began = s.term_began
    yield from _back(s, began, cause="hardship", said="暑假随亲戚外出，家长说开学不回来。", where="外地亲戚家")
    yield s.ago(began) - 9
    moving.move(case=s.case, target=State.RETURNED, by=s.by("principal"), now=s.now)
    yield s.ago(began) - 10
    _placed(s, "as_before", "hardship", "原班就读，免除食宿费用，结对一名教师每周谈心。")
    planned = watching.Care(
        teacher=s.by("head_teacher").name, groups=["left_behind"], text="每周与在外父母视频一次，周末补课两小时。", first_day=s.day,
        review_on=s.day + timedelta(90),
    )  # fmt: skip
    watching.care(case=s.case, planned=planned, by=s.by("head_teacher"), now=s.now)
    for number, ago in enumerate(_noted(s.ago(began) - 10)):
        yield ago
        noted = watching.Noted(
            day=s.day, study=("能跟上数学，语文作业拖欠。", "作业按时交，单元测验及格。")[number % 2], mood="与同学相处正常。",
            help_given="班主任家访一次。" if number % 3 == 0 else "",
        )  # fmt: skip
        watching.note(case=s.case, noted=noted, by=s.by("head_teacher"), now=s.now)


def _noted(begun: int) -> Iterator[int]:
    """Weekly for four weeks, then once in thirty days: how many days ago."""
    ago = begun
    for number in range(20):
        ago -= 7 if number < 4 else 28
        if ago < 1:
            return
        yield ago


def lost_again(s: Stage) -> Iterator[int]:
    """再次辍学：跟踪中又连续未到校，由点名重新立案。"""
    began = s.term_began
    yield from _back(s, began, cause="weary", said="暑假结束没有注册，在家务农。", where="在家")
    yield s.ago(began) - 9
    moving.move(case=s.case, target=State.RETURNED, by=s.by("principal"), now=s.now)
    yield s.ago(began) - 10
    _placed(s, "as_before", "weary", "原班就读，安排体育特长训练。")


def placed(s: Stage) -> Iterator[int]:
    """已安置：务工返回，单独教育，方案下周开始。"""
    yield 6
    s.opens("bureau", "开学未返校，查实在砂石厂帮工。", confirmed=True)
    yield 5
    s.assigns()
    s.accepts()
    s.visits("township", "home", "promised", "厂方已劝退，家长同意回校。", spoke_with="父亲", place="家中", cause="work", promised_on=s.on(1))
    yield 1
    told = returning.Registered(on=s.day, room=s.case.school_class, text="报到注册。")
    returning.register_return(case=s.case, registered=told, by=s.by("principal"), now=s.now)
    _placed(s, "individual", "work", "单独教育四周，补语文、数学基础，之后随班。", first_day=s.on(-3), review_on=s.on(-31))


def taught_at_home(s: Stage) -> Iterator[int]:
    """跟踪巩固：残疾，专家委员会建议送教上门，每周有课时、照片、家长签字。"""
    began = s.term_began
    yield s.ago(began) + 2
    s.opens("bureau", "比对①：适龄残疾儿童，没有接受任何教育。", confirmed=True)
    yield s.ago(began)
    s.assigns()
    s.accepts()
    yield s.ago(began) - 1
    s.visits("township", "home", "guardian", "不能独立行走，家长愿意接受送教。", spoke_with="母亲", place="家中", cause="disabled")
    yield s.ago(began) - 3
    told = returning.Registered(on=s.day, text="随班注册，送教上门。")
    returning.register_return(case=s.case, registered=told, by=s.by("principal"), now=s.now)
    _placed(
        s,
        "home_teaching",
        "disabled",
        "每周一次，每次两课时。",
        room=None,
        panel_on=s.day - timedelta(1),
        panel_advice=PANEL,
        panel_files=scan("专家意见"),
    )
    yield from lessons(s, first=s.day, missing=False)


def falls_behind(s: Stage) -> Iterator[int]:
    """没有个案的送教学生：只送了两次，课时不足。"""
    yield s.ago(s.term_began) - 4
    yield from lessons(s, first=s.day, missing=True)


def lessons(s: Stage, *, first: date, missing: bool) -> Iterator[int]:
    """A plan for the school year, and a visit a week (``missing``: two in all)."""
    teacher = s.by("head_teacher").name
    year = first.year if first.month >= 8 else first.year - 1
    told = teaching.Planned(
        lessons=72, teachers=teacher, plan="生活语文、生活数学、康复训练", first_day=first, last_day=date(year + 1, 7, 5), room=s.child.school_class
    )
    plan = teaching.plan(child=s.child, planned=told, by=s.by("principal"), now=s.now)
    begun, visits = s.ago(first) - 2, 2 if missing else 60
    for number in range(visits):
        ago = begun - 7 * number
        if ago < 1:
            return
        yield ago
        plan.refresh_from_db()
        given = teaching.Given(
            day=s.day, teachers=teacher, lessons=2, content=("认识元角分，模拟购物", "握笔和涂色，腿部按摩", "儿歌跟读，穿衣练习")[number % 3],
            guardian=s.child.guardian_name or "家长", photos=scan("送教照片"), signature=scan("家长签字"),
        )  # fmt: skip
        teaching.give(plan=plan, given=given, by=s.by("head_teacher"), now=s.now)
        if s.key and number and (number < 5 or number % 4 == 0):
            noted = watching.Noted(day=s.day, study="能跟读，认识十以内的数。", mood="见到老师高兴。")
            watching.note(case=s.case, noted=noted, by=s.by("head_teacher"), now=s.now)


def merged(s: Stage) -> Iterator[int]:
    """已并案：村里用小名报过一次，认定是同一人后并入。"""
    yield 8
    s.opens("bureau", "摸排：适龄，没有入学。", confirmed=True)
    yield 6
    twin = Child.objects.create(
        name=f"{s.child.name[0]}小娃", sex=s.child.sex, birth_date=s.child.birth_date, address=s.child.address, district_code=s.child.district_code,
        township_code=s.child.township_code, village_code=s.child.village_code, grade=s.child.grade,
    )  # fmt: skip
    village = s.by("village")
    other = noting.open_case(child=twin, reason="村民反映有一名孩子没有上学，只知道小名。", never_enrolled=False, by=village, now=s.now)
    yield 2
    twin.merged_into = s.child
    twin.save(update_fields=["merged_into"])
    joining.merge_case(case=Case.objects.get(pk=other.pk), into=s.case, by=s.by("bureau"), now=s.now)
    s.kept["merged"] = other.pk
