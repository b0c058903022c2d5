"""The linking passes in SQL say what the pure rule says: the table of cases and the check of a number (a district: test_run.py)."""

from __future__ import annotations

from datetime import date

import pytest
from django.db import connection
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.core.ids import check_digit, is_valid_resident
from apps.reconciliation.actions.linking import STEPS, WORDS, link_pair
from apps.reconciliation.models import DoubtfulPair, Link
from apps.reconciliation.queries import linking
from apps.registers.models import Entry, Upload
from apps.students.matching import Decision, Row, resolve
from apps.students.models import Child
from tests.factories import runs
from tests.factories.children import child as make_child
from tests.factories.children import document
from tests.factories.registers import upload
from tests.students.matching_cases import CASES

pytestmark = pytest.mark.django_db
PAIR = "enrollment-household"  # the class lists' schools would have to hand them in first; the passes are the same


def line(row: Row, by: Upload, child: Child) -> int:
    """A row of the table as a line of a register; its id."""
    contact = row.other_phone or row.phone if by.kind == "household" else row.other_phone  # 户籍 has 联系电话 alone
    resident = len(row.id_number) == 18 and row.id_number[:17].isdigit()
    made: Entry = Entry.objects.create(
        kind=by.kind, district_code="530113", unit="", key=Entry.objects.count(), fingerprint=row.id, upload=by, row=1, sheet_row=2, child=child,
        name=row.name_key, name_key=row.name_key, name_sound=row.name_sound, sex=row.sex, guardian_key=row.guardian_key, guardian_phone="" if contact == row.phone else row.phone,
        details={"phone": contact} if contact else {},
        birth_date=date.fromisoformat(f"{row.birth[:4]}-{row.birth[4:6]}-{row.birth[6:]}") if row.birth else None,
        document=document(row.id_number, kind="resident" if resident else "other") if row.id_number else None,
        student_document=document(row.student_number, kind="student") if row.student_number else None, township_code=row.township, address=row.village,
        school_id=row.school or None, grade=row.grade, class_name=row.class_name, household_number=row.household, head_name=row.head,
    )  # fmt: skip
    return made.pk


def test_the_table_of_cases_in_sql(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each pair alone on its two sides: the exact pass, then links and doubts of the whole step, as ``resolve`` has them in memory."""
    run, child = runs.run(state="running", cutoff_seq=10**9), make_child()
    sides = [upload(kind) for kind in PAIR.split("-")]
    lines = [(case, line(case.left, sides[0], child), line(case.right, sides[1], child)) for case in CASES]
    for kind in PAIR.split("-"):
        linking.prepare_lines(run, kind)
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE known_place")  # it goes with a chunk's transaction; a test is one transaction
    for case, left, right in lines:
        monkeypatch.setitem(STEPS["link1"], PAIR, (f"e.entry_id = {left}", f"e.entry_id = {right}"))
        link_pair(run=run, step="link1", pair=PAIR)
        found = linking.exact_links()
        assert found == ([(left, right, case.exact)] if case.exact else []), case.title
        links, doubts = resolve([case.left._replace(id=left)], [case.right._replace(id=right)])
        written = [(x.left_id, x.right_id, x.basis) for x in Link.objects.filter(run=run)]
        assert written == [(x.left, x.right, WORDS.get(x.basis_code, "；".join(x.reasons))) for x in links], case.title
        assert list(DoubtfulPair.objects.filter(run=run).values_list("left_id", "right_id")) == [(x.left, x.right) for x in doubts], case.title
        if case.decision == Decision.SAME:
            assert len(links) == 1, case.title
        elif case.decision == Decision.DIFFERENT:
            assert not links, case.title
        linking.clear(run, "enrollment", "household")


digits = st.text("0123456789", min_size=3, max_size=3)
days = st.dates(date(1800, 1, 1), date(2099, 12, 31)).map(lambda day: f"{day:%Y%m%d}")
births = days | st.sampled_from(
    ["20150229", "20160229", "19000229", "20150431", "20151301", "20150100", "20150132", "18991231", "19000101", "00000101"]
)


@st.composite
def made_numbers(draw: st.DrawFn) -> str:
    """Mostly numbers with the right check digit, some with a slip, some of another form."""
    first = draw(st.sampled_from(["530113", "530199", "110101", "030113"])) + draw(births) + draw(digits)
    number = first + check_digit(first)
    return draw(
        st.sampled_from(
            [number, number, number, first + draw(st.sampled_from("0123456789X")), number.lower(), number[:-1], f"{number}1", f"G{number}", ""]
        )
    )


@given(st.lists(made_numbers() | st.text("0123456789Xx ", max_size=20), min_size=40, max_size=120))
@settings(max_examples=25, deadline=None)
def test_the_check_of_a_number_is_the_same_in_sql(numbers: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT n, zaixue_valid_resident(n) FROM unnest(%s::text[]) AS t (n)", [numbers])
        assert [(number, valid) for number, valid in cursor.fetchall() if valid != is_valid_resident(number)] == []
