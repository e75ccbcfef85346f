from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import urlsplit

import requests

from sandbox.article.views import organisers
from sandbox.handle import Sandbox
from tests.sandbox.listener import Listener


class Form(HTMLParser):
    """Collects a page's forms and what is in them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.form: dict[str, str | None] = {}
        self.fields: dict[str, list[str | None]] = {}
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        if tag == "form":
            self.form = found
        elif tag in ("input", "textarea"):
            self.fields.setdefault(str(found["name"]), []).append(found.get("value"))


def test_the_articles_form_posts_a_gift_to_the_service(sandbox: Sandbox, service: Listener) -> None:
    page = requests.get(sandbox.article, timeout=10).text
    form = Form(page)
    assert form.form == {"method": "post", "action": f"{service.url}/donate"}
    assert form.fields == {
        "amount": [None],
        "frequency": ["once", "monthly"],
        "message": [None],
        "appeal": ["fighting-fund"],
        "source": ["article-sandbox"],
    }
    for words in (
        "Finance appeal",
        "Fighting Fund",
        "My donation £",
        "Your message:",
        "All payments are made through a secure server.",
        "Join us today",
        "07761 818 206",
    ):
        assert words in page


def test_the_article_is_on_another_site_and_needs_no_script(sandbox: Sandbox) -> None:
    assert urlsplit(sandbox.article).hostname == "localhost"
    assert urlsplit(sandbox.stripe).hostname == "127.0.0.1"
    page = requests.get(sandbox.article, timeout=10).text
    assert "<script" not in page
    assert requests.get(f"{sandbox.article}/static/article.css", timeout=10).ok


def test_the_organisers_come_from_the_directory(tmp_path: Path) -> None:
    file = tmp_path / "regions.csv"
    assert organisers(file) == []
    file.write_text(
        "slug,name,phone,display,ons_code,notify_email\n"
        "london,London,+447700900001,07700 900001,E12000007,london@example.org\n"
    )
    [organiser] = organisers(file)
    assert (organiser.region, organiser.display) == ("London", "07700 900001")
