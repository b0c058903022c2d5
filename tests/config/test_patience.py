"""Half-sent requests do not keep the threads of the web server."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from pathlib import Path

import pytest

from config import patience
from config.patience import Patient

ROOT = Path(__file__).resolve().parent.parent.parent
SERVED = """
from config import patience
patience.PATIENCE = 0.5
worker_class = "config.patience.PatientWorker"
threads = 2
bind = "unix:{at}"
control_socket_disable = True
"""
APP = """
def app(environ, start_response):
    said = environ["wsgi.input"].read()
    start_response("200 OK", [("Content-Length", str(len(said)))])
    return [said]
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[Path]:
    """gunicorn with two threads and half a second of patience, at a socket."""
    at = tmp_path / "web"
    (tmp_path / "conf.py").write_text(SERVED.format(at=at))
    (tmp_path / "echo.py").write_text(APP)
    python = [sys.executable, "-m", "gunicorn", "-c", str(tmp_path / "conf.py"), "echo:app"]
    with subprocess.Popen(python, cwd=tmp_path, stderr=subprocess.DEVNULL, env=os.environ | {"PYTHONPATH": f"{ROOT}:{tmp_path}"}) as web:
        until = time.monotonic() + 20
        while not at.exists() and time.monotonic() < until:
            time.sleep(0.05)
        yield at
        web.terminate()


def send(at: Path, text: bytes) -> socket.socket:
    line = socket.socket(socket.AF_UNIX)
    line.settimeout(8)
    line.connect(str(at))
    line.sendall(text)
    return line


def test_who_stops_in_the_middle_gives_the_thread_back(served: Path) -> None:
    """Of the headers or of the body: whoever comes after them is answered."""
    halves = [b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nhal", b"POST / HTTP/1.1\r\nHost: a\r\nConte"]
    with ExitStack() as lines:
        for half in halves * 4:
            lines.enter_context(send(served, half))
        whole = lines.enter_context(send(served, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nwhole"))
        assert whole.recv(1000).endswith(b"whole")


def test_drops_buy_no_time_and_a_slow_line_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(patience, "PATIENCE", 0.3)
    there, end = socket.socketpair()
    here = Patient(fileno=end.detach())
    with there, here:
        here.begin()
        begun, got = time.monotonic(), 0
        with suppress(ConnectionResetError):
            while got < 100:
                there.sendall(b"x")
                got += len(here.recv(100))
                time.sleep(0.05)
        assert time.monotonic() - begun < 1 and got < 10
        here.begin()
        there.sendall(b"x" * 8192)
        assert len(here.recv(8192)) == 8192 and here.until - time.monotonic() > 1.5
        assert here.gettimeout() is None, "what is sent takes its time"
