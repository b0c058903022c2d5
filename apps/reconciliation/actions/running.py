"""A run from start to end: phases cut into chunks, each worked once, by any worker, in any order.

The state of a run stands in PostgreSQL alone. A chunk is claimed under a lease, worked in one transaction with its own "done", and
worked under a row lock that a dead worker cannot keep; so a killed worker changes nothing in the result.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from typing import Any

from django.db import IntegrityError, connection, transaction
from django.db.models import F, Max

from apps.audit.actions import record
from apps.core.errors import Refused
from apps.core.rights import Right
from apps.core.scope import Actor
from apps.reconciliation.actions import linking
from apps.reconciliation.actions.classifying import classify_place
from apps.reconciliation.actions.grouping import group_children
from apps.reconciliation.models import Chunk, Run, RunLine
from apps.reconciliation.queries import counts, visible
from apps.reconciliation.queries.facts import places_of
from apps.reconciliation.queries.linking import forget_lines
from apps.registers.actions import hold_uploads
from apps.registers.actions.difference import lock_district
from apps.registers.models import Upload
from apps.schools import queries as places
from apps.schools.models import Term

PHASES = ("duplicates", *linking.STEPS, "group", "classify", "conclude")
PHASE_LABELS = {
    "duplicates": "整理与查重", "link1": "关联①②", "link2": "关联户籍、监测、摸排", "link3": "关联其余", "link4": "关联其余",
    "group": "归并到人", "classify": "逐乡镇分类", "conclude": "核对平衡",
}  # fmt: skip
LEASE = timedelta(seconds=10)  # from the claim to the worker's row lock; a slow chunk is known by its lock
MOST_ATTEMPTS = 5


def start_run(*, term: Term, by: Actor, today: date, user_id: int | None = None) -> Run:
    """Begin a comparison over everything committed so far; from now on none of it can be undone.

    Refused: 'running', another comparison of the district is on its way; 'empty', no register is in.
    """
    with transaction.atomic():
        return _start(term, by, today, user_id)


def _start(term: Term, by: Actor, today: date, user_id: int | None) -> Run:
    with connection.cursor() as cursor:
        lock_district(cursor, term.district_code)  # no commit is half-way: the cutoff means the same in every phase
    newest = Upload.objects.filter(district_code=term.district_code, state=Upload.State.COMMITTED).aggregate(n=Max("committed_seq"))["n"]
    if newest is None:
        raise Refused("本区还没有已提交的名册，请先上传并提交户籍、学籍和在校名册，再开始比对。", code="empty")
    if other := running_run(term.district_code):
        raise Refused(f"{other}（{other.term.label}）正在进行，请等它结束或取消后再开始。", code="running")
    try:
        with transaction.atomic():
            run = Run.objects.create(
                district_code=term.district_code, number=Run.objects.next_number(term.district_code), term=term, as_of=today, cutoff_seq=newest,
                uploads=visible.named_uploads(district=term.district_code, cutoff=newest, term=term.pk),
                state=Run.State.RUNNING, phase=PHASES[0], started_by_id=user_id, started_title=by.title, warnings=warnings_before(term, today),
            )  # fmt: skip
            hold_uploads(district=run.district_code, cutoff=newest, by_what=str(run))
            RunLine.objects.filter(run__district_code=run.district_code).exclude(run=run).delete()  # of runs that failed or were cancelled
            _open_phase(run)
            record("start_run", f"开始{term.label}四查三比对", by=by, object_kind="run", object_id=run.pk)
    except IntegrityError as error:
        raise Refused("本区已有一次比对正在进行，请等它结束后再开始。", code="running") from error
    return run


def running_run(district: str) -> Run | None:
    """The comparison of a district that is on its way."""
    return Run.objects.filter(district_code=district, state=Run.State.RUNNING).select_related("term").first()


def warnings_before(term: Term, today: date) -> list[str]:
    """What must be said of a comparison begun on a day: too early in the term, or over dates nobody has confirmed. 〔方案二（二）〕"""
    told = []
    wanted = places.policy(district=term.district_code, day=today)["run_first_week"]
    week = (today - term.first_day).days // 7 + 1
    if week < wanted:
        when = f"今天是开学第{week}周" if week > 0 else f"{term.label}还没有开学"
        told.append(f"{when}。方案要求从第{wanted}周起比对：现在列出的未注册、未返校学生可能只是还没有报到，请到第{wanted}周再比对一次。")
    dates = [f"{year}年校历" for year in places.unconfirmed_years(district=term.district_code, term=term)]
    dates += [] if term.is_confirmed else [f"{term.label}起止日期"]
    if dates:
        told.append(f"{'、'.join(dates)}还没有人确认，系统暂按周一至周五上课推算；开学天数可能算错。请系统管理员在“管理”中确认。")
    return told


@transaction.atomic
def cancel_run(*, run_id: int, by: Actor, now: datetime) -> Run:
    """Stop a comparison that is on its way; what it has written stays out of every list. Refused where it is over already."""
    run: Run | None = Run.objects.within(by.scope).select_for_update(no_key=True).filter(pk=run_id).first()
    if run is None or not by.may(Right.START_RUN):
        raise Refused("没有这次比对。", code="scope")
    if run.state != Run.State.RUNNING:
        raise Refused(f"{run}已经结束（{run.get_state_display()}），不能取消。", code="over")
    run.state, run.finished_at, run.sentence = Run.State.CANCELLED, now, f"由{by.title} {by.name}取消，名册不受影响。"
    run.save(update_fields=["state", "finished_at", "sentence"])
    record("cancel_run", f"取消{run}", by=by, object_kind="run", object_id=run.pk)
    return run


def _open_phase(run: Run) -> None:
    """Create the chunks of the run's phase; a phase with nothing to do is passed over by its own empty chunk list."""
    visible.analyze(run.phase)
    kinds = visible.kinds_present(run)
    if run.phase == "duplicates":
        names = sorted(kinds)
    elif run.phase in linking.STEPS:
        names = [pair for pair in linking.STEPS[run.phase] if set(pair.split("-")) <= kinds]
    elif run.phase == "classify":
        names = places_of(run)
    else:
        names = ["all"]
    Chunk.objects.bulk_create([Chunk(run=run, phase=run.phase, place=name) for name in names], ignore_conflicts=True)
    if not names:
        _advance(run)


