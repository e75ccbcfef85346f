"""No regular expression of ours can be made slow by what somebody sends.

Two ways of looking, since neither sees all: regexploit reasons about the pattern (cubic and worse),
and a measurement feeds each one what makes patterns slow (quadratic, and choices that overlap).
"""

import ast
import importlib
import re
import string
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import product

import pytest

from branches.postcodes import columns
from config import ROOT
from tests.house import CODE

with warnings.catch_warnings():
    # It stands on sre_constants and sre_parse, which Python 3.11 calls by other names.
    warnings.simplefilter("ignore", DeprecationWarning)
    from regexploit.ast.sre import SreOpParser  # type: ignore[import-untyped]  # it has no types
    from regexploit.redos import find  # type: ignore[import-untyped]  # likewise

# Where a pattern is handed in by a variable: all that it can hold.
_HANDED_IN = {("branches.postcodes.columns", "wanted"): "|".join(columns._NAMES.values())}
_COMPILES = {"compile", "match", "fullmatch", "search", "sub", "subn", "split", "findall"}
_COMPILES |= {"finditer"}
_SHORT, _LONGER, _LONG = (22, 28), (512, 2048), 16_384
_SECONDS = 0.1  # for what takes a thousandth where it is linear
_SECONDS_LONG = 0.25


@dataclass(frozen=True, slots=True)
class Pattern:
    """A regular expression, where it stands, and whether it is looked for throughout a text."""

    where: str
    text: str
    flags: int = 0
    searched: bool = True

    def __str__(self) -> str:
        return f"{self.where}: {self.text}"


class Unread(AssertionError):
    """A pattern that cannot be found out by reading: give it a name on the module's level."""


@cache
def every_pattern() -> tuple[Pattern, ...]:
    found: list[Pattern] = []
    for part in CODE:
        path = ROOT / part
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            found += _in(".".join(file.relative_to(ROOT).with_suffix("").parts), file.read_text())
    return tuple(found)


def _in(module: str, source: str) -> Iterator[Pattern]:
    tree = ast.parse(source)
    from_the_start = _matched_from_the_start(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            pattern, flags = _pattern_of(node)
            if pattern is not None:
                yield Pattern(
                    f"{module}:{node.lineno}",
                    _value(module, pattern),
                    int(eval(ast.unparse(flags), {"re": re})) if flags else 0,  # noqa: S307 -- our own source
                    searched=node not in from_the_start,
                )


def _matched_from_the_start(tree: ast.Module) -> set[ast.expr]:
    """Give the calls that make patterns of which nothing is asked but `match` and `fullmatch`."""
    asked: dict[str, set[str]] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            asked.setdefault(node.value.id, set()).add(node.attr)
    made = {
        node.targets[0].id: node.value
        for node in tree.body
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)
    }
    # One that goes by another name, as in a loop, is asked what any other name is asked.
    others = set().union(*(asks for name, asks in asked.items() if name not in {*made, "re"}))
    return {
        made[name]
        for name in made
        if name.startswith("_")  # another module may ask anything of a public one
        and (asked.get(name) or others) & _COMPILES <= {"match", "fullmatch"}
    }


def _pattern_of(call: ast.Call) -> tuple[ast.expr | None, ast.expr | None]:
    """Give the pattern of a call that takes one, and its flags."""
    match call.func:
        case ast.Attribute(value=ast.Name(id="re"), attr=name) if name in _COMPILES:
            flags = call.args[1] if name == "compile" and len(call.args) > 1 else None
            return call.args[0], flags
        case ast.Name(id="Regexp") | ast.Attribute(attr="Regexp"):
            return call.args[0], None
    named = [word.value for word in call.keywords if word.arg == "pattern"]
    return (named[0] if named else None), None


def _value(module: str, pattern: ast.expr) -> str:
    written = ast.unparse(pattern)
    if (module, written) in _HANDED_IN:
        return _HANDED_IN[module, written]
    try:
        value = eval(written, vars(importlib.import_module(module)))  # noqa: S307 -- our own source
    except NameError:
        raise Unread(f"{module}: {written}") from None
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def reasoned(pattern: Pattern) -> list[str]:
    """Say what makes it slow, by regexploit's reasoning."""
    tree = SreOpParser().parse_sre(pattern.text, pattern.flags)
    return [each.example() for each in find(tree)] if tree is not None else []


def measured(pattern: Pattern) -> list[str]:
    """Say what makes it slow, as measured: each of many letters, words and pairs, many times."""
    compiled = re.compile(pattern.text, pattern.flags)
    unbounded = any(mark in pattern.text for mark in "*+") or ",}" in pattern.text
    sizes = (*_SHORT, *_LONGER, _LONG) if unbounded else _SHORT
    found = []
    for pump, size in product(_pumps(pattern.text), sizes):
        text = (pump * size)[: max(size, 256)] + "\x00!"
        seconds = _took(compiled, text, searched=pattern.searched)
        if seconds > (_SECONDS_LONG if size == _LONG else _SECONDS):
            found.append(f"{pump!r} * {size}: {seconds:.2f} s")
            break
    return found


def _pumps(text: str) -> list[str]:
    """Give what to repeat: letters of every kind, the pattern's own signs and words."""
    own = "".join(sorted({char for char in text if char in string.punctuation} - set("\\?*|")))
    singles = ["a", "1", " ", "\n", "A", "\u00e9", *own]
    words = re.findall(r"[A-Za-z]{2,12}", text)[:4]
    return list(dict.fromkeys([*singles, "a1", "a ", ".a", ",111", "-a", "'a", *words]))


def _took(compiled: re.Pattern[str], text: str, *, searched: bool) -> float:
    """Measure this thread's own time: others on the machine do not count."""
    before = time.thread_time()
    compiled.fullmatch(text)
    compiled.match(text)
    if searched:
        for _match in compiled.finditer(text):
            pass
    return time.thread_time() - before


@pytest.mark.parametrize("bad", ["(a+)+$", "a*a*a*b", r"(\d+\s*)+x", "(x+x+)+y"])
def test_the_reasoning_finds_what_is_known_to_blow_up(bad: str) -> None:
    assert reasoned(Pattern("known", bad))


@pytest.mark.parametrize(
    "bad",
    [
        "(a+)+$",
        "(?:a|a)*b",
        "a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a?a{22}b",
        r"\s+$",
        "a*a*b",
    ],
)
def test_the_measurement_finds_what_is_known_to_blow_up(bad: str) -> None:
    assert measured(Pattern("known", bad))


def test_patterns_are_found_wherever_they_stand() -> None:
    source = """
NAME = re.compile(rf"{PART}+")
re.sub(rb"x*", b"", given)
Parameter(pattern=r"^y$")
validators.Regexp("z")
"""
    found = [
        _pattern_of(node) for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)
    ]
    written = {ast.unparse(pattern) for pattern, _flags in found if pattern}

    assert written == {"f'{PART}+'", "b'x*'", "'^y$'", "'z'"}
    with pytest.raises(Unread):
        list(_in("core.money", "re.compile(given)"))


def test_none_of_ours_can_be_made_slow() -> None:
    patterns = every_pattern()

    assert len(patterns) > 60
    assert any("GgIi" in str(pattern) or "[Gg]" in str(pattern) for pattern in patterns)
    assert {str(pattern): slow for pattern in patterns if (slow := reasoned(pattern))} == {}
    assert {str(pattern): slow for pattern in patterns if (slow := measured(pattern))} == {}
