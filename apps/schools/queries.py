"""Reads over places and times."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta
from urllib.parse import quote

from apps.schools.models import CalendarDay, CalendarYear, Closure, OpenDay, PolicyValue, Region, School, Term, TermSpan
from apps.schools.policy import Policy
from apps.schools.rules import is_school_day

# The days of every grade inside its terms, since %(since)s up to %(today)s, with the word of the district's calendar: a table ``grade_days``.
GRADE_DAYS = """
    SELECT DISTINCT grade, days.day, coalesce(cd.is_school_day, extract(isodow FROM days.day) < 6) AS is_open
    FROM schools_term st JOIN schools_termspan sp ON sp.term_id = st.id
    CROSS JOIN LATERAL generate_series(sp.grade_from::int, sp.grade_to::int) grade
    CROSS JOIN LATERAL (
        SELECT d::date AS day FROM generate_series(greatest(sp.first_day, %(since)s), least(sp.last_day, %(today)s), interval '1 day') d) days
    LEFT JOIN schools_calendarday cd ON cd.day = days.day AND cd.district_code = st.district_code
    WHERE st.district_code = %(district)s"""
# Whether a school has class on a day of ``grade_days g``, as ``rules.is_school_day`` says; {school} is the school's code.
HAS_CLASS = """
    NOT EXISTS (SELECT 1 FROM schools_closure sc WHERE sc.school_id = {school} AND g.day BETWEEN sc.first_day AND sc.last_day)
    AND (g.is_open OR EXISTS (SELECT 1 FROM schools_openday so WHERE so.school_id = {school} AND so.day = g.day))"""


def policy(*, district: str, day: date) -> Policy:
    """The numbers in force in a district on a day."""
    rows = PolicyValue.objects.filter(district_code=district, effective_from__lte=day).order_by("effective_from").values_list("key", "value")
    return Policy(dict(rows))


def values_since(key: str, *, district: str) -> list[tuple[date, int]]:
    """A number of a district from when on, the default first, in the order of the days: (first day, value)."""
    rows = PolicyValue.objects.filter(district_code=district, key=key).order_by("effective_from").values_list("effective_from", "value")
    return [(date.min, Policy({})[key]), *rows]


def highest_value(key: str, *, day: date) -> int:
    """The highest value of a number in force on a day in any district; one that set none has the default."""
    rows = PolicyValue.objects.filter(key=key, effective_from__lte=day).order_by("effective_from").values_list("district_code", "value")
    districts = Region.objects.filter(level=Region.Level.DISTRICT).values_list("pk", flat=True)
    own = dict(rows)
    return max((Policy({key: own[code]} if code in own else {})[key] for code in districts), default=Policy({})[key])


def coming_values(*, district: str, day: date) -> dict[str, PolicyValue]:
    """Key -> the next value that takes effect after a day."""
    return {row.key: row for row in PolicyValue.objects.filter(district_code=district, effective_from__gt=day).order_by("-effective_from")}


def townships(district: str) -> list[Region]:
    """The townships of a district in the order of their codes."""
    return list(Region.objects.filter(parent_id=district, level=Region.Level.TOWNSHIP))


def place_names(codes: Iterable[str]) -> dict[str, str]:
    """Code -> name of townships and villages."""
    return dict(Region.objects.filter(pk__in=set(codes)).values_list("code", "name"))


def map_link(names: dict[str, str], *, district: str, township: str, village: str) -> str:
    """A ``geo:`` link for the phone's own map, '' without a village: only names of public places leave the page (decision 0016)."""
    return f"geo:0,0?q={quote(''.join(names.get(code, '') for code in (district, township, village)))}" if village else ""


def central_schools(district: str) -> dict[str, str]:
    """Township code -> name of its central school."""
    return dict(School.objects.filter(district_code=district, is_central=True).order_by("-code").values_list("township_id", "name"))


def schools_of_township(township: str) -> frozenset[str]:
    """Codes of the schools standing in a township."""
    return frozenset(School.objects.filter(township_id=township).values_list("pk", flat=True))


def calendar(*, district: str, first: date, last: date) -> dict[date, bool]:
    """The days of a span that the calendar speaks of: day -> school day or not."""
    return dict(CalendarDay.objects.filter(district_code=district, day__range=(first, last)).values_list("day", "is_school_day"))


def closures(*, school: str, first: date, last: date) -> set[date]:
    """The days on which one school is closed in a span."""
    days: set[date] = set()
    for start, end in Closure.objects.filter(school_id=school, first_day__lte=last, last_day__gte=first).values_list("first_day", "last_day"):
        days.update(start + timedelta(n) for n in range((end - start).days + 1))
    return days


def unconfirmed_years(*, district: str, term: Term) -> list[int]:
    """Calendar years of a term that nobody has confirmed (or that do not exist at all)."""
    years = {term.first_day.year, term.last_day.year}
    confirmed = set(CalendarYear.objects.filter(district_code=district, year__in=years, is_confirmed=True).values_list("year", flat=True))
    return sorted(years - confirmed)


def current_term(*, district: str, day: date) -> Term | None:
    """The latest term that has begun by a day."""
    return Term.objects.of(district).current(day).first()


def districts_in_term(*, day: date) -> list[str]:
    """The districts that have a term on a day."""
    found = Term.objects.filter(first_day__lte=day, last_day__gte=day)
    return sorted(found.values_list("district_code", flat=True).distinct())


def is_lapsed(term: Term | None, *, day: date) -> bool:
    """Whether a term is over by a day and the district has set up no later one: the administrator must."""
    return term is not None and term.last_day < day and not Term.objects.of(term.district_code).filter(last_day__gte=day).exists()


class OpenDays:
    """The school days of some schools of a district, and its working days, in a span of days: four reads, however many schools."""

    def __init__(self, district: str, schools: Iterable[str], *, first: date, last: date) -> None:
        spans = TermSpan.objects.filter(term__district_code=district, last_day__gte=first, first_day__lte=last)
        self.spans = list(spans.values_list("grade_from", "grade_to", "first_day", "last_day"))
        self.calendar = calendar(district=district, first=first, last=last)
        self.closed: dict[str, set[date]] = defaultdict(set)
        self.opened: dict[str, set[date]] = defaultdict(set)
        schools = set(schools)
        shut = Closure.objects.filter(school_id__in=schools, first_day__lte=last, last_day__gte=first)
        for school, start, end in shut.values_list("school_id", "first_day", "last_day"):
            self.closed[school].update(start + timedelta(n) for n in range((end - start).days + 1))
        for school, day in OpenDay.objects.filter(school_id__in=schools, day__range=(first, last)).values_list("school_id", "day"):
            self.opened[school].add(day)

    def is_school_day(self, school: str, grade: int, day: date) -> bool:
        """Whether a grade of a school has class on a day."""
        return any(
            is_school_day(day, calendar=self.calendar, closures=self.closed[school], first=first, last=last, open_days=self.opened[school])
            for low, high, first, last in self.spans
            if low <= grade <= high
        )

    def is_working_day(self, day: date) -> bool:
        """Whether offices work on a day: the calendar's word, Monday to Friday where it has none."""
        return self.calendar.get(day, day.weekday() < 5)
