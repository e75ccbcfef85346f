"""The hook of Gammu's SMSD: hands a text that came in to the service, and sends the answer.

A program of its own that needs nothing but Python, so that it can run beside the modem, on another
machine than the service. SMSD runs it once for a text and never again, whatever becomes of it; so
each text is saved in the spool first and leaves it when the service has answered, and a timer runs
the hook with `--retry`. How to set it up stands in `docs/gateways.md`.

It reads from the environment, besides what SMSD puts there:

- `GAMMU_HOOK_URL`: the service's address, up to and with `/webhooks/sms/generic`;
- `GAMMU_HOOK_SECRET`: one of those in the service's `SMS_GENERIC_SECRET`;
- `GAMMU_HOOK_SPOOL`: the folder of the spool;
- `GAMMU_HOOK_SMSD`: SMSD's own configuration, for sending (default: SMSD's default).
"""

import base64
import fcntl
import json
import os
import re
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

INJECT = "gammu-smsd-inject"
_SECONDS = 10
_WORTH_SECONDS = 3600  # a reply that is older is noise
_NUMBER = re.compile(r"\+[0-9]{7,15}")
_REFUSED_FOR_GOOD = frozenset({400, 413})
# The alphabet of 7 bits and its extension (3GPP TS 23.038): whatever else is sent in 16.
_GSM7 = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå\u0394_\u03a6\u0393\u039b\u03a9\u03a0\u03a8\u03a3\u0398\u039eÆæßÉ"
    " !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§"
    "¿abcdefghijklmnopqrstuvwxyzäöñüà\f^{}\\[~]|€"
)


class NotAnswered(Exception):
    """The service did not take the text; `final` says whether it never will."""

    def __init__(self, words: str, *, final: bool) -> None:
        super().__init__(words)
        self.final = final


@dataclass(frozen=True, slots=True)
class Hook:
    """What the hook is set to."""

    url: str
    secret: str
    spool: Path
    smsd: str

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Hook":
        """Read the settings.

        Raises:
            ValueError: when one is missing, or the address is not one of the web.
        """
        for name in ("GAMMU_HOOK_URL", "GAMMU_HOOK_SECRET", "GAMMU_HOOK_SPOOL"):
            if not environ.get(name):
                raise ValueError(f"{name} is not set")
        url = environ["GAMMU_HOOK_URL"]
        if not url.startswith(("http://", "https://")):
            raise ValueError("GAMMU_HOOK_URL must begin with http:// or https://")
        return cls(
            url,
            environ["GAMMU_HOOK_SECRET"],
            Path(environ["GAMMU_HOOK_SPOOL"]),
            environ.get("GAMMU_HOOK_SMSD", ""),
        )


def main(arguments: Sequence[str], environ: Mapping[str, str]) -> int:
    """Save and deliver the text that SMSD tells of, or with `--retry` whatever is in the spool.

    Returns 0; 1 where a text has to wait; 2 where the hook is not set up.
    """
    try:
        hook = Hook.read(environ)
    except ValueError as fault:
        _tell(str(fault))
        return 2
    if list(arguments) == ["--retry"]:
        waiting = sorted(hook.spool.glob("*.json"))
    else:
        waiting = [save(hook.spool, text_in(environ, arguments))]
    results = [deliver(hook, path) for path in waiting]
    return 0 if all(results) else 1


def text_in(environ: Mapping[str, str], names: Sequence[str]) -> dict[str, str]:
    """Read a text as SMSD hands it over: joined where it came in parts, else part by part.

    The name of its first inbox file is the only id there is.
    """
    parts = range(1, int(environ.get("SMS_MESSAGES", "0")) + 1)
    text = "".join(environ.get(f"SMS_{part}_TEXT", "") for part in parts)
    decoded = range(1, int(environ.get("DECODED_PARTS", "0")) + 1)
    joined = "".join(environ.get(f"DECODED_{part}_TEXT", "") for part in decoded)
    return {
        "from": environ.get("SMS_1_NUMBER", ""),
        "text": _sound(joined or text),
        "id": names[0] if names else str(uuid.uuid4()),
    }


def save(spool: Path, text: Mapping[str, str]) -> Path:
    """Put a text into the spool, whole and on the disk; return its file."""
    spool.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = spool / f"{time.time_ns():020}-{uuid.uuid4().hex}.json"
    unfinished = path.with_suffix(".part")
    descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        json.dump(text, file)
        file.flush()
        os.fsync(file.fileno())
    unfinished.rename(path)
    return path


def deliver(hook: Hook, path: Path) -> bool:
    """Post a saved text, send the answer, and take it out of the spool; say whether it is done.

    Whoever holds the file's lock is at it already, and will say so itself.
    """
    try:
        with path.open(encoding="utf-8") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if not path.exists():
                return True
            return _answered(hook, path, json.load(file))
    except (FileNotFoundError, BlockingIOError):
        return True


def _answered(hook: Hook, path: Path, text: Mapping[str, str]) -> bool:
    try:
        reply = post(hook, text)
        late = time.time_ns() - int(path.name.partition("-")[0]) > _WORTH_SECONDS * 10**9
        if reply and not late:
            send(hook.smsd, text["from"], reply)
    except NotAnswered as fault:
        _tell(str(fault))
        if fault.final:
            path.rename(path.with_suffix(".refused"))
        return fault.final
    path.unlink()
    return True


def post(hook: Hook, text: Mapping[str, str]) -> str | None:
    """Hand a text to the service; return its reply, or None where it sends none.

    Raises:
        NotAnswered: when it could not be reached, or did not take the text.
    """
    given = base64.b64encode(f"sms:{hook.secret}".encode()).decode()
    headers = {"Content-Type": "application/json", "Authorization": f"Basic {given}"}
    request = urllib.request.Request(  # noqa: S310 -- `Hook.read` refuses any other scheme
        hook.url, json.dumps(text).encode(), headers, method="POST"
    )
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _NoRedirect)
    try:
        with opener.open(request, timeout=_SECONDS) as answer:
            reply = json.load(answer)["reply"]
    except urllib.error.HTTPError as error:
        error.close()
        final = error.code in _REFUSED_FOR_GOOD
        raise NotAnswered(f"the service answered {error.code}", final=final) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotAnswered(f"no answer: {type(error).__name__}", final=False) from None
    return reply if isinstance(reply, str) else None


def send(smsd: str, number: str, reply: str) -> None:
    """Hand a reply to SMSD, which sends it.

    Raises:
        NotAnswered: when SMSD does not take it.
    """
    if not _NUMBER.fullmatch(number):
        raise NotAnswered("a reply to what is no number", final=True)
    command = [INJECT, *(["-c", smsd] if smsd else []), "TEXT", number]
    command += ["-len", str(len(reply) + 1), *([] if _GSM7.issuperset(reply) else ["-unicode"])]
    try:
        subprocess.run(  # noqa: S603 -- a list of arguments, no shell; the number is checked
            [*command, "-text", reply], check=True, capture_output=True, timeout=_SECONDS
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise NotAnswered(f"not sent: {type(error).__name__}", final=False) from None


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the secret goes to the address that was set, and nowhere else."""

    def redirect_request(self, *_: object, **__: object) -> None:
        """Make the redirect the error that it is here."""


def _sound(text: str) -> str:
    """Mend what the environment could not carry."""
    return text.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _tell(words: str) -> None:
    sys.stderr.write(f"gammu_hook: {words}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:], os.environ))
