"""One's own account, the admins' pages, and the audit behind them."""

import pytest
from sqlalchemy import delete, update
from sqlalchemy.exc import DBAPIError

from staff import auditing
from staff.auditing import NotForTheAudit, Subject
from staff.models import AuditEntry, StaffAccount, StaffInvitation, StaffSession, StaffThrottle
from tests.postgres import ONLY_GROWS
from tests.staff.conftest import ALEX, KIM, PASSWORD, ROBIN, Desk, Person, secret_in
from tests.staff.test_signing_in import id_of

ON_SQLITE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
OTHER = "seven quiet harbours lit"


@ON_SQLITE
def test_another_password_needs_the_present_one_and_ends_every_other_session(desk: Desk) -> None:
    alex = desk.admin()
    other = alex.elsewhere().sign_in()
    path = "/desk/account/password"
    wrong = alex.press(path, password="not the right one", new_password=OTHER)
    assert wrong.status_code == 422
    assert "That is not your password." in wrong.text
    assert alex.press(path, password=PASSWORD, new_password="alex at the desk").status_code == 422
    assert other.client.get("/desk/overview").status_code == 200
    assert alex.press(path, password=PASSWORD, new_password=OTHER).status_code == 303
    assert other.client.get("/desk/overview").status_code == 303
    assert alex.client.get("/desk/overview").status_code == 200
    alex.press("/desk/sign-out")
    assert alex.type_password(PASSWORD).status_code == 422
    assert alex.type_password(OTHER).status_code == 303
    assert "What opens your account was changed" in desk.letters(ALEX)


@ON_SQLITE
def test_whoever_sits_down_at_an_open_desk_cannot_guess_the_password_for_long(desk: Desk) -> None:
    alex = desk.admin()
    path = "/desk/account/recovery-codes"
    for _attempt in range(5):
        assert "That is not your password." in alex.press(path, password="x").text
    assert "Too many attempts" in alex.press(path, password=PASSWORD).text


@ON_SQLITE
def test_new_recovery_codes_kill_the_old_ones(desk: Desk) -> None:
    alex = desk.admin()
    page = alex.press("/desk/account/recovery-codes", password=PASSWORD)
    assert page.headers["Cache-Control"] == "no-store"
    assert not any(code in page.text for code in alex.recovery)
    other = alex.elsewhere()
    other.type_password()
    assert other.type_code(alex.recovery[0]).status_code == 422


@ON_SQLITE
def test_another_authenticator_takes_the_place_of_the_first_once_it_is_proved(desk: Desk) -> None:
    alex = desk.admin()
    path = "/desk/account/authenticator"
    assert alex.client.get(f"{path}/new").location == path
    assert alex.press(path, password=PASSWORD).location == f"{path}/new"
    page = alex.client.get(f"{path}/new").text
    new = Person(desk, ALEX, alex.client, secret=secret_in(page))
    assert alex.press(f"{path}/new", code="000000").status_code == 422
    desk.clock.move(seconds=60)
    alex.elsewhere().sign_in()  # the old one still works
    assert alex.press(f"{path}/new", code=new.code()).status_code == 200
    assert alex.client.get(f"{path}/new").location == path
    old, now = alex.elsewhere(), new.elsewhere()
    old.type_password()
    assert old.type_code(old.fresh_code()).status_code == 422
    now.sign_in()


@ON_SQLITE
def test_signing_out_everywhere_and_ending_one_session(desk: Desk) -> None:
    alex, kim = desk.admin(), desk.organiser()
    others = [alex.elsewhere().sign_in() for _each in range(2)]
    page = alex.client.get("/desk/account").text
    assert page.count("Firefox, Linux") == 3
    paths = [part.split('"')[0] for part in page.split('action="')[1:] if "/sessions/" in part[:60]]
    assert len(paths) == 2
    assert kim.press(paths[0]).status_code == 404
    assert alex.press(paths[0]).status_code == 303
    assert [other.client.get("/desk/overview").status_code for other in others].count(303) == 1
    assert alex.press("/desk/sign-out-everywhere").status_code == 303
    assert [each.client.get("/desk/overview").status_code for each in (alex, *others)] == [303] * 3
    assert kim.client.get("/desk/overview").status_code == 200


