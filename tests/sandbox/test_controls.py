import json
import subprocess
import sys
import time
from pathlib import Path

import pytest
import requests

from sandbox import commands
from sandbox.handle import Sandbox
from sandbox.serving import running_sandbox
from tests.sandbox.client import MONTHLY, ONCE, Client
from tests.sandbox.test_refunds import charge_of, gift
from tests.sandbox_controls import CannotDo, Controls

PROJECT = Path(__file__).resolve().parents[2]


def test_the_books_know_what_became_of_every_payment(client: Client, controls: Controls) -> None:
    disputed, refunded = gift(client, controls), gift(client, controls)
    controls.dispute(disputed)
    refund = controls.refund(refunded, 300)
    session = client.open_session(MONTHLY)
    controls.pay(session["id"])
    gift(client, controls, "4000 0000 0000 0002")
    controls.advance(10)
    books = controls.books()
    first, second, third, declined = books["charges"]
    assert (first["payment_intent"], first["withdrawn"], first["dispute_fees"]) == (
        disputed,
        1000,
        2000,
    )
    assert [each["status"] for each in first["disputes"]] == ["needs_response"]
    assert (second["payment_intent"], second["refunded"], second["fee"]) == (refunded, 300, 35)
    assert [each["id"] for each in second["refunds"]] == [refund["id"]]
    assert third["session"] == session["id"]
    assert third["client_reference_id"] == MONTHLY["client_reference_id"]
    assert third["invoice"] is not None
    assert third["subscription"] == books["subscriptions"][0]["id"]
    assert (declined["status"], declined["fee"]) == ("failed", None)
    assert books["totals"] == {
        "paid": 3000,
        "fees": 105,
        "refunded": 300,
        "withdrawn": 1000,
        "dispute_fees": 2000,
        "paid_out": 0,
        "balance": 3000 - 105 - 300 - 1000 - 2000,
    }


def test_the_books_match_a_payout_with_what_is_in_it(client: Client, controls: Controls) -> None:
    paid = gift(client, controls)
    controls.advance(10)
    books = controls.books()
    [payout], [charge] = books["payouts"], books["charges"]
    assert (payout["amount"], payout["status"]) == (965, "paid")
    assert payout["transactions"] == [charge_of(client, paid)["balance_transaction"]]
    assert charge["payout"] == payout["id"]
    assert (books["totals"]["paid_out"], books["totals"]["balance"]) == (965, 0)


def test_a_reset_forgets_everything(client: Client, sandbox: Sandbox, controls: Controls) -> None:
    gift(client, controls)
    controls.advance(30)
    controls.knob("error", 9)
    controls.habits(debit_days=1)
    sandbox.quiesce()
    controls.reset()
    books = controls.books()
    assert books["charges"] == []
    assert abs(books["now"] - time.time()) < 60
    assert client.get("/v1/events")["data"] == []
    assert controls.habits()["debit_days"] == 4
    assert sandbox.requests[:-1] == ()
    gift(client, controls)
    sandbox.quiesce()


def test_the_controls_work_from_another_process_too(client: Client, sandbox: Sandbox) -> None:
    controls = Controls.at(sandbox.stripe)
    paid = gift(client, controls)
    assert controls.refund(paid, 300)["amount"] == 300
    with pytest.raises(CannotDo, match="greater than unrefunded"):
        controls.refund(paid, 800)
    controls.knob("duplicate", match="charge.*", together=True)
    books = requests.get(f"{sandbox.stripe}/_sandbox/books", timeout=10).json()
    assert books["totals"]["refunded"] == 300
    assert requests.get(f"{sandbox.stripe}/_sandbox/reset", timeout=10).status_code == 405
    assert "refund" in requests.get(f"{sandbox.stripe}/_sandbox/", timeout=10).json()
    with pytest.raises(CannotDo, match="There is no action explode"):
        controls.do("explode")
    assert (
        requests.post(f"{sandbox.stripe}/_sandbox/books", json=[1], timeout=10).status_code == 400
    )


def test_a_session_is_paid_once(client: Client, controls: Controls) -> None:
    session = client.open_session(ONCE)
    assert controls.pay(session["id"], "4000 0000 0000 0002") == "declined"
    assert controls.pay(session["id"]) == "done"
    with pytest.raises(CannotDo, match="complete"):
        controls.pay(session["id"])
    for means in ({"card": "1234"}, {"account": "1234"}):
        with pytest.raises(CannotDo, match="none of the test"):
            controls.do("pay", session=session["id"], **means)


