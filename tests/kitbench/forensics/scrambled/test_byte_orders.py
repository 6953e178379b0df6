"""Each order is one that people meet, and its way back is exact."""

import numpy as np
import pytest

from kitbench.forensics.scrambled.byte_orders import ORDERS, ByteOrder

#: A number whose highest byte is 0, its next 1, and so on: what stands where is read off.
COUNTED = int.from_bytes(bytes(range(32)))


@pytest.mark.parametrize("order", ORDERS, ids=[order.name for order in ORDERS])
def test_order_is_undone(order: ByteOrder) -> None:
    window = np.frombuffer(order.scrambled(COUNTED), np.uint8)

    (restored,) = order.restored(window[None, :])

    assert int.from_bytes(restored.tobytes(), "little") == COUNTED
    assert window.tobytes() not in {bytes(range(32)), bytes(range(31, -1, -1))}  # those two every window is tried in


def test_orders_are_those_of_words_halves_and_interleaving() -> None:
    starts = {order.name: order.scrambled(COUNTED)[:8].hex() for order in ORDERS}

    assert starts == {
        "words_of_16_forwards": "0100030205040706",
        "words_of_16_backwards": "1e1f1c1d1a1b1819",
        "words_of_32_forwards": "0302010007060504",
        "words_of_32_backwards": "1c1d1e1f18191a1b",
        "words_of_64_forwards": "0706050403020100",
        "words_of_64_backwards": "18191a1b1c1d1e1f",
        "words_of_128_forwards": "0f0e0d0c0b0a0908",
        "words_of_128_backwards": "1011121314151617",
        "even_then_odd_forwards": "00020406080a0c0e",
        "even_then_odd_backwards": "1f1d1b1917151311",
        "halves_in_turn_forwards": "0010011102120313",
        "halves_in_turn_backwards": "1f0f1e0e1d0d1c0c",
    }
