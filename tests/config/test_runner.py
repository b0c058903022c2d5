"""Processes are started, revived and stopped; a busy port gives way."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from config import runner

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
DIE = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture(autouse=True)
def restored_signals():
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_busy_port_gives_way_to_the_next():
    with socket.socket() as busy:
        busy.bind(("127.0.0.1", 0))
        busy.listen()
        taken = busy.getsockname()[1]
        with runner.listen(taken) as one, runner.listen(taken) as other:  # two that start at once
            ports = {one.getsockname()[1], other.getsockname()[1]}
            assert len(ports) == 2 and taken < min(ports) and max(ports) <= taken + runner.PORTS


def test_only_our_own_server_answers_at_the_address(tmp_path: Path):
    """gunicorn takes the socket that the runner listens on, and no other."""
    (tmp_path / "own.py").write_text("def site(environ, start):\n    start('200 OK', [])\n    return [b'own']\n")
    with runner.listen() as plug:
        command = runner.commands(["web"], plug.fileno())["web"]
        command[command.index("config.wsgi")] = "own:site"
        web = runner.Runner({"web": [*command, "--pythonpath", str(tmp_path)]}, f"http://127.0.0.1:{plug.getsockname()[1]}/", (plug.fileno(),))
        with web.stopped_at_the_end():
            web.start("web")
            assert web.wait_for_page()
            assert urllib.request.urlopen(web.address, timeout=10).read() == b"own"  # noqa: S310 (our own address)


def test_children_end_with_the_block():
    processes = runner.Runner({"worker": SLEEP, "beat": SLEEP}, "")
    with processes.stopped_at_the_end():
        processes.start_all(lambda: None)
        assert [child.poll() for child in processes.running.values()] == [None, None]
        os.kill(os.getpid(), signal.SIGTERM)
        processes.wait()
    assert [child.returncode for child in processes.running.values()] == [-signal.SIGTERM] * 2


def test_a_child_that_was_killed_is_started_again(monkeypatch):
    processes = runner.Runner({"worker": SLEEP}, "")
    with processes.stopped_at_the_end():
        processes.start_all(lambda: None)
        first = processes.running["worker"]
        first.kill()
        first.wait()
        processes.revive("worker", first.returncode)
        assert processes.running["worker"].pid != first.pid
        assert processes.running["worker"].poll() is None


def test_a_child_that_dies_again_and_again_stops_everything(monkeypatch, capsys):
    monkeypatch.setattr(runner, "RESTARTS", 1)
    processes = runner.Runner({"worker": DIE, "beat": SLEEP}, "")
    with processes.stopped_at_the_end():
        processes.start_all(lambda: None)
        with pytest.raises(runner.ChildFailed, match="后台任务反复退出（代码 3）"):
            processes.wait()
    assert processes.running["beat"].returncode == -signal.SIGTERM
    assert "重新启动" in capsys.readouterr().out


@pytest.mark.skipif(sys.platform != "linux", reason="a kernel's service of Linux")
def test_children_end_when_the_runner_is_killed(tmp_path: Path):
    program = f"""
from config import runner
one = runner.Runner({{"worker": {SLEEP!r}}}, "")
one.start("worker")
print(one.running["worker"].pid, flush=True)
one.wait()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True, cwd=runner.env.ROOT) as parent:
        assert parent.stdout
        child = Path("/proc") / parent.stdout.readline().strip() / "cmdline"
        assert child.read_bytes()
        parent.kill()
    limit = time.monotonic() + 10
    while child.exists() and time.monotonic() < limit:
        time.sleep(0.05)
    assert not child.exists()


def test_only_one_runner_on_the_same_data_runs_beat(tmp_path):
    with runner.sole_beat(["worker", "beat"], tmp_path) as first, runner.sole_beat(["worker", "beat"], tmp_path) as second:
        assert (first, second) == (["worker", "beat"], ["worker"])
