"""Who is told of a report as it goes from desk to desk, and when a matter is over."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from itertools import groupby

from django.db.models import CharField, Exists, OuterRef, Subquery, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse
from django.utils import timezone

from apps.cases.models import Visit
from apps.cases.rules.visiting import FACE_TO_FACE
from apps.core.scope import Actor
from apps.notices.actions import Address, Telling, settle, tell
from apps.notices.models import Notice
from apps.notices.rules import Topic
from apps.reporting.models import Line, ThreeLineReport
from apps.reporting.workflow import Kind

VERIFY, ENTER, AWAY, VISIT = "verify", "enter", "away", "visit"


def matter(report: ThreeLineReport, what: str) -> str:
    """The name of what waits at one desk: ``report:7:verify``."""
    return f"report:{report.pk}:{what}"


def tell_all(tellings: Iterable[Telling], *, by: Actor, now: datetime) -> None:
    """Tell each once."""
    tell(tellings=tellings, day=timezone.localtime(now).date(), now=now, by=by)


def over(report: ThreeLineReport, *what: str, now: datetime) -> None:
    """These matters wait for nobody any more."""
    settle(district=report.district_code, keys=[matter(report, one) for one in what], now=now)


def drafted(report: ThreeLineReport) -> Telling:
    """The principal has a report to verify."""
    to = Address("principal", report.district_code, school=report.school_id)
    return Telling(
        to, Topic.LINE, matter(report, VERIFY), f"{report.child.name}：三线报告待核实签发", link=reverse("report_verify", args=[report.pk])
    )


def taken_back(*, now: datetime) -> int:
    """Drafts that need no verification any more, the absence was corrected away or the case is over, wait for nobody. Returns how many."""
    waiting = ThreeLineReport.objects.filter(verified_at=None)
    moot = waiting.exclude(pk__in=waiting.needed().values("pk")).values_list("pk", "district_code").order_by("district_code")
    return sum(
        settle(district=district, keys=[f"report:{pk}:{VERIFY}" for pk, _ in rows], now=now)
        for district, rows in groupby(moot, key=lambda row: row[1])
    )


def needed_again() -> list[Telling]:
    """Drafts whose notice was settled as needless and that are needed again: the correction was itself corrected."""
    key = Concat(Value("report:"), Cast("pk", CharField()), Value(f":{VERIFY}"))
    settled = Notice.objects.filter(district_code=OuterRef("district_code"), key=OuterRef("matter"), settled_at__isnull=False)
    waiting = ThreeLineReport.objects.to_verify().annotate(matter=key).filter(Exists(settled))
    return [drafted(report) for report in waiting.select_related("child")]


def visited(*, now: datetime) -> int:
    """Children at whose door township or village have been since they were told to go wait for nobody any more. Returns how many.

    The visit itself is written down in the case, below; this pulls."""
    keys = {
        int(key.split(":")[1]): key for key in Notice.objects.standing().filter(key__regex=rf"^report:\d+:{VISIT}$").values_list("key", flat=True)
    }
    at_door = Visit.objects.standing().filter(is_local=True, way__in=FACE_TO_FACE, case=OuterRef("case"), day__gte=OuterRef("told"))
    handed = Line.objects.filter(report=OuterRef("pk"), kind=Kind.TOWNSHIP).values("sent_at__date")
    done = ThreeLineReport.objects.filter(pk__in=keys).annotate(told=Subquery(handed)).filter(Exists(at_door)).order_by("district_code")
    rows = groupby(done.values_list("district_code", "pk"), key=lambda row: row[0])
    return sum(settle(district=district, keys=[keys[pk] for _, pk in found], now=now) for district, found in rows)


def issued(report: ThreeLineReport, lines: Iterable[Line]) -> list[Telling]:
    """The registrar has to enter the platform, township and village to bring the child back, the bureau to sign, and to write elsewhere."""
    name, district, told = report.child.name, report.district_code, []
    told.append(to_enter(report))
    page, inbox = reverse("report_show", args=[report.pk]), reverse("assignment_show", args=[report.pk])
    for line in lines:
        if line.kind == Kind.TOWNSHIP:
            sentence = f"{name}：{report.school.name}报告疑似辍学，请签收并劝返"
            told.append(Telling(Address("township", district, region=line.office), Topic.ASSIGNMENT, matter(report, line.kind), sentence, inbox))
            if report.village_code.startswith(line.office):
                village = Address("village", district, region=report.village_code)
                told.append(Telling(village, Topic.ASSIGNMENT, matter(report, VISIT), f"{name}：疑似辍学，请走访", inbox))
        elif line.kind == Kind.BUREAU:
            sentence = f"{name}：{report.school.name}报告疑似辍学，请签收"
            told.append(Telling(Address("bureau", district), Topic.LINE, matter(report, line.kind), sentence, page))
        elif line.kind == Kind.AWAY:
            told.append(Telling(Address("bureau", district), Topic.LETTER, matter(report, AWAY), f"{name}：户籍不在本区，待发函", page))
    return told


def to_enter(report: ThreeLineReport) -> Telling:
    """The registrar has to enter the platform."""
    to = Address("registrar", report.district_code, school=report.school_id)
    page = reverse("platform_show", args=[report.pk])
    return Telling(to, Topic.LINE, matter(report, ENTER), f"{report.child.name}：待录入政府救助平台", page)


def answered(line: Line) -> Telling:
    """The principal is told of an answer."""
    report = line.report
    to = Address("principal", report.district_code, school=report.school_id)
    sentence = f"{report.child.name}：{line.addressee}已答复"
    return Telling(to, Topic.ANSWER, matter(report, f"{line.kind}:reply"), sentence, reverse("report_show", args=[report.pk]))
