"""The rules of the house that no linter knows."""

import ast
import re
from pathlib import Path

import pytest
from flask import Flask

from config import ROOT
from core.guards import guard_of
from tests.house import (
    CODE,
    ROOMS,
    Page,
    calls,
    comments,
    every_file,
    files,
    name_of,
    template_of,
    text_of,
    tree_of,
)

MODULE_LINES, FUNCTION_LINES = 300, 40
# Who reads the environment: the settings, and what starts the service before there are any.
READERS_OF_THE_ENVIRONMENT = {
    *("config.py", "app.py", "wsgi.py", "sandbox/__main__.py", "sample/__main__.py"),
    "branches/texting/gammu_hook.py",  # a program of its own, which Gammu hands a text so
}
KNOWS_THE_TIME = {
    "core/clock.py",
    "branches/texting/gammu_hook.py",  # names its files by the time, and has no clock of ours
}
# Identifiers that a macro joins into `aria-describedby`; nobody reads them.
NOT_WORDS = {"-hint -error"}
# Flask's own route for files that anybody may have.
WITHOUT_A_BLUEPRINT = {"static"}
GUARDS = {"anyone", "halfway", "link_holder", "signed_gateway", "staff"}
# Where staff are not signed in yet: form tokens and the check of `Origin` stand there.
DOORS = {"desk_door"}
SLIPS = re.compile("TO" + r"DO|FIX" + r"ME|\bXX" + "X")
MONEY = re.compile(r"pence|amount|money|pounds|fee|target|total", re.IGNORECASE)
TREES = ("sandbox", "tests", "benchmarks", *CODE)


def test_only_the_database_commits() -> None:
    found = [
        name_of(path)
        for path in files(*CODE)
        for name, _call in calls(path)
        if name.endswith(".commit") and name_of(path) != "core/database.py"
    ]

    assert found == []


def test_guards_alone_say_how_far_a_request_reaches() -> None:
    found = {
        name_of(path)
        for path in files(*CODE)
        for name, _call in calls(path)
        if name.rpartition(".")[2] == "ask_for"
    }

    assert found == {"core/guards.py", "staff/door.py"}


def test_the_environment_is_read_at_the_door_only() -> None:
    """Measurements, like tests, hand theirs on to the programs that they start."""
    found = {
        name_of(path)
        for path in files("sandbox", *CODE)
        for node in ast.walk(tree_of(path))
        if (isinstance(node, ast.Attribute) and node.attr in ("environ", "getenv"))
        and ast.unparse(node.value) in ("os", "_os")
    }

    assert found <= READERS_OF_THE_ENVIRONMENT


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_every_route_has_a_guard(app: Flask) -> None:
    routes = {
        f"{rule.rule} {sorted((rule.methods or set()) - {'HEAD', 'OPTIONS'})}": guard_of(
            rule.endpoint.rpartition(".")[0]
        )
        for rule in app.url_map.iter_rules()
        if rule.endpoint not in WITHOUT_A_BLUEPRINT
    }
    listed = "\n".join(
        f"{who.name if who else 'NOBODY':16}{route}" for route, who in routes.items()
    )

    assert len(routes) > 30
    assert all(who is not None for who in routes.values()), listed
    assert {who.name for who in routes.values() if who} <= GUARDS, listed


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_stands_behind_a_link_is_guarded_against_other_sites(app: Flask) -> None:
    behind = {name for name in app.blueprints if (who := guard_of(name)) and who.csrf}

    assert behind == {"mine", *(name for name in app.blueprints if name.startswith("desk"))} - DOORS


def templates(suffix: str) -> list[Path]:
    found = files("templates", suffix=suffix)
    assert found
    return found


def test_every_word_of_a_page_goes_through_gettext() -> None:
    found = {
        name_of(path): faults
        for path in templates(".html")
        if (faults := [*(set(read(path).words) - NOT_WORDS), *template_of(path).literals])
    }

    assert found == {}


