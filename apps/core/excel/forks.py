"""A fork that works beside this process and writes what it made into a pipe. It never unwinds: all above it belongs to where it came from."""

from __future__ import annotations

import fcntl
import os
import signal
import traceback
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import BinaryIO

NO_MEMORY = 3
WIDE = 1 << 20  # bytes


@dataclass(frozen=True, slots=True)
class Fork:
    """A process and what it writes."""

    pid: int
    stream: BinaryIO


def possible() -> bool:
    """Whether this machine can fork and has a second processor to do it for."""
    return hasattr(os, "fork") and (os.cpu_count() or 1) > 1


def start(work: Callable[[BinaryIO], None]) -> Fork:
    """Let ``work`` write into the pipe in a process of its own. No other thread may run."""
    reading, writing = os.pipe()
    pid = os.fork()
    if not pid:
        code = 1
        try:
            os.close(1)  # whoever reads this output waits for the last one who holds it
            os.close(reading)
            with os.fdopen(writing, "wb") as stream:
                work(stream)
            code = 0
        except MemoryError:
            code = NO_MEMORY
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(code)
    os.close(writing)
    fork = Fork(pid, os.fdopen(reading, "rb"))
    widen(fork.stream)
    return fork


def widen(stream: BinaryIO) -> None:
    """Let a pipe hold more than the usual 64 KB, so that who writes into it need not stop for who reads at every block."""
    with suppress(AttributeError, OSError):  # only Linux knows how; a user may be allowed no more
        fcntl.fcntl(stream, fcntl.F_SETPIPE_SZ, WIDE)


def bury(fork: Fork) -> None:
    """Wait for the fork to end. Where it died, this process ends in the same way: by the signal, MemoryError or RuntimeError."""
    fork.stream.close()
    _, status = os.waitpid(fork.pid, 0)
    if os.WIFSIGNALED(status):
        os.kill(os.getpid(), os.WTERMSIG(status))
    code = os.waitstatus_to_exitcode(status)
    if code == NO_MEMORY:
        raise MemoryError
    if code:
        raise RuntimeError("a fork of the reading child failed")


def stop(fork: Fork) -> None:
    """End the fork where it still runs."""
    fork.stream.close()
    with suppress(ChildProcessError):  # buried already
        if os.waitpid(fork.pid, os.WNOHANG) == (0, 0):
            os.kill(fork.pid, signal.SIGKILL)
            os.waitpid(fork.pid, 0)
