"""What an attempt to pay meets before Stripe is called: the shipped defence, through the forms."""

import threading
from dataclasses import replace

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from core.database import Database
from core.forms import age_of
from payments.forms import DetailsForm
from payments.models import Checkout, Pledge, Quarantine
from tests.conftest import Work
from tests.fakes import FakeClock, FakeGateway, FakeMailer
from tests.payments.protecting.conftest import Guarded
from tests.payments.protecting.forms import (
    Giver,
    answer_in,
    challenge_in,
    hidden,
    question_in,
    worked,
)

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def asked(giver: Giver, times: int = 21) -> tuple[dict[str, str], TestResponse]:
    """Let somebody try until they are asked; return the form, and the page it came back on."""
    for _time in range(times - 1):
        assert giver.give().status_code == 303
    form = giver.form()
    page = giver.send(form)
    assert page.status_code == 422
    return form, page


def test_a_challenge_comes_after_twenty_attempts_from_one_address(
    giver: Giver, gateway: FakeGateway
) -> None:
    found = [giver.give().status_code for _time in range(25)]

    assert found == [303] * 20 + [422] * 5
    assert len(gateway.orders) == 20


def test_ten_gifts_from_one_address_of_mail_pass_unhindered(giver: Giver) -> None:
    found = []
    for number in range(12):
        giver.address = f"192.0.2.{number}"
        found.append(giver.give(email="sam@example.org").status_code)

    assert found == [303] * 10 + [422] * 2


def test_ten_a_second_in_all_pass_unhindered_for_as_long_as_they_like(
    giver: Giver, clock: FakeClock
) -> None:
    for number in range(120):
        giver.address = f"198.51.100.{number}"
        assert giver.give().status_code == 303, number
        clock.move(seconds=0.1)


def test_more_than_that_is_asked_whoever_it_is(giver: Giver, gateway: FakeGateway) -> None:
    found = []
    for number in range(120):
        giver.address = f"198.51.100.{number}"
        found.append(giver.give().status_code)

    assert found == [303] * 40 + [422] * 80
    assert len(gateway.orders) == 40


def test_a_flood_from_one_address_is_no_rush(giver: Giver) -> None:
    found = [giver.give().status_code for _number in range(200)]
    giver.address = "192.0.2.2"

    assert found == [303] * 20 + [422] * 180
    assert giver.give().status_code == 303


def test_another_address_is_not_asked_for_it(giver: Giver) -> None:
    asked(giver)
    giver.address = "192.0.2.2"

    assert giver.give().status_code == 303


def test_after_a_while_nobody_remembers(giver: Giver, clock: FakeClock) -> None:
    asked(giver)
    clock.move(minutes=10, seconds=1)

    assert giver.give().status_code == 303


def test_whoever_is_asked_loses_nothing_and_is_told_the_truth(giver: Giver) -> None:
    form, page = asked(giver)
    text = page.text

    assert "Nothing has been charged" in text
    assert 'value="Sam Jones"' in text
    assert f'value="{form["email"]}"' in text
    assert f'value="{form["token"]}"' in text


@pytest.mark.parametrize("way", ["prove", "answer"])
def test_who_proves_themselves_passes(way: str, giver: Giver, gateway: FakeGateway) -> None:
    form, page = asked(giver)

    answer = getattr(giver, way)(form, page)

    assert answer.status_code == 303
    assert answer.location.startswith("https://checkout.example.org/")
    assert len(gateway.orders) == 21


def test_an_answer_in_words_will_do(giver: Giver) -> None:
    form, page = asked(giver)
    text = page.text
    words = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen"
    words += " fifteen sixteen seventeen eighteen nineteen twenty"

    answer = giver.send({**form, **hidden(text), "answer": words.split()[answer_in(text)].title()})

    assert answer.status_code == 303


def test_what_is_sent_again_is_the_same_attempt_and_not_asked(
    giver: Giver, gateway: FakeGateway
) -> None:
    form = giver.form()
    first = giver.send(form)
    again = [giver.send(form) for _time in range(30)]

    assert {answer.location for answer in again} == {first.location}
    assert len(gateway.orders) == 1
    assert giver.give().status_code == 303


def test_a_proof_is_good_for_one_form_only(giver: Giver, gateway: FakeGateway) -> None:
    form, page = asked(giver)
    text = page.text
    proof, slip = worked(text), hidden(text)["slip"]
    passed = giver.send({**form, "altcha": proof})
    other = giver.send({**giver.form(), "altcha": proof})
    third = giver.send({**giver.form(), "slip": slip, "answer": str(answer_in(text))})

    assert (passed.status_code, other.status_code, third.status_code) == (303, 422, 422)
    assert len(gateway.orders) == 21


def test_a_proof_is_not_good_for_ever(giver: Giver, clock: FakeClock) -> None:
    form, page = asked(giver)
    proof = worked(page.text)
    text = page.text
    answered = {**hidden(text), "answer": str(answer_in(text))}
    clock.move(minutes=15)
    for _time in range(20):
        giver.give()

    assert giver.send({**form, "altcha": proof}).status_code == 422
    assert giver.send({**form, **answered}).status_code == 422


