"""Stand-ins for the outside world: a Stripe, a phone, a mailbox and a newspaper's article.

Everything here speaks to the service over the network alone, as the real things do. No room of the
service imports it, and it imports none: only Flask, Werkzeug, aiosmtpd, requests and Python.
"""
