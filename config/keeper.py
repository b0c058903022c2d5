"""Locks and ending of the embedded servers, and the keeper that ends a server whose users were all killed.

Standard library only: the keeper is a bare ``python -I keeper.py`` of a few megabytes. Three lock files stand in the
folder of each server:

- ``start.lock``: held while somebody starts, joins, leaves or stops; every decision is made under it;
- ``users.lock``: held shared by every process that uses the server; the kernel frees it however the process ends;
- ``keeper.lock``: held by the keeper for as long as it lives.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

LOOK_EVERY = 1.0  # seconds between two looks of the keeper
PATIENCE = 20.0  # seconds a server may take to end before it is told more firmly


@dataclass(frozen=True)
class Place:
    """Where one server lives: ``home`` holds locks and pid files, ``data`` its data, ``socket`` its unix socket."""

    kind: str  # "postgres" or "valkey"
    home: Path
    data: Path
    socket: Path


class Lock:
    """An flock on an open file of its own. Freed by the kernel when its process ends, whatever ended it."""

    def __init__(self, path: Path) -> None:
        self.fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def take(self, *, shared: bool = False, wait: bool = True) -> bool:
        """Lock; False where ``wait`` is off and somebody else holds it."""
        try:
            fcntl.flock(self.fd, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except BlockingIOError:
            return False
        return True

    def free(self) -> None:
        """Unlock and close. Said aloud, because a forked child may still hold a copy of the file."""
        fcntl.flock(self.fd, fcntl.LOCK_UN)
        os.close(self.fd)

    def forget(self) -> None:
        """Close this process's copy and leave the lock to whoever else holds the open file."""
        os.close(self.fd)


@contextlib.contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock file alone while the block runs."""
    lock = Lock(path)
    try:
        lock.take()
        yield
    finally:
        lock.free()


def listening(path: Path) -> bool:
    """Somebody accepts connections on this socket. A pid file proves nothing, a connection does."""
    with socket.socket(socket.AF_UNIX) as sock:
        sock.settimeout(3)
        try:
            sock.connect(str(path))
        except OSError:
            return False
        return True


def command_of(pid: int) -> str:
    """The command line of a living process; empty for a dead one, a zombie, or nonsense."""
    if Path("/proc/self/cmdline").exists():
        try:
            return os.fsdecode(Path(f"/proc/{pid}/cmdline").read_bytes()).replace("\0", " ")
        except OSError:
            return ""
    return subprocess.run(["ps", "-o", "args=", "-p", str(pid)], capture_output=True, text=True).stdout


def number_in(path: Path) -> int:
    """The number in the first line of a pid file; 0 where there is none."""
    try:
        return int(path.read_text().split("\n", 1)[0])
    except (OSError, ValueError):
        return 0


def server_pids(place: Place) -> list[int]:
    """Processes that the pid files name and that really are this server."""
    named = {number_in(place.home / "server.pid"), number_in(place.data / "postmaster.pid")}
    return [pid for pid in named if pid > 0 and str(place.data) in command_of(pid)]


def end(pid: int, signals: tuple[signal.Signals, ...], patience: float = PATIENCE) -> None:
    """Signal a process and wait until it is gone, with a firmer signal each time the patience runs out."""
    for number in signals:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)
        limit = time.monotonic() + patience
        while command_of(pid):
            if time.monotonic() > limit:
                break
            time.sleep(0.01)
        else:
            return


def stop(place: Place) -> None:
    """End the server in good order and wait for it. To be called under ``start.lock`` and when nobody uses it."""
    first = signal.SIGINT if place.kind == "postgres" else signal.SIGTERM  # SIGINT: do not wait for open connections
    last = signal.SIGQUIT if place.kind == "postgres" else signal.SIGKILL
    for pid in server_pids(place):
        end(pid, (first, last))
    (place.home / "server.pid").unlink(missing_ok=True)


def stop_if_unused(place: Place) -> bool:
    """Stop the server unless somebody holds ``users.lock``. To be called under ``start.lock``."""
    users = Lock(place.home / "users.lock")
    try:
        if not users.take(wait=False):
            return False
        stop(place)
        return True
    finally:
        users.free()


def keep(place: Place) -> None:
    """Look every second whether any user is left; stop the server when none is.

    The last user stops the server itself; the keeper is for users that were killed and could not.
    """
    pids: list[int] = []
    while True:
        time.sleep(LOOK_EVERY)
        if not place.home.exists():  # somebody deleted everything below the running server
            for pid in pids:
                end(pid, (signal.SIGQUIT, signal.SIGKILL), patience=3)
            return
        pids = server_pids(place)
        start = Lock(place.home / "start.lock")
        try:
            if start.take(wait=False) and stop_if_unused(place):
                return
        finally:
            start.free()


if __name__ == "__main__":
    keep(Place(sys.argv[1], *map(Path, sys.argv[2:5])))