def test_one_proof_sent_twice_at_once_passes_once(giver: Giver, gateway: FakeGateway) -> None:
    form, page = asked(giver)
    solved = {**form, "altcha": worked(page.text)}
    answers: list[str] = []
    together = threading.Barrier(4)

    def send() -> None:
        together.wait()
        answers.append(giver.send(solved).location)

    threads = [threading.Thread(target=send) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(answers) == 4
    assert len(set(answers)) == 1
    assert len(gateway.orders) == 21


def test_a_filled_trap_never_reaches_stripe_and_loses_nobody(
    giver: Giver, gateway: FakeGateway
) -> None:
    form = giver.form(remarks="buy now")
    page = giver.send(form)
    solved = {**form, "altcha": worked(page.text)}

    assert page.status_code == 422
    assert 'name="remarks" value=""' in page.text
    assert giver.send(solved).status_code == 422
    assert not gateway.orders
    assert giver.send({**solved, "remarks": ""}).status_code == 303


def test_a_form_sent_at_once_comes_back_and_passes_two_seconds_later(
    guarded: Guarded, clock: FakeClock, gateway: FakeGateway
) -> None:
    giver = Giver(guarded(form_seconds=2))
    form = giver.form()
    early = giver.send(form)
    clock.move(seconds=1.9)
    still = giver.send(form)
    clock.move(seconds=0.1)

    assert (early.status_code, still.status_code) == (422, 422)
    assert hidden(early.text)["token"] == form["token"]
    assert "press again" in early.text
    assert challenge_in(early.text) is None
    assert not gateway.orders
    assert giver.send(form).status_code == 303


def test_wrong_answers_are_told_and_asked_anew(giver: Giver) -> None:
    form, page = asked(giver)
    text = page.text
    wrong = giver.send({**form, **hidden(text), "answer": str(answer_in(text) + 1)})

    assert wrong.status_code == 422
    assert "That was not it" in wrong.text
    assert 'data-sends="no"' in wrong.text
    assert giver.answer(form, wrong).status_code == 303


def test_a_script_that_reads_the_question_gains_next_to_nothing(
    giver: Giver, gateway: FakeGateway
) -> None:
    for _time in range(20):
        giver.give()
    places = []
    for _time in range(30):
        form = giver.form()
        places.append(giver.answer(form, giver.send(form)).location)

    assert places[5:] == ["/finish/later"] * 25
    assert len(gateway.orders) == 25


def test_who_guesses_uses_up_the_tries(giver: Giver, gateway: FakeGateway) -> None:
    form, page = asked(giver)
    text = page.text
    for guess in range(21):
        if guess != answer_in(text):
            giver.send({**form, **hidden(text), "answer": str(guess)})

    answer = giver.send({**form, **hidden(text), "answer": str(answer_in(text))})

    assert answer.location == "/finish/later"
    assert len(gateway.orders) == 20


def test_a_script_that_does_the_work_is_put_aside_in_the_end(
    giver: Giver, gateway: FakeGateway, guarded: Guarded
) -> None:
    giver = Giver(guarded(passes_per_address=3, attempts_per_address=4))
    for _time in range(4):
        giver.give()
    places = []
    for _time in range(4):
        form = giver.form()
        places.append(giver.prove(form, giver.send(form)).location)

    assert places[3] == "/finish/later"
    assert len(gateway.orders) == 7


def test_the_work_grows_with_the_attempts_of_an_address(giver: Giver) -> None:
    asked(giver)
    costs = []
    for _time in range(70):
        found = challenge_in(giver.give().text)
        assert found is not None
        parameters = found["parameters"]
        assert isinstance(parameters, dict)
        costs.append(16 ** len(parameters["keyPrefix"]) * parameters["cost"])

    assert costs == sorted(costs)
    assert costs[-1] >= 4 * costs[0]


@pytest.mark.parametrize(
    "rubbish",
    ["", "x", "é", "e30=", "bnVsbA==", "W10=", "A" * 10_000, "eyJjaGFsbGVuZ2UiOltdfQ==", "\x00"],
)
@pytest.mark.parametrize("name", ["altcha", "slip", "answer"])
def test_rubbish_is_no_proof(name: str, rubbish: str, guarded: Guarded) -> None:
    giver = Giver(guarded(attempts_per_address=1))
    form, page = asked(giver, 2)
    answer = giver.send({**form, **hidden(page.text), name: rubbish})

    assert answer.status_code == 422
    assert question_in(answer.text)


def test_a_joiner_is_asked_and_passes(guarded: Guarded, gateway: FakeGateway) -> None:
    app = guarded(attempts_per_address=1)
    giver = Giver(app)
    giver.give()
    client = app.test_client()
    form = {
        **hidden(client.get("/join").text),
        "name": "Sam Jones",
        "email": "sam@example.org",
        "date_of_birth": "27/3/1985",
        "address1": "1 High Road",
        "town": "London",
        "postcode": "E11 1AA",
        "rate": "standard",
    }
    environ = {"REMOTE_ADDR": giver.address}
    page = client.post("/join", data=form, environ_overrides=environ)
    solved = {**form, "altcha": worked(page.text)}
    passed = client.post("/join", data=solved, environ_overrides=environ)

    assert (page.status_code, passed.status_code) == (422, 303)
    assert len(gateway.orders) == 2


def test_what_is_too_much_from_an_address_of_mail_is_put_aside(
    giver: Giver, gateway: FakeGateway, database: Database
) -> None:
    for number in range(10):
        giver.address = f"192.0.2.{number}"
        giver.give(email="sam@example.org")
    giver.address = "192.0.2.99"
    form = giver.form(email="sam@example.org")
    page = giver.send(form)
    aside = giver.prove(form, page)
    again = giver.send(form)

    assert (aside.location, again.location) == ("/finish/later", "/finish/later")
    assert len(gateway.orders) == 10
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Pledge)) == 11
        assert session.scalar(select(func.count()).select_from(Checkout)) == 10
        assert [row.because for row in session.scalars(select(Quarantine))] == ["email"]
    told = giver.app.test_client().get("/finish/later")
    assert "Nothing has been charged" in told.text


