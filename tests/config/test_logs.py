"""No log of any process holds a whole number: web, workers, Django, the database server."""

from __future__ import annotations

import http.client
import logging
import os
import re
import socket
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client

from config.logs import HidingFormatter
from tests.factories.children import document, id_number

ROOT = Path(__file__).resolve().parents[2]
NUMBER = id_number(617)
MASKED = f"530113********{NUMBER[-4:]}"


# A site that fails on demand, for gunicorn.
SITE = f"""
def site(environ, start_response):
    if environ["PATH_INFO"] == "/boom":
        raise RuntimeError("Key (number)=({NUMBER}) already exists")
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
"""


class Plug(http.client.HTTPConnection):
    """HTTP over a socket in a folder."""

    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=10)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(str(self.path))


def asked(path: Path, url: str) -> int:
    with closing(Plug(path)) as plug:
        plug.request("GET", url, headers={"Referer": f"http://localhost/children/?text={NUMBER}"})
        return plug.getresponse().status


def test_gunicorn_writes_neither_query_nor_referer_nor_numbers(tmp_path: Path) -> None:
    plug, log = tmp_path / "s", tmp_path / "log"
    (tmp_path / "failing.py").write_text(SITE)
    command = [sys.executable, "-m", "gunicorn", "failing:site", "--pythonpath", str(tmp_path), "--bind", f"unix:{plug}"]
    command += ["--access-logfile", "-", "--no-control-socket"]
    with log.open("wb") as out:
        web = subprocess.Popen(command, cwd=ROOT, stdout=out, stderr=out)
        try:
            limit = time.monotonic() + 60
            while not plug.exists() and web.poll() is None and time.monotonic() < limit:
                time.sleep(0.1)
            assert asked(plug, f"/children/?text={NUMBER}") == 200
            assert asked(plug, f"/boom?text={NUMBER}") == 500
        finally:
            web.terminate()
            web.wait(20)
    written = log.read_text()
    assert '"GET /children/ HTTP/1.1" 200' in written and f"Key (number)=({MASKED})" in written
    assert NUMBER not in written and "text=" not in written and "Error handling request GET /boom\n" in written


def test_a_worker_masks_what_it_logs() -> None:
    """Celery sets up loggers of its own: they must write through ours."""
    code = (
        "import django, logging; django.setup(); from config.celery import app; app.log.setup(loglevel='INFO');"
        f"[logging.getLogger(name).error('failed: {NUMBER}') for name in ('celery.app.trace', 'celery.task', 'apps.registers', 'celery.worker', 'multiprocessing')]"
    )
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    assert done.stderr.count(MASKED) == 5 and NUMBER not in done.stderr + done.stdout


@pytest.mark.django_db
def test_the_database_names_a_number_and_the_log_does_not() -> None:
    paper = document(NUMBER)
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE one (number text UNIQUE)")
        cursor.execute("INSERT INTO one SELECT number FROM students_iddocument WHERE id = %s", [paper.pk])
        with pytest.raises(IntegrityError) as fault, transaction.atomic():
            cursor.execute("INSERT INTO one VALUES (%s)", [NUMBER])
    assert NUMBER in str(fault.value)
    record = logging.LogRecord(
        "django.request", logging.ERROR, __file__, 1, "Internal Server Error: %s", ("/x/",), (type(fault.value), fault.value, None)
    )
    line = HidingFormatter("%(message)s").format(record)
    assert MASKED in line and NUMBER not in line


def test_django_has_no_handler_but_ours() -> None:
    told: dict[str, Any] = settings.LOGGING
    assert {formatter["()"] for formatter in told["formatters"].values()} == {"config.logs.HidingFormatter"}
    assert {handler["formatter"] for handler in told["handlers"].values()} == {"line"}
    assert not logging.getLogger("django").handlers
    assert logging.getLogger("django.server").handlers and not logging.getLogger("django.server").propagate


@pytest.mark.django_db
def test_the_database_server_logs_no_rows() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, setting FROM pg_settings WHERE name IN ('log_min_error_statement', 'log_error_verbosity')")
        found = dict(cursor.fetchall())
    wanted = {"log_min_error_statement": "panic", "log_error_verbosity": "terse"}
    if settings.EMBEDDED_DATABASE:
        assert found == wanted
    told = re.search(r"image: postgres.*?command: (.*?)\n", (ROOT / "docker-compose.yml").read_text(), re.DOTALL)
    assert told and all(f"{name}={value}" in told[1] for name, value in wanted.items())


@pytest.mark.django_db
def test_the_way_to_the_log_in_page_forgets_what_was_searched() -> None:
    assert Client().get(f"/children/?text={NUMBER}").headers["Location"] == "/login/?next=/children/"
