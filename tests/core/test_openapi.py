"""The description of the API: of all of it, and of nothing else."""

from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
Document = dict[str, Any]


@pytest.fixture
def document(client: FlaskClient) -> Document:
    found: Document = client.get("/api/v1/openapi.json").get_json()
    return found


def test_every_address_of_the_api_is_described_and_no_other(app: Flask, document: Document) -> None:
    served = {
        (method.lower(), rule.rule.replace("<", "{").replace(">", "}"))
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
        if rule.rule.startswith("/api/") and rule.endpoint != "openapi.openapi"
    }

    assert served == {(m, path) for path, methods in document["paths"].items() for m in methods}


def test_every_shape_is_there_and_is_sound(document: Document) -> None:
    assert document["openapi"] == "3.1.0"
    shapes = document["components"]["schemas"]
    for shape in shapes.values():
        Draft202012Validator.check_schema(shape)
    for reference in references(document):
        assert reference.removeprefix("#/components/schemas/") in shapes


def test_every_parameter_in_a_path_is_described(document: Document) -> None:
    for path, methods in document["paths"].items():
        for operation in methods.values():
            named = {each["name"] for each in operation["parameters"] if each["in"] == "path"}
            assert named == {part[1:-1] for part in path.split("/") if part.startswith("{")}


def test_errors_are_described_as_problems(document: Document) -> None:
    for methods in document["paths"].values():
        for operation in methods.values():
            for status, response in operation["responses"].items():
                (kind,) = response["content"]
                problem = int(status) >= 400
                assert kind == ("application/problem+json" if problem else "application/json")


@pytest.mark.parametrize("path", ["/api/v1/regions", "/api/v1/branches", "/api/v1/appeals"])
def test_what_is_answered_is_what_is_described(
    path: str, client: FlaskClient, document: Document
) -> None:
    content = document["paths"][path]["get"]["responses"]["200"]["content"]
    schema = {**content["application/json"]["schema"], "components": document["components"]}

    Draft202012Validator(schema).validate(client.get(path).get_json())


def test_it_says_where_the_service_is(document: Document) -> None:
    assert document["servers"] == [{"url": "http://127.0.0.1:8000"}]


def references(value: object) -> list[str]:
    if isinstance(value, list):
        return [found for each in value for found in references(each)]
    if isinstance(value, dict):
        here = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return here + [found for each in value.values() for found in references(each)]
    return []
