"""Who works for the organisation is a person too: their data is exported and erased as all is."""

import io
import json
import zipfile

import pytest
from flask import Flask
from sqlalchemy import select

from core.database import Database
from staff.models import AuditEntry, StaffAccount
from tests.staff.conftest import KIM, Desk

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def export(app: Flask, whom: str) -> tuple[int, str]:
    result = app.test_cli_runner().invoke(args=["members", "export", whom, "--output", "-"])
    if result.exit_code:
        return result.exit_code, result.stderr
    with zipfile.ZipFile(io.BytesIO(result.stdout_bytes)) as archive:
        return 0, archive.read("data.json").decode()


def test_an_export_tells_of_an_account_and_opens_nothing(
    app: Flask, desk: Desk, database: Database
) -> None:
    desk.admin()
    desk.organiser()
    code, text = export(app, KIM)
    assert code == 0, text
    held = json.loads(text)["held"]
    (account,) = held["staff_account"]
    assert (account["email"], account["role"]) == (KIM, "organiser")
    with database.reading() as session:
        kim = session.scalars(select(StaffAccount).where(StaffAccount.email == KIM)).one()
    assert held["audit_entry"]
    for secret in (kim.password_hash, kim.totp_secret):
        assert secret
        assert secret not in text
    assert "digest" not in text


def test_who_works_here_is_not_erased_and_who_did_leaves_no_address(
    app: Flask, desk: Desk, database: Database
) -> None:
    desk.admin()
    desk.organiser()
    runner = app.test_cli_runner()
    erase = ["members", "erase", KIM, "--why", "asked for it"]
    refused = runner.invoke(args=erase)
    assert refused.exit_code == 1
    assert "account of staff" in refused.output
    assert runner.invoke(args=["staff", "revoke", KIM]).exit_code == 0
    done = runner.invoke(args=erase)
    assert done.exit_code == 0, done.output
    with database.reading() as session:
        accounts = session.scalars(select(StaffAccount)).all()
        assert KIM not in {part for each in accounts for part in (each.email, each.email_key)}
        assert session.scalars(select(AuditEntry)).all()
