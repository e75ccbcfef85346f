"""The API's description (OpenAPI 3.1), made from the operations that the rooms declare.

The shapes of requests and answers are `typing_extensions.TypedDict` classes; pydantic turns them
into JSON Schema, so that what is described is what the code is typed against.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Literal

from flask import Blueprint, Flask, Response
from flask.typing import ResponseReturnValue
from pydantic import TypeAdapter
from typing_extensions import TypedDict

from core.guards import anyone, guard

_REFERENCE = "#/components/schemas/{model}"


class Problem(TypedDict):
    """What went wrong (RFC 9457). `code` is stable."""

    type: str
    status: int
    code: str
    detail: str


@dataclass(frozen=True, slots=True)
class Parameter:
    """A parameter in the query or the path; `pattern` is a regular expression of ECMA-262."""

    name: str
    description: str
    where: Literal["query", "path"] = "query"
    required: bool = True
    example: str | None = None
    pattern: str | None = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one path. `responses` are shapes by status; below 400 JSON, else problems."""

    method: Literal["get", "post"]
    path: str
    summary: str
    responses: Mapping[int, Any]
    parameters: Sequence[Parameter] = field(default=())
    request: Any = None


def describe(operations: Sequence[Operation], *, title: str, server: str) -> dict[str, Any]:
    """Return the whole description."""
    shapes = {id(shape): shape for operation in operations for shape in _shapes(operation)}
    adapters = [(key, "serialization", TypeAdapter(shape)) for key, shape in shapes.items()]
    schemas, definitions = TypeAdapter.json_schemas(
        adapters,  # type: ignore[arg-type]  # the mode is a Literal in a tuple built here
        ref_template=_REFERENCE,
    )
    found = {key: schema for (key, _mode), schema in schemas.items()}
    paths: dict[str, dict[str, Any]] = {}
    for operation in operations:
        paths.setdefault(operation.path, {})[operation.method] = _operation(operation, found)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": "1"},
        "servers": [{"url": server}],
        "paths": paths,
        "components": {"schemas": definitions.get("$defs", {})},
    }


def set_up(app: Flask, operations: Sequence[Operation], *, title: str, server: str) -> None:
    """Serve the description at `/api/v1/openapi.json`."""
    bp = guard(Blueprint("openapi", __name__), anyone)

    @cache
    def document() -> str:
        return json.dumps(describe(operations, title=title, server=server))

    @bp.get("/api/v1/openapi.json")
    def openapi() -> ResponseReturnValue:
        response = Response(document(), mimetype="application/json")
        response.headers["Cache-Control"] = "public, max-age=3600"
        return response

    app.register_blueprint(bp)


def _shapes(operation: Operation) -> list[Any]:
    return [shape for shape in (*operation.responses.values(), operation.request) if shape]


def _operation(operation: Operation, schemas: Mapping[int, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "summary": operation.summary,
        "parameters": [_parameter(each) for each in operation.parameters],
        "responses": {
            str(status): _response(operation, status, schemas[id(shape)])
            for status, shape in operation.responses.items()
        },
    }
    if operation.request is not None:
        body = {"application/json": {"schema": schemas[id(operation.request)]}}
        found["requestBody"] = {"required": True, "content": body}
    return found


def _response(operation: Operation, status: int, schema: object) -> dict[str, Any]:
    fine = status < 400  # noqa: PLR2004 -- where errors begin
    kind = "application/json" if fine else "application/problem+json"
    return {
        "description": operation.summary if fine else "Problem",
        "content": {kind: {"schema": schema}},
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": parameter.name,
        "in": parameter.where,
        "required": parameter.required,
        "description": parameter.description,
        "schema": {"type": "string"}
        | ({"pattern": parameter.pattern} if parameter.pattern else {}),
    }
    return found | ({"example": parameter.example} if parameter.example else {})
