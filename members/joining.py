"""Joining: from a form to an application with a Checkout, once, however often it is sent."""

import datetime as dt
import uuid
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from core import outbox
from core.addresses import EmailAddress, PhoneNumber
from core.clock import day_in_london
from core.organisation import Rate
from members import ages, linking, rejoining, states
from members.models import Consent, Member, MemberPledge, MembershipEvent
from members.places import Named, Placed, Places
from members.rules import Rules
from payments import pledging
from payments.law import declaring
from payments.law.declaring import Declared
from payments.models import Checkout, Pledge
from payments.offline import agreeing
from payments.till import Till

_RUNNING = ("confirming", "paid", "held")


@dataclass(frozen=True, slots=True)
class Answer:
    """What an applicant answered about one channel, and the sentence that was shown."""

    channel: str
    given: bool
    wording: str


@dataclass(frozen=True, slots=True)
class Application:
    """What an applicant told us. `title` is the name of the line item at Stripe.

    `through` is the open branch whose leaflet or page they come from: it goes before the branch of
    their postcode, in another region too, since they may work there, or know somebody. `source` is
    where they come from, in a word. `declared` is what they declared of the money, as it was shown;
    dues above the threshold of the law are not taken without. `aside` says that they get no
    Checkout now (`pledging.Wish`).
    """

    name: str
    email: EmailAddress
    phone: PhoneNumber | None
    date_of_birth: dt.date
    address1: str
    address2: str
    town: str
    postcode: str
    rate: Rate
    consents: Sequence[Answer]
    title: str
    form_nonce: str
    through: Named | None = None
    source: str = ""
    declared: str | None = None
    aside: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """An application that waits for its first due; `checkout` is None where it has gone further.

    `superseded` are the sessions of older Checkouts of the same person, to be closed now.
    """

    pledge: Pledge
    checkout: Checkout | None
    superseded: tuple[str, ...] = ()


def apply(
    session: Session,
    application: Application,
    *,
    till: Till,
    places: Places,
    rules: Rules,
    now: dt.datetime,
) -> Begun | None:
    """Keep an application and its pledge of dues; None where its maker is a member already.

    The same form sent again changes nothing and gets what it began. Another form of somebody who
    has not paid yet (they went back from the payment page, and the form was fetched anew) goes on
    with the Checkout that is open, with what they now say; at another rate it gets one of its own,
    and the older one is to be closed.

    Nobody shall pay dues twice, so a member whose dues run gets no second Checkout but a letter
    with the link to their own pages, and sees a page that says to look there. That answer differs
    from the usual one, which a stranger could use to learn who is a member. A single page for
    both would not lead to the payment, as joining must; a second Checkout for both would take
    money twice. So the letter is sent only where e-mail address *and* date of birth are a
    member's: the address alone, or with a guessed name, is answered like anybody's. The name is
    not compared, because people write their own in more than one way.

    Raises:
        DeclarationNeeded: the rate is above the threshold, and nothing is declared.
        ages.TooYoung, ages.NotALifetimeAgo: see `ages.check_age`.
    """
    ages.check_age(application.date_of_birth, today=day_in_london(now), minimum=rules.minimum_age)
    if pledging.pledged(session, application.form_nonce, lock=True) is None:
        member = _already(session, application)
        if member is not None:
            _write_to(session, member, application.form_nonce, rules, now)
            return None
        waiting = _waiting(session, application)
        for found in waiting:
            is_open = found.dues.checkouts[-1].expires_at > now
            if is_open and found.dues.amount_pence == application.rate.amount.pence:
                declaring.keep(session, found.dues, _declared(application), now=now)
                _say(found, application, _placed(session, application, places), now)
                others = [each for each in waiting if each is not found]
                return Begun(found.dues, found.dues.checkouts[-1], _sessions(others))
    else:
        waiting = []
    checkout = till.pledge(session, _wish(application))
    pledge = session.scalars(
        select(Pledge).where(Pledge.form_nonce == application.form_nonce)
    ).one()
    if applicant(session, pledge.id) is None:
        _keep(session, application, pledge, _placed(session, application, places), now)
    return Begun(pledge, checkout, _sessions(waiting))


def _placed(session: Session, application: Application, places: Places) -> Placed:
    through = application.through
    return places.place(session, application.postcode, branch_id=through.id if through else None)


def applicant(session: Session, pledge_id: uuid.UUID) -> Member | None:
    """Return whose dues these are, or were before they had others."""
    owner = select(MemberPledge.member_id).where(MemberPledge.pledge_id == pledge_id)
    return session.scalar(select(Member).where(Member.id == owner.scalar_subquery()))


