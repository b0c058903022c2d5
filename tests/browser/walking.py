"""Steps that people take on the pages of a case, shared by the walks: each goes through the page, on the phone or at the desk it is meant for."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from pathlib import Path
from typing import Any

from playwright.sync_api import Locator, Page, expect

from apps.attendance.actions.scanning import scan
from apps.cases.models import Case
from apps.cases.tasks import begin_watching, expire_exemptions, flag_absences, remind_schools, run_clocks
from apps.cases.workflow import State
from apps.reporting.tasks import draft_lines
from apps.students.models import Child
from tests.cast import HOME
from tests.factories.cases_back import called

Enter = Callable[..., Page]
DESK = {"width": 1440, "height": 900}


def timetable() -> None:
    """What the beat starts every twenty seconds."""
    flag_absences()
    draft_lines()


def night() -> None:
    """What the timetable does between two days."""
    for task in (run_clocks, begin_watching, expire_exemptions, remind_schools):
        task()


def days_pass(child: Child, days: Iterable[date], *, until: date) -> None:
    """The class was called on some days, everybody there; the runs of absence are computed up to a day."""
    called(child, days)
    scan(district=HOME, today=until)
    night()


def absent(teacher: Page, *, of: int = 3) -> None:
    """The head teacher's minute: one tap on a name, one on the button."""
    teacher.goto("/roll/")
    teacher.get_by_label("杨阿测").select_option("unexcused")
    teacher.click("button:has-text('提交点名')")
    expect(teacher.locator("button:has-text('提交更正')")).to_be_visible()
    expect(teacher.locator("main")).to_contain_text(f"应到 {of}，未到 1")


def everybody_there(teacher: Page) -> None:
    """One tap."""
    teacher.goto("/roll/")
    teacher.click("button:has-text('提交点名')")
    expect(teacher.locator("button:has-text('提交更正')")).to_be_visible()


def fits(page: Page) -> None:
    """Nothing of the page lies beyond the edge of the screen."""
    wide = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
    assert wide[0] <= wide[1], f"{page.url} is {wide[0]} wide"


def stands(page: Page, case: Case, state: State, *, task: str = "", owner: str = "") -> Case:
    """The page of a case says where it stands, and the case which one thing comes next, whose and by when; the case as it is now."""
    page.goto(f"/cases/{case.pk}/")
    expect(page.locator("h1 .badge")).to_have_text(state.label)
    fits(page)
    now = Case.objects.select_related("child__school", "school", "school_class").get(pk=case.pk)
    told = now.state, now.task if task else "", now.owner_role if owner else ""
    assert told == (state, task, owner), told
    assert not now.is_open or now.due_on
    return now


def unfold(page: Page, words: str) -> None:
    """Open what is folded under these words."""
    fold = page.locator("main details").filter(has=page.locator("summary", has_text=words)).first
    if not fold.evaluate("e => e.open"):
        fold.locator("summary").first.click()


def send(page: Page, button: str, *, fold: str = "", tap: str = "", expected: str = "", **told: Any) -> None:
    """Fill in the form with this button and press it; it is folded away under ``fold``, or one tap from the top by ``tap``; ``expected``: what the page then says above."""
    if tap:
        page.locator(f"#next a:has-text('{tap}')").click()
    if fold:
        unfold(page, fold)
    form = page.locator("main form").filter(has=page.get_by_role("button", name=button, exact=True)).first
    for name, said in told.items():
        put(form.locator(f"[name='{name}'], [name$='-{name}']"), said)
    fits(page)
    form.get_by_role("button", name=button, exact=True).click()
    expect(page.locator("form[data-sent]")).to_have_count(0)  # the script has its answer, and the page it led to is there
    if expected:
        expect(page.locator(".flash.success").first).to_contain_text(expected)


def put(field: Locator, said: Any) -> None:
    """One answer into one field, as its kind is answered."""
    kind = field.first.evaluate("e => e.type")
    if kind in ("radio", "checkbox"):
        field.and_(field.page.locator(f"[value='{said}']")).check()
    elif kind == "file":
        field.set_input_files(str(said))
    elif kind == "select-one":
        field.select_option(**({"label": said} if any(ord(sign) > 255 for sign in str(said)) else {"value": str(said)}))
    else:
        field.fill(said.isoformat() if isinstance(said, date) else str(said))


def visit(page: Page, case: Case, *, outcome: str, files: Path | None = None, **told: Any) -> None:
    """At the family's door: from the page of the case, one tap from its top."""
    page.goto(f"/cases/{case.pk}/")
    page.locator("#next a:has-text('登记走访')").click()
    send(page, page.locator("main form button[type=submit]").inner_text(), outcome=outcome, **({"files": files} if files else {}), **told)
    expect(page.locator(".flash.success")).to_contain_text("已登记")


def agree(page: Page, case: Case, *, expected: str) -> None:
    """The second signature."""
    page.goto(f"/cases/{case.pk}/")
    send(page, "同意", text="同意。", expected=expected)


def issue_and_serve(page: Page, case: Case, scan_of: Path, **told: Any) -> None:
    """The next paper of the four steps, handed over on the same day."""
    page.goto(f"/cases/{case.pk}/")
    page.locator("#next a:has-text('四步法')").click()
    send(page, "签发", **told)
    send(page, "登记送达", fold="登记送达", way="direct", place="家中", scans=scan_of, received_by="杨测父")
    expect(page.locator("#steps")).to_contain_text("届满")
