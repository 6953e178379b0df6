"""A kit that fails its check twice is put aside; one that fails once is not."""

from collections import Counter

import pytest

from kitbench.bench.kits.kit_choice import KitChoice
from kitbench.bench.kits.kit_health import first_healthy, why_unfit
from kitbench.errors import BenchError
from kitbench.kit.kit_identity import KitIdentity

RED, BLUE = KitChoice("attached", "red"), KitChoice("attached", "blue")
FIT = KitIdentity("ESP32", "24:0a:c4:00:00:01")


class Ports:
    """Kits that fail so often before they answer."""

    def __init__(self, **failures: int) -> None:
        self.failures = failures
        self.asked: Counter[str] = Counter()

    def look(self, kit: KitChoice) -> KitIdentity:
        self.asked[kit.port] += 1
        if self.asked[kit.port] <= self.failures.get(kit.port, 0):
            raise BenchError(f"no kit answers on {kit.port}", stage="kit")
        return FIT


def test_healthy_kit_is_asked_once() -> None:
    ports = Ports()

    assert first_healthy([RED, BLUE], ports.look).choice == RED
    assert ports.asked == {"red": 1}


def test_one_failure_is_forgiven() -> None:
    assert first_healthy([RED, BLUE], Ports(red=1).look).choice == RED


def test_two_failures_put_a_kit_aside_with_the_reason() -> None:
    healthy = first_healthy([RED, BLUE], Ports(red=2).look)

    assert healthy.choice == BLUE
    assert healthy.put_aside == {"red": "no kit answers on red"}


def test_no_fit_kit_names_every_reason() -> None:
    with pytest.raises(BenchError, match="no kit is fit: no kit answers on red; no kit answers on blue"):
        first_healthy([RED, BLUE], Ports(red=9, blue=9).look)


def test_the_only_kit_brings_its_own_error() -> None:
    with pytest.raises(BenchError, match="no kit answers on red") as caught:
        first_healthy([RED], Ports(red=9).look)

    assert "no kit is fit" not in str(caught.value)


def test_kit_that_answers_no_more_is_not_fit_and_its_line_is_not_listened_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kitbench.bench.kits.kit_health.garbled_starts", pytest.fail)

    assert why_unfit(RED, Ports(red=2).look) == "no kit answers on red"


@pytest.mark.parametrize("said", ["", "its line garbles what its ROM prints (1 of 3 starts)"])
def test_kit_that_answers_is_as_fit_as_its_line(monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setattr("kitbench.bench.kits.kit_health.garbled_starts", lambda _port: said)

    assert why_unfit(RED, Ports(red=1).look) == said
