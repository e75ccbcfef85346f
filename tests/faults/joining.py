"""Somebody who joins, by the form."""

import requests
from sqlalchemy import select

from members.models import Member
from tests.faults.house import House, session_in, token_in
from tests.journeys.conftest import SECONDS
from tests.members.conftest import JOINER


def join(house: House, **but: str) -> str:
    """Fill in the form of joining; return the end of the address that it leads to.

    That is the id of the Checkout for the first due, where one was opened.
    """
    page = requests.get(f"{house.url}/join", timeout=SECONDS)
    answer = house.post("/join", {**JOINER, "token": token_in(page.text), **but})
    assert answer.status_code == 303, answer.text
    return session_in(answer.headers["Location"])


def membership(house: House) -> str:
    """Return how the only member stands."""
    with house.database.reading() as session:
        return session.scalars(select(Member)).one().state
