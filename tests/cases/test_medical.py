"""Medical papers of a case: for those who decide by them, not for everybody who sees the case."""

from __future__ import annotations

import pytest
from django.urls import reverse

from apps.accounts.roles import ROLES
from apps.cases.actions.writing import write
from apps.cases.models import Attachment
from apps.cases.rules import proposing
from apps.core.proofs import ProofFile
from apps.core.rights import Right
from tests.cases.test_exempting import _folder as _folder
from tests.cases.test_exempting import form, send
from tests.cast import NOW, Cast
from tests.factories import cases_back as make
from tests.factories import runs

pytestmark = pytest.mark.django_db
PDF = ProofFile("病历.pdf", b"%PDF-1.7")
SEES_MEDICAL = {"registrar", "head_teacher", "principal", "township", "bureau"}


def test_who_may_take_medical_papers() -> None:
    assert {role.code for role in ROLES if Right.VIEW_MEDICAL in role.rights} == SEES_MEDICAL


@pytest.mark.parametrize("role", [role.code for role in ROLES if Right.VIEW_CASES in role.rights])
def test_a_medical_paper_opens_for_those_who_decide_by_it_alone(cast: Cast, role: str) -> None:
    case, by = runs.case(cast.child), cast.actor("principal")
    sick = write(case=case, kind="note", text="住院", by=by, now=NOW, files=(PDF,), label="住院证明", medical=True).attachments.get()
    plain = write(case=case, kind="note", text="家访", by=by, now=NOW, files=(PDF,), label="家访照片").attachments.get()
    client = cast.client(role)
    page = client.get(reverse("case_show", args=[case.pk])).content.decode()
    urls = {one: reverse("case_attachment", args=[one.pk]) for one in (sick, plain)}
    assert client.get(urls[plain]).status_code == 200 and urls[plain] in page
    assert client.get(urls[sick]).status_code == (200 if role in SEES_MEDICAL else 404)
    assert (urls[sick] in page) == (role in SEES_MEDICAL) and "住院证明" in page
    assert ("医学材料，本岗位不下载" in page) == (role not in SEES_MEDICAL)


def test_the_proof_of_an_exemption_is_medical(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child)
    assert send(cast, "township", "case_exempt", case.pk, **form()).status_code == 302
    assert Attachment.objects.get(case=case).is_medical
    assert {(ask.kind, basis.code) for ask in proposing.ASKS for basis in ask.bases if basis.is_medical} == {
        ("clear", "suspension"), ("exempt", "deferral"), ("exempt", "suspension"), ("exempt", "medically_unable"), ("close", "died"),
        ("pause", "illness"),
    }  # fmt: skip