def test_an_admin_invites_with_a_scope_and_moves_it(desk: Desk) -> None:
    alex = desk.admin()
    form: dict[str, object] = {"email": KIM, "role": "organiser"}
    assert "Tick a region" in alex.press("/desk/accounts", **form).text
    assert alex.press("/desk/accounts", **form, regions=["1"]).status_code == 303
    assert (
        "account of this address already"
        in alex.press("/desk/accounts", **form, regions=["1"]).text
    )
    desk.work()
    kim = Person(desk, KIM, desk.browser()).arrive()
    assert "London" in kim.client.get("/desk/account").text
    path = f"/desk/accounts/{id_of(desk, KIM)}"
    assert alex.press(path, role="organiser", regions=["1", "2"]).status_code == 303
    assert alex.press(path, role="organiser", regions=["2"]).status_code == 303
    page = kim.client.get("/desk/account").text
    assert "Wales" in page
    assert "<dd>London" not in page
    for rubbish in (["99"], ["x"], ["-1"], ["1 OR 1=1"]):
        assert alex.press(path, role="organiser", regions=rubbish).status_code == 422
    assert alex.press(path, role="admin", regions=["1"]).status_code == 422
    assert alex.press(path, role="king").status_code == 422


@ON_SQLITE
def test_the_only_admin_cannot_be_taken_away(desk: Desk) -> None:
    alex = desk.admin()
    desk.invite(ROBIN, "--role", "admin")  # not here yet: could not let anybody in
    path = f"/desk/accounts/{id_of(desk, ALEX)}"
    for answer in (alex.press(path, role="moderator"), alex.press(f"{path}/revoke")):
        assert answer.status_code == 422
        assert "only admin there is" in answer.text
    result = desk.app.test_cli_runner().invoke(args=["staff", "revoke", ALEX])
    assert result.exit_code == 1
    assert alex.client.get("/desk/accounts").status_code == 200


@ON_SQLITE
def test_who_is_invited_anew_begins_again_and_keeps_the_old_way_until_then(desk: Desk) -> None:
    alex, kim = desk.admin(), desk.organiser()
    assert alex.press(f"/desk/accounts/{id_of(desk, KIM)}/invite").status_code == 303
    desk.work()
    assert kim.client.get("/desk/overview").status_code == 200
    again = Person(desk, KIM, desk.browser(), password=OTHER)
    assert again.accept().status_code == 303
    assert kim.client.get("/desk/overview").status_code == 303
    assert kim.type_password(PASSWORD).status_code == 422
    assert again.client.get("/desk/overview").location == "/desk/sign-in"
    again.enrol()
    assert again.client.get("/desk/overview").status_code == 200
    other = kim.elsewhere()
    other.password = OTHER
    other.type_password()
    assert other.type_code(kim.recovery[0]).status_code == 422


@ON_SQLITE
def test_a_revoked_account_can_be_invited_back_but_its_old_letters_open_nothing(
    desk: Desk,
) -> None:
    alex = desk.admin()
    waiting = desk.invite(ROBIN, "--role", "moderator")
    path = f"/desk/accounts/{id_of(desk, ROBIN)}"
    alex.press(f"{path}/revoke")
    assert "works no more" in waiting.open_invitation()
    alex.press(f"{path}/invite")
    desk.work()
    waiting.arrive()


