from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask

from branches.locator import Locator
from branches.room import Room
from core.database import Database
from tests.branches.postcodes.conftest import built_index
from tests.branches.texting.line import Line
from tests.branches.texting.phone import Phone, ringing

__all__ = ["built_index"]


@pytest.fixture
def line(app: Flask, database: Database, small_directory: None, locator: Locator) -> Iterator[Line]:
    room: Room = app.extensions["branches"]
    with app.app_context():
        yield Line(database, replace(room.text_line, locator=locator))


@pytest.fixture(scope="session")
def ringing_phone() -> Iterator[Phone]:
    with ringing() as phone:
        yield phone


@pytest.fixture
def phone(ringing_phone: Phone) -> Phone:
    """The stand-in of the phone, with nothing sent."""
    ringing_phone.forget()
    return ringing_phone
