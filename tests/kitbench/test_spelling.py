import pytest

from kitbench.spelling import did_you_mean


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("kit_boots_the_ap_that_was_built", "did you mean 'kit_boots_the_app_that_was_built'?"),
        ("flood", "known are kit_boots_the_app_that_was_built, nonce"),
    ],
)
def test_meant(name: str, said: str) -> None:
    assert did_you_mean(name, ["nonce", "kit_boots_the_app_that_was_built"]) == said


def test_nothing_is_known() -> None:
    assert did_you_mean("x", []) == "known are none"
