"""The partition `esp_secure_cert`, in which Espressif's pre-provisioned modules keep certificate and key. Pure.

Each entry: header of 12 bytes (magic, flags, three reserved bytes, type, subtype, length), data padded to 16 bytes, the
CRC-32 of all that. Source: espressif/esp_secure_cert_mgr, docs/format.md and include/esp_secure_cert_tlv_config.h.
"""

import struct
import zlib
from enum import IntEnum
from typing import Final

from kitbench.errors import UsageError

PARTITION_NAME: Final = "esp_secure_cert"
_MAGIC: Final = 0xBA5EBA11
_HEADER: Final = struct.Struct("<IB3xBBH")
_ALIGNMENT: Final = 16
#: Not a magic: here the entries end, as Espressif's tool writes it.
_END: Final = struct.pack("<I", 0xFFFF)


class EntryKind(IntEnum):
    """Type of an entry (`esp_secure_cert_tlv_type_t`)."""

    CA_CERTIFICATE = 0
    DEVICE_CERTIFICATE = 1
    PRIVATE_KEY = 2


def secure_cert_image(root_ca_pem: bytes, certificate_pem: bytes, private_key_pem: bytes, size: int) -> bytes:
    """Return a partition of `size` bytes; the key is in it as plain text, as in modules without the DS peripheral.

    Raises:
        UsageError: they do not fit.
    """
    image = (
        _entry(EntryKind.CA_CERTIFICATE, root_ca_pem)
        + _entry(EntryKind.DEVICE_CERTIFICATE, certificate_pem)
        + _entry(EntryKind.PRIVATE_KEY, private_key_pem)
        + _END
    )
    if len(image) > size:
        raise UsageError(f"the identity needs {len(image)} of {size} bytes of {PARTITION_NAME}", stage="identity")
    return image.ljust(size, b"\xff")


def _entry(kind: EntryKind, pem: bytes) -> bytes:
    data = pem + b"\0"
    padding = bytes(-len(data) % _ALIGNMENT)
    body = _HEADER.pack(_MAGIC, 0, kind, 0, len(data)) + data + padding
    return body + struct.pack("<I", zlib.crc32(body, 0xFFFFFFFF))
