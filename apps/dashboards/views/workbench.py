"""The first page after log-in: what waits for this post."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse

from apps.accounts.roles import BY_CODE
from apps.cases.workflow import State
from apps.core import clock
from apps.core.pages import page
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.core.templatetags.zaixue import cn_date, count, weekday
from apps.dashboards import rules
from apps.dashboards.queries import workbench as queries
from apps.dashboards.views.overdue import next_card, overdue_card
from apps.dashboards.views.school_day import absence_tasks, roll_tasks
from apps.reconciliation.models import Signature
from apps.reconciliation.queries.figures import FIGURES
from apps.registers.models import Upload
from apps.reporting.queries.board import Waiting as Lines

UPLOAD_WORDS = {
    Upload.State.STAGED: ("待核对的名册", "warn", "看过差异再提交，未提交的名册不参加比对"),
    Upload.State.HEADINGS: ("待对应表头的名册", "warn", "有几列认不出，指给系统一次即可"),
    Upload.State.REFUSED: ("没有收下的名册", "bad", "看看原因，改好后重新上传"),
}


@page(Right.WORKBENCH)
def workbench(request: Any) -> HttpResponse:
    """Main action first, then counts that open lists, then the newest comparison."""
    actor, today = request.actor, clock.today()
    role = BY_CODE[actor.role]
    told = {"role": role, "main": main_action(actor), "day": f"{cn_date(today)} {weekday(today)}"}
    if actor.may(Right.MANAGE_PEOPLE):
        return render(request, "dashboards/office.html", told | {"office": queries.office(actor, today=today)})
    found = queries.waiting(actor, today=today)
    told |= {"found": found, "figures": figures(found, actor), "tasks": tasks(found, actor, today=today), "signing": signing(found)}
    years = "、".join(f"{year}年" for year in found.unconfirmed)
    told["unconfirmed_words"] = f"{years}的校历还没有确认，按上课日计算的期限可能不准。请系统管理员核对国家放假安排后确认。"
    told |= {"overdue": overdue_card(found, actor, today=today, tasks=told["tasks"]), "next": next_card(found, actor, today=today)}
    told |= {"headline": headline(found), "tiles": tiles(found)}
    if actor.may(Right.START_RUN):
        running = found.running
        told["second"] = ("看进度", reverse("run_show", args=[running.pk])) if running else ("开始比对", reverse("run_list") + "#start")
    told |= {"states": [{"label": State(s).label, "value": n, "url": f"{reverse('case_list')}?state={s}"} for s, n in (found.cases or {}).items()]}
    return render(request, "dashboards/workbench.html", told)


def main_action(actor: Actor) -> tuple[str, str]:
    """Label and address of the one thing this role comes for; on the workbench itself, its list of what is to be done."""
    label, name = BY_CODE[actor.role].main_action
    if name == "workbench":
        return label, "#tasks"
    return label, reverse(name) + ("?state=open&mine=1" if name == "finding_list" and actor.may(Right.SETTLE_FINDINGS) else "")


def figures(found: queries.Waiting, actor: Actor) -> list[dict[str, Any]]:
    """The cards with numbers; each opens its list."""
    told = [goal_card(found, actor)] if found.goal is not None else []
    if found.findings is not None:
        told.append(findings_card(found.findings, actor, closed=found.closed))
    if found.pairs is not None:
        told.append(card("疑似同一人", found.pairs, "对", "doubtful_list", "warn", "请人判定，判定前不报失学"))
    if found.cases is not None:
        told.append(card("未结个案", sum(found.cases.values()), "件", "case_list", "warn", "疑似、劝返和跟踪巩固中的都在内"))
    return told


def card(label: str, value: int, unit: str, name: str, tone: str, note: str, query: str = "") -> dict[str, Any]:
    """One number; nothing waiting is green."""
    return {
        "label": label,
        "value": value,
        "said": count(value),
        "unit": unit,
        "url": reverse(name) + query,
        "tone": tone if value else "ok",
        "note": note,
    }


def goal_card(found: queries.Waiting, actor: Actor) -> dict[str, Any]:
    """The plan's goal, first of all numbers, counted and listed as on the dashboard; for who sees no cases there is no list of them to open."""
    note = "目标 0 人，不具备学习条件者除外" + (f"；另有疑似 {found.goal_suspected} 人" if found.goal_suspected else "")
    if actor.may(Right.VIEW_CASES):
        return card("脱贫户、监测户失学辍学", found.goal or 0, "人", "case_list", "bad", note, "?state=out&group=goal")
    return card("脱贫户、监测户失学辍学", found.goal or 0, "人", "third_list", "bad", note) | {"url": ""}


