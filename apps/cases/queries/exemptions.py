"""Exemptions in force."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from datetime import date
from typing import Any

from apps.cases.models import CaseEntry, Proposal
from apps.cases.rules.proposing import Kind
from apps.cases.workflow import State


def by_district(*, today: date, cases: Collection[int] | None = None) -> dict[str, list[Proposal]]:
    """District -> the exemption each of its exempt cases (of some, where given) is in, the last one agreed to. One read."""
    found = Proposal.objects.filter(kind=Kind.EXEMPT.value, verdict=Proposal.Verdict.AGREED, case__state=State.EXEMPT.value, first_day__lte=today)
    found = found if cases is None else found.filter(case__in=cases)
    told: dict[str, list[Proposal]] = defaultdict(list)
    for one in found.order_by("case_id", "-pk").distinct("case_id").select_related("case__child", "case__school"):
        told[one.case.district_code].append(one)
    return told


def application_of(proposal: Proposal) -> dict[str, str]:
    """What the form of application of an exemption said; nothing where none was filled in here."""
    entry = CaseEntry.objects.filter(case=proposal.case_id, data__application__proposal=proposal.pk).order_by("-pk").first()
    return dict(entry.data["application"]) if entry else {}


def closing_of(proposal: Proposal) -> dict[str, Any] | None:
    """The form of a closing as it was signed; None where the case was not closed by this signature."""
    entry = (
        CaseEntry.objects.filter(case=proposal.case_id, data__closing__number=proposal.number).order_by("-pk").first() if proposal.number else None
    )
    return dict(entry.data["closing"]) if entry else None


def papers_of(case: int) -> list[Proposal]:
    """The applications and closings of a case, each with a form to print, the newest first."""
    return list(Proposal.objects.filter(case=case, kind__in=[Kind.EXEMPT.value, Kind.CLOSE.value]).order_by("-pk"))