def test_the_command_does_it_too(
    client: Client, sandbox: Sandbox, controls: Controls, capsys: pytest.CaptureFixture[str]
) -> None:
    paid = gift(client, controls)
    assert commands.main(["refund", f"payment_intent={paid}", "amount=300"], sandbox.stripe) == 0
    assert json.loads(capsys.readouterr().out)["amount"] == 300
    assert commands.main(["refund", f"payment_intent={paid}", "amount=900"], sandbox.stripe) == 1
    assert "greater than" in capsys.readouterr().out
    assert commands.main(["actions"], sandbox.stripe) == 0
    assert "advance" in json.loads(capsys.readouterr().out)
    assert commands.main(["refund", "everything"], sandbox.stripe) == 2
    assert commands.main(["--help"], sandbox.stripe) == 0
    assert "name=value" in capsys.readouterr().out


def test_the_command_finds_the_sandbox_by_its_port(sandbox: Sandbox) -> None:
    command = subprocess.run(
        [sys.executable, "-W", "error", "-m", "sandbox", "books"],
        cwd=PROJECT,
        env={"SANDBOX_PORT": sandbox.stripe.rpartition(":")[2]},
        text=True,
        capture_output=True,
        check=False,
    )
    assert (command.returncode, command.stderr) == (0, "")
    assert json.loads(command.stdout)["totals"]["paid"] == 0


def test_the_command_says_when_no_sandbox_is_running(capsys: pytest.CaptureFixture[str]) -> None:
    assert commands.main(["books"], "http://127.0.0.1:9") == 1
    assert "No sandbox is running" in capsys.readouterr().err


def test_a_restart_forgets_nothing_of_the_money(tmp_path: Path) -> None:
    with running_sandbox(None, tmp_path) as sandbox:
        controls = Controls.of(sandbox)
        gift(Client(sandbox.stripe), controls)
        before = controls.books()["charges"]
    with running_sandbox(None, tmp_path) as sandbox:
        assert Controls.of(sandbox).books()["charges"] == before


def test_the_boards_buttons_play_a_story(client: Client, sandbox: Sandbox) -> None:
    controls = Controls.of(sandbox)
    gift(client, controls, "4242 4242 4242 4242")
    session = client.open_session(ONCE)
    controls.pay(session["id"], account="00012345")
    page = requests.get(sandbox.stripe, timeout=10).text
    for words in ("Refund £10.00", "Refund a part", "Dispute it", "Pay out now"):
        assert words in page
    for words in ("Settle the debit", "Fail the debit", "1 day on", "5 days on", "1 month on"):
        assert words in page
    assert "<script" not in page
    charge = client.get("/v1/charges")["data"][1]["id"]
    form = {"charge": charge, "amount": "400", "back": "1"}
    page = requests.post(f"{sandbox.stripe}/_sandbox/refund", form, timeout=10).text
    assert "Refund of £4.00, succeeded" in page
    assert "Refund £6.00" in page
    form = {"charge": charge, "back": "1"}
    page = requests.post(f"{sandbox.stripe}/_sandbox/dispute", form, timeout=10).text
    assert "Win it" in page
    form = {"charge": charge, "amount": "1", "back": "1"}
    page = requests.post(f"{sandbox.stripe}/_sandbox/refund", form, timeout=10).text
    assert "has been charged back; cannot issue a refund." in page
    # Notices are still on their way: only a kind that none of them is leaves the count alone.
    form = {"kind": "drop", "count": "3", "match": "payout.failed", "field": "", "back": "1"}
    assert "drop, 3 " in requests.post(f"{sandbox.stripe}/_sandbox/knob", form, timeout=10).text


def test_three_d_secure_asks_first(client: Client, sandbox: Sandbox) -> None:
    session = client.open_session(ONCE)
    form = {"card": "4000 0000 0000 3220"}
    asked = requests.post(session["url"], form, timeout=10)
    assert "It is me" in asked.text
    intent = client.session(session["id"], "payment_intent")["payment_intent"]
    assert (intent["status"], intent["latest_charge"]) == ("requires_action", None)
    refused = requests.post(session["url"], {**form, "bank": "refuse"}, timeout=10)
    assert (refused.status_code, "unable to authenticate" in refused.text) == (402, True)
    assert client.session(session["id"])["status"] == "open"
    paid = requests.post(
        session["url"], {**form, "bank": "confirm"}, allow_redirects=False, timeout=10
    )
    assert paid.status_code == 303
    assert client.session(session["id"])["payment_status"] == "paid"
    other = client.open_session(ONCE)
    nothing = requests.post(other["url"], {**form, "bank": "refuse"}, timeout=10)
    assert nothing.status_code == 200
    assert client.session(other["id"])["payment_intent"] is None
