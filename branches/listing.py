"""The directory as a page lists it: by region, or from A to Z."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from branches.snapshot import Directory, OpenBranch

_FIGURES = "0-9"


@dataclass(frozen=True, slots=True)
class Part:
    """A region or a letter, and its branches by name; `slug` is the region's, None for letters."""

    name: str
    slug: str | None
    branches: Sequence[OpenBranch]


def by_region(directory: Directory) -> list[Part]:
    """List every region, those without a branch too, in the directory's order."""
    return [
        Part(region.name, region.slug, directory.branches_of(region))
        for region in directory.regions
    ]


def by_name(directory: Directory) -> list[Part]:
    """List the letters that branches begin with, from A to Z; figures before them."""
    branches = sorted(directory.all_branches(), key=lambda each: (_plain(each.name), each.slug))
    return [
        Part(letter, None, tuple(found))
        for letter, found in groupby(branches, key=lambda each: _initial(each.name))
    ]


def _initial(name: str) -> str:
    first = next((letter for letter in _plain(name) if letter.isalnum()), "")
    return first.upper() if first.isalpha() else _FIGURES


def _plain(name: str) -> str:
    """Give a name to sort by: Ŵ with W, small with great, signs before it left out."""
    letters = unicodedata.normalize("NFKD", name).casefold()
    kept = "".join(each for each in letters if not unicodedata.combining(each))
    return kept.lstrip("'\"\u2018\u2019(. ")
