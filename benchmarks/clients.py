"""Browsers that send roll calls, in a process of their own: ``python -m benchmarks.clients ADDRESS FIRST CLASSES CLIENTS SECONDS RATE``.

Every request is another teacher's class of fifty with two exceptions; every tenth form is sent a second time, as a double tap does. RATE 0: each
client sends as soon as it is answered; else so many a second are due, whatever the answers take. Prints one line of JSON.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
import time
from collections import Counter
from itertools import count

from benchmarks.ground import TODAY

FIRST = 700_000_000  # the tag of the first class: found again in every number of it, and so in every statement that speaks of it
SIZE = 50
AGAIN = 10  # every so many forms are sent twice
CSRF = "0123456789abcdef0123456789abcdef"


def session_key(tag: int) -> str:
    """The session of the teacher of a class."""
    return f"bench{tag}session"


def form_key(tag: int) -> str:
    """The key of the form of a class."""
    return f"00000000-0000-4000-8000-000{tag}"


def body(tag: int) -> str:
    """The form of a class as the page sends it: nobody missing but one, and one late."""
    values = ["unexcused", "late"] + [""] * (SIZE - 2)
    fields = "&".join(f"m{tag * 100 + place}={value}" for place, value in enumerate(values))
    return f"csrfmiddlewaretoken={CSRF}&_key={form_key(tag)}&day={TODAY}&seen=0&opened=&spent=&reason=&{fields}"


class Senders:
    """The clients and what they met."""

    def __init__(self, host: str, first: int, classes: int, seconds: float, rate: float) -> None:
        self.host, self.first, self.classes, self.rate = host, first, classes, rate
        self.turn, self.lock = count(), threading.Lock()
        self.took: list[float] = []
        self.faults: Counter[str] = Counter()
        self.taken: list[int] = []
        self.begun = time.perf_counter()
        self.until = self.begun + seconds

    def work(self) -> None:
        """One client: form after form until the time is over or every class has been sent."""
        line = http.client.HTTPConnection(self.host, timeout=60)
        while (turn := next(self.turn)) < self.classes:
            due = self.begun + turn / self.rate if self.rate else time.perf_counter()
            if max(due, time.perf_counter()) >= self.until:
                break
            time.sleep(max(0.0, due - time.perf_counter()))
            tag = self.first + turn
            answer = self.send(line, tag)
            took = time.perf_counter() - due
            with self.lock:
                self.took.append(took)
                self.taken.append(tag)
                if answer:
                    self.faults[answer] += 1
            if turn % AGAIN == 0 and (answer := self.send(line, tag)):
                with self.lock:
                    self.faults[f"again: {answer}"] += 1

    def send(self, line: http.client.HTTPConnection, tag: int) -> str:
        """Send one form; what was wrong with the answer, '' for the redirect that follows a roll call taken."""
        headers = {
            "Content-Type": "application/x-www-form-urlencoded", "Cookie": f"sessionid={session_key(tag)}; csrftoken={CSRF}",
        }  # fmt: skip
        try:
            line.request("POST", f"/roll/{tag}/", body(tag), headers)
            answer = line.getresponse()
            answer.read()
        except (OSError, http.client.HTTPException) as fault:
            line.close()
            return type(fault).__name__
        where = answer.getheader("Location", "")
        return "" if answer.status == 302 and "login" not in where else f"{answer.status} {where}".strip()


def main(address: str, first: str, classes: str, clients: str, seconds: str, rate: str) -> None:
    senders = Senders(address, int(first), int(classes), float(seconds), float(rate))
    threads = [threading.Thread(target=senders.work) for _ in range(int(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    elapsed = time.perf_counter() - senders.begun
    took = sorted(senders.took)
    print(  # noqa: T201
        json.dumps(
            {
                "requests": len(took), "elapsed": elapsed, "cpu": time.process_time(),
                "faults": dict(senders.faults), "first": min(senders.taken), "last": max(senders.taken),
                **{name: took[int(len(took) * share)] if took else None for name, share in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))},
            }
        )
    )  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
