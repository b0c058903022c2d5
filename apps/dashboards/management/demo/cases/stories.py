"""The histories, a generator each: it yields how many days ago the next scene is played; between two scenes the nights pass.

Every child, visit and word is invented."""

from __future__ import annotations

from collections.abc import Iterator

from apps.cases.actions import assigning, exempting, handover, stepping
from apps.cases.models import Assignment, LegalStep
from apps.cases.rules import proposing
from apps.dashboards.management.demo.cases.stage import Stage, scan

K = ("home", "phone")
PARENT = "母亲"


def first_days(s: Stage) -> Iterator[int]:
    """疑似：班主任先打电话。"""
    yield 2
    s.opens("principal", "连续三天没有到校，家长没有请假。")
    yield 1
    s.visits("head_teacher", "phone", "guardian", "家长说孩子去了外婆家，明天问清楚再回电话。", spoke_with=PARENT, next_on=s.today)


def not_visited(s: Stage) -> Iterator[int]:
    """疑似：一直没有家访，逐级上报。"""
    yield 10
    s.opens("principal", "开学后没有来校，电话无人接听。")


def waits_for_bureau(s: Stage) -> Iterator[int]:
    """疑似：查实务工，校长已提出认定，等教体局审定。"""
    yield 9
    s.opens("principal", "同村同学说已经外出，没有办理任何手续。")
    yield 8
    s.visits("head_teacher", "phone", "guardian", "家长承认孩子跟表哥出去了，不愿多说。", spoke_with=PARENT)
    yield 2
    s.visits(
        "head_teacher", "home", "working", "家长出示工资转账记录，孩子在饭店帮厨。", spoke_with="父亲", whereabouts="昆明市官渡区一家饭店", cause="work",
        place="家中", files=scan("家访照片"),
    )  # fmt: skip
    yield 1
    s.asks("principal", "confirm", "working", "家访查实外出务工，家长书面说明附后。", files=scan("家长书面说明"))


def cleared(s: Stage) -> Iterator[int]:
    """疑似 → 已排除：当天就回来了，第二人同意。"""
    yield 12
    s.opens("principal", "门卫登记离校后没有回来。")
    yield 11
    s.visits("head_teacher", "home", "back", "孩子在家照看生病的奶奶，当天下午已送回学校。", spoke_with="奶奶", place="家中")
    yield 8
    s.asks("head_teacher", "clear", "back", "返校后每天到课。")
    yield 7
    s.decides("clear", "principal", "已到班核对，同意。")


def confirmed(s: Stage) -> Iterator[int]:
    """疑似 → 已认定：书面拒绝，等交办。"""
    yield 7
    s.opens("principal", "返校日没有报到。")
    yield 5
    s.visits(
        "head_teacher", "home", "refused_written", "家长在情况说明上签字，不再送孩子上学。", spoke_with="父亲", place="家中", whereabouts="在家", cause="weary",
        files=scan("情况说明"),
    )  # fmt: skip
    yield 3
    s.asks("principal", "confirm", "refused_written", "家长书面拒绝，说明附后。", files=scan("情况说明"))
    yield 1
    s.decides("confirm")


def persuaded(s: Stage) -> Iterator[int]:
    """劝返中：第一、二步已送达，期限刚满。"""
    yield 27
    s.opens("bureau", "入户摸排：没有上学，随父母在外又回来。", confirmed=True)
    yield 26
    s.assigns()
    s.accepts()
    s.visits(
        "township", "home", "refused", "父亲认为读书没有用，孩子在家放羊。", spoke_with="父亲", place="家中", cause="weary", files=scan("入户照片")
    )
    yield 25
    _paper(s, "persuade", None)
    _served(s, "direct")
    yield 18
    s.visits("township", "home", "promised", "母亲答应赶集之后送来。", spoke_with=PARENT, place="家中", promised_on=s.on(15), next_on=s.on(14))
    yield 10
    _paper(s, "order", 7)
    yield 9
    _served(s, "left")
    yield 1
    s.visits("township", "home", "refused", "责令改正的期限已满，仍不送学，已说明下一步是行政处罚。", spoke_with="父亲", place="家中")


