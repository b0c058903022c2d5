"""One truth table of the three-day rule: for the rule in plain Python and for the rule in SQL.

A case is a pupil's days, one character a day from ``start`` (Monday 7 September 2026 unless given):
``.`` there · ``A`` absent · ``L`` marked as on leave · ``H`` half a day · ``T`` late · ``E`` left early · ``?`` roll call not taken ·
``_`` no school by calendar or term · ``x`` a roll call taken though there is no school, absent · ``c`` local closure · ``o`` absent on a
weekend day the school opens by itself · ``p`` there on such a day. Expected runs: (first, last, school days, suspected, ended, how); day numbers count from 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

Expected = tuple[int, int, int, int | None, int | None, str]
Leave = tuple[int, int, int | None, str]  # first, last, day of return, state
Seat = tuple[int, int, int | None, str]  # class 0, 1 (same school) or 2 (another school), first, last, away


@dataclass(frozen=True, slots=True)
class Case:
    """``grade`` picks the days of the term; ``limit`` is the district's number of school days, ``then`` another one from a day on."""

    title: str
    days: str
    runs: tuple[Expected, ...] = ()
    leaves: tuple[Leave, ...] = ()
    seats: tuple[Seat, ...] = ((0, -30, None, ""),)
    start: date = date(2026, 9, 7)
    grade: int = 6
    limit: int = 3
    then: tuple[int, int] | None = None


OPEN = None
BACK, AWAY, OFF = "returned", "away", "off_roll"
PLAIN = date(2026, 10, 12)  # Monday of four ordinary weeks
NATIONAL = date(2026, 9, 30)  # Wednesday; 1–7 October free, Saturday 10 October made up
MOON = date(2026, 9, 16)  # Wednesday; Sunday 20 September is made up, Friday 25 September free
WINTER = date(2027, 1, 18)  # Monday of the last week of grades 1–8; grade 9 goes on until 6 February
FIRST = date(2026, 9, 1)  # Tuesday, the first day of the school year
MOVED = ((0, -30, 1, ""), (1, 2, None, ""))
MOVED_FAR = ((0, -30, 1, ""), (2, 2, None, ""))
YES, NO, ASKED, TAKEN_BACK = "approved", "refused", "asked", "withdrawn"

