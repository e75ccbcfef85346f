"""The admins' audit: searched by links, read page by page, taken out with a reason."""

import csv
import datetime as dt
import io
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Self

from flask import Response, abort, render_template, request, stream_with_context
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core import clock
from core.clock import day_in_london
from core.database import reading, transaction
from core.forms import options
from staff import accounts, auditing, taking
from staff.admin_views import bp
from staff.auditing import NotForTheAudit, Sought, Subject
from staff.forms import AuditForm, TakeAuditForm
from staff.models import KINDS
from staff.room import me

_MOST_ID = 2**31 - 1  # what the database counts entries up to
SINCE = {"": None, "day": 1, "week": 7, "month": 30}
_CHUNK = 32 * 1024
_COUNTED = 1_000  # exactly before a file is made; all of them when it is
SINCE_WORDS = {
    "": _l("Ever"),
    "day": _l("Since yesterday"),
    "week": _l("In seven days"),
    "month": _l("In thirty days"),
}
KIND_WORDS = {
    "": _l("Anything"),
    "sign-in": _l("Sign-ins"),
    "failure": _l("Failed sign-ins"),
    "look": _l("Looks"),
    "search": _l("Searches"),
    "change": _l("Changes"),
    "export": _l("Lists taken out"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """What was chosen, as the address of the page says it; ids and our own words alone."""

    kind: str = ""
    account: str = ""
    subject: str = ""
    since: str = ""

    @classmethod
    def asked(cls, given: Mapping[str, str]) -> Self:
        """Read the query of an address."""
        return cls(**{name: given.get(name, "") for name in cls.__slots__})

    def query(self, **but: str) -> dict[str, str]:
        """Return what an address says for these filters, changed by `but`."""
        changed = replace(self, **but)
        return {name: value for name in self.__slots__ if (value := getattr(changed, name))}

    def sought(self, now: dt.datetime) -> Sought:
        """Return what is looked for.

        Raises:
            ValueError: it is none of what the page offers.
        """
        if self.kind not in ("", *KINDS) or self.since not in SINCE:
            raise ValueError("is none of our filters")
        kind, colon, row = self.subject.partition(":")
        if self.subject and not (colon and kind and row):
            raise ValueError("is no row")
        days = SINCE[self.since]
        return Sought(
            account_id=uuid.UUID(self.account) if self.account else None,
            kind=self.kind,
            subject=Subject(kind, row) if self.subject else None,
            since=now - dt.timedelta(days=days) if days else None,
        )


@bp.get("/audit")
def audit() -> ResponseReturnValue:
    """Search the audit; the search is written down."""
    filters, now = Filters.asked(request.args), clock.now()
    sought = _sought(filters, now)
    before = request.args.get("before", type=int)
    form = AuditForm(formdata=None, data={"account": filters.account})
    with transaction() as session:
        by = {str(id_): email for id_, email in accounts.names(session).items()}
        if filters.account not in ("", *by):
            abort(404)
        before = max(0, min(before, _MOST_ID)) if before is not None else None
        entries = auditing.search(session, sought, before=before)
        auditing.record(session, "search", by=me().account_id, now=now, detail="audit")
    form.account.choices = options({"": _("Anybody"), **by})
    return render_template(
        "desk/audit.html",
        form=form,
        filters=filters,
        entries=entries[: auditing.PAGE],
        names=by,
        more=len(entries) > auditing.PAGE,
        kinds=KIND_WORDS,
        periods=SINCE_WORDS,
    )


@bp.get("/audit/export")
def ask() -> ResponseReturnValue:
    """Show how many entries would be in the file, and ask why it is taken out."""
    form = TakeAuditForm(formdata=None)
    form.anew()
    return _ask(form)


@bp.post("/audit/export")
def take() -> ResponseReturnValue:
    """Give the file out, once."""
    form, filters, now = TakeAuditForm(), Filters.asked(request.args), clock.now()
    sought = _sought(filters, now)
    if not form.validate():
        return _ask(form, 422)
    with transaction() as session:
        upto = taking.take(
            session, me(), sought, reason=form.reason.data or "", nonce=form.number, now=now
        )
    if upto is None:
        form.form_errors = [_("This file was taken out already. Send the form for another.")]
        form.anew()
        return _ask(form, 409)
    return _file(sought, upto, now)


def _sought(filters: Filters, now: dt.datetime) -> Sought:
    try:
        return filters.sought(now)
    except (ValueError, NotForTheAudit):
        abort(404)


def _ask(form: TakeAuditForm, status: int = 200) -> ResponseReturnValue:
    filters = Filters.asked(request.args)
    sought = _sought(filters, clock.now())
    with reading() as session:
        entries = auditing.count(session, sought, most=_COUNTED + 1)
        taken = taking.taken(session)
        names = accounts.addresses(session, [each.account_id for each in taken])
    page = render_template(
        "desk/audit_export.html",
        form=form,
        filters=filters,
        entries=entries,
        counted=_COUNTED,
        taken=taken,
        names=names,
    )
    return page, status


def _file(sought: Sought, upto: int, now: dt.datetime) -> ResponseReturnValue:
    """Send the file as it is read: it takes no more memory than a batch of it."""

    def sent() -> Iterator[str]:
        written = io.StringIO()
        write = csv.writer(written).writerow
        with reading() as session:
            for row in taking.rows(session, sought, upto=upto):
                write(row)
                if written.tell() > _CHUNK:
                    yield written.getvalue()
                    written.seek(0)
                    written.truncate()
        yield written.getvalue()

    name = f"audit-{day_in_london(now)}.csv"
    return Response(
        stream_with_context(sent()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )
