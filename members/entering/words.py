"""The words for what is wrong with a file of people, or with what was entered of one."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from core.commands import visible
from members.entering.cells import Fault
from members.entering.loading import Known

_WORDS = {
    "missing": _l("is missing"),
    "too-long": _l("is longer than %(detail)s characters"),
    "unshowable": _l("holds characters that cannot be shown"),
    "not-a-day": _l("is not a day, such as 27/3/1985 or 1985-03-27"),
    "not-a-lifetime-ago": _l("is nobody's birthday"),
    "too-young": _l("is of somebody below %(detail)s, who cannot join yet"),
    "in-the-future": _l("is still to come"),
    "too-far-ahead": _l("lies more than ten years ahead"),
    "too-long-ago": _l("is before %(detail)s"),
    "before-birth": _l("is before they were born"),
    "before-joined": _l("is before they joined"),
    "not-joined-yet": _l("is given, but who has applied has not joined yet"),
    "not-ended": _l("is given, but the state says that they are still there"),
    "clock-stands": _l("is given, but says nothing of who has %(detail)s"),
    "too-lately": _l("is too late for the state %(detail)s: by the rules they are not so far yet"),
    "not-an-email": _l("is not an e-mail address such as name@example.org"),
    "not-a-phone": _l("is not a telephone number such as 07700 900123"),
    "not-a-postcode": _l("is not a whole postcode such as E11 1AA"),
    "not-one-of": _l("must be one of: %(detail)s"),
    "rate-says-it": _l("goes with the rate %(detail)s alone"),
    "not-an-amount": _l("is not an amount of pounds such as 10 or 12.50"),
    "below-the-lowest": _l("is below %(detail)s, the lowest rate"),
    "consent-needs-it": _l("is missing: a consent counts only with its day and its wording"),
    "no-consent": _l("is given, but no consent is"),
    "cells": _l("has another number of cells than the first line"),
    "empty": _l("there is nothing in it: the first line names the columns"),
    "nobody": _l("there is nobody in it below the first line"),
    "workbook": _l("is a workbook: save it as CSV UTF-8"),
    "pdf": _l("is a PDF, and no table"),
    "utf-16": _l("is in UTF-16: save it as CSV UTF-8"),
    "not-utf-8": _l("is not UTF-8 (Windows-1252, perhaps): save it as CSV UTF-8"),
    "not-csv": _l("is not CSV: look for a quotation mark that is not closed, or not doubled"),
    "cell-too-long": _l("a cell is longer than 131,072 characters"),
    "line-too-long": _l("is longer than 131,072 bytes, and no line of such a table"),
    "unknown-column": _l("is not a column of such a file"),
    "more-unknown": _l("and %(detail)s more columns that are none of such a file"),
    "twice": _l("the column stands there twice"),
    "missing-column": _l("the column is missing"),
}
_BY = {
    "number": _l("number"),
    "email": _l("e-mail address"),
    "phone": _l("telephone number and date of birth"),
    "name": _l("name, postcode and date of birth"),
}


def said(fault: Fault) -> str:
    """Say what is wrong with a field; its own text is never in it."""
    words = str(_WORDS[fault.why])
    return visible(words % {"detail": fault.detail})


def known(each: Known) -> str:
    """Say who somebody is already."""
    by = _BY[each.by]
    if each.before is not None:
        return str(_("is on line %(line)s already, by %(by)s", line=each.before, by=by))
    return str(_("is a member already, by %(by)s: %(id)s", by=by, id=each.member_id))
