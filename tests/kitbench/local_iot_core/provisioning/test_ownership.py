"""Tokens are good for an hour, for one certificate."""

from kitbench.local_iot_core.provisioning.ownership import LIFETIME_S, OwnershipTokens


def test_token_is_good_for_an_hour_and_then_its_certificate_is_told_once() -> None:
    now = [0.0]
    tokens = OwnershipTokens(lambda: now[0])
    token = tokens.issue("c")
    now[0] = LIFETIME_S - 1
    assert tokens.certificate_of(token) == "c"
    assert tokens.take_expired() == []
    now[0] = LIFETIME_S

    assert tokens.certificate_of(token) is None
    assert tokens.take_expired() == ["c"]
    assert tokens.take_expired() == []


def test_other_token_is_nobody_s() -> None:
    tokens = OwnershipTokens(lambda: 0.0)

    assert tokens.issue("a") != tokens.issue("a")
    assert tokens.certificate_of("forged") is None
