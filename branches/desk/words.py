"""What the desk of branches calls things."""

from flask_babel import lazy_gettext as _l

from branches.directory import BRANCHES, CATCHMENTS, REGIONS

SHOWN_WORDS = {"open": _l("Open"), "stale": _l("To be confirmed"), "closed": _l("Closed")}
FILE_WORDS = {REGIONS: _l("Region"), BRANCHES: _l("Branch"), CATCHMENTS: _l("Catchment")}
COLUMNS = {
    "name": _l("Name"),
    "phone": _l("Telephone number"),
    "display": _l("Telephone number, as it is printed"),
    "ons_code": _l("ONS code"),
    "notify_email": _l("Where the organiser is written to"),
    "region": _l("Region"),
    "postcode": _l("Postcode"),
    "lat": _l("Latitude"),
    "lon": _l("Longitude"),
    "place": _l("Where it meets"),
    "meets": _l("When it meets"),
    "email": _l("E-mail address"),
    "status": _l("Status"),
    "opened": _l("Opens on"),
    "closed": _l("Closes on"),
    "sample": _l("Sample entry"),
    "branch": _l("Looked after by"),
}
