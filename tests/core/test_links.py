"""Links sent by mail: signed, used once, good for a while."""

import datetime as dt
import uuid

import pytest
from itsdangerous import URLSafeSerializer

from core import links
from core.database import Database
from core.links import OPEN, DeadLink
from tests.core.together import together
from tests.fakes import START

KEYS = ("now", "before")
HOUR = dt.timedelta(hours=1)
SECOND = dt.timedelta(seconds=1)
SAM = "sam@example.org"
# One id for all workers, since it stands in the names of tests.
SOME_ID = "5f6c0a3e-2d1b-4b7e-9c55-0d6a1f1f8a10"


@pytest.fixture
def link(database: Database) -> uuid.UUID:
    with database.transaction() as session:
        return links.mint(session, SAM, lifetime=HOUR, now=START)


def use(database: Database, link: uuid.UUID, now: dt.datetime = START) -> str | None:
    try:
        with database.transaction() as session:
            return links.open_with(session, link, now=now)
    except DeadLink:
        return None


def holder(database: Database, link: uuid.UUID, now: dt.datetime = START) -> str | None:
    with database.reading() as session:
        return links.holder(session, link, now=now)


def test_a_token_stands_for_its_link() -> None:
    link = uuid.uuid4()

    assert links.read(links.token(link, KEYS), KEYS) == link


def test_a_token_of_an_older_key_still_counts() -> None:
    link = uuid.uuid4()

    assert links.read(links.token(link, ("before",)), KEYS) == link


@pytest.mark.parametrize("typed", ["", ".", "a.b", "\x00", "é.é", "a" * 100_000, SOME_ID])
def test_nonsense_is_a_dead_link(typed: str) -> None:
    with pytest.raises(DeadLink):
        links.read(typed, KEYS)


@pytest.mark.parametrize(
    ("key", "salt", "value"),
    [
        ("stranger", "access-link", SOME_ID),
        ("now", "form:link", SOME_ID),
        ("now", "access-link", "no id"),
        ("now", "access-link", 7),
        ("now", "access-link", None),
        ("now", "access-link", [SOME_ID]),
        ("now", "access-link", {"id": SOME_ID}),
    ],
)
def test_a_token_that_we_did_not_make_for_this_is_dead(key: str, salt: str, value: object) -> None:
    forged = str(URLSafeSerializer(key, salt=salt).dumps(value))

    with pytest.raises(DeadLink):
        links.read(forged, KEYS)


def test_a_token_with_one_letter_changed_is_dead() -> None:
    token = links.token(uuid.uuid4(), KEYS)
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(DeadLink):
            links.read(token[:place] + other + token[place + 1 :], KEYS)


def test_a_link_opens_the_pages_of_its_address_once(database: Database, link: uuid.UUID) -> None:
    assert use(database, link) == SAM
    assert use(database, link) is None


def test_a_link_used_at_one_moment_by_many_opens_for_one(
    database: Database, link: uuid.UUID
) -> None:
    opened = together(*[lambda: use(database, link)] * 4)

    assert sorted(opened, key=str) == [None, None, None, SAM]


def test_a_link_expires(database: Database, link: uuid.UUID) -> None:
    assert use(database, link, START + HOUR) is None
    assert use(database, link, START + HOUR - SECOND) == SAM


def test_an_unknown_link_opens_nothing(database: Database) -> None:
    assert use(database, uuid.uuid4()) is None
    assert holder(database, uuid.uuid4()) is None


def test_looking_at_a_link_neither_opens_it_nor_uses_it_up(
    database: Database, link: uuid.UUID
) -> None:
    assert holder(database, link) is None
    assert use(database, link) == SAM


def test_the_pages_stay_open_for_an_hour(database: Database, link: uuid.UUID) -> None:
    use(database, link)

    assert holder(database, link, START + OPEN - SECOND) == SAM
    assert holder(database, link, START + OPEN) is None


def test_the_pages_can_be_closed_at_once(database: Database, link: uuid.UUID) -> None:
    use(database, link)

    with database.transaction() as session:
        links.close(session, link, now=START)

    assert holder(database, link) is None
    assert use(database, link) is None
