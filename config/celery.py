"""The Celery app, and the timetable of the school day."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery
from celery.schedules import crontab
from celery.signals import beat_init
from django.conf import settings

from config import embedded, env

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

LONGEST_TASK = 30 * 60  # seconds; a task is one chunk (a school, a township) and takes far less
# What runs when, in the order of the school day (Asia/Shanghai). One line a task: name, task, schedule.
TIMETABLE: dict[str, dict[str, Any]] = {
    "扫起停住的读取": {"task": "apps.registers.tasks.sweep_stuck_reads", "schedule": 20},
    "扫起停住的比对": {"task": "apps.reconciliation.tasks.sweep_runs", "schedule": 20},
    "比对完成即立案": {"task": "apps.cases.tasks.open_cases", "schedule": 20},
    "村级报告即立案": {"task": "apps.cases.tasks.open_reported", "schedule": 20},
    "班级名单随名册更新": {"task": "apps.cases.tasks.seat_pupils", "schedule": 60},
    "个案随学生转移": {"task": "apps.cases.tasks.follow_children", "schedule": 60},
    "连续未到校即立案": {"task": "apps.cases.tasks.flag_absences", "schedule": 20},  # the roll call that makes the day sends it at once
    "立案即起草三线报告": {"task": "apps.reporting.tasks.draft_lines", "schedule": 20},
    "卷宗打包接着做、过期清理": {"task": "apps.reporting.tasks.sweep_batches", "schedule": 60},
    "缓学、休学期满即恢复劝返": {"task": "apps.cases.tasks.expire_exemptions", "schedule": crontab(hour=0, minute=10)},
    "安置开始之日转入跟踪": {"task": "apps.cases.tasks.begin_watching", "schedule": crontab(hour=0, minute=20)},
    "夜里再算连续未到校": {"task": "apps.attendance.tasks.scan_absences", "schedule": crontab(hour=1, minute=0)},
    "夜里推进个案期限，无进展的逐级上报": {"task": "apps.cases.tasks.run_clocks", "schedule": crontab(hour=1, minute=30)},
    "移交户籍地逾期未答复，告知区教体局": {"task": "apps.cases.tasks.chase_handovers", "schedule": crontab(hour=7, minute=30)},
    "清理旧表单号": {"task": "apps.audit.tasks.forget_submissions", "schedule": crontab(hour=3, minute=30)},
    "期限将满、待复核、送教欠课": {"task": "apps.cases.tasks.remind_schools", "schedule": crontab(hour=7, minute=0)},
    "催点名（时刻在政策数值里）": {"task": "apps.attendance.tasks.chase_roll_calls", "schedule": crontab(hour="8-20", minute="*/5")},
    "截止后五分钟算连续未到校": {"task": "apps.attendance.tasks.carry_absences", "schedule": crontab(hour="8-20", minute="*/5")},
    "早期提醒学校，傍晚补一次": {"task": "apps.attendance.tasks.warn_schools", "schedule": crontab(hour="16,19", minute=0)},
}


class App(Celery):  # type: ignore[misc] # Celery has no types
    """Celery, which starts the embedded broker when it first connects: with the first task sent or the worker's start."""

    def connection_for_read(self, url: str | None = None, **options: Any) -> Any:
        return super().connection_for_read(url or broker(), **options)

    def connection_for_write(self, url: str | None = None, **options: Any) -> Any:
        return super().connection_for_write(url or broker(), **options)


def broker() -> str:
    """The running broker's address."""
    if env.REDIS_URL:
        return str(env.REDIS_URL)
    server = embedded.valkey(settings.VAR_DIR)
    server.join()
    return server.url


app = App("zaixue")
app.conf.update(
    broker_url=env.REDIS_URL or "redis+socket:///started-at-first-use",  # App asks broker() for the real one
    broker_connection_retry_on_startup=True,
    # The last two bring the task of a killed worker back after 10 seconds instead of 95.
    broker_transport_options={"visibility_timeout": 2 * LONGEST_TASK, "unacked_restore_interval": 5, "unacked_restore_throttle": 1},
    task_acks_late=True,
    task_reject_on_worker_lost=True,
    task_time_limit=LONGEST_TASK,
    task_ignore_result=True,
    task_serializer="json",
    accept_content=["json"],
    worker_prefetch_multiplier=1,
    worker_cancel_long_running_tasks_on_connection_loss=True,
    worker_hijack_root_logger=False,
    timezone="Asia/Shanghai",
    enable_utc=True,
    beat_schedule=TIMETABLE,
    beat_schedule_filename=str(env.VAR_DIR / "celerybeat-schedule"),
)
app.autodiscover_tasks(lambda: [name for name in settings.INSTALLED_APPS if name.startswith("apps.")])


@beat_init.connect  # type: ignore[untyped-decorator] # Celery has no types
def begin(**_: Any) -> None:
    """With every start, so also after an upgrade whose rules are others: what comes next in the open cases is right at once."""
    app.send_task("apps.cases.tasks.refresh_clocks")
