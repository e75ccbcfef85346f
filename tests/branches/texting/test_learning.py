"""A postcode that the index lacks: the text line asks the other source as the web does."""

from dataclasses import dataclass, field

import pytest
from sqlalchemy import select

from app import Adapters, create_app
from branches.models import InboundText
from branches.postcodes import Postcode
from branches.register import Located, Told
from config import Settings
from core.database import Database
from tests.fakes import FakeClock, FakeGateway, FakeMailer


@dataclass
class Knowing:
    """Another source that knows every postcode, and remembers what it was asked."""

    told: dict[Postcode, Told] = field(default_factory=dict)

    def ask(self, postcode: Postcode, *, seconds: float) -> Told | None:
        assert seconds > 0
        self.told[postcode] = Located(51.5834, -0.0195, "E09000031", "E12000007")
        return self.told[postcode]

    def recall(self, postcode: Postcode) -> Told | None:
        return self.told.get(postcode)


@pytest.mark.parametrize(
    ("text", "asked", "outcome"),
    [
        ("Sam Jones ZZ99 9ZZ", ["ZZ99 9ZZ"], "match"),
        ("Sam Jones E11 1AA", [], "match"),
        ("Sam Jones", [], "ask_postcode"),
    ],
)
def test_the_other_source_is_asked_before_the_text_is_read(
    settings: Settings, database: Database, text: str, asked: list[str], outcome: str
) -> None:
    register = Knowing()
    adapters = Adapters(FakeClock(), database, FakeMailer(), FakeGateway(), register)
    sent = (
        create_app(settings, adapters)
        .test_client()
        .post(
            "/webhooks/sms/generic",
            json={"from": "+447700900123", "to": "", "text": text, "id": "1"},
            auth=("sms", settings.sms_generic_secrets[0]),
        )
    )
    assert sent.status_code == 200
    assert [str(postcode) for postcode in register.told] == asked
    with database.reading() as session:
        assert session.scalars(select(InboundText)).one().outcome == outcome
