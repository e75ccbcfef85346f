"""Feeding: the wall for machines, as JSON and as Atom (RFC 4287, paged as in RFC 5005)."""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET

from typing_extensions import TypedDict

from payments.wall.showing import Message

_ATOM = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
# Whatever XML 1.0 cannot hold, even escaped (its production 2, Char).
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


class MessageShape(TypedDict):
    """One message on the wall; `given_at` is ISO 8601 in UTC."""

    id: str
    name: str
    message: str
    given_at: str


class WallShape(TypedDict):
    """A page of the wall, newest first; `next` is the address of the page with older messages."""

    appeal: str
    title: str
    messages: list[MessageShape]
    next: str | None


@dataclass(frozen=True, slots=True)
class Feed:
    """What is said of a feed beside its messages, in its reader's language.

    `since` is its date while it has no message; `titled` gives a message its title by the name of
    its giver.
    """

    title: str
    language: str
    page_url: str
    own_url: str
    next_url: str | None
    since: dt.date
    titled: Callable[[str], str]


@dataclass(frozen=True, slots=True)
class Named:
    """A message, with the name that its giver has for a reader."""

    message: Message
    name: str


def shape(named: Named) -> MessageShape:
    """Return a message for JSON."""
    return MessageShape(
        id=str(named.message.id),
        name=named.name,
        message=named.message.text,
        given_at=_moment(named.message.given_at),
    )


def atom(feed: Feed, messages: Sequence[Named]) -> bytes:
    """Write the feed. What XML cannot hold is shown as U+FFFD; every other sign is kept."""
    # The namespace stands as an attribute: ElementTree's own way refuses plain ones beside it.
    root = ET.Element("feed", {"xmlns": _ATOM, _LANG: feed.language})
    _add(root, "id", feed.page_url)
    _add(root, "title", feed.title)
    midnight = dt.datetime.combine(feed.since, dt.time.min, dt.UTC)
    updated = max((each.message.changed_at for each in messages), default=midnight)
    _add(root, "updated", _moment(updated))
    _add(root, "link", rel="self", type="application/atom+xml", href=feed.own_url)
    _add(root, "link", rel="alternate", type="text/html", href=feed.page_url)
    if feed.next_url:
        _add(root, "link", rel="next", type="application/atom+xml", href=feed.next_url)
    for each in messages:
        _entry(root, each, feed.titled(each.name))
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written


def _entry(root: ET.Element, each: Named, title: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", each.message.id.urn)
    _add(entry, "title", title)
    _add(_add(entry, "author"), "name", each.name)
    _add(entry, "published", _moment(each.message.given_at))
    _add(entry, "updated", _moment(each.message.changed_at))
    _add(entry, "content", each.message.text, type="text")


def _add(parent: ET.Element, tag: str, text: str | None = None, **attributes: str) -> ET.Element:
    made = ET.SubElement(parent, tag, attributes)
    made.text = _NOT_XML.sub("\N{REPLACEMENT CHARACTER}", text) if text is not None else None
    return made


def _moment(moment: dt.datetime) -> str:
    """Write a moment as RFC 3339 has it, in UTC."""
    return moment.astimezone(dt.UTC).isoformat().replace("+00:00", "Z")
