"""What each channel says of a branch, by the very code that says it: page, text and API."""

import json
from dataclasses import dataclass

from branches.answers import Answer, Precision, Rule, Source, UnknownPostcode
from branches.locator import IndexMissing
from branches.postcodes import Postcode
from branches.room import Room
from branches.snapshot import Directory, OpenBranch
from branches.texting.gsm import Segments, segments

_SOMEBODY = "Sam"


@dataclass(frozen=True, slots=True)
class Channels:
    """The reply to a text from the branch's own postcode, what it costs, and the API's object."""

    text: str
    segments: Segments
    api: str


def said(room: Room, directory: Directory, branch: OpenBranch, postcode: str) -> Channels:
    """Give what the text line and the API say to somebody who is sent to this branch."""
    answer = _answer(room, directory, branch, Postcode.parse(postcode))
    text = room.text_line.would_say(Postcode.parse(postcode), answer, _SOMEBODY) or ""
    found = room.presenter.nearest(answer, postcode)
    return Channels(text, segments(text), json.dumps(found, indent=2, ensure_ascii=False))


def _answer(room: Room, directory: Directory, branch: OpenBranch, postcode: Postcode) -> Answer:
    """Give the answer for the branch's postcode, or such a one where it leads elsewhere."""
    try:
        found = room.locator.locating(directory).locate(postcode)
    except (IndexMissing, UnknownPostcode):
        found = None
    if found and found.branch and found.branch.id == branch.id:
        return found
    return Answer(
        query=postcode,
        precision=Precision.POSTCODE,
        source=Source.INDEX,
        rule=Rule.NEAREST,
        branch=branch,
        distance_km=0.0,
        alternatives=(),
        region=branch.region,
        note=None,
        also=None,
        explanation=(),
    )
