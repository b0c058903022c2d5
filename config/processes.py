"""Folders, users and processes for the embedded servers (config/embedded.py)."""

from __future__ import annotations

import hashlib
import os
import pwd
import subprocess
from pathlib import Path
from typing import IO, Any

LONGEST_SOCKET = 100  # bytes; the kernels' limit is 104 to 108
PLAIN_ENVIRONMENT = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "TZ": "UTC"}
Runner = tuple[int, int] | None  # (uid, gid) that a server runs as; None: oneself


class EmbeddedServerError(RuntimeError):
    """The embedded server cannot run here; the sentence says why and what to do."""


def short_hash(path: Path) -> str:
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]


def socket_folder(home: Path) -> Path:
    """``home/run``; a short one in /tmp where the path is too long for a socket or unclear to a client library.

    Always /tmp, never TMPDIR: all users of one server must come to the same answer.
    """
    folder = home / "run"
    if len(os.fsencode(folder / ".s.PGSQL.5432")) <= LONGEST_SOCKET and not set(str(folder)) & set(",\"'\\"):
        return folder
    return Path("/tmp") / f"zaixue-{short_hash(home)}"


def runner_of(data: Path) -> Runner:
    """(uid, gid) to run PostgreSQL as: None for oneself; root may not, so the data's owner, ``postgres`` or ``nobody``."""
    if os.geteuid() != 0:
        return None
    if data.exists() and (status := data.stat()).st_uid != 0:
        return status.st_uid, status.st_gid
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return entry.pw_uid, entry.pw_gid
    raise EmbeddedServerError("以 root 运行时需要系统中有 postgres 或 nobody 用户；也可以设置 DATABASE_URL 使用现有的 PostgreSQL。")


def run_as(runner: Runner) -> dict[str, Any]:
    """Arguments of ``subprocess`` that drop root's rights."""
    return {"user": runner[0], "group": runner[1], "extra_groups": []} if runner else {}


def works(command: list[str], runner: tuple[int, int]) -> bool:
    """The command can be run by that user."""
    try:
        done = subprocess.run(command, cwd="/", env=PLAIN_ENVIRONMENT, capture_output=True, **run_as(runner))
    except OSError:
        return False
    return done.returncode == 0


def reachable(folder: Path, runner: tuple[int, int]) -> bool:
    """That user can come to a file below this folder, which may not exist yet."""
    while not folder.exists():
        folder = folder.parent
    return works(["/bin/sh", "-c", 'test -x "$1"', "sh", str(folder)], runner)


def make_private(folder: Path, runner: Runner) -> None:
    """A folder that only the server's user (and root) can enter; refused where somebody else laid one in its place."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    folder.mkdir(exist_ok=True, mode=0o700)
    status = folder.lstat()
    mine = {os.geteuid(), runner[0] if runner else os.geteuid()}
    if folder.is_symlink() or status.st_uid not in mine and os.geteuid() != 0:
        raise EmbeddedServerError(f"{folder} 属于另一个用户，请删除它后再试。")
    if runner and status.st_uid != runner[0]:
        os.chown(folder, *runner)
    folder.chmod(0o700)


def spawn(command: list[str], *, log: IO[bytes], runner: Runner = None, keep: int | None = None) -> int:
    """Start a process that outlives this one and is nobody's child; its pid. ``keep``: a file it shall inherit."""
    done = subprocess.run(
        ["/bin/sh", "-c", 'exec "$@" >&2 & echo $!', "sh", *command],
        cwd="/", env=PLAIN_ENVIRONMENT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log, start_new_session=True,
        pass_fds=() if keep is None else (keep,), check=True, **run_as(runner),
    )  # fmt: skip
    return int(done.stdout)
