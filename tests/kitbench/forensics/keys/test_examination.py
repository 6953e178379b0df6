"""The examination finds keys in every form, at every place, of every type, and nothing where nothing is."""

import gzip
import random

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from hypothesis import given, settings
from hypothesis import strategies as st

from kitbench.forensics.canaries.disguise import disguises, pem
from kitbench.forensics.keys.examination import Examination, examine
from kitbench.forensics.keys.key_formats import PrivateKey
from kitbench.forensics.keys.target import Target, fingerprint
from tests.kitbench.forensics.flash_sample import (
    FLASH_SIZE,
    MBEDTLS_LABELS,
    certificate_of,
    code,
    ec_key,
    flash,
    pem_of,
    rsa_key,
)

RAW_FORMS = ("scalar_big_endian", "scalar_little_endian")


def places(seen: Examination, key: PrivateKey) -> set[int]:
    public = fingerprint(key.public_key())
    return {one.begin for one in seen.sightings if one.key and fingerprint(one.key.public_key()) == public}


def target(key: PrivateKey) -> list[Target]:
    return [Target(key.public_key(), "given")]


@pytest.mark.parametrize("key", [ec_key(), rsa_key()], ids=["ec", "rsa"])
def test_examine_finds_every_form_behind_any_neighbours(key: PrivateKey) -> None:
    image = bytearray()
    stretches = {}
    for index, (form, body) in enumerate(disguises(key).items()):
        image += [b"\x00" * 50, code(333), b"\x01MIIabc", b"\x01, 2f"][index % 4]
        stretches[form] = range(len(image) - 8, len(image) + len(body))
        image += body + [b"\xff" * 70, b"=\x02", b"/+aA\x02", code(99)][index % 4]

    seen = places(examine(bytes(image), target(key)), key)

    assert [form for form, stretch in stretches.items() if not seen.intersection(stretch)] == []


@pytest.mark.parametrize("form", RAW_FORMS)
@pytest.mark.parametrize(
    "offset",
    [0, 1, 255, 256 - 16, 4095, 4096 - 31, 4096, 0x9000 - 1, 0x10000 - 16, FLASH_SIZE // 2 + 7, FLASH_SIZE - 32],
)
def test_examine_finds_raw_key_at_edges_of_the_flash(form: str, offset: int) -> None:
    image = bytearray(flash())
    image[offset : offset + 32] = disguises(ec_key())[form]

    seen = examine(bytes(image), target(ec_key()))

    assert places(seen, ec_key()) == {offset}


def test_examine_of_clean_flash_sees_nothing() -> None:
    certificate = pem_of(certificate_of(ec_key()))

    seen = examine(flash(certificate), target(ec_key()))

    assert seen.sightings == []
    assert seen.work.exhausted is None


def test_examine_of_random_bytes_sees_nothing() -> None:
    seen = examine(random.Random(7).randbytes(200_000), [*target(ec_key()), *target(rsa_key())])

    assert seen.sightings == []


def test_examine_takes_certificate_in_the_dump_as_target() -> None:
    scalar = disguises(ec_key())["scalar_little_endian"]

    seen = examine(flash(pem_of(certificate_of(ec_key())) + scalar), [])

    assert [one.source for one in seen.targets.targets] == ["certificate in dump"]
    assert places(seen, ec_key())


def test_examine_takes_public_point_in_the_dump_as_target() -> None:
    own = ec_key().public_key().public_numbers()
    point = b"\x04" + own.x.to_bytes(32) + own.y.to_bytes(32)

    seen = examine(flash(point + b"\0\0" + disguises(ec_key())["scalar_big_endian"]), [])

    assert places(seen, ec_key())


def test_window_scan_finds_embedded_pem_through_the_base64_layer() -> None:
    """Control of the scan that proves absence: it sees the key in the embedded-key build."""
    seen = examine(flash(pem(ec_key())), target(ec_key()))

    assert "base64/raw_big_endian" in {one.form for one in seen.sightings}


def test_examine_without_target_does_not_see_raw_key() -> None:
    """Control: only the public key makes a raw key visible."""
    seen = examine(disguises(ec_key())["scalar_big_endian"] * 3, target(ec.generate_private_key(ec.SECP256R1())))

    assert seen.sightings == []


def test_p384_key_is_found() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    scalar = key.private_numbers().private_value.to_bytes(48)

    assert places(examine(code(999) + scalar, target(key)), key) == {999}


def test_key_of_nobody_is_seen_in_its_structure() -> None:
    """No scan can look for a key whose public half nobody gave; its PEM shows it."""
    seen = examine(b"\0" + pem(ec_key()) + b"\0", [])

    assert {"pem", "base64/der_sec1"} <= {one.form for one in seen.sightings}


def test_windows_and_layers_are_counted() -> None:
    image = bytes(1000)

    seen = examine(image, [*target(ec_key()), *target(rsa_key())])

    assert seen.layers == {"raw": 1}
    assert seen.windows == {
        "EC secp256r1": 2 * (1000 - 32 + 1),
        "RSA-2048 p, q": 2 * (1000 - 128 + 1),
        "RSA-2048 d": 2 * (1000 - 256 + 1),
    }


def test_layers_within_layers_end_at_a_depth() -> None:
    image = code(500)
    for _ in range(8):
        image = b"\x01" + gzip.compress(image)

    seen = examine(image, [])

    assert max(name.count("gzip") for name in seen.layers) == 4
    assert max(layer.depth for layer in seen.unfolded) == 4


def test_number_that_stands_everywhere_is_no_key() -> None:
    """The key 1 belongs to the curve's generator, which every firmware holds as a constant."""
    one = ec.derive_private_key(1, ec.SECP256R1())

    seen = examine(bytes(31) + b"\x01" + bytes(100), [*target(one)])

    assert seen.sightings == []


def test_hit_of_a_window_scan_is_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    """A number that divides the modulus is noted only as a key that answers for the certificate's."""
    image = bytes(99) + disguises(rsa_key())["p_big_endian"]
    assert places(examine(image, target(rsa_key())), rsa_key()) == {99}
    stranger = rsa.generate_private_key(65537, 2048)

    monkeypatch.setattr("kitbench.forensics.window_scan.window_scan_rsa.private_key", lambda *_: stranger)

    assert examine(image, target(rsa_key())).sightings == []


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(st.data())
def test_examine_never_raises_on_damaged_keys_and_structures(data: st.DataObject) -> None:
    parts = [*disguises(ec_key()).values(), pem_of(certificate_of(ec_key())), MBEDTLS_LABELS, code(50)]
    image = bytearray(b"".join(data.draw(st.lists(st.sampled_from(parts), min_size=1, max_size=6))))
    for _ in range(data.draw(st.integers(0, 20))):
        image[data.draw(st.integers(0, len(image) - 1))] = data.draw(st.integers(0, 255))

    seen = examine(bytes(image), target(ec_key()))

    assert all(0 <= one.hull[0] < one.hull[1] <= len(image) for one in seen.sightings)
