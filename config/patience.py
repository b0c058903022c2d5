"""gunicorn's worker, with an end to its patience: who sends half a request and stops gives the thread back."""

from __future__ import annotations

import socket
from errno import ECONNRESET
from time import monotonic
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

PATIENCE = 10.0  # seconds that a request may take to arrive, headers and body
SLOWEST = 4096  # bytes a second; what arrives at least so fast may take longer


class Patient(socket.socket):
    """The line to one client. Past its time it reads as if the client had gone, and so nothing of it is an error of the system."""

    until = 0.0

    def begin(self) -> None:
        """A request begins to arrive."""
        self.until = monotonic() + PATIENCE

    def recv(self, size: int, flags: int = 0) -> bytes:
        """Some bytes; each brings its own time along. Raises ConnectionResetError when the time is over."""
        left = self.until - monotonic()
        try:
            if left <= 0:
                raise TimeoutError
            self.settimeout(left)
            got = super().recv(size, flags)
        except TimeoutError as late:
            raise ConnectionResetError(ECONNRESET, "the request did not arrive in time") from late
        finally:
            self.settimeout(None)
        self.until += len(got) / SLOWEST
        return got


class PatientWorker(ThreadWorker):  # type: ignore[misc] # gunicorn has no types
    """Threads that wait for no half-sent request."""

    def handle(self, conn: Any) -> Any:
        """One request of a line; a new line is wrapped before anything knows it."""
        if not isinstance(conn.sock, Patient):
            conn.sock = Patient(fileno=conn.sock.detach())
        conn.sock.begin()
        return super().handle(conn)
