"""An assertion is a test's claim only where the test's own code made it."""

from collections.abc import Callable
from pathlib import Path
from unittest.mock import Mock

import pytest

from kitbench.flash_format import app_image
from kitbench.pytest_plugin.provenance import TestPlace, is_claim_of_test

HERE = Path(__file__).parent
OWN = TestPlace(HERE, HERE)
ELSEWHERE = TestPlace(Path("/nowhere"), Path("/nowhere"))


def error_of(call: Callable[[], object]) -> BaseException:
    """Return what a call raises."""
    try:
        call()
    except (AssertionError, ValueError, pytest.fail.Exception) as error:
        return error
    raise RuntimeError("nothing was raised")


def claims() -> None:
    raise AssertionError("the kit is silent")


@pytest.mark.parametrize("call", [claims, Mock().assert_called, lambda: pytest.fail("silent")])
def test_own_assertion_and_a_librarys_verdict_are_claims(call: Callable[[], object]) -> None:
    assert is_claim_of_test(error_of(call), OWN)
    assert not is_claim_of_test(error_of(call), ELSEWHERE)


def test_error_inside_of_other_code_is_no_claim() -> None:
    assert not is_claim_of_test(error_of(lambda: app_image.parse(b"no image")), OWN)


def test_kitbench_below_the_root_is_not_the_tests_own_code() -> None:
    checkout = HERE.parents[2]
    place = TestPlace(HERE, checkout)

    assert place.has(checkout / "tests" / "helper.py")
    assert not place.has(Path(app_image.__file__))


def test_error_without_a_traceback_is_nobodys_claim() -> None:
    assert not is_claim_of_test(AssertionError("from nowhere"), OWN)
