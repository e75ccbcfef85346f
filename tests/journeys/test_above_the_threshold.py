"""A Direct Debit above the law's threshold: declared, charged, paid days later, and checked."""

import json
import re

import pytest
import requests
from sqlalchemy import select

from core.clock import day_in_london
from core.database import Database
from payments.models import Payment, PermissibilityCheck
from tests.journeys.conftest import SECONDS, House
from tests.payments.law.test_declaring import DONOR
from tests.sandbox_controls import Controls

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DEBIT_DAYS = 4


def test_the_clock_of_a_direct_debit_starts_when_it_was_charged_and_stripe_learns_of_no_donor(
    house: House, database: Database
) -> None:
    controls = Controls.of(house.sandbox)
    controls.habits(debit_days=DEBIT_DAYS)
    gift = {"amount": "600", "frequency": "once", "message": ""}
    page = requests.post(f"{house.url}/donate", gift, timeout=SECONDS)
    token = re.search(r'name="token" value="([^"]+)"', page.text)
    assert token
    person = {"name": "Sam Jones", "email": "sam@example.org", "display": "first"}
    answer = house.post("/donate/details", {**gift, **person, **DONOR, "token": token[1]})
    assert answer.status_code == 303, answer.text
    session_id = answer.headers["Location"].rpartition("/")[2].partition("#")[0]
    controls.pay(session_id, account="00012345")
    house.work()
    controls.advance(days=DEBIT_DAYS)
    house.clock.move(days=DEBIT_DAYS)
    house.work()
    with database.reading() as session:
        payment = session.scalars(select(Payment)).one()
        check = session.scalars(select(PermissibilityCheck)).one()
    assert payment.charged_at is not None
    assert (payment.paid_at - payment.charged_at).days >= DEBIT_DAYS - 1
    assert check.received_on == day_in_london(payment.charged_at)
    said = json.dumps([dict(each.params) for each in house.sandbox.requests])
    for secret in ("Samuel", "High Road", "Leytonstone", "E11"):
        assert secret not in said
