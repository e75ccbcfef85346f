"""Whose service this is: `organisation.toml`, read once, checked whole."""

import datetime as dt
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from core import defence, membership, retention
from core.addresses import EmailAddress, PhoneNumber
from core.defence import Defence
from core.membership import Membership
from core.money import Money
from core.retention import Retention
from core.tables import Table

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")
_SLUGS = "must be lower-case words joined by hyphens"
# Stripe takes 30p to eight digits of pence, and keeps a Checkout open for 30 minutes to 24 hours,
# counted from when the order reaches it. A monthly gift may be changed to £500 at most: above that
# the law asks for more of its giver (Political Parties, Elections and Referendums Act 2000).
_MOST_BASIS_POINTS, _MOST_FIXED_PENCE = 1000, 500
_BOUNDS = {
    "donation_minimum_pence": (30, 99_999_999),
    "donation_maximum_pence": (30, 99_999_999),
    "checkout_minutes": (31, 1439),
    "change_minimum_pence": (30, 50_000),
    "change_maximum_pence": (30, 50_000),
    "card_notice_days": (1, 62),
    "second_person_above_pence": (1, 99_999_999),
    "quiet_days": (3, 90),
    "branch_confirm_months": (1, 60),
}


@dataclass(frozen=True, slots=True)
class Phone:
    """A number as it is dialled (E.164) and as the organisation prints it."""

    e164: str
    display: str


@dataclass(frozen=True, slots=True)
class Imprint:
    """The promoter's name and address, as the Elections Act 2022 (Part 6) wants them shown."""

    promoter: str
    address: tuple[str, ...]

    @property
    def complete(self) -> bool:
        """Whether both name and address are given."""
        return bool(self.promoter and self.address)


@dataclass(frozen=True, slots=True)
class Link:
    """A link in the foot of every page."""

    label: str
    url: str


@dataclass(frozen=True, slots=True)
class Rate:
    """A monthly rate of dues."""

    slug: str
    name: str
    amount: Money


@dataclass(frozen=True, slots=True)
class AppealPlan:
    """An appeal that this organisation runs from the first day."""

    slug: str
    title: str
    blurb: str
    target: Money
    starts: dt.date
    ends: dt.date | None


