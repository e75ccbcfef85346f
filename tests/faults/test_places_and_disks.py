"""F28, F30: nobody outside answers about a postcode; there is no room left on the disk."""

from pathlib import Path

import pytest
import requests
from sqlalchemy import make_url, select

from payments.models import WebhookEvent
from tests.faults.conftest import Build, open_house
from tests.faults.launching import Processes
from tests.faults.oracle import pledges
from tests.journeys.conftest import SECONDS
from tests.ports import free_port

PAGE = 4096


def test_f28_a_postcode_is_answered_here_whatever_becomes_of_others(build: Build) -> None:
    """The register outside is switched on, and nobody is there."""
    with open_house(build(POSTCODES_IO_URL=f"http://127.0.0.1:{free_port()}")) as house:
        known = house.get("/api/v1/nearest?postcode=e111aa").json()
        assert (known["postcode"], known["precision"], known["source"]) == (
            "E11 1AA",
            "postcode",
            "index",
        )
        unknown = house.get("/api/v1/nearest?postcode=e119zz").json()
        assert (unknown["precision"], unknown["source"]) == ("sector", "index")
        assert house.send({**house.form(), "postcode": "e11 9zz"}).status_code == 303
    assert pledges(house.database)[0].postcode == "E11 9ZZ"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_f30_a_full_disk_acknowledges_nothing_that_is_not_stored(
    processes: Processes, build: Build
) -> None:
    """Files may not grow beyond some pages; PostgreSQL looks after a disk of its own."""
    house = build()
    file = Path(make_url(house.settings.database_url).database or "")
    with open_house(house):
        session_id = house.checkout()
        form = house.form()
    log = file.with_name(f"{file.name}-wal")
    room = max(each.stat().st_size for each in (file, log) if each.exists()) + 8 * PAGE
    with processes.web(file_bytes=room):
        taken = []
        for number in range(60):
            raw = b'{"id": "evt_%d", "type": "price.created", "created": 1, "livemode": false%s}'
            status = house.notify(raw % (number, b" " * PAGE))
            assert status in (200, 503)
            if status == requests.codes.ok:
                taken.append(f"evt_{number}")
        assert 0 < len(taken) < 60, "there was room for all, or for none"
        page = house.send(form)
        assert page.status_code == requests.codes.service_unavailable
        assert "nothing was charged" in page.text.lower()
        assert len(pledges(house.database)) == 1
        assert requests.get(f"{house.url}/donate", timeout=SECONDS).ok
        house.sandbox.serve(house.url)
        house.controls.pay(session_id)
    with house.database.reading() as session:
        stored = set(session.scalars(select(WebhookEvent.event_id)))
    assert set(taken) <= stored
    with open_house(house):
        assert house.send(form).status_code == requests.codes.see_other
        house.work()
    house.assert_all_is_well()