def test_the_shipped_defence_is_what_the_settings_say(guarded: Guarded) -> None:
    shipped = guarded().extensions["gate"].limits

    assert replace(shipped, form_seconds=2) == type(shipped)()


def test_a_script_that_does_the_work_does_not_use_up_what_is_for_others(
    guarded: Guarded, clock: FakeClock, gateway: FakeGateway
) -> None:
    app = guarded(checkouts_a_minute_under_attack=6, passes_per_address=5)
    app.test_cli_runner().invoke(args=["payments", "defence", "--on"])
    places = []
    for number in range(20):
        script = Giver(app, address=f"203.0.113.{number % 2}", number=100 * number)
        form = script.form()
        places.append(script.prove(form, script.send(form)).location)
    donor = Giver(app, address="192.0.2.77", number=9000)
    form = donor.form()

    assert len(gateway.orders) == 2 * 2 + 2
    assert places.count("/finish/later") == 14
    assert donor.prove(form, donor.send(form)).location.startswith("https://checkout.example.org/")


def test_work_done_long_before_is_asked_for_anew_and_sent_by_itself(
    guarded: Guarded, clock: FakeClock
) -> None:
    app = guarded()
    app.test_cli_runner().invoke(args=["payments", "defence", "--on"])
    giver = Giver(app)
    page = giver._post("/donate", {"amount": "10", "frequency": "once"})
    form = {**giver.form(), **hidden(page.text), "altcha": worked(page.text)}
    clock.move(minutes=15)
    late = giver.send(form)

    assert late.status_code == 422
    assert 'data-sends="yes"' in late.text
    assert giver.prove(form, late).status_code == 303


def test_a_joiner_put_aside_becomes_a_member_by_the_letter(
    guarded: Guarded, gateway: FakeGateway, mailer: FakeMailer
) -> None:
    app = guarded(attempts_per_email=1)
    giver = Giver(app)
    giver.give(email="sam@example.org")
    client = app.test_client()
    form = {
        **hidden(client.get("/join").text),
        "name": "Sam Jones",
        "email": "sam@example.org",
        "date_of_birth": "27/3/1985",
        "address1": "1 High Road",
        "town": "London",
        "postcode": "E11 1AA",
        "rate": "standard",
    }
    page = client.post("/join", data=form)
    aside = [client.post("/join", data={**form, "altcha": worked(page.text)}) for _time in range(2)]
    Work(app)()
    (letter,) = mailer.to("sam@example.org")
    token = letter.get_content().partition("token=")[2].split()[0]
    pressed = client.post("/finish", data={"token": token})
    dues = list(gateway.orders.values())[-1]

    assert [each.location for each in aside] == ["/finish/later"] * 2
    assert "Sam Jones" not in letter.get_content()
    assert pressed.location.startswith("https://checkout.example.org/")
    assert dues.dues
    assert "/join/thanks?session_id=" in dues.success_url
    told = app.test_cli_runner().invoke(args=["payments", "explain", str(dues.pledge_id)]).output
    assert "It was put aside" in told
    assert told.index("It was put aside") < told.index("They came back by that link")


def test_a_form_that_expires_as_it_is_looked_at_is_old_enough(
    guarded: Guarded, clock: FakeClock
) -> None:
    app = guarded(form_seconds=2)
    form = Giver(app).form()
    clock.move(minutes=121)
    with app.test_request_context("/donate/details", method="POST", data=form):
        assert age_of(DetailsForm(), "donate").total_seconds() == 120 * 60
