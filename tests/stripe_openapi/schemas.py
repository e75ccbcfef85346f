"""Stripe's description as JSON Schema validators, each compiled once."""

import json
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT202012

SPEC: dict[str, Any] = json.loads(
    (Path(__file__).parent / "stripe.json").read_text(encoding="utf-8")
)
URN = "urn:stripe"
FORM = "application/x-www-form-urlencoded"


def as_json_schema(node: Any) -> Any:  # noqa: ANN401 - a piece of JSON is any of its kinds
    """Turn an OpenAPI 3.0 schema into strict JSON Schema."""
    if isinstance(node, list):
        return [as_json_schema(value) for value in node]
    if not isinstance(node, dict):
        return node
    result = {
        key: {name: as_json_schema(inner) for name, inner in value.items()}
        if key == "properties"
        else as_json_schema(value)
        for key, value in node.items()
        if key not in ("nullable", "x-expansionResources", "format")
    }
    if result.get("anyOf") == []:
        del result["anyOf"]
        result["not"] = {}
    if "properties" in result:
        result.setdefault("additionalProperties", False)
    return {"anyOf": [result, {"type": "null"}]} if node.get("nullable") else result


def as_form_schema(node: Any) -> Any:  # noqa: ANN401 - a piece of JSON is any of its kinds
    """Turn a request's schema into one for decoded forms, whose every leaf is text."""
    if isinstance(node, list):
        return [as_form_schema(value) for value in node]
    if not isinstance(node, dict):
        return node
    match node.get("type"):
        case "integer":
            return {"type": "string", "pattern": r"^-?[0-9]+$"}
        case "number":
            return {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"}
        case "boolean":
            return {"enum": ["true", "false"]}
        case _:
            return {
                key: {name: as_form_schema(inner) for name, inner in value.items()}
                if key == "properties"
                else as_form_schema(value)
                for key, value in node.items()
            }


@cache
def registry() -> Registry[Any]:
    """All schemas, converted once."""
    schemas = SPEC["components"]["schemas"]
    converted = {name: as_json_schema(schema) for name, schema in schemas.items()}
    resource = Resource.from_contents(
        {"components": {"schemas": converted}}, default_specification=DRAFT202012
    )
    empty: Registry[Any] = Registry()
    filled: Registry[Any] = empty.with_resource(URN, resource)
    return filled


@cache
def object_validator(name: str) -> Draft202012Validator:
    """The validator of one object, by the name it bears in `object`."""
    schema = {"$ref": f"{URN}#/components/schemas/{name}"}
    return Draft202012Validator(schema, registry=registry())


def rooted(node: Any) -> Any:  # noqa: ANN401 - a piece of JSON is any of its kinds
    """Point the references of a schema that stands outside the registry into it."""
    if isinstance(node, list):
        return [rooted(value) for value in node]
    if not isinstance(node, dict):
        return node
    return {
        key: URN + value if key == "$ref" and value.startswith("#") else rooted(value)
        for key, value in node.items()
    }


@cache
def response_validator(template: str, method: str, code: str) -> Draft202012Validator:
    """The validator of an operation's answer; `code` is "200" or "default"."""
    content = SPEC["paths"][template][method]["responses"][code]["content"]
    schema = rooted(as_json_schema(content["application/json"]["schema"]))
    return Draft202012Validator(schema, registry=registry())


@cache
def request_validator(template: str, method: str) -> Draft202012Validator:
    """The validator of an operation's parameters, query and form together."""
    details = SPEC["paths"][template][method]
    body = details.get("requestBody", {}).get("content", {}).get(FORM, {}).get("schema", {})
    queries = [each for each in details.get("parameters", []) if each["in"] == "query"]
    schema = {
        "type": "object",
        "properties": {
            **body.get("properties", {}),
            **{each["name"]: each["schema"] for each in queries},
        },
        "required": [
            *body.get("required", []),
            *(each["name"] for each in queries if each.get("required")),
        ],
    }
    return Draft202012Validator(as_json_schema(as_form_schema(schema)))
