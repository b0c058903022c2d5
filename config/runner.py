"""Runs the product's processes together (web, worker, beat): ``manage.py demo``, ``make serve``, ``make worker``.

``python -m config.runner web`` or ``… worker beat`` runs single ones. Each is a child in a session of its own, so that
Ctrl-C reaches this process alone, which then stops the children in order. A child that dies is started again.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

from config import env
from config.keeper import Lock

GRACE = 15.0  # seconds a child may take to finish what it is doing
FIRST_PORT, PORTS = 8000, 50
BACKLOG = 2048  # as gunicorn has it
RESTARTS, WITHIN = 5, 60.0  # a child that dies more often than this in so many seconds stops everything
NAMES = {"web": "网站", "worker": "后台任务", "beat": "定时任务"}


class ChildFailed(Exception):
    """A child dies again and again."""


def say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def listen(first: int = FIRST_PORT) -> socket.socket:
    """Listens on the first port from ``first`` on that nobody has. The socket is handed to gunicorn: of two that start at once each has a port of
    its own, and whoever asks at it reaches our own server, or nobody."""
    for port in range(first, first + PORTS):
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            sock.bind(("127.0.0.1", port))
            sock.listen(BACKLOG)
        except OSError:
            sock.close()
            continue
        return sock
    raise ChildFailed(f"端口 {first}–{first + PORTS - 1} 都被占用。")


def commands(names: list[str], plug: int) -> dict[str, list[str]]:
    """The command of each named process; ``plug`` is the number of the socket the web answers at."""
    python, celery = [sys.executable, "-m"], ["celery", "--quiet", "-A", "config", "--skip-checks"]
    workers = os.cpu_count() or 2
    known = {
        "web": [*python, "gunicorn", "config.wsgi", "--bind", f"fd://{plug}", "--workers", "4", "--threads", "2"]
        + ["--graceful-timeout", "5", "--log-level", "warning"],
        "worker": [*python, *celery, "worker", "--concurrency", str(min(2, workers)), "--loglevel", "WARNING"]
        + ["--without-gossip", "--without-mingle", "--hostname", f"{os.getpid()}@%h"],
        "beat": [*python, *celery, "beat", "--loglevel", "WARNING", "--pidfile", ""],
    }
    return {name: known[name] for name in names}


def end_with_parent() -> None:
    """In the child, on Linux: be told to stop when the runner is killed and can tell nobody."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # 1: PR_SET_PDEATHSIG


class Runner:
    """The children by name, started, watched and stopped."""

    def __init__(self, children: dict[str, list[str]], address: str, plugs: tuple[int, ...] = ()) -> None:
        self.children, self.address, self.plugs = children, address, plugs
        self.running: dict[str, subprocess.Popen[bytes]] = {}
        self.deaths: dict[str, list[float]] = {name: [] for name in children}
        self.stopping = False

    def start(self, name: str) -> None:
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", "AS_OWNER": "0", "C_FORCE_ROOT": "1"}
        environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser privileges"
        self.running[name] = subprocess.Popen(
            self.children[name],
            cwd=env.ROOT,
            env=environment,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
            pass_fds=self.plugs if name == "web" else (),
            preexec_fn=end_with_parent if sys.platform == "linux" else None,
        )

    @contextlib.contextmanager
    def stopped_at_the_end(self) -> Iterator[None]:
        """Children started in this block are stopped whatever ends it; a signal only sets ``stopping``."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.on_signal)
        try:
            yield
        finally:
            self.stop()

    def start_all(self, ready: Callable[[], None]) -> None:
        """The web alone first, so that the first page comes soon; ``ready`` is called once it answers."""
        if "web" in self.children:
            self.start("web")
            if self.wait_for_page():
                ready()
        for name in self.children:
            if name not in self.running and not self.stopping:
                self.start(name)

    def on_signal(self, number: int, frame: object) -> None:
        self.stopping = True

    def wait(self) -> None:
        """Until a signal comes; children that die meanwhile are started again."""
        while not self.stopping:
            for name, child in list(self.running.items()):
                if child.poll() is not None and not self.stopping:
                    self.revive(name, child.returncode)
            time.sleep(0.2)

    def revive(self, name: str, code: int) -> None:
        now = time.monotonic()
        self.deaths[name] = [moment for moment in self.deaths[name] if now - moment < WITHIN] + [now]
        if len(self.deaths[name]) > RESTARTS:
            raise ChildFailed(f"{NAMES[name]}反复退出（代码 {code}），全部停止。请看上面的日志。")
        say(f"{NAMES[name]}意外退出（代码 {code}），正在重新启动。")
        time.sleep(0.5)
        self.start(name)

    def stop(self) -> None:
        """Ask all children to end, wait, and end by force what is left."""
        for child in self.running.values():
            if child.poll() is None:
                child.terminate()
        limit = time.monotonic() + GRACE
        for child in self.running.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(max(0.1, limit - time.monotonic()))
            with contextlib.suppress(ProcessLookupError):
                os.killpg(child.pid, signal.SIGKILL)  # also what it may have left behind
            child.wait()

    def wait_for_page(self, seconds: float = 60) -> bool:
        """The web answers, be it with a redirect or an error page; False when told to stop first."""
        limit = time.monotonic() + seconds
        while not self.stopping and time.monotonic() < limit:
            if self.running["web"].poll() is not None:
                self.revive("web", self.running["web"].returncode)
            try:
                urllib.request.urlopen(self.address, timeout=10).close()  # noqa: S310 (our own address)
                return True
            except urllib.error.HTTPError as answer:
                answer.close()
                return True
            except OSError:
                time.sleep(0.1)
        return False


@contextlib.contextmanager
def sole_beat(names: list[str], folder: Path = env.VAR_DIR) -> Iterator[list[str]]:
    """The names without beat where another runner on the same data already runs one."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = Lock(folder / "beat.lock")
    try:
        mine = "beat" in names and lock.take(wait=False)
        yield [name for name in names if name != "beat" or mine]
    finally:
        lock.free()


def run(names: list[str], ready: Callable[[str], None]) -> int:
    """Run the named processes until a signal; ``ready`` is called with the web's address once it answers."""
    env.STATIC_DIR.mkdir(parents=True, exist_ok=True)  # WhiteNoise warns where there is none
    try:
        with sole_beat(names) as mine, contextlib.ExitStack() as held:
            plug = held.enter_context(listen()) if "web" in names else None
            port = plug.getsockname()[1] if plug else FIRST_PORT
            if port != FIRST_PORT:
                say(f"端口 {FIRST_PORT} 已被占用，改用 {port}。")
            address = f"http://127.0.0.1:{port}/"
            plugs = (plug.fileno(),) if plug else ()
            runner = Runner(commands(mine, plugs[0] if plugs else -1), address, plugs)
            with runner.stopped_at_the_end():
                runner.start_all(lambda: ready(address))
                runner.wait()
                say("正在停止……")
    except ChildFailed as error:
        say(str(error))
        return 1
    say("已停止。")
    return 0


if __name__ == "__main__":
    sys.exit(run(sys.argv[1:], lambda address: say(f"网站已启动：{address}（Ctrl-C 停止）")))