def _already(session: Session, application: Application) -> Member | None:
    """Find the member that the applicant is, if dues are running or on their way.

    So are those of who was entered by the office, before the first of them is in the books.
    """
    return session.scalar(
        select(Member)
        .join(Member.dues)
        .where(
            Member.email_key == application.email.key,
            Member.date_of_birth == application.date_of_birth,
            Member.state.not_in(states.GONE),
            or_(Pledge.state.in_(_RUNNING), agreeing.runs()),
            Pledge.stopped_at.is_(None),
        )
        .order_by(Member.created_at)
        .limit(1)
    )


def _waiting(session: Session, application: Application) -> list[Member]:
    """Find what this person has begun and not paid for all we know, newest first.

    A page whose time is over is among it: we may not have heard yet that it was paid.
    """
    open_pages = Pledge.checkouts.any(Checkout.state == "open")
    return list(
        session.scalars(
            select(Member)
            .join(Member.dues)
            .where(
                Member.email_key == application.email.key,
                Member.date_of_birth == application.date_of_birth,
                Member.state == "applied",
                Pledge.state == "pending",
                open_pages,
            )
            .order_by(Member.created_at.desc())
        )
    )


def _sessions(members: Sequence[Member]) -> tuple[str, ...]:
    pages = [member.dues.checkouts[-1].session_id for member in members]
    return tuple(page for page in pages if page is not None)


def _write_to(
    session: Session, member: Member, form_nonce: str, rules: Rules, now: dt.datetime
) -> None:
    """Tell a member by mail that they are one, once for each form and three times an hour."""
    key = f"already-member:{form_nonce}"
    if session.scalar(select(outbox.OutboxMail.id).where(outbox.OutboxMail.key == key)):
        return
    link = linking.mint(session, member.email_key, lifetime=rules.asked_link, now=now)
    if link is not None:
        values = {
            "member": {"first_name": member.first_name},
            "waits": member.waiting_since is not None,
            "link": str(link),
            "minutes": int(rules.asked_link.total_seconds() // 60),
        }
        outbox.mail(session, "already_member", key=key, to=member.email, values=values, now=now)


def _declared(application: Application) -> Declared | None:
    """Return what an applicant declared: they are the donor, as they have named themselves."""
    if application.declared is None:
        return None
    return Declared(
        donor_type="individual",
        name=application.name,
        address1=application.address1,
        address2=application.address2,
        town=application.town,
        postcode=application.postcode,
        wording=application.declared,
    )


def _wish(application: Application) -> pledging.Wish:
    return pledging.Wish(
        kind="dues",
        amount=application.rate.amount,
        title=application.title,
        name=application.name,
        email=application.email,
        form_nonce=application.form_nonce,
        postcode=application.postcode,
        source=application.source,
        declaration=_declared(application),
        aside=application.aside,
    )


def _keep(
    session: Session, application: Application, pledge: Pledge, placed: Placed, now: dt.datetime
) -> None:
    """Insert the member. The lock on the pledge keeps a second request of the form waiting."""
    older = rejoining.former(session, application.email, application.date_of_birth)
    member = Member(
        id=uuid.uuid4(),
        rejoins_id=older.id if older else None,
        email=application.email.text,
        email_key=application.email.key,
        date_of_birth=application.date_of_birth,
        dues_pledge_id=pledge.id,
        form_nonce=application.form_nonce,
        created_at=now,
    )
    why = f"sent the form, through {application.through.name}" if application.through else ""
    member.events.append(
        MembershipEvent(to_state="applied", at=now, why=why or "sent the form", who="applicant")
    )
    _say(member, application, placed, now)
    session.add(member)
    session.flush()
    session.add(MemberPledge(pledge_id=pledge.id, member_id=member.id, since=now))
    session.flush()


def _say(member: Member, application: Application, placed: Placed, now: dt.datetime) -> None:
    """Keep what the applicant tells of themselves; consents are added, never changed.

    What somebody answers who was a member before counts once they are one again.
    """
    member.name = application.name
    member.phone = application.phone.e164 if application.phone else None
    member.address1 = application.address1
    member.address2 = application.address2
    member.town = application.town
    member.postcode = placed.postcode
    member.precision = placed.precision
    member.branch_id = placed.branch.id if placed.branch else None
    member.region_id = placed.region.id if placed.region else None
    member.rate = application.rate.slug
    if member.rejoins_id is not None:
        member.answers = [
            {"channel": each.channel, "given": each.given, "wording": each.wording}
            | {"at": now.isoformat()}
            for each in application.consents
        ]
        return
    member.consents.extend(
        Consent(
            channel=answer.channel,
            given=answer.given,
            wording=answer.wording,
            at=now,
            source="join form",
        )
        for answer in application.consents
    )