def findings_card(number: int, actor: Actor, *, closed: bool) -> dict[str, Any]:
    """Open findings, by whose they are; after the signature they wait for the next comparison."""
    if not actor.may(Right.SETTLE_FINDINGS):
        return card("待处理问题", number, "个", "finding_list", "warn", "由学籍管理员、校长、中心学校处理", "?state=open")
    note = "已签认，留待下次比对处理" if closed else "写明情况，需要的附上证明"
    return card("由我处理的问题", number, "个", "finding_list", "warn" if closed else "bad", note, mine(actor))


def mine(actor: Actor) -> str:
    """The filter that shows the open findings of this post; the bureau may settle all, its own are those it owns."""
    return "?state=open&owner=bureau" if actor.role == "bureau" else "?state=open&mine=1"


def tasks(found: queries.Waiting, actor: Actor, *, today: date) -> list[dict[str, Any]]:
    """What is to be done now, in words, each with its way there and the days that are left (None: no term set)."""
    rolls = roll_tasks(actor, today=today, numbers=found.policy)
    absences = absence_tasks(actor, today=today, numbers=found.policy)
    return [
        *rolls,
        *case_tasks(found, actor),
        *line_tasks(found.lines, actor),
        *absences,
        *register_tasks(found, actor, today=today),
        *run_tasks(found, actor, today=today),
    ]


def case_tasks(found: queries.Waiting, actor: Actor) -> list[dict[str, Any]]:
    """Cases that wait for a second signature, to be handed over, or for the receipt of this township or village."""
    signing = f"{reverse('case_list')}?owner={actor.role}&decide=on"
    told = [
        (found.to_decide, "等您审定的个案 {} 件", "看依据和证明，同意或写明理由退回", signing, "审定"),
        (found.to_assign, "待交办乡镇（街道）的个案 {} 件", "落实责任人，交办户籍或学校所在地", reverse("assign_list"), "交办"),
        (found.charged, "区里交办、待签收的学生 {} 人", "签收后组织劝返", reverse("assignment_list"), "签收"),
    ]
    return [{"label": label.format(n), "note": note, "url": url, "action": action} for n, label, note, url, action in told if n]


def line_tasks(waiting: Lines, actor: Actor) -> list[dict[str, Any]]:
    """What the three lines leave to this post, each with the school days left of the most urgent child."""
    told: list[dict[str, Any]] = []
    listed = reverse("report_list")
    if waiting.verify[0] and actor.may(Right.VERIFY_ABSENCE):
        told.append(line_task("三线报告待核实签发", waiting.verify, f"{listed}?state=to_verify", "核实", "疑似辍学学生，补齐去向和原因后一次发出"))
    if waiting.enter[0] and actor.may(Right.ENTER_PLATFORM):
        told.append(line_task("待录入政府救助平台", waiting.enter, f"{listed}?state=to_enter", "录入", "逐栏复制，填回受理号"))
    if waiting.sign:
        inbox = reverse("assignment_list") if actor.may(Right.VIEW_ASSIGNMENTS) else f"{listed}?state=unsigned"
        told.append(line_task("学校报告待签收", (waiting.sign, None), inbox, "签收", "签收后组织劝返，落实责任人"))
    if waiting.visit[0]:
        told.append(line_task("首次走访", waiting.visit, reverse("assignment_list"), "去办", "疑似辍学学生，入户劝返"))
    if waiting.send_away[0]:
        task = line_task("待发函户籍地", waiting.send_away, f"{listed}?state=away", "发函", "非本地户籍的学生，告知其户籍地教育部门")
        told.append(task | {"unit": "日"})
    if waiting.unanswered:
        told.append(line_task("户籍地超期未答复", (waiting.unanswered, None), f"{listed}?state=away", "去看", "请电话催办，答复后登记"))
    return told


