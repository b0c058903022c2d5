"""``compare --term T``: the whole 四查三比对, from the uploads to the cases (DATA.md §3)."""

from __future__ import annotations

import json
import sys
import time
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.cases.actions import open_cases_of_run
from apps.core import clock
from apps.core.errors import Refused
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import Chunk, Run
from apps.reconciliation.tasks import work_run
from apps.schools.models import Term
from apps.schools.rules import TermName

PATIENCE = 5.0  # seconds until the command works the chunks itself


class Command(BaseCommand):
    """Run the comparison of a term and wait for it."""

    help = "对一个学期已提交的名册做四查三比对；没有工作进程应答时在本进程内完成"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--term", required=True, help="2026-2027-1")
        parser.add_argument("--json", action="store_true")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        try:
            run = self.start(options["term"])
            self.wait(run)
        except Refused as refused:
            if options["json"]:
                self.stdout.write(json.dumps({"refused": refused.sentence}, ensure_ascii=False))
            raise CommandError(refused.sentence) from refused
        opened = open_cases_of_run(run=run, by=SYSTEM, today=clock.today())
        self.tell(run, opened, round(time.monotonic() - begun, 2), as_json=options["json"])

    def start(self, code: str) -> Run:
        """Begin the run of a term."""
        try:
            name = TermName.parse(code)
        except ValueError as error:
            raise CommandError(str(error), returncode=2) from error
        term = Term.objects.filter(district_code=settings.DISTRICT_CODE, code=name.code).first()
        if term is None:
            raise Refused(f"没有学期 {code}，请先上传该学期的名册。")
        return running.start_run(term=term, by=SYSTEM, today=clock.today())

    def wait(self, run: Run) -> None:
        """Wait for the workers; where none answers, do the work here. SystemExit 1 where the run failed."""
        if self.answered(run):
            while run.state == Run.State.RUNNING:
                time.sleep(0.05)
                self.show(run)
        else:
            self.stderr.write("没有 Celery 工作进程在 5 秒内应答，在本进程内比对。")
            while (chunk := running.claim(run_id=run.pk, now=clock.now())) or running.settle(run_id=run.pk, now=clock.now()):
                if chunk:
                    running.work(chunk=chunk, now=clock.now())
                self.show(run)
        run.refresh_from_db()
        if run.state != Run.State.DONE:
            raise Refused(run.sentence or "比对没有完成，请稍后重试。")

    def answered(self, run: Run) -> bool:
        """Whether a worker takes up the run within ``PATIENCE``."""
        try:
            for _ in range(2):
                work_run.delay(run_id=run.pk)
        except work_run.OperationalError:
            return False
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if run.chunks.exclude(state=Chunk.State.WAITING).exists():
                return True
            time.sleep(0.05)
        return False

    def show(self, run: Run) -> None:
        """One progress line on standard error."""
        run.refresh_from_db()
        now = running.progress(run=run)
        end = "\r" if sys.stderr.isatty() else "\n"
        line = f"{now['percent']:>3}% {now['label']} {now['done']}/{now['all']}"
        if line != getattr(self, "last", ""):
            self.stderr.write(line, ending=end)
            self.last = line

    def tell(self, run: Run, opened: int, seconds: float, *, as_json: bool) -> None:
        """The result, as one line of JSON or for people."""
        held = run.counts["classes"]
        answer = {
            "run": run.pk,
            "children": run.counts["children"],
            "classes": {"①": held["first"], "②": held["second"], "②反向": held["reverse"], "③": held["third"], "矛盾": held["contradictions"]},
            "balanced": run.counts["balanced"],
            "unexplained": run.counts["unexplained"],
            "links": run.counts["links"],
            "doubtful": run.counts["doubtful"],
            "findings": run.counts["findings"],
            "cases_opened": opened,
            "seconds": seconds,
        }
        if as_json:
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
            return
        self.stdout.write(
            f"第{run.pk}次比对：{answer['children']} 名儿童，{run.sentence}，未解释 {answer['unexplained']}，新立案 {opened}，{seconds} 秒"
        )
        for name, classes in answer["classes"].items():
            self.stdout.write(f"  {name} " + "，".join(f"{code} {count}" for code, count in classes.items()))
