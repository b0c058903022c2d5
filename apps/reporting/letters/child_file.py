"""一生一案卷宗: the whole file of one child as one paper, its sections in the order of DOMAIN.md §4. ID numbers stay masked."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date
from functools import partial

from apps.attendance.models import AbsenceRun
from apps.cases.letters.closing import form
from apps.cases.models import Attachment, LegalStep, Placement, Proposal, Service, Visit
from apps.cases.rules import in_place
from apps.cases.rules.caring import said
from apps.cases.rules.climbing import LADDER
from apps.core.papers import Block, Break, Contents, Cover, Form, Heading, Paper, Table, Text
from apps.core.templatetags.zaixue import cn_date, cn_moment
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.queries.whole import Whole

NONE = "本节没有记录。"
STAGES = {"primary": "小学", "junior": "初中"}
flush = partial(Text, indent=False)  # one sentence of the file, in line with its tables
SECTIONS = "一二三四五六七八九十"


def child_file(told: Whole, *, day: date) -> Paper:
    """The file of one child on a day: cover, contents, then every section; one without records says so."""
    sections: Sequence[tuple[str, list[Block]]] = (
        ("儿童与家庭", family(told)),
        ("未到校情况与请假", absence(told)),
        ("核实情况", contacts(told)),
        ("三线报告与签收", lines(told)),
        ("双线责任人与交办", [*people(told), *in_place_lists(told)]),
        ("家访与劝返", visits(told)),
        ("四步法文书与送达", steps(told)),
        ("复学与分类安置", back(told)),
        ("关爱与跟踪", watching(told)),
        ("审批、移交与销号", decisions(told)),
    )
    body: list[Block] = [*cover(told, day), Break(), Contents(), Break()]
    for number, (title, blocks) in enumerate(sections):
        body += [Heading(f"{SECTIONS[number]}、{title}"), *(blocks or [flush(NONE)])]
    body += [Heading("台账全文"), *ledger(told), Heading("附件目录"), *attachments(told)]
    return Paper(title=f"一生一案 {told.child.name}", body=body, layout="form", pages=True)


def cover(told: Whole, day: date) -> list[Block]:
    """The first page."""
    case, child = told.case, told.child
    rows = [
        ("姓　　名", child.name), ("学　　校", f"{case.school or '—'}　{case.school_class or ''}"), ("户　　籍", home(told)),
        ("立案日期", cn_date(case.opened_on)), ("现在状态", case.standing.label + (f"（第 {case.repeats + 1} 次）" if case.repeats else "")),
        ("个案编号", f"{case.district_code}-{case.pk}"), ("打印日期", cn_date(day)),
    ]  # fmt: skip
    return [Cover("一生一案", "义务教育阶段控辍保学工作档案"), Form(rows)]


def home(told: Whole) -> str:
    """Township and village of the household."""
    names = (told.places.get(code, "") for code in (told.case.township_code, told.case.village_code))
    return "".join(names) or ("外地" if told.case.is_non_local else "—")


def family(told: Whole) -> list[Block]:
    """Who the child is, and why there is a case."""
    case, child = told.case, told.child
    cause = case.get_cause_display() or "—"
    rows = [
        ("姓名", child.name, "性别", child.get_sex_display() or "—"),
        ("出生日期", cn_date(child.birth_date) or "—", "民族", child.ethnicity or "—"),
        ("证件号", child.id_masked or "—", "学段", STAGES.get(case.stage, "—")),
        ("监护人", child.guardian_name or "—", "联系电话", child.guardian_phone or "—"),
        ("户籍", home(told), "现住址", child.address or "—"),
        ("立案来源", case.get_origin_display(), "立案日期", cn_date(case.opened_on)),
        ("立案理由", case.reason),
        ("辍学原因", cause, "再次辍学", f"{case.repeats} 次"),
    ]
    return [Form(rows)]


def absence(told: Whole) -> list[Block]:
    """Runs of absence, the days themselves, the leaves."""
    called, came = told.present
    body: list[Block] = [flush(f"立案以来班级点名 {called} 个上课日，全天到校 {came} 日。")]
    if told.runs:
        rows = [
            (
                cn_date(r.first_day),
                cn_date(r.last_day),
                f"{r.school_days}",
                r.get_end_display() if r.ended_on else "仍未到校",
                cn_date(r.ended_on) or "—",
            )
            for r in told.runs
        ]
        body.append(table(("连续未到校自", "至", "上课日", "怎样结束", "结束日"), rows, (3, 3, 1, 3, 3)))
    if told.marks:
        days = [(cn_date(m.day), m.get_code_display(), m.why or "—", m.note or "—") for m in told.marks]
        body.append(table(("日期", "情况", "原因", "说明"), days, (3, 2, 2, 4)))
    if told.leaves:
        slips = [
            (o.number, o.get_kind_display(), f"{cn_date(o.first_day)}至{cn_date(o.last_day)}", o.facts, o.get_state_display()) for o in told.leaves
        ]
        body.append(table(("请假条", "类别", "时间", "事由", "审批"), slips, (3, 2, 5, 5, 2)))
    return body


def contacts(told: Whole) -> list[Block]:
    """What the school's telephone calls found out, and what the principal verified."""
    rows = [
        (
            cn_moment(c.at),
            c.get_way_display(),
            c.spoke_with or "—",
            c.get_result_display(),
            "；".join(filter(None, (c.text, c.whereabouts))) or "—",
            c.by_name,
        )
        for c in told.contacts
    ]
    body: list[Block] = [table(("时间", "方式", "联系到谁", "结果", "情况", "联系人"), rows, (4, 2, 2, 2, 5, 2))] if rows else []
    for one in told.reports:
        if one.verified_at:
            words = (
                f"{cn_moment(one.verified_at)}由{one.verified_title}{one.verified_name}核实：去向：{one.whereabouts}；原因：{one.get_cause_display()}"
            )
            body.append(
                flush(words + (f"（{one.cause_text}）" if one.cause_text else "") + (f"；特殊群体：{one.groups_said}" if one.groups else "") + "。")
            )
    return body


