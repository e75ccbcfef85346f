"""Whose service this is: `organisation.toml`, read once, checked whole."""

import datetime as dt
import re
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from core.addresses import NotAPhoneNumber, PhoneNumber
from core.money import Money, NotAnAmount

_Value = TypeVar("_Value")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
SLUG = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


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
class Limits:
    """Every limit that an operator may change; each name says its unit."""

    donation_minimum_pence: int = 100
    donation_maximum_pence: int = 1_000_000
    message_characters: int = 1000
    form_minutes: int = 120
    checkout_minutes: int = 60
    nearest_cut_off_km: int = 60
    api_requests_a_second: int = 50
    form_posts_a_second: int = 20
    texts_an_hour: int = 60
    texts_an_hour_in_all: int = 5000
    text_days: int = 30
    link_minutes: int = 60
    receipt_link_days: int = 90


@dataclass(frozen=True, slots=True)
class Organisation:
    """Everything about the organisation that its pages, mails and replies say."""

    name: str
    short_name: str
    newspaper: str
    strapline: str
    phone: Phone
    text_line: Phone | None
    email: str | None
    minimum_age: int
    imprint: Imprint
    accent: str
    accent_ink: str
    links: tuple[Link, ...]
    appeals: tuple[AppealPlan, ...]
    rates: tuple[Rate, ...]
    limits: Limits


def load(path: Path) -> tuple[Organisation, list[str]]:
    """Read the organisation's file: what it says, and every fault found in it in words.

    Where there is a fault the organisation is incomplete and must not be used.
    """
    reader = _Reader(path.name)
    table: dict[str, Any] = {}
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError:
        return reader.organisation(table), [f"{path.name} cannot be read"]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        return reader.organisation(table), [f"{path.name} is not TOML: {error}"]
    return reader.organisation(table), reader.faults


class _Reader:
    """Collects faults while it reads, so that all of them can be told at once."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.faults: list[str] = []

    def organisation(self, table: Mapping[str, Any]) -> Organisation:
        """Read the whole file, noting its faults."""
        colours = self._table(table, "colours")
        imprint = self._table(table, "imprint")
        found = Organisation(
            name=self._text(table, "name"),
            short_name=self._text(table, "short_name"),
            newspaper=self._text(table, "newspaper", default=""),
            strapline=self._text(table, "strapline", default=""),
            phone=self._phone(table, "phone") or Phone("", ""),
            text_line=self._phone(table, "text_line") if table.get("text_line") else None,
            email=self._text(table, "email", default="") or None,
            minimum_age=self._whole(table, "minimum_age", 16),
            imprint=Imprint(
                self._text(imprint, "promoter", default=""),
                tuple(str(line) for line in imprint.get("address", [])),
            ),
            accent=self._colour(colours, "accent", "#b3122a"),
            accent_ink=self._colour(colours, "accent_ink", "#ffffff"),
            links=tuple(self._link(row) for row in table.get("links", [])),
            appeals=tuple(
                self._appeal(slug, row) for slug, row in self._table(table, "appeals").items()
            ),
            rates=tuple(self._rate(row) for row in table.get("rates", [])),
            limits=self._limits(self._table(table, "limits")),
        )
        if not found.rates:
            self._fault("[[rates]]", "at least one rate of dues is needed")
        return found

    def _fault(self, key: str, words: str) -> None:
        self.faults.append(f"{self.file}: {key}: {words}")

    def _table(self, table: Mapping[str, Any], key: str) -> Mapping[str, Any]:
        value = table.get(key, {})
        if isinstance(value, dict):
            return value
        self._fault(key, "must be a table")
        return {}

    def _text(self, table: Mapping[str, Any], key: str, default: str | None = None) -> str:
        value = table.get(key, default)
        if isinstance(value, str) and (value or default is not None):
            return value
        self._fault(key, "is missing" if value in (None, "") else "must be text")
        return ""

    def _whole(self, table: Mapping[str, Any], key: str, default: int) -> int:
        value = table.get(key, default)
        if isinstance(value, int) and not isinstance(value, bool) and value > 0:
            return value
        self._fault(key, "must be a whole number above 0")
        return default

    def _parsed(
        self, parse: Callable[[str], _Value], table: Mapping[str, Any], key: str
    ) -> _Value | None:
        try:
            return parse(str(table.get(key, "")))
        except (NotAnAmount, NotAPhoneNumber) as error:
            self._fault(key, str(error))
            return None

    def _phone(self, table: Mapping[str, Any], key: str) -> Phone | None:
        number = self._parsed(PhoneNumber.parse, table, key)
        return Phone(number.e164, str(table[key])) if number else None

    def _money(self, table: Mapping[str, Any], key: str) -> Money:
        return self._parsed(Money.parse, table, key) or Money(0)

    def _colour(self, table: Mapping[str, Any], key: str, default: str) -> str:
        value = table.get(key, default)
        if isinstance(value, str) and _COLOUR.fullmatch(value):
            return value
        self._fault(f"colours.{key}", "must be a colour such as #b3122a")
        return default

    def _slug(self, value: object) -> str:
        if isinstance(value, str) and SLUG.fullmatch(value):
            return value
        self._fault("slug", f"{value!r} must be lower-case words joined by hyphens")
        return ""

    def _link(self, row: Mapping[str, Any]) -> Link:
        url = self._text(row, "url")
        if not url.startswith("https://"):
            self._fault("links.url", "must begin with https://")
        return Link(self._text(row, "label"), url)

    def _appeal(self, slug: str, row: Mapping[str, Any]) -> AppealPlan:
        starts, ends = row.get("starts"), row.get("ends")
        if not isinstance(starts, dt.date):
            self._fault(f"appeals.{slug}.starts", "must be a date")
            starts = dt.date.min
        if ends is not None and not (isinstance(ends, dt.date) and ends >= starts):
            self._fault(f"appeals.{slug}.ends", "must be a date on or after starts")
        return AppealPlan(
            slug=self._slug(slug),
            title=self._text(row, "title"),
            blurb=self._text(row, "blurb", default=""),
            target=self._money(row, "target"),
            starts=starts,
            ends=ends,
        )

    def _rate(self, row: Mapping[str, Any]) -> Rate:
        return Rate(
            self._slug(row.get("slug")), self._text(row, "name"), self._money(row, "amount")
        )

    def _limits(self, table: Mapping[str, Any]) -> Limits:
        known = Limits.__dataclass_fields__
        for unknown in table.keys() - known.keys():
            self._fault(f"limits.{unknown}", "is not a limit that this service knows")
        shipped = Limits()
        return Limits(**{key: self._whole(table, key, getattr(shipped, key)) for key in known})
