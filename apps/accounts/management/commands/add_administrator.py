"""``manage.py add_administrator LOGIN NAME``: the first person on a new server; all others are made in the admin."""

from __future__ import annotations

import json
import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.accounts import actions
from apps.core import clock
from apps.core.errors import Refused
from apps.core.scope import SYSTEM


class Command(BaseCommand):
    """Makes a system administrator and says the password for the first log-in."""

    help = "新增一名系统管理员，打印一次性密码（首次登录须改密码）；其余人员由管理员在“管理”中添加"

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("username", help="登录名")
        parser.add_argument("name", help="姓名")
        parser.add_argument("--district", default=settings.DISTRICT_CODE, help="县区代码，缺省取 DISTRICT_CODE")
        parser.add_argument("--json", action="store_true", help="输出一行 JSON")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(12)
        try:
            user = actions.add_administrator(
                username=options["username"], name=options["name"], password=password, district=options["district"], today=clock.today(), by=SYSTEM
            )
        except Refused as refused:
            raise CommandError(refused.sentence) from refused
        if options["json"]:
            self.stdout.write(json.dumps({"username": user.username, "password": password, "district": user.district_code}, ensure_ascii=False))
        else:
            self.stdout.write(f"系统管理员 {user.name} 已建立。登录名 {user.username}，一次性密码 {password}，首次登录须改密码。")