def lines(told: Whole) -> list[Block]:
    """Each report with its lines: number, sent, received, answered."""
    return [block for report in told.reports for block in of_report(report, told.runs)]


def of_report(report: ThreeLineReport, runs: Sequence[AbsenceRun]) -> list[Block]:
    """One report: as issued; a draft with the days counted until now, where its absence still stands."""
    counted = [run.school_days for run in runs if run.first_day <= report.last_day and run.last_day >= report.first_day]
    days = report.school_days or (counted[0] if counted else None)
    what = f"连续未到校 {days} 个上课日的报告" if days else "未到校的报告"
    rows = [(line.get_kind_display(), line.number or "—", sent(line), received(line), line.reply or "—") for line in report.lines.all()]
    head = f"{cn_date(report.first_day)}至{cn_date(report.last_day)}{what}{'' if report.verified_at else '（尚未核实签发）'}："
    return [flush(head), table(("报送", "文号、受理号", "发出", "签收", "答复"), rows, (3, 4, 3, 3, 4))]


def sent(line: Line) -> str:
    """When a line went out, by whom."""
    return f"{cn_moment(line.sent_at)}\n{line.sent_name}" if line.sent_at else "—"


def received(line: Line) -> str:
    """When it was signed for, by whom."""
    return f"{cn_moment(line.received_at)}\n{line.received_name}" if line.received_at else "—"


def people(told: Whole) -> list[Block]:
    """The two lines, to whom the case was handed, and how far it climbed."""
    rows = [
        (duty.get_line_display(), duty.label, holder.name if holder else "未落实", holder.job if holder else "—", holder.phone if holder else "—")
        for duty, holder in told.duties.items()
    ]
    body: list[Block] = [table(("线", "岗位", "姓名", "职务", "电话"), rows, (2, 4, 3, 4, 3))] if rows else []
    if told.assignments:
        handed = [
            (a.get_level_display(), cn_moment(a.given_at), a.given_name, f"{cn_moment(a.accepted_at)} {a.accepted_name}".strip() or "—",
             a.returned_text or "—")
            for a in told.assignments
        ]  # fmt: skip
        body.append(table(("交办", "时间", "交办人", "签收", "退回理由"), handed, (2, 4, 2, 4, 4)))
    if told.climbs:
        levels = [(cn_date(c.told_on), LADDER[c.level][1], f"自{cn_date(c.since)}起 {c.days} 日无进展") for c in told.climbs]
        body.append(table(("告知日", "上报到", "情况"), levels, (3, 3, 6)))
    return body