def _advance(run: Run) -> None:
    """Go to the next phase; the caller holds the run's row lock or has just made the run."""
    following = PHASES[PHASES.index(run.phase) + 1 :]
    if following:
        run.phase = following[0]
        run.save(update_fields=["phase"])
        _open_phase(run)


def claim(*, run_id: int, now: datetime) -> Chunk | None:
    """Take one waiting chunk of the run's phase (or one whose worker is gone) under a lease; None when there is none.

    Who works a chunk keeps its row locked, so a chunk whose lease is over and that is free has lost its worker.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            """UPDATE reconciliation_chunk SET state = 'running', lease_until = %(lease)s, attempts = attempts + 1
            WHERE id = (
                SELECT c.id FROM reconciliation_chunk c JOIN reconciliation_run r ON r.id = c.run_id
                WHERE c.run_id = %(run)s AND r.state = 'running' AND c.phase = r.phase
                  AND (c.state = 'waiting' OR (c.state = 'running' AND c.lease_until < %(now)s))
                ORDER BY c.id LIMIT 1 FOR UPDATE OF c SKIP LOCKED)
            RETURNING id""",
            {"run": run_id, "now": now, "lease": now + LEASE},
        )
        row = cursor.fetchone()
    return Chunk.objects.select_related("run__term").get(pk=row[0]) if row else None


def work(*, chunk: Chunk, now: datetime) -> int:
    """Do a claimed chunk and mark it done in the same transaction; open the next phase after the last one. Returns chunks now waiting.

    A chunk that failed too often ends the run with a sentence; other failures give the chunk back and are raised.
    """
    begun = time.monotonic()
    try:
        with _no_garbage(), transaction.atomic():
            mine = Chunk.objects.select_for_update(no_key=True).filter(pk=chunk.pk, state=Chunk.State.RUNNING, attempts=chunk.attempts)
            if not list(mine):  # the row stays locked while we work: nobody takes over a slow chunk, a dead worker's lock is gone
                raise Refused("这一分块已由另一个进程接手。")
            _give_room()
            rows = _do(chunk)
            chunk.state, chunk.rows, chunk.seconds = Chunk.State.DONE, rows, round(time.monotonic() - begun, 3)
            mine.update(state=chunk.state, rows=rows, seconds=chunk.seconds, lease_until=None)
    except Refused:
        return 0
    except BaseException as fault:  # Ctrl-C too: the next one need not wait for the lease
        _give_back(chunk, failed=isinstance(fault, Exception))
        raise
    return settle(run_id=chunk.run_id, now=now)


@contextmanager
def _no_garbage() -> Iterator[None]:
    """Lines and links make no cycles: to walk a million of them again and again for what they do not hold took a quarter of a large run."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _give_room() -> None:
    """Let the sorts and hashes of this transaction stay in memory: those of a large district pass the default of 4 MB and go to disk."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")


def _do(chunk: Chunk) -> int:
    run = chunk.run
    if chunk.phase == "duplicates":
        return linking.find_duplicates(run=run, kind=chunk.place)
    if chunk.phase in linking.STEPS:
        return linking.link_pair(run=run, step=chunk.phase, pair=chunk.place)
    if chunk.phase == "group":
        return group_children(run=run)
    if chunk.phase == "classify":
        return classify_place(run=run, place=chunk.place)
    return _conclude(run)


def _give_back(chunk: Chunk, *, failed: bool) -> None:
    mine = Chunk.objects.filter(pk=chunk.pk, state=Chunk.State.RUNNING, attempts=chunk.attempts)
    mine.update(state=Chunk.State.WAITING, lease_until=None)
    if failed and chunk.attempts >= MOST_ATTEMPTS:
        Run.objects.filter(pk=chunk.run_id, state=Run.State.RUNNING).update(
            state=Run.State.FAILED,
            sentence=f"“{PHASE_LABELS[chunk.phase]}”{chunk.place} 连续失败 {chunk.attempts} 次，比对停止；请联系技术支持，名册不受影响。",
        )


def settle(*, run_id: int, now: datetime) -> int:
    """Open the next phase when the last chunk of this one is done (once, whoever comes); returns how many chunks then wait.

    Called after every chunk and by whoever finds nothing to claim: a worker that died between its chunk and this step is made up for.
    """
    with transaction.atomic():
        run = Run.objects.select_for_update(no_key=True).get(pk=run_id)
        held = run.chunks.filter(phase=run.phase)
        if run.state != Run.State.RUNNING or held.exclude(state=Chunk.State.DONE).exists():
            return 0
        if run.phase == PHASES[-1]:
            run.state, run.finished_at = Run.State.DONE, now
            run.save(update_fields=["state", "finished_at"])
            return 0
        _advance(run)
        return int(run.chunks.filter(phase=run.phase, state=Chunk.State.WAITING).count())


def _conclude(run: Run) -> int:
    """Count, check the identities at every level, and say what does not balance."""
    found = counts.classes(run)
    wrong = counts.imbalances(run)
    missing = counts.unexplained(run)
    forget_lines(run)
    told: dict[str, Any] = {**counts.plan_counts(run), "classes": found, "balanced": not wrong, "imbalances": wrong[:50], "unexplained": missing}
    sentence = "各级均平衡" if not wrong else f"{len(wrong)} 处不平衡：{wrong[0]}"
    Run.objects.filter(pk=run.pk, state=Run.State.RUNNING).update(counts=told, sentence=sentence)  # cancelled meanwhile: its own sentence stays
    return int(told["children"])


def stuck(*, now: datetime) -> list[int]:
    """Runs with a chunk that nobody is working: waiting, or left by a dead worker. The sweeper sends workers to them."""
    return list(
        Run.objects.filter(state=Run.State.RUNNING)
        .filter(chunks__phase=F("phase"))
        .exclude(chunks__state=Chunk.State.RUNNING, chunks__lease_until__gte=now, chunks__phase=F("phase"))
        .values_list("pk", flat=True)
        .distinct()
    )


def progress(*, run: Run) -> dict[str, object]:
    """How far a run is: phase in words, chunks done of all in this phase, share of the whole in per cent."""
    held = list(run.chunks.filter(phase=run.phase).values_list("state", flat=True))
    done = sum(state == Chunk.State.DONE for state in held)
    place = PHASES.index(run.phase)
    share = (place + done / max(len(held), 1)) / len(PHASES)
    finished = run.state in (Run.State.DONE, Run.State.SIGNED)
    return {"label": PHASE_LABELS[run.phase], "done": done, "all": len(held), "percent": 100 if finished else round(100 * share)}
