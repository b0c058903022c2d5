"""移交户籍地: the bureau's letter to the education authority where the household is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from apps.cases.letters.official import Letter, bureau
from apps.core.templatetags.zaixue import cn_date


@dataclass(frozen=True, slots=True)
class Child:
    """Whom the letter hands over."""

    said: str  # 杨阿牛（女，2014年3月8日生）
    name: str
    guardian: str
    phone: str
    home: str  # where the household is, as far as it is known
    school: str
    away: str
    visits: int
    whereabouts: str


def compose(child: Child, *, district: str, number: str, addressee: str, days: int, text: str, day: str) -> Letter:
    """The letter as it is issued. 〔方案二（三）3〕非本地户籍的学生发函告知辍学情况，移交户籍地继续劝返."""
    family = f"监护人{child.guardian}" if child.guardian else ""
    phone = f"联系电话{child.phone}" if child.phone else ""
    studied = f"原在我区{child.school}就读" if child.school else "未在我区学校建立学籍"
    facts = "，".join(filter(None, (f"户籍地{child.home}" if child.home else "", family, phone, studied, child.away)))
    tried = f"我区已走访、联系 {child.visits} 次。" if child.visits else ""
    where = f"现查明该生去向：{child.whereabouts}。" if child.whereabouts else ""
    paragraphs = (
        f"你地户籍适龄儿童{child.said}，{facts}。",
        "".join(filter(None, (tried, where, f"{text.rstrip('。')}。" if text else ""))),
        f"根据《中华人民共和国义务教育法》和控辍保学属地管理的要求，现将该生劝返工作移交贵局，请督促其监护人依法送其入学，并于{days}日内书面答复是否接收、"
        "由哪所学校（单位）负责。书面接收以前，我区继续跟踪。",
    )
    return Letter(
        title=f"关于移交适龄儿童{child.name}劝返工作的函", issuer=bureau(district), number=number, addressee=addressee,
        paragraphs=tuple(filter(None, paragraphs)), date=day,
    )  # fmt: skip


def said(name: str, sex: str, birth: date | None) -> str:
    """A child with sex and birth: 杨阿牛（女，2014年3月8日生）."""
    facts = "，".join(filter(None, ({"M": "男", "F": "女"}.get(sex, ""), f"{cn_date(birth)}生" if birth else "")))
    return f"{name}（{facts}）" if facts else name
