"""Settings: one frozen value read from the environment. Nothing else reads `os.environ`."""

import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from core.environment import Environment
from core.organisation import Organisation, load

ROOT = Path(__file__).resolve().parent
STRIPE_BASE = "https://api.stripe.com"
STRIPE_ORIGINS = "https://checkout.stripe.com https://billing.stripe.com"
# What the stand-ins of a development machine accept; a production start refuses every one of them.
SANDBOX_STRIPE_KEY = "sk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 -- known to the stand-in alone
SANDBOX_SMS_SECRET = "sandbox-phone-secret"  # noqa: S105 -- likewise
SANDBOX_SENDER = "Groundswell <groundswell@example.org>"
_SHORTEST_KEY = 32
_SHORTEST_SECRET = 16
_STRONG_KEY = f"must be {_SHORTEST_KEY} random characters or more"
_STRONG = f"must be {_SHORTEST_SECRET} characters or more, and not the sandbox's,"
_MOBILE_REGIONS = frozenset({"GB", "GG", "IM", "JE"})  # they share +447
_COUNTERS = ("memory", "redis", "rediss")
_Value = TypeVar("_Value")


class BadSettings(ValueError):
    """The service cannot start; `faults` lists every reason in words."""

    def __init__(self, faults: list[str]) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the service is told from outside. Paths are absolute."""

    environment: str
    database_url: str
    migration_database_url: str
    secret_key: str
    secret_key_fallbacks: tuple[str, ...]
    public_url: str
    organisation: Organisation
    stripe_api_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api_base: str
    checkout_origins: tuple[str, ...]
    postcode_index: Path
    postcodes_io_url: str
    mail_url: str
    mail_from: str
    sms_generic_secrets: tuple[str, ...]
    sms_kannel_secrets: tuple[str, ...]
    sms_android_keys: tuple[str, ...]
    sms_android_api_url: str
    sms_twilio_tokens: tuple[str, ...]
    sms_reply_regions: frozenset[str]
    ratelimit_storage: str
    log_format: str
    proxy_hops: int
    metrics_token: str

    @property
    def production(self) -> bool:
        """Whether real people and real money are on the other side."""
        return self.environment == "production"

    @property
    def livemode(self) -> bool:
        """Whether Stripe's objects must be live ones (its keys say which)."""
        return "_live_" in self.stripe_api_key

    @classmethod
    def read(cls, environ: Mapping[str, str], root: Path = ROOT) -> "Settings":
        """Read and check every setting.

        Raises:
            BadSettings: with every fault, each naming its setting.
        """
        reader = _Reader(environ, root)
        found = reader.settings()
        if found.production:
            reader.refuse_development(found)
        if reader.env.faults:
            raise BadSettings(reader.env.faults)
        return found


