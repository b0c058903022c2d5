"""What keeps the house as ARCHITECTURE.md draws it: checks that read the code. Exceptions stand here with their reason."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps as registry
from django.core.management import call_command, get_commands
from django.db.models import Model
from django.urls import get_resolver

from apps.core.admin_site import patterns
from apps.core.pages import Page

ROOT = Path(__file__).resolve().parent.parent
SOURCES = [p for folder in ("apps", "config", "tests") for p in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in p.parts]
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
QUOTE = re.compile(r"〔.+?〕|《.+?》|GB/T? ?\d+|GB ?\d+|DOMAIN\.md")
CHINESE = re.compile(r"[\u4e00-\u9fff]")

# file -> why it touches a full identity number
FULL_NUMBER = {
    "apps/students/actions.py": "reveal_number: the one way out, with a right and a trace",
    "apps/students/querysets.py": "searching by a number that somebody typed whole; nothing is read",
    "apps/reconciliation/querysets.py": "searching by a number that somebody typed whole; nothing is read",
    "apps/reconciliation/queries/linking.py": "the comparison reads numbers to link rows; they leave it as keys and reasons",
    "apps/registers/actions/children.py": "asks by its key whether a number was seen before; the number itself is not read",
    "apps/registers/actions/lines.py": "the commit writes the numbers that a file brought",
    "apps/registers/actions/undo.py": "undo deletes numbers nobody else holds",
}
# model -> why a row with a district needs no .within(scope)
UNSCOPED = {
    "audit.Event": "pages reach events through a child or object that is in scope",
    "attendance.Seating": "no personal data; says up to which state of the registers the seats were brought",
    "notices.Notice": "reached by the addressed post alone, through .to(actor)",
    "registers.HeadingAlias": "no personal data; read by the reader, keyed by the uploading place",
    "reconciliation.PairDecision": "keys only, no names; read by a run of the whole district",
}
# file -> why it reads the clock below the edge
CLOCKS = {
    "apps/audit/actions.py": "an event happens now, whoever asks",
    "apps/accounts/queries.py": "django-axes asks for the limit and gives no day",
}
# (file, module) -> why it imports another app's views, forms or tasks
FOREIGN_EDGES = {
    ("apps/cases/management/commands/compare.py", "apps.reconciliation.tasks"): "the command lets the workers help with the run it starts",
    ("apps/reporting/forms.py", "apps.cases.forms"): "the ledgers of cases take the very filter of the list of cases",
    ("apps/reporting/views/files.py", "apps.cases.forms"): "the export holds exactly what the list of cases shows",
}
POSITIONAL = {"apps/audit/actions.py": "record(verb, sentence, …) reads as a line of the book"}
UNUSED = {"styleguide.html": "rendered in development"}
# another package's template of the same name -> why ours stands before it
OVERRIDES = {
    "admin/base_site.html": "the acting post, our log-out",
    "admin/app_list.html": "its hidden heads in Chinese",
    "admin/index.html": "the small registers in our look, with the usual errands beside them",
    "admin/import_export/import.html": "faults as sentences, without a traceback; the form key",
    **{f"admin/{name}.html": "the form key" for name in ("change_form", "change_list", "delete_confirmation", "delete_selected_confirmation")},
}


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def public(path: Path) -> list[ast.FunctionDef]:
    """The public functions at the top of a module."""
    body = ast.parse(path.read_text(encoding="utf-8")).body
    return [node for node in body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def room(name: str) -> list[Path]:
    """Every module of a room, file or folder, in all apps."""
    return sorted([*ROOT.glob(f"apps/*/{name}.py"), *ROOT.glob(f"apps/*/{name}/*.py")])


def test_files_stay_short() -> None:
    long = {name_of(p): n for p in [*SOURCES, *TEMPLATES] if (n := len(p.read_text(encoding="utf-8").splitlines())) > 400}
    assert not long


def test_lines_stay_short() -> None:
    product = [p for p in SOURCES if "tests" not in p.parts]  # a truth table reads best with a case a line
    assert not [f"{name_of(p)}:{n}" for p in product for n, line in enumerate(p.read_text(encoding="utf-8").splitlines(), 1) if len(line) > 150]


def test_functions_stay_short() -> None:
    assert not {f"{name_of(p)}:{f.name}": n for p in SOURCES for f in functions(p) if (n := (f.end_lineno or 0) - f.lineno + 1) > 40}


def test_tasks_are_twelve_lines() -> None:
    tasks = [(p, f) for p in room("tasks") for f in functions(p) if any("task" in ast.unparse(d) for d in f.decorator_list)]
    assert not [f"{name_of(p)}:{f.name}" for p, f in tasks if (f.end_lineno or 0) - f.lineno + 1 > 12]


def offered(path: Path) -> list[ast.FunctionDef]:
    """What other modules may call: all of actions.py, or what the folder's __init__ lists."""
    index = path.parent / "__init__.py"
    if path.parent.name != "actions":
        return public(path)
    return [f for f in public(path) if re.search(rf'"{f.name}"', index.read_text(encoding="utf-8"))]


def test_actions_are_called_by_keywords() -> None:
    found = {
        f"{name_of(p)}:{f.name}" for p in room("actions") if name_of(p) not in POSITIONAL for f in offered(p) if f.args.args or f.args.posonlyargs
    }
    assert not found


@pytest.mark.parametrize("name", ["rules", "policy", "comparisons"])
def test_every_rule_quotes_its_article(name: str) -> None:
    def stands(path: Path, f: ast.FunctionDef) -> bool:
        """The function's own quotation; in a comparison the file's is enough, one file is one rule."""
        own = ast.get_docstring(f) or ""
        whole = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or "" if name == "comparisons" else ""
        return bool(QUOTE.search(own + whole))

    assert not [f"{name_of(p)}:{f.name}" for p in room(name) for f in public(p) if not stands(p, f)]


