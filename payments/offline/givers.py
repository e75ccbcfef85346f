"""Who an offline giver is: the same person as one of an earlier gift, or somebody new.

Givers are told apart by `Pledge.email_key`: of those who gave an address it is the address's key,
of others a word that no address can be. Nobody is given an address that they did not give.
"""

import hashlib
import unicodedata
import uuid
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.addresses import EmailAddress
from payments.models import Pledge

_TITLES = frozenset(("mr", "mrs", "ms", "miss", "mx", "dr", "rev", "prof", "cllr"))


@dataclass(frozen=True, slots=True)
class Giver:
    """What is known of a giver; all of it may be nothing. `postcode` is in its usual spelling."""

    name: str = ""
    email: EmailAddress | None = None
    postcode: str | None = None

    @property
    def identity(self) -> str:
        """What two entries for one person have in common, as far as was typed."""
        if self.email is not None:
            return self.email.key
        return f"{fold(self.name)}/{self.postcode or ''}"


@dataclass(frozen=True, slots=True)
class Identified:
    """Whose gift it is. `how`: by `email`, `name-and-postcode`, or as somebody `new`.

    `several` says that more than one known person has this name and postcode, so none was taken.
    """

    key: str
    how: str
    several: bool = False


def fold(name: str) -> str:
    """Return a name without what two spellings of it may differ in: case, accents, titles, dots."""
    bare = unicodedata.normalize("NFKD", name).casefold()
    letters = [
        letter if letter.isalnum() else " "
        for letter in bare
        if not unicodedata.combining(letter) and letter not in "'\u2019"
    ]
    return " ".join(word for word in "".join(letters).split() if word not in _TITLES)


def identify(session: Session, giver: Giver) -> Identified:
    """Find out whose gift it is: a known person's, where that is certain, else somebody new's.

    Two who gave a name and postcode alike are the same person; who gave less is always somebody
    new, since nothing says otherwise.
    """
    if giver.email is not None:
        known = select(Pledge.id).where(Pledge.email_key == giver.email.key).limit(1)
        return Identified(giver.email.key, "email" if session.scalar(known) else "new")
    if not fold(giver.name) or giver.postcode is None:
        return Identified(f"offline:{uuid.uuid4().hex}", "new")
    neighbours = select(Pledge.email_key, Pledge.name).where(Pledge.postcode == giver.postcode)
    keys = {key for key, name in session.execute(neighbours) if fold(name) == fold(giver.name)}
    addresses = {key for key in keys if "@" in key}
    if len(addresses) == 1:
        return Identified(addresses.pop(), "name-and-postcode")
    own = _key(giver)
    return Identified(own, "name-and-postcode" if own in keys else "new", len(addresses) > 1)


def _key(giver: Giver) -> str:
    """Return the key of one who gave no address: the same for the same name and postcode."""
    told = f"{fold(giver.name)}\n{giver.postcode}".encode()
    return f"offline:{hashlib.sha256(told).hexdigest()[:32]}"
