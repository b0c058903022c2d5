"""Children and their papers: invented names, valid invented numbers, each only once."""

from __future__ import annotations

from datetime import date
from itertools import count
from typing import Any

from django.db import connection

from apps.core.ids import check_digit, mask
from apps.core.names import initials, pinyin
from apps.schools.models import SchoolClass
from apps.students.models import Child, IdDocument

numbers = count(1)


def id_number(n: int, *, birth: date = date(2014, 3, 8), area: str = "530113") -> str:
    """The n-th invented resident number of a birthday (n < 1000)."""
    first17 = f"{area}{birth:%Y%m%d}{n % 1000:03d}"
    return first17 + check_digit(first17)


def document(number: str, *, kind: str = "resident") -> IdDocument:
    """The paper with a number, under the key that the registers compute."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT hashtextextended(%s, 0)", [f"{kind}:{number}"])
        key = cursor.fetchone()[0]
    made, _ = IdDocument.objects.get_or_create(id=key, defaults={"kind": kind, "number": number, "masked": mask(number)})
    return made


def canary(n: int) -> str:
    """A word that stands in every text field of the n-th child and nowhere else."""
    return "雀" + "".join("〇一二三四五六七八九"[int(digit)] for digit in f"{n:03d}")


def child(*, school_class: SchoolClass | None = None, village: str = "", district: str = "530113", **fields: Any) -> Child:
    """A child of a class (or of none), living in a village; ``fields`` override."""
    n = next(numbers)
    birth = fields.pop("birth_date", date(2014, 3, 8))
    paper = fields.pop("document", None) or document(id_number(n, birth=birth, area=district))
    name = fields.pop("name", f"杨{canary(n)}")
    values = {
        "name": name, "pinyin": pinyin(name), "initials": initials(name), "sex": "M" if int(paper.number[16]) % 2 else "F", "birth_date": birth,
        "ethnicity": "彝族", "document": paper, "id_masked": paper.masked, "guardian_name": f"杨父{canary(n)}", "guardian_phone": f"1990000{n:04d}",
        "address": f"测试路{canary(n)}号", "district_code": district, "township_code": village[:9], "village_code": village,
        "school": school_class.school if school_class else None, "school_class": school_class, "grade": school_class.grade if school_class else None,
    }  # fmt: skip
    made: Child = Child.objects.create(**(values | fields))
    return made
