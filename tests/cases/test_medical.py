"""Medical papers of a case: for those who decide by them, not for everybody who sees the case."""

from __future__ import annotations

import re
import uuid
import zipfile
from io import BytesIO
from pathlib import Path

import docx
import pytest
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from apps.accounts.roles import BY_CODE, ROLES
from apps.attendance.models import Contact, Leave, Mark
from apps.audit.actions import record
from apps.cases.actions.exempting import end_early
from apps.cases.actions.noting import open_attachment
from apps.cases.actions.proposing import decide
from apps.cases.actions.writing import attach, write
from apps.cases.models import Attachment, Case, Proposal
from apps.cases.rules import proposing
from apps.core.medical import HIDDEN
from apps.core.proofs import ProofFile
from apps.core.rights import Right
from apps.reporting.actions import batching
from apps.reporting.models import FileBatch
from tests.cases.test_exempting import _folder as _folder
from tests.cases.test_exempting import form, send
from tests.cases.test_watching_notes import pdf_text
from tests.cast import NOW, TODAY, Cast
from tests.factories import cases_back as make
from tests.factories import runs
from tests.factories.registers import term

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


ILL = ("心肌炎住院", "白血病化疗", "昆明儿童医院", "重度脑瘫", "脑瘫诊断", "心脏病术后", "人民医院", "休养半年", "准予缓学休养", "病愈可上学")
OF_LEAVES = ILL[:3]  # for the school and the bureau: not the township, which decides by the others
OF_PAPERS = ILL[3:]


@pytest.fixture
def ill(cast: Cast) -> Case:
    """A child on sick leave, with an exemption asked for, agreed to and ended early, placed on the panel's advice, and files that tell."""
    term()
    make.seated(cast.child)
    case = make.case(cast.child, days=20)
    make.called(cast.child, [TODAY], absent=[TODAY])
    Mark.objects.update(reason="sick", note="心肌炎住院")
    where = {name: getattr(cast.child, name) for name in runs.PLACES} | {"child": cast.child}
    Leave.objects.create(
        **where, number="假1", kind="sick", first_day=TODAY, last_day=TODAY, school_days=1, facts="白血病化疗", approver="principal", asked_at=NOW,
        asked_name="甲", asked_title="班主任", state="approved", decided_at=NOW, decided_name="甲", decision="化疗，准。",
    )  # fmt: skip
    Contact.objects.create(
        **where, day=TODAY, at=NOW, way="phone", result="reached", reason="sick", text="心肌炎住院", whereabouts="昆明儿童医院", by_name="甲", by_title="乙",
        written_at=NOW,
    )  # fmt: skip
    told = form(proof_opinion="建议休养半年")
    assert send(cast, "township", "case_exempt", case.pk, **told).status_code == 302
    decide(proposal=Proposal.objects.get(), agree=True, text="准予缓学休养", by=cast.actor("bureau"), now=NOW)
    case = Case.objects.get(pk=case.pk)
    end_early(case=case, text="病愈可上学", files=(PDF,), by=cast.actor("bureau"), now=NOW)
    made = make.placement(case, kind="home_teaching", cause="disabled", panel_on=TODAY, panel_advice="重度脑瘫，建议送教上门。")
    attach(files=(ProofFile("脑瘫诊断.pdf", b"%PDF-1.7"),), by=cast.actor("principal"), now=NOW, medical=True, case=case, entry=made.entry)
    make.returned(case, on=TODAY)
    record("end_exemption", "提前结束缓学：病愈可上学", by=cast.actor("bureau"), child_id=case.child_id)  # as older versions wrote it
    open_attachment(attachment=Attachment.objects.get(file_name="脑瘫诊断.pdf"), by=cast.actor("principal"))
    return Case.objects.select_related("child", "school", "school_class").get(pk=case.pk)


