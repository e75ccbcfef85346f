"""Settings: read whole, checked whole, every fault told at once."""

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from config import ROOT, BadSettings, Settings

SECRET = "kX9-vQ2_mT7pLd4Rz8Yc1Hs6Wn3Fb5Jg0"
PRODUCTION = {
    "GROUNDSWELL_ENV": "production",
    "PUBLIC_URL": "https://give.example.net",
    "SECRET_KEY": SECRET,
    "STRIPE_API_KEY": "sk_live_made_up",
    "STRIPE_WEBHOOK_SECRET": "whsec_kX9vQ2mT7pLd4Rz8",
    "MAIL_URL": "smtps://user:password@mail.example.net",
    "MAIL_FROM": "Groundswell <office@example.net>",
    "DATABASE_URL": "postgresql://groundswell@db.example.net/groundswell",
}
# What `make run` reads to place its stand-ins; the service itself never does.
OF_THE_SANDBOX = {"ARTICLE_PORT", "SANDBOX_MAIL_PORT"}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The folder of a service that is fit for production."""
    shipped = (ROOT / "organisation.toml").read_text(encoding="utf-8")
    imprint = 'promoter = "Sam Jones"\naddress = ["1 High Road", "London"]'
    whole, count = re.subn(r'promoter = ""\naddress = \[\]', imprint, shipped)
    assert count == 1
    (tmp_path / "organisation.toml").write_text(whole, encoding="utf-8")
    return tmp_path


def faults(environ: Mapping[str, str], root: Path) -> list[str]:
    with pytest.raises(BadSettings) as told:
        Settings.read(environ, root)
    return told.value.faults


def test_a_development_machine_needs_no_setting(root: Path) -> None:
    found = Settings.read({}, root)

    assert not found.production
    assert not found.livemode
    assert found.public_url == "http://127.0.0.1:8000"
    assert found.stripe_api_base == "http://127.0.0.1:8420"
    assert found.checkout_origins == ("http://127.0.0.1:8420",)
    assert found.log_format == "text"


def test_a_sound_production_starts(root: Path) -> None:
    found = Settings.read(PRODUCTION, root)

    assert found.production
    assert found.livemode
    assert found.stripe_api_base == "https://api.stripe.com"
    assert found.checkout_origins == ("https://checkout.stripe.com", "https://billing.stripe.com")
    assert found.sms_generic_secrets == ()
    assert found.migration_database_url == found.database_url == PRODUCTION["DATABASE_URL"]
    assert found.log_format == "json"


def test_the_shipped_organisation_is_not_yet_fit_for_production() -> None:
    assert faults(PRODUCTION, ROOT) == [
        "ORGANISATION_FILE: imprint: promoter and address are needed in production"
    ]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("PUBLIC_URL", "http://give.example.net"),
        ("PUBLIC_URL", ""),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "short"),
        ("SECRET_KEY", "a" * 64),
        ("SECRET_KEY_FALLBACKS", "short"),
        ("SECRET_KEY_FALLBACKS", f"{SECRET},short"),
        ("STRIPE_API_KEY", ""),
        ("STRIPE_API_KEY", "sk_test_made_up"),
        ("STRIPE_API_KEY", "sk_test_sandbox"),
        ("STRIPE_WEBHOOK_SECRET", ""),
        ("STRIPE_WEBHOOK_SECRET", "whsec_sandbox"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_kX9vQ2mT7pLd4Rz8,whsec_sandbox"),
        ("STRIPE_WEBHOOK_SECRET", "whsec_short"),
        ("STRIPE_API_BASE", "http://127.0.0.1:8420"),
        ("STRIPE_API_BASE", "https://stripe.example.net"),
        ("STRIPE_CHECKOUT_ORIGINS", "http://127.0.0.1:8420"),
        ("STRIPE_CHECKOUT_ORIGINS", "https://checkout.stripe.com http://pay.example.net"),
        ("SMS_GENERIC_SECRET", "sandbox-phone-secret"),
        ("SMS_GENERIC_SECRET", "short"),
        ("SMS_KANNEL_SECRET", "short"),
        ("SMS_TWILIO_AUTH_TOKEN", "short"),
        ("SMS_GENERIC_SECRET", f"{SECRET},short"),
        ("MAIL_URL", ""),
        ("MAIL_FROM", ""),
        ("MAIL_FROM", "Groundswell <groundswell@example.org>"),
        ("METRICS_TOKEN", "short"),
    ],
)
def test_production_refuses(name: str, value: str, root: Path) -> None:
    (fault,) = faults({**PRODUCTION, name: value}, root)

    assert fault.startswith(f"{name}: ")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("GROUNDSWELL_ENV", "prod"),
        ("PORT", "web"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "-1"),
        ("PORT", "\u0661"),
        ("SANDBOX_PORT", "70000"),
        ("PROXY_HOPS", "one"),
        ("PUBLIC_URL", "give.example.net"),
        ("PUBLIC_URL", "ftp://give.example.net"),
        ("PUBLIC_URL", "https://"),
        ("PUBLIC_URL", "https://["),
        ("PUBLIC_URL", "https://give.example.net:port"),
        ("PUBLIC_URL", "https://give.example.net/path"),
        ("PUBLIC_URL", "https://give.example.net?query"),
        ("PUBLIC_URL", "https://give.example.net#part"),
        ("PUBLIC_URL", "https://sam@give.example.net"),
        ("PUBLIC_URL", "https://give.example.net;evil"),
        ("STRIPE_API_BASE", "stripe"),
        ("STRIPE_CHECKOUT_ORIGINS", "pay.example.net"),
        ("STRIPE_CHECKOUT_ORIGINS", "*"),
        ("STRIPE_CHECKOUT_ORIGINS", "https:"),
        ("STRIPE_CHECKOUT_ORIGINS", "https://["),
        ("STRIPE_CHECKOUT_ORIGINS", "https://*"),
        ("STRIPE_CHECKOUT_ORIGINS", "https://pay.example.net/path"),
        ("STRIPE_CHECKOUT_ORIGINS", "https://pay.example.net;script-src"),
        ("STRIPE_CHECKOUT_ORIGINS", "https://pay.example.net 'unsafe-inline'"),
        ("DATABASE_URL", "mysql://localhost/groundswell"),
        ("DATABASE_URL", "postgresql+nothing://localhost/groundswell"),
        ("DATABASE_URL", "postgresql://localhost:port/groundswell"),
        ("DATABASE_URL", "groundswell.db"),
        ("MIGRATION_DATABASE_URL", "oracle://localhost"),
        ("MAIL_URL", "http://127.0.0.1"),
        ("MAIL_URL", "smtp://"),
        ("MAIL_URL", "smtp://127.0.0.1:port"),
        ("MAIL_FROM", "Groundswell"),
        ("MAIL_FROM", "Groundswell <>"),
        ("MAIL_FROM", "Groundswell <office@example.org>\nBcc: sam@example.org"),
        ("RATELIMIT_STORAGE_URI", "nowhere"),
        ("RATELIMIT_STORAGE_URI", "mongodb://127.0.0.1"),
        ("SMS_REPLY_REGIONS", "GB,FR"),
        ("SMS_ANDROID_API_URL", "phone"),
        ("LOG_FORMAT", "xml"),
        ("ORGANISATION_FILE", "missing.toml"),
    ],
)
def test_a_setting_that_makes_no_sense_is_named(name: str, value: str, root: Path) -> None:
    (fault,) = faults({name: value}, root)

    assert fault.startswith(f"{name}: ")


def test_every_fault_is_told_at_once(root: Path) -> None:
    (root / "bad.toml").write_text('name = ""\n[limits]\nspeed = 1\n', encoding="utf-8")
    wrong = {
        "GROUNDSWELL_ENV": "production",
        "PUBLIC_URL": "nowhere",
        "DATABASE_URL": "mysql://x",
        "PROXY_HOPS": "many",
        "RATELIMIT_STORAGE_URI": "nowhere",
        "ORGANISATION_FILE": "bad.toml",
    }

    told = faults(wrong, root)

    named = {fault.partition(":")[0] for fault in told}
    assert named == wrong.keys() - {"GROUNDSWELL_ENV"} | {
        *("SECRET_KEY", "STRIPE_API_KEY", "STRIPE_WEBHOOK_SECRET", "MAIL_URL", "MAIL_FROM")
    }
    organisation = "\n".join(fault for fault in told if fault.startswith("ORGANISATION_FILE"))
    for key in ("name", "short_name", "phone", "rates", "limits.speed", "imprint"):
        assert f" {key}: " in organisation


def test_no_fault_is_told_twice(root: Path) -> None:
    told = faults({"GROUNDSWELL_ENV": "production"}, root)

    names = [fault.partition(":")[0] for fault in told]
    assert sorted(names) == sorted(set(names))


def test_no_fault_repeats_a_secret(root: Path) -> None:
    canary = "canary-canary"
    wrong = {
        **PRODUCTION,
        "SECRET_KEY": canary,
        "SECRET_KEY_FALLBACKS": canary,
        "STRIPE_API_KEY": f"sk_test_{canary}",
        "STRIPE_WEBHOOK_SECRET": canary,
        "SMS_GENERIC_SECRET": canary,
        "METRICS_TOKEN": canary,
        "DATABASE_URL": f"mysql://groundswell:{canary}@127.0.0.1/x",
        "MAIL_URL": f"http://groundswell:{canary}@127.0.0.1",
        "RATELIMIT_STORAGE_URI": f"amqp://groundswell:{canary}@127.0.0.1",
    }

    assert canary not in "\n".join(faults(wrong, root))


class Watched(Mapping[str, str]):
    """An environment that notes which names were asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self.values_given = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self.values_given[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.values_given)

    def __len__(self) -> int:
        return len(self.values_given)


