"""Filling in the forms that lead to a payment, and doing what they ask."""

import html
import json
import re
from dataclasses import dataclass, field

from altcha import Challenge, Payload, solve_challenge
from flask import Flask
from werkzeug.test import TestResponse

GIFT = {"amount": "10", "frequency": "once", "message": "Solidarity", "appeal": "fighting-fund"}
SMALL = {
    **dict(zip(("zero", "one", "two", "three", "four", "five"), range(6), strict=True)),
    **dict(zip(("six", "seven", "eight", "nine", "ten"), range(6, 11), strict=True)),
}


@dataclass
class Giver:
    """Sends forms from an address of theirs; `number` makes each e-mail address another."""

    app: Flask
    address: str = "192.0.2.1"
    number: int = 0
    sent: dict[str, str] = field(default_factory=dict)

    def form(self, **but: str) -> dict[str, str]:
        """Go through step one; return step two as a browser would send it."""
        self.number += 1
        page = self._post("/donate", GIFT)
        person = {"name": "Sam Jones", "email": f"sam{self.number}@example.org", "remarks": ""}
        return {**GIFT, **person, **hidden(page.text), **but}

    def send(self, form: dict[str, str]) -> TestResponse:
        """Send step two."""
        return self._post("/donate/details", form)

    def give(self, **but: str) -> TestResponse:
        """Go through both steps."""
        return self.send(self.form(**but))

    def prove(self, form: dict[str, str], page: TestResponse) -> TestResponse:
        """Send a form again with the work done that its page asks for."""
        return self.send({**form, **hidden(page.text), "altcha": worked(page.text)})

    def answer(self, form: dict[str, str], page: TestResponse) -> TestResponse:
        """Send a form again with the answer to its page's question."""
        return self.send({**form, **hidden(page.text), "answer": str(answer_in(page.text))})

    def _post(self, path: str, form: dict[str, str]) -> TestResponse:
        client = self.app.test_client()
        return client.post(path, data=form, environ_overrides={"REMOTE_ADDR": self.address})


def hidden(page: str) -> dict[str, str]:
    """Return the token, and the slip where there is one."""
    found = re.findall(r'name="(token|slip)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def challenge_in(page: str) -> dict[str, object] | None:
    """Return the work that a page asks for, if it asks for any."""
    found = re.search(r'data-challenge="([^"]+)"', page)
    asked: dict[str, object] | None = json.loads(html.unescape(found[1])) if found else None
    return asked


def worked(page: str) -> str:
    """Do the work that a page asks for, by ALTCHA's own program."""
    asked = challenge_in(page)
    assert asked is not None
    challenge = Challenge.from_dict(asked)
    solution = solve_challenge(challenge)
    assert solution is not None
    return str(Payload(challenge, solution).to_base64())


def question_in(page: str) -> str:
    """Return the question of a page."""
    found = re.search(r'for="answer">([^<]+)<', page)
    assert found, page
    return html.unescape(found[1])


def answer_in(page: str) -> int:
    """Answer the question of a page as a person would."""
    question = question_in(page)
    first, second = (SMALL[word] for word in re.findall(r"\w+", question) if word in SMALL)
    if "together" in question:
        return first + second
    if "left" in question:
        return first - second
    return max(first, second) if "larger" in question else min(first, second)
