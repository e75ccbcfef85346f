"""What each endpoint takes, in tables."""

from sandbox.stripe.takes import (
    Checker,
    boolean,
    choice,
    email,
    group,
    integer,
    many,
    metadata,
    text,
    unset,
    url,
)

EXPAND: dict[str, Checker] = {"expand": many(text())}

METHODS = many(text())

RECURRING = group(
    {"interval": choice("day", "week", "month", "year"), "interval_count": integer(1, 36)},
    required=("interval",),
)

PRICE_DATA = group(
    {
        "currency": choice("gbp"),
        "product_data": group(
            {"name": text(), "description": text(40_000)},
            required=("name",),
            not_here=frozenset({"images", "metadata", "tax_code", "unit_label"}),
        ),
        "recurring": RECURRING,
        "unit_amount": integer(0),
    },
    required=("currency", "product_data", "unit_amount"),
    not_here=frozenset({"product", "tax_behavior", "unit_amount_decimal"}),
)

LINE_ITEM = group(
    {"price_data": PRICE_DATA, "quantity": integer(1, 999_999)},
    required=("price_data", "quantity"),
    not_here=frozenset({"adjustable_quantity", "metadata", "price", "tax_rates"}),
)

PAYMENT_INTENT_DATA = group(
    {
        "description": text(1000),
        "metadata": metadata,
        "receipt_email": email,
        "setup_future_usage": choice("off_session", "on_session"),
        "statement_descriptor": text(22),
        "statement_descriptor_suffix": text(22),
    },
    not_here=frozenset(
        {
            "application_fee_amount",
            "capture_method",
            "on_behalf_of",
            "shipping",
            "transfer_data",
            "transfer_group",
        }
    ),
)

SUBSCRIPTION_DATA = group(
    {"description": text(500), "metadata": metadata},
    not_here=frozenset(
        {
            "application_fee_percent",
            "billing_cycle_anchor",
            "billing_cycle_anchor_config",
            "billing_mode",
            "default_tax_rates",
            "invoice_settings",
            "on_behalf_of",
            "pending_invoice_item_interval",
            "proration_behavior",
            "transfer_data",
            "trial_end",
            "trial_period_days",
            "trial_settings",
        }
    ),
)

SESSION_NOT_HERE = frozenset(
    {
        "adaptive_pricing",
        "after_expiration",
        "allow_promotion_codes",
        "automatic_tax",
        "branding_settings",
        "consent_collection",
        "currency",
        "custom_fields",
        "custom_text",
        "customer_account",
        "customer_update",
        "discounts",
        "integration_identifier",
        "invoice_creation",
        "managed_payments",
        "name_collection",
        "optional_items",
        "origin_context",
        "payment_method_collection",
        "payment_method_configuration",
        "payment_method_data",
        "payment_method_options",
        "permissions",
        "phone_number_collection",
        "redirect_on_completion",
        "return_url",
        "saved_payment_method_options",
        "setup_intent_data",
        "shipping_address_collection",
        "shipping_options",
        "tax_id_collection",
        "wallet_options",
    }
)

CREATE_SESSION = group(
    {
        **EXPAND,
        "allowed_payment_method_types": METHODS,
        "billing_address_collection": choice("auto", "required"),
        "cancel_url": url,
        "client_reference_id": text(200),
        "customer": text(),
        "customer_creation": choice("always", "if_required"),
        "customer_email": email,
        "excluded_payment_method_types": METHODS,
        "expires_at": integer(0),
        "line_items": many(LINE_ITEM),
        "locale": choice("auto", "en", "en-GB"),
        "metadata": metadata,
        "mode": choice("payment", "subscription"),
        "payment_intent_data": PAYMENT_INTENT_DATA,
        "submit_type": choice("auto", "book", "donate", "pay", "subscribe"),
        "subscription_data": SUBSCRIPTION_DATA,
        "success_url": url,
        "ui_mode": choice("hosted_page"),
    },
    required=("mode", "line_items", "success_url"),
    not_here=SESSION_NOT_HERE,
)

CUSTOMER = group(
    {
        **EXPAND,
        "description": unset(text()),
        "email": unset(email),
        "metadata": metadata,
        "name": unset(text(256)),
        "phone": unset(text(20)),
    },
    not_here=frozenset({"address", "balance", "invoice_settings", "preferred_locales", "shipping"}),
)

CANCELLATION_DETAILS = group(
    {
        "comment": unset(text()),
        "feedback": unset(
            choice(
                "customer_service",
                "low_quality",
                "missing_features",
                "other",
                "switched_service",
                "too_complex",
                "too_expensive",
                "unused",
            )
        ),
    }
)

PAUSE = group({"behavior": choice("void"), "resumes_at": integer(0)}, required=("behavior",))

ITEM = group(
    {
        "id": text(),
        "price_data": group(
            {
                "currency": choice("gbp"),
                "product": text(),
                "recurring": RECURRING,
                "unit_amount": integer(1, 99_999_999),
            },
            required=("currency", "product", "recurring", "unit_amount"),
            not_here=frozenset({"tax_behavior", "unit_amount_decimal"}),
        ),
        "quantity": integer(1, 999_999),
    },
    required=("id", "price_data"),
    not_here=frozenset({"deleted", "discounts", "metadata", "price", "tax_rates"}),
)

UPDATE_SUBSCRIPTION = group(
    {
        **EXPAND,
        "cancel_at_period_end": boolean,
        "cancellation_details": CANCELLATION_DETAILS,
        "description": unset(text(500)),
        "items": many(ITEM, most=20),
        "metadata": metadata,
        "pause_collection": unset(PAUSE),
        "proration_behavior": choice("none", "create_prorations", "always_invoice"),
    },
    not_here=frozenset({"cancel_at", "default_payment_method", "payment_settings", "trial_end"}),
)

CANCEL_SUBSCRIPTION = group(
    {
        **EXPAND,
        "cancellation_details": CANCELLATION_DETAILS,
        "invoice_now": boolean,
        "prorate": boolean,
    }
)

PORTAL = group(
    {
        **EXPAND,
        "configuration": text(),
        "customer": text(),
        "locale": choice("auto", "en", "en-GB"),
        "return_url": url,
    },
    required=("customer",),
    not_here=frozenset({"customer_account", "flow_data", "on_behalf_of"}),
)

RANGE = group({bound: integer(0) for bound in ("gt", "gte", "lt", "lte")})


def created(value: object, name: str) -> object:
    """A time, or a range of times."""
    return integer(0)(value, name) if isinstance(value, str) else RANGE(value, name)


PAGE: dict[str, Checker] = {
    **EXPAND,
    "created": created,
    "ending_before": text(),
    "limit": integer(1, 100),
    "starting_after": text(),
}

ONE = group(EXPAND)
LIST_SESSIONS = group(
    {
        **PAGE,
        "customer": text(),
        "customer_details": group({"email": text()}, required=("email",)),
        "payment_intent": text(),
        "status": choice("complete", "expired", "open"),
        "subscription": text(),
    }
)
LIST_CUSTOMERS = group({**PAGE, "email": text(512)})
LIST_SUBSCRIPTIONS = group(
    {
        **PAGE,
        "customer": text(),
        "status": choice("active", "all", "canceled", "ended", "incomplete", "past_due", "unpaid"),
    }
)
LIST_INVOICES = group(
    {
        **PAGE,
        "customer": text(),
        "status": choice("draft", "open", "paid", "uncollectible", "void"),
        "subscription": text(),
    }
)
LIST_EVENTS = group(
    {**PAGE, "delivery_success": boolean, "type": text(), "types": many(text(), most=20)}
)