def test_every_setting_stands_in_the_example_and_every_example_is_a_setting(root: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    shown = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", example, re.MULTILINE))
    here, there = Watched({}), Watched(PRODUCTION)

    Settings.read(here, root)
    Settings.read(there, root)

    assert here.asked == there.asked
    assert shown - OF_THE_SANDBOX == here.asked


def test_the_example_shows_what_is_the_case_without_it(root: Path) -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    lines = [line.partition("=") for line in shlex.split(example, comments=True)]
    shown = {name: value for name, _is, value in lines}

    assert Settings.read(shown, root) == Settings.read({}, root)


@pytest.mark.parametrize(
    ("given", "meant"),
    [
        ("sqlite:///here.db", "sqlite:///{root}/here.db"),
        ("sqlite:///deep/here.db", "sqlite:///{root}/deep/here.db"),
        ("sqlite+pysqlite:///here.db", "sqlite+pysqlite:///{root}/here.db"),
        ("sqlite:////elsewhere/there.db", "sqlite:////elsewhere/there.db"),
        ("", "sqlite:///{root}/instance/groundswell.db"),
        ("postgresql://db.example.net/name", "postgresql://db.example.net/name"),
        ("postgresql+psycopg:///name", "postgresql+psycopg:///name"),
    ],
)
def test_a_relative_database_stands_beside_the_front_door(
    given: str, meant: str, root: Path
) -> None:
    found = Settings.read({"DATABASE_URL": given}, root)

    assert found.database_url == meant.format(root=root)
    assert found.migration_database_url == found.database_url


def test_relative_files_stand_beside_the_front_door(root: Path) -> None:
    (root / "other.toml").write_bytes((root / "organisation.toml").read_bytes())

    found = Settings.read({"ORGANISATION_FILE": "other.toml", "POSTCODE_INDEX": "x.idx"}, root)

    assert found.postcode_index == root / "x.idx"
    assert found.organisation.imprint.complete


def test_an_absolute_file_stays_where_it_is(root: Path, tmp_path: Path) -> None:
    found = Settings.read({"POSTCODE_INDEX": str(tmp_path / "far.idx")}, root / "deeper" / "..")

    assert found.postcode_index == tmp_path / "far.idx"


def test_an_origin_is_kept_as_browsers_write_it(root: Path) -> None:
    found = Settings.read(
        {
            "PUBLIC_URL": "HTTPS://Give.Example.net:443/",
            "STRIPE_CHECKOUT_ORIGINS": "https://Pay.example.net/, http://127.0.0.1:80",
        },
        root,
    )

    assert found.public_url == "https://give.example.net"
    assert found.checkout_origins == ("https://pay.example.net", "http://127.0.0.1")


def test_secrets_are_listed_while_they_roll(root: Path) -> None:
    found = Settings.read(
        {
            "STRIPE_WEBHOOK_SECRET": "whsec_new, whsec_old",
            "SMS_GENERIC_SECRET": "new,old,",
            "SECRET_KEY": "now",
            "SECRET_KEY_FALLBACKS": "before, long before",
        },
        root,
    )

    assert found.stripe_webhook_secrets == ("whsec_new", "whsec_old")
    assert found.sms_generic_secrets == ("new", "old")
    assert found.secret_key_fallbacks == ("before", "long before")


def test_the_sandbox_beside_says_where_its_mailbox_listens(root: Path) -> None:
    (root / "instance").mkdir()
    note = root / "instance" / "sandbox-8420.json"
    note.write_text('{"mail": "smtp://127.0.0.1:2525"}', encoding="utf-8")

    assert Settings.read({}, root).mail_url == "smtp://127.0.0.1:2525"
    assert Settings.read(PRODUCTION, root).mail_url == PRODUCTION["MAIL_URL"]


@pytest.mark.parametrize("note", ["", "{", "[]", "null", "\x00"])
def test_a_spoilt_note_of_the_sandbox_is_as_good_as_none(note: str, root: Path) -> None:
    (root / "instance").mkdir()
    (root / "instance" / "sandbox-8420.json").write_text(note, encoding="utf-8")

    assert Settings.read({}, root).mail_url == "smtp://127.0.0.1:8425"


def test_the_development_key_is_made_once_by_many_processes(root: Path) -> None:
    script = "from config import Settings; from pathlib import Path; import sys;"
    script += "print(Settings.read({}, Path(sys.argv[1])).secret_key)"
    command = [sys.executable, "-c", script, str(root)]

    def start(_number: int) -> str:
        return subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout

    with ThreadPoolExecutor(4) as threads:
        keys = set(threads.map(start, range(4)))

    assert len(keys) == 1
    assert len(keys.pop().strip()) >= 32
    kept = root / "instance" / "secret_key"
    assert [path.name for path in kept.parent.iterdir()] == ["secret_key"]
    assert kept.stat().st_mode & 0o777 == 0o600


def test_a_folder_that_takes_no_key_is_a_fault_and_no_crash(root: Path) -> None:
    (root / "instance").write_text("a file where the folder should be", encoding="utf-8")

    (fault,) = faults({}, root)

    assert fault.startswith("SECRET_KEY: ")


def test_production_never_makes_a_key(root: Path) -> None:
    faults({**PRODUCTION, "SECRET_KEY": ""}, root)

    assert not (root / "instance").exists()
