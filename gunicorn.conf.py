"""How the web server starts and logs. gunicorn reads this file by itself in the folder it is started in; the command line says the rest."""

from __future__ import annotations

import gc
from typing import Any

from gunicorn.glogging import Logger

from config.logs import HidingFormatter

# Path without the query, and no referer: both would hold what somebody typed into a search field.
access_log_format = '%(h)s %(t)s "%(m)s %(U)s %(H)s" %(s)s %(b)s %(M)sms "%(a)s"'


worker_class = "config.patience.PatientWorker"
preload_app = True  # once for all workers
control_socket_disable = True  # it would stand in a home folder that the server's user cannot write, and nobody uses it
keepalive = 30  # seconds for which a line stays open: a browser or a proxy that sends within them meets no closed door


def when_ready(server: Any) -> None:
    """The workers' garbage collector need not walk again and again through what was loaded before them: it cost a fifth of their time."""
    gc.collect()
    gc.freeze()


class logger_class(Logger):  # noqa: N801 (gunicorn's name for it)
    """gunicorn's two logs, which have handlers of their own."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for log in (self.error_log, self.access_log):
            for handler in log.handlers:
                handler.setFormatter(HidingFormatter(handler.formatter._fmt, handler.formatter.datefmt))

    def exception(self, msg: Any, *args: Any, **kwargs: Any) -> None:
        """An address that failed, without its query."""
        super().exception(msg, *(arg.partition("?")[0] if isinstance(arg, str) else arg for arg in args), **kwargs)
