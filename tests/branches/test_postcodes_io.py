import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from app import Adapters, create_app
from branches.answers import Precision, Reason, Source, Step, UnknownPostcode
from branches.locator import Locator, Patience
from branches.postcodes import Postcode
from branches.postcodes_io import PostcodesIo
from branches.register import Located, Nobody, Verdict
from branches.snapshot import Directory
from config import BadSettings, Settings
from core.database import Database
from tests.branches.factories import TODAY
from tests.branches.postcodes_io_server import Answer, Service, found, missing, serve
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.ports import free_port

NEW = Postcode("ZZ1", "1XX")  # its sector is in the made-up index, and it is not
SECONDS = 0.8
HTML = Answer(502, b"<html>Bad gateway</html>", "text/html")
NOWHERE = {"latitude": None, "longitude": None}
GONE = {"postcode": "ZZ1 1XX", "latitude": 51.57, "longitude": 0.0, "year_terminated": 2026}

FAULTS = {
    "too many": Answer(429, b'{"status":429}'),
    "server error": Answer(500, b'{"status":500}'),
    "bad gateway": HTML,
    "html": Answer(200, b"<html>Welcome</html>", "text/html"),
    "html said to be json": Answer(200, b"<html>Welcome</html>"),
    "no json": Answer(200, b"{"),
    "deep json": Answer(200, b"[" * 50_000),
    "a list": Answer(200, b"[]"),
    "null result": Answer(200, b'{"status":200,"result":null}'),
    "another status": Answer(200, b'{"status":404,"error":"Postcode not found"}'),
    "another postcode": found("ZZ1 1XY"),
    "null coordinates": found("ZZ1 1XX", **NOWHERE),
    "coordinates in words": found("ZZ1 1XX", latitude="51.5"),
    "true for a latitude": found("ZZ1 1XX", latitude=True),
    "coordinates elsewhere": found("ZZ1 1XX", latitude=-33.9, longitude=151.2),
    "not a number": found("ZZ1 1XX", latitude=float("nan")),
    "no codes": found("ZZ1 1XX", codes=None),
    "a redirect": Answer(302, b"", headers={"Location": "http://127.0.0.1:9/"}),
    "too long": Answer(200, b" " * 70_000),
    "not found by a proxy": Answer(404, b"<html>", "text/html"),
    "terminated nowhere": missing(terminated={**GONE, **NOWHERE}),
    "packed": Answer(200, b"\x1f\x8b", headers={"Content-Encoding": "gzip"}),
    "hanging up": Answer(hang_up=True),
}


