"""Django's PostgreSQL backend, with one more step: the embedded server is started at the first connection."""

from __future__ import annotations

from typing import Any

from django.db.backends.postgresql import base

from config import embedded, env


class DatabaseWrapper(base.DatabaseWrapper):
    """As PostgreSQL's, but the host is the socket folder of the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        server = embedded.postgres(env.VAR_DIR)  # the process's own, where a test has set another VAR_DIR as well
        server.join()
        return {**super().get_connection_params(), "host": str(server.place.socket.parent)}