def told_to(cast: Cast, role: str, case: Case, kept: Path) -> dict[str, str]:
    """Everything that speaks of the case and that this post can open: name of the surface -> its words."""
    browser, urls = cast.client(role), {"页": ("case_show", [case.pk]), "更正": ("case_show", [case.pk]), "卡": ("child_show", [case.child_id])}
    told = {}
    corrected = case.ledger.filter(data__has_key="plain").order_by("pk")[0].pk
    for name, (view, args) in (urls | {"校": ("roll_today", []), "假": ("leave_list", [])}).items():
        answer = browser.get(reverse(view, args=args), {"correct": corrected} if name == "更正" else {"school": case.school_id, "state": "all"})
        told[name] = answer.content.decode() if answer.status_code == 200 else ""
    for name, view, args in (
        ("docx", "case_file_docx", [case.pk]), ("pdf", "case_file_pdf", [case.pk]), ("表", "exempt_pdf", [Proposal.objects.get(kind="exempt").pk]),
    ):  # fmt: skip
        answer = browser.get(reverse(view, args=args))
        if answer.status_code == 200:
            told[name] = docx_text(answer.content) if name == "docx" else pdf_text(answer.content, kept)
    if case_zip := zipped(browser, case):
        told["zip"] = pdf_text(case_zip, kept)
    for kind, url in (("list", reverse("case_list_file")), ("dropout", reverse("ledger_file", args=["dropout"]))):
        answer = browser.get(url, {"state": "all"})
        if answer.status_code == 200:
            book = load_workbook(BytesIO(b"".join(answer.streaming_content) if answer.streaming else answer.content))
            told[f"台账{kind}"] = "".join(str(cell.value) for row in book.active.iter_rows() for cell in row)
    return {name: re.sub(r"\s", "", words) for name, words in told.items() if words}


def docx_text(content: bytes) -> str:
    """The words of a document, in its paragraphs and its tables."""
    return "".join(docx.Document(BytesIO(content)).element.body.itertext())


def zipped(browser: Client, case: Case) -> bytes:
    """The file of the case out of a zip made by a worker; nothing for a post that may not ask for one."""
    answer = browser.post(reverse("batch_new"), {"_key": str(uuid.uuid4()), "state": "open"})
    if answer.status_code != 302:
        return b""
    batching.work_slice(now=NOW, today=TODAY)
    with zipfile.ZipFile(batching.zip_path(FileBatch.objects.latest("pk"))) as packed:
        return packed.read(packed.namelist()[0])


@pytest.mark.parametrize("role", [role.code for role in ROLES if Right.VIEW_CASES in role.rights])
def test_no_surface_tells_of_an_illness_to_whom_it_is_none_of_his(
    cast: Cast, ill: Case, role: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """〔个人信息保护法 第二十八条〕: the page, the card, the school's day, the papers, the zip, the ledgers, the search."""
    monkeypatch.setattr("apps.reporting.views.files.make_batches.delay", lambda: None)
    rights = BY_CODE[role].rights
    told = told_to(cast, role, ill, tmp_path)
    assert {"页", "更正", "表"} <= set(told) and ("pdf" in told) == ("zip" in told) == ("台账list" in told) == (Right.EXPORT_CASES in rights)
    for may, words in ((Right.VIEW_LEAVE_PROOFS in rights, OF_LEAVES), (Right.VIEW_MEDICAL in rights, OF_PAPERS)):
        found = {(name, word) for name, said in told.items() for word in words if word in said}
        assert bool(found) == may, found
        if not may:
            assert HIDDEN in told["页" if words == OF_PAPERS else "pdf" if "pdf" in told else "页"]
        elif "pdf" in told:
            assert {word for name, word in found if name in ("pdf", "zip", "表")} >= set(words) - {"心肌炎住院"}
    for word in ("白血病", "脑瘫", "心脏病"):
        assert ill.child.name not in cast.client(role).get(reverse("case_list"), {"text": word, "state": "all"}).content.decode()


def test_the_proof_of_an_exemption_is_medical(cast: Cast) -> None:
    make.seated(cast.child)
    case = make.case(cast.child)
    assert send(cast, "township", "case_exempt", case.pk, **form()).status_code == 302
    assert Attachment.objects.get(case=case).is_medical
    assert {(ask.kind, basis.code) for ask in proposing.ASKS for basis in ask.bases if basis.is_medical} == {
        ("clear", "suspension"), ("exempt", "deferral"), ("exempt", "suspension"), ("exempt", "medically_unable"), ("close", "died"),
        ("pause", "illness"),
    }  # fmt: skip