CASES = (
    # How many days
    Case("always there", "....."),
    Case("one day", "A....", ((0, 0, 1, None, 1, BACK),)),
    Case("two days", "AA...", ((0, 1, 2, None, 2, BACK),)),
    Case("three days", "AAA..", ((0, 2, 3, 2, 3, BACK),)),
    Case("still absent after three days", "..AAA", ((2, 4, 3, 4, OPEN, ""),)),
    Case("still absent after one day", "....A", ((4, 4, 1, None, OPEN, ""),)),
    Case("five days", "AAAAA", ((0, 4, 5, 2, OPEN, ""),)),
    Case("two runs with a day between", "AA.AA", ((0, 1, 2, None, 2, BACK), (3, 4, 2, None, OPEN, ""))),
    Case("every other day is no run of three", "A.A.A", ((0, 0, 1, None, 1, BACK), (2, 2, 1, None, 3, BACK), (4, 4, 1, None, OPEN, ""))),
    Case("a district that says five days", "AAAAA", ((0, 4, 5, 4, OPEN, ""),), limit=5),
    Case("a district that says five days: four are not enough", "AAAA.", ((0, 3, 4, None, 4, BACK),), limit=5),
    Case("a district that says one day", "A....", ((0, 0, 1, 0, 1, BACK),), limit=1),
    Case("five days from a later day on: what was suspected stays so", "AAAAA", ((0, 4, 5, 2, OPEN, ""),), then=(3, 5)),
    Case("five days from the second day of the run on: its first day decides", "AAAA.", ((0, 3, 4, 2, 4, BACK),), then=(1, 5)),
    Case("five days from the first day of the run on", ".AAAA", ((1, 4, 4, None, OPEN, ""),), then=(1, 5)),
    Case("a run before the change and one after", "AAA.A__AA", ((0, 2, 3, 2, 3, BACK), (4, 8, 3, None, OPEN, "")), then=(3, 5)),
    Case(
        "two days from a later day on: a run that had begun still needs five",
        "AAAA.__AA",
        ((0, 3, 4, None, 4, BACK), (7, 8, 2, 8, OPEN, "")),
        limit=5,
        then=(2, 2),
    ),
    # Weekends
    Case("a weekend neither counts nor breaks", "...AA__A", ((3, 7, 3, 7, OPEN, ""),)),
    Case("a weekend does not count", "....A__A", ((4, 7, 2, None, OPEN, ""),)),
    Case("back on Monday", "..AAA__.", ((2, 4, 3, 4, 7, BACK),)),
    Case("two weekends inside", "....A__AAAAA__A", ((4, 14, 7, 8, OPEN, ""),), start=PLAIN),
    # Holidays and days made up
    Case("the National Day week neither counts nor breaks", "A_______AA", ((0, 9, 3, 9, OPEN, ""),), start=NATIONAL),
    Case("a Saturday made up counts", "._______.AA_A", ((9, 12, 3, 12, OPEN, ""),), start=NATIONAL),
    Case("present on a Saturday made up breaks", "._______AA._A", ((8, 9, 2, None, 10, BACK), (12, 12, 1, None, OPEN, "")), start=NATIONAL),
    Case("a Sunday made up counts", "..A_AA", ((2, 5, 3, 5, OPEN, ""),), start=MOON),
    Case("a Friday off neither counts nor breaks", "..._...AA___A", ((7, 12, 3, 12, OPEN, ""),), start=MOON),
    Case("a roll call taken by mistake on a holiday does not count", "Axx_____A.", ((0, 8, 2, None, 9, BACK),), start=NATIONAL),
    # Local closures and days a school opens by itself
    Case("a closure neither counts nor breaks", "AAccA", ((0, 4, 3, 4, OPEN, ""),)),
    Case("a closure over a weekend", "...AA__ccA", ((3, 9, 3, 9, OPEN, ""),)),
    Case("a closure inside a run that ends", "Acc.A", ((0, 0, 1, None, 3, BACK), (4, 4, 1, None, OPEN, ""))),
    Case("a boarding school that has class on Saturday", "...AAo_.", ((3, 5, 3, 5, 7, BACK),)),
    Case("a boarding cycle: ten days of school, then rest", ".....ooAAccA__A", ((5, 14, 6, 7, OPEN, ""),), start=PLAIN),
    Case("there on the school's own Saturday breaks", "...AAp_A", ((3, 4, 2, None, 5, BACK), (7, 7, 1, None, OPEN, ""))),
    # Terms that differ by grade
    Case("the winter break neither counts nor breaks", "...AA_" + "_" * 40 + "A", ((3, 46, 3, 46, OPEN, ""),), start=WINTER),
    Case("grade 8 has no school in the first week of its break", "....A__xx___", ((4, 4, 1, None, OPEN, ""),), start=WINTER, grade=8),
    Case("grade 9 has", "....A__AA...", ((4, 8, 3, 8, 9, BACK),), start=WINTER, grade=9),
    Case("never came: absent from the first day of the term", "AAAA", ((0, 3, 4, 2, OPEN, ""),), start=FIRST),
    Case("came on the fourth day of the term", "AAA.", ((0, 2, 3, 2, 3, BACK),), start=FIRST),
    Case("the last days of a term", "..AAA__", ((2, 4, 3, 4, OPEN, ""),), start=WINTER),
    Case("the last day of a term and nothing after", "....A__", ((4, 4, 1, None, OPEN, ""),), start=WINTER),
    Case("there on the first day after the break", "..AAA_" + "_" * 40 + ".", ((2, 4, 3, 4, 46, BACK),), start=WINTER),
    # Half days, late, early
    Case("a half day keeps a run open and does not count", "AAHA.", ((0, 3, 3, 3, 4, BACK),)),
    Case("two days and a half are not three", "AAH..", ((0, 1, 2, None, 3, BACK),)),
    Case("a half day does not begin a run", "HHAA.", ((2, 3, 2, None, 4, BACK),)),
    Case("half days alone are no run", "HHHHH"),
    Case("late is there", "AATA.", ((0, 1, 2, None, 2, BACK), (3, 3, 1, None, 4, BACK))),
    Case("leaving early is there", "AAEAA", ((0, 1, 2, None, 2, BACK), (3, 4, 2, None, OPEN, ""))),
    Case("a half day at the end leaves it open", "AAAH", ((0, 2, 3, 2, OPEN, ""),)),
    # Leave
    Case("on leave, no absence", "LLLLL", (), ((0, 4, None, YES),)),
    Case("absent in the book, but the leave was approved", "AAAAA", (), ((0, 4, None, YES),)),
    Case("leave before a run", "LLAAA", ((2, 4, 3, 4, OPEN, ""),), ((0, 1, None, YES),)),
    Case("leave inside a run neither counts nor breaks", "ALLAA", ((0, 4, 3, 4, OPEN, ""),), ((1, 2, None, YES),)),
    Case("leave after a run keeps it open", "AALL.", ((0, 1, 2, None, 4, BACK),), ((2, 3, None, YES),)),
    Case("leave not returned from counts from the next school day", "LLAA.", ((2, 3, 2, None, 4, BACK),), ((0, 1, None, YES),)),
    Case("leave until Friday, not back the week after", "..LLL__AAA", ((7, 9, 3, 9, OPEN, ""),), ((2, 4, None, YES),)),
    Case("leave over a weekend", "....L__LA.", ((8, 8, 1, None, 9, BACK),), ((4, 7, None, YES),)),
    Case("a leave that was refused counts", "LLL..", ((0, 2, 3, 2, 3, BACK),), ((0, 2, None, NO),)),
    Case("a leave nobody decided counts", "LLLL.", ((0, 3, 4, 2, 4, BACK),), ((0, 3, None, ASKED),)),
    Case("a leave taken back counts", "LL...", ((0, 1, 2, None, 2, BACK),), ((0, 1, None, TAKEN_BACK),)),
    Case("marked as on leave without any slip counts", "LLL..", ((0, 2, 3, 2, 3, BACK),)),
    Case("back before the leave ends, absent again", "LL.AA", ((3, 4, 2, None, OPEN, ""),), ((0, 4, 2, YES),)),
    Case("there while on leave breaks a run", "AA.AA", ((0, 1, 2, None, 2, BACK), (3, 4, 2, None, OPEN, "")), ((2, 2, None, YES),)),
    Case(
        "two leaves with an absence between", "LAL.A", ((1, 1, 1, None, 3, BACK), (4, 4, 1, None, OPEN, "")), ((0, 0, None, YES), (2, 2, None, YES))
    ),
    Case("a half day while on leave", "AHAA.", ((0, 3, 3, 3, 4, BACK),), ((1, 1, None, YES),)),
    Case("the leave covers a part of the run", "AAAAA", ((0, 4, 3, 4, OPEN, ""),), ((1, 2, None, YES),)),
    # Roll calls not taken
    Case("a day not taken neither counts nor breaks", "AA?A.", ((0, 3, 3, 3, 4, BACK),)),
    Case("a day not taken is not present", "AAA??", ((0, 2, 3, 2, OPEN, ""),)),
    Case("a week not taken", "..AA?__?????__A", ((2, 14, 3, 14, OPEN, ""),), start=PLAIN),
    Case("nothing taken", "?????"),
    Case("a day not taken before", "??AA.", ((2, 3, 2, None, 4, BACK),)),
    Case("flagged, then not taken, then back", "AAA??__.", ((0, 2, 3, 2, 7, BACK),)),
    # Another class, another school
    Case("a move inside a run carries it over", "AAA..", ((0, 2, 3, 2, 3, BACK),), seats=MOVED),
    Case("a move to another school carries it over", "AAAA.", ((0, 3, 4, 2, 4, BACK),), seats=MOVED_FAR),
    Case("a move, the new class not taken", "AA?A.", ((0, 3, 3, 3, 4, BACK),), seats=MOVED),
    Case("there in the new class", "AA.AA", ((0, 1, 2, None, 2, BACK), (3, 4, 2, None, OPEN, "")), seats=MOVED),
    Case("days between two schools neither count nor break", "AA??A", ((0, 4, 3, 4, OPEN, ""),), seats=((0, -30, 1, ""), (2, 4, None, ""))),
    Case("two moves inside a run", "AAA..", ((0, 2, 3, 2, 3, BACK),), seats=((0, -30, 0, ""), (1, 1, 1, ""), (2, 2, None, ""))),
    Case("there and back again", "AAAA.", ((0, 3, 4, 2, 4, BACK),), seats=((0, -30, 0, ""), (1, 1, 2, ""), (0, 3, None, ""))),
    Case("a move long before", "....A__AA", ((4, 8, 3, 8, OPEN, ""),), seats=MOVED),
    # Suspension, home teaching, off the roll
    Case("suspension ends a run", "AA???", ((0, 1, 2, None, 2, AWAY),), seats=((0, -30, 1, ""), (0, 2, None, "suspension"))),
    Case("home teaching ends a run", "AAA??", ((0, 2, 3, 2, 3, AWAY),), seats=((0, -30, 2, ""), (0, 3, None, "home_teaching"))),
    Case("suspension begins after a weekend", "..AAA__??", ((2, 4, 3, 4, 7, AWAY),), seats=((0, -30, 6, ""), (0, 7, None, "suspension"))),
    Case(
        "back from suspension and absent: a new run",
        "AA?AA",
        ((0, 1, 2, None, 2, AWAY), (3, 4, 2, None, OPEN, "")),
        seats=((0, -30, 1, ""), (0, 2, 2, "suspension"), (0, 3, None, "")),
    ),
    Case("back before the suspension", "A.???", ((0, 0, 1, None, 1, BACK),), seats=((0, -30, 1, ""), (0, 2, None, "suspension"))),
    Case("off the roll while absent", "AAA??", ((0, 2, 3, 2, 3, OFF),), seats=((0, -30, 2, ""),)),
    Case("off the roll on the second day", "AA???", ((0, 1, 2, None, 2, OFF),), seats=((0, -30, 1, ""),)),
    Case("off the roll after coming back", "AA.??", ((0, 1, 2, None, 2, BACK),), seats=((0, -30, 2, ""),)),
    Case("joins the class late", "??AAA", ((2, 4, 3, 4, OPEN, ""),), seats=((0, 2, None, ""),)),
)
