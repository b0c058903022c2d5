"""Every address × role × target × method, against the table that people wrote (tests/access/table.py), and no foreign word anywhere."""

from __future__ import annotations

import logging
import re
import uuid
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client, override_settings
from django.test.client import ClientHandler
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.core.pages import Page
from apps.registers.layouts.words import SITUATIONS
from tests.access import school_day
from tests.access import world as worlds
from tests.access.reading import LONG, foreign, once_a_paper, text_of
from tests.access.table import ADMIN, ALL, LEAD_BACK, NO_FILE, OPEN, Row
from tests.access.whole import ARGUMENTS, FORMS, TABLE
from tests.access.world import World
from tests.cast import TODAY

pytestmark = pytest.mark.django_db  # each test inside the one transaction of the world
ROLES = ALL.split()
HANDLER = ClientHandler(enforce_csrf_checks=False)
WRITES = """SELECT sum(pg_stat_get_xact_tuples_inserted(oid) + pg_stat_get_xact_tuples_updated(oid) + pg_stat_get_xact_tuples_deleted(oid)) FROM pg_class
WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND relname <> ALL(%s)"""  # a join less than the view
NOT_COUNTED = ["audit_submission", "django_session"]  # the key of the form itself, and Django's own
counted = [0]  # rows written in this transaction up to the last answer
EMPTY = {"audit.Submission": "made by posting", "schools.TermSpan": "no child in it", "attendance.Seating": "no child in it"}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """Built once; every request is undone after its answer is read."""
    folder: Path = tmp_path_factory.mktemp("matrix")
    edge = override_settings(PINNED_TODAY=TODAY, UPLOAD_DIR=folder, STATIC_ROOT=folder)
    with django_db_blocker.unblock(), edge, transaction.atomic(), pytest.MonkeyPatch.context() as patch:
        once_a_paper(patch)
        patch.setattr(logging.getLogger("django.request"), "disabled", True)  # thousands of answers are refusals, and looked at
        made = worlds.build(folder)
        (folder / "proofs").mkdir()
        for target, stored in chain.from_iterable(made.rows[kind].items() for kind in ("proof name", "leave proof name", "attachment name")):
            (folder / "proofs" / stored).write_bytes(b"%PDF-1.7 " + made.word(f"child {target}").encode())
        written()
        yield made
        transaction.set_rollback(True)


