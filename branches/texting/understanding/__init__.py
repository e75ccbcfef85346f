"""What a text to the line means: a pure function of the text and of which postcodes there are."""

from branches.texting.understanding.choosing import choose
from branches.texting.understanding.cleaning import clean, is_picture_only, mask
from branches.texting.understanding.keywords import (
    command,
    is_automatic,
    is_courtesy,
    is_delivery_notice,
)
from branches.texting.understanding.meaning import Kind, KnownPostcodes, Place, Understood
from branches.texting.understanding.naming import first_name, name_in
from branches.texting.understanding.outcodes import outcodes_in
from branches.texting.understanding.places import Found, postcodes_in

__all__ = ["Kind", "KnownPostcodes", "Place", "Understood", "first_name", "understand"]


def understand(text: str, known: KnownPostcodes) -> Understood:
    """Read a text as a person would: a name, a place, a command, a courtesy, or none of these.

    A whole postcode beats every keyword, so that "Don't stop fighting! BN1 1JE" is a lookup. At
    most `cleaning.LONGEST` characters are looked at. Never raises, whatever the text.
    """
    plain = clean(text)
    if is_automatic(plain) or is_picture_only(text):
        return Understood(Kind.NO_REPLY)
    plain = mask(plain)
    postcodes = postcodes_in(plain, known)
    if postcodes:
        return _placed(plain, postcodes, Kind.POSTCODE)
    said = command(plain)
    if said is not None:
        return Understood(said)
    outcodes = outcodes_in(plain, known)
    if outcodes:
        return _placed(plain, outcodes, Kind.OUTCODE)
    if is_courtesy(plain) or is_delivery_notice(plain):
        return Understood(Kind.NO_REPLY)
    return Understood(Kind.ASK_POSTCODE, name_in(plain, ()))


def _placed(text: str, found: tuple[Found, ...], kind: Kind) -> Understood:
    name = name_in(text, tuple((one.start, one.end) for one in found))
    places = choose(text, found)
    return Understood(kind if len(places) == 1 else Kind.CHOOSE, name, places)
