"""The parent's side of the bounded reading process: whatever happens to the child, the parent gets rows, or one sentence."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from io import BufferedReader
from pathlib import Path
from time import monotonic
from typing import IO, Any, cast

from apps.core.errors import RefusedFile
from apps.core.excel import forks

ROOT = Path(__file__).resolve().parents[3]
READER = "apps.registers.checks"
PIECE = 1 << 18
LONGEST_SECONDS = 600.0
LONGEST_EVENT = 1 << 20
KILLED, SLOW = "killed", "slow"  # by whom or what nobody knows, so the file may be sound; by us, after the time was over
DEATHS = {
    signal.SIGXCPU: ("读取用时太长，已停止。文件可能结构异常；请另存为 CSV 或拆成几份再上传。", "cpu"),
    signal.SIGKILL: ("读取用时太长或占用内存太多，已停止。请拆成几份，或另存为 CSV 再上传。", KILLED),
    signal.SIGABRT: ("读取时内存不够，已停止。请删去表格右边和下面多余的空行空列，或另存为 CSV 再上传。", "memory"),
}
DIED = ("读取文件的程序意外停止，文件可能已损坏。请在 Excel 或 WPS 里打开后另存，再上传。", "died")
Progress = Callable[[dict[str, Any]], None]


class _Events:
    """Reads the child's JSON lines: passes progress on, keeps the refusal, the summary and the last lines that are no JSON."""

    def __init__(self, on_progress: Progress) -> None:
        self.on_progress = on_progress
        self.refused: RefusedFile | None = None
        self.done: dict[str, Any] | None = None
        self.other: deque[str] = deque(maxlen=20)
        self.failure: BaseException | None = None

    def follow(self, stream: IO[bytes]) -> None:
        while line := stream.readline(LONGEST_EVENT):
            try:
                event = json.loads(line[max(0, line.find(b'{"')) :])  # a reader that aborts leaves half a line before what its fork says
            except ValueError:
                self.other.append(line.decode("utf-8", "replace").rstrip())
                continue
            self._take(event)

    def _take(self, event: Any) -> None:
        if not isinstance(event, dict):
            return
        if "refused" in event and (self.refused is None or "guard" in event):  # the guard knows why, whatever the reader stumbled over
            self.refused = RefusedFile(str(event["refused"]), code=str(event.get("code", "")))
        elif "done" in event:
            self.done = event["done"]
        elif self.failure is None:
            try:
                self.on_progress(event)
            except Exception as error:  # a broken progress display must not leave the child's pipe unread
                self.failure = error


def run_child(
    args: Sequence[str],
    *,
    on_progress: Progress,
    copy_write: Callable[[bytes], Any],
    module: str = READER,
    seconds: float = LONGEST_SECONDS,
) -> dict[str, Any]:
    """Run ``python -m module *args`` and pump its standard output into ``copy_write``, in this thread, in pieces of at most 256 KB.

    ``args``: kind, path, "--options", JSON. ``on_progress`` takes the child's events ({"phase", "rows"} or {"heading"}), in another
    thread. Gives the summary ({"rows", "accepted", "cleaned", "rejected", "notes", "headings", …}). Raises RefusedFile with a sentence
    when the child refused, died of a signal, ran longer than ``seconds``, or ended without a summary; what ``copy_write`` raises passes
    through, after the child was stopped.
    """
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8", "RUST_BACKTRACE": "0"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # a process that starts for every file must not compile itself every time
    command = [sys.executable, "-m", module, *args]
    events, began = _Events(on_progress), monotonic()
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, start_new_session=True
    ) as child:
        out, err = cast(BufferedReader, child.stdout), cast(BufferedReader, child.stderr)
        forks.widen(out)
        timer = threading.Timer(seconds, _kill, (child,))
        follower = threading.Thread(target=events.follow, args=(err,), daemon=True)
        timer.start()
        follower.start()
        try:
            while piece := out.read1(PIECE):
                copy_write(piece)
        except BaseException:
            _kill(child)
            raise
        finally:
            child.wait()
            follower.join()  # until the last fork of the child has said what it has to say
            timer.cancel()
    return _outcome(child.returncode, events, late=monotonic() - began >= seconds)


def _kill(child: subprocess.Popen[bytes]) -> None:
    """End the child with its forks: it leads a session of its own."""
    with suppress(ProcessLookupError):
        os.killpg(child.pid, signal.SIGKILL)


def _outcome(code: int, events: _Events, *, late: bool) -> dict[str, Any]:
    if events.refused is not None:
        raise events.refused
    if code < 0:
        sentence, short = DEATHS.get(signal.Signals(-code), DIED)
        raise RefusedFile(sentence, code=SLOW if late and short == KILLED else short)
    if code != 0 or events.done is None:
        raise RefusedFile(DIED[0], code=DIED[1]) from (events.failure or RuntimeError("\n".join(events.other)))
    return events.done
