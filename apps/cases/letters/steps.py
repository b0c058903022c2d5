"""The papers of 四步法, and 送达回证: blank to be taken along, or filled from what was written down.

The law that stands behind each: 《义务教育法》第五条、第十一条、第五十八条；《行政处罚法》第四十四条、第四十五条、第五十九条；《行政强制法》第五十三条；《民事诉讼法》送达。
No fine is computed: what a penalty says is written by the township.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from apps.cases.letters.official import Letter, unit
from apps.cases.letters.visits import ticked
from apps.cases.models import LegalStep, Service
from apps.cases.rules.stepping import BY_PAPER, TO_COURT
from apps.core.papers import Form, Paper, Text, Title
from apps.core.templatetags.zaixue import cn_date

DUTY = "《中华人民共和国义务教育法》第五条、第十一条规定，适龄儿童、少年的父母或者其他法定监护人应当依法保证其按时入学接受并完成义务教育"
REMEDY = "如不服本{paper}，可以自收到之日起六十日内依法申请行政复议，也可以自收到之日起六个月内向有管辖权的人民法院提起行政诉讼；复议、诉讼期间不停止执行。"
BLANK_DAY = "　　　　年　　月　　日"


@dataclass(frozen=True, slots=True)
class Ground:
    """What the papers of one child speak of."""

    child: str  # 杨阿牛（女，2014年3月8日生）
    name: str
    guardian: str
    address: str
    school: str
    away: str  # 自2026年11月19日起无正当理由未到校
    visits: int
    earlier: tuple[tuple[str, str, str], ...]  # title, number, day of service of the papers before
    township: str  # 汤丹镇
    government: str
    contact: str
    days: int | None = None
    text: str = ""  # what the township decides or asks for
    court: str = ""

    @property
    def tried(self) -> str:
        """What was done before this paper."""
        visits = [f"经走访、联系 {self.visits} 次"] if self.visits else []
        served = [f"{day}送达《{title}》（{number}）" for title, number, day in self.earlier]
        return "，".join([*visits, *served])

    @property
    def back(self) -> str:
        """What is asked of the guardian."""
        return f"送{self.name}到{self.school}就读" if self.school else f"送{self.name}入学就读"


def compose(paper: str, ground: Ground, *, number: str, day: str) -> Letter:
    """The letter of one step as it is issued. 〔方案二（七）4〕"""
    to_court = paper in TO_COURT
    return Letter(
        title=BY_PAPER[paper].title, issuer=ground.government, number=number, addressee="" if to_court else ground.guardian,
        paragraphs=tuple(WORDS[paper](ground)), date=day, court=ground.court if to_court else "",
    )  # fmt: skip


def persuade(g: Ground) -> list[str]:
    """劝学通知书."""
    return [
        f"你监护的{g.child}，{g.away}。" + (f"{g.tried}，至今仍未返校。" if g.tried else ""),
        f"{DUTY}。请你自收到本通知书之日起 {g.days} 日内，{g.back}。家庭有困难的，请与我{unit(g.township)}联系，我们将会同学校帮助解决。",
        "逾期无正当理由仍不送其入学的，将依照《中华人民共和国义务教育法》第五十八条责令限期改正，并依法采取进一步措施。",
        g.contact,
    ]


def order(g: Ground) -> list[str]:
    """责令限期改正通知书."""
    return [
        f"经查，你监护的{g.child}，{g.away}。{g.tried}，你仍未依法送其入学。",
        f"{DUTY}。你的行为违反了上述规定。根据《中华人民共和国义务教育法》第五十八条，现责令你自收到本通知书之日起 {g.days} 日内改正，{g.back}。",
        "逾期不改正的，将依法处理。" + REMEDY.format(paper="通知书"),
        g.contact,
    ]


def penalty_notice(g: Ground) -> list[str]:
    """行政处罚告知书."""
    return [
        f"经查，你监护的{g.child}，{g.away}。{g.tried}，你逾期仍未改正。",
        f"{DUTY}。你的行为违反了上述规定。拟对你作出如下处罚：{g.text}",
        f"根据《中华人民共和国行政处罚法》第四十四条、第四十五条，你有权进行陈述和申辩。请自收到本告知书之日起 {g.days} 日内向我"
        f"{unit(g.township)}提出；逾期未提出的，视为放弃陈述、申辩。",
        g.contact,
    ]


def penalty(g: Ground) -> list[str]:
    """行政处罚决定书: facts, ground, what was decided, how to seek remedy (《行政处罚法》第五十九条)."""
    return [
        f"当事人：{g.guardian}{f'，住{g.address}' if g.address else ''}。",
        f"经查，当事人监护的{g.child}，{g.away}。{g.tried}，当事人逾期仍未改正。以上事实有走访记录、文书及送达回证为证。",
        f"{DUTY}。当事人的行为违反了上述规定，现决定：{g.text}",
        "当事人应当在规定的期限内履行。逾期不履行的，依法申请人民法院强制执行。" + REMEDY.format(paper="决定"),
        g.contact,
    ]


def enforce(g: Ground) -> list[str]:
    """强制执行申请书."""
    return [
        f"申请人：{g.government}。",
        f"被申请人：{g.guardian}，系{g.name}的监护人{f'，住{g.address}' if g.address else ''}。",
        f"申请事项：{g.text}",
        f"事实与理由：被申请人监护的{g.child}，{g.away}。{g.tried}，被申请人在法定期限内仍未履行。{DUTY}。"
        "根据《中华人民共和国行政强制法》第五十三条，特申请强制执行。",
        g.contact,
    ]


def sue(g: Ground) -> list[str]:
    """民事起诉状."""
    return [
        f"原告：{g.government}。",
        f"被告：{g.guardian}，系{g.name}的监护人{f'，住{g.address}' if g.address else ''}。",
        f"诉讼请求：{g.text}",
        f"事实与理由：被告监护的{g.child}，{g.away}。{g.tried}，被告至今仍不依法送其入学。{DUTY}。"
        "被告不履行监护职责，侵害了未成年人受教育的权利，特提起诉讼，请依法判决。",
        g.contact,
    ]


WORDS: dict[str, Callable[[Ground], list[str]]] = {
    "persuade": persuade, "order": order, "penalty_notice": penalty_notice, "penalty": penalty, "enforce": enforce, "sue": sue,
}  # fmt: skip
ROOM = "\n\n"  # to write and to sign by hand


def proof_of_service(step: LegalStep, service: Service | None = None) -> Paper:
    """送达回证 of an issued paper: what is not known yet is left free to be written by hand."""
    ways = ticked(list(Service.Way.choices), service.way if service else "")
    known = service or Service(received_by="", relation="", servers="", witness="", place="", text="")
    rows = [
        ("发文机关", step.letter["issuer"]),
        ("案由", f"{step.letter['title']}（适龄儿童接受义务教育）"),
        ("送达文书", f"《{step.letter['title']}》\n{step.number}"),
        ("受送达人", step.addressee, "送达地点", known.place),
        ("送达方式", ways),
        ("签收人", f"{known.received_by}{ROOM if not service else ''}", "签收日期", cn_date(service.served_on) if service else BLANK_DAY),
        ("代收人关系", known.relation),
        ("拒收的事由", "" if service is None or service.way != Service.Way.LEFT else known.text or "拒绝签收，留置送达"),
        ("见证人", f"{known.witness}{ROOM if not service else ''}"),
        ("送达人", f"{known.servers}{ROOM if not service else ''}"),
        ("备注", known.text),
    ]
    notes = Text("受送达人拒绝签收的，由见证人签名，把文书留在其住所，拍照记录；由成年家属代收的，写明与受送达人的关系。", indent=False)
    return Paper(title=f"送达回证 {step.number}", layout="form", body=[Title("送达回证", right=f"编号：{step.number}（回证）"), Form(rows), notes])
