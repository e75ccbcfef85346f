"""Form tokens: signed, made for one form, good for a while, each with a number used once."""

import datetime as dt

import pytest
from itsdangerous import URLSafeSerializer

from core.form_tokens import BadFormToken, ExpiredFormToken, FormTokens
from tests.fakes import FakeClock

LIFETIME = dt.timedelta(hours=2)
SECOND = dt.timedelta(seconds=1)


@pytest.fixture
def tokens(clock: FakeClock) -> FormTokens:
    return FormTokens(("now", "before"), LIFETIME, clock.now)


def test_a_token_carries_its_number(tokens: FormTokens) -> None:
    token = tokens.issue("donate")

    assert tokens.nonce("donate", token) == tokens.nonce("donate", token)


def test_no_two_showings_have_one_number(tokens: FormTokens) -> None:
    shown = {tokens.nonce("donate", tokens.issue("donate")) for _each in range(100)}

    assert len(shown) == 100
    assert min(map(len, shown)) >= 20


def test_a_token_counts_until_its_lifetime_is_over(tokens: FormTokens, clock: FakeClock) -> None:
    token = tokens.issue("donate")

    clock.moment += LIFETIME - SECOND
    assert tokens.nonce("donate", token)

    clock.moment += 2 * SECOND
    with pytest.raises(ExpiredFormToken):
        tokens.nonce("donate", token)


def test_a_token_from_the_future_is_not_ours(tokens: FormTokens, clock: FakeClock) -> None:
    clock.move(days=1)
    token = tokens.issue("donate")
    clock.move(days=-1)

    with pytest.raises(BadFormToken):
        tokens.nonce("donate", token)


def test_a_clock_set_right_by_a_minute_spoils_no_form(tokens: FormTokens, clock: FakeClock) -> None:
    token = tokens.issue("donate")
    clock.move(minutes=-1)

    assert tokens.read("donate", token)[1] == dt.timedelta()


def test_a_token_is_good_for_its_own_form_only(tokens: FormTokens) -> None:
    with pytest.raises(BadFormToken):
        tokens.nonce("join", tokens.issue("donate"))


def test_a_token_of_an_older_key_still_counts(tokens: FormTokens, clock: FakeClock) -> None:
    older = FormTokens(("before",), LIFETIME, clock.now)

    assert tokens.nonce("donate", older.issue("donate"))


def test_new_tokens_are_signed_with_the_newest_key(tokens: FormTokens, clock: FakeClock) -> None:
    newest_alone = FormTokens(("now",), LIFETIME, clock.now)

    assert newest_alone.nonce("donate", tokens.issue("donate"))


def test_a_token_of_a_key_withdrawn_is_not_ours(tokens: FormTokens, clock: FakeClock) -> None:
    stranger = FormTokens(("stranger",), LIFETIME, clock.now)

    with pytest.raises(BadFormToken):
        tokens.nonce("donate", stranger.issue("donate"))


@pytest.mark.parametrize("typed", ["", ".", "a.b", "a.b.c", "\x00", "é", "\ud800", "a" * 100_000])
def test_nonsense_is_not_ours(typed: str, tokens: FormTokens) -> None:
    with pytest.raises(BadFormToken) as told:
        tokens.nonce("donate", typed)
    assert not isinstance(told.value, ExpiredFormToken)


@pytest.mark.parametrize("value", [None, 7, "text", [], ["nonce"], ["nonce", "late"], {"a": 1}])
def test_a_signed_value_of_another_shape_is_not_ours(value: object, tokens: FormTokens) -> None:
    forged = str(URLSafeSerializer("now", salt="form:donate").dumps(value))

    with pytest.raises(BadFormToken):
        tokens.nonce("donate", forged)


def test_a_token_with_one_letter_changed_is_not_ours(tokens: FormTokens) -> None:
    token = tokens.issue("donate")
    for place in range(0, len(token) - 1, 7):
        other = "A" if token[place] != "A" else "B"
        with pytest.raises(BadFormToken):
            tokens.nonce("donate", token[:place] + other + token[place + 1 :])
