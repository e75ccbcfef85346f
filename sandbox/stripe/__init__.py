"""A stand-in for Stripe: its API, hosted Checkout, the billing portal, signed webhooks.

It speaks one version of the API and remembers everything in the sandbox's file. What it does not
know it refuses in Stripe's own words and shapes, as Stripe does.
"""

API_VERSION = "2026-10-28.endive"