def _paper(s: Stage, paper: str, days: int | None) -> None:
    told = stepping.Issued(paper=paper, addressee=s.child.guardian_name or "普正发", days=days)
    stepping.issue_step(case=s.case, told=told, by=s.by("township"), now=s.now)


def _served(s: Stage, way: str) -> None:
    step = LegalStep.objects.select_related("case__child").filter(case=s.key).latest("pk")
    told = stepping.Served(
        way=way, served_on=s.day, place="家中", received_by=step.addressee, servers="普光荣、毕玉兰", witness="毕玉兰" if way == "left" else "",
        text="拒绝签收，已留置并拍照。" if way == "left" else "", files=scan("送达回证"),
    )  # fmt: skip
    stepping.serve_step(step=step, told=told, by=s.by("township"), now=s.now)


def with_village(s: Stage) -> Iterator[int]:
    """劝返中：乡镇签收后转办到村，村里走访了两次。"""
    yield 12
    s.opens("bureau", "入户摸排：住在本村，没有上学。", confirmed=True)
    yield 11
    s.assigns()
    yield 10
    s.accepts()
    s.hands_on()
    yield 9
    s.accepts("village")
    s.visits("village", "home", "nobody", "大门上锁，邻居说全家进城打零工。", place="家中", next_on=s.on(3))
    yield 2
    s.visits(
        "village", "home", "promised", "奶奶带孩子在家，答应下周一去报名。", spoke_with="奶奶", place="家中", promised_on=s.on(-4), cause="hardship"
    )


def new_in_village(s: Stage) -> Iterator[int]:
    """劝返中：刚转办到村，村里还没有签收。"""
    yield 4
    s.opens("bureau", "入户摸排：适龄，在家没有上学。", confirmed=True)
    yield 2
    s.assigns()
    s.accepts()
    yield 1
    s.hands_on()


def not_accepted(s: Stage) -> Iterator[int]:
    """劝返中：交办三天多，乡镇还没有签收。"""
    yield 8
    s.opens("bureau", "摸排发现随亲戚居住，没有入学。", confirmed=True)
    yield 7
    s.assigns("孩子在舅舅家，请先电话联系。")


def given_back(s: Stage) -> Iterator[int]:
    """劝返中：乡镇退回，等教体局重新交办。"""
    yield 6
    s.opens("bureau", "摸排登记的住址查无此人。", confirmed=True)
    yield 5
    s.assigns()
    yield 2
    held = Assignment.objects.select_related("case__child").get(case=s.key, ended_at=None)
    assigning.give_back(assignment=held, text="全家已搬到学校所在的乡镇租住，建议由那里办理。", by=s.by("township"), now=s.now)


def paused(s: Stage) -> Iterator[int]:
    """劝返中：道路中断，暂停到有期限的一天。"""
    yield 16
    s.opens("bureau", "摸排：住在高山村组，没有入学。", confirmed=True)
    yield 15
    s.assigns()
    yield 14
    s.accepts()
    yield 12
    s.visits("township", "phone", "promised", "电话里答应，路通了就送来。", spoke_with=PARENT, promised_on=s.today, cause="other")
    yield 5
    s.asks("township", "pause", "disaster", "进村公路塌方，交通局通报抢通时间。", first_day=s.on(5), until=s.on(-10), files=scan("塌方通报"))
    s.decides("pause", text="同意，路通即恢复。")


def climbed(s: Stage) -> Iterator[int]:
    """劝返中：三周没有进展，已报到区领导。"""
    yield 27
    s.opens("bureau", "秋季入学未报到，去向不明。", confirmed=True)
    yield 26
    s.assigns()
    yield 25
    s.accepts()
    yield 22
    s.visits("township", "home", "nobody", "家中无人，已留联系卡。", place="家中", next_on=s.on(18))


