"""``manage.py demo_reset``: delete the embedded database, the broker's data and the uploads of the demonstration."""

from __future__ import annotations

import shutil
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from config import embedded


class Command(BaseCommand):
    help = "删除演示数据（var/ 中的内置数据库、队列和上传文件），不询问。设置了 DATABASE_URL 时拒绝执行。"
    requires_system_checks: list[str] = []  # noqa: RUF012

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.EMBEDDED_DATABASE:
            raise CommandError("设置了 DATABASE_URL：这不是演示数据库，不予删除。")
        for server in (embedded.postgres(settings.VAR_DIR), embedded.valkey(settings.VAR_DIR)):
            if not server.wipe():
                raise CommandError("演示正在运行，请先停止（Ctrl-C）。")
        if settings.UPLOAD_DIR.is_relative_to(settings.VAR_DIR):
            shutil.rmtree(settings.UPLOAD_DIR, ignore_errors=True)
        names = ("demo_logins.json", "demo_unfinished", "demo_moment")
        for left in [*(settings.VAR_DIR / name for name in names), *settings.VAR_DIR.glob("celerybeat-schedule*")]:
            left.unlink(missing_ok=True)
        self.stdout.write("演示数据已删除。make demo 重新开始。")