def test_every_word_of_a_letter_goes_through_gettext() -> None:
    found = {
        name_of(path): faults
        for path in templates(".txt")
        if (
            faults := re.findall(r"[^\W\d_]{2,}", template_of(path).text.replace("Subject:", ""))
            + template_of(path).literals
        )
    }

    assert found == {}


def test_no_page_holds_style_or_script_of_its_own() -> None:
    pages = [*templates(".html"), *files("sandbox", suffix=".html")]

    assert {name_of(path): page.inline for path in pages if (page := read(path)).inline} == {}


def test_no_page_loads_anything_from_elsewhere() -> None:
    pages = [*templates(".html"), *files("sandbox", suffix=".html")]
    sheets = [*files("static", "sandbox", suffix=".css")]

    assert {name_of(path): page.foreign for path in pages if (page := read(path)).foreign} == {}
    for path in sheets:
        assert not re.search(r"@import|url\(\s*['\"]?([a-z]+:)?//", text_of(path)), name_of(path)


def read(path: Path) -> Page:
    return Page(template_of(path).text)


def test_the_check_of_templates_sees_what_it_should(tmp_path: Path) -> None:
    bad = tmp_path / "bad.html"
    bad.write_text(
        "<p>Words {{ _('are fine') }}</p>{% trans %}<b>Fine</b>{% endtrans %}{# Fine #}"
        "<img alt='Words' src='//elsewhere.example.org/x.png' style='a'>"
        "<p onclick='x'>{{ 'More words' if x else _('Fine', y='Fine words') }}</p>"
        "{{ button('Bad') }}<style></style><script>x</script><input type=submit value=Send>",
        encoding="utf-8",
    )

    page = read(bad)

    assert page.words == ["Words", "alt=Words", "x", "value=Send"]
    assert template_of(bad).literals == ["'More words'", "'Bad'"]
    assert page.inline == ["style", "onclick", "<style>", "<script>"]
    assert page.foreign == ["//elsewhere.example.org/x.png"]


def test_no_module_is_a_monster() -> None:
    sizes = {name_of(path): text_of(path).count("\n") for path in files("sandbox", *CODE)}

    assert {name: size for name, size in sizes.items() if size > MODULE_LINES} == {}


def test_no_function_is_a_monster() -> None:
    found = {
        f"{name_of(path)}:{node.name}": size
        for path in files("sandbox", *CODE)
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and (size := lines_of(node)) > FUNCTION_LINES
    }

    assert found == {}


def lines_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    """Count the lines of a function; its docstring is prose, and may be as long as it must."""
    documented = ast.get_docstring(node) is not None
    prose = (node.body[0].end_lineno or 0) - node.body[0].lineno + 1 if documented else 0
    return (node.end_lineno or 0) - node.lineno + 1 - prose


def test_nothing_is_left_for_later() -> None:
    found = [
        f"{name_of(path)}: {slip[0]}"
        for path in every_file()
        if path.suffix != ".json"
        for slip in SLIPS.finditer(text_of(path))
    ]

    assert found == []


def test_every_exception_to_a_linter_has_its_reason() -> None:
    noqa = re.compile(r"# noqa: [A-Z0-9, ]+ --? \S")
    ignore = re.compile(r"# type: ignore\[[a-z, -]+\]  # \S")
    found = [
        f"{name_of(path)}:{line}: {comment}"
        for path in files(*TREES)
        for line, comment in comments(path)
        if (comment.startswith("# noqa") and not noqa.match(comment))
        or (comment.startswith("# type:") and not ignore.match(comment))
        or re.match(r"# (pragma|isort|ruff|mypy|pylint):", comment)
    ]

    assert found == []


