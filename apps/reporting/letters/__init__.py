"""The words of the three lines: letter to the township, letter to the bureau, letter to another district, and the platform's fields.

Layout after GB/T 9704-2012 (core/papers.py). A letter is composed once, when it is issued, and printed from what was stored then.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from io import BytesIO

from apps.attendance.models import AbsenceRun
from apps.cases.letters.official import Letter, bureau, government, unit
from apps.core.excel.write import write_table
from apps.core.templatetags.zaixue import cn_date
from apps.registers.layouts.words import GRADES
from apps.reporting.layouts import ID_NUMBER, PLATFORM
from apps.reporting.models import ThreeLineReport

BASIS = "根据《中华人民共和国义务教育法》和我区控辍保学工作方案关于“三线”报告的规定"
SERVICE = "控辍保学"


def to_township(report: ThreeLineReport, *, township: str, number: str, visit_due: date, absence: AbsenceRun, day: date) -> Letter:
    """The letter that hands the child to the township: 履行主体劝返责任，立即开展劝返工作. 〔方案二（三）2〕"""
    asked = f"请你{unit(township)}履行主体劝返责任，立即组织劝返，于{cn_date(visit_due)}前完成首次入户走访，并将劝返情况函复我校。"
    return letter(report, absence, number=number, addressee=government(township), ending=f"{BASIS}，现予报告。{asked}", day=day)


def to_bureau(report: ThreeLineReport, *, district: str, number: str, township: str, absence: AbsenceRun, day: date) -> Letter:
    """The letter to the bureau. 〔方案二（三）2〕书面报送区教育体育局，采取有效的措施，减少学生辍学的风险"""
    away = "该生户籍不在本区，请贵局向其户籍地教育行政部门发函告知。" if report.is_registered_away else ""
    ending = f"{BASIS}，我校已书面报告{government(township)}开展劝返，同时在云南省政府救助平台上报。现将有关情况报告贵局。{away}"
    return letter(report, absence, number=number, addressee=bureau(district), ending=ending, day=day)


def letter(report: ThreeLineReport, absence: AbsenceRun, *, number: str, addressee: str, ending: str, day: date) -> Letter:
    """What both letters of a school say."""
    name = report.child.name
    return Letter(
        title=f"关于学生{name}疑似辍学情况的报告", issuer=report.school.name, number=number, addressee=addressee,
        paragraphs=(who(report), stayed_away(report, absence), found_out(report), ending, f"联系人：{report.verified_name}"), date=cn_date(day),
    )  # fmt: skip


def who(report: ThreeLineReport) -> str:
    """The child and its family in one sentence. The number of its paper stays masked, as everywhere."""
    child = report.child
    sex = {"M": "男", "F": "女"}.get(child.sex, "")
    facts = [
        sex,
        child.ethnicity,
        f"{cn_date(child.birth_date)}生" if child.birth_date else "",
        f"证件号{child.id_masked}" if child.id_masked else "",
    ]
    family = [f"户籍地{report.home}" if report.home else "", f"现住{report.address}" if report.address else ""]
    guardian = f"监护人{report.guardian_name}" + (f"，联系电话{report.guardian_phone}" if report.guardian_phone else "")
    return f"我校{room_of(report)}学生{child.name}（{'，'.join(filter(None, facts))}），{'，'.join(filter(None, [*family, guardian]))}。"


def room_of(report: ThreeLineReport) -> str:
    """Grade and class."""
    return str(report.school_class)


def stayed_away(report: ThreeLineReport, absence: AbsenceRun) -> str:
    """How long, and whether it is over."""
    back = f"该生已于{cn_date(absence.ended_on)}到校，学校将继续跟踪。" if absence.ended_on and absence.end == "returned" else ""
    return f"该生自{cn_date(report.first_day)}起无正当理由未到校，至{cn_date(report.last_day)}已连续{report.school_days}个上课日。{back}"


def found_out(report: ThreeLineReport) -> str:
    """What the school did and learned."""
    contacts = f"我校已联系其家长：{report.contacts.rstrip('。；')}。" if report.contacts else ""
    why = report.get_cause_display() + (f"（{report.cause_text.rstrip('。')}）" if report.cause_text else "")
    groups = f"该生属特殊群体：{report.groups_said}。" if report.groups else ""
    return f"{contacts}经核实，该生现在去向：{report.whereabouts.rstrip('。')}；未到校原因：{why}。{groups}"


def to_other_district(report: ThreeLineReport, *, district: str, number: str, addressee: str, reply_days: int, day: date) -> Letter:
    """The bureau's letter to the education authority where the household is. 〔方案二（三）3〕非本地户籍的学生发函告知辍学情况"""
    child = report.child
    facts = "，".join(
        filter(None, ({"M": "男", "F": "女"}.get(child.sex, ""), f"{cn_date(child.birth_date)}生" if child.birth_date else "", report.home))
    )
    first = (
        f"你地户籍学生{child.name}（{facts}），监护人{report.guardian_name}，现就读于我区{report.school.name}{report.school_class}，"
        f"自{cn_date(report.first_day)}起无正当理由未到校，至{cn_date(report.last_day)}已连续{report.school_days}个上课日。"
    )
    known = f"经学校核实，该生现在去向：{report.whereabouts.rstrip('。')}；未到校原因：{report.get_cause_display()}。"
    asked = f"现函告贵局，请协助核实该生去向，督促其监护人依法送其接受义务教育，并于{reply_days}日内函复我局。"
    return Letter(
        title=f"关于协助劝返学生{child.name}的函",
        issuer=bureau(district),
        number=number,
        addressee=addressee,
        paragraphs=(first, known, asked),
        date=cn_date(day),
    )