def test_every_address_declares_its_page() -> None:
    views = {str(p.pattern): p.callback for p in patterns(get_resolver().url_patterns)}
    assert not [address for address, view in views.items() if not isinstance(getattr(view, "page", None), Page)]
    assert {v.page.login for v in views.values() if v.page.right is not None} == {True}
    assert {address for address, view in views.items() if not view.page.login} <= {"login/", "healthz/", "sw.js", "styleguide/"}


def ours() -> list[type[Model]]:
    return [m for m in registry.get_models() if m.__module__.startswith("apps.")]


def test_rows_of_a_district_can_be_narrowed() -> None:
    with_district = {m._meta.label: m for m in ours() if any(f.name == "district_code" for f in m._meta.fields)}
    assert {label for label, m in with_district.items() if not hasattr(m._default_manager, "within")} == set(UNSCOPED)


def test_nobody_imports_another_apps_views_forms_or_tasks() -> None:
    imports = re.compile(r"^\s*(?:from|import) (apps\.(\w+)\.(?:views|forms|tasks))\b", re.MULTILINE)
    found = {
        (name_of(p), module)
        for p in ROOT.glob("apps/**/*.py")
        for module, app in imports.findall(p.read_text(encoding="utf-8"))
        if app != p.relative_to(ROOT / "apps").parts[0]
    }
    assert found == set(FOREIGN_EDGES)


def test_every_constraint_has_a_sentence_and_a_test() -> None:
    constraints = [c for m in ours() for c in m._meta.constraints]
    assert not [c.name for c in constraints if not CHINESE.search(str(c.violation_error_message))]
    tests = "\n".join(p.read_text(encoding="utf-8") for p in sorted((ROOT / "tests").rglob("test_*.py")))
    assert not [c.name for c in constraints if f'"{c.name}"' not in tests]


def test_no_template_is_unused() -> None:
    text = "\n".join(p.read_text(encoding="utf-8") for p in [*SOURCES, *TEMPLATES])
    known = {"400.html", "403.html", "404.html", "500.html", *UNUSED}
    names = {p.relative_to(ROOT / "templates").as_posix() for p in TEMPLATES} - known
    theirs = {name for name in names if name.startswith("admin/") and f'"{name}"' not in text.replace(f'extends "{name}"', "")}
    assert theirs <= set(OVERRIDES)
    assert not [name for name in names - theirs if f'"{name}"' not in text and f"'{name}'" not in text]


def test_templates_have_no_inline_style_or_script() -> None:
    inline = re.compile(r'\sstyle="|<style|<script(?![^>]*\ssrc=)|\son[a-z]+="')
    assert not [name_of(p) for p in TEMPLATES if inline.search(p.read_text(encoding="utf-8"))]


def test_the_full_number_is_read_in_named_places_only() -> None:
    reads = re.compile(r"document(__|\.)number|students_iddocument|IdDocument\.objects\.(values|only|filter\(number)")
    found = {name_of(p) for p in SOURCES if p.parts[len(ROOT.parts)] == "apps" and reads.search(p.read_text(encoding="utf-8"))}
    assert found <= set(FULL_NUMBER)


def test_nobody_below_the_edge_reads_the_clock() -> None:
    below = [
        p for name in ("actions", "queries", "querysets", "models", "rules", "workflow", "comparisons", "checks", "matching") for p in room(name)
    ]
    reads = re.compile(r"\bclock\b|timezone\.now|localdate\(\)|datetime\.now|date\.today")
    assert {name_of(p) for p in below if reads.search(code(p))} <= set(CLOCKS)


def code(path: Path) -> str:
    """A module without its docstrings and comments."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node):
            node.body[0] = ast.Expr(ast.Constant(0))
    return ast.unparse(tree)


def test_what_the_readme_names_exists() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    written = {"docs/benchmarks.md"}  # by make bench
    paths = set(re.findall(r"`((?:apps|config|docs|templates|tests|fixtures)/[\w./-]+)`", text)) | set(re.findall(r"\]\(([\w./-]+)\)", text))
    assert len(paths) > 20
    assert not sorted(path for path in paths - written if not (ROOT / path).exists())
    commands = set(re.findall(r"^\| `([a-z_]+)[ `]", text, re.MULTILINE)) - {"bureau", "registrar", "central", "liaison", "registrar2"}
    assert len(commands) > 5
    assert commands <= set(get_commands())
    assert set(re.findall(r"`?make ([a-z-]+)", text)) <= set(
        re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    )


def selectors(sheet: str) -> list[str]:
    """What the rules at the top level of a style sheet are for; those in @media stand apart."""
    flat, depth = "", 0
    for letter in re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL):
        depth += (letter == "{") - (letter == "}")
        flat += letter if depth == 0 else ""
    return [" ".join(one.split()) for one in flat.split("}") if one.strip() and not one.strip().startswith("@")]


def test_no_selector_stands_twice_in_a_style_sheet() -> None:
    """A rule that stands twice is what a merge leaves behind; the later one quietly wins."""
    assert len(selectors((ROOT / "static/app.css").read_text(encoding="utf-8"))) > 200
    for sheet in (ROOT / "static").glob("*.css"):
        found = selectors(sheet.read_text(encoding="utf-8"))
        assert not {one for one in found if found.count(one) > 1}, sheet.name


def test_decisions_stay_short() -> None:
    assert not [p.name for p in (ROOT / "docs/decisions").glob("*.md") if len(p.read_text(encoding="utf-8").splitlines()) > 40]


def test_the_rulebook_is_fresh() -> None:
    call_command("rulebook", check=True)