def test_only_the_clock_knows_the_time() -> None:
    asking = re.compile(
        r"\b(datetime|date|dt)\.(now|utcnow|today)$|^time\.(time|time_ns|localtime|gmtime)$"
    )
    found = [
        f"{name_of(path)}:{call.lineno}: {name}"
        for path in files(*CODE)
        for name, call in calls(path)
        if asking.search(name) and name != "clock.now" and name_of(path) not in KNOWS_THE_TIME
    ]

    assert found == []


def test_no_money_is_a_float() -> None:
    found = [
        f"{name_of(path)}:{node.lineno}: {ast.unparse(node)}"
        for path in files("payments", "members", "core/money.py", "core/words.py")
        for node in ast.walk(tree_of(path))
        if isinstance(node, ast.AnnAssign | ast.arg | ast.BinOp | ast.Call)
        and MONEY.search(ast.unparse(node))
        and makes_a_float(node)
    ]

    assert found == []


def makes_a_float(node: ast.AnnAssign | ast.arg | ast.BinOp | ast.Call) -> bool:
    if isinstance(node, ast.BinOp):
        return isinstance(node.op, ast.Div)
    if isinstance(node, ast.Call):
        return ast.unparse(node.func) in ("float", "round")
    return node.annotation is not None and "float" in ast.unparse(node.annotation)


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_every_requirement_is_pinned_and_hashed_and_names_no_place(name: str) -> None:
    text = text_of(ROOT / name)
    entries = re.split(r"\n(?=[a-zA-Z0-9])", text.strip())

    assert len(entries) > 20
    assert not re.search(r"://|--(extra-)?index|--find-links|--trusted-host|^-i ", text)
    for entry in entries:
        assert re.match(r"[a-zA-Z0-9._-]+(\[[a-z,]+\])?==\S+", entry), entry
        assert "--hash=sha256:" in entry, entry


def test_every_direct_requirement_has_its_reason_written_down() -> None:
    reasons = text_of(ROOT / "docs" / "dependencies.md").lower()
    direct = [
        found[0]
        for name in ("requirements.in", "requirements-dev.in")
        for line in text_of(ROOT / name).splitlines()
        if (found := re.match(r"[a-zA-Z0-9._-]+", line)) and not line.startswith("-r")
    ]

    assert len(direct) > 20
    assert [name for name in direct if not re.search(rf"\b{re.escape(name)}\b", reasons)] == []


def test_no_file_names_a_place_on_somebodys_machine() -> None:
    place = re.compile(r"(?<![\w.])/(work|home|Users|root)/\w|\.\./shar" + r"ed\b")
    found = [
        f"{name_of(path)}: {match[0]}"
        for path in every_file()
        for match in place.finditer(text_of(path))
    ]

    assert found == []


def test_no_file_names_the_host_of_a_registry() -> None:
    host = re.compile(r"py" + r"pi\.org|pythonhost" + r"ed\.org|regis" + r"try\.npmjs")
    found = [name_of(path) for path in every_file() if host.search(text_of(path))]

    assert found == []


def test_all_data_that_we_carry_is_in_the_notice() -> None:
    notice = text_of(ROOT / "NOTICE")
    kinds = {".csv", ".tsv", ".json", ".zip", ".idx", ".bin", ".woff", ".woff2", ".png", ".jpg"}
    data = [path for path in every_file() if path.suffix in kinds]

    def named(path: Path) -> bool:
        places = [name_of(path), *(f"{name_of(each)}/" for each in path.parents if each > ROOT)]
        return any(place in notice for place in places)

    assert data
    assert [name_of(path) for path in data if not named(path)] == []


def test_every_room_has_the_same_doors() -> None:
    for room in ROOMS:
        assert "def init_app(" in text_of(ROOT / room / "__init__.py"), room
        assert (ROOT / room / "models.py").exists() or (ROOT / room / "models").is_dir(), room


def test_no_service_takes_the_settings() -> None:
    found = [name_of(path) for path in files("core", *ROOMS) if "import config" in text_of(path)]
    found += [name_of(path) for path in files("core", *ROOMS) if "from config" in text_of(path)]

    assert found == []
