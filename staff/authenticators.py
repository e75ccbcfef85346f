"""What WebAuthn (Level 3) asks of a browser, and whether what it answers holds. No rows here.

A passkey belongs to the name that the service is reached by, so a page that only looks like ours
gets nothing out of it. We take those that know whose they are and ask their owner for a finger, a
face or a PIN: each is two factors (NIST SP 800-63B-4, 3.1.7) and signs in alone. The checking is
py_webauthn's.
"""

import ipaddress
import json
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import webauthn
from cryptography.hazmat.primitives.asymmetric import ec
from webauthn.authentication.verify_authentication_response import VerifiedAuthentication
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    decoded_public_key_to_cryptography,
    encode_cbor,
    parse_attestation_object,
)
from webauthn.helpers.cose import COSEAlgorithmIdentifier
from webauthn.helpers.structs import (
    AttestationFormat,
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)
from webauthn.registration.verify_registration_response import VerifiedRegistration

from staff import challenges
from staff.challenges import Challenge
from staff.models import StaffAccount, StaffPasskey

_LONGEST_ANSWER = 16_384  # characters; a browser's is some hundreds
_LONGEST_ID = 1023  # bytes (WebAuthn Level 3, 5.8.3)
_SECURE = "https"
_PORTS = {"https": 443, "http": 80}
_VERIFIED = UserVerificationRequirement.REQUIRED
# Whatever else an authenticator says of its maker, we did not ask for.
_FORMATS = (AttestationFormat.NONE, AttestationFormat.PACKED)


@dataclass(frozen=True, slots=True)
class Relying:
    """Who passkeys are made for: the name of our host, the origin of our pages, and our name."""

    id: str
    origin: str
    name: str


def relying(public_url: str, name: str) -> Relying | None:
    """Return who passkeys are made for; None where browsers make none.

    They need a name, not a number such as 127.0.0.1, and https unless the name is `localhost`
    (WebAuthn Level 3, 5.1.3; Secure Contexts, 3.1).
    """
    parts = urlsplit(public_url)
    host = (parts.hostname or "").rstrip(".")
    if not host or _is_number(host):
        return None
    if parts.scheme != _SECURE and host != "localhost" and not host.endswith(".localhost"):
        return None
    port = "" if parts.port in (None, _PORTS.get(parts.scheme)) else f":{parts.port}"
    return Relying(host, f"{parts.scheme}://{host}{port}", name)


def to_make(who: Relying, account: StaffAccount, challenge: Challenge) -> str:
    """Return, as JSON, what a browser is asked that shall make a passkey.

    The passkey knows its owner by the account's id, which is drawn at random.
    """
    options = webauthn.generate_registration_options(
        rp_id=who.id,
        rp_name=who.name,
        user_id=account.id.bytes,
        user_name=account.email,
        challenge=challenge.value,
        timeout=_milliseconds(),
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_VERIFIED
        ),
        exclude_credentials=_named(account.passkeys),
    )
    return webauthn.options_to_json(options)


def to_prove(who: Relying, held: Iterable[StaffPasskey], challenge: Challenge) -> str:
    """Return, as JSON, what a browser is asked that shall prove one of these passkeys.

    With none of them it may be any that it has of us: nobody has said yet who they are.
    """
    options = webauthn.generate_authentication_options(
        rp_id=who.id,
        challenge=challenge.value,
        timeout=_milliseconds(),
        allow_credentials=_named(held),
        user_verification=_VERIFIED,
    )
    return webauthn.options_to_json(options)


def made(answer: str, who: Relying, challenge: Challenge) -> VerifiedRegistration | None:
    """Return the passkey that was made, if all that is said of it holds."""
    try:
        told = _read(answer)
        shown = parse_attestation_object(base64url_to_bytes(told["response"]["attestationObject"]))
        if shown.fmt not in _FORMATS:
            return None
        found = webauthn.verify_registration_response(
            credential=told,
            expected_challenge=challenge.value,
            expected_rp_id=who.id,
            expected_origin=who.origin,
            require_user_verification=True,
        )
        # A key that is no key would never prove anything, and its owner would be locked out.
        decoded_public_key_to_cryptography(
            decode_credential_public_key(found.credential_public_key)
        )
    except Exception:  # noqa: BLE001 -- what strangers send may trip any parser; each trip is a no
        return None
    same = bytes_to_base64url(found.credential_id) == told["id"]
    return found if same and len(found.credential_id) <= _LONGEST_ID else None


def proved(
    answer: str, who: Relying, challenge: Challenge, key: bytes
) -> VerifiedAuthentication | None:
    """Return what an answer proves under a key; counting is looked at by who has the row."""
    try:
        return webauthn.verify_authentication_response(
            credential=_read(answer),
            expected_challenge=challenge.value,
            expected_rp_id=who.id,
            expected_origin=who.origin,
            credential_public_key=key,
            credential_current_sign_count=0,
            require_user_verification=True,
        )
    except Exception:  # noqa: BLE001 -- what strangers send may trip any parser; each trip is a no
        return None


def claims(answer: str) -> tuple[str, str | None]:
    """Return which passkey an answer names, and whose it says that is; nothing of it is proved."""
    try:
        told = _read(answer)
        named, handle = str(told["id"]), told["response"].get("userHandle")
    except Exception:  # noqa: BLE001 -- what strangers send may trip any parser; each trip is a no
        return "", None
    fits = named.isascii() and named.isprintable()
    return (named if fits else ""), handle if isinstance(handle, str) else None


@cache
def nobodys() -> bytes:
    """Return a key to check with where there is none, at the cost of a real one (RFC 9053)."""
    point = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
    return encode_cbor({1: 2, 3: int(COSEAlgorithmIdentifier.ECDSA_SHA_256), -1: 1, -2: x, -3: y})


def _read(answer: str) -> dict[str, Any]:
    """Return what a browser says, unless it was asked from within another site's page.

    Raises:
        ValueError: when it is no such thing; what it is made of may raise anything else.
    """
    if len(answer) > _LONGEST_ANSWER:
        raise ValueError("is far longer than any answer")
    told: dict[str, Any] = json.loads(answer)
    asked = json.loads(base64url_to_bytes(told["response"]["clientDataJSON"]))
    if asked.get("crossOrigin") or "topOrigin" in asked:
        raise ValueError("comes from a frame")
    return told


def _named(held: Iterable[StaffPasskey]) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(base64url_to_bytes(each.credential_id)) for each in held]


def _milliseconds() -> int:
    return int(challenges.LIFETIME.total_seconds() * 1000)


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True
