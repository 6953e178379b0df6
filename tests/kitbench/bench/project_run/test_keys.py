"""Keys of the monitor."""

import pytest

from kitbench.bench.project_run.keys import Keys, Order


@pytest.mark.parametrize(
    ("typed", "through", "orders"),
    [
        (b"help\n", b"help\n", []),
        (b"a\x1db", b"a", [Order.LEAVE]),
        (b"\x03", b"", [Order.LEAVE]),
        (b"\x14\x12x", b"x", [Order.RESET]),
        (b"\x14\x14\x14\x1d", b"\x14\x1d", []),
        (b"\x14?", b"", [Order.HELP]),
    ],
)
def test_keys_are_those_of_idf_py_monitor(typed: bytes, through: bytes, orders: list[Order]) -> None:
    assert Keys().typed(typed) == (through, orders)


def test_second_key_of_an_order_may_come_later() -> None:
    keys = Keys()

    assert keys.typed(b"\x14") == (b"", [])
    assert keys.typed(b"\x12") == (b"", [Order.RESET])
