"""The words for each outcome, in whole sentences that can be translated.

Each outcome has one or more forms, the fullest first, for `branches.texting.replying` to pick from.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType

from flask_babel import gettext as _

from branches.postcodes import Special
from branches.texting.answered import Answered, Outcome

_MOST_CHOICES = 3


def greeting(name: str, words: str) -> str:
    """Put a greeting before a reply."""
    return str(_("Hello %(name)s. %(reply)s", name=name, reply=words))


def _contact(answer: Answered) -> str:
    """Say whom to ring, in a sentence of its own."""
    if answer.contact_phone and answer.contact_name:
        contact = _("%(name)s: %(phone)s.", name=answer.contact_name, phone=answer.contact_phone)
    else:
        phone = answer.contact_phone or answer.national_phone
        contact = _("National office: %(phone)s.", phone=phone)
    return str(contact)


def _match(answer: Answered) -> list[str]:
    values = {"org": answer.org_name, "place": answer.place_text, "contact": _contact(answer)}
    if answer.branch_name is None:
        if answer.contact_phone is None:
            return [_("There is no %(org)s branch for %(place)s. %(contact)s", **values)]
        return [_("There is no %(org)s branch near %(place)s yet. %(contact)s", **values)]
    values["branch"] = answer.branch_name
    plain = _("The nearest %(org)s branch to %(place)s is %(branch)s. %(contact)s", **values)
    if not answer.meets:
        return [plain]
    full = _(
        "The nearest %(org)s branch to %(place)s is %(branch)s. Meets: %(meets)s. %(contact)s",
        meets=answer.meets.rstrip(". "),
        **values,
    )
    return [full, plain]


def _outcode(answer: Answered) -> list[str]:
    if answer.branch_name is None:
        return _match(answer)
    values = {"org": answer.org_name, "place": answer.place_text, "contact": _contact(answer)}
    values["branch"] = answer.branch_name
    single = [
        _(
            "The %(org)s branch nearest the middle of %(place)s is %(branch)s. %(contact)s "
            "Text your full postcode to be sure.",
            **values,
        ),
        _("The %(org)s branch nearest %(place)s is %(branch)s. %(contact)s", **values),
    ]
    if answer.second_branch is None:
        return single
    double = _(
        "The %(org)s branch nearest %(place)s is %(branch)s or %(second)s. %(contact)s "
        "Text your full postcode to be sure.",
        second=answer.second_branch,
        **values,
    )
    return [double]


def _choose(answer: Answered) -> list[str]:
    places = answer.places[:_MOST_CHOICES]
    first, last = ", ".join(places[:-1]), places[-1] if places else ""
    return [
        _(
            "You sent more than one postcode. Please text back the one you mean: "
            "%(first)s or %(last)s? %(org)s",
            first=first,
            last=last,
            org=answer.org_name,
        ),
    ]


def _ask_postcode(answer: Answered) -> list[str]:
    values = {"org": answer.org_name, "phone": answer.national_phone}
    if answer.last_try:
        ring = _(
            "Sorry, we cannot find your branch by text. Please ring %(phone)s. %(org)s", **values
        )
        if not answer.website:
            return [ring]
        visit = _(
            "Sorry, we cannot find your branch by text. Please visit %(link)s or ring %(phone)s. "
            "%(org)s",
            link=answer.website,
            **values,
        )
        return [visit, ring]
    return [
        _(
            "To find your nearest %(org)s branch, please text your name and full postcode, "
            "like this: Sam Jones E11 1AA. Or ring %(phone)s.",
            **values,
        ),
        _("Please text your name and full postcode. %(org)s, %(phone)s", **values),
    ]


def _unknown_postcode(answer: Answered) -> list[str]:
    values = {"org": answer.org_name, "place": answer.place_text, "contact": _contact(answer)}
    if answer.branch_name is None or answer.district is None:
        return [
            _(
                "We do not know the postcode %(place)s. Please check it and text it again. "
                "%(org)s. %(contact)s",
                **values,
            ),
        ]
    values |= {"branch": answer.branch_name, "district": answer.district}
    return [
        _(
            "We do not know %(place)s: please check it. "
            "The %(org)s branch nearest %(district)s is %(branch)s. %(contact)s",
            **values,
        ),
    ]


def _not_covered(answer: Answered) -> list[str]:
    values = {"org": answer.org_name, "place": answer.place_text, "phone": answer.national_phone}
    if answer.note is Special.NON_GEOGRAPHIC:
        return [
            _(
                "%(place)s is a PO box, not a place. Please text your home postcode. "
                "%(org)s, %(phone)s",
                **values,
            ),
        ]
    if answer.note is Special.BFPO:
        return [
            _(
                "%(place)s is a forces address, and we cannot tell where it is. "
                "Please ring the %(org)s national office: %(phone)s.",
                **values,
            ),
        ]
    return [
        _(
            "%(org)s has no branches where %(place)s is. "
            "Please ring our national office, who can help: %(phone)s.",
            **values,
        ),
    ]


def _stop(answer: Answered) -> list[str]:
    return [
        _(
            "You will get no more texts from %(org)s. Text START if you change your mind.",
            org=answer.org_name,
        ),
    ]


def _start(answer: Answered) -> list[str]:
    return [
        _(
            "Texts from %(org)s are on again. Text your name and postcode to find your branch.",
            org=answer.org_name,
        ),
    ]


def _help(answer: Answered) -> list[str]:
    values = {"org": answer.org_name, "phone": answer.national_phone}
    plain = _(
        "%(org)s: text your name and postcode to find your nearest branch, STOP to end texts. "
        "Ring %(phone)s.",
        **values,
    )
    link = answer.privacy_url or answer.website
    if not link:
        return [plain]
    return [
        _(
            "%(org)s: text your name and postcode to find your nearest branch, STOP to end texts. "
            "Ring %(phone)s. Privacy: %(link)s",
            link=link,
            **values,
        ),
        _(
            "%(org)s: text name and postcode to find a branch, STOP to end. "
            "%(phone)s. Privacy: %(link)s",
            link=link,
            **values,
        ),
    ]


FORMS: Mapping[Outcome, Callable[[Answered], list[str]]] = MappingProxyType(
    {
        Outcome.MATCH: _match,
        Outcome.OUTCODE: _outcode,
        Outcome.CHOOSE: _choose,
        Outcome.ASK_POSTCODE: _ask_postcode,
        Outcome.UNKNOWN_POSTCODE: _unknown_postcode,
        Outcome.NOT_COVERED: _not_covered,
        Outcome.STOP: _stop,
        Outcome.START: _start,
        Outcome.HELP: _help,
    },
)
"""For each outcome that is answered, what gives its forms."""
