"""Running the bounded child that reads a file: its lines flow on, its events are told, its refusal is raised."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from apps.core.errors import RefusedFile

ROOT = Path(__file__).resolve().parents[3]
BLOCK = 1 << 20
DIED = "读取文件时出错（文件过大、损坏或不合规范）。请在 Excel 或 WPS 里另存为新的 .xlsx 再上传。"


def run_child(args: list[str], *, on_progress: Callable[[dict[str, Any]], None], copy_write: Callable[[bytes], Any]) -> dict[str, Any]:
    """Run the reader with ``args`` and return what it said when done. RefusedFile where it refused or died."""
    events: list[dict[str, Any]] = []
    end, pipe = os.pipe()
    program = [sys.executable, "-m", "apps.registers.checks", *args]
    shell = ["/bin/sh", "-c", f'exec "$@" 3>&{pipe}', "sh", *program] if pipe != 3 else program
    with subprocess.Popen(shell, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, pass_fds=[pipe], cwd=ROOT) as process:
        os.close(pipe)
        listener = threading.Thread(target=_listen, args=(end, events), daemon=True)
        listener.start()
        told = 0
        try:
            assert process.stdout
            while block := process.stdout.read1(BLOCK):
                copy_write(block)
                while told < len(events):
                    on_progress(events[told])
                    told += 1
        except BaseException:
            process.kill()
            raise
        code = process.wait()
        listener.join(5)
    for event in events[told:]:
        on_progress(event)
    for event in events:
        if "refused" in event:
            raise RefusedFile(event["refused"], code=event.get("code", ""))
    done = next((event["done"] for event in events if "done" in event), None)
    if code or done is None:
        raise RefusedFile(DIED, code="died")
    return done


def _listen(end: int, events: list[dict[str, Any]]) -> None:
    with os.fdopen(end, encoding="utf-8") as stream:
        events.extend(json.loads(line) for line in stream)
