"""Which kernel an installation has, and that both find the same."""

import random

import pytest

from kitbench.forensics.decoding.work_budget import Work, WorkBudget
from kitbench.forensics.window_scan import compiled_kernel
from kitbench.forensics.window_scan.curve import P256
from kitbench.forensics.window_scan.fastest_kernel import fastest_kernel
from kitbench.forensics.window_scan.portable_kernel import PortableKernel
from kitbench.forensics.window_scan.window_kernel import HIT_LIMIT, Hits, Sieve, Walk, WindowKernel

SEED = 20261130
#: Lets every hundredth window or so pass.
SIEVE = Sieve(random.Random(SEED).getrandbits(128), 1 << 50, (1, 31, 37))


def both() -> tuple[WindowKernel, WindowKernel]:
    compiled = compiled_kernel.load()
    assert compiled is not None, "this checkout has no compiled kernel: make .venv/.ready"
    return compiled, PortableKernel()


def test_this_installation_has_the_compiled_one() -> None:
    assert fastest_kernel().is_compiled


def test_installation_without_a_library_takes_the_portable_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_kernel, "load", lambda: None)

    assert isinstance(fastest_kernel.__wrapped__(), PortableKernel)


@pytest.mark.parametrize("size", [0, 1, 255, 256, 257, 50_000])
def test_both_let_the_same_exponents_pass(size: int) -> None:
    image = random.Random(SEED).randbytes(size)

    compiled, portable = (kernel.exponents(image, 256, SIEVE) for kernel in both())

    assert compiled == portable
    assert (compiled.count > 0) is (size > 1000)


@pytest.mark.parametrize("size", [0, 7, 8, 9, 30_000])
def test_both_find_the_same_divisors(size: int) -> None:
    """Of a product of primes with eight bytes each, as no key is: the image is full of them."""
    random_ = random.Random(SEED)
    divisors = [0xFFFFFFFFFFFFFFC5, 0xFFFFFFFFFFFFFFAD]
    image = bytearray(random_.randbytes(size))
    for at in range(0, size - 16, 16):
        image[at : at + 8] = random_.choice(divisors).to_bytes(8, "little")
    moduli = [divisors[0] * divisors[1], divisors[0] * 0xFFFFFFFFFFFFFFA1]

    compiled, portable = (kernel.divisors(bytes(image), 8, moduli) for kernel in both())

    assert compiled == portable
    assert (compiled.count > 1000) is (size > 1000)


def test_both_list_no_more_than_the_limit_and_count_the_rest() -> None:
    divisor = 0xFFFFFFFFFFFFFFC5
    image = divisor.to_bytes(8, "little") * (HIT_LIMIT + 7)

    for kernel in both():
        hits = kernel.divisors(image, 8, [divisor * 0xFFFFFFFFFFFFFFAD])
        assert (len(hits.pairs), hits.count) == (HIT_LIMIT, HIT_LIMIT + 7)


def test_both_walk_alike() -> None:
    """The same lanes from the same start, over an image in which one key stands everywhere."""
    scalar = random.Random(SEED).randrange(1, P256.order)
    image = scalar.to_bytes(32, "little") * 40
    ones = (256**32 - 1) // 255 % P256.order
    target = P256.multiply((scalar + ones) % P256.order, P256.generator)

    compiled, portable = (
        kernel.scalars(image, P256, Walk(P256.multiply(99, P256.generator), 50, 25), [target]) for kernel in both()
    )

    assert compiled == portable
    assert {at for at, _ in compiled.pairs} >= set(range(0, len(image) - 31, 32))


def test_more_hits_than_are_listed_are_noted() -> None:
    work = WorkBudget(1000)

    assert Hits([(0, 0)], HIT_LIMIT + 1).listed(work) == [(0, 0)]
    assert work.spent[Work.HITS] == HIT_LIMIT + 1
    assert work.exhausted is not None


def test_both_know_the_same_numbers_and_masks() -> None:
    """Among random numbers one that is a goal's, its complement, and one under a mask."""
    random_ = random.Random(SEED)
    number = random_.randrange(1, P256.order).to_bytes(32, "little")
    own = [number, bytes(byte ^ 0xFF for byte in number), bytes(byte ^ 0x6C for byte in number)]
    numbers = b"".join([*(random_.randbytes(32) for _ in range(700)), *own])
    goals = [
        P256.multiply((2 * int.from_bytes(one, "little") + 1 - 2**256) % P256.order, P256.generator)
        for one in (random_.randbytes(32), number)
    ]
    compiled, portable = both()

    assert compiled.numbers(numbers, goals) == portable.numbers(numbers, goals) == Hits([(700, 1), (701, 1)], 2)
    assert compiled.masked(numbers, goals) == portable.masked(numbers, goals)
    assert compiled.masked(numbers, goals).pairs == [(700, 1), (701, 1), (702, 1)]
    assert compiled.numbers(b"", goals).count == portable.masked(b"", goals).count == 0
