"""What the page says of a place that is known only roughly."""

import pytest

from app import Adapters, create_app
from branches.postcodes import Postcode
from branches.register import Told, Verdict
from config import Settings
from core.database import Database
from tests.fakes import FakeClock, FakeGateway, FakeMailer

pytestmark = pytest.mark.index


class Silent:
    """Another source that is asked and never answers."""

    def ask(self, postcode: Postcode, *, seconds: float) -> Told | None:
        del postcode, seconds
        return Verdict.NO_ANSWER

    def recall(self, postcode: Postcode) -> Told | None:
        del postcode
        return Verdict.NO_ANSWER


@pytest.mark.parametrize(
    ("typed", "asks_for_more"), [("E11 1FG", False), ("E11 1", True), ("E11", True)]
)
def test_nobody_who_gave_a_whole_postcode_is_asked_for_it(
    settings: Settings, database: Database, typed: str, *, asks_for_more: bool
) -> None:
    adapters = Adapters(FakeClock(), database, FakeMailer(), FakeGateway(), Silent())
    page = create_app(settings, adapters).test_client().get(f"/branches?postcode={typed}")
    assert page.status_code == 200
    assert f"We know only roughly where {typed} is." in page.text
    assert ("Your full postcode gives a surer answer" in page.text) is asks_for_more
