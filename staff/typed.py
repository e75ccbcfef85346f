"""What somebody typed at the desk to find people: kept in their session, and out of addresses.

An address stands in histories and logs and can be passed on; a name that was looked for must not.
So what was typed is kept in the browser's cookie, under a key that the address names: the page can
be loaded again, gone back to and marked, by whoever typed it and while they are signed in.
"""

import secrets

from flask import json
from flask import session as browser

_KEPT = "typed"
_MOST = 5
_LONGEST = 2_000  # letters as the cookie writes them, of the 4,096 that a browser keeps


def keep(text: str) -> str:
    """Keep what was typed, and forget what was typed long before; return its key."""
    for key, kept in _all():
        if kept == text:
            return key
    new = (secrets.token_hex(4), text)
    found = [*_all(), new][-_MOST:]
    while len(json.dumps(found)) > _LONGEST and len(found) > 1:
        del found[0]
    browser[_KEPT] = found
    return new[0]


def kept(key: str) -> str:
    """Return what was typed under a key, nothing where it is none or was forgotten."""
    return dict(_all()).get(key, "")


def _all() -> list[tuple[str, str]]:
    return [(key, text) for key, text in browser.get(_KEPT, ())]
