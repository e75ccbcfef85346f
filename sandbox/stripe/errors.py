"""Stripe's errors, in the shape its API gives them."""

from http import HTTPStatus
from typing import Any


class StripeError(Exception):
    """An answer that is not 200; `body` is Stripe's error object."""

    def __init__(self, status: int, kind: str, message: str, **more: str) -> None:
        super().__init__(message)
        self.status = status
        error = {"message": message, "type": kind, **more}
        if "code" in more:
            page = more["code"].replace("_", "-")
            error["doc_url"] = f"https://docs.stripe.com/error-codes/{page}"
        self.body: dict[str, Any] = {"error": error}


def invalid(message: str, param: str, code: str | None = None) -> StripeError:
    """A parameter that Stripe refuses."""
    more = {"param": param} | ({"code": code} if code else {})
    return StripeError(400, "invalid_request_error", message, **more)


def missing_resource(kind: str, object_id: str, param: str = "id") -> StripeError:
    """An id under which there is nothing; in the address it is 404, in a parameter 400."""
    status = 404 if param == "id" else 400
    message = f"No such {kind.rpartition('.')[2]}: '{object_id}'"
    code = "resource_missing"
    return StripeError(status, "invalid_request_error", message, param=param, code=code)


def unauthorised(message: str) -> StripeError:
    """No key, or one that is not a test key."""
    return StripeError(401, "invalid_request_error", message)


def unknown_address(method: str, path: str) -> StripeError:
    """A path or method that the stand-in has not."""
    message = f"Unrecognized request URL ({method}: {path}). The sandbox has no such endpoint."
    return StripeError(404, "invalid_request_error", message)


def fault_of(status: int) -> StripeError:
    """A fault of Stripe's own, or its being asked too much or twice at once."""
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        message = "Request rate limit exceeded. Learn more: https://stripe.com/docs/rate-limits"
        return StripeError(status, "invalid_request_error", message, code="rate_limit")
    if status == HTTPStatus.CONFLICT:
        message = "This object cannot be accessed right now because another API request is using it"
        return StripeError(status, "invalid_request_error", message, code="lock_timeout")
    return StripeError(status, "api_error", "An unknown error occurred")
