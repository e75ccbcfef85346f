"""A machine that draws what may happen to money, and holds the house against Stripe's own books."""
