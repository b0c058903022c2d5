"""The section of a case: where it stands, what is next and what that lacks; what waits for a second signature; the ledger."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse

from apps.accounts.roles import BY_CODE
from apps.cases.forms.life import AskForm, DecideForm, MergeForm, NoteForm
from apps.cases.models import Attachment, CaseEntry, Proposal
from apps.cases.queries import lists
from apps.cases.rules import climbing, proposing
from apps.cases.rules.facts import Agreed
from apps.cases.rules.visiting import passed
from apps.cases.views.panels.frame import Frame
from apps.cases.workflow import IN_FORCE, LOST, MOVES, PAPER_CODES, TASKS, VISIT, Move, State, Task, grounds, lacking
from apps.core.rights import Right
from apps.core.scope import SYSTEM
from apps.core.templatetags.zaixue import cn_date
from apps.schools.queries import place_names

TONES = {"opened": "bad", "moved": "info", "correction": "warn", "climbed": "bad", "decision": "info", "visit": "ok", "document": "info"}
OF_SYSTEM = frozenset({CaseEntry.Kind.MOVED, CaseEntry.Kind.CLIMBED})  # written by the product: nobody can have mistyped them
AT_DOOR = frozenset({"first_visit", VISIT.code, *PAPER_CODES, "acceptance"})  # what the buttons of the section on persuasion are for


def panel(frame: Frame) -> dict[str, Any]:
    """What ``cases/panels/life.html`` shows. Reads: names of places, proposals, attachments, the ledger."""
    case, actor = frame.case, frame.actor
    told: dict[str, Any] = {"case": case, "ways": [], "asks": [], "waiting": [], "note": None, "entries": entries(frame)}
    told["others"] = others = list(lists.others(case, actor.scope))
    if not case.is_open:
        return told
    open_ones = [one for one in others if one.is_open]
    if open_ones and actor.may(Right.MERGE_CASES):
        told["merge"] = frame.bound.get("merge") or MergeForm(others=open_ones)
    told |= {"task": task(frame), "ways": ways(frame), "waiting": waiting(frame)}
    if actor.may(Right.PROPOSE_CASE):
        told["asks"] = asks(frame)
    if actor.may(Right.LOG_CASE):
        told["note"] = frame.bound.get("note") or NoteForm(today=frame.today, initial={"corrects": frame.corrects.pk if frame.corrects else None})
        if frame.corrects:
            told |= {"corrects": frame.corrects, "corrects_words": frame.corrects.words(medical=frame.reader.papers)}
    return told


def task(frame: Frame) -> dict[str, Any]:
    """What comes next: in words, whose it is, by when."""
    case = frame.case
    code = case.task or frame.book.task(case)[0].code
    known = {task.code: task for task in TASKS[case.standing]}
    label = known[code].label if code in known else ""
    role = BY_CODE[case.owner_role].label if case.owner_role in BY_CODE else ""
    place = place_names([case.owner_region]).get(case.owner_region, "") if case.owner_region else str(case.school or "")
    mine = case.owner_role == frame.actor.role
    days = (case.due_on - frame.today).days if case.due_on else None
    paused = frame.facts.is_paused and max(last for first, last in frame.facts.pauses if first <= frame.today <= last)
    gone = [one.sentence for one in passed(frame.facts, is_lost=case.state in LOST)]
    doubt = doubted(frame) if case.state == State.SUSPECTED else None
    return {"doubt": doubt, "label": label,
            "who": " · ".join(filter(None, (role, place if case.owner_role != "bureau" else ""))), "due": case.due_on, "days": days,
            "mine": mine, "paused": paused, "next_try": next_try(frame, known.get(code)),
            "passed": gone, "code": code, "at_door": code in AT_DOOR}  # fmt: skip


DOUBTED_BY = {"absence": "连续未到校满 {suspected_school_days} 个上课日", "run": "比对日"}


def doubted(frame: Frame) -> dict[str, Any]:
    """From which day, and by what, the days of a suspicion count; the how manieth is today; on which day they are full."""
    facts, limit = frame.facts, frame.numbers["dropout_days"]
    by = DOUBTED_BY.get(facts.suspected_by, "") if facts.doubted_on == facts.suspected_on else ""
    days = (frame.today - facts.doubted_on).days
    return {"from": facts.doubted_on, "by": frame.numbers.fill(by) or "立案日", "days": days, "limit": limit,
            "full": facts.doubted_on + timedelta(limit), "is_full": days >= limit}  # fmt: skip


def next_try(frame: Frame, task: Task | None) -> date | None:
    """By when the family must be visited again, where nothing else stands before that: the day after it the case climbs."""
    facts = frame.facts
    return climbing.next_try(facts.progress_on, pauses=facts.pauses, numbers=frame.numbers) if task and task.tries else None


def ways(frame: Frame) -> list[dict[str, Any]]:
    """Each state the case may go to, with what that needs as a checklist: by the first row of the table, or by another one that lacks nothing;
    a button where nothing is lacking and the post may. Steps that the system takes by itself say so. Merging has a page of its own."""
    best, fill = dict[State, tuple[int, Move]](), frame.numbers.fill
    for move in MOVES:
        if move.source == frame.case.standing and move.target != State.MERGED:
            lacks = sum(not need.holds(frame.facts, frame.numbers) for need in move.needs)
            if move.target not in best or lacks == 0 < best[move.target][0]:
                best[move.target] = (lacks, move)
    return [
        {"target": move.target, "guard": fill(move.guard), "needs": needs(move, frame),
         "roles": "、".join(BY_CODE[role].label if role in BY_CODE else "系统" for role in move.roles),
         "lacks": lacks, "ready": not lacks and bool(move.needs), "mine": frame.actor.role in move.roles}
        for lacks, move in best.values()
    ]  # fmt: skip


def needs(move: Move, frame: Frame) -> list[dict[str, Any]]:
    """The checklist of one way; whether an approval is still in force is asked once there is one."""
    asked = [need for need in move.needs if need is not IN_FORCE or proposing.Kind.EXEMPT in frame.facts.agreed]
    return [{"label": frame.numbers.fill(need.label), "done": need.holds(frame.facts, frame.numbers)} for need in asked]


def asks(frame: Frame) -> list[dict[str, Any]]:
    """What this post may ask for now, each with its form; not what is waiting already, nor an exemption, which has its own form of application."""
    told, place = [], {"has_school": frame.facts.has_school}
    for kind, ask in proposing.BY_KIND.items():
        offered, early = possible(frame, kind)
        asks_here = frame.actor.role in proposing.askers(kind, **place)
        if (offered or early) and kind != proposing.Kind.EXEMPT and asks_here and kind not in frame.facts.asked:
            form = frame.bound.get(f"ask_{kind}") or AskForm(kind=kind, grounds=offered)
            told.append(
                {
                    "kind": ask.kind,
                    "form": form,
                    "offered": offered,
                    "early": early,
                    "who": "、".join(BY_CODE[role].label for role in proposing.deciders(kind, **place)),
                }
            )
    return told


def possible(frame: Frame, kind: str) -> tuple[list[proposing.Basis], list[str]]:
    """The grounds on which something may be asked for now; of closing, what those that must wait still lack is said beside it."""
    offered = list(grounds(frame.case.standing, kind))
    if kind != proposing.Kind.CLOSE:
        return offered, []
    lacks = {one.code: lacks_of(frame, one) for one in offered}
    early = [f"“{one.label}”还不能提出，缺：{'；'.join(lacks[one.code])}。" for one in offered if lacks[one.code]]
    return [one for one in offered if not lacks[one.code]], early


def lacks_of(frame: Frame, basis: proposing.Basis) -> list[str]:
    """What closing on a ground would still lack once two people had signed."""
    signed = Agreed(basis.code, frame.today)
    return lacking(frame.case.standing, State.CLOSED, kind=proposing.Kind.CLOSE, signature=signed, facts=frame.facts, numbers=frame.numbers)


def waiting(frame: Frame) -> list[dict[str, Any]]:
    """What waits for its second signature, with the form for whoever may give it."""
    actor, told = frame.actor, []
    for one in Proposal.objects.filter(case=frame.case, decided_at=None).select_related("entry"):
        roles = proposing.deciders(one.kind, has_school=frame.facts.has_school)
        decides = actor.may(Right.DECIDE_CASE) and actor.role in roles and one.asked_user_id != actor.user_id
        form = frame.bound.get(f"decide_{one.pk}") or DecideForm(auto_id=f"decide{one.pk}_%s")
        deciders = "、".join(BY_CODE[role].label for role in roles)
        told.append({"one": one, "form": form if decides else None, "deciders": deciders, "own": one.asked_user_id == actor.user_id,
                     "text": one.words(one.text, medical=frame.reader.papers),
                     "due": signed_by(frame, one.kind)})  # fmt: skip
    return told


def signed_by(frame: Frame, kind: str) -> date | None:
    """The last day for a second signature: where that is what comes next in the case, the day the case itself names."""
    return frame.case.due_on if frame.case.task == f"decide_{kind}" else frame.book.signed_by(frame.case, kind)


def entries(frame: Frame) -> list[dict[str, Any]]:
    """The ledger, the newest line first, each with its files and its corrections."""
    files: dict[int, list[dict[str, Any]]] = {}
    for one in Attachment.objects.filter(case=frame.case):
        closed = one.is_medical and not frame.reader.papers
        told = {"name": one.title(medical=frame.reader.papers), "url": "" if closed else reverse("case_attachment", args=[one.pk]), "size": one.size}
        files.setdefault(one.entry_id, []).append(told)
    lines = list(frame.case.ledger.order_by("-pk"))
    corrected = {line.corrects_id for line in lines if line.corrects_id}
    return [line_of(line, line.words(medical=frame.reader.papers), files.get(line.pk, []), is_corrected=line.pk in corrected) for line in lines]


def line_of(entry: CaseEntry, text: str, files: list[dict[str, Any]], *, is_corrected: bool) -> dict[str, Any]:
    """One line of the ledger; a later entry says when it was written down."""
    when, written = cn_date(entry.happened_on), cn_date(entry.written_at)
    return {
        "pk": entry.pk, "when": when if when == written else f"{when}（{written} 登记）", "tone": TONES.get(entry.kind, ""), "files": files,
        "who": " · ".join(filter(None, (entry.by_name, entry.by_title))), "what": entry.get_kind_display(), "text": text,
        "is_corrected": is_corrected, "by_hand": entry.kind not in OF_SYSTEM and entry.by_name != SYSTEM.name,
    }  # fmt: skip
