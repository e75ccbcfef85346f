"""Sending by SMTP: to a real server, in its moods."""

import shutil
import socket
import ssl
import subprocess
from email.message import EmailMessage
from pathlib import Path

import pytest

from core.mail import MailRefused, MailUndelivered, SmtpMailer
from tests.core.smtp import PostOffice, serving
from tests.ports import free_port


def letter(to: str = "sam@example.org") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Groundswell <groundswell@example.org>"
    message["To"] = to
    message["Subject"] = "Receipt for your gift of £10"
    message["Message-ID"] = "<1@example.org>"
    message.set_content("Thank you.\n.\nA line with a dot alone stands above.\n")
    return message


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate of 127.0.0.1, its key beside it, that nobody has signed but itself."""
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("makes a certificate with openssl")
    file = tmp_path_factory.mktemp("certificate") / "both.pem"
    command = [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"]
    command += ["-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(file), "-out", "-"]
    made = subprocess.run(command, check=True, capture_output=True)
    with file.open("ab") as both:
        both.write(made.stdout)
    return file


@pytest.fixture
def tls(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


def test_a_letter_arrives_as_it_was_written(office: PostOffice, port: int) -> None:
    with serving(office, port):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())

    (found,) = office.letters
    assert office.recipients == [["sam@example.org"]]
    assert found["Subject"] == "Receipt for your gift of £10"
    assert found["Message-ID"] == "<1@example.org>"
    assert found.get_content().splitlines() == letter().get_content().splitlines()


@pytest.mark.parametrize("reply", ["550 No such mailbox", "553 Bad name", "501 Nonsense"])
def test_a_recipient_who_will_never_be_taken_is_refused(
    reply: str, office: PostOffice, port: int
) -> None:
    office.to_recipient = reply

    with serving(office, port), pytest.raises(MailRefused, match=reply[:3]):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())


@pytest.mark.parametrize("reply", ["450 Busy", "451 Greylisted", "452 Full", "421 Going down"])
def test_a_recipient_who_is_not_taken_now_may_be_later(
    reply: str, office: PostOffice, port: int
) -> None:
    office.to_recipient = reply

    with serving(office, port), pytest.raises(MailUndelivered):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())


@pytest.mark.parametrize(
    ("reply", "outcome"),
    [("554 Spam", MailRefused), ("552 Too big", MailRefused), ("451 Later", MailUndelivered)],
)
def test_a_letter_may_be_refused_once_it_was_read(
    reply: str, outcome: type[Exception], office: PostOffice, port: int
) -> None:
    office.to_data = reply

    with serving(office, port), pytest.raises(outcome):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())


@pytest.mark.parametrize("reply", ["250 Bye", "421 Bye", "500 What", "nonsense"])
def test_a_letter_that_was_taken_counts_as_sent_whatever_the_goodbye(
    reply: str, office: PostOffice, port: int
) -> None:
    office.to_quit = reply

    with serving(office, port):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())

    assert len(office.letters) == 1


def test_no_server_at_all_is_worth_another_try(port: int) -> None:
    with pytest.raises(MailUndelivered, match="ConnectionRefusedError"):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())


def test_a_server_that_says_nothing_is_worth_another_try() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        with pytest.raises(MailUndelivered):
            SmtpMailer(f"smtps://127.0.0.1:{port}", seconds=0.2).send(letter())


@pytest.mark.parametrize("utf8", [True, False])
def test_an_address_beyond_ascii_is_sent_to_where_the_server_can(
    utf8: bool,  # noqa: FBT001 -- a parameter of the test
    office: PostOffice,
    port: int,
) -> None:
    mailer = SmtpMailer(f"smtp://127.0.0.1:{port}")

    with serving(office, port, utf8=utf8):
        if utf8:
            mailer.send(letter("siân@example.org"))
        else:
            with pytest.raises(MailRefused):
                mailer.send(letter("siân@example.org"))

    assert office.recipients == ([["siân@example.org"]] if utf8 else [])


def test_tls_is_used_where_it_is_offered(
    office: PostOffice, port: int, tls: ssl.SSLContext
) -> None:
    with serving(office, port, starttls=tls):
        SmtpMailer(f"smtp://127.0.0.1:{port}").send(letter())

    assert office.encrypted == [True]


def test_a_password_is_told_to_a_server_that_proves_its_name(
    office: PostOffice,
    port: int,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))

    with serving(office, port, starttls=tls, login=True):
        SmtpMailer(f"smtp://sam%40home:p%3Ass@127.0.0.1:{port}").send(letter())

    assert office.passwords == [b"p:ss"]
    assert office.encrypted == [True]


def test_a_password_is_never_told_to_a_server_that_cannot(
    office: PostOffice, port: int, tls: ssl.SSLContext
) -> None:
    with serving(office, port, starttls=tls, login=True), pytest.raises(MailUndelivered):
        SmtpMailer(f"smtp://sam:secret@127.0.0.1:{port}").send(letter())

    assert (office.passwords, office.letters) == ([], [])


def test_a_password_never_crosses_a_network_in_the_clear(office: PostOffice, port: int) -> None:
    with serving(office, port, login=True):
        # The same machine, by a name that does not say so.
        with pytest.raises(MailUndelivered, match="TLS"):
            SmtpMailer(f"smtp://sam:secret@127.1:{port}").send(letter())
        assert (office.passwords, office.letters) == ([], [])

        SmtpMailer(f"smtp://sam:secret@127.0.0.1:{port}").send(letter())
        assert office.passwords == [b"secret"]


def test_smtps_trusts_only_a_server_that_proves_its_name(
    office: PostOffice,
    port: int,
    tls: ssl.SSLContext,
    certificate: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mailer = SmtpMailer(f"smtps://127.0.0.1:{port}")

    with serving(office, port, smtps=tls):
        with pytest.raises(MailUndelivered, match="SSLCertVerificationError"):
            mailer.send(letter())
        assert office.letters == []

        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        mailer.send(letter())

    assert len(office.letters) == 1
