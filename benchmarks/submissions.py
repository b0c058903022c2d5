"""Roll calls sent to the web server as shipped: 64 clients at once, then a hundred a second; counted in the database afterwards."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.db import connection
from django.test import Client
from psycopg import ClientCursor

from apps.attendance.models import RollCall
from benchmarks import ground
from benchmarks.clients import FIRST, body, session_key
from benchmarks.replay import Sent, Told
from benchmarks.report import Report
from benchmarks.school_day import make
from config.runner import commands, listen

CLIENTS, SECONDS, AT_A_HUNDRED, RATE = 64, 60, 20, 100
AT_ONCE, PACED, BARE = FIRST + 100, FIRST + 14_100, FIRST + 16_300  # the classes for each: more than can be sent in the time
CLASSES = 24_300
BARE_SECONDS, PROCESSES, CONNECTIONS = 20, 4, 16
ROLL_CALL = 880_000_001  # a number that stands in no statement by chance
COUNTED = """
SELECT count(*), count(DISTINCT r.school_class_id), coalesce(sum(m.marks), 0), count(*) FILTER (WHERE m.marks <> 2 OR r.missing <> 1 OR a.runs <> 1),
    count(*) FILTER (WHERE r.revision <> 1)
FROM attendance_rollcall r
CROSS JOIN LATERAL (SELECT count(*) AS marks FROM attendance_mark m WHERE m.roll_call_id = r.id) m
CROSS JOIN LATERAL (SELECT count(*) AS runs FROM attendance_absencerun a WHERE a.school_class_id = r.school_class_id AND a.first_day = r.day) a
WHERE r.day = %s AND r.school_class_id >= %s AND r.school_class_id < %s
"""


def measure(report: Report, databases: ground.Databases, folder: Path, *, quick: bool, repeats: int) -> None:
    """Figure of issue 3: nothing wrong, lost or doubled; the share of what bare statements reach; the answer at a hundred a second."""
    databases.use("empty")
    make(CLASSES)
    databases.analyze(f"SELECT setval('attendance_rollcall_id_seq', {ROLL_CALL}, false)")
    statements = captured(folder / "statements")
    ground.close_connections()
    with web() as address:
        full = send(address, AT_ONCE, PACED - AT_ONCE, SECONDS, 0)
        counted = count(full["first"], full["last"] + 1)
        paced = send(address, PACED, BARE - PACED, AT_A_HUNDRED, RATE)
    bare = replayed(databases, folder / "statements")
    tell(report, full, counted, paced, bare, statements)


def tell(report: Report, full: dict[str, Any], counted: tuple[int, ...], paced: dict[str, Any], bare: float, statements: int) -> None:
    rolls, classes, _, wrong, corrected = counted
    errors, lost = sum(full["faults"].values()), full["requests"] - classes
    doubled = rolls - classes + wrong + corrected
    pace = full["requests"] / full["elapsed"]
    report.add(
        f"提交点名：50 人的班，出厂配置的 gunicorn，{CLIENTS} 个客户端同时提交 {full['elapsed']:.0f} 秒，{full['requests']:,} 次（每 10 次重复点一次）",
        "出错 0，丢失 0，重复 0", f"出错 {errors}，丢失 {lost}，重复或写错 {doubled}", not (errors or lost or doubled),
    )  # fmt: skip
    if errors:
        report.note(f"出错：{full['faults']}")
    share = pace / bare
    report.add(
        f"同上，每秒次数，对同样的 {statements} 条语句由 psycopg 从 {CONNECTIONS} 个连接直接发送", "≥ 1/10",
        f"{share:.2f}（{pace:.0f} / {bare:.0f} 次/秒；同时提交时 p50 {full['p50'] * 1000:.0f} 毫秒，p95 {full['p95'] * 1000:.0f} 毫秒）", share >= 0.1,
    )  # fmt: skip
    met = paced["p95"] < 0.5 and not paced["faults"]
    report.add(
        f"每秒 {RATE} 次时的响应（{paced['requests']:,} 次，从应发之时算起）", "p95 < 500 毫秒",
        f"p50 {paced['p50'] * 1000:.0f} 毫秒，p95 {paced['p95'] * 1000:.0f} 毫秒，p99 {paced['p99'] * 1000:.0f} 毫秒", met,
    )  # fmt: skip
    if paced["faults"]:
        report.note(f"每秒 {RATE} 次时出错：{paced['faults']}")
    report.note(f"发送一方在同一台机器上，每次提交自用 {paced['cpu'] / paced['requests'] * 1000:.1f} 毫秒处理器时间。")


@contextmanager
def web() -> Iterator[str]:
    """The web server by the command that ``make demo`` and ``make serve`` use; its host and port."""
    plug = listen(8400)
    port, command = plug.getsockname()[1], commands(["web"], plug.fileno())["web"]
    with subprocess.Popen(command, cwd=ground.ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, pass_fds=[plug.fileno()]) as process, plug:
        try:
            address = f"127.0.0.1:{port}"
            wait_for(f"http://{address}/login/")
            yield address
        finally:
            process.terminate()
            process.wait(30)


def wait_for(page: str) -> None:
    """Until the web answers; twice as often as there are workers, so that none is asked for the first time later."""
    limit = time.monotonic() + 60
    answered = 0
    while answered < 8:
        try:
            urllib.request.urlopen(page, timeout=10).close()  # noqa: S310  our own address
            answered += 1
        except urllib.error.HTTPError as fault:
            raise RuntimeError(f"{page}: {fault.code}") from fault
        except OSError:
            if time.monotonic() > limit:
                raise
            time.sleep(0.1)


def send(address: str, first: int, classes: int, seconds: int, rate: int) -> dict[str, Any]:
    """Let the clients loose."""
    return ground.module("benchmarks.clients", address, str(first), str(classes), str(CLIENTS), str(seconds), str(rate))


def captured(file: Path) -> int:
    """Send one roll call in this process and keep its statements; how many, with the begin and the end of its transaction."""
    client, sent = Client(headers={"host": "127.0.0.1"}), list[Sent]()

    def keep(execute: Any, text: str, values: Any, many: bool, context: dict[str, Any]) -> Any:
        is_planned = not isinstance(context["cursor"].cursor, ClientCursor)
        sent.append(Sent(text, values, is_planned, connection.in_atomic_block))
        return execute(text, values, many, context)

    for tag in (FIRST, FIRST + 1):  # the first warms up what a process keeps
        client.cookies["sessionid"] = session_key(tag)
        sent.clear()
        with connection.execute_wrapper(keep):
            answer = client.post(f"/roll/{tag}/", data=body(tag), content_type="application/x-www-form-urlencoded")
        if answer.status_code != 302:
            raise RuntimeError(f"{answer.status_code} {answer.content.decode()[:2000]}")
    tag = str(FIRST + 1)
    roll_call = str(RollCall.objects.get(school_class=tag, day=ground.TODAY).pk)
    if not any("audit_submission" in one.text and tag in str(one.values) for one in sent):
        raise RuntimeError("the key of the form is in no statement")
    file.write_bytes(pickle.dumps(Told(tag, roll_call, sent)))
    return len(sent) + 2


def replayed(databases: ground.Databases, file: Path) -> float:
    """Roll calls a second by bare statements, from several processes so that none of them is the limit."""
    dsn = databases.server.dsn(user="zaixue_web", database="zaixue")
    share = (CLASSES - (BARE - FIRST)) // PROCESSES

    def one(number: int) -> dict[str, Any]:
        arguments = [dsn, str(file), str(BARE + number * share), str(share), str(CONNECTIONS // PROCESSES), str(BARE_SECONDS)]
        done = subprocess.run(
            [sys.executable, "-m", "benchmarks.replay", *arguments], cwd=ground.ROOT, capture_output=True, text=True, env=os.environ
        )
        if done.returncode:
            raise RuntimeError(done.stderr[-4000:])
        return dict(json.loads(done.stdout))

    with ThreadPoolExecutor(PROCESSES) as pool:
        answers = list(pool.map(one, range(PROCESSES)))
    rolls = count(BARE, FIRST + CLASSES)[0]
    if rolls != sum(one["requests"] for one in answers):
        raise RuntimeError(f"the bare statements wrote {rolls} roll calls: {answers}")
    return float(sum(one["requests"] / one["elapsed"] for one in answers))


def count(first: int, after: int) -> tuple[int, ...]:
    """Roll calls, classes with one, marks, those with the wrong content, those corrected, of the classes from ``first`` on."""
    with connection.cursor() as cursor:
        cursor.execute(COUNTED, [ground.TODAY, first, after])
        return tuple(int(value) for value in cursor.fetchone())
