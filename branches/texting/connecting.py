"""Which gateways there are, and what an operator sets for each."""

from collections.abc import Mapping
from dataclasses import dataclass

from branches.texting.android_gateway import AndroidGateway
from branches.texting.gateways import Gateway
from branches.texting.generic_gateway import GenericGateway
from branches.texting.kannel_gateway import KannelGateway
from branches.texting.numbers import HOME
from branches.texting.twilio_gateway import TwilioGateway


@dataclass(frozen=True, slots=True, kw_only=True)
class GatewaySecrets:
    """The secrets of each gateway, several while they are rolled: one that has none is off.

    `android_api_url` is where replies of the Android gateway leave; `regions` are those whose
    mobiles are answered.
    """

    generic: tuple[str, ...] = ()
    kannel: tuple[str, ...] = ()
    android: tuple[str, ...] = ()
    android_api_url: str = ""
    twilio: tuple[str, ...] = ()
    regions: frozenset[str] = HOME


def connect(secrets: GatewaySecrets, public_url: str) -> Mapping[str, Gateway]:
    """Return every gateway by its name, those that are off among them."""
    gateways: tuple[Gateway, ...] = (
        GenericGateway(secrets.generic),
        KannelGateway(secrets.kannel),
        AndroidGateway(secrets.android),
        TwilioGateway(secrets.twilio, public_url),
    )
    return {gateway.name: gateway for gateway in gateways}
