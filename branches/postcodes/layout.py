"""The file that the index is: how it is laid out, written at one stroke and checked.

    magic (8 bytes) | SHA-256 of all that follows (32) | length of the description (4)
    | description (JSON) | sections, each on a multiple of 8 bytes

The description names the source, the release and the place of every section. Numbers stand in the
byte order of the machine that built the file, so that they are used where they lie.

Sections:
    keys       one uint32 a sector, ascending: its letters and figures as a number to base 36
    sectors    one `SECTOR` row a sector, in the same order
    centres    one `CENTRE` row a sector, in the same order
    outcodes   one uint32 an outcode, ascending, likewise to base 36
    middles    one `CENTRE` row an outcode, in the same order
    points     one uint32 a postcode: latitude and longitude, each in steps of its sector's
    palettes   uint16 numbers of districts, the commonest of a sector (or outcode) first; where
               constituencies are known, each number is that of a district and a constituency
    choices    which entry of its palette each postcode has, in as few bits as hold it
"""

import hashlib
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from io import BufferedReader
from pathlib import Path
from struct import Struct
from typing import Any

MAGIC = b"GSPOSTC1"
_DIGEST = 32
_LENGTH = Struct("<I")
_HEAD = len(MAGIC) + _DIGEST + _LENGTH.size
_ALIGNED = 8

LETTERS = 26
_UNITS = (LETTERS * LETTERS + 7) // 8
SECTOR = Struct(f"=IIIBffff{_UNITS}s")
"""First point, first of the palette, first byte of the choices, length of the palette; south-west
corner (degrees); steps (degrees); one bit for each of the 676 pairs of letters that may end it."""
CENTRE = Struct("=fffIIH")
"""Latitude, longitude (degrees), radius (metres), postcodes with a place, first of the palette, its
length. No postcode with a place: the first three say nothing."""
NOWHERE = 0xFFFF_FFFF
"""The point of a postcode that exists and has no place."""
STEPS = 0xFFFE
"""The last step of a sector's latitudes or longitudes; one more would be `NOWHERE`."""
_BITS = (0, 0, 1, 2, 2)


class NotAnIndex(Exception):
    """There is no usable postcode index at that path; the words say what is wrong with it."""


@dataclass(frozen=True, slots=True)
class Description:
    """What a file says of itself, and where its sections begin and how long they are."""

    source: str
    release: str
    districts: tuple[str, ...]
    constituencies: tuple[str, ...]
    """One for each of the districts; none where the source did not say them."""
    rows: int
    placeless: int
    sections: Mapping[str, tuple[int, int]]


def bits_for(choices: int) -> int:
    """Bits that one choice out of so many takes: 0, 1, 2, 4 or 8, never across a byte's edge."""
    if choices < len(_BITS):
        return _BITS[choices]
    return 4 if choices <= 1 << 4 else 8


def write(
    output: Path, about: Mapping[str, str | int | list[str]], sections: Mapping[str, bytes]
) -> None:
    """Write a file whole or not at all: beside its place, to the disk, then renamed over it."""
    places: dict[str, tuple[int, int]] = {}
    body = bytearray()
    for name, section in sections.items():
        places[name] = (len(body), len(section))
        body += section + bytes(-len(section) % _ALIGNED)
    described = {**about, "byteorder": sys.byteorder, "sections": places}
    description = json.dumps(described, separators=(",", ":")).encode()
    description += b" " * (-(_HEAD + len(description)) % _ALIGNED)
    rest = _LENGTH.pack(len(description)) + description + body
    output.parent.mkdir(parents=True, exist_ok=True)
    _replace(output, MAGIC + hashlib.sha256(rest).digest() + rest)


def _replace(output: Path, content: bytes) -> None:
    beside, name = tempfile.mkstemp(prefix=f".{output.name}.", dir=output.parent)
    try:
        with os.fdopen(beside, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # mkstemp's are for their owner alone
        Path(name).replace(output)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    folder = os.open(output.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def fingerprint(path: Path) -> str:
    """Give what tells an index from every other, as its file says: 16 characters for a name.

    Raises:
        NotAnIndex: when the file is missing, cannot be read, or is no index.
    """
    try:
        with path.open("rb") as file:
            head = file.read(len(MAGIC) + _DIGEST)
    except FileNotFoundError:
        raise NotAnIndex(f"there is no postcode index at {path}") from None
    except OSError as fault:
        raise NotAnIndex(f"{path} cannot be read: {fault.strerror}") from fault
    if not head.startswith(MAGIC[:-1]) or len(head) < len(MAGIC) + _DIGEST:
        raise NotAnIndex(f"{path}: the file is not a postcode index")
    return head[len(MAGIC) :].hex()[:16]


def check(file: BufferedReader) -> Description:
    """Read a file through and give its description.

    Raises:
        NotAnIndex: when it is something else, another version's, another machine's, or damaged.
    """
    magic = file.read(len(MAGIC))
    if magic != MAGIC:
        if magic[:-1] == MAGIC[:-1]:
            raise NotAnIndex("the index was built by another version of this program")
        raise NotAnIndex("the file is not a postcode index")
    digest = file.read(_DIGEST)
    start = file.tell()
    if hashlib.file_digest(file, "sha256").digest() != digest:
        raise NotAnIndex("the index is damaged or was cut short")
    file.seek(start)
    (length,) = _LENGTH.unpack(file.read(_LENGTH.size))
    described: dict[str, Any] = json.loads(file.read(length))
    if described["byteorder"] != sys.byteorder:
        raise NotAnIndex("the index was built on a machine of another byte order")
    return Description(
        source=described["source"],
        release=described["release"],
        districts=tuple(described["districts"]),
        constituencies=tuple(described.get("constituencies", ())),
        rows=described["rows"],
        placeless=described["placeless"],
        sections={
            name: (_HEAD + length + at, size) for name, (at, size) in described["sections"].items()
        },
    )
