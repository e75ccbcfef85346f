"""How long a text of a megabyte takes to be read, whatever is in it: the worst of many first.

    python -m benchmarks.understanding [instance/postcodes.idx]

Each is read as a text to the line, answered as `flask branches text` answers it, and taken for a
postcode. Beside them, in the same run: the same megabyte put into lower case.
"""

import csv
import random
import sys
import tempfile
import time
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path

from flask import Flask

from app import create_app
from benchmarks import _rig
from branches.locating import parse
from branches.postcodes import NotAnIndex, NotAPostcode, Postcode, PostcodeIndex
from branches.texting.understanding import understand
from config import ROOT, Settings

LONG, BRANCHES, TOLD, TRIES, MIXED = 1_000_000, 300, 8, 3, 150
MOST_MS = 50.0
CORPUS = ROOT / "tests" / "branches" / "texting"

# What is said over and over; the names are for the report.
REPEATED = {
    "figures": "1234567890",
    "one figure": "0",
    "letters": "abcdefghij",
    "one letter": "a",
    "capitals": "E",
    "a postcode": "E11 1AA ",
    "a postcode without a space": "E111AA",
    "an unknown postcode": "QQ1 1AA ",
    "nearly a postcode": "E11 1A ",
    "nearly postcodes": "E1 11 1A A1 AA E11 AA1 ",
    "O and 0, I, l and 1": "EO1 OIlL0 l1I ",
    "O and 0 without a space": "O0Il1L",
    "outcodes": "E11 ",
    "short outcodes": "E1 ",
    "letter and figure": "a1",
    "letter, figure and space": "a 1 ",
    "spaces": " ",
    "newlines": "\n",
    "tabs and newlines": "\t\r\n",
    "full stops": ".",
    "commas": ", ",
    "hyphens": "-",
    "apostrophes": "'",
    "underscores": "_",
    "question marks": "? ",
    "all punctuation": "!\"#$%&'()*+,-./:;<=>?@[]^_`{|}~",
    "zero-width spaces": "\u200b",
    "zero-width within": "E\u200b1\u200b1 \u200b1AA ",
    "marks of direction": "\u202eE11\u202c 1AA",
    "combining marks": "a\u0301\u0302\u0303",
    "one letter, many marks": "\u0301",
    "marks out of order": "a\u0323\u0307\u031b",
    "what one letter becomes many": "\ufdfa",
    "ligatures": "\ufb03\u2160\u00bd",
    "hangul": "\u1112\u1161\u11ab",
    "emoji": "\U0001f600",
    "joined emoji": "\U0001f468\u200d\U0001f469\u200d\U0001f467",
    "figures as emoji": "1\ufe0f\u20e3",
    "full-width": "\uff25\uff11\uff11\u3000\uff11\uff21\uff21 ",
    "mathematical letters": "\U0001d404\U0001d7cf ",
    "right to left": "\u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627 ",
    "long s and sharp s": "\u017f\u00df\u0130\u0131",
    "lone surrogates": "\ud800",
    "control characters": "\x00\x07\x1b",
    "addresses": "a@b.co ",
    "nearly addresses": "a@",
    "many points": "a.",
    "web addresses": "http://example.org/x ",
    "nearly web addresses": "www.",
    "telephone numbers": "+44 7700 900123 ",
    "nearly telephone numbers": "+4(4) 7-",
    "pluses": "+",
    "zeros with marks": "0 .",
    "signatures": "Sent from my iPhone ",
    "nearly signatures": "sent from my ",
    "galaxies": "get galaxy s1 ",
    "machines": "automatic reply out of office ",
    "stop": "STOP ",
    "nearly stop": "stop the texts now ",
    "names": "Jo Smith ",
    "initials": "J. R. R. ",
    "my name is": "my name is Jo ",
    "not": "not E11 1AA but ",
    "or": "E11 1AA or E17 4RH or ",
    "house numbers": "14 St Mark's Road ",
    "flats": "Flat 2, 14 Broadway ",
    "forces": "BFPO 57 ",
    "long-drawn": "helloooooo ",
}
LETTERS = "aE1O0Il .,-'\n_@+/\u200b\u0301\u00e9\U0001f600\uff25"


