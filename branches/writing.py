"""Writing answers as JSON, quickly: what of them stays the same is written once.

The text is, letter by letter, what `json.dumps` makes of `Presenter.nearest`; a test holds the two
against each other. Only the API needs it, where a hundred answers in a request are mostly writing.
"""

import json

from branches.answers import Answer
from branches.presenting import Presenter
from branches.snapshot import Directory, Near, OpenBranch, OpenRegion

_quoted = json.JSONEncoder().encode


class Writer:
    """Writes answers out of one directory, in one language. Threads may share it."""

    def __init__(self, presenter: Presenter) -> None:
        self._presenter = presenter
        self._found: dict[int, str] = {}
        self._others: dict[int, str] = {}
        self._whose: dict[int | None, str] = {}

    def nearest(self, answer: Answer, query: str) -> str:
        """Write the API's object for an answer to `query`, as it was typed."""
        asked, precision, source, rule, branch, km, others, region, note, also, _ = answer
        pieces = [
            *('{"query": ', _quoted(query), ', "postcode": "', str(asked)),
            *('", "precision": "', precision, '", "source": "', source, '", "rule": "', rule),
            *('", "branch": ', self._branch(branch) if branch else "null"),
            *(', "distance_km": ', "null" if km is None else f"{km:.1f}"),
            *(', "alternatives": [', ", ".join([self._other(one) for one in others])),
            *("], ", self._whose.get(region.id if region else None) or self._of(region)),
        ]
        if note:
            pieces.append(f', "note": "{note}"')
        if also:
            pieces.append(f', "also": {self._other(also)}')
        pieces.append("}")
        return "".join(pieces)

    def _branch(self, branch: OpenBranch) -> str:
        written = self._found.get(branch.id)
        if written is None:
            written = self._found[branch.id] = json.dumps(self._presenter.found(branch))
        return written

    def _other(self, one: Near) -> str:
        branch, km = one
        begin = self._others.get(branch.id)
        if begin is None:
            named = json.dumps({"slug": branch.slug, "name": branch.name})
            begin = self._others[branch.id] = f'{named[:-1]}, "distance_km": '
        return f"{begin}{km:.1f}}}"

    def _of(self, region: OpenRegion | None) -> str:
        """Write whose the answer is: the region, and whom to ring."""
        named = {"slug": region.slug, "name": region.name} if region else None
        contact = self._presenter.contact(region)
        written = json.dumps({"region": named, "contact": contact})[1:-1]
        self._whose[region.id if region else None] = written
        return written


class Writers:
    """The writer of each language, for the directory as it stands."""

    def __init__(self, presenter: Presenter) -> None:
        self._presenter = presenter
        self._made: dict[str, tuple[Directory, Writer]] = {}

    def writer(self, directory: Directory, language: str) -> Writer:
        """Give the writer of this directory; `language` is the one that gettext now speaks."""
        known, writer = self._made.get(language, (None, None))
        if writer is None or known is not directory:
            writer = Writer(self._presenter)
            self._made[language] = directory, writer
        return writer
