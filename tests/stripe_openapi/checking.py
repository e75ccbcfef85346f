"""Hold requests to Stripe, its answers and its events against Stripe's own description.

Strict where OpenAPI is not: an unknown parameter or field is a fault, an enum is closed, and a
reference is an id unless the request asked for its expansion. Each check raises `OffSpec`.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from typing import Any, NamedTuple, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError, best_match

from tests.stripe_openapi.forms import NotAForm, Pairs, decode
from tests.stripe_openapi.schemas import (
    SPEC,
    object_validator,
    request_validator,
    response_validator,
)

Record = dict[str, Any]

VERSION = "2026-10-28.endive"

# Lists that an object leaves out until they are asked for, as Stripe's reference says of each.
INCLUDED_ON_REQUEST = {
    ("checkout.session", "line_items"),
    ("invoice", "payments"),
    ("charge", "refunds"),
    ("customer", "sources"),
    ("customer", "subscriptions"),
    ("customer", "tax_ids"),
}


# What events carry where that is not the first part of their type.
CARRIED = {
    "charge.dispute": "dispute",
    "charge.refund": "refund",
    "customer.subscription": "subscription",
}


class OffSpec(AssertionError):
    """Something sent to or by Stripe is not as Stripe describes it."""


class Taken(Protocol):
    """A request as the sandbox recorded it."""

    @property
    def method(self) -> str: ...
    @property
    def path(self) -> str: ...
    @property
    def params(self) -> Sequence[tuple[str, str]]: ...
    @property
    def status(self) -> int: ...
    @property
    def body(self) -> Record: ...


class Operation(NamedTuple):
    """One method of one path."""

    template: str
    method: str
    details: Record


@cache
def find_operation(method: str, path: str) -> Operation:
    """Return the operation that Stripe has at `path`; whole names win over placeholders."""
    for template in sorted(SPEC["paths"], key=lambda each: each.count("{")):
        pattern = re.sub(r"\{[^}]+\}", "[^/]+", template)
        details = SPEC["paths"][template].get(method.lower())
        if details is not None and re.fullmatch(pattern, path):
            return Operation(template, method.lower(), details)
    raise OffSpec(f"Stripe has no {method} {path} among the paths this project uses")


def check_request(method: str, path: str, form_params: Pairs) -> None:
    """Hold a request's parameters against Stripe's description.

    Raises:
        OffSpec: the path, a parameter or a value is not Stripe's.
    """
    operation = find_operation(method, path)
    validator = request_validator(operation.template, operation.method)
    try:
        params = decode(form_params)
    except NotAForm as fault:
        raise OffSpec(f"{method} {path}: {fault}") from fault
    judge(validator, params, f"{method} {path}")


def check_object(thing: Record, expand: Iterable[str] = ()) -> None:
    """Hold one object against its schema, `expand` naming what may stand in full.

    Raises:
        OffSpec: a field is missing, unknown, of a wrong kind, or expanded unasked.
    """
    name = thing.get("object")
    if name not in SPEC["components"]["schemas"]:
        raise OffSpec(f"{name!r} is no object of Stripe's that this project knows")
    judge(object_validator(name), thing, str(name))
    check_expansion(thing, set(expand))


def check_response(
    method: str, path: str, status: int, body: Record, expand: Iterable[str] = ()
) -> None:
    """Hold an answer against the schema of its operation, a refusal against that of errors.

    Raises:
        OffSpec: as `check_object`.
    """
    if status != 200:
        judge(object_validator("error"), body, f"{status} to {method} {path}")
        return
    operation = find_operation(method, path)
    validator = response_validator(operation.template, operation.method, "200")
    judge(validator, body, f"the answer to {method} {path}")
    check_expansion(body, set(expand))


def check_event(event: Record) -> None:
    """Hold an event and the object it carries against their schemas, nothing expanded.

    Raises:
        OffSpec: as `check_object`; or the version or the mode is not ours.
    """
    judge(object_validator("event"), event, str(event.get("type")))
    if event["api_version"] != VERSION or event["livemode"]:
        raise OffSpec(f"{event['type']} is of {event['api_version']}, live {event['livemode']}")
    carried = event["data"]["object"]
    family = event["type"].rpartition(".")[0]
    if CARRIED.get(family, family) != carried["object"]:
        raise OffSpec(f"{event['type']} carries a {carried['object']}")
    check_object(carried)
    unknown = event["data"].get("previous_attributes", {}).keys() - carried.keys()
    if unknown:
        raise OffSpec(f"{event['type']} changes {sorted(unknown)}, which the object has not")


def check_taken(request: Taken) -> None:
    """Hold a recorded request and its answer against the description.

    Raises:
        OffSpec: as `check_request` and `check_response`.
    """
    check_request(request.method, request.path, request.params)
    expand = decode([pair for pair in request.params if pair[0].startswith("expand")])
    paths = expand.get("expand", [])
    check_response(request.method, request.path, request.status, request.body, paths)


def check_everything(requests: Iterable[Taken], events: Iterable[Record]) -> None:
    """Hold all that passed between a service and the sandbox against the description.

    Raises:
        OffSpec: of the first fault.
    """
    for request in requests:
        check_taken(request)
    for event in events:
        check_event(event)


def judge(validator: Draft202012Validator, thing: object, what: str) -> None:
    """Raise `OffSpec` with the fault that tells most, where there is one."""
    fault = best_match(validator.iter_errors(thing))
    if fault is not None:
        raise OffSpec(f"{what}: {where(fault)}: {fault.message[:500]}")


def where(fault: ValidationError) -> str:
    """The path of a fault within what was checked."""
    return ".".join(str(step) for step in fault.absolute_path) or "(whole)"


def check_expansion(body: Record, asked: set[str]) -> None:
    """See that what stands in full was asked for, and that what was asked for does.

    Raises:
        OffSpec: an object stands where an id belongs, or an id where an object was asked for.
    """
    reached = {".".join(path.split(".")[:depth]) for path in asked for depth in range(1, 5)}
    for path, parent, field, value in walk(body, ""):
        full = isinstance(value, dict)
        if is_expandable(parent, field) and full != (path in reached) and value is not None:
            raise OffSpec(f"{path} is {'expanded unasked' if full else 'not expanded'}")


def walk(value: object, path: str) -> Iterator[tuple[str, Record, str, object]]:
    """Yield every field with its dotted path as `expand` names it (lists add no step)."""
    if isinstance(value, list):
        for each in value:
            yield from walk(each, path)
    elif isinstance(value, dict):
        for field, inner in value.items():
            here = f"{path}.{field}".lstrip(".")
            yield here, value, field, inner
            yield from walk(inner, here)


@cache
def expandable_fields() -> frozenset[tuple[str, str]]:
    """Every (schema, field) that Stripe marks as expandable."""
    return frozenset(
        (name, field)
        for name, schema in SPEC["components"]["schemas"].items()
        for field, inner in schema.get("properties", {}).items()
        if inner.get("x-expansionResources")
    )


# Parts without a name of their own that hold expandable references.
UNNAMED = {
    ("payment", "payment_intent"): "type",
    ("subscription_details", "subscription"): "metadata",
    ("price_details", "price"): "product",
}


def is_expandable(parent: Record, field: str) -> bool:
    """Whether Stripe lets `field` of this object be expanded or included."""
    name = parent.get("object")
    if not isinstance(name, str):
        return any(field == key[1] and marker in parent for key, marker in UNNAMED.items())
    return (name, field) in expandable_fields() or (name, field) in INCLUDED_ON_REQUEST
