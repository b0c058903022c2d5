"""Reading an upload: a bounded child process reads and checks, its rows flow into the staging table, then the sets are checked.

The reader holds a lock that its connection alone keeps: killed half-way, it lets go at once, and the upload is read again.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from datetime import date, datetime, timedelta
from time import monotonic
from typing import Any

from django.db import DatabaseError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.models import Q

from apps.core.errors import RefusedFile
from apps.core.excel.child import KILLED, run_child
from apps.registers.actions import difference, places, staged
from apps.registers.actions.commit import shrink_sentence
from apps.registers.actions.twins import twin_doubt
from apps.registers.checks import SET_CHECKS
from apps.registers.models import Entry, HeadingAlias, Kind, Upload
from apps.registers.queries.incoming import SCHOOL_KINDS, UNIT
from apps.schools.models import Region, School
from apps.schools.queries import policy

State = Upload.State
LEASE = timedelta(seconds=30)  # from the claim to the reader's lock; a reader that reads longer is known by its lock
ATTEMPTS = 3
TOLD_ROWS, TOLD_SECONDS = 5_000, 0.5  # how far the reading comes, or how long it takes, until it is told again
Progress = Callable[[dict[str, Any]], None]
AtOnce = Callable[[CursorWrapper, Upload], bool]


def read_upload(*, upload_id: int, now: datetime, today: date, on_progress: Progress | None = None, at_once: AtOnce | None = None) -> Upload | None:
    """Read a waiting upload (or one whose reader died) into staged rows; None where somebody else has it.

    Afterwards its state is STAGED, HEADINGS (a person must say what some headings are) or REFUSED (``sentence`` says why). ``at_once`` may
    commit it in the same transaction, with the district locked; it says whether it did.
    """
    upload = _claim(upload_id, now)
    if upload is None:
        return None
    seen: list[dict[str, Any]] = []
    try:
        with transaction.atomic(), connection.cursor() as cursor, _Reporter(upload, on_progress) as report:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended('read:' || %s::text, 0))", [upload.pk])
            difference.prepare(cursor)
            done = _stage(cursor, upload, report, seen)
            report({"phase": "comparing", "rows": done["rows"]})
            if at_once:
                difference.lock_district(cursor, upload.district_code)
            _settle(cursor, upload, today, done, seen)
            report.stop()
            _finish(upload, State.STAGED)
            if not (at_once and at_once(cursor, upload)):
                staged.keep(cursor, upload)
    except RefusedFile as refusal:
        if refusal.code == KILLED and upload.progress["attempts"] == 1:  # it may have been the machine's need; a second death is the file's
            Upload.objects.filter(pk=upload.pk, state=State.READING, lease_until=upload.lease_until).update(state=State.WAITING, lease_until=None)
            return read_upload(upload_id=upload_id, now=now, today=today, on_progress=on_progress, at_once=at_once)
        _refuse(upload, refusal, seen)
    return upload


def release_stuck_reads(*, now: datetime) -> list[int]:
    """Numbers of the uploads that wait to be read and may have no reader, for the task that reads them (a living reader keeps its own)."""
    stuck = Q(state=State.WAITING, created_at__lt=now - timedelta(minutes=1)) | Q(state=State.READING, lease_until__lt=now)
    return list(Upload.objects.filter(stuck).order_by("pk").values_list("pk", flat=True)[:50])


def _claim(upload_id: int, now: datetime) -> Upload | None:
    """Take the upload for this process, unless its reader lives: one conditional UPDATE, so that two workers never read one file."""
    free = Q(state=State.WAITING) | Q(state=State.READING, lease_until__lt=now)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtextextended('read:' || %s::text, 0))", [upload_id])
        if not cursor.fetchone()[0] or not Upload.objects.filter(free, pk=upload_id).update(state=State.READING, lease_until=now + LEASE):
            return None
    upload: Upload = Upload.objects.select_related("term", "school").get(pk=upload_id)
    attempts = int(upload.progress.get("attempts", 0)) + 1
    upload.progress = {"phase": "guarding", "rows": 0, "attempts": attempts}
    upload.save(update_fields=["progress"])
    if attempts > ATTEMPTS:
        _refuse(upload, RefusedFile("这份文件读了几次都没有读完。请在 Excel 或 WPS 里另存为新文件再上传。", code="attempts"), [])
        return None
    return upload


class _Reporter:
    """Writes how far the reading has come, on a connection of its own so that the page sees it before the commit."""

    def __init__(self, upload: Upload, on_progress: Progress | None) -> None:
        self.upload, self.on_progress = upload, on_progress
        self.count = {"read": 0, "rows": 0}  # rows read, rows read and checked
        self.told: dict[str, Any] = {"phase": "", **self.count}
        self.since = 0.0
        self.own = connection.copy()
        self.own.inc_thread_sharing()  # the child's events come in another thread

    def __enter__(self) -> _Reporter:
        return self

    def __exit__(self, *fault: object) -> None:
        self.stop()

    def __call__(self, event: dict[str, Any]) -> None:
        if "phase" not in event:
            return
        self.count |= {name: event[name] for name in ("read", "rows") if name in event}
        told, now = {"phase": event["phase"], **self.count}, monotonic()
        if told["phase"] == self.told["phase"] and told["rows"] - self.told["rows"] < TOLD_ROWS and now - self.since < TOLD_SECONDS:
            return
        self.told, self.since = told, now
        if self.on_progress:
            self.on_progress(told)
        try:
            with self.own.cursor() as cursor:
                cursor.execute(
                    "UPDATE registers_upload SET progress = %s::jsonb WHERE id = %s AND state = 'reading'",
                    [json.dumps(self.upload.progress | told), self.upload.pk],
                )
        except DatabaseError as fault:  # progress is a courtesy; the reading itself goes on
            logging.getLogger(__name__).warning("progress of upload %s: %s", self.upload.pk, fault)

    def stop(self) -> None:
        """Give the connection back."""
        if self.own.allow_thread_sharing:
            self.own.close()
            self.own.dec_thread_sharing()


def _stage(cursor: CursorWrapper, upload: Upload, report: _Reporter, seen: list[dict[str, Any]]) -> dict[str, Any]:
    """Let the child's lines flow into the staging table; what it said at the end."""

    def listen(event: dict[str, Any]) -> None:
        if "heading" in event:
            seen.append(event["heading"])
        report(event)

    staged.forget(cursor, upload)
    staged.bring(cursor, upload)
    arguments = [upload.kind, str(upload.path), "--options", json.dumps(_options(upload), ensure_ascii=False)]
    with cursor.copy(f"COPY staged ({staged.COLUMNS}) FROM STDIN") as copy:
        return run_child(arguments, on_progress=listen, copy_write=copy.write)


