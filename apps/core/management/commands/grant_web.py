"""``manage.py grant_web``: let the web's role use what the owner has made and will make. Run once after ``migrate``."""

from __future__ import annotations

from typing import Any

import environ
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection

from apps.core import grants
from config import env


class Command(BaseCommand):
    help = "把表的读写权限授予网站使用的数据库角色（DATABASE_URL 中的用户）。以所有者身份运行，迁移之后执行，可重复执行。"

    def handle(self, *args: Any, **options: Any) -> None:
        web = environ.Env.db_url_config(env.DATABASE_URL)["USER"] if env.DATABASE_URL else settings.WEB_ROLE
        owner = connection.settings_dict["USER"]
        if owner == web:
            raise CommandError("网站与所有者是同一个数据库用户：请在 DATABASE_OWNER_URL 中另设所有者。")
        with connection.cursor() as cursor:
            for statement in grants.for_what_is(connection.settings_dict["NAME"], web) + grants.for_what_comes(owner, web):
                cursor.execute(statement)
        self.stdout.write(f"{web} 可以读写 {owner} 的表，不拥有任何表。")
