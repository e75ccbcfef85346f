"""The application that serves Stripe, the phone and the mailbox on one origin."""

from flask import Flask, Response

from sandbox.mailbox.views import mailbox
from sandbox.phone.views import phone
from sandbox.stripe.api import api
from sandbox.stripe.board import board
from sandbox.stripe.control import control
from sandbox.stripe.hosted import hosted
from sandbox.stripe.money import pounds
from sandbox.world import World

LARGEST_BODY = 1_000_000
POLICY = (
    "default-src 'none'; style-src 'self'; img-src data:; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)


def with_headers(response: Response) -> Response:
    """No script, nothing from elsewhere, nothing kept."""
    response.headers.setdefault("Content-Security-Policy", POLICY)
    response.headers.setdefault("X-Content-Type-Options", "nosniff")
    response.headers.setdefault("Referrer-Policy", "no-referrer")
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def create_app(world: World) -> Flask:
    """Put the stand-ins of one sandbox together."""
    app = Flask("sandbox")
    app.config["MAX_CONTENT_LENGTH"] = LARGEST_BODY
    app.extensions["sandbox"] = world
    app.add_template_filter(pounds)
    app.after_request(with_headers)
    for blueprint in (api, control, hosted, board, phone, mailbox):
        app.register_blueprint(blueprint)
    return app
