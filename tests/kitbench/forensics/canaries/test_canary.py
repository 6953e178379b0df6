"""The canary is found in an honest audit and missed when any part of the machinery is lame."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pytest

from kitbench.forensics.canaries import canary
from kitbench.forensics.canaries.storage_disguise import STORAGE_FORMS
from kitbench.forensics.keys.examination import examine
from kitbench.forensics.keys.target import Target
from tests.kitbench.forensics.flash_sample import code, ec_key, flash


def test_check_finds_every_plant() -> None:
    record = canary.check(flash())

    assert (record.missed, record.is_sound) == ((), True)
    assert record.planted == record.found > 70 + len(STORAGE_FORMS)


@pytest.mark.parametrize(
    ("lamed", "replacement", "missed"),
    [
        ("kitbench.forensics.window_scan.window_scan_ec.scan", lambda *_: [], "scalar_big_endian"),
        ("kitbench.forensics.window_scan.window_scan_rsa.scan", lambda *_, **__: [], "p_little_endian"),
        ("kitbench.forensics.keys.examination.search", lambda *_: [], "scalar_xor_1_big_endian"),
        ("kitbench.forensics.keys.examination.search", lambda *_: [], "scalar_words_of_32_forwards"),
        ("kitbench.forensics.keys.examination.decoders", lambda *_: (), "pem_base64"),
        ("kitbench.forensics.keys.examination.xor_layers", lambda *_: [], "pem_xor_1"),
        ("kitbench.forensics.canaries.canary.stored_values", lambda *_: [], "nvs_split_blob"),
    ],
)
def test_check_misses_what_a_lame_part_would_find(
    monkeypatch: pytest.MonkeyPatch, lamed: str, replacement: object, missed: str
) -> None:
    """Control: each part of the search is needed by some plant."""
    monkeypatch.setattr(lamed, replacement)

    record = canary.check(flash())

    assert missed in record.missed
    assert not record.is_sound


def test_plants_stand_among_the_bytes_of_the_dump(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("secrets.randbelow", lambda _: 1000)
    dump = code(2000)

    image, plants = canary.plant(dump, [ec_key()])

    for plant in plants:
        assert image[: plant.begin].endswith(dump[808:1000])
        assert image[plant.end :].startswith(dump[1000:1192])


def test_canary_key_is_one_that_its_exponent_alone_gives_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of RSA keys whose p-1 and q-1 have much in common, the exponent's scan knows nothing: they are no canary."""
    unsuited, suited = _KeyOf(2 * 31 + 1, 4 * 31 + 1), _KeyOf(7, 11)  # 62 and 2 in common
    made = iter((unsuited, suited))
    monkeypatch.setattr("kitbench.forensics.canaries.canary.rsa.generate_private_key", lambda *_: next(made))

    keys: Sequence[object] = canary.throw_away_keys()

    assert keys[1] is suited


@dataclass(frozen=True)
class _KeyOf:
    p: int
    q: int

    def private_numbers(self) -> "_KeyOf":
        return self


def test_key_that_is_seen_elsewhere_is_not_seen() -> None:
    image, (first, *_) = canary.plant(b"", [ec_key()])
    seen = examine(image[: first.end], [Target(ec_key().public_key(), "canary")])
    assert canary.is_seen(first, seen)

    assert not canary.is_seen(replace(first, begin=first.end, end=first.end + 300), seen)
    assert not canary.is_seen(replace(first, end=first.begin + 20), seen)
    assert not canary.is_seen(replace(first, layer="nvs/"), seen)
    assert not canary.is_seen(replace(first, public_key_sha256="00" * 32), seen)
