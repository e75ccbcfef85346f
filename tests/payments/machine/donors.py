"""What donors and joiners do: fill in forms, pay or not, look again, stop."""

import re

import requests
from hypothesis import strategies as st
from hypothesis.stateful import MultipleResults, initialize, multiple, precondition, rule
from werkzeug.test import TestResponse

from tests.members.conftest import JOINER
from tests.payments.machine.base import Base, Form, Visit, pick
from tests.payments.machine.truth import CONFIRMING, RECEIVED, Record

SECONDS = 10
WHO = st.sampled_from(["ada@example.org", "ben@example.org"])
AMOUNTS = st.sampled_from(["10", "1", "12.34", "250"])
OFTEN = st.sampled_from(["once", "monthly"])
CARD, DECLINED, THREE_D = "4242424242424242", "4000000000000002", "4000000000003220"
ACCOUNT, BAD_ACCOUNT, CLAIMED_BACK = "00012345", "22222227", "55555559"
LOOKS = st.sampled_from(["never", "at once", "while Stripe is silent"])
# What each does afterwards stands in `sandbox/stripe/cards.py` and `accounts.py`.
GOOD = st.sampled_from(
    [CARD, ACCOUNT, THREE_D, CLAIMED_BACK]
    + [f"400000000000{end}" for end in ("0259", "1976", "5423", "7726", "5126")]
)
MEANS = st.one_of(GOOD, st.sampled_from([BAD_ACCOUNT, DECLINED]))


def token_in(page: str) -> str:
    """Return the token of the form on a page."""
    found = re.search(r'name="(?:token|csrf_token)" value="([^"]+)"', page)
    assert found, page
    return found[1]


def _runs(subscription: Record) -> bool:
    return bool(subscription["status"] != "canceled")


