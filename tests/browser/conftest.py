"""A whole running product and a browser: ``manage.py demo`` with its own data folder, and the machine's Chromium."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, sync_playwright

from apps.accounts.models import Post
from apps.attendance.models import Seat
from apps.cases.actions.duties import ensure_duties
from apps.core import clock
from apps.dashboards.management.demo.cast import PASSWORD
from apps.schools.actions import ensure_term
from apps.schools.models import CalendarDay
from apps.students.models import Child
from tests.cast import HOME, Cast, build_cast
from tests.factories.children import child as make_child
from tests.factories.people import PASSWORD as OF_CAST

ROOT = Path(__file__).resolve().parents[2]
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync", "--no-first-run"]
NAMES = (os.environ.get("CHROMIUM", ""), "chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FOUND = next((path for name in NAMES if name and (path := shutil.which(name))), None)
NO_BROWSER = "没有找到浏览器：请安装 chromium（apt install chromium fonts-noto-cjk），或以 CHROMIUM 指明其路径。"
HOLIDAY = date(2026, 11, 24)  # a Tuesday, in the calendar of the cast
NOT_THEIRS = ("DATABASE_URL", "DATABASE_OWNER_URL", "REDIS_URL", "DJANGO_ALLOW_ASYNC_UNSAFE")  # the demonstration has servers of its own
START = 240.0  # seconds until the demonstration answers, on a machine that has much else to do


ANSWERING = """
import contextlib, io, json, sys
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        exec(json.loads(line), {})
    print(json.dumps(said.getvalue()), flush=True)
"""


@dataclass
class Site:
    """The running demonstration: where it answers and where its files are."""

    address: str
    var: Path
    env: dict[str, str]
    inside: subprocess.Popen[str] | None = None

    def shell(self, program: str) -> str:
        """Run a few lines inside the product, as its web role; one process, started at first use, runs them all."""
        if self.inside is None:
            command = [sys.executable, "manage.py", "shell", "--verbosity", "0", "-c", ANSWERING]
            pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
            self.inside = subprocess.Popen(command, cwd=ROOT, env=self.env, text=True, encoding="utf-8", **pipes)
        assert self.inside.stdin and self.inside.stdout and self.inside.stderr
        self.inside.stdin.write(json.dumps(program) + "\n")
        self.inside.stdin.flush()
        answer = self.inside.stdout.readline()
        assert answer, self.inside.stderr.read()
        return str(json.loads(answer))

    def leave(self) -> None:
        if self.inside:
            self.inside.communicate(timeout=60)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One for all files. Its driver runs an event loop in this thread; the tests' own queries are plain ones."""
    if FOUND is None:
        pytest.skip(NO_BROWSER)
    with pytest.MonkeyPatch.context() as patch, sync_playwright() as playwright:
        patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        chromium = playwright.chromium.launch(executable_path=FOUND, args=FLAGS)
        yield chromium
        chromium.close()


@pytest.fixture(scope="package")
def site() -> Iterator[Site]:
    """800 pupils, real web, worker, beat, PostgreSQL and Valkey; one for all files that need it, ended after the last of the browser's tests."""
    if FOUND is None:
        pytest.skip(NO_BROWSER)
    var = Path(tempfile.mkdtemp(prefix="zx"))  # short: the path of a socket has a limit
    given = {"VAR_DIR": str(var), "EMBEDDED_FSYNC": "off", "ZAIXUE_TODAY": "2026-11-23", "PYTHONUTF8": "1"}
    env = {name: value for name, value in os.environ.items() if name not in NOT_THEIRS} | given
    command = [sys.executable, "manage.py", "demo", "--pupils", "800"]
    with subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8") as demo:
        limit = threading.Timer(START, demo.terminate)
        limit.start()
        told: list[str] = []
        try:
            assert demo.stdout is not None
            for line in demo.stdout:
                told.append(line)
                if answers := re.search(r"可以使用了：(http://\S+)/", line):
                    break
            else:
                pytest.fail("演示没有启动：\n" + "".join(told))
            limit.cancel()
            rest = threading.Thread(target=told.extend, args=(demo.stdout,), daemon=True)  # a full pipe would stop it
            rest.start()
            running = Site(answers[1], var, env)
            yield running
            running.leave()
        finally:
            limit.cancel()
            demo.send_signal(signal.SIGINT)
            demo.wait(60)
            shutil.rmtree(var, ignore_errors=True)


@pytest.fixture
def enter(browser: Browser, site: Site) -> Iterator[Callable[..., Page]]:
    """Log in as one of the demonstration's people, in a window of one's own; a page that breaks the CSP or throws fails the test."""
    windows, faults = [], list[str]()

    def log_in(username: str, *, width: int = 1440, height: int = 900) -> Page:
        window = browser.new_context(viewport={"width": width, "height": height}, base_url=site.address, accept_downloads=True)
        windows.append(window)
        page = window.new_page()
        page.on("pageerror", lambda error: faults.append(f"{page.url}: {error}"))
        page.on("console", lambda said: faults.append(f"{page.url}: {said.text}") if "Content Security Policy" in said.text else None)
        page.goto("/login/")
        page.fill("[name=username]", username)
        page.fill("[name=password]", PASSWORD)
        page.click("main button[type=submit], form.form button[type=submit]")
        page.wait_for_url("**/")
        return page

    yield log_in
    for window in windows:
        window.close()
    assert not faults


@pytest.fixture
def school(browser: Browser, transactional_db: None) -> Cast:
    """The cast with a term, a holiday on Tuesday, and a class of three."""
    cast = build_cast()
    ensure_duties(district=HOME)
    ensure_term(district=HOME, code="2026-2027-1")
    CalendarDay.objects.create(district_code=HOME, day=HOLIDAY, is_school_day=False)
    room = cast.home.classes[0]
    for name in ("李测甲", "王测乙"):
        make_child(school_class=room, village=cast.home.villages[0].code, name=name)
    Child.objects.filter(pk=cast.child.pk).update(name="杨阿测", guardian_name="杨测父", guardian_phone="13900000001")
    for pupil in Child.objects.filter(school_class=room):
        Seat.objects.create(
            child=pupil, district_code=HOME, township_code=pupil.township_code, village_code=pupil.village_code, school=room.school,
            school_class=room, first_day=date(2026, 9, 1),
        )  # fmt: skip
    return cast


@pytest.fixture
def at(settings: Any) -> Callable[..., None]:
    """Set the clock: a day, twenty past two."""

    def move(day: date, hour: time = time(14, 20)) -> None:
        settings.PINNED_TODAY, settings.CLOCK_SHIFT = None, timedelta()
        settings.CLOCK_SHIFT = timezone.make_aware(datetime.combine(day, hour)) - clock.now()

    return move


@pytest.fixture
def acting(browser: Browser, live_server: Any, school: Cast) -> Iterator[Callable[..., Page]]:
    """A person of the cast in a window of one's own, on a phone unless said otherwise."""
    windows = {}

    def window(role: str, *, width: int = 360, height: int = 800) -> Page:
        if role not in windows:
            windows[role] = browser.new_context(
                viewport={"width": width, "height": height}, base_url=live_server.url, permissions=["clipboard-read", "clipboard-write"]
            )
            page = windows[role].new_page()
            page.goto("/login/")
            page.fill("[name=username]", Post.objects.get(pk=school.post(role).pk).user.username)
            page.fill("[name=password]", OF_CAST)
            page.click("main button[type=submit], form.form button[type=submit]")
            page.wait_for_url("**/")
        return windows[role].pages[0]

    yield window
    for one in windows.values():
        one.close()
