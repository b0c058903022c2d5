"""Django's PostgreSQL backend, with one more step: the embedded server is started at the first connection."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db.backends.postgresql import base

from config import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    """As PostgreSQL's, but the host is the socket folder of the embedded server."""

    def get_connection_params(self) -> dict[str, Any]:
        server = embedded.postgres(settings.VAR_DIR)
        server.join()
        return {**super().get_connection_params(), "host": str(server.place.socket.parent)}
