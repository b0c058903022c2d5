"""The lines about a child that every form begins with; the number of its paper stays masked, as everywhere."""

from __future__ import annotations

from apps.cases.models import Case
from apps.core.templatetags.zaixue import cn_date
from apps.students.models import Child

Rows = list[tuple[str, ...]]
ROOM = "\n\n\n"  # lines left free to be written by hand
BLANK_DAY = "　　年　　月　　日"


def child_rows(child: Child) -> Rows:
    """Name, sex, birth, paper."""
    return [
        ("姓名", child.name, "性别", child.get_sex_display()),
        ("出生日期", cn_date(child.birth_date), "证件号", child.id_masked),
    ]


def school_of(case: Case) -> str:
    """School and class of a case."""
    return "　".join(filter(None, (case.school.name if case.school else "", str(case.school_class or "")))) or "—"


def signed(text: str, name: str, title: str, day: str) -> str:
    """An opinion with who signed it and when."""
    return f"{text}\n\n{name}（{title}）　{day}"
