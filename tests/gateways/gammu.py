"""A real Gammu SMSD on its dummy phone: texts are put into a folder, and replies read from one."""

import os
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import ROOT
from tests.gateways.programs import await_, program, running
from tests.gateways.serving import SECRET

HOOK = ROOT / "branches" / "texting" / "gammu_hook.py"
_FIELD = re.compile(r"^(Number|UDH|Text\d\d) = (\S+)$", re.MULTILINE)
CONFIGURATION = """
[gammu]
model = dummy
connection = none
port = {folder}/phone

[smsd]
service = files
logfile = {folder}/smsd.log
inboxpath = {folder}/inbox/
outboxpath = {folder}/outbox/
sentsmspath = {folder}/sent/
errorsmspath = {folder}/error/
inboxformat = unicode
commtimeout = 1
sendtimeout = 5
receivefrequency = 0
loopsleep = 1
checksecurity = 0
checkbattery = 0
checksignal = 0
runonreceive = "{python}" -P "{hook}"
"""
RECORD = """[SMSBackup{number:03}]
PDU = Deliver
DateTime = 20261122T12{minute:02}00
State = UnRead
Number = "{sender}"
NumberUnicode = {sender_hex}
{udh}Text00 = {text_hex}
Coding = Unicode_No_Compression
Folder = 1
Length = {length}
Class = -1
ReplySMSC = False
RejectDuplicates = False
ReplaceMessage = 0
MessageReference = 0
"""


@dataclass
class Modem:
    """The dummy phone and SMSD's folders."""

    folder: Path
    environ: dict[str, str]
    count: int = 0

    @property
    def spool(self) -> Path:
        return self.folder / "spool"

    def text(self, sender: str, *parts: str) -> None:
        """Let a text arrive, in several parts where more are given."""
        self.count += 1
        for number, part in enumerate(parts, 1):
            head = f"UDH = 050003{self.count:02X}{len(parts):02X}{number:02X}\n"
            record = RECORD.format(
                number=0,
                minute=self.count,
                sender=sender,
                sender_hex=_hex(sender),
                udh=head if len(parts) > 1 else "",
                text_hex=_hex(part),
                length=len(part),
            )
            path = self.folder / "phone" / "sms" / "1" / str(self.count * 10 + number)
            path.with_suffix(".new").write_text(record, encoding="utf-8")
            path.with_suffix(".new").rename(path)

    def reply(self, to: str) -> str:
        """Return the reply that SMSD has sent to this number, its parts joined."""
        return await_("a reply", lambda: self.sent().get(to))

    def sent(self) -> dict[str, str]:
        """Return what was sent, by its number. SMSD notes a part anew at each step: one counts."""
        parts: dict[tuple[str, str], str] = {}
        for path in sorted((self.folder / "sent").iterdir()):
            for record in path.read_text("utf-8").split("[SMSBackup")[1:]:
                fields = dict(_FIELD.findall(record))
                digits = "".join(fields[name] for name in sorted(fields) if name.startswith("Text"))
                words = bytes.fromhex(digits).decode("utf-16-be")
                parts[fields["Number"].strip('"'), fields.get("UDH", "")] = words
        found: dict[str, str] = {}
        for (number, _head), words in sorted(parts.items()):
            found[number] = found.get(number, "") + words
        return found

    def waiting(self) -> list[Path]:
        """Return the texts in the hook's spool."""
        return sorted(self.spool.glob("*.json")) if self.spool.exists() else []


@contextmanager
def gammu(folder: Path, port: int) -> Iterator[Modem]:
    """Run SMSD, whose hook hands texts to the service on `port`."""
    smsd = program("gammu-smsd")
    program("gammu-smsd-inject")
    for name in ("phone/sms/1", "inbox", "outbox", "sent", "error"):
        (folder / name).mkdir(parents=True)
    path = folder / "smsdrc"
    words = CONFIGURATION.format(folder=folder, python=sys.executable, hook=HOOK)
    path.write_text(words, encoding="utf-8")
    environ = {
        "PATH": os.environ["PATH"],
        "LC_ALL": "C.UTF-8",
        "GAMMU_HOOK_URL": f"http://127.0.0.1:{port}/webhooks/sms/generic",
        "GAMMU_HOOK_SECRET": SECRET,
        "GAMMU_HOOK_SPOOL": str(folder / "spool"),
        "GAMMU_HOOK_SMSD": str(path),
    }
    with running([smsd, "-c", str(path)], folder, environ):
        yield Modem(folder, environ)


def _hex(text: str) -> str:
    return text.encode("utf-16-be").hex().upper()
