"""Pairs of rows with the answer a person would give: one table for the rule in memory and for the passes in SQL.

All names and numbers are invented. ``exact`` is the basis of the exact pass that must take the pair ('' = none may).
"""

from __future__ import annotations

from typing import NamedTuple

from apps.core.ids import check_digit
from apps.core.names import compare_key, sound_key
from apps.students.matching import Row


class Case(NamedTuple):
    """Two rows, the decision of ``judge`` on them alone, and the exact pass that takes them where their keys are unique."""

    title: str
    left: Row
    right: Row
    decision: str  # 'same', 'doubtful', 'different'
    exact: str = ""


def number(birth: str = "20150312", sequence: str = "423", area: str = "530113") -> str:
    """A valid identity number."""
    first = f"{area}{birth}{sequence}"
    return first + check_digit(first)


def wrong(id_number: str, place: int) -> str:
    """One digit of a number mistyped."""
    digit = "7" if id_number[place] != "7" else "1"
    return id_number[:place] + digit + id_number[place + 1 :]


def exchanged(id_number: str, place: int) -> str:
    """Two neighbouring digits exchanged."""
    return id_number[:place] + id_number[place + 1] + id_number[place] + id_number[place + 2 :]


ID = number()
SISTER = number("20180705", "186")
MOTHER = number("19860211", "248")
TWIN = number(sequence="465")
NUMBER = "G" + ID
BASE = {
    "name": "李晓梅", "sex": "F", "birth": "20150312", "id_number": ID, "student_number": "", "guardian": "李国强", "phone": "13987650001",
    "township": "530113102", "village": "下营", "school": "5301130004", "grade": 4, "class_name": "2", "household": "",
    "other_phone": "", "head": "",
}  # fmt: skip
NOTHING: dict[str, object] = {"guardian": "", "phone": "", "township": "", "village": "", "school": "", "grade": None, "class_name": ""}
OTHER_PHONE = "15198760002"
NO_FAMILY: dict[str, object] = {"guardian": "", "phone": "", "township": "", "village": ""}
NO_SCHOOL: dict[str, object] = {"school": "", "grade": None, "class_name": ""}
NO_PAPERS: dict[str, object] = {"id_number": "", "birth": ""}
ELSEWHERE: dict[str, object] = {
    "guardian": "王学兵", "phone": "15198760002", "township": "530113105", "village": "石门", "school": "5301130031", "class_name": "1",
}  # fmt: skip


def row(entry: int, **changes: object) -> Row:
    """The base child with changes; ``name`` and ``guardian`` are written as people write them."""
    v: dict[str, object] = {**BASE, **changes}
    name, guardian, grade = str(v["name"]), str(v["guardian"]), v["grade"]
    return Row(
        entry, compare_key(name), sound_key(name), str(v["sex"]), str(v["birth"]), str(v["id_number"]), str(v["student_number"]),
        compare_key(guardian), str(v["phone"]), str(v["township"]), str(v["village"]), str(v["school"]),
        grade if isinstance(grade, int) else None, str(v["class_name"]), str(v["household"]), str(v["other_phone"]), compare_key(str(v["head"])),
    )  # fmt: skip


def case(title: str, decision: str, exact: str = "", *, left: dict[str, object] | None = None, **right: object) -> Case:
    return Case(title, row(1, **(left or {})), row(2, **right), decision, exact)


