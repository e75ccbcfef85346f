import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]  # has no types
from werkzeug.datastructures import MultiDict

from branches.models import InboundText
from branches.texting import twilio_gateway
from branches.texting.twilio_gateway import TwilioGateway, signature
from config import Settings
from core.database import Database
from tests.branches.texting.phone import Phone
from tests.branches.texting.rigs import SECRETS, Twilio, all_on, form
from tests.conftest import Work
from tests.fakes import FakeClock

pytestmark = pytest.mark.index


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    return all_on(settings, phone)


@pytest.fixture
def twilio(
    client: FlaskClient,
    clock: FakeClock,
    phone: Phone,
    work: Work,
    settings: Settings,
    shipped_directory: None,
) -> Twilio:
    return Twilio(client, clock, phone, work, settings.public_url)


def test_fields_added_since_and_empty_ones_count(twilio: Twilio) -> None:
    fields = form() | {"SomethingNew": "é & = \U0001f600", "FromCity": "", "Aardvark": " "}
    assert twilio.reply(twilio.send_form(fields))


def test_a_query_behind_the_address_is_part_of_it(twilio: Twilio) -> None:
    assert twilio.reply(twilio.send_form(form(), query="?line=1&x=%20y"))


def test_the_port_may_be_signed_or_left_out() -> None:
    fields = [("From", "+447700900123"), ("Body", "E11 1AA")]
    path = "/webhooks/sms/twilio"
    for public, told in [
        ("https://give.example", "https://give.example:443"),
        ("https://give.example", "https://give.example"),
        ("https://give.example:8443", "https://give.example"),
        ("http://[::1]:8000", "http://[::1]:8000"),
    ]:
        assert told + path in twilio_gateway._spellings(public + path)
        assert RequestValidator("token").validate(
            public + path, dict(fields), signature("token", told + path, fields).decode()
        )


def test_whatever_is_changed_spoils_the_signature(
    twilio: Twilio, client: FlaskClient, database: Database, settings: Settings
) -> None:
    fields = form()
    validator = RequestValidator(SECRETS[0])
    signed = validator.compute_signature(settings.public_url + twilio.path, fields)
    given = {"X-Twilio-Signature": signed}
    for sent, query, headers in [
        (fields | {"Body": "SW1A 1AA"}, "", given),
        (fields | {"New": ""}, "", given),
        ({key: value for key, value in fields.items() if key != "To"}, "", given),
        (fields, "?a=1", given),
        (fields, "", {"X-Twilio-Signature": signed.lower()}),
        (fields, "", {"X-Twilio-Signature": ""}),
        (fields, "", {"X-Twilio-Signature": "é"}),
        (fields, "", {}),
    ]:
        assert client.post(twilio.path + query, data=sent, headers=headers).status_code == 403
    other_host = validator.compute_signature("https://evil.example" + twilio.path, fields)
    headers = {"X-Twilio-Signature": other_host, "Host": "evil.example"}
    assert client.post(twilio.path, data=fields, headers=headers).status_code in (400, 403)
    with database.reading() as session:
        assert session.scalars(select(InboundText)).all() == []


def test_repeated_names_are_signed_as_twilio_signs_them() -> None:
    values = [("To", "b"), ("To", "a"), ("To", "a"), ("From", "c")]
    expected = RequestValidator("token").compute_signature("https://x.example/y", MultiDict(values))
    assert signature("token", "https://x.example/y", values).decode() == expected


@pytest.mark.parametrize("word", ["STOP", " stopall ", "Unsubscribe", "HELP", "start", "YES"])
def test_what_twilio_answers_itself_is_heeded_and_not_answered_again(
    twilio: Twilio, word: str
) -> None:
    assert twilio.text(word) is None


def test_an_opt_out_found_by_twilio_is_not_answered_again(twilio: Twilio) -> None:
    assert twilio.reply(twilio.send_form(form("arrêt") | {"OptOutType": "STOP"})) is None


def test_a_reply_is_well_formed_whatever_it_says() -> None:
    answer = TwilioGateway(("token",), "https://x.example").answer('R & "D" <b> \u2019\x0c\x01')
    assert '<Message>R &amp; "D" &lt;b&gt; \u2019</Message>' in answer.body
