"""Any bytes at every gateway, at the API and at the pages: never a 500, and nothing lost."""

import itertools
import json
from dataclasses import replace
from io import BytesIO
from typing import Any

import hypothesis
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import example, given
from hypothesis import strategies as st
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from branches.models import InboundText
from branches.texting.android_gateway import signature
from branches.texting.understanding.cleaning import LONGEST
from config import Settings
from core.database import Database
from tests.branches.texting.phone import Phone
from tests.branches.texting.rigs import RIGS, SAM, Rig, Twilio, all_on, basic
from tests.conftest import Work
from tests.fakes import FakeClock

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]

# One application takes all of it: what one request leaves behind must not break the next either.
many = hypothesis.settings(
    max_examples=40,
    deadline=None,
    suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture],
)
ids = itertools.count(1)

CHARSETS = st.sampled_from(
    [
        *("", "utf-8", "UTF-16BE", "utf-16", "utf-7", "iso-8859-1", "windows-1252", "us-ascii"),
        *("idna", "punycode", "base64", "hex", "zlib", "rot13", "undefined", "unicode_escape"),
        *("mbcs", "x" * 300, "utf-8\x0b", "../../etc/passwd", "%s%n", '"', "\u00e9".encode().hex()),
    ],
)
KINDS = st.sampled_from(
    [
        *("", "application/json", "text/plain", "application/octet-stream", "a/b", "/", ";;;"),
        *("application/x-www-form-urlencoded", "multipart/form-data; boundary=x"),
        *("multipart/form-data", "multipart/form-data; boundary=" + "y" * 400, "APPLICATION/JSON"),
        *("application/problem+json", "text/xml", "application/json; q=1, text/plain"),
    ],
)
NAMES = st.sampled_from(
    [
        *("Accept", "Accept-Language", "Origin", "Referer", "Cookie", "If-None-Match", "Range"),
        *("X-Kannel-From", "X-Signature", "X-Timestamp", "X-Twilio-Signature", "Authorization"),
        *("Content-Encoding", "If-Modified-Since", "X-Forwarded-For", "User-Agent", "Expect"),
    ],
)
VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=80)
BODIES = st.one_of(
    st.binary(max_size=400),
    st.sampled_from([b"\x00" * 3000, b"[" * 5000, b'{"a":' * 4000, b"--x\r\n", b"a=%zz&%00=1&=&&"]),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "from",
                        "to",
                        "text",
                        "id",
                        "event",
                        "payload",
                        "sender",
                        "message",
                        "postcodes",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=8,
    ).map(lambda found: json.dumps(found).encode()),
)
QUERIES = st.one_of(
    st.binary(max_size=60).map(lambda raw: raw.decode("latin-1")),
    st.sampled_from(["id=%00", "id=%ff", "id=" + "9" * 4000, "&&==", "id[]=1", "id=1&id=2", "%"]),
)


@pytest.fixture
def settings(settings: Settings, phone: Phone) -> Settings:
    """Every gateway on, and limits that hide nothing behind a 429."""
    shipped = settings.organisation
    limits = replace(shipped.limits, api_requests_a_second=1_000_000)
    raised = replace(settings, organisation=replace(shipped, limits=limits))
    return all_on(raised, phone)


@pytest.fixture(params=sorted(RIGS))
def rig(
    request: pytest.FixtureRequest,
    app: Flask,
    clock: FakeClock,
    phone: Phone,
    work: Work,
    settings: Settings,
    shipped_directory: None,
) -> Rig:
    app.config["PROPAGATE_EXCEPTIONS"] = False  # as in the service itself
    return RIGS[request.param](app.test_client(), clock, phone, work, settings.public_url)


def kept(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(func.count()).select_from(InboundText)).one()


def sound(response: TestResponse) -> None:
    """Hold that an answer is one that was meant, and tells nothing of the inside."""
    assert response.status_code < 500, response.text
    assert "Traceback" not in response.text
    assert 'File "' not in response.text
    if response.status_code >= 400:
        assert response.mimetype in ("application/problem+json", "text/html")


@many
@given(st.text(max_size=300), st.text(max_size=80))
@example("\x00\ud800\U0001f600\u202e" + "e111aa " * 300, "\x00\ud800")
@example("x" * (LONGEST + 500), "id" * 300)
def test_whatever_is_texted_is_kept_whole_and_answered(
    rig: Rig, database: Database, text: str, odd: str
) -> None:
    if rig.name in ("kannel", "twilio"):  # which send bytes, and so never half a character
        text, odd = (each.encode("utf-8", "replace").decode() for each in (text, odd))
    before = kept(database)

    response = rig.send(text, id=str(next(ids)) if rig.name == "android" else f"{next(ids)} {odd}")

    assert response.status_code == 200, response.text
    assert kept(database) == before + 1
    with database.reading() as session:
        last = session.scalars(select(InboundText).order_by(InboundText.id.desc()).limit(1)).one()
    assert last.sender == SAM
    assert last.text == text.replace("\x00", " ").encode("utf-8", "replace").decode()[:LONGEST]


