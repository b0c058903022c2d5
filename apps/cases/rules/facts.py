"""Everything the rules of a case look at, as plain values: gathered by queries/facts.py for many cases at once."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date


@dataclass(frozen=True, slots=True)
class Agreed:
    """What two people signed: the ground they named, from when, and until when it holds."""

    basis: str
    on: date
    first_day: date | None = None
    until: date | None = None
    step: int | None = None


@dataclass(frozen=True, slots=True)
class StepDone:
    """One of the four legal steps of this round: issued, served, its term."""

    step: int
    issued_on: date | None = None
    served_on: date | None = None
    term_ends_on: date | None = None
    skipped: bool = False
    paper: str = ""  # the last one of the step (stepping.Paper)


@dataclass(frozen=True, slots=True)
class Facts:
    """One case on one day."""

    today: date
    opened_on: date
    state_since: date  # the day of the last move
    progress_on: date  # the last real progress; an edit is none
    suspected_on: date | None = None  # the day its absence had lasted long enough, or the comparison's, as the case holds it
    suspected_by: str = ""  # which of them: absence, run
    birth_date: date | None = None
    finishes_on: date | None = None  # last day of the school year of its class, where that is a ninth grade
    has_school: bool = True
    needs_lines: bool = False  # opened by roll calls: the three lines are due
    lines_from: date | None = None  # drafted since
    lines_signed_on: date | None = None  # issued by the principal since
    lines_on: date | None = None  # 3/3 since
    first_visit_on: date | None = None  # a home visit or a meeting face to face since the case was opened or reopened
    last_contact_on: date | None = None
    promised_on: date | None = None  # when the child is to be back, as the last visit says
    next_visit_on: date | None = None  # as the last visit says
    outcomes: frozenset[str] = frozenset()  # of all visits of this round (visiting.Outcome)
    knows_where: bool = False  # one of them, or the issued report of the three lines, says where the child is
    knows_why: bool = False  # and why it stays away
    asked: frozenset[str] = frozenset()  # kinds of proposal that wait for their second signature
    asked_on: dict[str, date] = field(default_factory=dict)  # of these, since when
    asked_by: dict[str, str] = field(default_factory=dict)  # of these, which role asked
    agreed: dict[str, Agreed] = field(default_factory=dict)  # kind -> the last one agreed to since the last move
    pauses: tuple[tuple[date, date], ...] = ()  # agreed pauses, both days counted
    missing_duties: tuple[str, ...] = ()  # posts of the two lines that nobody holds for this child
    unnamed: frozenset[str] = frozenset()  # of these posts, the roles whose they are to name
    assigned_to: str = ""  # code of the township (or village) that stands charged
    assigned_on: date | None = None
    given_back_on: date | None = None  # no township stands charged since
    accept_by: date | None = None
    is_accepted: bool = False
    steps: tuple[StepDone, ...] = ()
    registered_on: date | None = None  # back on the roll of a school
    registered_from: date | None = None  # of this round's registrations the first one since which the child never came
    days_present: int = 0  # whole school days since
    has_learnt: bool = False  # since it was registered: one of these days, or a lesson given
    placed_on: date | None = None  # the plan of the placement begins
    placing: str = ""  # kind of the placement (placing.Placing)
    cause: str = ""
    is_disabled: bool = False
    has_panel_advice: bool = False
    has_plan: bool = False  # the placement's plan is attached or written
    letter_on: date | None = None  # to the other district
    reply_by: date | None = None  # of letters that nobody answered the first one's
    accepted_on: date | None = None  # its acceptance in writing
    handed_back_on: date | None = None  # the last letter was not accepted
    monitored_days: int = 0  # school days since monitoring began
    attended_days: int = 0  # of these, present
    notes: tuple[date, ...] = ()  # days of monitoring notes since monitoring began
    term_ends_on: date | None = None  # of the term in which the last progress was made: it does not move on by itself

    @property
    def doubted_on(self) -> date:
        """From when the days of the suspicion count: never later than from the opening, however late the absence was found.

        〔方案二（三）2〕疑似辍学自连续未到校满规定日数之日起算，不因发现迟、立案迟而重新等待。"""
        return min(self.opened_on, self.suspected_on or self.opened_on)

    @property
    def is_unseen(self) -> bool:
        """Whether the child is on a roll and nobody has seen it learn: no whole day in class, no lesson given.

        〔方案二（三）4〕劝返复学以到校为准；〔方案二（六）〕送教上门以授课记录为准。"""
        return self.registered_on is not None and not self.has_learnt

    @property
    def is_paused(self) -> bool:
        """Whether an agreed pause covers today."""
        return any(first <= self.today <= last for first, last in self.pauses)

    @property
    def attendance(self) -> float:
        """Share of the monitored school days on which the child came, in per cent; 0 where none was called."""
        return 100 * self.attended_days / self.monitored_days if self.monitored_days else 0.0

    @property
    def step(self) -> StepDone | None:
        """The legal step the case stands at: the last one issued or skipped."""
        return self.steps[-1] if self.steps else None
