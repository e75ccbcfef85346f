"""The endpoints: method, address, what it takes, what it does."""

import re
from collections.abc import Callable
from typing import NamedTuple

from sandbox.stripe import (
    balance,
    billing,
    checkout,
    customers,
    disputing,
    listing,
    portal,
    refunding,
)
from sandbox.stripe import parameters as takes
from sandbox.stripe import parameters_money as money
from sandbox.stripe.book import Book, Record
from sandbox.stripe.takes import Checker

Action = Callable[[Book, str, Record], Record]


class Endpoint(NamedTuple):
    """One method at one address; the address has at most one id in it."""

    method: str
    path: re.Pattern[str]
    takes: Checker
    does: Action


def _at(method: str, path: str, checker: Checker, does: Action) -> Endpoint:
    return Endpoint(method, re.compile(path.replace("{id}", "([^/]+)")), checker, does)


def _one(kind: str) -> Action:
    return lambda book, object_id, _: book.get(kind, object_id)


def _list(kind: str, path: str) -> Action:
    return lambda book, _, wishes: listing.page(book, kind, path, wishes)


def _find(path: str, kind: str, checker: Checker = takes.ONE) -> Endpoint:
    """The endpoint that retrieves one object."""
    return _at("GET", f"{path}/{{id}}", checker, _one(kind))


def _on(kind: str, does: Callable[[Book, Record, Record], Record]) -> Action:
    return lambda book, object_id, wishes: does(book, book.get(kind, object_id), wishes)


SESSIONS, CUSTOMERS = "/v1/checkout/sessions", "/v1/customers"
SUBSCRIPTIONS, INVOICES, EVENTS = "/v1/subscriptions", "/v1/invoices", "/v1/events"
INTENTS, CHARGES, REFUNDS = "/v1/payment_intents", "/v1/charges", "/v1/refunds"
DISPUTES, PAYOUTS = "/v1/disputes", "/v1/payouts"
WARNINGS, TRANSACTIONS = "/v1/radar/early_fraud_warnings", "/v1/balance_transactions"
INVOICE_PAYMENTS = "/v1/invoice_payments"

OF_MONEY = (
    _at("GET", INTENTS, money.LIST_INTENTS, _list("payment_intent", INTENTS)),
    _find(INTENTS, "payment_intent"),
    _at("GET", CHARGES, money.LIST_CHARGES, _list("charge", CHARGES)),
    _find(CHARGES, "charge"),
    _at("POST", REFUNDS, money.CREATE_REFUND, lambda book, _, w: refunding.create(book, w)),
    _at("GET", REFUNDS, money.OF_A_PAYMENT, _list("refund", REFUNDS)),
    _find(REFUNDS, "refund"),
    _at("POST", f"{REFUNDS}/{{id}}", money.UPDATE_REFUND, _on("refund", refunding.change)),
    _at("GET", DISPUTES, money.OF_A_PAYMENT, _list("dispute", DISPUTES)),
    _find(DISPUTES, "dispute"),
    _at("POST", f"{DISPUTES}/{{id}}", money.UPDATE_DISPUTE, _on("dispute", disputing.answer)),
    _at(
        "POST",
        f"{DISPUTES}/{{id}}/close",
        takes.ONE,
        _on("dispute", lambda book, dispute, _: disputing.close(book, dispute, won=False)),
    ),
    _at("GET", WARNINGS, money.OF_A_PAYMENT, _list("radar.early_fraud_warning", WARNINGS)),
    _find(WARNINGS, "radar.early_fraud_warning"),
    _at("GET", "/v1/balance", takes.ONE, lambda book, _, __: balance.show(book)),
    _at("GET", TRANSACTIONS, money.LIST_TRANSACTIONS, _list("balance_transaction", TRANSACTIONS)),
    _find(TRANSACTIONS, "balance_transaction"),
    _at("GET", PAYOUTS, money.LIST_PAYOUTS, _list("payout", PAYOUTS)),
    _find(PAYOUTS, "payout"),
    _at(
        "GET",
        INVOICE_PAYMENTS,
        money.LIST_INVOICE_PAYMENTS,
        _list("invoice_payment", INVOICE_PAYMENTS),
    ),
    _find(INVOICE_PAYMENTS, "invoice_payment"),
    _find("/v1/payment_methods", "payment_method"),
    _find("/v1/mandates", "mandate"),
)

ENDPOINTS = (
    *OF_MONEY,
    _at("POST", SESSIONS, takes.CREATE_SESSION, lambda book, _, w: checkout.create(book, w)),
    _at("GET", SESSIONS, takes.LIST_SESSIONS, _list("checkout.session", SESSIONS)),
    _at("GET", f"{SESSIONS}/{{id}}", takes.ONE, _one("checkout.session")),
    _at(
        "POST",
        f"{SESSIONS}/{{id}}/expire",
        takes.ONE,
        _on("checkout.session", lambda book, session, _: checkout.expire(book, session)),
    ),
    _at("POST", CUSTOMERS, takes.CUSTOMER, lambda book, _, w: customers.create(book, w)),
    _at("GET", CUSTOMERS, takes.LIST_CUSTOMERS, _list("customer", CUSTOMERS)),
    _at("GET", f"{CUSTOMERS}/{{id}}", takes.ONE, _one("customer")),
    _at("POST", f"{CUSTOMERS}/{{id}}", takes.CUSTOMER, _on("customer", customers.change)),
    _at("GET", SUBSCRIPTIONS, takes.LIST_SUBSCRIPTIONS, _list("subscription", SUBSCRIPTIONS)),
    _at("GET", f"{SUBSCRIPTIONS}/{{id}}", takes.ONE, _one("subscription")),
    _at(
        "POST",
        f"{SUBSCRIPTIONS}/{{id}}",
        takes.UPDATE_SUBSCRIPTION,
        _on("subscription", billing.change),
    ),
    _at(
        "DELETE",
        f"{SUBSCRIPTIONS}/{{id}}",
        takes.CANCEL_SUBSCRIPTION,
        _on("subscription", billing.cancel),
    ),
    _at("GET", INVOICES, takes.LIST_INVOICES, _list("invoice", INVOICES)),
    _at("GET", f"{INVOICES}/{{id}}", takes.ONE, _one("invoice")),
    _at(
        "POST",
        "/v1/billing_portal/sessions",
        takes.PORTAL,
        lambda book, _, wishes: portal.create(book, wishes),
    ),
    _at("GET", EVENTS, takes.LIST_EVENTS, _list("event", EVENTS)),
    _at("GET", f"{EVENTS}/{{id}}", takes.ONE, _one("event")),
)


def find(method: str, path: str) -> tuple[Endpoint, str] | None:
    """Return the endpoint at an address and the id in it, or None."""
    for endpoint in ENDPOINTS:
        match = endpoint.path.fullmatch(path)
        if match and endpoint.method == method:
            return endpoint, match[1] if endpoint.path.groups else ""
    return None