def line_task(label: str, number: tuple[int, int | None], url: str, action: str, note: str) -> dict[str, Any]:
    """One line of what is to be done."""
    return {"label": f"{label} {number[0]} 人", "note": note, "url": url, "action": action, "days": number[1], "unit": "个上课日"}


def register_tasks(found: queries.Waiting, actor: Actor, *, today: date) -> list[dict[str, Any]]:
    """Uploads that wait for a word, registers that have not come."""
    register = reverse("register_list")
    due = rules.registers_due(found.term.first_day, run_first_week=found.policy["run_first_week"]) if found.term else today
    told: list[dict[str, Any]] = [
        {"label": f"{label} {found.uploads[state]} 份", "note": note, "url": f"{register}?state={state}", "action": "去看"}
        for state, (label, _tone, note) in UPLOAD_WORDS.items()
        if found.uploads.get(state)
    ]
    told += [
        {"label": f"本学期的{kind}名册还没有提交", "note": "没有在校名册，本校学生在比对中只能列为待核实" if kind == "实际在校" else "",
         "url": register, "action": "上传" if actor.may(Right.UPLOAD_REGISTERS) else "去看", "days": (due - today).days}
        for kind in found.not_handed_in
    ]  # fmt: skip
    return told + [
        {"label": f"{one.label}名册还缺 {len(one.open)} {one.unit}", "note": shortened(one.open), "url": register, "action": "去看",
         "days": (due - today).days, "of_others": True}
        for one in found.owed
    ]  # fmt: skip


def run_tasks(found: queries.Waiting, actor: Actor, *, today: date) -> list[dict[str, Any]]:
    """What the newest comparison leaves to this post: findings, doubtful pairs, the signature."""
    run = found.newest
    if run is None or run.is_frozen:
        return []
    days = (rules.findings_due(run.as_of, settle_findings_days=found.policy["settle_findings_days"]) - today).days
    told: list[dict[str, Any]] = []
    if found.findings and actor.may(Right.SETTLE_FINDINGS) and not found.closed:
        told.append({"label": f"比对问题 {found.findings} 个", "note": "先处理失学、辍学和疑似辍学", "url": reverse("finding_list") + mine(actor),
                     "action": "处理", "days": days})  # fmt: skip
    if found.pairs:
        told.append(
            {
                "label": f"疑似同一人 {found.pairs} 对",
                "note": "看两行是不是同一个儿童",
                "url": reverse("doubtful_list"),
                "action": "判定",
                "days": days,
            }
        )
    if found.signed is False:
        due = rules.signature_due(run.as_of, sign_run_days=found.policy["sign_run_days"])
        told.append({"label": f"{run}等待签认", "note": "签认前请先处理完本级的问题", "url": reverse("run_sign", args=[run.pk]),
                     "action": "签认", "days": (due - today).days})  # fmt: skip
    return told


def headline(found: queries.Waiting) -> list[dict[str, Any]]:
    """The numbers a leader asks for, each opening its list."""
    address = reverse("run_children", args=[found.newest.pk]) if found.newest else ""
    return [{"label": FIGURES[code].label, "value": f"{number:,}", "url": f"{address}?figure={code}"} for code, number in found.headline.items()]


def tiles(found: queries.Waiting) -> list[dict[str, Any]]:
    """The townships with their cases that are not over."""
    return [{"label": name, "value": number, "url": f"{reverse('case_list')}?township={code}"} for code, name, number in found.townships]


def shortened(names: list[str], most: int = 5) -> str:
    """Names in a row, at most five."""
    return "、".join(names[:most]) + (f"等 {len(names)} 个" if len(names) > most else "")


def signing(found: queries.Waiting) -> list[dict[str, Any]]:
    """How many places have signed the newest run."""
    return (
        [{"label": f"{label}签认", "value": found.signatures.get(level, 0)} for level, label in Signature.Level.choices] if found.signatures else []
    )
