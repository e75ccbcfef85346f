"""What the page says of a postcode: how it was read, the answer, and what was done with it."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from branches.api import found_for
from branches.locator import Locator
from branches.postcodes.place_names import place_name
from branches.shapes import Nearest
from branches.snapshot import Directory


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found for a text that somebody typed.

    There is an `answer`, or else a `problem` (a code of the API), and then perhaps the answer for
    its `district`. `whole` is the postcode as it was read, if a whole one was typed; `read_as` what
    was read of the text at all. `place` is what people call the place, None where nobody says.
    `mended` tells that what was read is not what was typed, and `asked` that another source than
    the index is asked for such a postcode.
    """

    answer: Mapping[str, Any] | None = None
    problem: str | None = None
    district: Mapping[str, Any] | None = None
    whole: str | None = None
    read_as: str | None = None
    place: str | None = None
    mended: bool = False
    asked: bool = False


def find(locator: Locator, directory: Directory, query: str) -> Finding:
    """Look a text up. This may call out: never within a transaction.

    Raises:
        IndexMissing: when no index is built.
    """
    found: Mapping[str, Any] = found_for(directory, query)
    problem: str | None = found.get("code")
    answer = None if problem else found
    whole = locator.spelled(query)
    read_as = whole or (answer["postcode"] if answer else None)
    placed = read_as and not (answer and "note" in answer)
    return Finding(
        answer=_with_details(answer, directory),
        problem=problem,
        district=_with_details(found.get("district") if problem else None, directory),
        whole=whole,
        read_as=read_as,
        place=place_name(read_as.split()[0]) if placed and read_as else None,
        mended=read_as is not None and _bare(read_as) != _bare(query),
        asked=_asked(locator, answer, problem, whole),
    )


def _asked(
    locator: Locator, answer: Mapping[str, Any] | None, problem: str | None, whole: str | None
) -> bool:
    """Whether the index lacked it, so that another source is asked where there is one."""
    if whole is None or not locator.asks_elsewhere:
        return False
    if answer is None:
        return problem == "unknown_postcode"
    return answer["source"] != "index" or answer["precision"] in ("sector", "outcode")


def _with_details(
    answer: Nearest | Mapping[str, Any] | None, directory: Directory
) -> dict[str, Any] | None:
    if answer is None:
        return None
    found = answer["branch"]
    slug = found["slug"] if found else None
    branches = (each for each in directory.all_branches() if each.slug == slug)
    return {**answer, "branch_details": next(branches, None)}


def _bare(text: str) -> str:
    """Give the letters and figures of a text alone, however it was typed."""
    plain = unicodedata.normalize("NFKC", text).upper()
    return "".join(letter for letter in plain if letter.isalnum())
