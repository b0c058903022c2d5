"""``manage.py demo``: the whole product with an invented district, until Ctrl-C."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import unicodedata
from typing import Any

from django.conf import settings
from django.core.management import get_commands
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.core import clock
from apps.core.management.telling import unmigrated
from apps.core.scope import SYSTEM
from apps.dashboards.management.demo.moment import set_clock
from apps.reconciliation.actions.running import start_run
from apps.schools.models import School
from apps.schools.queries import current_term
from config import runner
from config.celery import app

COLUMNS = {"role": "角色", "place": "所在", "username": "用户名", "password": "密码"}


class Command(BaseCommand):
    help = "建立演示县区（首次）并启动网站、后台任务和定时任务；Ctrl-C 停止。数据保留在 var/，make demo-reset 重新开始。"
    requires_system_checks: list[str] = []  # noqa: RUF012

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--pupils", type=int, default=28_000, help="演示学生数（首次建立时）")
        parser.add_argument("--seed", type=int, default=1, help="随机种子（首次建立时）")

    def handle(self, *args: Any, **options: Any) -> None:
        self.began, self.run = time.monotonic(), 0
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        try:
            self.prepare(options["pupils"], options["seed"])
        except KeyboardInterrupt:
            self.say("已停止。")
            sys.exit(130)
        self.say("启动网站、后台任务和定时任务……")
        if code := runner.run(["web", "worker", "beat"], self.welcome):
            sys.exit(code)

    def prepare(self, pupils: int, seed: int) -> None:
        """Database, tables, data: each step only where it is still to do."""
        self.moment = set_clock(settings.VAR_DIR / "demo_moment")
        self.say("启动数据库……")
        connection.ensure_connection()
        if unmigrated():
            self.say("建立或更新数据表……")
            self.as_owner("migrate", "--verbosity", "0")
            if not settings.EMBEDDED_DATABASE:
                self.as_owner("grant_web")
        self.fill(pupils, seed)
        connection.close()
        connection.close_pool()

    def say(self, sentence: str) -> None:
        self.stdout.write(f"[{time.monotonic() - self.began:5.1f} 秒] {sentence}")
        self.stdout.flush()

    def as_owner(self, *command: str) -> None:
        """Another management command, in a process of its own that connects as the owner."""
        program = [sys.executable, str(settings.ROOT / "manage.py"), *command]
        # In a session of its own: Ctrl-C reaches this process alone, which ends the other without its traceback.
        with subprocess.Popen(program, env={**os.environ, "AS_OWNER": "1"}, start_new_session=True) as process:
            try:
                process.wait()
            except KeyboardInterrupt:
                process.terminate()
                raise
        if process.returncode:
            raise CommandError(f"{command[0]} 没有成功，见上面的说明。")

    def fill(self, pupils: int, seed: int) -> None:
        unfinished = settings.VAR_DIR / "demo_unfinished"
        if unfinished.exists():
            raise CommandError("上次的演示数据没有建完，请先运行 make demo-reset。")
        if School.objects.exists():
            self.say("沿用已有的数据（make demo-reset 可重新开始）。")
        elif "demo_data" not in get_commands():
            self.say("这个版本还没有演示数据（缺少 demo_data 命令），网站将是空的。")
        else:
            self.say(f"建立演示县区：{pupils} 名学生……")
            unfinished.touch()
            self.as_owner("demo_data", "--pupils", str(pupils), "--seed", str(seed))
            self.first_run()
            unfinished.unlink()

    def first_run(self) -> None:
        """Begin the first comparison; the workers take it up once they run, so that the first page need not wait for it."""
        if term := current_term(district=settings.DISTRICT_CODE, day=clock.today()):
            self.run = start_run(term=term, by=SYSTEM, today=clock.today()).pk

    def welcome(self, address: str) -> None:
        self.say(f"可以使用了：{address}")
        self.say(f"演示时间从 {self.moment:%Y年%-m月%-d日} 星期{'一二三四五六日'[self.moment.weekday()]} {self.moment:%H:%M} 走起。")
        if self.run:
            app.send_task("apps.reconciliation.tasks.work_run", kwargs={"run_id": self.run})
            self.say("第一次四查三比对正在后台进行，用 bureau 登录可看进度。")
        path = settings.VAR_DIR / "demo_logins.json"
        if path.exists():
            self.stdout.write("\n" + table(json.loads(path.read_text(encoding="utf-8"))) + "\n")
        self.stdout.write("按 Ctrl-C 停止。")
        self.stdout.flush()


def width(text: str) -> int:
    """Columns of a terminal that the text takes: a Chinese character takes two."""
    return sum(2 if unicodedata.east_asian_width(letter) in "WF" else 1 for letter in text)


def table(logins: list[dict[str, str]]) -> str:
    """The demo log-ins in aligned columns."""
    rows = [COLUMNS, *logins]
    widths = [max(width(str(row[key])) for row in rows) for key in COLUMNS]
    lines = ("  ".join(str(row[key]) + " " * (wide - width(str(row[key]))) for key, wide in zip(COLUMNS, widths, strict=True)) for row in rows)
    return "\n".join(f"  {line.rstrip()}" for line in lines)
