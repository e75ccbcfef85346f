"""An authenticator in software: P-256, attestation "none", and every lie one can ask for."""

import hashlib
import json
import secrets
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import bytes_to_base64url, encode_cbor

PRESENT, VERIFIED, ATTESTED = 0x01, 0x04, 0x40


@dataclass
class SoftKey:
    """One passkey. `counter` is what it says next that it has counted up to."""

    origin: str = "http://localhost"
    key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    id: bytes = field(default_factory=lambda: secrets.token_bytes(16))
    handle: str = ""
    counter: int = 0

    def make(self, options: dict[str, Any], **lies: Any) -> str:  # noqa: ANN401 -- of any kind
        """Answer what a page asks that wants a passkey made."""
        self.handle = options["user"]["id"]
        point = self.key.public_key().public_numbers()
        x, y = (number.to_bytes(32, "big") for number in (point.x, point.y))
        cose = encode_cbor(lies.get("cose", {1: 2, 3: -7, -1: 1, -2: x, -3: y}))
        held = bytes(16) + len(self.id).to_bytes(2, "big") + self.id + cose
        data = self._data(options["rp"]["id"], ATTESTED, lies) + held
        shown = {"fmt": lies.get("fmt", "none"), "attStmt": {}, "authData": data}
        client = self._client("webauthn.create", options, lies)
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "attestationObject": bytes_to_base64url(encode_cbor(shown)),
        }
        return self._answer(response)

    def prove(self, options: dict[str, Any], **lies: Any) -> str:  # noqa: ANN401 -- of any kind
        """Answer what a page asks that wants a passkey proved."""
        data = self._data(options["rpId"], 0, lies)
        client = self._client("webauthn.get", options, lies)
        signer: ec.EllipticCurvePrivateKey = lies.get("signer", self.key)
        signature = signer.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        response = {
            "clientDataJSON": bytes_to_base64url(client),
            "authenticatorData": bytes_to_base64url(data),
            "signature": bytes_to_base64url(signature),
            "userHandle": lies.get("handle", self.handle),
        }
        return self._answer(response)

    def _answer(self, response: dict[str, Any]) -> str:
        named = bytes_to_base64url(self.id)
        told = {"id": named, "rawId": named, "type": "public-key", "response": response}
        return json.dumps(told)

    def _data(self, rp_id: str, flags: int, lies: dict[str, Any]) -> bytes:
        named = hashlib.sha256(lies.get("rp_id", rp_id).encode()).digest()
        told = lies.get("flags", PRESENT | VERIFIED) | flags
        return named + bytes([told]) + self.counter.to_bytes(4, "big")

    def _client(self, kind: str, options: dict[str, Any], lies: dict[str, Any]) -> bytes:
        told = {
            "type": lies.get("kind", kind),
            "challenge": lies.get("challenge", options["challenge"]),
            "origin": lies.get("origin", self.origin),
            "crossOrigin": lies.get("framed", False),
        }
        return json.dumps(told).encode()
