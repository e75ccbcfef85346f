"""Sending by the API of SMS Gateway for Android: the phone's own, a private server's, or a cloud's.

Documented at https://docs.sms-gate.app/integration/api/. The id that we give is the message's own
there, so that handing it over again is refused (409): it is on its way already.
"""

from dataclasses import dataclass

from branches.texting.sending import TextRefused, TextUnsent
from core.http import outgoing

_SECONDS = (3, 10)
_TAKEN = frozenset(range(200, 300)) | {409}  # the conflict: it is there already
_REFUSED = frozenset(range(400, 500))
_TRY_AGAIN = frozenset({408, 425, 429})
_SHORTEST_SECONDS = 5


@dataclass(frozen=True, slots=True)
class AndroidPhone:
    """The phone behind `api_url`, which holds user and password: `http://user:pass@host:8080`."""

    api_url: str

    def send(self, to: str, text: str, *, message_id: str, seconds: int) -> None:
        """Hand a text over; the phone drops it where it cannot send it within `seconds`."""
        message = {
            "id": message_id,
            "textMessage": {"text": text},
            "phoneNumbers": [to],
            "ttl": max(seconds, _SHORTEST_SECONDS),
            "withDeliveryReport": False,
        }
        try:
            with outgoing() as http:
                answer = http.post(f"{self.api_url}/messages", json=message, timeout=_SECONDS)
        except OSError as fault:  # what `requests` raises is always one, whatever went wrong
            raise TextUnsent(type(fault).__name__) from None
        status = answer.status_code
        if status in _TAKEN:
            return
        if status in _REFUSED - _TRY_AGAIN:
            raise TextRefused(f"refused with {status}")
        raise TextUnsent(f"answered {status}")