def _options(upload: Upload) -> dict[str, Any]:
    """What the child must know of the district: places by name, the upload's own place, headings people explained."""
    own = ["", upload.school_id or upload.village_code or upload.township_code]
    aliases = HeadingAlias.objects.filter(district_code=upload.district_code, kind=upload.kind, place_code__in=own).order_by("place_code")
    townships = Region.objects.filter(parent_id=upload.district_code, level=Region.Level.TOWNSHIP)
    numbers = policy(district=upload.district_code, day=upload.term.first_day)
    schools: dict[str, str] = {}
    if upload.kind in SCHOOL_KINDS:
        schools = dict(School.objects.filter(district_code=upload.district_code).values_list("name", "pk"))
    return {
        "school_code": upload.school_id or "",
        "school_name": upload.school.name if upload.school else "",
        "township_code": upload.township_code,
        "school_year": upload.term.school_year,
        **{key: numbers[key] for key in ("entry_age", "leaving_age", "entry_cutoff")},
        "townships": dict(townships.values_list("name", "pk")),
        "schools": schools,
        "learned": dict(aliases.values_list("heading", "field")),
    }


def _settle(cursor: CursorWrapper, upload: Upload, today: date, done: dict[str, Any], seen: list[dict[str, Any]]) -> None:
    """Places, set checks, the difference and the warnings for the whole file."""
    with difference.whole_sets(cursor):
        places.resolve(cursor, upload)
        _check_sets(cursor, upload)
    upload.headings = _headings(seen)
    upload.counts = {}
    counts = difference.count(cursor, upload)
    if not counts["rows"]:
        raise RefusedFile("文件里没有一行数据。请检查是否传错了文件，或导出时筛选掉了全部行。", code="no_rows")
    upload.warnings = [*done.get("notes", []), *_warnings(cursor, upload, today)]
    counts["kind_doubt"], counts["twin"] = _kind_doubt(upload, seen)


# The rows that share a key, an ID or a student number with another one: few, and all that a set check has to look at. Where student numbers
# are keys, all of them are, and need not be counted again.
REPEATED = "CREATE TEMP TABLE repeated ON COMMIT DROP AS SELECT s.* FROM staged s WHERE s.status <> 'rejected' AND (" + " OR ".join(
    f"s.{column} IN (SELECT {column} FROM staged WHERE status <> 'rejected' AND {column} <> ''{but} GROUP BY 1 HAVING count(*) > 1)"
    for column, but in (("key", ""), ("id_number", ""), ("student_number", " AND student_number <> key"))
) + ")"  # fmt: skip


