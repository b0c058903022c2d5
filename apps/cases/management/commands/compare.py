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

PATIENCE = 5.0  # seconds in which no chunk moves until the command works the chunks itself
PAUSE = 0.1  # seconds between two looks


class Command(BaseCommand):
    """Run the comparison of a term, or go on with the one that is on its way, and wait for it. Ctrl-C leaves it to the workers."""

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
        under_way = running.running_run(term.district_code)
        if under_way and under_way.term_id == term.pk:
            self.stderr.write(f"{under_way}还没有结束，接着做。")
            return under_way
        return running.start_run(term=term, by=SYSTEM, today=clock.today())

    def wait(self, run: Run) -> None:
        """Wait until the run ends, working along wherever nobody else gets on. Refused where it failed or was cancelled."""
        try:
            self.follow(run, alone=not self.send(run))
        except KeyboardInterrupt:
            raise CommandError(f"{run}留在后台：工作进程会接着做，再次运行 compare 也会接着做。", returncode=130) from None
        if run.state != Run.State.DONE:
            raise Refused(run.sentence or "比对没有完成，请稍后重试。")

    def send(self, run: Run) -> bool:
        """Send for two workers; whether a broker took the message."""
        try:
            for _ in range(2):
                work_run.delay(run_id=run.pk)
        except work_run.OperationalError:
            return False
        return True

    def follow(self, run: Run, *, alone: bool) -> None:
        """Look on while chunks move; where none has for ``PATIENCE``, or ``alone``, take the next one that nobody holds."""
        seen, since, told = None, time.monotonic(), False
        while run.state == Run.State.RUNNING:
            if alone or time.monotonic() - since > PATIENCE:
                if not told:
                    self.stderr.write("没有 Celery 工作进程在 5 秒内应答，在本进程内比对。")
                    told = True
                alone = self.work(run)
            if not alone:
                time.sleep(PAUSE)
            moved = list(run.chunks.order_by("pk").values_list("pk", "state", "attempts"))
            if moved != seen:
                seen, since = moved, time.monotonic()
            self.show(run)

    def work(self, run: Run) -> bool:
        """Do one chunk, or open the next phase; whether nobody else is at work, so that the next one may be taken at once."""
        if chunk := running.claim(run_id=run.pk, now=clock.now()):
            running.work(chunk=chunk, now=clock.now())
        else:
            running.settle(run_id=run.pk, now=clock.now())
        return not run.chunks.filter(state=Chunk.State.RUNNING).exists()

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