@pytest.fixture(params=ROLES)
def role(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def addresses(patterns: Any, prefix: str = "") -> Iterator[tuple[str, str, URLPattern]]:
    """(name, whole pattern, address) of the whole URLconf; names in the admin carry its namespace."""
    for entry in patterns:
        if isinstance(entry, URLResolver):
            yield from addresses(entry.url_patterns, prefix + str(entry.pattern))
        else:
            name = entry.name or str(prefix + str(entry.pattern))
            yield (f"admin:{name}" if prefix.startswith("admin/") else name), prefix + str(entry.pattern), entry


NAMED = list(addresses(get_resolver().url_patterns))
OF_PAGE = {name: entry.callback.page for name, _, entry in NAMED if hasattr(entry.callback, "page")}
OURS = [name for name, _, _ in NAMED if not name.startswith("admin:") and name not in OPEN]
KIND_OF = {
    name: next((ARGUMENTS[argument] for argument in entry.pattern.converters if argument != "run_id" or len(entry.pattern.converters) == 1), "")
    for name, _, entry in NAMED
    if not name.startswith("admin:") and set(entry.pattern.converters) <= set(ARGUMENTS)
}


def test_every_address_is_declared_and_in_the_table() -> None:
    assert not [pattern for _, pattern, entry in NAMED if not isinstance(getattr(entry.callback, "page", None), Page)]
    arguments = {a for _, _, entry in NAMED for a in chain(entry.pattern.converters, entry.pattern.regex.groupindex)}
    assert arguments == set(ARGUMENTS)
    assert set(OURS) - {"styleguide"} == set(TABLE)
    told = {name.removeprefix("admin:").rsplit("_", 1)[0] for name, _, _ in NAMED if name.endswith("_changelist")}
    assert told == set(ADMIN)
    for name, _, entry in NAMED:
        if name in TABLE:
            taken = {method for method, status in (("GET", TABLE[name].get), ("POST", TABLE[name].post)) if status != 405}
            assert set(entry.callback.page.methods) == taken, name


def test_every_table_about_a_child_has_words(world: World) -> None:
    about = ("students", "registers", "attendance", "reconciliation", "cases", "reporting", "audit")
    missing = {m._meta.label for label in about for m in apps.get_app_config(label).get_models() if not m._default_manager.exists()}
    assert missing == {label for label in EMPTY if not label.startswith("schools")}


def url_of(world: World, name: str, target: str) -> str:
    """The address of a target; '' for an address without an argument."""
    kind = KIND_OF[name]
    if name == "run_roster_file":
        run = world.rows["run"]["home"]
        return reverse(name, args=[run, world.rows["school"][target], "not_returned"])
    return reverse(name, args=[world.rows[kind][target]] if kind else [])


def targets_of(world: World, name: str, role: str = "", method: str = "GET") -> list[str]:
    """Everything the argument of an address may name. The nearest one will do for a role without the right and for a method that is not
    taken: ``@page`` (apps/core/pages.py) refuses both before it calls the view, which alone looks at the argument."""
    found = list(world.rows["school" if name == "run_roster_file" else KIND_OF[name]]) if KIND_OF[name] else [""]
    row = TABLE[name]
    looked_at = role in row.who.split() and (row.get if method == "GET" else row.post) != 405
    return found if looked_at else found[:1]


def enter(world: World, who: str) -> Any:
    """A browser of a role at home; that the log-in wrote is no answer's doing."""
    browser = worlds.client_of(world, who)
    written()
    return browser


def ask(browser: Client, method: str, url: str, data: dict[str, Any] | None = None) -> tuple[Any, str, int]:
    """The answer, its text, and how many rows it wrote; the database is as before."""
    plain = Client()
    plain.handler = HANDLER  # its middleware is made once
    if session := browser.cookies.get("sessionid"):
        plain.cookies["sessionid"] = session.value  # each request by itself
    with transaction.atomic():
        answer = plain.generic(method, url) if data is None and method != "GET" else getattr(plain, method.lower())(url, data or {})
        text, rows = text_of(answer), written()
        transaction.set_rollback(True)
    return answer, text, rows


def written() -> int:
    """How many rows were written since this was last asked: what is undone stays in the count."""
    with connection.cursor() as cursor:
        cursor.execute(WRITES, [NOT_COUNTED])
        before, counted[0] = counted[0], int(cursor.fetchone()[0])
    return counted[0] - before


def form_for(world: World, name: str, target: str, role: str) -> dict[str, Any]:
    """What a person would send from that page, with a fresh key."""
    home = world.cast.home
    file = SimpleUploadedFile("名册.csv", "姓名,身份证号\n测,1\n".encode())
    forms: dict[str, dict[str, Any]] = {
        "switch_post": {"post": home.posts[role].pk if target == "own" else world.rows["post"].get(target, 0)},
        "hand_over": {"to_user": home.posts["village"].user_id, "on_day": "2026-11-30"},
        "register_report": {
            "name": "杨测", "sex": "女", "guardian_name": "杨父", "address": "测试路", "situation": SITUATIONS["never_enrolled"], "township": home.townships[0].code,
            "village": "一村",
        },
        "register_upload": {"term": "2026-2027-1", "file": file},
        "register_headings": {"heading_0": "remark"},
        "register_missing": {"default": "see_comparison"},
        "register_commit": {"expected_base": "0"},
        "run_start": {"term": "2026-2027-1"},
        "run_sign": {"reason": "已逐一核对，余项下次处理"},
        "roll_class": school_day.roll_form(world.rows["room"].get(target, 0)),
        "finding_show": {"outcome": "attending", "explanation": "已到校核实"},
        "doubtful_show": {"answer": "different", "note": "已问监护人"},
        **FORMS,
        "child_reveal": {"reason": "核对学籍信息"},
        "contact_new": {"result": "unreached", "way": "phone", "at": f"{TODAY}T00:01"},
        "leave_new": {"kind": "sick", "first_day": "2026-12-07", "last_day": "2026-12-08", "facts": "手术", "guardian_name": "杨父"},
        "leave_decide": {"answer": "yes"},
        "leave_proof_add": {"proofs": SimpleUploadedFile("病历.pdf", b"%PDF-1.7")},
        "leave_return": {"on": str(TODAY)},
    }  # fmt: skip
    return {"_key": str(uuid.uuid4()), **forms.get(name, {})}


def seen(row: Row, name: str, role: str, target: str) -> bool:
    return role not in row.closed.split() and (row.seen is None or target in row.seen.get(role, "").split())


def test_pages_open_for_those_in_the_table_alone(world: World, role: str) -> None:
    browser, wrong = enter(world, role), []
    for name, row in TABLE.items():
        for target in targets_of(world, name, role):
            opens = role in row.who.split() and seen(row, name, role, target)
            expected = row.get if opens else 405 if role in row.who.split() and row.get == 405 else 404
            if expected == 405 and OF_PAGE[name].back:
                expected = 302  # to the page of the same thing
            if opens and (name, target) in LEAD_BACK:
                expected = 302
            if (name, target) in NO_FILE:
                expected = 404
            answer, text, rows = ask(browser, "GET", url_of(world, name, target))
            if answer.status_code != expected:
                wrong.append(f"GET {name} {target}: {answer.status_code}, not {expected}")
            if rows != (row.logged and expected == 200) and not (row.full_numbers and expected == 200):
                wrong.append(f"GET {name} {target} wrote {rows} rows")
            wrong += [f"GET {name} {target} shows {of}" for of in foreign(world, role, text, full_numbers=row.full_numbers and opens)]
    assert not wrong, "\n".join(wrong)


def test_the_words_stand_where_they_may(world: World) -> None:
    """The search above finds something: pages of one's own carry the words, and the file back the full numbers."""
    bureau, liaison = enter(world, "bureau"), enter(world, "liaison")
    for name in ("child_show", "finding_show", "doubtful_show", "case_show", "proof_file"):
        assert world.word("child township") in ask(bureau, "GET", url_of(world, name, "township"))[1], name
    for name in ("child_list", "finding_list", "case_list", "run_children", "third_list"):
        target = "home" if KIND_OF[name] else ""
        assert world.word("child township") in ask(bureau, "GET", url_of(world, name, target))[1], name
    shown = ask(liaison, "GET", reverse("third_list"))[1]
    assert world.word("child own") in shown and world.word("child class") not in shown
    roster = ask(bureau, "GET", url_of(world, "run_roster_file", "township"))[1]
    assert world.word("child township") in roster and world.word("child own") not in roster
    file = ask(bureau, "GET", url_of(world, "register_problems", "school"))[1]
    assert "upload school" in {world.numbers.get(number) for number in LONG.findall(file)}
    assert world.word("upload school") in ask(bureau, "GET", url_of(world, "register_show", "school") + "?tab=new")[1]
    reveal = ask(bureau, "POST", url_of(world, "child_reveal", "own"), form_for(world, "child_reveal", "own", "bureau"))[1]
    assert world.rows["number"]["own"] in reveal


def test_filters_show_nothing_foreign(world: World, role: str) -> None:
    browser, wrong = enter(world, role), []
    far, numbers = world.cast.neighbour, world.rows["number"]
    words = {
        "far_school": world.cast.home.schools[2].pk if role not in ("bureau", "inspector") else far.schools[0].pk,
        "far_township": world.cast.home.townships[1].code if role not in ("bureau", "inspector") else far.townships[0].code,
        "far_village": world.cast.home.villages[1].code, "far_number": numbers["district"], "near_number": numbers["township"],
        "foreign_run": world.rows["run"]["district"], "far_contact": world.rows["contact"]["district"],
    }  # fmt: skip
    for name, row in TABLE.items():
        if role not in row.who.split():
            continue
        for target in targets_of(world, name, role):
            for query in row.also if seen(row, name, role, target) else ():
                asked = query.format(**words)
                answer, text, _ = ask(browser, "GET", f"{url_of(world, name, target)}?{asked}")
                typed = asked.partition("text=")[2]  # what the reader typed stands in the search field again
                if answer.status_code != 200:
                    wrong.append(f"{name} {target} ?{asked}: {answer.status_code}")
                wrong += [f"{name} {target} ?{asked} shows {of}" for of in foreign(world, role, text, own_number=typed)]
    assert not wrong, "\n".join(wrong)


def test_forms_work_for_those_in_the_table_alone(world: World, role: str) -> None:
    browser, wrong = enter(world, role), []
    for name, row in TABLE.items():
        for target in targets_of(world, name, role, "POST"):
            may = role in row.who.split()
            opens = may and seen(row, name, role, target) and role not in row.unknown.split()
            expected = 405 if may and row.post == 405 else 404 if not opens else 422 if role in row.refused.split() else row.post
            answer, text, rows = ask(browser, "POST", url_of(world, name, target), form_for(world, name, target, role))
            if answer.status_code != expected:
                wrong.append(f"POST {name} {target}: {answer.status_code}, not {expected}")
            if rows and expected in (404, 405, 422):
                wrong.append(f"POST {name} {target} wrote {rows} rows")
            own = world.rows["number"].get(target, "") if name in ("child_reveal", "platform_number") and opens else ""
            wrong += [f"POST {name} {target} shows {of}" for of in foreign(world, role, text, own_number=own)]
    assert not wrong, "\n".join(wrong)


def test_findings_ticked_by_hand_are_settled_inside_the_scope_alone(world: World, role: str) -> None:
    if role not in TABLE["finding_settle_many"].who.split():
        return
    browser = enter(world, role)
    near = TABLE["finding_show"].seen[role].split()
    may = near if role not in ("central_school", "township") else []  # a registrar's findings
    for target, finding in world.rows["finding"].items():
        form = {"outcome": "attending", "explanation": "已到校核实"}
        for ticked in ([finding], [finding, world.rows["finding"]["district"]]):
            answer, text, rows = ask(browser, "POST", reverse("finding_settle_many"), {"_key": str(uuid.uuid4()), "finding": ticked, **form})
            settled = target in may and len(ticked) == 1
            assert bool(rows) == settled, (target, ticked)
            assert answer.status_code == (422 if target in near and not settled else 302), (target, ticked)  # refused: the list again, as ticked
            assert not foreign(world, role, text)


def test_other_methods_do_nothing(world: World, role: str) -> None:
    browser, wrong = enter(world, role), []
    for name, row in TABLE.items():
        url = url_of(world, name, targets_of(world, name)[0])
        for method in ("PUT", "DELETE", "PATCH"):
            answer, _, rows = ask(browser, method, url)
            expected = 405 if role in row.who.split() else 404
            if answer.status_code != expected or rows:
                wrong.append(f"{method} {name}: {answer.status_code}, not {expected}; {rows} rows")
    head, _, _ = ask(browser, "HEAD", reverse("child_show", args=[world.rows["child"]["district"]]))
    assert head.status_code == 404 and not wrong, "\n".join(wrong)


@pytest.mark.parametrize("who", ["anonymous", "nobody"])
def test_without_a_post_there_is_nothing(world: World, who: str) -> None:
    browser = Client() if who == "anonymous" else enter(world, who)
    wrong = []
    for name, _, entry in NAMED:
        if name in OPEN or name == "styleguide":
            continue
        arguments = admin_arguments(world, name, entry)[0] if name.startswith("admin:") else []
        url = (
            (reverse(name, args=arguments) if ":" in name and not name.endswith("/") else "/admin/schools/school/1/")
            if name not in TABLE
            else url_of(world, name, targets_of(world, name)[0])
        )
        for method in ("GET", "POST"):
            answer, text, rows = ask(browser, method, url, {})
            expected = 302 if who == "anonymous" else 403
            if answer.status_code != expected or (who == "anonymous" and not answer.headers["Location"].startswith("/login/")):
                wrong.append(f"{method} {url}: {answer.status_code}")
            wrong += [f"{method} {url} shows {of}" for of in foreign(world, "nobody", text)] + ([f"{method} {url} wrote"] if rows else [])
    for name, (anonymous, known, _) in OPEN.items():
        assert ask(browser, "GET", reverse(name))[0].status_code == (anonymous if who == "anonymous" else known), name
    assert not wrong, "\n".join(wrong)


def admin_arguments(world: World, name: str, entry: URLPattern) -> list[list[Any]]:
    """The arguments of an address of the admin: our row, the other district's row."""
    if "app_label" in entry.pattern.regex.groupindex:
        return [["schools"]]
    if "object_id" not in entry.pattern.converters:
        return [[]]
    table = re.sub(r"^admin:|_(history|delete|change)$", "", name)
    return [[pk] for pk in world.rows["admin"].get(table, ["1", "1"])]


def admin_answers(what: str, may: list[str]) -> tuple[int, int]:
    """GET on one's own district's row (or list), and on the other district's."""
    return {
        "add": (200 if "add" in may else 403, 0),
        "change": (200, 302),
        "history": (200, 302),
        "delete": (200 if "delete" in may else 403, 302 if "delete" in may else 403),
        "export": (200, 0),
        "import": (200, 0),
        "process_import": (405, 0),
    }.get(what, (200, 0))


def test_the_admin_is_the_administrators_alone(world: World, role: str) -> None:
    browser, wrong = enter(world, role), []
    for name, _, entry in NAMED:
        if not name.startswith("admin:") or name.endswith("/"):
            continue
        places = admin_arguments(world, name, entry)
        for place, arguments in enumerate(places if role == "administrator" else places[:1]):
            for method in ("GET", "POST"):
                answer, text, rows = ask(browser, method, reverse(name, args=arguments), {})
                if role != "administrator" and (answer.status_code != 404 or rows):
                    wrong.append(f"{method} {name}: {answer.status_code}, {rows} rows")
                if answer.status_code >= 500 or (place == 1 and (answer.status_code == 200 or rows)):
                    wrong.append(f"{method} {name} of the other district: {answer.status_code}, {rows} rows")
                wrong += [f"{method} {name} shows {of}" for of in foreign(world, role, text)]
    assert not wrong, "\n".join(wrong)


def test_the_administrator_works_in_the_own_district(world: World) -> None:
    browser, wrong = enter(world, "administrator"), []
    for name, _, entry in NAMED:
        found = re.fullmatch(r"admin:(schools_[a-z]+|accounts_[a-z]+)_(changelist|add|change|history|delete|export|import|process_import)", name)
        if not found:
            continue
        table, what = found.groups()
        for arguments, expected in zip(admin_arguments(world, name, entry), admin_answers(what, ADMIN[table].split()), strict=False):
            answer, _, _ = ask(browser, "GET", reverse(name, args=arguments))
            if answer.status_code != expected:
                wrong.append(f"{name} {arguments}: {answer.status_code}, not {expected}")
    assert not wrong, "\n".join(wrong)


def test_a_first_password_must_be_changed_before_anything(world: World) -> None:
    post = world.cast.post("bureau")
    browser = enter(world, "bureau")
    with transaction.atomic():
        type(post.user).objects.filter(pk=post.user_id).update(must_change_password=True)
        written()
        for name in TABLE:
            answer, text, rows = ask(browser, "GET", url_of(world, name, targets_of(world, name)[0]))
            assert (answer.status_code, answer.headers.get("Location")) == (302, reverse("password_change")), name
            assert not rows and not foreign(world, "nobody", text)
        transaction.set_rollback(True)