def texts() -> dict[str, str]:
    """Give every kind of text, each of them a megabyte."""
    luck = random.Random(4)  # noqa: S311 -- any texts will do
    found = {name: over_and_over(part) for name, part in REPEATED.items()}
    for file in ("texts.csv", "more_texts.csv"):
        rows = csv.DictReader((CORPUS / file).read_text(encoding="utf-8").splitlines())
        found[file] = over_and_over("".join(row["text"] + " " for row in rows))
    found["any Unicode"] = "".join(chr(luck.randrange(0x110000)) for _ in range(LONG))
    for number in range(MIXED):
        found[f"mixture {number}"] = over_and_over(
            "".join(luck.choices([*REPEATED.values(), *LETTERS], k=luck.randrange(2, 9)))
        )
    return found


def over_and_over(part: str) -> str:
    """Repeat a text until it is long enough."""
    return (part * (LONG // len(part) + 1))[:LONG]


def best(call: Callable[[str], object], text: str) -> float:
    """Milliseconds of the processor that a call takes, in the best of some tries."""
    took = []
    for _ in range(TRIES):
        began = time.thread_time()
        call(text)
        took.append(time.thread_time() - began)
    return min(took) * 1e3


def answered(app: Flask) -> Callable[[str], object]:
    """Give the command, as it is shipped, in this process."""
    runner = app.test_cli_runner()

    def ask(text: str) -> None:
        done = runner.invoke(args=["branches", "text", "--json", "--", text])
        if done.exit_code:
            raise SystemExit(f"not answered: {done.output or done.exception!r}")

    return ask


def taken_for_a_postcode(index: PostcodeIndex) -> Callable[[str], object]:
    """Give both ways in which what somebody typed is taken for a postcode."""

    def take(text: str) -> None:
        for way in (Postcode.parse, lambda typed: parse(typed, index)):
            try:
                way(text)
            except NotAPostcode:
                continue

    return take


def measure(folder: str, index: PostcodeIndex, path: Path) -> int:
    """Measure every way, and print the worst; 1 when one takes too long."""
    url = f"sqlite:///{folder}/service.db"
    _rig.fill(url, index, _rig.picked(path, 10 * BRANCHES), BRANCHES)
    settings = {"DATABASE_URL": url, "POSTCODE_INDEX": str(path.resolve())}
    app = create_app(Settings.read(settings | {"SECRET_KEY": "for measuring"}))
    long = texts()
    plain = max(best(str.lower, text) for text in long.values())
    slow = 0
    for name, call in (
        ("understand", lambda text: understand(text, index)),
        ("branches text", answered(app)),
        ("as a postcode", taken_for_a_postcode(index)),
    ):
        took = {kind: best(call, text) for kind, text in long.items()}
        worst = sorted(took.items(), key=itemgetter(1), reverse=True)
        slow += sum(each > MOST_MS for each in took.values())
        half = worst[len(worst) // 2][1]
        sys.stdout.write(
            f"{name}: {len(took)} kinds of text of 1 MB, half of them in {half:.2f} ms,"
            f" the worst in {worst[0][1]:.2f} ms: {worst[0][1] / plain:.1f} times str.lower\n"
        )
        for kind, each in worst[:TOLD]:
            sys.stdout.write(f"    {each:8.3f} ms  {kind}\n")
    app.extensions["database"].engine.dispose()
    return 1 if slow else 0


def main() -> int:
    """Measure and print; 1 when there is no index, or a text takes too long."""
    path = Path(sys.argv[1] if len(sys.argv) > 1 else "instance/postcodes.idx")
    try:
        index = PostcodeIndex.open(path)
    except NotAnIndex as fault:
        sys.stderr.write(f"{fault}\n")
        return 1
    with tempfile.TemporaryDirectory() as folder:
        return measure(folder, index, path)


if __name__ == "__main__":
    raise SystemExit(main())