@ON_SQLITE
def test_the_audit_is_searched_and_the_search_is_in_it(desk: Desk) -> None:
    alex, kim = desk.admin(), desk.organiser()
    alex.client.get(f"/desk/accounts/{id_of(desk, KIM)}")
    query = {"kind": "sign-in", "account": id_of(desk, KIM)}
    page = alex.client.get("/desk/accounts/audit", query_string=query)
    assert page.text.count("<strong>sign-in</strong>") == 1
    assert ("look", "") in desk.audit()
    assert desk.audit()[-1] == ("search", "audit")
    for rubbish in ({"kind": "x"}, {"account": "x"}, {"account": str(kim.email)}):
        found = alex.client.get("/desk/accounts/audit", query_string=rubbish)
        assert found.status_code == 404
    for before in ("x", "-1", "0", "9" * 30, "-" + "9" * 30):
        found = alex.client.get("/desk/accounts/audit", query_string={"before": before})
        assert found.status_code == 200


@ON_SQLITE
def test_the_audit_is_read_page_by_page(desk: Desk) -> None:
    alex = desk.admin()
    with desk.database.transaction() as session:
        for number in range(60):
            auditing.record(
                session, "export", by=None, now=desk.clock.now(), detail=f"number-{number}"
            )
    page = alex.client.get("/desk/accounts/audit", query_string={"kind": "export"}).text
    assert ("number-59<" in page, "number-9<" in page) == (True, False)
    more = [part.split('"')[0] for part in page.split('href="') if "before=" in part]
    assert "number-9<" in alex.client.get(more[0].replace("&amp;", "&")).text


def test_the_database_refuses_to_change_the_audit(desk: Desk) -> None:
    desk.admin()
    for change in (update(AuditEntry).values(detail="x"), delete(AuditEntry)):
        with pytest.raises(DBAPIError, match=ONLY_GROWS), desk.database.transaction() as session:
            session.execute(change)


@ON_SQLITE
def test_nothing_personal_gets_into_the_audit(desk: Desk) -> None:
    now = desk.clock.now()
    with desk.database.transaction() as session:
        for detail in ("sam@example.org", "Sam Jones", "x" * 65, "a\nb"):
            with pytest.raises(NotForTheAudit):
                auditing.record(session, "look", by=None, now=now, detail=detail)
        for subject in (Subject("person", "sam@example.org"), Subject("Sam Jones", 1)):
            with pytest.raises(NotForTheAudit):
                auditing.record(session, "look", by=None, now=now, subject=subject)
        with pytest.raises(NotForTheAudit):
            auditing.record(session, "peek", by=None, now=now)
        auditing.record(session, "look", by=None, now=now, subject=Subject("person", 7))
        auditing.record(session, "look", by=None, now=now, subject=Subject("person", 70))
        assert len(auditing.of_subject(session, Subject("person", 7))) == 1


@ON_SQLITE
def test_no_secret_stands_in_the_database_as_it_is(desk: Desk) -> None:
    alex = desk.admin()
    cookie = alex.client.get_cookie("groundswell-device")
    assert cookie
    secrets = {alex.secret, PASSWORD, cookie.value, *alex.recovery}
    secrets |= {code.replace("-", "") for code in alex.recovery}
    with desk.database.engine.connect() as connection:
        held = "\n".join(
            str(row)
            for table in (StaffAccount, StaffSession, StaffInvitation)
            for row in connection.execute(table.__table__.select())
        )
        for name in ("staff_recovery_code", "staff_device", "outbox_mail", "audit_entry"):
            held += str(connection.exec_driver_sql(f"SELECT * FROM {name}").all())  # noqa: S608 -- ours
    assert [secret for secret in secrets if secret in held] == []


@ON_SQLITE
def test_the_worker_forgets_sessions_and_counts_that_are_long_over(desk: Desk) -> None:
    alex = desk.admin()
    alex.elsewhere().type_password("wrong, wrong, wrong, wrong")
    desk.clock.move(days=31)
    desk.work()
    with desk.database.reading() as session:
        assert session.query(StaffSession).count() == 0
        assert session.query(StaffThrottle).count() == 0