class _Reader:
    """Reads one environment, and refuses in production what only development may have."""

    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self.env = Environment(environ)
        self.root = root
        named = self.env.choice("GROUNDSWELL_ENV", ("development", "production"))
        self.production = named == "production"
        beside = root / "instance" / f"sandbox-{self.env.port('SANDBOX_PORT', 8420)}.json"
        self.around = {} if self.production else _sandbox_beside(beside)

    def settings(self) -> Settings:
        """Read every setting; where there are faults, what is returned must not be used."""
        env, stand_in = self.env, self._stand_in
        sandbox = f"http://127.0.0.1:{env.port('SANDBOX_PORT', 8420)}"
        database, owners = self._databases()
        return Settings(
            environment="production" if self.production else "development",
            database_url=database,
            migration_database_url=owners,
            secret_key=self._secret_key(),
            secret_key_fallbacks=env.texts("SECRET_KEY_FALLBACKS"),
            public_url=self._public_url(),
            organisation=self._organisation(),
            stripe_api_key=stand_in("STRIPE_API_KEY", SANDBOX_STRIPE_KEY),
            stripe_webhook_secrets=env.texts(
                "STRIPE_WEBHOOK_SECRET", stand_in("STRIPE_WEBHOOK_SECRET", SANDBOX_WEBHOOK_SECRET)
            ),
            stripe_api_base=env.address("STRIPE_API_BASE", self._either(STRIPE_BASE, sandbox)),
            checkout_origins=env.origins(
                "STRIPE_CHECKOUT_ORIGINS", self._either(STRIPE_ORIGINS, sandbox)
            ),
            postcode_index=self._path("POSTCODE_INDEX", "instance/postcodes.idx"),
            postcodes_io_url=self._postcodes_io_url(),
            mail_url=self._mail_url(),
            mail_from=env.mailbox("MAIL_FROM", stand_in("MAIL_FROM", SANDBOX_SENDER)),
            sms_generic_secrets=env.texts(
                "SMS_GENERIC_SECRET", self._either("", SANDBOX_SMS_SECRET)
            ),
            sms_kannel_secrets=env.texts("SMS_KANNEL_SECRET"),
            sms_android_keys=env.texts("SMS_ANDROID_SIGNING_KEY"),
            sms_android_api_url=self._android_api_url(),
            sms_twilio_tokens=env.texts("SMS_TWILIO_AUTH_TOKEN"),
            sms_reply_regions=self._reply_regions(),
            ratelimit_storage=self._ratelimit_storage(),
            log_format=env.choice("LOG_FORMAT", self._either(("json", "text"), ("text", "json"))),
            proxy_hops=env.whole("PROXY_HOPS", 0),
            metrics_token=env.text("METRICS_TOKEN"),
        )

    def _either(self, in_production: _Value, in_development: _Value) -> _Value:
        return in_production if self.production else in_development

    def _stand_in(self, name: str, in_development: str) -> str:
        """Return the setting, or in development what the stand-in takes in its place."""
        value = self.env.text(name)
        if not value and self.production:
            self.env.fault(name, "must be set in production")
        return value or in_development

    def _path(self, name: str, default: str) -> Path:
        return self.root / self.env.text(name, default)

    def _databases(self) -> tuple[str, str]:
        """Return the URL of the service and that of the schema's owner."""
        name = "MIGRATION_DATABASE_URL"
        url = self.env.database("DATABASE_URL", "sqlite:///instance/groundswell.db", root=self.root)
        return url, self.env.database(name, url, root=self.root) if self.env.text(name) else url

    def _public_url(self) -> str:
        here = f"http://127.0.0.1:{self.env.port('PORT', 8000)}"
        return self.env.origin("PUBLIC_URL", self._stand_in("PUBLIC_URL", here))

    def _postcodes_io_url(self) -> str:
        name = "POSTCODES_IO_URL"
        return self.env.address(name, "") if self.env.text(name) else ""

    def _mail_url(self) -> str:
        beside = self.around.get("mail", "smtp://127.0.0.1:8425")
        return self.env.address("MAIL_URL", self._stand_in("MAIL_URL", beside), ("smtp", "smtps"))

    def _android_api_url(self) -> str:
        """Return where the phone's API is: without it, what it hands over could not be answered."""
        name, key = "SMS_ANDROID_API_URL", "SMS_ANDROID_SIGNING_KEY"
        if self.env.text(name):
            return self.env.address(name, "")
        if self.env.text(key):
            self.env.fault(name, f"must be set beside {key}")
        return ""

    def _reply_regions(self) -> frozenset[str]:
        regions = frozenset(self.env.texts("SMS_REPLY_REGIONS", "GB"))
        if not regions <= _MOBILE_REGIONS:
            words = f"must be some of {', '.join(sorted(_MOBILE_REGIONS))}, with commas between"
            self.env.fault("SMS_REPLY_REGIONS", words)
        return regions

    def _ratelimit_storage(self) -> str:
        value = self.env.text("RATELIMIT_STORAGE_URI", "memory://")
        if value.partition("://")[0] not in _COUNTERS or "://" not in value:
            self.env.fault("RATELIMIT_STORAGE_URI", "must begin with memory:// or redis://")
        return value

    def _organisation(self) -> Organisation:
        found, faults = load(self._path("ORGANISATION_FILE", "organisation.toml"))
        for fault in faults:
            self.env.fault("ORGANISATION_FILE", fault)
        return found

    def _secret_key(self) -> str:
        given = self._stand_in("SECRET_KEY", "")
        if given or self.production:
            return given
        try:
            return _generated_secret(self.root / "instance" / "secret_key")
        except OSError as error:
            words = f"none is set, and none can be kept in instance/ ({error.strerror})"
            self.env.fault("SECRET_KEY", words)
            return ""

    def refuse_development(self, found: Settings) -> None:
        """Note every test key, stand-in and weak secret, and a missing imprint."""
        hooks, texts = found.stripe_webhook_secrets, found.sms_generic_secrets
        token = (found.metrics_token,) if found.metrics_token else ()
        plain = [url for url in found.checkout_origins if not url.startswith("https://")]
        refused = {
            "PUBLIC_URL": (not found.public_url.startswith("https://"), "must begin with https://"),
            "SECRET_KEY": (_weak_key(found.secret_key), _STRONG_KEY),
            "SECRET_KEY_FALLBACKS": (any(map(_weak_key, found.secret_key_fallbacks)), _STRONG_KEY),
            "STRIPE_API_KEY": (not found.livemode, "must be a live key"),
            "STRIPE_API_BASE": (found.stripe_api_base != STRIPE_BASE, "must be Stripe's own"),
            "STRIPE_CHECKOUT_ORIGINS": (bool(plain), "must begin with https://"),
            "STRIPE_WEBHOOK_SECRET": (_weak(SANDBOX_WEBHOOK_SECRET, hooks), _STRONG),
            "SMS_GENERIC_SECRET": (_weak(SANDBOX_SMS_SECRET, texts), _STRONG),
            "SMS_KANNEL_SECRET": (_weak("", found.sms_kannel_secrets), _STRONG),
            "SMS_ANDROID_SIGNING_KEY": (_weak("", found.sms_android_keys), _STRONG),
            "SMS_TWILIO_AUTH_TOKEN": (_weak("", found.sms_twilio_tokens), _STRONG),
            "METRICS_TOKEN": (_weak("", token), _STRONG),
            "MAIL_FROM": ("example.org" in found.mail_from, "must be the organisation's own"),
        }
        for name, (wrong, words) in refused.items():
            if wrong and not self.env.is_faulty(name):
                self.env.fault(name, f"{words} in production")
        if not found.organisation.imprint.complete:
            words = "imprint: promoter and address are needed in production"
            self.env.fault("ORGANISATION_FILE", words)


def _weak_key(key: str) -> bool:
    return len(key) < _SHORTEST_KEY or len(set(key)) < _SHORTEST_KEY // 4


def _weak(sandboxes: str, secrets_given: tuple[str, ...]) -> bool:
    return any(each == sandboxes or len(each) < _SHORTEST_SECRET for each in secrets_given)


def _generated_secret(path: Path) -> str:
    """Return the development key kept in `path`, made there by whichever process comes first."""
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        mine = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
        mine.touch(mode=0o600)
        mine.write_text(secrets.token_urlsafe(48), encoding="ascii")
        with contextlib.suppress(FileExistsError):  # another process was quicker: its key counts
            path.hardlink_to(mine)
        mine.unlink()
    return path.read_text(encoding="ascii")


def _sandbox_beside(path: Path) -> dict[str, str]:
    """Where the sandbox that runs beside this service listens, as it wrote down at its start."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}
