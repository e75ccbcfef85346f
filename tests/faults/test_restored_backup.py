"""F39: a backup is restored, and the books come up to the present without a letter twice."""

import datetime as dt

from tests.faults.backups import backup
from tests.faults.conftest import Build, open_house
from tests.faults.house import House
from tests.faults.oracle import payments, pledges

EVERYTHING = ("export", "--from", "2020-01-01", "--to", "2099-01-01")


def account_of(house: House) -> tuple[str, ...]:
    """Everything that a treasurer is told: each payment, and the statements of both months."""
    now = house.clock.now()
    months = sorted({f"{moment:%Y-%m}" for moment in (now - dt.timedelta(days=7), now)})
    told = [EVERYTHING, *(("statement", month) for month in months)]
    return tuple(house.run(*words)[1] for words in told)


def go_on(house: House, waiting: str) -> None:
    """What happens after the backup was taken: all of it is told, booked and thanked for."""
    first, monthly = payments(house.database)
    house.controls.pay(waiting)
    house.controls.renew(pledges(house.database)[1].stripe_subscription or "")
    house.controls.refund(first.payment_intent or "", 300)
    house.work()
    house.controls.dispute(monthly.payment_intent or "")
    house.controls.advance(days=7)
    house.clock.move(days=7)
    house.work()
    house.assert_all_is_well()


def test_f39_a_restored_backup_comes_up_to_the_present_and_thanks_nobody_twice(
    build: Build,
) -> None:
    house = build()
    with open_house(house):
        house.give(message="Before")
        house.give(frequency="monthly")
        house.work()
        waiting = house.checkout(amount="25", message="Begun before, paid after")
        for each in (house.database, build().database):
            each.engine.dispose()
        with backup(house.settings.database_url) as restored:
            go_on(house, waiting)
            before, letters = account_of(house), house.sandbox.letters()
            house.sandbox.serve(None)
            bring_to_the_present(build(DATABASE_URL=restored), before, house.clock.ahead)
            assert house.sandbox.letters() == letters


def bring_to_the_present(house: House, before: tuple[str, ...], ahead: dt.timedelta) -> None:
    """Restore: the old machine is gone, and the operator does what the README says."""
    house.clock.ahead = ahead
    assert len(payments(house.database)) == 2
    since = house.clock.now() - dt.timedelta(days=14)
    code, said = house.run("replay", "--since", f"{since:%Y-%m-%d}", "--no-mail")
    assert code == 0, said
    code, said = house.run("reconcile", "--days", "14", "--fix", "--no-mail")
    assert code == 0, said
    house.work_once()
    house.clock.move(seconds=120)
    house.work_once()
    assert house.run("check") == (0, "The books agree.\n")
    assert account_of(house) == before
    assert (
        house.run("reconcile", "--days", "14")[1]
        .splitlines()[-1]
        .endswith("0 differences, 0 mended.")
    )
    house.database.engine.dispose()


def test_f39_a_lost_day_is_made_good_from_stripes_objects_where_its_events_are_gone(
    build: Build,
) -> None:
    """Stripe keeps events for thirty days; `reconcile --fix` alone reads what there is."""
    house = build()
    with open_house(house):
        house.give()
        house.give(frequency="monthly")
        house.work()
        waiting = house.checkout(amount="25")
        house.database.engine.dispose()
        with backup(house.settings.database_url) as restored:
            go_on(house, waiting)
            before, letters = account_of(house), house.sandbox.letters()
            house.sandbox.serve(None)
            again = build(DATABASE_URL=restored)
            again.clock.ahead = house.clock.ahead
            code, said = again.run("reconcile", "--days", "14", "--fix", "--no-mail")
            assert code == 0, said
            for _time in range(2):
                again.work_once()
                again.clock.move(seconds=120)
            assert again.run("check") == (0, "The books agree.\n")
            assert account_of(again) == before
            assert house.sandbox.letters() == letters
            again.database.engine.dispose()


def test_f39_a_gift_whose_pledge_was_lost_with_the_backup_is_told_to_the_operator(
    build: Build,
) -> None:
    house = build()
    with open_house(house):
        house.database.engine.dispose()
        with backup(house.settings.database_url) as restored:
            house.give()
            house.work()
            house.sandbox.serve(None)
            again = build(DATABASE_URL=restored)
            said = again.run("reconcile", "--fix", "--no-mail")[1]
            assert "1 of those not ours name a pledge that is not in our books" in said
            again.database.engine.dispose()
