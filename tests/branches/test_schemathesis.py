"""Schemathesis against the API: what is described is what is there, for sense and for nonsense."""

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import Status, events, from_schema
from schemathesis.schemas import BaseSchema

from config import Settings

pytestmark = [
    pytest.mark.index,
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
DOCUMENT = "/api/v1/openapi.json"
EXAMPLES = 60
CONFIG = {
    "seed": 20,
    "generation": {
        "mode": "all",  # data as described and data that is not
        "deterministic": True,
        "max-examples": EXAMPLES,
        "database": "none",
    },
    "phases": {"stateful": {"enabled": False}},  # nothing here leads from one call to another
}


@dataclass(slots=True)
class Found:
    """What a run came to: how many checks of each name, answers of each status, and the faults."""

    checks: Counter[str] = field(default_factory=Counter)
    statuses: Counter[int] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


@pytest.fixture
def settings(settings: Settings, a_second: int) -> Settings:
    """Limits that hide no fault behind a 429, unless a test is about those."""
    shipped = settings.organisation
    limits = replace(shipped.limits, api_requests_a_second=a_second)
    return replace(settings, organisation=replace(shipped, limits=limits))


@pytest.fixture
def a_second() -> int:
    return 1_000_000


@pytest.fixture(autouse=True)
def _directory(shipped_directory: None) -> None:
    """Every test here asks about the shipped directory."""


def test_schemathesis_finds_no_fault(app: Flask) -> None:
    found = run(described(app))

    assert found.faults == []
    assert found.checks["response_schema_conformance"] > 3 * EXAMPLES
    assert found.checks["negative_data_rejection"] > 3 * EXAMPLES
    assert {200, 400, 404, 405} == set(found.statuses)


def test_schemathesis_finds_no_fault_without_an_index(app: Flask, tmp_path: Path) -> None:
    app.extensions["branches"].locator.file.path = tmp_path / "none.idx"

    busy = {"expected-statuses": ["2xx", "4xx", "503"]}  # which is described, and is no fault here
    checks = {"not_a_server_error": busy, "positive_data_acceptance": busy}
    found = run(described(app, checks=checks))

    assert found.faults == []
    assert found.statuses[503] > EXAMPLES


def test_schemathesis_would_find_a_fault(app: Flask, client: FlaskClient) -> None:
    document = document_of(client)
    del document["paths"]["/api/v1/nearest"]["get"]["responses"]["400"]
    document["paths"]["/api/v1/regions"]["get"]["responses"]["200"]["content"] = {
        "application/json": {"schema": {"type": "array"}}
    }
    schema = schemathesis.openapi.from_dict(document, config=configured())
    schema.app = app

    faults = "\n".join(run(schema).faults)

    assert "GET /api/v1/nearest: status_code_conformance" in faults
    assert "GET /api/v1/regions: response_schema_conformance" in faults


@pytest.mark.parametrize("a_second", [1])
def test_who_asks_too_often_is_told_so_as_it_is_described(client: FlaskClient) -> None:
    document = document_of(client)  # itself the one request of this second
    for path, method, operation in operations(document):
        address = path.replace("{slug}", "fighting-fund")
        for _again in range(3):  # a second may end in between, and lets one more in
            response = client.open(address, method=method, json={"postcodes": []})
            if response.status_code == 429:
                break

        assert response.status_code == 429, operation["summary"]
        assert int(response.headers["Retry-After"]) >= 1
        (kind,) = operation["responses"]["429"]["content"]
        assert response.mimetype == kind
        shape = operation["responses"]["429"]["content"][kind]["schema"]
        schema = {**shape, "components": document["components"]}
        Draft202012Validator(schema).validate(json.loads(response.text))
        assert json.loads(response.text)["code"] == "too_many_requests"


def configured(**but: object) -> SchemathesisConfig:
    return SchemathesisConfig.from_dict({**CONFIG, **but})


def described(app: Flask, **but: object) -> BaseSchema:
    return schemathesis.openapi.from_wsgi(DOCUMENT, app, config=configured(**but))


def document_of(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(client.get(DOCUMENT).text)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method.upper(), operation


def run(schema: BaseSchema) -> Found:
    """Run all phases with all checks, as the command `schemathesis run` does."""
    found = Found()
    for event in from_schema(schema).execute():
        if isinstance(event, events.ScenarioFinished):
            note(found, event)
        elif isinstance(event, events.NonFatalError | events.FatalError):
            found.faults.append(repr(event))
        elif isinstance(event, events.SchemaAnalysisWarnings):
            found.faults.extend(repr(warning) for warning in event.warnings)
    return found


def note(found: Found, scenario: events.ScenarioFinished) -> None:
    if scenario.status in (Status.ERROR, Status.INTERRUPTED):
        found.faults.append(f"{scenario.label}: {scenario.status}")
    for case, checks in scenario.recorder.checks.items():
        for check in checks:
            found.checks[check.name] += 1
            if check.failure_info is not None:
                answered = scenario.recorder.interactions[case].response
                status = answered.status_code if answered else None
                why = check.failure_info.failure
                found.faults.append(
                    f"{scenario.label}: {check.name}: {status}: {why.title}: {why.message}\n"
                    f"{check.failure_info.code_sample}"
                )
    for interaction in scenario.recorder.interactions.values():
        if interaction.response is not None:
            found.statuses[interaction.response.status_code] += 1