def _check_sets(cursor: CursorWrapper, upload: Upload) -> None:
    """Add what the set checks find to the rows; an error rejects them. What stays twice in a unit gets a number, so that no child falls out."""
    cursor.execute("DROP TABLE IF EXISTS repeated")
    cursor.execute(REPEATED)
    told: list[tuple[int, str, bool]] = []
    for check in SET_CHECKS:
        cursor.execute(check.SQL, {"upload": upload.pk})
        wrong = check.SEVERITY == "error"
        found = [
            (row, {"column": column, "code": check.CODE, "message": check.sentence(other), "severity": check.SEVERITY})
            for row, column, other in cursor.fetchall()
        ]
        told += [(row, json.dumps(problem), wrong) for row, problem in found]
        if wrong:
            cursor.execute("DELETE FROM repeated WHERE row = ANY(%s)", [[row for row, _ in found]])
    if told:
        cursor.execute(
            "UPDATE staged s SET problems = s.problems || t.problems, status = CASE WHEN t.wrong THEN 'rejected' ELSE s.status END"
            " FROM (SELECT row, jsonb_agg(problem ORDER BY place) AS problems, bool_or(wrong) AS wrong"
            " FROM unnest(%s::int[], %s::jsonb[], %s::bool[]) WITH ORDINALITY t (row, problem, wrong, place) GROUP BY row) t WHERE s.row = t.row",
            list(map(list, zip(*told, strict=True))),
        )
    cursor.execute(
        "UPDATE staged s SET is_repeated = true, key = CASE WHEN n.times > 1 THEN s.key || '#' || n.times ELSE s.key END FROM (SELECT s.row,"
        f" row_number() OVER (PARTITION BY {UNIT[Kind(upload.kind)]}, s.key ORDER BY s.row) AS times FROM repeated s) n WHERE s.row = n.row"
    )


def _warnings(cursor: CursorWrapper, upload: Upload, today: date) -> list[str]:
    """Sentences about the whole file."""
    counts, said = upload.counts, []
    percent = policy(district=upload.district_code, day=today)["shrink_percent"]
    counts["shrinks"] = difference.shrinks(upload, percent)
    if counts["shrinks"]:
        said.append(shrink_sentence(upload))
    if not counts["accepted"] + counts["cleaned"]:
        said.append("没有一行可以收下，请下载问题表改正后重新上传。")
    if upload.kind in SCHOOL_KINDS and not upload.school_id:
        said.extend(_schools_left_out(upload))
    if upload.kind in (Kind.HOUSEHOLD, Kind.SURVEY):
        cursor.execute(f"SELECT count(*) FROM staged s WHERE s.status <> 'rejected' AND {UNIT[Kind(upload.kind)]} = ''")
        if lost := cursor.fetchone()[0]:
            said.append(f"有 {lost} 行看不出属于哪个乡镇，只能在全区名册里比对。")
    return said


def _kind_doubt(upload: Upload, seen: list[dict[str, Any]]) -> tuple[str, int]:
    """(why the file may be of another register than the one chosen, the upload that says so), ('', 0) where nothing speaks for that; the commit
    then asks once more."""
    own = upload.get_kind_display()
    if other := next((sheet["looks_like"] for sheet in seen if sheet["looks_like"]), ""):
        label = Kind(other).label
        return f"表头更像“{label}”，不像“{own}”。传错了，请放弃这份上传，到“{label}”重新上传；没有传错，请再次确认提交。", 0
    return twin_doubt(upload)


def _schools_left_out(upload: Upload) -> list[str]:
    rest = School.objects.filter(
        pk__in=Entry.objects.standing()
        .filter(kind=upload.kind, district_code=upload.district_code)
        .exclude(unit__in=upload.counts["units"])
        .values("unit")
    )
    names = list(rest.values_list("name", flat=True))
    if not names:
        return []
    return [f"文件中没有这 {len(names)} 所学校，它们原来的名册保持不变：{'、'.join(names[:10])}{'等' if len(names) > 10 else ''}。"]


def _headings(seen: list[dict[str, Any]]) -> dict[str, Any]:
    """Unknown headings with samples, missing required columns, and what was understood, over all sheets."""
    unknown = {one["heading"]: one for sheet in seen for one in sheet["unknown"]}
    missing = [list(group) for group in {tuple(group) for sheet in seen for group in sheet["missing"]}]
    sheets = {one["sheet"]: {"columns": one["columns"], "last_row": one["last_row"]} for one in seen}
    return {"unknown": list(unknown.values()), "missing": sorted(missing), "sheets": sheets}


def _refuse(upload: Upload, refusal: RefusedFile, seen: list[dict[str, Any]]) -> None:
    """Not taken in; or, where a required column may hide behind an unknown heading, a question to the person."""
    upload.headings = _headings(seen)
    asks = refusal.code == "columns_missing" and bool(upload.headings["unknown"])
    with transaction.atomic():
        upload.rows.all().delete()
        upload.counts, upload.warnings = {}, []
        _finish(upload, State.HEADINGS if asks else State.REFUSED, refusal.sentence, refusal.code)


def _finish(upload: Upload, state: str, sentence: str = "", code: str = "") -> None:
    """Leave READING, but only where this reader still holds it. ``sentence`` and ``code`` say why it was not taken in."""
    upload.state, upload.sentence = state, sentence[:1000]
    upload.progress = {"phase": "done", "rows": upload.counts.get("rows", 0), "code": code}
    values = {name: getattr(upload, name) for name in ("state", "sentence", "progress", "headings", "counts", "warnings", "base")}
    if not Upload.objects.filter(pk=upload.pk, state=State.READING, lease_until=upload.lease_until).update(
        lease_until=None, missing_answer={}, **values
    ):
        raise DatabaseError(f"upload {upload.pk} was taken over by another reader")
    upload.lease_until, upload.missing_answer = None, {}
