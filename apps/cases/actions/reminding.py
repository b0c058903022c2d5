"""Days that somebody named and that have passed: the day of return a family promised, the next visit, the review of a plan of care."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime

from django.db import transaction
from django.urls import reverse

from apps.cases.actions.addressing import post_of
from apps.cases.models import Case
from apps.cases.queries.facts import Book, book
from apps.cases.queries.passed import care_to_review, cases_with_days_passed
from apps.cases.rules.visiting import passed
from apps.cases.workflow import LOST
from apps.core.scope import SYSTEM
from apps.core.templatetags.zaixue import cn_date
from apps.notices.actions import Telling, tell
from apps.notices.rules import Topic


@transaction.atomic
def remind_of_promises(*, district: str, today: date, now: datetime) -> int:
    """Tell the post charged with a case, once, that the promised day of return, or the day of the next visit, has passed and nothing was written
    down. Returns how many notices are new. 〔方案二（三）4〕持续家访，直至劝返"""
    rows = cases_with_days_passed(district, today=today)
    known = book(rows, today=today)
    return tell(tellings=[one for case in rows for one in _passed_told(case, known)], day=today, now=now, by=SYSTEM)


def _passed_told(case: Case, known: Book) -> Iterator[Telling]:
    facts = known.facts[case.pk]
    for one in passed(facts, is_lost=case.state in LOST):
        key = f"{one.code}:{case.pk}:{facts.last_contact_on}:{one.day}"
        yield Telling(post_of(case, case.owner_role), Topic.CASE, key, f"{case.child.name}：{one.sentence}", reverse("case_show", args=[case.pk]))


@transaction.atomic
def remind_of_care(*, today: date, now: datetime) -> int:
    """Tell the school once that the review day of a plan of care has come. Returns how many notices are new. 〔方案二（三）1〕特殊群体关心关爱"""
    tellings = [
        Telling(
            post_of(one.case, "principal" if one.case.school_id else one.case.owner_role), Topic.REVIEW,
            f"care:{one.pk}:{one.review_on}", f"{one.case.child.name}的关爱方案应于{cn_date(one.review_on)}复核，复核后续订。",
            reverse("case_show", args=[one.case_id]),
        )
        for one in care_to_review(today=today)
    ]  # fmt: skip
    return tell(tellings=tellings, day=today, now=now, by=SYSTEM)
