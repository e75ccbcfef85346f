"""What the commands say of what cannot be done, in words."""

from collections.abc import Mapping

from flask_babel import lazy_gettext as _l

from payments.offline.entering import Fault
from payments.offline.statements import LineFault

_FAULTS = {
    "missing": _l("is missing"),
    "not-one-of": _l("must be one of: %(detail)s"),
    "amount-missing": _l("is missing"),
    "amount-other": _l("is not an amount in pounds, in figures such as 10 or 1,250.50"),
    "amount-negative": _l("must not be below nothing; what was entered wrongly is undone"),
    "amount-nothing": _l("must be more than nothing"),
    "amount-finer": _l("has more than two places after the point"),
    "amount-too-much": _l("is more than one payment can be here"),
    "not-a-day": _l("is not a day such as 2026-11-20 or 20/11/2026"),
    "in-the-future": _l("has not come yet"),
    "too-long-ago": _l("is before %(detail)s, which cannot be meant"),
    "unshowable": _l("holds characters that cannot be shown"),
    "too-long": _l("is too long: %(detail)s characters at most"),
    "both": _l("and dues exclude each other: a gift is for one of them"),
    "neither": _l("or dues must say what it is for"),
    "dues-have-none": _l("belongs to a gift; dues have none"),
    "not-an-email": _l("is not an e-mail address"),
    "not-a-postcode": _l("is not a postcode"),
    "yes-or-no": _l("must be yes or no"),
    "needs-email": _l("needs the giver's e-mail address"),
    "no-such-appeal": _l("is none that we have: flask payments appeal makes one"),
    "no-such-dues": _l("are none that we know by this e-mail address, id or reference"),
    "several-dues": _l("are several under this: say which by the id or reference"),
    "dues-ended": _l("have ended; whoever pays again has to join again"),
    "dues-held": _l("are held for a person to look at: flask payments explain says why"),
    "looks-like": _l("this looks like entry %(detail)s; say --again if it is another one"),
    "no-such-column": _l(
        "is no column that we know; these are: method, amount, received, appeal, "
        "dues, name, email, postcode, reference, message, display, receipt"
    ),
    "column-twice": _l("a column is named twice"),
    "too-few": _l("has fewer cells than the header"),
    "too-many": _l("has more cells than the header"),
    "too-long-a-cell": _l("has a cell that is far too long"),
    "quotes": _l("has quotation marks that do not close where they should"),
    "no-gifts": _l("there is no line with a gift in it"),
}
_LINES = {
    "no-header": _l(
        "no line names the columns: a date, a description, and an amount or money in and money out"
    ),
    "several-accounts": _l("it holds lines of several accounts; export one account at a time"),
    "no-lines": _l("there is no line of money in it"),
    "too-few": _l("has fewer columns than the header"),
    "too-many": _l("has more columns than the header"),
    "unshowable": _l("holds characters that cannot be shown"),
    "too-long": _l("has a cell that is far too long"),
    "quotes": _l("has quotation marks that do not close where they should"),
    "not-a-day": _l("the date is none, such as 20/11/2026 or 2026-11-20"),
    "in-the-future": _l("the date has not come yet"),
    "too-long-ago": _l("the date is long gone, which cannot be meant"),
    "not-an-amount": _l("the %(cell)s is not one in pounds, such as 1,250.50 or -12.00"),
    "too-much": _l("the %(cell)s is more than one line can be here"),
    "no-amount": _l("there is no amount"),
    "in-and-out": _l("there is money in and money out on one line"),
    "currency": _l("it is not in pounds"),
}
_CELLS = {"amount": _l("amount"), "balance": _l("balance")}
UNREADABLE = {
    "too-big": _l("The file is too big to be one statement."),
    "empty": _l("The file is empty."),
    "workbook": _l("This is a workbook, not CSV: open it and save it as CSV (UTF-8)."),
    "pdf": _l("This is a PDF, not CSV: ask the bank's site for CSV."),
    "encoding": _l(
        "The letters of this file cannot be read, neither as UTF-8 or UTF-16 nor as Windows-1252: "
        "save it as CSV (UTF-8)."
    ),
}
NOT_SO = {
    "waiting": _l("it waits to be decided on"),
    "matched": _l("it is matched to a gift already; unmatch takes that back"),
    "payout": _l("it is a payout of Stripe's; unmatch takes that back"),
    "not-a-gift": _l("it was found to be no gift; unmatch takes that back"),
    "returned": _l("it is a gift that went back"),
    "out": _l("it is money that went out"),
    "money-out": _l("it is money that went out; a gift that went back is undone: undo … --line"),
    "another-amount": _l("it is of another amount than the payment"),
    "went-back": _l(
        "it is a gift that went back; what was undone stays undone, and can be entered again"
    ),
    "nothing-decided": _l("nothing was decided of it"),
    "undone-before": _l("its gift came and went back, with another line of the bank"),
    "no-purpose": _l("say what for: --appeal, --dues, or --like an earlier payment"),
    "needs-email": _l("a receipt needs the giver's e-mail address"),
}


def of(fault: Fault) -> str:
    """Say what is wrong with a field."""
    said = why(fault)
    return f"{fault.field} {said}" if fault.field else said


def why(fault: Fault) -> str:
    """Say what is wrong with a field, without its name."""
    return str(_FAULTS[fault.why]) % {"detail": fault.detail}


def of_line(fault: LineFault) -> str:
    """Say what is wrong with a line of a bank's file."""
    cell = str(_CELLS.get(fault.cell, fault.cell))
    said = str(_LINES[fault.why]) % {"cell": cell}
    return f"line {fault.line}: {said}" if fault.line else said


SUGGESTIONS: Mapping[str, object] = {
    "doubt": _l("a line like it is kept with another balance: it may be the same line again"),
    "stripe": _l("it looks like Stripe's, and fits no payout that we know of yet"),
    "returns": _l(
        "it may take back line %(line)s: flask payments offline undo %(payment)s "
        "--line %(own)s --why …"
    ),
    "returns-waiting": _l("it may take back line %(line)s, which waits as well"),
    "entered": _l(
        "it may be entry %(payment)s, made by hand (%(method)s of %(day)s, %(title)s): "
        "then it is no gift of its own"
    ),
    "as-before": _l("lines like it are a gift of %(who)s to %(title)s: --like %(payment)s"),
    "has-ended": _l(
        "lines like it were a gift of %(who)s to %(title)s, which has ended: --like %(payment)s"
    ),
    "other-amount": _l(
        "lines of this text are a gift of %(who)s to %(title)s, though of "
        "%(amount)s: --like %(payment)s"
    ),
    "like": _l("nearly the text of a gift of %(who)s to %(title)s (%(text)s): --like %(payment)s"),
    "appeal": _l("it names an appeal: --appeal %(slug)s"),
}
