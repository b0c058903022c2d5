"""四步法: four legal steps in order, each with its papers and their terms, how a paper is served, and when the next step may be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from apps.cases.rules.facts import Facts
from apps.schools.policy import Policy

PUBLIC_DAYS = 30  # 《民事诉讼法》第九十五条：公告送达，自发出公告之日起经过三十日，即视为送达


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper: the policy's number of days its term runs ('' by law), and the longest where the township may choose; whether the township
    must write what it decides or asks for (``asks``: the label of that field)."""

    code: str
    title: str
    term_key: str = ""
    longest_key: str = ""
    asks: str = ""


@dataclass(frozen=True, slots=True)
class LegalStep:
    """One step and its papers: one after the other where ``in_order``, else one of them."""

    number: int
    label: str
    papers: tuple[Paper, ...]
    in_order: bool = True


STEPS = (
    LegalStep(1, "宣传教育", (Paper("persuade", "劝学通知书", "step_publicity_days"),)),
    LegalStep(2, "责令改正", (Paper("order", "责令限期改正通知书", "step_order_days", "step_order_longest_days"),)),
    LegalStep(
        3, "行政处罚",
        (Paper("penalty_notice", "行政处罚告知书", "step_notice_days", asks="拟作出的处罚"),
         Paper("penalty", "行政处罚决定书", "step_penalty_days", asks="处罚内容、履行方式和期限")),
    ),
    LegalStep(
        4, "申请强制执行或提起诉讼",
        (Paper("enforce", "强制执行申请书", asks="申请事项"), Paper("sue", "民事起诉状", asks="诉讼请求")), in_order=False,
    ),
)  # fmt: skip
BY_NUMBER = {step.number: step for step in STEPS}
BY_PAPER = {paper.code: paper for step in STEPS for paper in step.papers}
STEP_OF = {paper.code: step.number for step in STEPS for paper in step.papers}
TO_COURT = frozenset({"enforce", "sue"})


def term_limits(paper: str, *, numbers: Policy) -> tuple[int, int] | None:
    """The fewest and the most days a paper may name as its term; None where the law sets it.

    〔方案二（七）4〕宣传教育 14 日，责令改正 7—15 日，之后依法。"""
    kind = BY_PAPER[paper]
    if not kind.term_key:
        return None
    shortest = numbers[kind.term_key]
    return shortest, max(shortest, numbers[kind.longest_key]) if kind.longest_key else shortest


def term_fault(paper: str, *, days: int | None, numbers: Policy) -> str:
    """Why a paper may not name this term, '' where it may. 〔方案二（七）4〕责令改正 7—15 日"""
    limits = term_limits(paper, numbers=numbers)
    if limits is None or days is None:
        return ""
    shortest, longest = limits
    if shortest <= days <= longest:
        return ""
    return f"《{BY_PAPER[paper].title}》的期限应为 {shortest} 日。" if shortest == longest else f"期限应在 {shortest}—{longest} 日之间。"


def term_end(paper: str, *, served_on: date, numbers: Policy, days: int | None = None) -> date | None:
    """The last day of a paper's term, counted from the day after it was served; ``days`` as the paper named them. None: by law.

    〔方案二（七）4〕宣传教育、责令改正、行政处罚、申请强制执行或提起诉讼；《行政处罚法》《民事诉讼法》期间自次日起算。"""
    limits = term_limits(paper, numbers=numbers)
    return served_on + timedelta(days or limits[0]) if limits else None


def next_step(facts: Facts) -> int:
    """Which step may be issued next, whatever still stands against it: 1–4; 5 once all four were issued. A step with papers in order goes on
    until its last paper: after the notice of a penalty comes the decision.

    〔方案二（七）4〕按顺序依法执行“四步法”。"""
    last = facts.step
    if last is None:
        return 1
    step = BY_NUMBER[last.step]
    unfinished = step.in_order and not last.skipped and last.paper in [paper.code for paper in step.papers[:-1]]
    return last.step if unfinished else last.step + 1


def next_papers(facts: Facts) -> tuple[Paper, ...]:
    """The papers of which the next one is; none once all four steps were issued. 〔方案二（七）4〕《行政处罚法》第四十四条：处罚决定之前应当告知"""
    step = BY_NUMBER.get(next_step(facts))
    if step is None or not step.in_order:
        return step.papers if step else ()
    last = facts.step
    codes = [paper.code for paper in step.papers]
    done = codes.index(last.paper) + 1 if last and last.step == step.number and last.paper in codes else 0
    return step.papers[done : done + 1]


def hindrance(facts: Facts) -> str:
    """Why the next paper may not be issued yet; '' where it may. None is while the child is registered again; a step skipped by consent hinders
    nothing.

    〔方案二（七）4〕按顺序；上一步的文书送达且期限届满后，方可进行下一步。"""
    last = facts.step
    if facts.registered_on is not None:
        return f"该生已登记复学注册（{facts.registered_on:%Y年%-m月%-d日}），“四步法”停止；又离校的，由学校登记再次离校后接着办理。"
    if next_step(facts) > len(STEPS):
        return "四步均已办理。"
    if last is None or last.skipped:
        return ""
    title = BY_PAPER[last.paper].title if last.paper in BY_PAPER else BY_NUMBER[last.step].label
    if last.served_on is None:
        return f"第{last.step}步《{title}》还没有送达，请先登记送达回证。"
    if last.term_ends_on and facts.today <= last.term_ends_on:
        return f"第{last.step}步《{title}》的期限到 {last.term_ends_on:%Y年%-m月%-d日} 届满，次日起可以进行下一步。"
    return ""


def earliest(facts: Facts) -> date | None:
    """The earliest day on which the next step may be issued; None while that is not known. 〔方案二（七）4〕"""
    last = facts.step
    if facts.registered_on is not None:
        return None
    if last is None or last.skipped:
        return facts.today
    return last.term_ends_on + timedelta(1) if last.term_ends_on else (last.served_on + timedelta(1) if last.served_on else None)


def skippable(facts: Facts) -> int | None:
    """Which step may be skipped with the bureau's consent: the one whose paper cannot be served, else the next; never the last one, for
    nothing comes after it. 〔方案二（七）4〕按顺序；跳过须有理由，经区教体局同意（缺省值，待本区确认）"""
    last = facts.step
    number = last.step if last and not last.skipped and last.served_on is None else next_step(facts)
    return number if number < len(STEPS) else None


def service_fault(*, way: str, issued_on: date, served_on: date, today: date, addressee: str, received_by: str, relation: str, witness: str) -> str:
    """What is wrong with a proof of service, '' where nothing is.

    《民事诉讼法》第八十八条至第九十五条：直接送达、留置送达（见证）、委托、邮寄、公告（满三十日视为送达）；他人代收的写明关系。"""
    if served_on > today:
        return "送达日还没有到，请在送达后登记。"
    if served_on < issued_on:
        return f"送达日早于发出日（{issued_on:%Y年%-m月%-d日}），请改正。"
    if way == "left" and not witness:
        return "留置送达须写明见证人。"
    if way == "public" and served_on < issued_on + timedelta(PUBLIC_DAYS):
        return f"公告送达自发出公告之日起满 {PUBLIC_DAYS} 日视为送达，最早为 {issued_on + timedelta(PUBLIC_DAYS):%Y年%-m月%-d日}。"
    if way in ("direct", "proxy", "post") and received_by != addressee and not relation:
        return f"签收人不是受送达人{addressee}的，请写明与受送达人的关系。"
    return ""


def due(facts: Facts, *, numbers: Policy) -> date:
    """By when the legal step that stands must be taken further: served, or after its term followed by the next; once all four were issued,
    by when something more is done.

    〔方案二（七）4〕按顺序依法执行“四步法”；期限为缺省值，待本区确认。"""
    last = facts.step
    if last is None:
        return facts.state_since + timedelta(numbers["first_step_days"])
    if last.skipped or last.served_on is None:
        return (last.issued_on or facts.state_since) + timedelta(numbers["next_step_days" if last.skipped else "serve_days"])
    if next_step(facts) > len(STEPS):
        return max(last.served_on, facts.progress_on) + timedelta(numbers["next_step_days"])
    return (last.term_ends_on or last.served_on) + timedelta(numbers["next_step_days"])
