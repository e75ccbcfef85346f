"""What the rules of the house are read from: files, syntax trees, comments, templates."""

import ast
import io
import os
import re
import tokenize
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

from jinja2 import Environment

from config import ROOT

ROOMS = ("staff", "branches", "payments", "members")
CODE = ("core", *ROOMS, "sample", "app.py", "config.py", "wsgi.py")
_NOT_OURS = {".git", ".venv", "instance", "__pycache__", "htmlcov", "node_modules"}
_PLACE = "\ufffc"  # stands where a template puts something in
_SPOKEN = {"alt", "title", "placeholder", "aria-label", "aria-description", "label"}
_FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}
_TRANSLATORS = {"_", "gettext", "ngettext", "pgettext"}
_WORDS = re.compile(r"[A-Za-z]{2,} [A-Za-z]{2,}|^[A-Z][a-z]+[.!?]?$")
_JINJA = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)


@cache
def every_file() -> tuple[Path, ...]:
    """Return every file of the project that belongs to its source."""
    found = []
    for folder, folders, files in os.walk(ROOT):
        folders[:] = [
            name
            for name in folders
            if name not in _NOT_OURS and not (name.startswith(".") and name != ".ci")
        ]
        found += [Path(folder, name) for name in files if not name.endswith((".pyc", ".pot"))]
    return tuple(sorted(path for path in found if not path.name.startswith(".coverage")))


def files(*places: str, suffix: str = ".py") -> list[Path]:
    """Return the files with this suffix in these folders, or of these names."""
    wanted = [ROOT / place for place in places]
    return [
        path
        for path in every_file()
        if path.suffix == suffix and any(path == place or place in path.parents for place in wanted)
    ]


def name_of(path: Path) -> str:
    """Return the path as the project says it."""
    return str(path.relative_to(ROOT))


@cache
def text_of(path: Path) -> str:
    """Return the text of a file; nothing where it is not text."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return ""


@cache
def tree_of(path: Path) -> ast.Module:
    """Return the syntax tree of a module."""
    return ast.parse(text_of(path))


def calls(path: Path) -> Iterator[tuple[str, ast.Call]]:
    """Give every call in a module with the dotted name of what is called."""
    for node in ast.walk(tree_of(path)):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


def comments(path: Path) -> Iterator[tuple[int, str]]:
    """Give every comment of a module with its line."""
    for token in tokenize.generate_tokens(io.StringIO(text_of(path)).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


@dataclass(slots=True)
class Template:
    """A template without what Jinja does in it: its text, and the words in its expressions.

    Whatever goes through gettext is gone from both.
    """

    text: str = ""
    literals: list[str] = field(default_factory=list)
    _inside: list[str] = field(default_factory=list)
    _called: list[str] = field(default_factory=list)
    _blocks: list[str] = field(default_factory=list)
    _translating: bool = False

    def take(self, kind: str, value: str) -> None:
        """Take the next token of the template."""
        if kind in ("block_begin", "variable_begin"):
            self._inside, self._called = [kind], []
        elif kind == "variable_end":
            self.text += _PLACE
            self._inside = []
        elif kind == "block_end":
            self._end_of_block(self._inside[1:])
            self._inside = []
        elif kind == "data" and not self._translating:
            self.text += value
        elif self._inside and kind != "whitespace":
            self._note(kind, value)

    def _end_of_block(self, words: list[str]) -> None:
        """Follow what is translated; a block that fills in attributes is read as a tag of them."""
        if words[0] in ("trans", "endtrans"):
            self._translating = words[0] == "trans"
            self.text += _PLACE
        elif words[0] == "block":
            alone = words[1].endswith("_attributes") and self.text[-1:] in ("", "\n")
            self._blocks.append(">" if alone else "")
            self.text += "<main" if alone else ""
        elif words[0] == "endblock":
            self.text += self._blocks.pop()

    def _note(self, kind: str, value: str) -> None:
        """Note a literal in an expression, unless it is given to gettext."""
        if value == "(":
            self._called.append(self._inside[-1])
        elif value == ")":
            self._called.pop()
        elif kind == "string" and not _TRANSLATORS & set(self._called):
            self.literals += [value] * bool(_WORDS.search(value[1:-1]))
        self._inside.append(value)


@cache
def template_of(path: Path) -> Template:
    """Take a template apart."""
    found = Template()
    for _line, kind, value in _JINJA.lex(text_of(path)):
        found.take(kind, value)
    return found


class Page(HTMLParser):
    """Reads what is left of a template as HTML, and collects what breaks a rule."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.inline: list[str] = []
        self.foreign: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at a tag and its attributes."""
        given = {name: value or "" for name, value in attrs}
        spoken = _SPOKEN | ({"value"} if given.get("type") in ("submit", "button") else set())
        spoken |= {"content"} if given.get("name") == "description" else set()
        self.words += [
            f"{name}={given[name]}" for name in spoken & given.keys() if _said(given[name])
        ]
        if tag == "style" or (tag == "script" and "src" not in given):
            self.inline.append(f"<{tag}>")
        self.inline += [name for name in given if name == "style" or name.startswith("on")]
        source = given.get(_FETCHED.get(tag, ""), "")
        if re.match(r"([a-z]+:)?//", source):
            self.foreign.append(source)

    def handle_data(self, data: str) -> None:
        """Look at a text."""
        if _said(data):
            self.words.append(data.replace(_PLACE, "").strip())


def _said(text: str) -> bool:
    return any(letter.isalpha() for letter in text)