def exempt(s: Stage) -> Iterator[int]:
    """缓学：还有 20 日到期。"""
    yield 24
    s.opens("bureau", "适龄没有上学，家长说孩子有病。", confirmed=True)
    yield 23
    s.assigns()
    yield 22
    s.accepts()
    s.visits("township", "home", "guardian", "先天性心脏病术后休养，家长出示病历。", spoke_with=PARENT, place="家中", cause="ill", files=scan("病历"))
    yield 20
    _applies(s, s.on(-20))
    yield 18
    s.decides("exempt", text="医学证明齐全，同意。")


def exempt_asked(s: Stage) -> Iterator[int]:
    """劝返中：已申请缓学，等教体局审批。"""
    yield 6
    s.opens("bureau", "适龄未入学，家长说身体原因。", confirmed=True)
    yield 5
    s.assigns()
    s.accepts()
    yield 2
    s.visits("township", "home", "guardian", "骨折未愈，医生建议休养。", spoke_with="父亲", place="家中", cause="ill")
    yield 1
    _applies(s, s.on(-80))


def _applies(s: Stage, until: object) -> None:
    asked = exempting.Asked("exempt", "deferral", "身体状况暂不能上学，医学证明附后。", first_day=s.day, until=until, files=scan("医学证明"))  # type: ignore[arg-type]
    told = exempting.Application(
        due_entry="本学年秋季学期", guardian_name=s.child.guardian_name or "普正发", guardian_phone=s.child.guardian_phone, address=s.child.address,
        proof_body="昆明市东川区人民医院", proof_opinion="建议休养，定期复查",
    )  # fmt: skip
    s.kept["exempt"] = exempting.apply(case=s.case, asked=asked, application=told, by=s.by("township"), now=s.now)


def _away(s: Stage, first: int) -> Iterator[int]:
    """A worker's child of another county, up to the letter."""
    yield first
    s.opens("bureau", "随父母务工在本区就读，开学后没有返校。", confirmed=True)
    yield first - 1
    s.names_people()
    s.assigns()
    s.accepts()
    yield first - 2
    s.visits("township", "phone", "guardian", "父母说孩子已回老家，老家的学校还没有联系。", spoke_with="父亲", cause="hardship")
    yield first - 4
    handover.send_handover(
        case=s.case,
        addressee=f"{s.home}教育体育局",
        text="请核实该生是否已在当地入学。",
        home=s.home,
        by=s.by("bureau"),
        now=s.now,
        files=scan("户口簿"),
    )
    s.kept["letter"] = s.case.handovers.get()


def handed_over(s: Stage) -> Iterator[int]:
    """移交户籍地：发函，追问过一次，等答复。"""
    yield from _away(s, 16)
    yield 5
    handover.track_handover(handover=s.kept["letter"], on=s.day, text="电话询问，对方称正在核实住址。", files=(), by=s.by("bureau"), now=s.now)


def closer(s: Stage) -> str:
    """Who asks that the case be closed: the principal, for a child without a school the township."""
    return proposing.askers("close", has_school=s.case.school_id is not None)[0]


def closed(s: Stage) -> Iterator[int]:
    """已销号：对方书面接收，两人签字。"""
    yield from _away(s, 26)
    yield 12
    told = handover.Answered("accepted", s.day, "该生已在我处入学，请予销号。", receiving=f"{s.home}第三中学", files=scan("复函"))
    s.kept["letter"].case = s.case
    handover.answer_handover(handover=s.kept["letter"], told=told, by=s.by("bureau"), now=s.now)
    yield 10
    s.asks(closer(s), "close", "accepted", f"{s.home}已书面接收并注册。", files=scan("复函"))
    yield 8
    s.decides("close")


def close_asked(s: Stage) -> Iterator[int]:
    """已认定：查明已经毕业，申请销号，等教体局审批。"""
    yield 2
    s.opens("bureau", "比对列为未入学。", confirmed=True)
    yield 1
    s.asks(closer(s), "close", "certified", "查到毕业证书，复印件附后。", where=f"{s.home}初级中学", files=scan("毕业证书"))
