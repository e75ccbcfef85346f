"""What an operator sets for the gateways."""

import pytest

from branches.texting.connecting import GatewaySecrets, connect
from config import BadSettings, Settings

KEY = {"SECRET_KEY": "a key for tests, not secret at all"}


def faults(**environ: str) -> list[str]:
    with pytest.raises(BadSettings) as bad:
        Settings.read(KEY | environ)
    return bad.value.faults


def test_each_gateway_has_its_secrets() -> None:
    found = Settings.read(
        KEY
        | {
            "SMS_KANNEL_SECRET": "new, old",
            "SMS_ANDROID_SIGNING_KEY": "key",
            "SMS_ANDROID_API_URL": "http://user:password@192.0.2.7:8080/",
            "SMS_TWILIO_AUTH_TOKEN": "token",
            "SMS_REPLY_REGIONS": "GB, IM",
        }
    )
    assert found.sms_kannel_secrets == ("new", "old")
    assert found.sms_android_keys == ("key",)
    assert found.sms_android_api_url == "http://user:password@192.0.2.7:8080"
    assert found.sms_twilio_tokens == ("token",)
    assert found.sms_reply_regions == {"GB", "IM"}


def test_as_shipped_the_sandbox_phone_is_on_and_nothing_else() -> None:
    found = Settings.read(KEY)
    assert (found.sms_kannel_secrets, found.sms_android_keys, found.sms_twilio_tokens) == (
        (),
        (),
        (),
    )
    assert found.sms_android_api_url == ""
    assert found.sms_reply_regions == {"GB"}
    on = connect(GatewaySecrets(generic=found.sms_generic_secrets), found.public_url)
    assert [name for name, gateway in on.items() if gateway.switched_on] == ["generic"]


def test_what_cannot_work_is_refused_at_the_start() -> None:
    (fault,) = faults(SMS_ANDROID_SIGNING_KEY="key")
    assert fault == "SMS_ANDROID_API_URL: must be set beside SMS_ANDROID_SIGNING_KEY"
    (fault,) = faults(SMS_ANDROID_API_URL="the phone")
    assert fault.startswith("SMS_ANDROID_API_URL: must be an address")
    (fault,) = faults(SMS_REPLY_REGIONS="GB,FR")
    assert fault.startswith("SMS_REPLY_REGIONS: must be some of GB, GG, IM, JE")


def test_weak_secrets_are_refused_in_production() -> None:
    names = ("SMS_KANNEL_SECRET", "SMS_ANDROID_SIGNING_KEY", "SMS_TWILIO_AUTH_TOKEN")
    found = faults(GROUNDSWELL_ENV="production", **dict.fromkeys(names, "short"))
    for name in names:
        assert any(fault.startswith(f"{name}: must be 16 characters") for fault in found)
