import smtplib
from email.message import EmailMessage

import pytest
import requests

from sandbox.handle import Sandbox
from sandbox.mailbox.views import with_links
from sandbox.phone.texting import NotDelivered, international
from sandbox.serving import DEFAULT_SMS_SECRET
from tests.sandbox.listener import Listener


def post_letter(sandbox: Sandbox, *, to: list[str], text: str, subject: str = "Thank you") -> None:
    letter = EmailMessage()
    letter["From"] = "Fund <fund@example.org>"
    letter["To"] = ", ".join(to)
    letter["Subject"] = subject
    letter["Message-ID"] = "<one@example.org>"
    letter.set_content(text)
    host, port = sandbox.mail.removeprefix("smtp://").split(":")
    with smtplib.SMTP(host, int(port), timeout=10) as server:
        server.send_message(letter)


def test_a_text_goes_through_the_gateway_and_its_reply_is_shown(
    sandbox: Sandbox, service: Listener
) -> None:
    form = {"from": "07700 900123", "text": "Sam Jones E11 1AA"}
    page = requests.post(sandbox.phone, form, timeout=10)
    assert page.status_code == 200
    assert "Sam Jones E11 1AA" in page.text
    assert "Thank you." in page.text
    [(authorisation, message)] = service.texts
    assert (authorisation.username, authorisation.password) == ("sms", DEFAULT_SMS_SECRET)
    assert message["from"] == "+447700900123"
    assert message["to"] == "+447761818206"
    assert message["text"] == "Sam Jones E11 1AA"
    assert message["id"]


def test_each_number_has_its_own_conversation(sandbox: Sandbox) -> None:
    sandbox.text("one", sender="07700 900001")
    sandbox.text("two", sender="07700 900002")
    page = requests.get(sandbox.phone, {"from": "07700900001"}, timeout=10).text
    assert ("one" in page, ">two<" in page) == (True, False)


def test_no_reply_is_said_to_be_none(sandbox: Sandbox, service: Listener) -> None:
    service.reply = None
    assert sandbox.text("stop") is None
    assert "no reply" in requests.get(sandbox.phone, timeout=10).text


def test_what_is_typed_is_shown_as_it_is(sandbox: Sandbox, service: Listener) -> None:
    service.reply = "<b>5 & 6</b>"
    page = requests.post(sandbox.phone, {"text": "<script>é 😀"}, timeout=10).text
    assert "&lt;script&gt;é 😀" in page
    assert "&lt;b&gt;5 &amp; 6&lt;/b&gt;" in page


def test_a_text_by_json_returns_the_reply(sandbox: Sandbox, service: Listener) -> None:
    url = f"{sandbox.phone}/texts"
    wish = {"from": "07700 900321", "text": "E11 1AA", "id": "m-1"}
    answer = requests.post(url, json=wish, timeout=10)
    assert (answer.status_code, answer.json()) == (200, {"reply": "Thank you."})
    assert service.texts[0][1]["id"] == "m-1"
    assert requests.post(url, json={"from": "x"}, timeout=10).status_code == 400


@pytest.mark.parametrize("status", [401, 500, 302])
def test_a_text_that_is_not_taken_says_so(sandbox: Sandbox, service: Listener, status: int) -> None:
    service.text_status = status
    with pytest.raises(NotDelivered, match=str(status)):
        sandbox.text("hello")
    assert "Not delivered" in requests.get(sandbox.phone, timeout=10).text
    answer = requests.post(f"{sandbox.phone}/texts", json={"text": "hello"}, timeout=10)
    assert answer.status_code == 502


def test_an_answer_that_is_no_reply_is_not_taken_for_one(
    sandbox: Sandbox, service: Listener
) -> None:
    service.reply = 5
    with pytest.raises(NotDelivered):
        sandbox.text("hello")
    sandbox.serve("http://127.0.0.1:9")
    with pytest.raises(NotDelivered, match="could not be reached"):
        sandbox.text("hello")
    sandbox.serve(None)
    with pytest.raises(NotDelivered, match="not running"):
        sandbox.text("hello")


def test_an_answer_that_is_no_json_is_not_taken_for_a_reply(
    sandbox: Sandbox, service: Listener
) -> None:
    service.text_page = "<p>Welcome</p>"
    with pytest.raises(NotDelivered, match="not JSON"):
        sandbox.text("hello")


@pytest.mark.parametrize(
    ("typed", "sent"),
    [
        ("07700 900123", "+447700900123"),
        ("+44 7700 900123", "+447700900123"),
        ("(07700) 900-123", "+447700900123"),
        ("60777", "60777"),
        ("Bank", "Bank"),
    ],
)
def test_numbers_are_sent_as_gateways_write_them(typed: str, sent: str) -> None:
    assert international(typed) == sent


def test_a_letter_sent_by_smtp_is_read_in_the_mailbox(sandbox: Sandbox) -> None:
    text = "Dear Sam,\n\nsee http://127.0.0.1:8000/me/abc?x=1&y=2.\n"
    post_letter(sandbox, to=["sam@example.org"], text=text)
    post_letter(sandbox, to=["kim@example.org"], text="later", subject="Second")
    page = requests.get(sandbox.mailbox, timeout=10).text
    assert page.index("Second") < page.index("Thank you")
    [letter] = requests.get(f"{sandbox.mailbox}.json", {"to": "SAM@example.org"}, timeout=10).json()
    assert letter["subject"] == "Thank you"
    assert letter["from"] == "Fund <fund@example.org>"
    assert letter["to"] == "sam@example.org"
    assert letter["text"] == text
    assert letter["message_id"] == "<one@example.org>"
    read = requests.get(f"{sandbox.mailbox}/{letter['id']}", timeout=10).text
    assert '<a href="http://127.0.0.1:8000/me/abc?x=1&amp;y=2">' in read
    assert "Message-ID" in read
    assert requests.get(f"{sandbox.mailbox}/99", timeout=10).status_code == 404


def test_a_letter_to_two_is_found_by_each(sandbox: Sandbox) -> None:
    post_letter(sandbox, to=["a@example.org", "b@example.org"], text="x")
    assert len(sandbox.letters("b@example.org")) == 1
    assert sandbox.wait_for_letters("a@example.org")[0]["text"] == "x\n"
    with pytest.raises(TimeoutError):
        sandbox.wait_for_letters("c@example.org", timeout=0.05)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("no link", "no link"),
        ("<b>&", "&lt;b&gt;&amp;"),
        ("(http://x.example/a).", '(<a href="http://x.example/a">http://x.example/a</a>).'),
        (
            'https://x.example/"onclick',
            '<a href="https://x.example/">https://x.example/</a>&#34;onclick',
        ),
        ("javascript:alert(1)", "javascript:alert(1)"),
    ],
)
def test_only_addresses_of_the_web_become_links(text: str, expected: str) -> None:
    assert with_links(text) == expected