CASES = (
    # Exact passes.
    case("all equal", "same", "P2-name"),
    case("number and name equal, birth date empty", "same", "P2-name", birth=""),
    case("number and name equal, birth date mistyped", "same", "P2-name", birth="20150321"),
    case("number and birth date equal, homophone name", "same", "P2-birth", name="李小梅"),
    case("student number equal, identity number missing", "same", "P1-name", left={"student_number": NUMBER}, student_number=NUMBER, id_number=""),
    case("student number equal, name homophone", "same", "P1-birth", left={"student_number": NUMBER}, student_number=NUMBER, name="李小梅",
        id_number=""),
    case("student number first, then identity number", "same", "P1-name", left={"student_number": NUMBER}, student_number=NUMBER),
    case("name, birth, sex equal, no number", "same", "P3", id_number=""),
    case("name, birth, sex equal, number mistyped", "same", "P3", id_number=wrong(ID, 15)),
    case("name, birth, sex equal, nothing else to compare", "same", "P3", id_number="", **NOTHING),
    case("traditional form of the name", "same", "P2-name", left={"name": "張曉麗"}, name="张晓丽"),
    case("middle dot left out", "same", "P2-name", left={"name": "阿牛·木呷"}, name="阿牛木呷"),
    case("household row without school", "same", "P2-name", **NO_SCHOOL),
    case("equal passport and name", "same", "P2-name", left={"id_number": "E12345678901234"}, id_number="E12345678901234"),
    case("same wrong number in both and name equal", "same", "P2-name", left={"id_number": wrong(ID, 16)}, id_number=wrong(ID, 16)),
    # An equal number that is not believed.
    case("sister's number typed in", "doubtful", left={"name": "李晓兰", "birth": "20180705", "id_number": ID, "grade": 1}),
    case("sister's number and date typed in, name another", "doubtful", name="李春花", **ELSEWHERE),
    case("number equal, name and birth other", "different", name="王大力", birth="20110101", sex="M", **NOTHING),
    case("number equal, all else of another family", "different", name="王大力", birth="20111107", sex="M", **ELSEWHERE),
    case("student number equal, name and birth other", "different",
         left={"student_number": NUMBER, **NOTHING}, student_number=NUMBER, id_number="", name="王大力", birth="20110607", sex="M"),
    case("mother's number in both rows of two sisters", "doubtful",
         left={"id_number": MOTHER}, id_number=MOTHER, name="李晓兰", birth="20180705", grade=1),
    # Numbers with slips.
    case("one digit of the sequence wrong", "same", "P3", id_number=wrong(ID, 15)),
    case("one digit of the birth segment wrong, no date", "same", birth="", id_number=wrong(ID, 12)),
    case("one digit of the area wrong, no date", "same", birth="", id_number=wrong(ID, 4)),
    case("check digit wrong, no date", "same", birth="", id_number=wrong(ID, 17)),
    case("neighbours exchanged, no date", "same", birth="", id_number=exchanged(ID, 13)),
    case("two digits wrong, no date", "same", birth="", id_number=wrong(wrong(ID, 8), 15)),
    case("digit wrong and name homophone", "same", id_number=wrong(ID, 15), name="李小梅"),
    case("digit wrong and name look-alike", "same", id_number=wrong(ID, 15), name="李哓梅"),
    case("Excel's fifteen digits, date and name equal", "same", "P3", id_number=ID[:15] + "000"),
    case("Excel's fifteen digits are no evidence against a stranger's date", "different",
         name="赵明", sex="M", id_number=ID[:15] + "000", **ELSEWHERE),
    # Re-issued numbers.
    case("moved: area re-issued, name and birth equal", "same", id_number=number(area="530111")),
    case("re-issued with another area and sequence", "same", id_number=number(area="530111", sequence="287")),
    case("moved: area and sequence re-issued, name homophone, class and family equal", "same", id_number=number(area="530111", sequence="087"),
        name="李小梅"),
    case("area and sequence other, name homophone, other class", "doubtful", id_number=number(area="530111", sequence="087"), name="李小梅",
        class_name="1"),
    case("area and sequence other, one other character", "doubtful", id_number=number(area="530111", sequence="087"), name="李晓芬"),
    case("re-issued sequence, name and birth equal", "same", id_number=number(sequence="087")),
    case("old number kept in the student number", "same",
         left={"student_number": NUMBER, "id_number": number(area="530111", sequence="287")}, birth=""),
    case("re-issued, name homophone, same area", "doubtful", id_number=number(sequence="087"), name="李小梅"),
    # The trap of 14 digits: born the same day in the same county.
    case("same day, same county, other name", "different", name="王秀英", id_number=TWIN, **ELSEWHERE),
    case("same day, same county, same surname, elsewhere", "different", name="李春花", id_number=TWIN, **ELSEWHERE),
    case("same day, same class, other family", "different", name="赵丽华", id_number=TWIN, guardian="赵成", phone="15198760002", village="石门"),
    case("twins with numbers, other given name", "different", name="李春花", id_number=TWIN),
    case("twins sharing a character are asked about", "doubtful", name="李晓兰", id_number=TWIN),
    case("twins with names that sound alike are asked about", "doubtful", name="李小梅", id_number=TWIN),
    case("twin boy and girl", "different", name="李春雷", sex="M", id_number=number(sequence="431")),
    case("twins, one without number, sharing a character", "doubtful", name="李晓兰", id_number=""),
    case("twins, one without number, other given name", "doubtful", name="李春花", id_number=""),
    # Brothers and sisters.
    case("sister, other birth", "different", name="李晓兰", birth="20180705", id_number=SISTER, grade=1),
    case("sister one grade lower, other name", "different", name="李春花", birth="20160820", id_number=number("20160820", "121"), grade=3),
    case("sister with the same sequence", "different", name="李晓兰", birth="20160820", id_number=number("20160820", "423"), grade=3),
    case("brother without papers", "different", name="李春雷", sex="M", grade=2, **NO_PAPERS),
    case("sister without papers, sharing a character, another grade", "different", name="李晓兰", grade=1, **NO_PAPERS),
    # Names.
    case("homophone, no number", "same", name="李小梅", id_number=""),
    case("look-alike, no number", "same", name="李晓悔", id_number=""),
    case("characters exchanged, no number", "same", name="李梅晓", id_number=""),
    case("a character dropped, no number", "same", name="李梅", id_number=""),
    case("heard alike in Yunnan, no number", "same", left={"name": "陈兰英"}, name="成兰英", id_number=""),
    case("mother's surname, number equal", "same", name="王晓梅"),
    case("mother's surname, no number", "same", name="王晓梅", id_number=""),
    case("one other character, no number", "doubtful", name="李晓芬", id_number=""),
    case("one other character, number equal", "same", name="李晓芬"),
    case("renamed, number and all else equal", "same", name="李春花"),
    case("long name cut", "same", left={"name": "阿依古丽·买买提"}, name="阿依古丽", id_number=""),
    case("long name, one character other", "same", left={"name": "吉克阿牛木呷"}, name="吉克阿牛木加", id_number=""),
    case("two slips in one name, no number", "doubtful", left={"name": "李琼蕊"}, name="黎蕊琼", id_number=""),
    case("other name altogether, same family, class, no papers", "doubtful", name="杨春花", **NO_PAPERS),
    case("name missing, number equal", "same", name=""),
    # Birth dates.
    case("month and day exchanged, no number", "same", left={"birth": "20150312", "id_number": ""}, birth="20151203"),
    case("one digit of the date, no number", "same", id_number="", birth="20150313"),
    case("date wrong, the other's number holds it", "same", left={"birth": "20160417"}, id_number=""),
    case("lunar date, no number", "same", left={"id_number": ""}, birth="20150122"),
    case("1 January filled in, number equal", "same", "P2-name", birth="20150101"),
    case("1 January in both, same name, elsewhere", "different",
         left={"birth": "20150101", "id_number": ""}, **{**ELSEWHERE, "birth": "20150101", "id_number": "", "sex": ""}),
    case("date other, no number, same class and family", "doubtful", left={"id_number": "", "guardian": ""}, id_number="", birth="20140930",
        phone="15198760002"),
    case("date other, elsewhere", "different", id_number="", birth="20120930", **ELSEWHERE),
    # Numbers of others typed in.
    case("mother's number typed in, no date", "same", id_number=MOTHER, birth=""),
    case("mother's number typed in, date right", "same", id_number=MOTHER),
    case("mother's number typed in, and the date with it", "same", id_number=MOTHER, birth="19860211"),
    case("mother's number and date, another name", "different", id_number=MOTHER, birth="19860211", name="王大力", sex="M", **ELSEWHERE),
    case("brother's number and date typed in beside her own name", "doubtful", left={"name": "李春雷", "sex": "M"}),
    case("sister's number typed in, own name and date", "same", id_number=SISTER),
    case("sister's number typed in, own name, no date", "doubtful", id_number=SISTER, birth="", phone="", guardian="", village=""),
    # Without papers.
    case("name, family, class; no papers", "same", **NO_PAPERS),
    case("name and class only: enough only where the name is rare", "doubtful", **NO_PAPERS, **NO_FAMILY, sex="F"),
    case("name and school only", "doubtful", **NO_PAPERS, **NO_FAMILY, grade=None, class_name=""),
    case("name alone", "doubtful", **NO_PAPERS, **NOTHING, sex=""),
    case("name and township only", "doubtful", **{**NO_PAPERS, **NOTHING, "township": "530113102"}),
    case("name and phone", "same", **{**NO_PAPERS, **NOTHING, "phone": "13987650001"}),
    case("name and guardian", "same", **{**NO_PAPERS, **NOTHING, "guardian": "李国强"}),
    case("name same, everything else elsewhere", "different", **NO_PAPERS, **ELSEWHERE),
    case("homophone, guardian homophone, class", "same", **{**NO_PAPERS, "name": "李小梅", "guardian": "李国墙"}),
    case("phone one digit off", "same", **{**NO_PAPERS, "phone": "13987650007", "guardian": "", "village": ""}),
    # Two telephones in one row: the guardian's, and the contact number beside it or alone.
    case("name and phone, the contact number of one is the guardian's of the other", "same",
         left={"other_phone": OTHER_PHONE}, **{**NO_PAPERS, **NOTHING, "phone": OTHER_PHONE}),
    case("name and phone, both contact numbers agree, the guardians' do not", "same",
         left={"other_phone": OTHER_PHONE}, **{**NO_PAPERS, **NOTHING, "phone": "18087650003", "other_phone": OTHER_PHONE}),
    case("name and the other parent, head of the household", "same", left={"head": "王学兵"}, **{**NO_PAPERS, **NOTHING, "guardian": "王学兵"}),
    case("name and the other parent's name heard alike", "same", left={"head": "王学冰"},
         **{**NO_PAPERS, **NOTHING, "guardian": "王学兵", "school": "5301130004", "grade": 4}),
    case("name, birth, sex equal, the head alone in support: not exact", "same",
         left={"id_number": "", "head": "王学兵"}, **{**ELSEWHERE, "id_number": ""}),
    case("name, birth, sex equal, the contact number in support", "same", "P3", left={"id_number": "", "other_phone": OTHER_PHONE},
         **{**ELSEWHERE, "id_number": "", "phone": "18087650003", "other_phone": OTHER_PHONE}),
    case("name, birth, sex equal, neither of two numbers in support", "doubtful", left={"id_number": "", "other_phone": "18087650003"},
         **{**ELSEWHERE, "id_number": "", "other_phone": "18187650004"}),
    case("name, birth, sex equal, the contact numbers are all there is and differ", "same",
         left={**NOTHING, "id_number": "", "phone": "13987650001"}, **{**NOTHING, "id_number": "", "phone": OTHER_PHONE}),
    # Moved and transferred.
    case("moved: family, school, township new; number equal", "same", "P2-name", **ELSEWHERE),
    case("moved, number missing: same name and birth", "doubtful", id_number="", **ELSEWHERE),
    case("other school, family same, no number", "same", "P3", id_number="", school="5301130031", class_name="1"),
    case("kept down a grade, no number", "same", "P3", id_number="", grade=3),
    case("same name and birth, two valid numbers, elsewhere", "doubtful", id_number=number(area="530121", sequence="305"), **ELSEWHERE),
    # Sex.
    case("sex mistyped, number and name equal", "same", "P2-name", sex="M"),
    case("sex mistyped, no number", "same", id_number="", sex="M"),
    case("sex empty, no number", "same", id_number="", sex=""),
    case("strangers", "different", name="赵明", sex="M", birth="20120607", id_number=number("20120607", "117"), grade=7, **ELSEWHERE),
    case("strangers in one class", "different", name="赵明", sex="M", birth="20150607", id_number=number("20150607", "117"), guardian="赵成",
         phone="15198760002", village="石门"),
)  # fmt: skip
