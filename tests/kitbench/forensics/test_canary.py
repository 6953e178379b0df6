"""The canary is found in an honest audit and missed when any part of the machinery is lame."""

import pytest

from kitbench.forensics import canary
from kitbench.forensics.storage_disguise import STORAGE_FORMS
from tests.kitbench.forensics.flash_sample import flash


def test_check_finds_every_plant() -> None:
    record = canary.check(flash())

    assert (record.missed, record.is_sound) == ((), True)
    assert record.planted == record.found > 70 + len(STORAGE_FORMS)


@pytest.mark.parametrize(
    ("lamed", "replacement", "missed"),
    [
        ("kitbench.forensics.window_scan_ec.scan", lambda *_: [], "scalar_big_endian"),
        ("kitbench.forensics.window_scan_rsa.scan", lambda *_, **__: [], "p_little_endian"),
        ("kitbench.forensics.examination.decoders", lambda _: (), "pem_base64"),
        ("kitbench.forensics.examination.xor_layers", lambda *_: [], "pem_xor_1"),
        ("kitbench.forensics.canary.stored_values", lambda *_: [], "nvs_split_blob"),
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
