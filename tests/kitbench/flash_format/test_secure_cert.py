"""An esp_secure_cert partition is read back by its format: magic, type, length, data, padding, CRC-32."""

import struct
import zlib

import pytest

from kitbench.errors import UsageError
from kitbench.flash_format.secure_cert import EntryKind, secure_cert_image


def entries(image: bytes) -> dict[int, bytes]:
    """Return the data of each entry by type, read as docs/format.md of esp_secure_cert_mgr says."""
    found: dict[int, bytes] = {}
    at = 0
    while struct.unpack_from("<I", image, at)[0] == 0xBA5EBA11:
        kind, length = image[at + 8], int.from_bytes(image[at + 10 : at + 12], "little")
        end = at + 12 + -(-length // 16) * 16
        assert struct.unpack_from("<I", image, end)[0] == zlib.crc32(image[at:end], 0xFFFFFFFF)
        found[kind] = image[at + 12 : at + 12 + length]
        at = end + 4
    return found


@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 1700])
def test_three_entries_are_there(length: int) -> None:
    image = secure_cert_image(b"R" * length, b"certificate", b"key", 0x2000)

    assert entries(image) == {
        EntryKind.CA_CERTIFICATE: b"R" * length + b"\0",
        EntryKind.DEVICE_CERTIFICATE: b"certificate\0",
        EntryKind.PRIVATE_KEY: b"key\0",
    }
    assert len(image) == 0x2000
    assert image.endswith(b"\xff" * 16)


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(UsageError, match="of 4096 bytes of esp_secure_cert"):
        secure_cert_image(b"R" * 4000, b"certificate", b"key", 0x1000)
