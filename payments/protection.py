"""What this room holds about people: givers, what they declared, and what moved."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.protection import Keeper, Person, Purpose
from payments.erasing import erase
from payments.models import Checkout, Dispute, Payment, PermissibilityCheck, Pledge, WebhookEvent
from payments.models.giving import MONTHLY
from payments.retaining import LAPSES

_MEMBERS = "9(2)(d) a political body, those in regular contact with it"
_LAW = "9(2)(g) with DPA 2018, Sch. 1: a duty under the law on political donations"
_ACCOUNTS = "six years from the end of the financial year of the payment (PPERA 2000, s.41)"
PURPOSES = (
    Purpose(
        name="gifts and dues",
        what="name, e-mail address, postcode, amount, day, page they came from",
        why="to take the payment, send its receipt, and keep the accounts",
        basis="6(1)(b) contract (dues), 6(1)(c) legal obligation (PPERA 2000, ss.41 and 52)",
        special=_MEMBERS,
        source="the person; Stripe says what was paid; the bank's statement what came there",
        seen_by="the treasurer; Stripe, which takes the payment",
        kept=f"paid: {_ACCOUNTS}; unpaid: {{unpaid_pledge_days}} days",
        tables=(
            *("pledge", "pledge_word", "checkout", "payment", "refund", "dispute", "fraud_warning"),
            *("ledger_transaction", "ledger_entry", "appeal_donor", "payout_line"),
            *("detail_inquiry", "refund_request", "refund_wish", "stop_request"),
            *("offline_entry", "bank_line", "bank_decision", "bank_rule", "held_settlement"),
        ),
    ),
    Purpose(
        name="monthly agreements",
        what="what a monthly giver changed, and when their card runs out",
        why="to take what was agreed to, and to say in time that a card will not do",
        basis="6(1)(b) contract (dues), 6(1)(a) consent (gifts)",
        special=_MEMBERS,
        source="the person; Stripe",
        seen_by="the treasurer",
        kept=_ACCOUNTS,
        tables=("monthly_change", "monthly_amount", "monthly_standing"),
    ),
    Purpose(
        name="checks of donors",
        what="name and address as on the electoral register, what was declared, what was decided",
        why="nobody else may give above the threshold, and such gifts may have to be reported",
        basis="6(1)(c) legal obligation (PPERA 2000, ss.54 to 57)",
        special=_LAW,
        source="the person",
        seen_by="the treasurer; what is reported, the Electoral Commission",
        kept=_ACCOUNTS,
        tables=("declaration", "permissibility_check", "check_decision"),
    ),
    Purpose(
        name="the wall",
        what="a message, the name that goes with it, and what a moderator decided",
        why="to show it beside the appeal, if its giver wished so",
        basis="6(1)(a) consent",
        special="9(2)(a) explicit consent; 9(2)(e) made public by the person",
        source="the person",
        seen_by="the moderator; once approved, everybody",
        kept="until its giver asks for it to go, or the record of the gift goes",
        tables=("wall_entry", "message_decision"),
    ),
    Purpose(
        name="notices of the payment company",
        what="what Stripe tells of a payment, as it came: amounts, e-mail address, name on card",
        why="to book every payment, and to prove or mend the books afterwards",
        basis="6(1)(c) legal obligation (proper accounts)",
        special=_MEMBERS,
        source="Stripe",
        seen_by="nobody but who mends the books",
        kept="{notice_days} days",
        tables=("webhook_event",),
    ),
    Purpose(
        name="payments put aside",
        what="which payments waited while card testers were about",
        why="to let nobody's gift be lost, and to write to its giver once",
        basis="6(1)(f) legitimate interests: keeping fraud out",
        special=_MEMBERS,
        source="the person",
        seen_by="nobody",
        kept="{put_aside_days} days",
        tables=("quarantine",),
    ),
)
WITHOUT = (
    *("appeal", "appeal_checkpoint", "payout", "payout_inquiry", "sweep", "bank_account"),
    *("ledger_day", "ledger_days_kept"),
    *("defence_state", "defence_change", "defence_tally", "declined_try"),
)
_OPEN = ("warning_needs_response", "warning_under_review", "needs_response", "under_review")
_BEGUN = ("confirming", "paid", "held")


def roots(session: Session, person: Person) -> Mapping[str, Iterable[object]]:
    """Return the pledges of somebody, and what Stripe told of them."""
    told = select(WebhookEvent.id).where(WebhookEvent.pledge_id.in_(person.pledges))
    return {"pledge": person.pledges, "webhook_event": session.scalars(told).all()}


def hindrances(session: Session, person: Person, now: dt.datetime) -> Sequence[str]:
    """Say what stands against erasing a giver now.

    `running`: something is taken each month; `under-way`: a payment may still arrive; `disputed`:
    a bank argues about one; `unchecked`: the treasurer has not decided on one yet.
    """
    mine = Pledge.id.in_(person.pledges)
    paid = select(Payment.id).join(Pledge).where(mine)
    running = select(Pledge.id).where(
        mine, Pledge.kind.in_(MONTHLY), Pledge.state.in_(_BEGUN), Pledge.stopped_at.is_(None)
    )
    open_page = select(Checkout.pledge_id).where(
        Checkout.state == "open", Checkout.session_id.is_not(None), Checkout.expires_at > now
    )
    under_way = select(Pledge.id).where(
        mine,
        Pledge.state.in_(("confirming", "held"))
        | ((Pledge.state == "pending") & Pledge.id.in_(open_page)),
    )
    asked = {
        "running": running,
        "under-way": under_way,
        "disputed": select(Dispute.id).where(
            Dispute.payment_id.in_(paid), Dispute.status.in_(_OPEN)
        ),
        "unchecked": select(PermissibilityCheck.id).where(
            PermissibilityCheck.payment_id.in_(paid), PermissibilityCheck.state == "waiting"
        ),
    }
    return [kind for kind, query in asked.items() if session.scalar(query.limit(1)) is not None]


KEEPER = Keeper(
    purposes=PURPOSES,
    without=WITHOUT,
    roots=roots,
    hindrances=hindrances,
    erase=erase,
    lapses=LAPSES,
)