def in_place_lists(told: Whole) -> list[Block]:
    """四早、六到位, each with its date or what is missing."""
    listed = (*in_place.early(told.seen), *in_place.in_place(told.seen))
    return [table(("四早、六到位", "", "日期、缺项"), [(one.label, "做到" if one.done else "未做到", one.note) for one in listed], (3, 2, 9))]


def visits(told: Whole) -> list[Block]:
    """Every persuasion: when, where, who, to whom, what, result, proof."""
    proofs = counted(told.attachments, "entry_id")
    rows = [
        (cn_date(v.day), f"{v.get_way_display()}\n{v.place}".strip(), v.visitors, v.spoke_with or "—", marked(v) + v.text,
         outcome(v.get_outcome_display(), v.whereabouts, v.promised_on), proofs.get(v.entry_id, "—"))
        for v in told.visits
    ]  # fmt: skip
    return [table(("日期", "方式、地点", "走访人", "见到谁", "谈话内容", "结果", "附件"), rows, (3, 3, 3, 2, 6, 3, 2))] if rows else []


def marked(visit: Visit) -> str:
    """What stands before the words of a record that counts no more."""
    if visit.voided:
        return "（已作废，不再计入）"
    return "（已更正，不再计入）" if visit.corrected else ""


def outcome(words: str, whereabouts: str, promised: date | None) -> str:
    """What came of a visit."""
    return "\n".join(filter(None, (words, f"现在：{whereabouts}" if whereabouts else "", f"{cn_date(promised)}返校" if promised else "")))


def counted(files: Iterable[Attachment], where: str) -> dict[int | None, str]:
    """Line of the ledger (``where`` entry_id) or lesson (lesson_id) -> the numbers of its files in the list of attachments."""
    told: dict[int | None, str] = {}
    for number, one in enumerate(files, 1):
        key = getattr(one, where)
        told[key] = "、".join(filter(None, (told.get(key, ""), str(number))))
    return told


def steps(told: Whole) -> list[Block]:
    """The four legal steps with their proof of service."""
    rows = [(which(s), s.number or "经同意跳过", cn_date(s.issued_on), served(s), ends(s)) for s in told.steps]
    return [table(("步骤", "文号", "发出", "送达", "期限届满"), rows, (4, 4, 3, 5, 3))] if rows else []


def which(step: LegalStep) -> str:
    """The step, and which of its papers it was."""
    return f"第{step.step}步 {step.get_step_display()}" + (f"\n《{step.title}》" if step.paper else "")


def served(step: LegalStep) -> str:
    """To whom, where, when and before whom a paper was served."""
    services: list[Service] = list(step.services.all())
    return "\n".join(
        f"{cn_date(s.served_on)}{s.get_way_display()}，{s.received_by}{f'（{s.relation}）' if s.relation else ''}，{s.place}，送达人{s.servers}"
        + (f"，见证人{s.witness}" if s.witness else "")
        for s in services
    ) or ("—" if step.is_skipped else "未登记")


def ends(step: LegalStep) -> str:
    """When the term of a step ends; why it was stopped or made void."""
    return f"{cn_date(step.stopped_on)}终止：{step.stopped_text}" if step.stopped_on else cn_date(step.term_ends_on) or "—"


def back(told: Whole) -> list[Block]:
    """Registered again, placed, taught at home."""
    body: list[Block] = []
    if told.returns:
        rows = [(cn_date(r.registered_on), f"{r.school} {r.school_class or ''}", r.by_name, cn_date(r.ended_on) or "—") for r in told.returns]
        body.append(table(("注册日", "学校班级", "登记人", "再次离校"), rows, (3, 6, 3, 3)))
    for one in told.placements:
        body.append(Form(of_placement(one, told)))
        if reviews := list(one.reviews.all()):
            rows = [(cn_date(r.day), r.get_outcome_display(), r.text, cn_date(r.next_on) or "—") for r in reviews]
            body.append(table(("复核日", "结论", "情况", "下次复核"), rows, (3, 3, 6, 3)))
    for plan in told.home_teaching:
        given = list(plan.given.all())
        total = sum(lesson.lessons for lesson in given)
        body.append(
            flush(
                f"送教上门：{plan.school_year}—{plan.school_year + 1}学年，{plan.teachers}，计划 {plan.lessons} 课时，已送 {total} 课时。{plan.plan}"
            )
        )
        if given:
            proofs = counted(told.attachments, "lesson_id")
            rows = [(cn_date(g.day), g.teachers, f"{g.lessons}", g.content, g.guardian, proofs.get(g.pk, "—")) for g in given]
            body.append(table(("日期", "教师", "课时", "内容", "家长签字", "附件"), rows, (3, 3, 1, 6, 2, 2)))
    return body