@many
@given(BODIES, KINDS, CHARSETS, QUERIES, st.dictionaries(NAMES, VALUES, max_size=4))
def test_who_has_no_proof_is_refused_and_nothing_is_stored(
    rig: Rig,
    database: Database,
    body: bytes,
    kind: str,
    charset: str,
    query: str,
    headers: dict[str, str],
) -> None:
    before = kept(database)

    response = rig.client.post(
        rig.path,
        query_string=query,
        **exactly(body),
        headers=[*headers.items(), ("Content-Type", f"{kind}; charset={charset}")],
    )

    assert response.status_code == rig.refusal, response.text
    assert response.mimetype == "application/problem+json"
    assert "Traceback" not in response.text
    assert kept(database) == before


@many
@given(BODIES, KINDS, CHARSETS, QUERIES, VALUES)
def test_no_bytes_break_a_gateway(
    rig: Rig, body: bytes, kind: str, charset: str, query: str, sender: str
) -> None:
    headers = proof(rig, body) | {
        "Content-Type": f"{kind}; charset={charset}",
        "X-Kannel-From": sender,
    }

    response = rig.client.post(rig.path, query_string=query, headers=headers, **exactly(body))

    sound(response)
    assert response.status_code in ((200, 400) if rig.name != "twilio" else (200, 400, 403))


@many
@given(st.dictionaries(st.text(max_size=12), st.text(max_size=60), max_size=6))
def test_no_signed_form_breaks_twilios(rig: Rig, fields: dict[str, str]) -> None:
    if not isinstance(rig, Twilio):
        return
    plain = {
        name.encode("utf-8", "replace").decode(): value.encode("utf-8", "replace").decode()
        for name, value in fields.items()
    }
    for sent in (plain, {**plain, "From": SAM, "MessageSid": f"SM{next(ids)}"}):
        response = rig.send_form(sent)
        sound(response)
        assert response.status_code in (200, 400)


ADDRESSES = (
    *("/api/v1/nearest", "/api/v1/regions", "/api/v1/branches", "/api/v1/appeals", "/branches"),
    *("/api/v1/appeals/x", "/branches/x", "/regions/x", "/api/v1/openapi.json", "/api/v1/none"),
)


@many
@given(
    st.sampled_from(ADDRESSES),
    st.sampled_from(["GET", "POST", "HEAD", "OPTIONS", "PUT", "DELETE", "TRACE", "PATCH"]),
    BODIES,
    KINDS,
    QUERIES | VALUES.map(lambda text: f"postcode={text}"),
    st.dictionaries(NAMES, VALUES, max_size=4),
)
@example("/branches", "GET", b"", "", "postcode=%00%ff%ed%a0%80", {})
@example("/api/v1/nearest", "GET", b"", "", "postcode=" + "%EF%BC%A5" * 900, {})
@example("/api/v1/nearest", "POST", b'{"postcodes": ["\\ud800", 1e999]}', "", "", {})
def test_no_bytes_break_the_api_or_the_pages(
    open_client: FlaskClient,
    path: str,
    method: str,
    body: bytes,
    kind: str,
    query: str,
    headers: dict[str, str],
) -> None:
    response = open_client.open(
        path,
        method=method,
        query_string=query,
        **exactly(body),
        headers=[*headers.items(), ("Content-Type", kind)],
    )

    sound(response)


@pytest.fixture
def open_client(app: Flask, shipped_directory: None) -> FlaskClient:
    app.config["PROPAGATE_EXCEPTIONS"] = False
    return app.test_client()


def exactly(body: bytes) -> dict[str, Any]:
    """Have the client send these bytes: of an empty body it would make a form's end by itself."""
    return {"input_stream": BytesIO(body), "content_length": len(body)}


def proof(rig: Rig, body: bytes) -> dict[str, str]:
    """Give the headers by which a gateway proves itself; a form of Twilio's is another test's."""
    if rig.name == "android":
        stamp = str(int(rig.clock.now().timestamp()))
        return {"X-Timestamp": stamp, "X-Signature": signature(rig.secret, body, stamp)}
    return basic({"generic": "sms"}.get(rig.name, rig.name), rig.secret)