def platform_fields(report: ThreeLineReport, *, number: str = "") -> list[tuple[str, str, str]]:
    """(key, field of the platform, what to enter there), in the platform's order; ``number`` is the full ID number just revealed."""
    told = platform_words(report) | {ID_NUMBER: number or report.child.id_masked}
    return [(column.key, column.label, told[column.key]) for column in PLATFORM]


def platform_words(report: ThreeLineReport) -> dict[str, str]:
    """What the platform's form is filled with."""
    child, room = report.child, report.school_class
    return {
        "service": SERVICE, "name": child.name, "sex": child.get_sex_display(), "birth": f"{child.birth_date:%Y-%m-%d}" if child.birth_date else "",
        "ethnicity": child.ethnicity, "school": report.school.name, "room": f"{GRADES[room.grade - 1]}（{room.name}）班", "home": report.home,
        "address": report.address, "guardian_name": report.guardian_name, "guardian_phone": report.guardian_phone,
        "first_day": f"{report.first_day:%Y-%m-%d}", "school_days": str(report.school_days or ""),
        "cause": "：".join(filter(None, (report.get_cause_display(), report.cause_text))), "whereabouts": report.whereabouts,
        "groups": report.groups_said or "无", "contacts": report.contacts,
    }  # fmt: skip


def platform_workbook(reports: Iterable[ThreeLineReport], *, school: str, day: date) -> bytes:
    """The reports that wait for the platform as one workbook, a row each; ID numbers masked."""
    rows = [[text for _, _, text in platform_fields(report)] for report in reports]
    kept = BytesIO()
    texts = {n for n, column in enumerate(PLATFORM) if column.key in (ID_NUMBER, "guardian_phone", "birth", "first_day")}
    write_table(
        kept, title=f"{school}政府救助平台控辍保学待录入名单", headings=[column.label for column in PLATFORM], rows=rows,
        widths=[column.width for column in PLATFORM], text_columns=texts, sheet="待录入",
        notes=[f"导出日期：{cn_date(day)}　共 {len(rows)} 人　完整证件号在录入页逐人查看（留痕）"],
    )  # fmt: skip
    return kept.getvalue()
