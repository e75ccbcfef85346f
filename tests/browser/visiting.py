"""A person at a browser: what they do, and every fault that they met on the way."""

from dataclasses import dataclass, field
from urllib.parse import urlsplit

from playwright.sync_api import ConsoleMessage, Locator, Page, Request, Response

from core.database import Database
from sandbox.handle import Sandbox

# Chromium's words for any answer of 400 and more; those of pages are for the tests to judge.
_STATUS_WORDS = "Failed to load resource: the server responded with a status of"
_ERROR = 400


@dataclass(frozen=True)
class Place:
    """The running service, what stands around it, and the database behind it."""

    url: str
    sandbox: Sandbox
    database: Database


@dataclass
class Visitor:
    """Drives one page. `faults` holds what no visit may meet: errors, and requests to others."""

    page: Page
    place: Place
    faults: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.page.on("console", self._heard)
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def go(self, address: str) -> int:
        """Open a path of the service, or any address; return the status of the answer."""
        target = self.place.url + address if address.startswith("/") else address
        answer = self.page.goto(target)
        assert answer is not None
        return answer.status

    def write(self, label: str, words: str) -> None:
        """Type words into the field of this label."""
        self.field(label).fill(words)

    def choose(self, label: str) -> None:
        """Choose or tick what carries this label."""
        self.field(label).check()

    def press(self, name: str) -> None:
        """Press the button of this name, and wait for the page that it leads to."""
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        """Follow the first link of this name in the page's own part."""
        with self.page.expect_navigation():
            self.page.get_by_role("main").get_by_role("link", name=name, exact=True).first.click()

    def pay(self, card: str) -> None:
        """Type a card's number on the payment page and press its button."""
        self.write("Card number", card)
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Pay").click()

    def field(self, label: str) -> Locator:
        """Return the form's field of this label, optional or not."""
        exact = self.page.get_by_label(label, exact=True)
        return exact.or_(self.page.get_by_label(f"{label} (optional)", exact=True))

    def at(self) -> str:
        """Return the origin and path of the page that is shown."""
        parts = urlsplit(self.page.url)
        return f"{parts.scheme}://{parts.netloc}{parts.path}"

    def heading(self) -> str:
        """Return the page's one heading of the first rank."""
        return self.page.get_by_role("heading", level=1).inner_text()

    def state(self) -> str | None:
        """Return what the page says to machines about a payment."""
        return self.page.locator("main").get_attribute("data-state")

    def words(self) -> str:
        """Return all the words of the page's own part."""
        return self.page.get_by_role("main").inner_text()

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not message.text.startswith(_STATUS_WORDS):
            self.faults.append(f"{self.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        navigates = request.is_navigation_request()
        if not navigates and _origin(request.url) not in ("", _origin(self.page.url)):
            self.faults.append(f"{self.page.url}: loads {request.url} from another origin")

    def _answered(self, response: Response) -> None:
        if response.status >= _ERROR and not response.request.is_navigation_request():
            self.faults.append(f"{response.url}: {response.status}")


def _origin(url: str) -> str:
    """Return the origin of an address; none where the address holds its own content."""
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
