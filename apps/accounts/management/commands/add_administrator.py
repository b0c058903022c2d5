"""``manage.py add_administrator LOGIN NAME``: the first person on a new server; all others are made in the admin."""

from __future__ import annotations

import secrets
from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from apps.accounts import actions
from apps.core import clock
from apps.core.management.telling import TellingCommand
from apps.core.scope import SYSTEM


class Command(TellingCommand):
    """Makes a system administrator and says the password for the first log-in."""

    help = "新增一名系统管理员，打印一次性密码（首次登录须改密码）；其余人员由管理员在“管理”中添加"

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.add_argument("username", help="登录名")
        parser.add_argument("name", help="姓名")
        parser.add_argument("--district", default=settings.DISTRICT_CODE, help="县区代码，缺省取 DISTRICT_CODE")

    def handle(self, *args: Any, **options: Any) -> None:
        password = secrets.token_urlsafe(12)
        user = actions.add_administrator(
            username=options["username"], name=options["name"], password=password, district=options["district"], today=clock.today(), by=SYSTEM
        )
        told = {"username": user.username, "name": user.name, "password": password, "district": user.district_code}
        human = "系统管理员 {name} 已建立。登录名 {username}，一次性密码 {password}，首次登录须改密码。".format_map
        self.tell(told, human, as_json=options["json"])
