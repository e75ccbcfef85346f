"""Words for why two records cannot become one."""

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from members.merging.deciding import CannotMerge

_WORDS = {
    "same": _l("They are one member already."),
    "no-such-member": _l("There is no member of one of these ids."),
    "two-dues": _l("Both pay dues at the gateway: stop one of them first."),
    "under-way": _l("A payment page of one of them is open: wait until it is paid or over."),
    "rejoining": _l("One of them is about to come back, and becomes one with their record then."),
}


def refusal(error: CannotMerge) -> str:
    """Say why they cannot be merged now."""
    if error.why == "merged":
        return str(_("One of them was merged before, and is now %(kept)s.", kept=error.kept))
    return str(_WORDS[error.why])