def of_placement(one: Placement, told: Whole) -> list[tuple[str, ...]]:
    """A placement in boxes."""
    advice = f"{cn_date(one.panel_on)}：{one.advice(medical=told.reader.papers)}" if one.panel_on else "—"
    return [
        ("辍学原因", one.get_cause_display(), "安置方式", one.get_kind_display()),
        ("接收学校", f"{one.school} {one.school_class or ''}", "责任教师", one.teacher),
        ("自", cn_date(one.first_day), "复核日", cn_date(one.review_on)),
        ("学识评估", one.assessment or "—"), ("安置方案", one.plan), ("专家委员会建议", advice),
    ]  # fmt: skip


def watching(told: Whole) -> list[Block]:
    """Care plans and monitoring notes with the attendance of their day."""
    body: list[Block] = [
        flush(
            f"{cn_date(c.first_day)}起关爱方案（责任教师{c.teacher}，{cn_date(c.review_on)}复核{f'，特殊群体：{said(c.groups)}' if c.groups else ''}）：{c.text}"
        )
        for c in told.care
    ]
    if told.notes:
        rows = [(cn_date(n.day), n.study, n.mood or "—", n.help_given or "—", f"{n.present_days}/{n.school_days}", n.by_name) for n in told.notes]
        body.append(table(("日期", "学习", "思想动态", "帮扶", "到校/上课日", "记录人"), rows, (3, 4, 4, 4, 2, 2)))
    return body


def decisions(told: Whole) -> list[Block]:
    """What took two signatures, and what went to another district."""
    rows = [(p.get_kind_display(), basis(p), asked(p, told), decided(p, told)) for p in told.proposals]
    body: list[Block] = [table(("事项", "依据", "提出", "审定"), rows, (2, 4, 4, 4))] if rows else []
    if told.handovers:
        sent_rows = [
            (h.number, h.addressee, cn_date(h.sent_on), h.reply or "—", f"{cn_date(h.accepted_on)} {h.receiving}".strip() or "—")
            for h in told.handovers
        ]
        body.append(table(("函", "主送", "发函", "答复", "书面接收"), sent_rows, (3, 4, 3, 4, 4)))
    for closing in told.closings:
        body += [flush("控辍保学个案销号审批表"), form(closing)]
    return body


def basis(one: Proposal) -> str:
    """The ground, with its span."""
    return one.basis_label + (f"\n{cn_date(one.first_day)}至{cn_date(one.until)}" if one.first_day and one.until else "")


def asked(one: Proposal, told: Whole) -> str:
    """Who asked, when, why."""
    return f"{one.asked_name}（{one.asked_title}）{cn_date(one.asked_at)}\n{one.words(one.text, medical=told.reader.papers)}"


def decided(one: Proposal, told: Whole) -> str:
    """Who decided, when, in which words."""
    if one.decided_at is None:
        return "等待审定"
    said = one.words(one.verdict_text, medical=told.reader.papers)
    return f"{one.get_verdict_display()}　{one.decided_name}（{one.decided_title}）{cn_date(one.decided_at)}\n{said}".strip()


def ledger(told: Whole) -> list[Block]:
    """Every line of the ledger as it was written."""
    rows = [
        (cn_date(e.happened_on), e.get_kind_display(), e.words(medical=told.reader.papers), f"{e.by_name}\n{cn_moment(e.written_at)}")
        for e in told.ledger
    ]
    return [table(("发生日", "类别", "内容", "登记"), rows, (3, 2, 8, 4))]


def attachments(told: Whole) -> list[Block]:
    """The list of files, numbered as the sections name them."""
    rows = [(f"{n}", name(one, told), cn_date(one.created_at), one.by_name) for n, one in enumerate(told.attachments, 1)]
    return [table(("序号", "材料", "登记日", "登记人"), rows, (1, 7, 3, 3))] if rows else [flush("没有附件。")]


def name(one: Attachment, told: Whole) -> str:
    """What a file is; of a lesson at home with its day."""
    words = one.title(medical=told.reader.papers)
    return f"送教上门 {cn_date(one.lesson.day)}：{words}" if one.lesson else words


def table(head: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Table:
    """A list with its headings."""
    return Table(head=head, rows=rows, widths=widths)