class Ticks:
    """Seconds that pass when told to."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def service() -> Iterator[Service]:
    with serve() as running:
        yield running


@pytest.fixture
def register(service: Service) -> PostcodesIo:
    return PostcodesIo(service.url + "/")


@pytest.fixture
def asking(made_up_file: Path, register: PostcodesIo) -> Locator:
    return Locator(made_up_file, cut_off_km=60, register=register)


@pytest.fixture
def directory(small_directory: None, session: Session, locator: Locator) -> Directory:
    return locator.directory(session, today=TODAY)


def test_a_postcode_is_asked_for_by_its_letters_alone(
    service: Service, register: PostcodesIo
) -> None:
    service.says(found("ZZ1 1XX"))
    told = register.ask(NEW, seconds=SECONDS)
    assert told == Located(51.56, 0.0, "E09000031", "E12000007")
    assert service.paths == ["/postcodes/ZZ11XX"]
    assert "Cookie" not in service.headers[0]


def test_a_new_district_is_in_the_region_that_is_named(
    service: Service, register: PostcodesIo
) -> None:
    renamed = {"codes": {"admin_district": "E06099999"}}
    service.says(found("ZZ1 1XX", region="Yorkshire and The Humber", **renamed))
    told = register.ask(NEW, seconds=SECONDS)
    assert isinstance(told, Located)
    assert told.region == "E12000003"
    service.says(found("ZZ1 1XY", region=None, country="Wales", **renamed))
    told = register.ask(Postcode("ZZ1", "1XY"), seconds=SECONDS)
    assert isinstance(told, Located)
    assert told.region == "W92000004"


@pytest.mark.parametrize("fault", FAULTS)
def test_what_is_no_answer_is_told_as_none(
    service: Service, register: PostcodesIo, fault: str
) -> None:
    service.says(FAULTS[fault])
    began = time.monotonic()
    assert register.ask(NEW, seconds=SECONDS) is Verdict.NO_ANSWER
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    "slow", [Answer(hold=True), Answer(200, b" " * 1000, trickle=True)], ids=["silent", "trickling"]
)
def test_nobody_waits_longer_than_was_said(
    service: Service, register: PostcodesIo, slow: Answer
) -> None:
    service.says(slow)
    began = time.monotonic()
    assert register.ask(NEW, seconds=0.3) is Verdict.NO_ANSWER
    assert 0.2 < time.monotonic() - began < 0.6
    assert len(service.paths) == 1


def test_nobody_there_is_no_answer_either() -> None:
    register = PostcodesIo(f"http://127.0.0.1:{free_port()}")
    began = time.monotonic()
    assert register.ask(NEW, seconds=SECONDS) is Verdict.NO_ANSWER
    assert time.monotonic() - began < 1


@pytest.mark.parametrize("passing", ["too many", "server error", "bad gateway", "hanging up"])
def test_what_may_pass_is_tried_once_more(
    service: Service, register: PostcodesIo, passing: str
) -> None:
    service.says(FAULTS[passing], found("ZZ1 1XX"))
    assert isinstance(register.ask(NEW, seconds=SECONDS), Located)
    assert len(service.paths) == 2


def test_what_will_not_pass_is_not_tried_again(service: Service, register: PostcodesIo) -> None:
    service.says(FAULTS["html"])
    register.ask(NEW, seconds=SECONDS)
    assert len(service.paths) == 1
    service.says(FAULTS["server error"])
    register.ask(Postcode("ZZ1", "1XY"), seconds=SECONDS)
    assert len(service.paths) == 3


def test_what_was_told_is_remembered_for_a_while(service: Service) -> None:
    clock = Ticks()
    register = PostcodesIo(service.url, clock)
    service.says(found("ZZ1 1XX"))
    assert register.recall(NEW) is None
    first = register.ask(NEW, seconds=SECONDS)
    assert first == register.ask(NEW, seconds=SECONDS) == register.recall(NEW)
    gone = Postcode("ZZ1", "1XY")
    service.says(missing())
    assert register.ask(gone, seconds=SECONDS) is Verdict.UNKNOWN
    clock.now += 599
    assert register.ask(gone, seconds=SECONDS) is Verdict.UNKNOWN
    assert len(service.paths) == 2
    clock.now += 2
    assert register.recall(gone) is None
    register.ask(gone, seconds=SECONDS)
    assert register.recall(NEW) == first
    assert len(service.paths) == 3


def test_no_answer_is_remembered_for_seconds_only(service: Service) -> None:
    clock = Ticks()
    register = PostcodesIo(service.url, clock)
    service.says(FAULTS["html"])
    assert register.ask(NEW, seconds=SECONDS) is Verdict.NO_ANSWER
    assert register.ask(NEW, seconds=SECONDS) is Verdict.NO_ANSWER
    assert len(service.paths) == 1
    clock.now += 11
    service.says(found("ZZ1 1XX"))
    assert isinstance(register.ask(NEW, seconds=SECONDS), Located)


def test_after_many_failures_it_is_left_alone_and_then_tried_by_one(service: Service) -> None:
    clock = Ticks()
    register = PostcodesIo(service.url, clock)
    service.says(FAULTS["html"])
    fresh = (Postcode("ZZ1", f"2{first}{last}") for first in "ABDE" for last in "ABDEFGHJ")
    for _ in range(12):
        assert register.ask(next(fresh), seconds=SECONDS) is Verdict.NO_ANSWER
    assert len(service.paths) == 8
    clock.now += 16
    register.ask(next(fresh), seconds=SECONDS)
    register.ask(next(fresh), seconds=SECONDS)
    assert len(service.paths) == 9
    clock.now += 16
    service.says(found("ZZ1 1XX"))
    assert isinstance(register.ask(NEW, seconds=SECONDS), Located)
    service.says(missing())
    assert register.ask(next(fresh), seconds=SECONDS) is Verdict.UNKNOWN


def test_without_time_nothing_is_asked(service: Service, register: PostcodesIo) -> None:
    assert register.ask(NEW, seconds=0.01) is Verdict.NO_ANSWER
    assert service.paths == []


def test_no_postcode_is_logged(
    service: Service, register: PostcodesIo, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    for fault in (FAULTS["html"], FAULTS["server error"], Answer(hold=True)):
        service.says(fault)
        register.ask(NEW, seconds=0.2)
    assert caplog.records
    said = "".join(str(record.__dict__) + record.getMessage() for record in caplog.records)
    assert "1XX" not in said


def test_only_what_the_index_lacks_is_asked_for(
    service: Service, asking: Locator, directory: Directory
) -> None:
    for text in ("ZZ1 1AA", "xyi iaa", "ZZ1", "ZZ1 1", "ZZ9 1AA", "BT1 1AA", "JE2 4WD", "BF1 2AA"):
        asking.answer(directory, text)
        asking.learn(Postcode.parse("ZZ1 1AA"))
    for nobody in ("QQ1", "QQ1 1"):
        with pytest.raises(UnknownPostcode):
            asking.answer(directory, nobody)
    assert service.paths == []


def test_a_new_postcode_is_answered_for_as_closely_as_any(
    service: Service, asking: Locator, directory: Directory
) -> None:
    service.says(found("ZZ1 1XX"))
    answer = asking.answer(directory, "zz11xx")
    assert answer.branch
    assert (answer.source, answer.precision) == (Source.POSTCODES_IO, Precision.POSTCODE)
    assert (answer.branch.slug, str(answer.query)) == ("leyton", "ZZ1 1XX")
    assert answer.explanation[0] == Reason(Step.ELSEWHERE, name="ZZ1 1XX")


@pytest.mark.parametrize("fault", FAULTS)
def test_where_it_cannot_say_the_answer_is_that_for_the_sector(
    service: Service, asking: Locator, directory: Directory, fault: str
) -> None:
    service.says(FAULTS[fault])
    answer = asking.answer(directory, "ZZ1 1XX")
    assert (answer.source, answer.precision) == (Source.INDEX, Precision.SECTOR)
    assert (str(answer.query), answer.branch is None) == ("ZZ1 1", False)
    assert answer.explanation[0] == Reason(Step.NOT_SAID, name="ZZ1 1XX")


def test_without_its_sector_the_answer_is_that_for_the_outcode(
    service: Service, asking: Locator, directory: Directory
) -> None:
    service.says(HTML)
    assert asking.answer(directory, "ZZ1 9XX").precision is Precision.OUTCODE
    with pytest.raises(UnknownPostcode):
        asking.answer(directory, "QQ1 1XX")


def test_a_postcode_no_longer_in_use_is_placed_where_it_was(
    service: Service, asking: Locator, directory: Directory
) -> None:
    service.says(missing(terminated=GONE))
    answer = asking.answer(directory, "ZZ1 1XX")
    assert (answer.source, answer.precision) == (Source.POSTCODES_IO, Precision.SECTOR)
    assert answer.distance_km == pytest.approx(1.1, abs=0.05)
    service.says(missing(terminated={**GONE, "postcode": "ZZ1 9XX"}))
    assert asking.answer(directory, "ZZ1 9XX").precision is Precision.OUTCODE


def test_what_it_has_not_nobody_has(
    service: Service, asking: Locator, directory: Directory
) -> None:
    for words in ("Postcode not found", "Invalid postcode"):
        service.says(missing(words))
        with pytest.raises(UnknownPostcode) as caught:
            asking.answer(directory, "ZZ1 1XX" if "not" in words else "ZZ1 1XY")
        assert caught.value.district


def test_within_a_transaction_nobody_is_asked_and_what_was_learnt_counts(
    service: Service, asking: Locator, directory: Directory, session: Session
) -> None:
    service.says(found("ZZ1 1XX"))
    before = asking.place(session, "ZZ1 1XX", today=TODAY)
    assert (before.precision, before.known, service.paths) == (Precision.SECTOR, False, [])
    with pytest.raises(UnknownPostcode):
        asking.nearest(session, "ZZ1 1XX", today=TODAY)
    asking.learn(NEW)
    after = asking.place(session, "ZZ1 1XX", today=TODAY)
    assert (after.precision, after.known) == (Precision.POSTCODE, True)
    assert asking.nearest(session, "ZZ1 1XX", today=TODAY).source is Source.POSTCODES_IO
    assert len(service.paths) == 1


def test_a_joiner_is_placed_roughly_where_it_could_not_say(
    service: Service, asking: Locator, directory: Directory, session: Session
) -> None:
    service.says(HTML)
    asking.learn(NEW)
    placed = asking.place(session, "ZZ1 1XX", today=TODAY)
    assert (placed.postcode, placed.precision) == ("ZZ1 1XX", Precision.SECTOR)
    assert placed.branch
    assert not placed.known


def test_many_at_once_share_one_patience(
    service: Service, asking: Locator, directory: Directory
) -> None:
    service.says(Answer(hold=True))
    began, patience = time.monotonic(), Patience(0.3)
    for last in "ABDEFGHJ":
        answer = asking.answer(directory, f"ZZ1 1X{last}", patience)
        assert answer.precision is Precision.SECTOR
    assert time.monotonic() - began < 0.8


def test_without_an_index_nothing_is_learnt(
    service: Service, register: PostcodesIo, tmp_path: Path
) -> None:
    Locator(tmp_path / "none.idx", cut_off_km=60, register=register).learn(NEW)
    assert service.paths == []


def test_switched_off_there_is_nobody_to_ask(locator: Locator, directory: Directory) -> None:
    assert Nobody().ask(NEW, seconds=1) is None
    assert Nobody().recall(NEW) is None
    with pytest.raises(UnknownPostcode):
        locator.answer(directory, "ZZ1 1XX")


@pytest.fixture
def answering(
    settings: Settings, database: Database, service: Service, shipped_directory: None
) -> FlaskClient:
    """The whole service, with the stand-in to ask."""
    adapters = Adapters(
        FakeClock(), database, FakeMailer(), FakeGateway(), PostcodesIo(service.url)
    )
    return create_app(settings, adapters).test_client()


@pytest.mark.index
def test_the_api_says_who_knew(answering: FlaskClient, service: Service) -> None:
    service.says(found("E11 9ZZ"))
    said = answering.get("/api/v1/nearest?postcode=e119zz").json
    assert said
    assert (said["source"], said["precision"], said["postcode"]) == (
        "postcodes.io",
        "postcode",
        "E11 9ZZ",
    )
    assert said["branch"]["slug"] == "waltham-forest"
    assert "postcodes.io" in answering.get("/branches?postcode=e119zz").text
    service.says(missing())
    gone = answering.get("/api/v1/nearest?postcode=e119zx")
    assert (gone.status_code, (gone.json or {})["code"]) == (404, "unknown_postcode")
    assert service.paths == ["/postcodes/E119ZZ", "/postcodes/E119ZX"]


@pytest.mark.index
@pytest.mark.parametrize("fault", ["bad gateway", "html", "null result", "null coordinates"])
def test_the_api_answers_less_closely_within_a_second_when_it_is_broken(
    answering: FlaskClient, service: Service, fault: str
) -> None:
    service.says(FAULTS[fault])
    answering.get("/api/v1/nearest?postcode=E11+1AA")
    began = time.monotonic()
    said = answering.get("/api/v1/nearest?postcode=E11+1ZX").json
    assert time.monotonic() - began < 1
    assert said
    assert (said["precision"], said["source"], said["postcode"]) == ("sector", "index", "E11 1")
    assert (said["query"], said["branch"]["slug"]) == ("E11 1ZX", "waltham-forest")


@pytest.mark.index
def test_a_hundred_at_once_wait_no_longer_than_one(
    answering: FlaskClient, service: Service
) -> None:
    service.says(Answer(hold=True))
    queries = [f"E11 {digit}Z{last}" for digit in "123456789" for last in "ABDEFGHJLNP"]
    began = time.monotonic()
    many = answering.post("/api/v1/nearest", json={"postcodes": queries})
    assert time.monotonic() - began < 1.5
    results = (many.json or {})["results"]
    assert [result["query"] for result in results] == queries


def test_the_setting_switches_it_on(settings: Settings) -> None:
    assert isinstance(Adapters.real(settings).register, Nobody)
    named = replace(settings, postcodes_io_url="https://postcodes.example.org")
    assert isinstance(Adapters.real(named).register, PostcodesIo)
    read = Settings.read({"POSTCODES_IO_URL": "https://postcodes.example.org/", "SECRET_KEY": "k"})
    assert read.postcodes_io_url == "https://postcodes.example.org"
    with pytest.raises(BadSettings, match="POSTCODES_IO_URL: must be an address"):
        Settings.read({"POSTCODES_IO_URL": "postcodes.io", "SECRET_KEY": "k"})


@pytest.mark.index
def test_the_command_explains_who_knew(answering: FlaskClient, service: Service) -> None:
    runner = answering.application.test_cli_runner()
    service.says(found("E11 9ZZ"))
    told = runner.invoke(args=["branches", "nearest", "E11 9ZZ"])
    assert "The index lacks E11 9ZZ; postcodes.io knows where it is." in told.stdout
    service.says(FAULTS["html"])
    told = runner.invoke(args=["branches", "nearest", "E11 1ZX"])
    assert told.stdout.startswith("E11 1: Waltham Forest")
    assert "postcodes.io could not say where it is" in told.stdout