class Donors(Base):
    """The public side."""

    @rule(target=Base.forms, who=WHO, amount=AMOUNTS, often=OFTEN, cover=st.booleans())
    def open_form(self, who: str, amount: str, often: str, *, cover: bool) -> MultipleResults[Form]:
        """Somebody goes through step one and fills in step two."""
        return multiple(*self.fill_in(who, amount, often, cover=cover))

    @rule(target=Base.forms, who=WHO, rate=st.sampled_from(["standard", "low-waged"]))
    def open_join_form(self, who: str, rate: str) -> MultipleResults[Form]:
        """Somebody fills in the form of joining."""
        return multiple(*self.fill_in_joining(who, rate))

    def fill_in(self, who: str, amount: str, often: str, *, cover: bool = False) -> list[Form]:
        """Go through step one; return step two as its giver has filled it in, if it came."""
        gift = {"amount": amount, "frequency": often, "message": ""}
        page = self.stage.post("/donate", gift)
        person = {"name": "Sam Jones", "email": who, "display": "first"}
        covers = {"cover_fee": "y"} if cover else {}
        return self._kept("/donate/details", "/donate/thanks", page, {**gift, **person, **covers})

    def fill_in_joining(self, who: str, rate: str) -> list[Form]:
        """Return the form of joining, filled in, if it came."""
        page = self.stage.get("/join")
        return self._kept("/join", "/join/thanks", page, {**JOINER, "email": who, "rate": rate})

    def _kept(
        self, path: str, thanks: str, page: TestResponse | None, data: dict[str, str]
    ) -> list[Form]:
        if page is None:
            return []
        form = Form(path, thanks, {**data, "token": token_in(page.text)})
        self.every_form.append(form)
        return [form]

    @rule(target=Base.visits, form=Base.forms, name=st.sampled_from(["Sam Jones", "Sam A. Jones"]))
    def send(self, form: Form, name: str) -> MultipleResults[Visit]:
        """Press the button: for the first time, in another tab, or after Back and some typing."""
        form.data["name"] = name
        return multiple(*self._send(form))

    def _send(self, form: Form) -> list[Visit]:
        before = self.stage.gateway.unanswered
        answer = self.stage.post(form.path, form.data)
        if answer is None:
            return []
        if answer.status_code != requests.codes.see_other:
            assert answer.status_code in (422, 502, 503), answer.status_code
            return []
        if "/c/pay/" not in answer.location:
            self._told_at_once(answer.location)
            return []
        session_id = answer.location.rpartition("/")[2].partition("#")[0]
        if session_id not in form.led_to:
            form.led_to.append(session_id)
        visit = Visit(session_id, form.thanks)
        answered = self.stage.gateway.unanswered == before
        self._nobody_pays_twice(form, session_id, answered=answered)
        return [self.every_visit.setdefault(session_id, visit)]

    def _told_at_once(self, location: str) -> None:
        """Follow to the page that tells how it stands: there is one."""
        page, _, session_id = location.partition("?session_id=")
        if session_id:
            self.stage.look(page, session_id)
            return
        answer = self.stage.get(location)
        assert answer is None or answer.status_code == requests.codes.ok, location

    def _nobody_pays_twice(self, form: Form, session_id: str, *, answered: bool) -> None:
        """Who is led to a Checkout has not paid by the same form on another; nor dues twice."""
        others = set(form.led_to)
        if form.path == "/join" and answered and not self.stage.bag.altered:
            others |= self._dues_that_run(form.data["email"])
        for other in others - {session_id}:
            assert self.stage.truth(other).state not in (RECEIVED, CONFIRMING), other

    def _dues_that_run(self, who: str) -> set[str]:
        """Return the Checkouts on which somebody's dues began that have not ended."""
        sandbox = self.stage.sandbox
        mine = (form for form in self.every_form if form.data["email"] == who)
        sessions = (name for form in mine if form.path == "/join" for name in form.led_to)
        running = [each["id"] for each in self.stage.books()["subscriptions"] if _runs(each)]
        return {
            name for name in sessions if (sandbox.find(name) or {}).get("subscription") in running
        }

    @rule(visit=Base.visits, means=MEANS)
    def pay(self, visit: Visit, means: str) -> None:
        """Pay by a card or from an account, as far as that goes."""
        self._pay(visit, means)

    def _pay(self, visit: Visit, means: str) -> None:
        is_card = len(means) > len(ACCOUNT)
        by = {"card": means} if is_card else {"account": means}
        self.outside(
            "pressed pay", lambda: self.stage.controls.do("pay", session=visit.session_id, **by)
        )

    @rule(target=Base.visits, who=WHO, amount=AMOUNTS, often=OFTEN, means=GOOD, looks=LOOKS)
    def give(
        self, who: str, amount: str, often: str, means: str, looks: str
    ) -> MultipleResults[Visit]:
        """Give without a detour, and come back to the page of thanks or not."""
        return multiple(*self._at_once(self.fill_in(who, amount, often), means, looks))

    @initialize(target=Base.visits, ways=st.lists(st.tuples(WHO, OFTEN, GOOD), max_size=3))
    def some_have_given(self, ways: list[tuple[str, str, str]]) -> MultipleResults[Visit]:
        """Before all this some have given, and the house has heard of it."""
        visits = [
            visit
            for who, often, means in ways
            for visit in self._at_once(self.fill_in(who, "10", often), means, "never")
        ]
        self.stage.tell_all()
        self.stage.work()
        return multiple(*visits)

    @rule(target=Base.visits, who=WHO, means=GOOD, looks=LOOKS)
    def join(self, who: str, means: str, looks: str) -> MultipleResults[Visit]:
        """Join without a detour."""
        return multiple(*self._at_once(self.fill_in_joining(who, "standard"), means, looks))

    def _at_once(self, forms: list[Form], means: str, looks: str) -> list[Visit]:
        visits = [visit for form in forms for visit in self._send(form)]
        for visit in visits:
            self._pay(visit, means)
            self._look(visit, looks)
        return visits

    @rule(visit=Base.visits)
    def leave_at_the_bank(self, visit: Visit) -> None:
        """Pay by a card that asks for 3-D Secure, and leave at the bank's own page."""
        address = f"{self.stage.sandbox.stripe}/c/pay/{visit.session_id}"
        requests.post(address, {"card": THREE_D}, timeout=SECONDS, allow_redirects=False)

    @rule(visit=Base.visits, silent=st.booleans())
    def look(self, visit: Visit, *, silent: bool) -> None:
        """Look at the page of thanks, perhaps while Stripe tells us nothing of Checkouts."""
        self._look(visit, "while Stripe is silent" if silent else "at once")

    def _look(self, visit: Visit, how: str) -> None:
        if how == "while Stripe is silent":
            asking = "GET /v1/checkout/sessions/*"
            self.stage.controls.knob("error", count=2, match=asking, status=503)
        if how != "never":
            self.stage.look(visit.thanks, visit.session_id)
        if how == "while Stripe is silent":
            self.stage.controls.clear_knobs()

    @rule(visit=Base.visits)
    def let_expire(self, visit: Visit) -> None:
        """Let Stripe close the page."""
        self.outside("expired", lambda: self.stage.controls.expire(visit.session_id))

    @precondition(lambda self: self.running())
    @rule(who=WHO, which=pick)
    def stop(self, who: str, which: int) -> None:
        """Stop a monthly gift or due by the newest link that came by mail, if it still works."""
        stage = self.stage
        browser = stage.app.test_client()
        links = [
            found[1]
            for letter in stage.mailer.to(who)
            if (found := re.search(r"(/me/open\?token=\S+)", str(letter.get_content())))
        ]
        page = stage.get(links[-1], browser) if links else None
        if page is None or page.status_code != requests.codes.ok:
            return
        stage.post("/me/open", {"token": token_in(page.text)}, browser)
        page = stage.get("/me/giving", browser)
        stops = re.findall(r'href="(/me/stop/[0-9a-f-]+)"', page.text) if page else []
        if stops:
            address = stops[which % len(stops)]
            page = stage.get(address, browser)
            if page is not None and page.status_code == requests.codes.ok:
                stage.post(address, {"csrf_token": token_in(page.text)}, browser)
                stage.tally["stops"] += 1

    @rule(who=WHO)
    def ask_for_a_link(self, who: str) -> None:
        """Ask for a link to one's own pages."""
        page = self.stage.get("/me")
        if page is not None:
            self.stage.post("/me", {"email": who, "token": token_in(page.text)})
