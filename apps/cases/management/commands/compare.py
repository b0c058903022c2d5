"""``compare --term T``: the whole 四查三比对, from the uploads to the cases (DATA.md §3)."""

from __future__ import annotations

import sys
import time
from functools import partial
from typing import Any

from django.conf import settings
from django.core.management.base import CommandError, CommandParser

from apps.cases.actions.comparison import open_cases_of_run
from apps.core import clock
from apps.core.errors import Refused
from apps.core.management.telling import TellingCommand
from apps.core.scope import SYSTEM
from apps.reconciliation.actions import running
from apps.reconciliation.models import Chunk, Run
from apps.reconciliation.tasks import work_run
from apps.schools.models import Term
from apps.schools.rules import TermName

PATIENCE = 5.0  # seconds in which no chunk moves until the command works the chunks itself
PAUSE = 0.1  # seconds between two looks


class Command(TellingCommand):
    """Run the comparison of a term, or go on with the one that is on its way, and wait for it. Ctrl-C leaves it to the workers."""

    help = "对一个学期已提交的名册做四查三比对；没有工作进程应答时在本进程内完成"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("--term", required=True, help="2026-2027-1")

    def handle(self, *args: Any, **options: Any) -> None:
        begun = time.monotonic()
        run = self.start(options["term"])
        self.wait(run)
        opened = open_cases_of_run(run=run, by=SYSTEM, today=clock.today(), now=clock.now())
        self.tell(figures(run, opened, round(time.monotonic() - begun, 2)), partial(human, run), as_json=options["json"])

    def start(self, code: str) -> Run:
        """Begin the run of a term."""
        try:
            name = TermName.parse(code)
        except ValueError as error:
            raise Refused(str(error), code="term") from error
        term = Term.objects.filter(district_code=settings.DISTRICT_CODE, code=name.code).first()
        if term is None:
            raise Refused(f"没有学期 {code}，请先上传该学期的名册。", code="no_term")
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
            raise Refused(run.sentence or "比对没有完成，请稍后重试。", code=run.state)

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
        if chunk := running.claim(run_id=run.pk, now=clock.machine()):
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


def figures(run: Run, opened: int, seconds: float) -> dict[str, Any]:
    """What a finished run says, under the keys of DATA.md §3."""
    held = run.counts["classes"]
    told = {key: run.counts[key] for key in ("balanced", "unexplained", "links", "doubtful", "findings")}
    classes = {"①": held["first"], "②": held["second"], "②反向": held["reverse"], "③": held["third"], "矛盾": held["contradictions"]}
    return {"run": run.pk, "children": run.counts["children"], "classes": classes, **told, "cases_opened": opened, "seconds": seconds}


def human(run: Run, told: dict[str, Any]) -> str:
    """The same for people, with the key by which the exports name the run."""
    ends = f"未解释 {told['unexplained']}，新立案 {told['cases_opened']}，{told['seconds']} 秒"
    lines = (f"  {name} " + "，".join(f"{code} {count}" for code, count in held.items()) for name, held in told["classes"].items())
    return "\n".join([f"{run}（编号 {run.pk}）：{told['children']} 名儿童，{run.sentence}，{ends}", *lines])
