"""What is stored of a case."""

from __future__ import annotations

from apps.cases.models.assigning import Assignment, Climb
from apps.cases.models.case import Attachment, Case, CaseEntry, NumberSeries, Proposal, SavedFilter
from apps.cases.models.duties import Duty, DutyLetter, Guarantor
from apps.cases.models.persuading import Handover, LegalStep, Service, Visit
from apps.cases.models.returning import CarePlan, HomeTeaching, Lesson, MonitoringNote, Placement, PlacementReview, Return

__all__ = [
    "Assignment", "Attachment", "CarePlan", "Case", "CaseEntry", "Climb", "Duty", "DutyLetter", "Guarantor", "Handover", "HomeTeaching", "LegalStep",
    "Lesson", "MonitoringNote", "NumberSeries", "Placement", "PlacementReview", "Proposal", "Return", "SavedFilter", "Service", "Visit",
]  # fmt: skip
