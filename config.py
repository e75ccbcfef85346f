"""Settings: one frozen value read from the environment. Nothing else reads `os.environ`."""

import contextlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from core.organisation import Organisation, load

ROOT = Path(__file__).resolve().parent
STRIPE_BASE = "https://api.stripe.com"
STRIPE_ORIGINS = "https://checkout.stripe.com https://billing.stripe.com"
# What the stand-ins of a development machine accept; a production start refuses every one of them.
SANDBOX_STRIPE_KEY = "sk_test_sandbox"
SANDBOX_WEBHOOK_SECRET = "whsec_sandbox"  # noqa: S105 -- known to the stand-in alone
SANDBOX_SMS_SECRET = "sandbox-phone-secret"  # noqa: S105 -- likewise
_SHORTEST_SECRET = 32


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
    mail_url: str
    mail_from: str
    sms_generic_secrets: tuple[str, ...]
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
        return _Reader(environ, root).settings()


class _Reader:
    def __init__(self, environ: Mapping[str, str], root: Path) -> None:
        self.environ = environ
        self.root = root
        self.faults: list[str] = []
        self.production = (
            self._choice("GROUNDSWELL_ENV", ("development", "production")) == "production"
        )
        self.around = {} if self.production else _sandbox_beside(root)

    def settings(self) -> Settings:
        sandbox = f"http://127.0.0.1:{self._port('SANDBOX_PORT', 8420)}"
        database = self._database("DATABASE_URL", "sqlite:///instance/groundswell.db")
        found = Settings(
            environment="production" if self.production else "development",
            database_url=database,
            migration_database_url=self._database("MIGRATION_DATABASE_URL", database),
            secret_key=self._secret_key(),
            secret_key_fallbacks=self._list("SECRET_KEY_FALLBACKS"),
            public_url=self._public_url(),
            organisation=self._organisation(),
            stripe_api_key=self._needed("STRIPE_API_KEY", SANDBOX_STRIPE_KEY),
            stripe_webhook_secrets=self._secrets("STRIPE_WEBHOOK_SECRET", SANDBOX_WEBHOOK_SECRET),
            stripe_api_base=self._url(
                "STRIPE_API_BASE", STRIPE_BASE if self.production else sandbox
            ),
            checkout_origins=self._origins(STRIPE_ORIGINS if self.production else sandbox),
            postcode_index=self._path("POSTCODE_INDEX", "instance/postcodes.idx"),
            mail_url=self._mail_url(),
            mail_from=self._needed("MAIL_FROM", "Groundswell <groundswell@example.org>"),
            sms_generic_secrets=self._list(
                "SMS_GENERIC_SECRET", "" if self.production else SANDBOX_SMS_SECRET
            ),
            ratelimit_storage=self._get("RATELIMIT_STORAGE_URI", "memory://"),
            log_format=self._choice(
                "LOG_FORMAT", ("json", "text") if self.production else ("text", "json")
            ),
            proxy_hops=self._whole("PROXY_HOPS", 0),
            metrics_token=self._get("METRICS_TOKEN", ""),
        )
        if self.production:
            self._refuse_development(found)
        if self.faults:
            raise BadSettings(self.faults)
        return found

    def _fault(self, name: str, words: str) -> None:
        self.faults.append(f"{name}: {words}")

    def _get(self, name: str, default: str) -> str:
        return self.environ.get(name, "").strip() or default

    def _needed(self, name: str, in_development: str) -> str:
        value = self._get(name, "" if self.production else in_development)
        if not value:
            self._fault(name, "must be set in production")
        return value

    def _list(self, name: str, default: str = "") -> tuple[str, ...]:
        return tuple(part.strip() for part in self._get(name, default).split(",") if part.strip())

    def _secrets(self, name: str, in_development: str) -> tuple[str, ...]:
        values = self._list(name, "" if self.production else in_development)
        if not values:
            self._fault(name, "must be set in production")
        return values

    def _choice(self, name: str, allowed: tuple[str, ...]) -> str:
        value = self._get(name, allowed[0])
        if value in allowed:
            return value
        self._fault(name, f"must be one of {', '.join(sorted(allowed))}")
        return allowed[0]

    def _whole(self, name: str, default: int) -> int:
        value = self._get(name, str(default))
        if value.isascii() and value.isdigit():
            return int(value)
        self._fault(name, "must be a whole number")
        return default

    def _port(self, name: str, default: int) -> int:
        port = self._whole(name, default)
        if not 0 < port < 65536:  # noqa: PLR2004 -- the ports there are
            self._fault(name, "must be a port, 1 to 65535")
        return port

    def _path(self, name: str, default: str) -> Path:
        return self.root / self._get(name, default)

    def _url(self, name: str, default: str, schemes: tuple[str, ...] = ("http", "https")) -> str:
        value = self._get(name, default).rstrip("/")
        try:
            parts = urlsplit(value)
            sound = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
        except ValueError:
            sound = False
        if not sound:
            self._fault(name, f"must be an address that begins with {' or '.join(schemes)}://")
        return value

    def _public_url(self) -> str:
        url = self._url("PUBLIC_URL", f"http://127.0.0.1:{self._port('PORT', 8000)}")
        if urlsplit(url).path:
            self._fault("PUBLIC_URL", "must be an origin, without a path")
        return url

    def _origins(self, default: str) -> tuple[str, ...]:
        origins = tuple(self._get("STRIPE_CHECKOUT_ORIGINS", default).replace(",", " ").split())
        for origin in origins:
            parts = urlsplit(origin)
            if parts.scheme not in ("http", "https") or parts.path or ";" in origin:
                self._fault(
                    "STRIPE_CHECKOUT_ORIGINS", "must be origins such as https://pay.example"
                )
        return origins

    def _mail_url(self) -> str:
        beside = self.around.get("mail", "smtp://127.0.0.1:8425")
        name = "MAIL_URL"
        if self.production and not self._get(name, ""):
            self._fault(name, "must be set in production")
        return self._url(name, beside, ("smtp", "smtps"))

    def _database(self, name: str, default: str) -> str:
        url = self._get(name, default)
        scheme, _, rest = url.partition("://")
        if scheme.split("+")[0] not in ("sqlite", "postgresql"):
            self._fault(name, "must begin with sqlite:// or postgresql://")
        relative = scheme.startswith("sqlite") and rest.startswith("/") and rest[1:2] not in "/:"
        return f"{scheme}:///{self.root / rest[1:]}" if relative and len(rest) > 1 else url

    def _organisation(self) -> Organisation:
        found, faults = load(self._path("ORGANISATION_FILE", "organisation.toml"))
        self.faults += [f"ORGANISATION_FILE: {fault}" for fault in faults]
        return found

    def _secret_key(self) -> str:
        given = self._get("SECRET_KEY", "")
        if self.production:
            if len(given) < _SHORTEST_SECRET or len(set(given)) < _SHORTEST_SECRET // 4:
                self._fault("SECRET_KEY", f"must be {_SHORTEST_SECRET} random characters or more")
            return given
        return given or _generated_secret(self.root / "instance" / "secret_key")

    def _refuse_development(self, found: Settings) -> None:
        origins = (found.public_url, *found.checkout_origins)
        refused = [
            ("PUBLIC_URL", not origins[0].startswith("https://"), "must begin with https://"),
            ("STRIPE_API_KEY", not found.livemode, "must be a live key"),
            ("STRIPE_API_BASE", found.stripe_api_base != STRIPE_BASE, "must be Stripe's own"),
            (
                "STRIPE_CHECKOUT_ORIGINS",
                any(not origin.startswith("https://") for origin in origins[1:]),
                "must begin with https://",
            ),
            (
                "STRIPE_WEBHOOK_SECRET",
                SANDBOX_WEBHOOK_SECRET in found.stripe_webhook_secrets,
                "must not be the sandbox's",
            ),
            (
                "SMS_GENERIC_SECRET",
                SANDBOX_SMS_SECRET in found.sms_generic_secrets
                or any(len(secret) < _SHORTEST_SECRET // 2 for secret in found.sms_generic_secrets),
                "must be 16 characters or more, and not the sandbox's",
            ),
            ("MAIL_FROM", "example.org" in found.mail_from, "must be the organisation's own"),
            (
                "ORGANISATION_FILE",
                not found.organisation.imprint.complete,
                "imprint: promoter and address are needed",
            ),
        ]
        for name, wrong, words in refused:
            if wrong:
                self._fault(name, f"{words} in production")


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


def _sandbox_beside(root: Path) -> dict[str, str]:
    """Where the sandbox that runs beside this service listens, as it wrote down at its start."""
    path = root / "instance" / "sandbox.json"
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {key: str(value) for key, value in found.items()} if isinstance(found, dict) else {}