@dataclass(frozen=True, slots=True)
class CardFee:
    """What a payment by card usually costs us: hundredths of a percent, and pence."""

    basis_points: int
    fixed_pence: int

    def cover(self, amount: Money) -> Money:
        """Return what must be added to an amount so that, after the fee, all of it is left.

        The fee is taken of the sum, so of what is added too; part of a penny counts as one.
        """
        left = 10_000 - self.basis_points
        owed = amount.pence * self.basis_points + self.fixed_pence * 10_000
        return Money(-(-owed // left))


@dataclass(frozen=True, slots=True)
class Limits:
    """Every limit that an operator may change; each name says its unit."""

    donation_minimum_pence: int = 100
    donation_maximum_pence: int = 1_000_000
    change_minimum_pence: int = 100
    change_maximum_pence: int = 50_000
    message_characters: int = 1000
    form_minutes: int = 120
    checkout_minutes: int = 60
    nearest_cut_off_km: int = 60
    api_requests_a_second: int = 50
    form_posts_a_second: int = 100
    texts_an_hour: int = 60
    texts_an_hour_per_district: int = 500
    texts_an_hour_in_all: int = 5000
    text_days: int = 30
    link_minutes: int = 60
    receipt_link_days: int = 90
    card_notice_days: int = 28
    second_person_above_pence: int = 10_000
    quiet_days: int = 14
    branch_confirm_months: int = 6


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everything about the organisation that its pages, mails and replies say."""

    name: str
    short_name: str
    newspaper: str
    strapline: str
    phone: Phone
    text_line: Phone | None
    texts_keep_welsh: bool
    email: str | None
    treasurer_email: str | None
    minimum_age: int
    imprint: Imprint
    accent: str
    accent_ink: str
    links: tuple[Link, ...]
    appeals: tuple[AppealPlan, ...]
    rates: tuple[Rate, ...]
    card_fee: CardFee | None
    year_statements: bool
    membership: Membership
    limits: Limits
    defence: Defence
    retention: Retention
    alarm_email: str | None


def load(path: Path) -> tuple[Organisation, list[str]]:
    """Read the organisation's file: what it says, and every fault found in it in words.

    Where there is a fault the organisation is incomplete and must not be used.
    """
    values: dict[str, object] = {}
    unread = []
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        unread = [f"{path.name} cannot be read"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        unread = [f"{path.name} is not TOML: {error}"]
    faults: list[str] = []
    found = _organisation(Table(values, "", faults))
    return found, unread or [f"{path.name}: {fault}" for fault in faults]


def _organisation(table: Table) -> Organisation:
    colours, imprint = table.table("colours"), table.table("imprint")
    law = table.table("law")
    limits = table.table("limits")
    found = Organisation(
        name=table.text("name"),
        short_name=table.text("short_name"),
        newspaper=table.text("newspaper", default=""),
        strapline=table.text("strapline", default=""),
        phone=_phone(table, "phone") or Phone("", ""),
        text_line=_phone(table, "text_line") if table.has("text_line") else None,
        texts_keep_welsh=table.flag("texts_keep_welsh", default=False),
        email=_email(table, "email"),
        treasurer_email=_email(law, "treasurer_email"),
        minimum_age=table.whole("minimum_age", 16),
        imprint=Imprint(imprint.text("promoter", default=""), imprint.texts("address")),
        accent=_colour(colours, "accent", "#b3122a"),
        accent_ink=_colour(colours, "accent_ink", "#ffffff"),
        links=tuple(_link(row) for row in table.rows("links")),
        appeals=tuple(
            _appeal(slug, each) for slug, each in table.table("appeals").tables().items()
        ),
        rates=tuple(_rate(row) for row in table.rows("rates")),
        card_fee=_card_fee(table.table("card_fee")) if table.has("card_fee") else None,
        year_statements=table.flag("year_statements", default=True),
        defence=defence.read(limits),
        membership=membership.read(table.table("membership")),
        limits=_limits(limits),
        retention=retention.read(table.table("retention")),
        alarm_email=_email(table, "alarm_email"),
    )
    slugs = {rate.slug for rate in found.rates}
    if not slugs or len(slugs) < len(found.rates):
        table.fault("rates", "at least one rate of dues is needed, and no two of one slug")
    for each in (table, colours, imprint, law):
        each.refuse_unknown()
    return found


def _phone(table: Table, key: str) -> Phone | None:
    number = table.parsed(key, PhoneNumber.parse)
    return Phone(number.e164, str(table.values[key])) if number else None


def _email(table: Table, key: str) -> str | None:
    found = table.parsed(key, EmailAddress.parse) if table.has(key) else None
    return str(found) if found else None


def _money(table: Table, key: str) -> Money:
    found = table.parsed(key, Money.parse)
    if found is not None and not found.pence:
        table.fault(key, "must be more than nothing")
    return found or Money(0)


def _colour(table: Table, key: str, default: str) -> str:
    value = table.text(key, default)
    if value and not _COLOUR.fullmatch(value):
        table.fault(key, "must be a colour such as #b3122a")
    return value


def _link(row: Table) -> Link:
    link = Link(row.text("label"), row.text("url"))
    if link.url and not link.url.startswith("https://"):
        row.fault("url", "must begin with https://")
    row.refuse_unknown()
    return link


def _appeal(slug: str, table: Table) -> AppealPlan:
    starts, ends = table.date("starts"), table.date("ends")
    if not SLUG.fullmatch(slug):
        table.fault("", _SLUGS)
    if starts is None and not table.has("starts"):
        table.fault("starts", "is missing")
    if starts and ends and ends < starts:
        table.fault("ends", "must be on or after starts")
    found = AppealPlan(
        slug=slug,
        title=table.text("title"),
        blurb=table.text("blurb", default=""),
        target=_money(table, "target"),
        starts=starts or dt.date.min,
        ends=ends,
    )
    table.refuse_unknown()
    return found


def _rate(row: Table) -> Rate:
    rate = Rate(row.text("slug"), row.text("name"), _money(row, "amount"))
    if rate.slug and not SLUG.fullmatch(rate.slug):
        row.fault("slug", _SLUGS)
    if rate.slug == membership.OWN_RATE:
        row.fault("slug", "is taken for amounts of one's own")
    row.refuse_unknown()
    return rate


def _card_fee(table: Table) -> CardFee:
    fee = CardFee(
        table.whole("basis_points", 0, 0, _MOST_BASIS_POINTS),
        table.whole("fixed_pence", 0, 0, _MOST_FIXED_PENCE),
    )
    table.refuse_unknown()
    return fee


def _limits(table: Table) -> Limits:
    shipped = Limits()
    found = Limits(
        **{
            key: table.whole(key, getattr(shipped, key), *_BOUNDS.get(key, ()))
            for key in Limits.__dataclass_fields__
        }
    )
    if found.donation_maximum_pence < found.donation_minimum_pence:
        table.fault("donation_maximum_pence", "must not be below donation_minimum_pence")
    if found.change_maximum_pence < found.change_minimum_pence:
        table.fault("change_maximum_pence", "must not be below change_minimum_pence")
    table.refuse_unknown()
    return found
