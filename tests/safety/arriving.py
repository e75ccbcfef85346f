"""How people come to the town: by the front door, as they would."""

import datetime as dt

from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from branches.models import Enquiry, InboundText
from tests.fakes import FakeGateway
from tests.members.conftest import token_in
from tests.safety.people import Someone


def join(client: FlaskClient, gateway: FakeGateway, who: Someone) -> str:
    typed = {
        "token": token_in(client.get("/join").text),
        "name": who.name,
        "email": who.email,
        "phone": who.phone,
        "date_of_birth": who.born,
        "address1": who.street,
        "address2": who.street,
        "town": who.town,
        "postcode": who.postcode,
        "rate": "standard",
        "consent_email": "y",
    }
    answer = client.post("/join", data=typed)
    assert answer.status_code == 303, answer.text
    session_id = answer.location.rpartition("/")[2]
    gateway.pay(session_id)
    thanks = f"/join/thanks?session_id={session_id}"
    assert client.get(thanks).status_code == 200
    return thanks


def give(client: FlaskClient, gateway: FakeGateway, who: Someone) -> str:
    gift = {"amount": "10", "frequency": "monthly", "message": who.words, "display": "full"}
    typed = {"name": who.name, "email": who.email, "postcode": who.postcode}
    token = token_in(client.post("/donate", data=gift).text)
    answer = client.post("/donate/details", data={**gift, **typed, "token": token})
    assert answer.status_code == 303, answer.text
    session_id = answer.location.rpartition("/")[2]
    gateway.pay(session_id)
    thanks = f"/donate/thanks?session_id={session_id}"
    assert client.get(thanks).status_code == 200
    return thanks


def text(session: Session, who: Someone, region: int, branch: int, now: dt.datetime) -> None:
    inbound = InboundText(
        gateway="generic",
        message_id=who.email,
        sender=f"+44{who.phone[1:].replace(' ', '')}",
        text=f"{who.name} {who.postcode}",
        received_at=now,
        outcome="match",
        forget_on=now.date() + dt.timedelta(days=30),
    )
    session.add(inbound)
    session.flush()
    enquiry = Enquiry(
        id=int(f"7700{who.phone[-3:]}"),  # long enough to be known again on a page
        inbound_text_id=inbound.id,
        region_id=region,
        branch_id=branch,
        name=who.name,
        phone=inbound.sender,
        postcode=who.postcode,
        created_at=now,
        forget_on=inbound.forget_on,
    )
    session.add(enquiry)
