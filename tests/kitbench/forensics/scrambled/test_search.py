"""Private numbers in disguise are found by their public key, whatever the mask and the order."""

import random

import numpy as np
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from kitbench.forensics.decoding.work_budget import WorkBudget
from kitbench.forensics.scrambled import search as module
from kitbench.forensics.scrambled.byte_orders import ORDERS, Numbers
from kitbench.forensics.scrambled.search import search
from kitbench.forensics.window_scan.curve import P256, Point
from kitbench.forensics.window_scan.portable_kernel import PortableKernel

KEY = random.Random(1130).randrange(1, P256.order)


def point(value: int) -> Point:
    public = ec.derive_private_key(value, ec.SECP256R1()).public_key().public_numbers()
    return public.x, public.y


def rows(*windows: bytes) -> Numbers:
    """Return the windows, behind one that is no key."""
    return np.frombuffer(random.Random(2).randbytes(32) + b"".join(windows), np.uint8).reshape(-1, 32)


def masked(value: int, mask: int) -> bytes:
    return bytes(byte ^ mask for byte in value.to_bytes(32))


def found(windows: Numbers, *values: int) -> list[tuple[int, int, str, int]]:
    hits = search(windows, [point(value) for value in values], WorkBudget(1000))
    return [(hit.window, hit.target, hit.form, hit.value) for hit in hits]


def test_every_mask_of_one_byte_is_undone_in_both_byte_orders() -> None:
    windows = rows(*(masked(KEY, mask)[::step] for mask in range(1, 256) for step in (1, -1)))

    hits = found(windows, KEY)

    ends = {(1 + 2 * index, "xor_1_big_endian") for index in range(255)}
    ends |= {(2 + 2 * index, "xor_1_little_endian") for index in range(255)}
    assert {(window, form) for window, _, form, _ in hits} == ends
    assert {value for *_, value in hits} == {KEY}


def test_every_order_is_undone() -> None:
    hits = found(rows(*(order.scrambled(KEY) for order in ORDERS)), KEY)

    assert hits == [(1 + index, 0, order.name, KEY) for index, order in enumerate(ORDERS)]


def test_negative_in_another_order_gives_the_key() -> None:
    negative = P256.order - KEY

    hits = found(rows(ORDERS[2].scrambled(negative)), KEY)

    assert hits == [(1, 0, ORDERS[2].name, KEY)]


def test_complement_in_another_order_gives_the_key() -> None:
    complement = bytes(byte ^ 0xFF for byte in ORDERS[2].scrambled(KEY))

    assert (1, 0, ORDERS[2].name, KEY) in found(rows(complement), KEY)


def test_each_key_is_known_among_several() -> None:
    others = [KEY * factor % P256.order for factor in (3, 5)]

    hits = found(rows(masked(others[1], 7), ORDERS[3].scrambled(others[0])), KEY, *others)

    assert hits == [(2, 1, ORDERS[3].name, others[0]), (1, 2, "xor_1_big_endian", others[1])]


def test_numbers_that_are_no_key_are_not_found() -> None:
    nearly = bytearray(masked(KEY, 0x5A))
    nearly[9] ^= 1  # one bit beside

    assert found(rows(bytes(nearly), bytes(32), b"\xff" * 32, b"\x80" * 32), KEY) == []
    assert found(rows()[:0], KEY) == []
    assert found(rows(masked(KEY, 0), masked(KEY, 0)[::-1]), KEY) == []  # plain to see: another scan's
    assert found(rows(masked(KEY, 1))) == []


def test_portable_kernel_finds_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    windows = rows(masked(KEY, 0x33), ORDERS[5].scrambled(KEY), masked(KEY, 0xC4)[::-1])
    compiled = found(windows, KEY)
    monkeypatch.setattr(module, "fastest_kernel", PortableKernel)

    assert found(windows, KEY) == compiled
    assert len(compiled) == 3


def test_hit_shows_no_number() -> None:
    (hit,) = search(rows(masked(KEY, 9)), [point(KEY)], WorkBudget(1000))

    assert str(KEY) not in repr(hit)
