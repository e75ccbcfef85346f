"""The addresses of this room's pages that letters show."""

import uuid
from collections.abc import Mapping
from typing import Any

from flask import url_for

from core import links, unsubscribing
from members import confirming
from members.room import room
from members.self_service import readdressing


def addresses(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the addresses of a letter, for the ids in its values.

    `manage_url` opens one's own pages, `stop_url` and `statement_url` lead on there; `confirm_url`
    confirms an e-mail address, `confirm_address_url` another one, `unsubscribe_url` ends news.
    """
    found = _cards(values)
    here = room()
    if values.get("link"):
        token = links.token(uuid.UUID(values["link"]), here.keys)
        page = url_for("me.open_link", token=token, _external=True)
        found |= {"url": page, "manage_url": page}
        if "agreement" in values:
            found["stop_url"] = f"{page}&to={values['agreement']['id']}"
        if "year" in values:
            found["statement_url"] = f"{page}&to={values['year']}"
    if "person" in values:
        found["person_url"] = url_for("desk_people.one", member_id=values["person"], _external=True)
    if "confirm" in values:
        token = confirming.token(uuid.UUID(values["confirm"]), here.keys)
        found["confirm_url"] = f"{here.public_url}/join/confirm?token={token}"
    if "new_address" in values:
        token = readdressing.token(uuid.UUID(values["new_address"]), here.keys)
        found["confirm_address_url"] = f"{here.public_url}/me/confirm-address?token={token}"
    if "unsubscribe" in values:
        token = unsubscribing.token(values["unsubscribe"], here.keys)
        found["unsubscribe_url"] = f"{here.public_url}/unsubscribe?token={token}"
    return found


def _cards(values: Mapping[str, Any]) -> dict[str, str]:
    """Return the address of the card at the desk of who joined or texted."""
    found = {}
    if "joiner" in values:
        page = url_for("desk_today.member", member_id=values["joiner"], _external=True)
        found["card_url"] = page
    if "enquiry" in values:
        page = url_for("desk_today.texter", enquiry_id=values["enquiry"], _external=True)
        found["card_url"] = page
    return found
