"""Monthly agreements while they run: paused, changed, in arrears, told of once a year.

What a giver wishes is kept first (`wishing`), then told to Stripe (`telling`); how an agreement
stands is asked of Stripe whenever something may have changed (`standing`); a month's money is held
against the amount that counted when its invoice was drawn up (`amounts`).
"""
